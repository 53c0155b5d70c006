"""Which Node.js and Python run functions."""

from __future__ import annotations

import sys

import pytest

from edge.runtimes.lambda_edge.interpreters import NoInterpreter, find, own_python


def test_python_of_our_own_version_is_forked() -> None:
    """It needs no command line."""
    assert find(f"python{sys.version_info.major}.{sys.version_info.minor}").argv == ()
    assert own_python()[1:4] == ("-I", "-S", "-B")


def test_a_version_that_is_not_here_is_run_by_another_and_said() -> None:
    interpreter = find("python3.99")
    assert interpreter.argv == ()
    assert "python3.99 runs on Python 3." in interpreter.note


@pytest.mark.parametrize("runtime", ["ruby3.3", "nodejs", "python2.7", "provided.al2023"])
def test_other_runtimes_are_refused_by_name(runtime: str) -> None:
    """Lambda@Edge has Node.js and Python."""
    with pytest.raises(NoInterpreter, match=f"the runtime {runtime} is neither nodejsN.x nor python3.N"):
        find(runtime)
