"""The gate against the engine itself: Debian's njs 0.7.9 is the oracle, where it is installed.

CloudFront's runtime 2.0 is a little newer than this njs and its runtime 1.0 older; the known differences are data in
the snippets, each with its reason.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

GROUPS = sorted((Path(__file__).parent / "snippets").glob("*.jsonl"))
COMPLAINT = re.compile(r"Thrown:\n(\w*Error: .*?)(?: in -:(\d+))?\n\Z", re.DOTALL)
TIMEOUT_S = 10


def njs_is_0_7_9() -> bool:
    if shutil.which("njs") is None:
        return False
    return subprocess.run(["njs", "-v"], capture_output=True, text=True, check=False).stdout.strip() == "0.7.9"


def oracle(code: str) -> str | None:
    """njs's complaint about the code with the name of the file left out; None when it compiles. What the code then
    throws has a stack, or is no error at all, and does not count."""
    done = subprocess.run(["njs", "-"], input=code.encode(), capture_output=True, timeout=TIMEOUT_S, check=False)
    output = done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")
    found = COMPLAINT.match(output)
    if found is None or "\n    at " in output:
        return None
    return f"{found[1]} in {found[2]}" if found[2] else found[1]


@pytest.mark.skipif(not njs_is_0_7_9(), reason="njs 0.7.9 (Debian bookworm: apt-get install njs) is not installed")
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.stem)
def test_njs_says_what_the_snippets_say_it_does(group: Path) -> None:
    """njs agrees with the gate, verdict and words, but for the differences that a snippet owns up to."""
    snippets = [json.loads(line) for line in group.read_text(encoding="utf-8").splitlines()]
    expected = {snippet["code"]: snippet.get("njs", snippet["js-2.0"]) for snippet in snippets}
    assert expected == {code: oracle(code) for code in expected}


@pytest.mark.skipif(not njs_is_0_7_9(), reason="njs 0.7.9 (Debian bookworm: apt-get install njs) is not installed")
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.stem)
def test_what_the_missing_module_hides_from_njs_is_the_same_too(group: Path) -> None:
    """Code that imports cloudfront is judged by njs with another module in its place."""
    snippets = [json.loads(line) for line in group.read_text(encoding="utf-8").splitlines()]
    expected = {
        snippet["code"].replace("'cloudfront'", "'crypto'"): snippet["js-2.0"]
        for snippet in snippets
        if snippet.get("why") == "the module cloudfront exists only on CloudFront"
    }
    assert expected == {code: oracle(code) for code in expected}
