"""The report on a terminal."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from edge.bench.confidence import Interval
from edge.bench.report_table import added, bounds, show
from edge.bench.results import Results


@pytest.fixture(scope="module")
def printed(results: Results) -> str:
    """Without colours, wide enough for every table."""
    file = io.StringIO()
    show(results, Console(file=file, width=240))
    return file.getvalue()


def table(printed: str, title: str) -> list[str]:
    """The lines of the table with this title, to the next empty line."""
    lines = printed.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(title))
    end = next(number for number in range(start, len(lines)) if not lines[number].strip())
    return lines[start:end]


def test_each_table_says_where_its_numbers_come_from(printed: str) -> None:
    titles = [line for line in printed.splitlines() if re.match("measured|simulated|modelled|power", line)]
    assert [title.split(":")[0].split(",")[0].strip() for title in titles] == [
        "measured here",
        "measured here",
        "measured here",
        "simulated",
        "modelled for AWS",
        "modelled",
        "modelled",
        "power tuning of rewrite",
    ]


def test_a_row_for_each_variant(printed: str) -> None:
    names = [line.split("  ")[0] for line in table(printed, "measured here, ms")[2:]]
    assert names == ["without functions", "CloudFront Functions", "Lambda@Edge"]


def test_a_function_has_its_whole_distribution_and_its_means(printed: str) -> None:
    _, head, function, handler = table(printed, "measured here: each function")
    assert head.split()[:8] == ["p50", "(95", "%", "of", "it)", "p90", "p99", "max"]
    assert "% of the compute budget" in function
    assert re.search(r"\d MB, [\d.]+ ms warm", handler)


def test_power_tuning_marks_all_three_strategies(printed: str) -> None:
    lines = table(printed, "power tuning")
    assert "duration, modelled" in lines[1]
    chosen = " ".join(lines[2:])
    assert all(strategy in chosen for strategy in ("cost", "speed", "balanced"))


def test_the_verdict_and_its_reasons_come_with_their_sources(printed: str) -> None:
    assert re.search(
        r"This function in Lambda@Edge costs at least [\d.]+ times as much; run it as a CloudFront Function", printed
    )
    assert "[Quotas on CloudFront Functions]" in printed


def test_a_difference_that_may_be_none_is_not_given_as_a_number() -> None:
    assert added(Interval(0.001, -0.001, 0.002)) == "none seen"
    assert added(Interval(0.001, 0.0005, 0.002)) == bounds(Interval(0.001, 0.0005, 0.002)) == "1.000 (0.500 to 2.000)"
