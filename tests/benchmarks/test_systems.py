"""benchmarks/systems.py, processes.py and load.py: each system comes up, does the work it is measured for, and ends."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import load, run
from benchmarks.load import GENERATORS, Load
from benchmarks.processes import cores
from benchmarks.systems import Lab, Start, Unavailable, edge, nginx


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A laboratory with its origin."""
    lab = Lab(tmp_path)
    try:
        lab.start_origin()
        yield lab
    finally:
        lab.close()


@pytest.mark.parametrize("start", [edge, nginx])
@pytest.mark.parametrize("workload", ["hit", "hit with a function"])
def test_a_system_gives_the_bytes_of_the_origin_and_its_function_rewrites(
    lab: Lab, start: Start, workload: str
) -> None:
    wanted = run.WORKLOADS[workload]
    try:
        system = start(lab, wanted.function)
    except Unavailable as reason:
        pytest.skip(str(reason))
    run.prove(system, wanted)


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_load_generator_counts_what_it_was_answered(lab: Lab, generator: str) -> None:
    if generator == "wrk" and not shutil.which("wrk"):
        pytest.skip("wrk is not installed")
    asked = Load(f"http://127.0.0.1:{lab.origin_port}/", connections=2, seconds=1, unique="/round-1/")
    measured = load.run(asked, generator=generator, core=cores()[1])
    assert measured.requests_per_s > 1
    assert 0 < measured.p50_us <= measured.p99_us
    assert (measured.broken, measured.refused) == (0, 0)
