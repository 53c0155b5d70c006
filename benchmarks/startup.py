"""How long `edge serve --origin URL` takes until its first answer: `python benchmarks/startup.py --help`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path

from benchmarks import ratios
from benchmarks.processes import Pinned, cores, free_port
from benchmarks.systems import REWRITE, Lab


def main(arguments: Sequence[str] | None = None) -> int:
    """Start it again and again, and print."""
    parser = argparse.ArgumentParser(prog="python benchmarks/startup.py", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="default: %(default)s")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="edge-startup-") as folder:
        lab = Lab(Path(folder))
        try:
            lab.start_origin()
            first_answer_s(lab, [])  # once, so that the files are in memory
            for what, options_of_edge in (("plain", []), ("with a function", ["--viewer-request", str(REWRITE)])):
                both = [first_answer_s(lab, options_of_edge) for _ in range(options.rounds)]
                took, cpu = (ratios.spread(each) for each in zip(*both, strict=True))
                print(f"{what}: {took:.2f} s until the first answer, {cpu:.2f} s of CPU time")
        finally:
            lab.close()
    return 0


def first_answer_s(lab: Lab, options: list[str]) -> tuple[float, float]:
    """Seconds from the start of the process to the end of the first answer, and seconds of its CPU time."""
    port = free_port()
    command = [sys.executable, "-m", "edge", "serve", "--origin", f"http://127.0.0.1:{lab.origin_port}"]
    command += ["--listen", f"127.0.0.1:{port}", "--quiet", *options]
    began = time.perf_counter()
    process = Pinned(command, core=cores()[0], log=lab.folder / "startup.log")
    try:
        process.wait_for(port)
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/")
        connection.getresponse().read()
        took_s, cpu_s = time.perf_counter() - began, process.cpu_s()
        connection.close()
    finally:
        process.end()
    return took_s, cpu_s


if __name__ == "__main__":
    sys.exit(main())
