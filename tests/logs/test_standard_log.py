"""Promises of edge/logs/standard_log.py."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from edge.logs.standard_log import FIELDS, StandardLog
from edge.model.access_log import StandardLogging
from edge.model.distribution import Distribution
from edge.model.served import Served

Answered = Callable[..., Served]
Logging = Callable[..., Distribution]


def lines_of(path: Path) -> list[str]:
    with gzip.open(path, "rt") as file:
        return file.read().splitlines()


def test_a_file_for_each_hour_with_awss_name_and_head(
    tmp_path: Path, answered: Answered, distribution: Distribution
) -> None:
    times = iter([3_600.0, 3_700.0, 7_200.0])
    log = StandardLog(tmp_path / "logs", lambda: distribution, lambda: next(times))
    for _ in range(3):
        log(answered(), 5, True)
    log.close()
    first, second = sorted((tmp_path / "logs").iterdir())
    assert re.fullmatch(r"E1EXAMPLE\.1970-01-01-01\.[0-9a-f]{8}\.gz", first.name)
    assert second.name.startswith("E1EXAMPLE.1970-01-01-02.")
    lines = lines_of(first)
    assert lines[0] == "#Version: 1.0"
    assert lines[1] == f"#Fields: {' '.join(FIELDS)}"
    assert len(lines) == 4
    assert len(lines[2].split("\t")) == 33


def test_the_prefix_and_the_cookies_are_the_distributions(
    tmp_path: Path, answered: Answered, logging_distribution: Logging
) -> None:
    site = logging_distribution(StandardLogging("cdn/site/", include_cookies=True))
    log = StandardLog(tmp_path, lambda: site, lambda: 0.0)
    log(answered("/a", {"Cookie": "a=1; b=2"}, site=site), 5, True)
    log.close()
    (file,) = (tmp_path / "cdn" / "site").iterdir()
    assert lines_of(file)[2].split("\t")[12] == "a=1;%20b=2"


@pytest.mark.parametrize(
    ("settings", "given", "logged"), [(False, None, "-"), (True, False, "-"), (False, True, "a=1")]
)
def test_cookies_are_logged_where_it_is_said(
    tmp_path: Path,
    answered: Answered,
    logging_distribution: Logging,
    settings: bool,
    given: bool | None,
    logged: str,
) -> None:
    """By the distribution; what edge.toml says wins."""
    site = logging_distribution(StandardLogging(include_cookies=settings))
    log = StandardLog(tmp_path, lambda: site, lambda: 0.0, include_cookies=given)
    log(answered("/a", {"Cookie": "a=1"}), 5, True)
    log.close()
    (file,) = tmp_path.iterdir()
    assert lines_of(file)[2].split("\t")[12] == logged


def test_version_2_as_json_has_the_same_names(tmp_path: Path, answered: Answered, distribution: Distribution) -> None:
    log = StandardLog(tmp_path, lambda: distribution, lambda: 0.0, format="json")
    log(answered(headers={"User-Agent": "a b"}), 5, True)
    log.close()
    (file,) = tmp_path.iterdir()
    (line,) = lines_of(file)
    found = json.loads(line)
    assert list(found) == list(FIELDS)
    assert (found["cs(User-Agent)"], found["cs(Referer)"]) == ("a b", "-")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("w3c", ["#Version: 1.0", "#Fields: sc-status cs(User-Agent) DistributionId", "200\ta%20b\tE1EXAMPLE"]),
        ("plain", ["200 a%20b E1EXAMPLE"]),
        ("json", ['{"sc-status":"200","cs(User-Agent)":"a b","DistributionId":"E1EXAMPLE"}']),
    ],
)
def test_version_2_has_the_fields_that_are_chosen(
    tmp_path: Path, answered: Answered, distribution: Distribution, form: str, expected: list[str]
) -> None:
    fields = ("sc-status", "cs(User-Agent)", "DistributionId")
    log = StandardLog(tmp_path, lambda: distribution, lambda: 0.0, format=form, fields=fields)  # type: ignore[arg-type]
    log(answered(headers={"User-Agent": "a b"}), 5, True)
    log.close()
    (file,) = tmp_path.iterdir()
    assert lines_of(file) == expected


@pytest.mark.parametrize(("form", "words"), [("json", "no field sc-statuss"), ("v1", "the fields of v1 are fixed")])
def test_a_field_that_there_is_not_is_an_error(
    tmp_path: Path, distribution: Distribution, form: str, words: str
) -> None:
    fields = ("sc-statuss",) if form == "json" else ("sc-status",)
    with pytest.raises(ValueError, match=words):
        StandardLog(tmp_path, lambda: distribution, lambda: 0.0, format=form, fields=fields)  # type: ignore[arg-type]


def test_a_request_is_in_the_log_of_the_distribution_that_answered(
    tmp_path: Path, answered: Answered, distribution: Distribution, logging_distribution: Logging
) -> None:
    other = replace(logging_distribution(StandardLogging("other/")), id="E2OTHER")
    log = StandardLog(tmp_path, lambda: distribution, lambda: 0.0)
    for site in (other, distribution, other):
        log(answered("/a", site=site), 5, True)
    log.close()
    (file,) = (tmp_path / "other").iterdir()
    assert file.name.startswith("E2OTHER.")
    assert len(lines_of(file)) == 4
    assert len([path for path in tmp_path.iterdir() if path.is_file()]) == 1
