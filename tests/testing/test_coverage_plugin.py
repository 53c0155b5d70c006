"""JavaScript in the reports of coverage.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

FUNCTION = """function handler(event) {
  if (event.request.uri === '/old') {
    return {statusCode: 301};
  }
  if (event.request.uri === '/a') event.request.uri = '/b';
  return event.request;
}
"""
TEST = """
def test_on(cloudfront_function):
    assert cloudfront_function("redirect.js").viewer_request("/new").request.uri == "/new"
"""


def coverage(*arguments: str) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    command = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environ).stdout


@pytest.mark.parametrize("branch", ["true", "false"])
def test_reports_have_javascript_beside_python(project: pytest.Pytester, branch: str) -> None:
    """With its own lines, and its branches where the project counts them."""
    project.path.joinpath("redirect.js").write_text(FUNCTION)
    project.path.joinpath("mine.py").write_text("print('hello')\n")
    project.makepyprojecttoml(f"""
        [tool.coverage.run]
        branch = {branch}
        plugins = ["edge.testing.coverage_plugin"]
    """)
    project.makepyfile(TEST)
    coverage("run", "mine.py")
    project.runpytest("--edge-cov", ".coverage.edge").assert_outcomes(passed=1)
    coverage("combine", "--append")
    coverage("json", "--fail-under", "0")
    files = json.loads(project.path.joinpath("coverage.json").read_text())["files"]
    assert set(files) == {"mine.py", "redirect.js"}
    found = files["redirect.js"]
    assert (found["executed_lines"], found["missing_lines"]) == ([2, 5, 6], [3])
    if branch == "true":
        assert found["summary"]["num_branches"] == 4
        assert found["summary"]["covered_branches"] == 2
        assert [2, 3] in found["missing_branches"]
