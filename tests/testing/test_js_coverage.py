"""Coverage of CloudFront Functions as lcov."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

FUNCTION = """function handler(event) {
  if (event.request.uri === '/old') {
    return {statusCode: 301};
  }
  console.log('on');
  return event.request;
}
"""
TEST = """
def test_on(cloudfront_function):
    result = cloudfront_function("redirect.js").viewer_request("/new")
    assert result.logs == ("on",)
    assert result.function.code.startswith("function handler")
"""


@pytest.fixture(autouse=True)
def redirect(project: pytest.Pytester) -> None:
    """A function, and a test of one of its two ways."""
    project.path.joinpath("redirect.js").write_text(FUNCTION)
    project.makepyfile(TEST)


def test_lines_and_branches_are_counted(project: pytest.Pytester) -> None:
    """Below the results a line for each function; in the file all of it."""
    result = project.runpytest("--edge-cov", "lcov.info")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["redirect.js: 75 % of lines, not 3"])
    assert project.path.joinpath("lcov.info").read_text().splitlines() == [
        "TN:",
        "SF:redirect.js",
        "BRDA:2,1,0,-",
        "BRDA:2,1,1,1",
        "BRF:2",
        "BRH:1",
        "DA:2,1",
        "DA:3,0",
        "DA:5,1",
        "DA:6,1",
        "LF:4",
        "LH:3",
        "end_of_record",
    ]


def test_workers_of_xdist_count_together(project: pytest.Pytester) -> None:
    """One file comes out, as without workers."""
    project.makepyfile(test_b=TEST.replace("/new", "/old").replace('("on",)', "()"))
    result = project.runpytest("--edge-cov", "lcov.info", "-n", "1")
    result.assert_outcomes(passed=2)
    assert {"BRDA:2,1,0,1", "BRDA:2,1,1,1", "LH:4"} <= set(project.path.joinpath("lcov.info").read_text().splitlines())


def test_distributions_and_tables_count_too(project: pytest.Pytester) -> None:
    """Wherever the function runs."""
    project.path.joinpath("redirect.cases.csv").write_text("request,expect.status\n/old,301\n")
    result = project.runpytest("--edge-cov", "lcov.info")
    result.stdout.fnmatch_lines(["redirect.js: 100 % of lines"])


def test_without_the_option_nothing_is_counted(project: pytest.Pytester) -> None:
    """Nor written."""
    result = project.runpytest()
    result.stdout.no_fnmatch_line("*coverage*")
    assert not project.path.joinpath("lcov.info").exists()
