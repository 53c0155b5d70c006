"""How long test suites take that use the pytest plugin: `python benchmarks/harness.py --help`.

Each suite is a folder of its own, run by `python -m pytest` on one core: start of Python, collection and report are
included. Seconds are of CPU, so that other programs on the machine count less. A first run, which does not count,
compiles what is imported: the others find it compiled, as everybody does from his second run on. The last rows: what
the plugin costs a suite that has nothing to do with the edge.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import ratios
from benchmarks.processes import cores

_FUNCTION = """function handler(event) {
    var request = event.request;
    if (request.uri === '/old') {
        return { statusCode: 301, headers: { location: { value: '/new' } } };
    }
    request.uri = request.uri + '/index.html';
    return request;
}
"""
_HANDLER = "export const handler = async (event) => event.Records[0].cf.request;\n"
_PYTEST = [
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:asyncio",
    "-p",
    "no:xdist",
    "-p",
    "no:hypothesispytest",
    "-p",
    "no:syrupy",
]


def functions(folder: Path, count: int) -> None:
    """One function, asked in as many tests."""
    (folder / "rewrite.js").write_text(_FUNCTION)
    (folder / "test_functions.py").write_text(f"""
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_rewrite(cloudfront_function, number):
    assert cloudfront_function("rewrite.js").viewer_request(f"/{{number}}").request.uri == f"/{{number}}/index.html"
""")


def table(folder: Path, count: int) -> None:
    """As many lines of a table."""
    (folder / "rewrite.js").write_text(_FUNCTION)
    lines = [f"case {number},/{number},/{number}/index.html" for number in range(count)]
    (folder / "rewrite.cases.csv").write_text("\n".join(["name,request,expect.uri", *lines]))


def distributions(folder: Path, count: int) -> None:
    """A distribution with a function, a script and three requests, in as many tests."""
    (folder / "rewrite.js").write_text(_FUNCTION)
    (folder / "test_distributions.py").write_text(f"""
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_a_page_is_cached(distribution, origin, clock, number):
    page = origin.get("*").replies(200, {{"Cache-Control": "max-age=60"}}, "hello")
    site = distribution(viewer_request="rewrite.js")
    assert site.get(f"/{{number}}").x_cache == "Miss from cloudfront"
    clock.advance(seconds=59)
    assert site.get(f"/{{number}}").x_cache == "Hit from cloudfront"
    clock.advance(seconds=1)
    site.get(f"/{{number}}")
    assert page.times == 2
""")


def handlers(folder: Path, count: int) -> None:
    """A handler in Node.js, with an environment of its own in as many tests."""
    (folder / "pass.mjs").write_text(_HANDLER)
    (folder / "test_handlers.py").write_text(f"""
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_pass(lambda_edge, number):
    assert lambda_edge("pass.mjs").viewer_request("/a").cold
""")


def unrelated(folder: Path, count: int) -> None:
    """Tests of something else."""
    (folder / "test_unrelated.py").write_text(f"""
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_arithmetic(number):
    assert number + 0 == number
""")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run each suite several times, and print."""
    parser = argparse.ArgumentParser(prog="python benchmarks/harness.py", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--tests", type=int, default=1000, help="tests of a suite (default: %(default)s)")
    options = parser.parse_args(arguments)
    for make in (functions, table, distributions):
        report(make, options.tests, options.rounds)
    report(handlers, max(1, options.tests // 20), options.rounds)
    report(unrelated, options.tests, options.rounds)
    report(unrelated, options.tests, options.rounds, "-p", "no:edge")
    return 0


def report(make: Callable[[Path, int], None], tests: int, rounds: int, *flags: str) -> None:
    """One line: seconds for the suite, milliseconds for a test."""
    with tempfile.TemporaryDirectory(prefix="edge-harness-") as name:
        make(Path(name), tests)
        cpu_s(Path(name), tests, flags)  # once, so that everything is compiled and in memory
        spent = ratios.spread([cpu_s(Path(name), tests, flags) for _ in range(rounds)])
    said = " ".join([make.__name__, *flags])
    print(f"{tests} {said}: {spent:.2f} s of CPU, {spent.median / tests * 1000:.2f} ms for each")


def cpu_s(folder: Path, tests: int, flags: Sequence[str]) -> float:
    """Seconds of CPU of one run, its child processes included."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *_PYTEST, *flags],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, {cores()[0]}),
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if f"{tests} passed" not in done.stdout:
        raise SystemExit(f"the suite did not pass:\n{done.stdout}{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
