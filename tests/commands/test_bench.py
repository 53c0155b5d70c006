"""Promises of `edge bench`: what is measured, what is modelled, and which tier the logic belongs in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli import main

REWRITE = "function handler(event) { event.request.uri += 'index.html'; return event.request; }"
HANDLER = """
def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    request["uri"] += "index.html"
    return request
"""


def bench(*arguments: str) -> Result:
    short = ["--quick", "--rounds", "2", "--seconds", "0.1", "--rate", "100"]
    return CliRunner().invoke(main, ["bench", *arguments, *short], catch_exceptions=False)


@pytest.fixture
def function(tmp_path: Path) -> Path:
    path = tmp_path / "function.js"
    path.write_text(REWRITE)
    return path


def test_a_function_beside_the_same_site_without_it(function: Path) -> None:
    result = bench(str(function), "--event-type", "viewer-request", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert [each["name"] for each in answer["measured"]] == ["without functions", "CloudFront Functions"]
    assert all(each["errors"] == 0 and each["latency_ms"]["p50"] > 0 for each in answer["measured"])
    assert answer["modelled"]["without functions"]["usd_per_million"] == 0
    assert answer["modelled"]["CloudFront Functions"]["usd_per_million"] == pytest.approx(0.10)


def test_both_tiers_of_the_same_logic(function: Path, tmp_path: Path) -> None:
    handler = tmp_path / "handler.py"
    handler.write_text(HANDLER)
    result = bench(str(function), str(handler), "--event-type", "viewer-request", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert [each["name"] for each in answer["measured"]][1:] == ["CloudFront Functions", "Lambda@Edge"]
    costs = {name: one["usd_per_million"] for name, one in answer["modelled"].items()}
    assert costs["Lambda@Edge"] > 6 * costs["CloudFront Functions"]
    assert {one["tier"] for one in answer["recommendations"]} == {"CloudFront Functions"}


def test_the_table_says_what_is_measured_and_what_is_modelled(function: Path) -> None:
    result = bench(str(function), "--event-type", "viewer-request")
    assert "measured here, ms" in result.stdout
    assert "modelled, US dollars" in result.stdout


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = bench(str(tmp_path / "gone.js"))
    assert result.exit_code == 1
    assert "gone.js" in result.output


def test_a_report_is_written_for_a_colleague(function: Path, tmp_path: Path) -> None:
    result = bench(str(function), "--event-type", "viewer-request", "--html", str(tmp_path / "report.html"))
    assert result.exit_code == 0, result.output
    assert "Which tier should this logic run in?" in (tmp_path / "report.html").read_text()


def test_a_report_that_cannot_be_written_is_told_before_anything_is_measured(function: Path, tmp_path: Path) -> None:
    result = bench(str(function), "--html", str(tmp_path / "gone" / "report.html"))
    assert result.exit_code == 2
    assert "there is no folder" in result.output
    assert "round" not in result.output


@pytest.mark.parametrize(
    ("mix", "told"),
    [
        ("thoughts=3", "there are requests, urls, exponent, rate, session, think_s"),
        ("urls=many", "'many' is not a number"),
        ("urls=0", "urls is more than 0"),
    ],
)
def test_a_mix_that_is_none_is_a_wrong_use(function: Path, mix: str, told: str) -> None:
    result = bench(str(function), "--mix", mix)
    assert result.exit_code == 2
    assert told in result.output


def test_viewers_who_think_are_told_of(function: Path) -> None:
    mix = ["--mix", "requests=50", "--mix", "session=5", "--mix", "think_s=2"]
    result = bench(str(function), "--event-type", "viewer-request", "--json", *mix)
    assert "5 from each viewer with 2 s of thought between" in json.loads(result.stdout)["workload"]


def test_prices_of_ones_own_are_taken(function: Path, tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text("[cloudfront_functions_runs]\nusd = 0.05\nseen = 2026-11-01\nsource = 'our agreement'\n")
    result = bench(str(function), "--event-type", "viewer-request", "--json", "--prices", str(prices))
    answer = json.loads(result.stdout)
    assert answer["modelled"]["CloudFront Functions"]["usd_per_million"] == pytest.approx(0.05)
    assert answer["prices"]["cloudfront_functions_runs"]["source"] == "our agreement"
