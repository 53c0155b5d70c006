"""The load generators, closed loops all: see README.md.

HTTP/1.1, with TLS or without, comes from wrk (or, without TLS and extras, from `benchmarks/loader.py`), HTTP/2 from
h2load, HTTP/3 from `benchmarks/http3_loader.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
GENERATORS = ("wrk", "bundled")
STREAMS = 4
"""Requests at once on a connection of HTTP/2 and HTTP/3. There are so many times fewer connections."""


class NoGenerator(Exception):  # noqa: N818 -- it is a fact about this machine
    """There is no program here that can send this. The text says what is missing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to send: `url` over and over; or, with `unique`, another path below that prefix each time, and with `paths`
    one of so many. `host` is the Host header where it is not the URL's; `protocol` is "h2", "h3" or anything else for
    HTTP/1.1."""

    url: str
    connections: int
    seconds: float
    unique: str | None = None
    host: str | None = None
    paths: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    protocol: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came back. `broken` connections and `refused` requests (status 400 and above) make a measurement void."""

    requests_per_s: float
    p50_us: float
    p99_us: float
    broken: int
    refused: int


def default_generator() -> str:
    """The better one of those that are here."""
    return "wrk" if shutil.which("wrk") else "bundled"


def run(load: Load, *, generator: str, core: int) -> Measured:
    """Send it from one core. Raises NoGenerator, and RuntimeError when the generator fails."""
    if load.protocol == "h2":
        return _run_h2load(load, core)
    if load.protocol == "h3":
        command = [sys.executable, str(_HERE / "http3_loader.py"), *_streams(load), str(load.seconds), load.url]
    elif generator == "wrk":
        # wrk takes whole seconds; it prints the report of wrk.lua in its last line.
        command = ["wrk", "-t1", f"-c{load.connections}", f"-d{max(1, round(load.seconds))}s", "--timeout", "30s"]
        command += ["-s", str(_HERE / "wrk.lua"), *_header_options(load), load.url]
    elif load.url.startswith("https") or load.headers or load.paths:
        raise NoGenerator("the bundled load generator can neither send headers nor TLS (apt install wrk)")
    else:
        command = [sys.executable, str(_HERE / "loader.py"), str(load.connections), str(load.seconds), load.url]
    said = _said(command, load, core)
    return _measured(json.loads(said.strip().splitlines()[-1]))


def _said(command: list[str], load: Load, core: int) -> str:
    """What the generator prints."""
    variables = dict(os.environ)
    if load.unique is not None:
        variables["EDGE_UNIQUE"] = load.unique
    if load.paths:
        variables["EDGE_PATHS"] = str(load.paths)
    if load.host is not None:
        variables["EDGE_HOST"] = load.host
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables
    ) as generating:
        os.sched_setaffinity(generating.pid, {core})
        try:
            said, complained = generating.communicate(timeout=load.seconds + 60)
        except subprocess.TimeoutExpired:
            generating.kill()
            raise
    if generating.returncode != 0 or not said.strip():
        raise RuntimeError(f"{' '.join(command)}: {complained or said}")
    return said


def _header_options(load: Load) -> list[str]:
    lines = [*load.headers, *([("Host", load.host)] if load.host else [])]
    return [option for name, value in lines for option in ("-H", f"{name}: {value}")]


def _streams(load: Load) -> tuple[str, str]:
    """How many connections, and how many requests at once on each."""
    return str(max(1, load.connections // STREAMS)), str(STREAMS)


def _run_h2load(load: Load, core: int) -> Measured:
    """h2load logs each request: its start, its status, its microseconds."""
    program = shutil.which("h2load")
    if program is None:
        raise NoGenerator("h2load is not installed (apt install nghttp2-client)")
    connections, streams = _streams(load)
    seconds = max(1, round(load.seconds))  # it takes whole ones
    with tempfile.NamedTemporaryFile(prefix="edge-h2load-", dir="/dev/shm") as log:
        command = [program, "-t1", f"-c{connections}", f"-m{streams}", f"-D{seconds}"]
        _said([*command, f"--log-file={log.name}", *_header_options(load), load.url], load, core)
        rows = [line.split() for line in Path(log.name).read_text().splitlines()]
    times_us = sorted(int(row[2]) for row in rows) or [0]
    broken = sum(row[1] == "-1" for row in rows)
    return Measured(
        requests_per_s=(len(rows) - broken) / seconds,
        p50_us=times_us[len(times_us) // 2],
        p99_us=times_us[len(times_us) * 99 // 100],
        broken=broken,
        refused=sum(int(row[1]) >= 400 for row in rows),
    )


def _measured(report: dict[str, float]) -> Measured:
    return Measured(
        requests_per_s=report["requests"] / (report["duration_us"] / 1e6),
        p50_us=report["p50_us"],
        p99_us=report["p99_us"],
        broken=int(report["broken"]),
        refused=int(report["refused"]),
    )
