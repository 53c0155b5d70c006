"""A project of a user: nothing but the package, functions, a template and tests, outside of this repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent / "user_project"
FUNCTIONS = {"redirect.js", "jwt.js", "auth.mjs", "pick.py"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The project somewhere else."""
    return Path(shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__")))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest, as a user types it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GITHUB"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:asyncio", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environ, timeout=120)


@pytest.mark.parametrize("arguments", [(), ("--edge-sockets",)], ids=["in process", "over sockets"])
def test_its_tests_pass(folder: Path, arguments: tuple[str, ...]) -> None:
    """With warnings as errors, and nothing on standard error."""
    done = run(folder, "-W", "error", *arguments)
    assert re.search(r"^13 passed in", done.stdout, re.MULTILINE), done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_its_tests_pass_in_workers(folder: Path) -> None:
    """With the coverage of all of them in one file, and a report for CI."""
    done = run(folder, "-n", "2", "--edge-cov", "lcov.info", "--junitxml", "junit.xml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {line for line in (folder / "lcov.info").read_text().splitlines() if line.startswith("SF:")} == {
        f"SF:{name}" for name in FUNCTIONS
    }
    cases = list(ET.parse(folder / "junit.xml").getroot().iter("testcase"))
    assert len(cases) == 13
    assert ("redirect.cases.csv", "moved") in {(case.get("classname"), case.get("name")) for case in cases}


def test_a_mistake_is_shown_where_it_is(folder: Path) -> None:
    """In the user's code: the terminal, and the report for CI, name the file and the line, and no code of ours."""
    code = (folder / "redirect.js").read_text().replace("return request;", "return request.headers.none.value;")
    (folder / "redirect.js").write_text(code)
    done = run(folder, "--junitxml", "junit.xml", "test_redirect.py", "redirect.cases.csv")
    assert done.returncode == 1
    assert ">  11 |     return request.headers.none.value;" in done.stdout
    assert not re.search(r"edge/(testing|runtimes)/.*\.py", done.stdout)
    failed = [
        case for case in ET.parse(folder / "junit.xml").getroot().iter("testcase") if case.find("failure") is not None
    ]
    assert {case.get("name") for case in failed} == {"test_every_other_page_is_served", "served"}
    for case in failed:
        failure = case.find("failure")
        assert failure is not None
        assert "TypeError" in (failure.get("message") or "") + (failure.text or "")
