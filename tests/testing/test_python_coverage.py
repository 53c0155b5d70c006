"""Coverage of handlers in Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

HANDLER = """import helper

def handler(event, context):
    request = event["Records"][0]["cf"]["request"]
    if request["uri"] == "/old":
        return {"status": "301"}
    if request["uri"] == "/never":
        return {"status": "410"}
    return helper.passed(request)
"""
HELPER = """def passed(request):
    return request

def never():
    return None
"""
TEST = """
def test_on(lambda_edge):
    function = lambda_edge("redirect.py")
    assert function.viewer_request("/new").request.uri == "/new"
    assert not function.viewer_request("/new").logs
"""
TEST_OLD = """
def test_old(lambda_edge):
    assert lambda_edge("redirect.py").viewer_request("/old").response.status == 301
"""


@pytest.fixture(autouse=True)
def redirect(project: pytest.Pytester) -> None:
    """A handler, another file of its own, and a test of one of its ways."""
    project.path.joinpath("redirect.py").write_text(HANDLER)
    project.path.joinpath("helper.py").write_text(HELPER)
    project.makepyfile(test_redirect=TEST)


def lcov(project: pytest.Pytester) -> dict[str, set[str]]:
    """The lines of each file's record."""
    records = project.path.joinpath("lcov.info").read_text().split("end_of_record\n")
    return {
        next(line for line in record.splitlines() if line.startswith("SF:"))[3:]: set(record.splitlines())
        for record in records
        if record
    }


def test_lines_and_branches_are_counted(project: pytest.Pytester) -> None:
    """Of all files of the function that were imported, with a line for each below the results."""
    result = project.runpytest("--edge-cov", "lcov.info")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["helper.py: 75 % of lines, not 5", "redirect.py: 75 % of lines, not 6, 8"])
    found = lcov(project)
    assert set(found) == {"helper.py", "redirect.py"}
    ran = {tuple(line[3:].split(",")[:2]) for line in found["redirect.py"] if line.startswith("DA:")}
    assert {("5", "1"), ("6", "0"), ("8", "0"), ("9", "1")} <= ran
    assert any(line.startswith("BRDA:5,") for line in found["redirect.py"])


@pytest.mark.parametrize("workers", [[], ["-n", "1"]])
def test_environments_count_together(project: pytest.Pytester, workers: list[str]) -> None:
    """Each test has some of its own; and workers of pytest-xdist have."""
    project.makepyfile(test_old=TEST_OLD)
    result = project.runpytest("--edge-cov", "lcov.info", *workers)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["redirect.py: 87 % of lines, not 8"])


def test_a_handler_finds_no_more_packages_than_without(project: pytest.Pytester) -> None:
    """What counts it is none of its own."""
    project.makepyfile(
        test_redirect="""
        def test_path(lambda_edge):
            assert lambda_edge("paths.py").viewer_request("/").response.text == "0"
        """
    )
    project.path.joinpath("paths.py").write_text(
        "import sys\n\n"
        "def handler(event, context):\n"
        "    found = sum('site-packages' in each for each in sys.path)\n"
        "    return {'status': '200', 'body': str(found)}\n"
    )
    project.runpytest("--edge-cov", "lcov.info").assert_outcomes(passed=1)


@pytest.mark.parametrize("branch", ["true", "false"])
def test_it_goes_into_coverage_py_s_data(project: pytest.Pytester, branch: str) -> None:
    """With branches where the project counts them, and beside JavaScript."""
    project.path.joinpath("pass.js").write_text("function handler(event) {\n  return event.request;\n}\n")
    project.makepyprojecttoml(f"""
        [tool.coverage.run]
        branch = {branch}
        plugins = ["edge.testing.coverage_plugin"]
    """)
    project.makepyfile(
        test_pass="""
        def test_on(cloudfront_function):
            assert cloudfront_function("pass.js").viewer_request("/a").request.uri == "/a"
        """
    )
    project.runpytest("--edge-cov", ".coverage.edge").assert_outcomes(passed=2)
    coverage("combine")
    coverage("json", "--fail-under", "0")
    files = json.loads(project.path.joinpath("coverage.json").read_text())["files"]
    assert set(files) == {"helper.py", "pass.js", "redirect.py"}
    assert files["redirect.py"]["missing_lines"] == [6, 8]
    assert ("missing_branches" in files["redirect.py"]) == (branch == "true")


def coverage(*arguments: str) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    subprocess.run([sys.executable, "-m", "coverage", *arguments], check=True, env=environ, capture_output=True)
