"""What a report of pytest says beyond the traceback: the last runs of a test that failed, and where its function did.

A plugin of its own, which is only there where a test has to do with the edge.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from edge.testing import record

PLACE = "edge.place"
"""The property of a report that says where a function went wrong: FILE:LINE: ERROR."""

_SECTION = "what went in, and what came out"


@pytest.hookimpl
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What an earlier test did is not this one's."""
    record.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the last runs of a test that failed under its traceback."""
    report = yield
    if report.when == "call" and report.failed:
        said = "\n".join(line.removeprefix("E").strip() for line in report.longreprtext.splitlines())
        texts = [text for text in record.explained() if _bare(text) not in said]
        if texts:
            report.sections.append((_SECTION, "\n\n".join(texts)))
        places = [(PLACE, f"{file}:{line}: {error}") for file, line, error in record.places()]
        report.user_properties += places
        item.user_properties += places  # what JUnit files have
    return report


def _bare(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())
