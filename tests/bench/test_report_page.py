"""The HTML report: complete, self-contained, and a page that a real browser shows as it should."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from edge.bench.report_page import page
from edge.bench.results import Results
from tests.bench.browser import CHROMIUM, chromium

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Collects elements, text and attributes; fails where elements are not nested."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text: list[str] = []
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.urls += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def html(results: Results) -> str:
    return page(results)


def test_it_loads_nothing_and_runs_nothing(html: str) -> None:
    reader = read(html)
    assert reader.urls == []
    assert not {"script", "link", "iframe", "img", "object"} & set(reader.seen)
    assert "@import" not in html
    assert "url(" not in html


def test_it_has_the_verdict_the_tables_and_a_chart_for_each_question(html: str) -> None:
    reader = read(html)
    text = " ".join(reader.text)
    for title in ("Which tier should this logic run in?", "Latency", "Cache", "Cold starts", "Cost", "Prices"):
        assert title in reader.text
    assert "run it as a CloudFront Function" in text
    assert re.findall(r"<figcaption>([^<]*)", html) == [
        "Whole requests: how many take no longer (measured)",
        "Lambda@Edge functions alone, cold and warm (measured)",
        "Functions&#x27; cost against traffic, after the free tier (modelled)",
        "Duration (modelled)",
        "Cost (modelled)",
    ]


def test_every_table_stands_under_a_sentence_that_says_where_its_numbers_come_from(html: str) -> None:
    sections = html.split("<h2>")[1:]
    basis = {section.partition("<")[0]: re.findall(r'class="basis">(\w+)', section) for section in sections}
    assert basis["Latency"][0] == "Measured"
    assert basis["Cache"] == ["Simulated"]
    assert basis["Cold starts"] == ["Modelled"]
    assert basis["Cost"] == ["Modelled"]


def test_every_price_has_its_day_and_its_source(html: str) -> None:
    prices = html[html.index("<h2>Prices</h2>") :]
    assert prices.count("2026-") == prices.count("<tr>") - 1
    assert "https://aws.amazon.com/cloudfront/pricing/" in prices


def test_names_from_files_are_text_not_markup(results: Results) -> None:
    text = page(replace(results, subjects=("<script>alert(1)</script>",), notes=("a & <b>",)))
    assert "<script>" not in text
    assert "a &amp; &lt;b&gt;" in text


def test_one_tier_alone_has_no_lambda_chart(results: Results) -> None:
    alone = replace(results, measured=results.measured[:2], cold_measured=(), cold_modelled=(), sweeps=())
    text = page(alone)
    read(text)
    assert "cold and warm" not in text
    assert "Power tuning" not in text


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [1280, 390])
async def test_a_real_browser_shows_it_without_network_and_without_overflow(
    html: str, tmp_path: Path, width: int
) -> None:
    """On a desk and on a telephone: only the file itself is asked for, nothing is complained of, nothing sticks out,
    and each chart's lines and labels are where they can be seen."""
    report = tmp_path / "report.html"
    report.write_text(html, "utf-8")
    async with chromium(tmp_path / "profile") as browser:
        await browser.open(report.as_uri(), width=width)
        assert browser.asked_for == [report.as_uri()]
        assert browser.complaints == []
        assert await browser.evaluate("document.title") == "edge bench"
        assert await browser.evaluate("document.documentElement.scrollWidth") <= width
        drawn = await browser.evaluate(
            "[...document.querySelectorAll('polyline')].map(one => one.getBoundingClientRect().width)"
        )
        assert len(drawn) == 9
        assert all(each > 0 for each in drawn)
        assert await browser.evaluate(_LABELS_OUTSIDE) == []


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
async def test_a_dark_screen_has_a_dark_page(html: str, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text(html, "utf-8")
    colours = []
    async with chromium(tmp_path / "profile") as browser:
        for dark in (False, True):
            await browser.open(report.as_uri(), dark=dark)
            colours.append(await browser.evaluate("getComputedStyle(document.body).backgroundColor"))
    light, dark_one = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    assert light > 700
    assert dark_one < 100


_LABELS_OUTSIDE = """
[...document.querySelectorAll('svg')].flatMap(svg => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].filter(label => {
        const box = label.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
    }).map(label => label.textContent);
})
"""
