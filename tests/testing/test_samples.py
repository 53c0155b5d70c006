"""The sample functions keep what their READMEs say."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.cli import main
from edge.testing import FunctionUnderTest

ROOT = Path(__file__).parent.parent.parent
FOLDERS = sorted(path for path in (ROOT / "functions").iterdir() if (path / "README.md").is_file())
LAMBDAS = [
    folder for folder in FOLDERS if (folder / "README.md").read_text().split("\n")[2].startswith("A Lambda@Edge")
]
INVOCATIONS = [
    command.replace("\\\n", " ")
    for folder in FOLDERS
    for command in re.findall(r"^edge invoke (?:.*\\\n)*.*$", (folder / "README.md").read_text(), re.MULTILINE)
]


def test_there_are_ten_samples_each_with_a_readme_code_and_a_test() -> None:
    """What a folder of functions/ holds."""
    assert len(FOLDERS) >= 10
    for folder in FOLDERS:
        assert (folder / "README.md").read_text().startswith(f"# {folder.name}\n")
        assert folder in LAMBDAS or list(folder.glob("*.js"))
        assert (folder / f"test_{folder.name.replace('-', '_')}.py").is_file()


@pytest.mark.parametrize("command", INVOCATIONS, ids=lambda command: command.split()[2])
def test_each_edge_invoke_of_a_readme_works(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a reader copies runs, and brings no error."""
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(main, shlex.split(command)[1:])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    if "Verdict" in answer:
        assert (answer["FunctionError"], answer["Verdict"]) == (None, None)
    else:
        assert answer["FunctionErrorMessage"] == ""


@pytest.mark.parametrize("runtime", ["cloudfront-js-1.0", "cloudfront-js-2.0"])
@pytest.mark.parametrize("folder", [each for each in FOLDERS if each not in LAMBDAS], ids=lambda folder: folder.name)
def test_samples_run_in_the_runtimes_that_their_readme_names(
    cloudfront_function: Callable[..., FunctionUnderTest], folder: Path, runtime: str
) -> None:
    """With the event beside the code, and without a complaint of the rules."""
    if "Runs in cloudfront-js-1.0 and 2.0." not in (folder / "README.md").read_text():
        assert folder.name == "jwt-check"
        return
    for code in folder.glob("*.js"):
        own = code.with_suffix(".event.json")
        event = own if own.is_file() else folder / "event.json"
        result = cloudfront_function(code, runtime=runtime).run(event)
        assert result.error is None
