"""Programs of a few bytes: what is started is what the source says."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from edge.runtimes.lambda_edge.providers import guest_agent, landlocked


@pytest.mark.skipif(not shutil.which("as") or platform.machine() != "x86_64", reason="this needs an assembler")
@pytest.mark.parametrize(
    ("source", "code"), [(guest_agent.SOURCE, guest_agent.CODE), (landlocked.SOURCE, landlocked.CODE)]
)
def test_the_code_is_what_the_source_says(tmp_path: Path, source: Path, code: bytes) -> None:
    made = tmp_path / "made"
    subprocess.run(["as", "-o", f"{made}.o", str(source)], check=True)
    subprocess.run(["objcopy", "-O", "binary", "-j", ".text", f"{made}.o", str(made)], check=True)
    assert made.read_bytes() == code
