"""The pytest plugin: fixtures, and on a failure what went in and what came out.

It is loaded in every pytest run of an environment that has the package, and so imports nothing of it until a test asks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from edge.testing.clock import VirtualClock
    from edge.testing.fixtures import CloudFrontFunctionFixture, DistributionFixture, LambdaEdgeFixture
    from edge.testing.lambdas.outbound import OutboundScript
    from edge.testing.origin_script import OriginScript

# `clock`, `origin` and `outbound` are common names: where a conftest.py has fixtures of its own by these names, a
# distribution's are still at hand, as `site.clock` and so on.

_STALE = ("edge.recording", "stale")
_BEFORE = pytest.StashKey[Any]()
_COVERAGE = "edge_coverage"
_CASES = ".cases"
_REPORTS = "edge-reports"
_PLACE = "edge.place"
_FIXTURES = frozenset({"cloudfront_function", "distribution", "lambda_edge"})


class _Edge:
    """What one test has to itself. Each part comes about when it is asked for."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self.makers: list[_Maker] = []

    @cached_property
    def clock(self) -> VirtualClock:
        from edge.testing.clock import VirtualClock

        return VirtualClock()

    @cached_property
    def origin(self) -> OriginScript:
        from edge.testing.origin_script import OriginScript

        return OriginScript(self.clock)

    @cached_property
    def outbound(self) -> OutboundScript:
        from edge.testing.lambdas.outbound import OutboundScript

        return OutboundScript(self.clock)

    def maker(self, make: Callable[..., Any], **given: Any) -> _Maker:
        made = _Maker(make, clock=self.clock, folders=self.folders, **given)
        self.makers.append(made)
        return made


@pytest.fixture
def _edge(request: pytest.FixtureRequest) -> Iterator[_Edge]:
    edge = _Edge((request.path.parent, request.config.rootpath))
    yield edge
    for maker in edge.makers:
        maker.close()


@pytest.fixture
def clock(_edge: _Edge) -> VirtualClock:
    """The time at the edge. It stands still at 2026-01-01T00:00:00Z until the test moves it."""
    return _edge.clock


@pytest.fixture
def origin(_edge: _Edge) -> OriginScript:
    """What the origins answer: `origin.get("/a").replies(200, {"cache-control": "max-age=60"}, "hello")`."""
    return _edge.origin


@pytest.fixture
def outbound(_edge: _Edge) -> OutboundScript:
    """Whom Lambda@Edge handlers ask: `outbound.get("https://api.example.com/flags").replies(200, {}, {"a": 1})`."""
    return _edge.outbound


@pytest.fixture
def cloudfront_function(_edge: _Edge) -> CloudFrontFunctionFixture:
    """Makes a CloudFront Function to test. Files are looked for beside the test, and then from the root of the
    project."""
    from edge.testing.function_under_test import cloudfront_function

    return _edge.maker(cloudfront_function)


@pytest.fixture
def lambda_edge(_edge: _Edge) -> LambdaEdgeFixture:
    """Makes a Lambda@Edge handler to test, with environments of its own that end with the test."""
    from edge.testing.lambdas.under_test import lambda_edge

    return _edge.maker(lambda_edge, outbound=_edge.outbound)


@pytest.fixture
def distribution(request: pytest.FixtureRequest, _edge: _Edge) -> DistributionFixture:
    """Makes a distribution to test, with the test's own cache, clock and origin."""
    from edge.testing.distributions import distribution

    sockets = request.config.getoption("--edge-sockets")
    return _edge.maker(distribution, script=_edge.origin, outbound=_edge.outbound, sockets=sockets)


class _Maker:
    """A function with some of its arguments given, and a short name in tracebacks."""

    def __init__(self, make: Callable[..., Any], **given: Any) -> None:
        self._make = make
        self._given = given
        self._made: list[Any] = []

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        made = self._make(*arguments, **{**self._given, **named})
        self._made.append(made)
        return made

    def close(self) -> None:
        """End whatever was made."""
        for made in self._made:
            made.close()

    def __repr__(self) -> str:
        return f"<fixture {self._make.__name__}>"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--edge-record`."""
    group = parser.getgroup("edge")
    group.addoption(
        "--edge-record",
        action="store_true",
        help="ask AWS's TestFunction for each case of the tables, and keep its answers beside them (needs boto3)",
    )
    group.addoption(
        "--edge-sockets",
        action="store_true",
        help="let all distributions under test be asked over real sockets",
    )
    group.addoption(
        "--edge-cov",
        "--edge-coverage",
        dest="edge_cov",
        metavar="FILE",
        help="which lines and branches of CloudFront Functions and of Lambda@Edge handlers were run, as an lcov file; "
        "in a file whose name begins with .coverage, as data of coverage.py",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count, where that is asked for."""
    if config.getoption("edge_cov"):
        from edge.testing import js_coverage

        config.stash[_BEFORE] = js_coverage.current
        js_coverage.current = js_coverage.JsCoverage(branch=_counts_branches(config))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Count no more. A run within a run leaves the outer one as it was."""
    if config.getoption("edge_cov"):
        from edge.testing import js_coverage

        if js_coverage.current is not None:
            js_coverage.current.close()
        js_coverage.current = config.stash.get(_BEFORE, None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to record, where that is asked for; and to say more about tests that fail, where they have to do with the
    edge."""
    record = "edge.testing.record" in sys.modules or any(
        not _FIXTURES.isdisjoint(getattr(item, "fixturenames", ())) for item in session.items
    )
    if record and not session.config.pluginmanager.has_plugin(_REPORTS):
        from edge.testing import reports

        session.config.pluginmanager.register(reports, _REPORTS)
    if session.config.getoption("--edge-record"):
        from edge.testing.aws_recorder import AwsRecorder
        from edge.testing.case_items import RECORDER
        from edge.testing.errors import HarnessError

        try:
            session.config.stash[RECORDER] = AwsRecorder()
        except HarnessError as missing:
            raise pytest.UsageError(str(missing)) from None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep what was recorded and counted."""
    config = session.config
    if config.getoption("edge_cov"):
        _keep_coverage(config)
    if session.config.getoption("--edge-record"):
        from edge.testing.case_items import RECORDER

        recorder = session.config.stash.get(RECORDER, None)
        if recorder is not None:
            recorder.close()


def _keep_coverage(config: pytest.Config) -> None:
    from edge.testing import js_coverage

    coverage = js_coverage.current
    assert coverage is not None
    if hasattr(config, "workeroutput"):  # a worker of pytest-xdist, whose counts go to the one who asked
        config.workeroutput[_COVERAGE] = tuple(coverage.dumped())
        return
    try:
        coverage.write(Path(config.getoption("edge_cov")), branch=_counts_branches(config))
    except ImportError:
        raise pytest.UsageError("--edge-cov .coverage... writes data of coverage.py: pip install coverage") from None


def _counts_branches(config: pytest.Config) -> bool:
    """Whether coverage.py counts branches in this project; its files of either kind cannot be combined. lcov's have
    them always."""
    if config.getoption("cov_branch", None) or not Path(config.getoption("edge_cov")).name.startswith(".coverage"):
        return True
    try:
        from coverage import Coverage
    except ImportError:
        return False
    return bool(Coverage().get_option("run:branch"))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker of pytest-xdist has counted."""
    dumped = getattr(node, "workeroutput", {}).get(_COVERAGE)
    if dumped:
        from edge.testing import js_coverage

        coverage = js_coverage.current
        assert coverage is not None
        coverage.add(js_coverage.Dumped(*dumped))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was counted, and how many recordings are of other code than there is now."""
    if terminalreporter.config.getoption("edge_cov"):
        from edge.testing import js_coverage

        coverage = js_coverage.current
        terminalreporter.section("coverage of functions")
        for line in coverage.summary() if coverage else ():
            terminalreporter.write_line(line)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in _annotations(terminalreporter.getreports("failed")):
            terminalreporter.write_line(line)
    passed = terminalreporter.getreports("passed")
    stale = sum(_STALE in report.user_properties for report in passed if report.when == "call")
    if stale:
        terminalreporter.write_line(
            f"{stale} recordings are of an earlier version of the code and were not compared: pytest --edge-record"
        )


def _annotations(failed: list[pytest.TestReport]) -> Iterator[str]:
    """A workflow command of GitHub for each place in a function, and for each case of a table, that failed.

    Source: GitHub Actions documentation, "Workflow commands", setting an error message."""
    for report in failed:
        path, line, name = report.location
        if _CASES in path:
            yield _annotation(path, (line or 0) + 1, name, report.longreprtext)
        for key, place in report.user_properties:
            if key == _PLACE:
                file, number, error = str(place).split(":", 2)
                yield _annotation(file, int(number), name, error.strip())


def _annotation(file: str, line: int, title: str, text: str) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    title = title.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    return f"::error file={file},line={line},title={title}::{escaped}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Tables of cases: redirect.cases.yaml, .yml, .json, .csv, and the JSON files of a folder redirect.cases."""
    if _CASES not in file_path.name and not file_path.parent.name.endswith(_CASES):
        return None
    from edge.testing.case_items import CaseCollector
    from edge.testing.cases import is_case_file

    return CaseCollector.from_parent(parent, path=file_path) if is_case_file(file_path) else None
