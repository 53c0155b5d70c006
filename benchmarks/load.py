"""The load generators: wrk where there is one, else `benchmarks/loader.py`. Both are closed loops: see README.md."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
GENERATORS = ("wrk", "bundled")


@dataclass(frozen=True, slots=True)
class Load:
    """What to send: `url` over and over; or, with `unique`, another path below that prefix each time. `host` is the
    Host header where it is not the URL's."""

    url: str
    connections: int
    seconds: float
    unique: str | None = None
    host: str | None = None


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
    """Send it from one core. Raises RuntimeError when the generator fails."""
    if generator == "wrk":
        # wrk takes whole seconds; it prints the report of wrk.lua in its last line.
        command = ["wrk", "-t1", f"-c{load.connections}", f"-d{max(1, round(load.seconds))}s", "--timeout", "30s"]
        command += ["-s", str(_HERE / "wrk.lua"), *(("-H", f"Host: {load.host}") if load.host else ()), load.url]
    else:
        command = [sys.executable, str(_HERE / "loader.py"), str(load.connections), str(load.seconds), load.url]
    variables = dict(os.environ)
    if load.unique is not None:
        variables["EDGE_UNIQUE"] = load.unique
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
    return _measured(json.loads(said.strip().splitlines()[-1]))


def _measured(report: dict[str, float]) -> Measured:
    return Measured(
        requests_per_s=report["requests"] / (report["duration_us"] / 1e6),
        p50_us=report["p50_us"],
        p99_us=report["p99_us"],
        broken=int(report["broken"]),
        refused=int(report["refused"]),
    )
