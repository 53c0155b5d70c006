"""Every system of the benchmarks comes up, does the work that it is measured for, and ends."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import load, run
from benchmarks.load import GENERATORS, Load, NoGenerator
from benchmarks.processes import cores, found
from benchmarks.rivals import RIVALS
from benchmarks.scenarios import SCENARIOS
from benchmarks.systems import Lab, Start, Unavailable, edge

QUICK = run.parse(["--rounds", "1", "--seconds", "0.2"])


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A laboratory with its origin."""
    lab = Lab(tmp_path)
    try:
        lab.start_origin()
        yield lab
    finally:
        lab.close()


def need_nginx(scenario: str) -> None:
    """The origin without nginx has one small answer for everything."""
    if not found("nginx") and (SCENARIOS[scenario].refreshed or SCENARIOS[scenario].path.startswith("/files")):
        pytest.skip("nginx is not installed")


@pytest.mark.parametrize("name", SCENARIOS)
def test_edge_does_the_work_that_a_scenario_is_about(lab: Lab, name: str) -> None:
    """A Hit, a Miss or a RefreshHit, the bytes of the origin, functions in the path."""
    need_nginx(name)
    if SCENARIOS[name].event and not found("node"):
        pytest.skip("Node.js is not installed")
    run.prove(edge(lab, SCENARIOS[name]), SCENARIOS[name])


@pytest.mark.parametrize(
    ("rival", "name"),
    [
        (rival, scenario.name)
        for scenario in SCENARIOS.values()
        for rival in scenario.beside
        if rival not in ("mitmproxy", "ministack")
    ],
)
def test_a_rival_does_the_same_work(lab: Lab, rival: str, name: str) -> None:
    need_nginx(name)
    start: Start = RIVALS[rival]
    try:
        system = start(lab, SCENARIOS[name])
    except Unavailable as reason:
        pytest.skip(str(reason))
    run.prove(system, SCENARIOS[name])


def test_a_system_that_does_other_work_is_not_measured(lab: Lab) -> None:
    """One without the function answers with the bytes of the path that was to be rewritten."""
    with pytest.raises(Unavailable, match="asked the origin for /docs/"):
        run.prove(edge(lab, SCENARIOS["hit"]), SCENARIOS["hit with a function"])


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_load_generator_counts_what_it_was_answered(lab: Lab, generator: str) -> None:
    if generator == "wrk" and not shutil.which("wrk"):
        pytest.skip("wrk is not installed")
    asked = Load(f"http://127.0.0.1:{lab.origin_port}/", connections=2, seconds=1, unique="/round-1/")
    measured = load.run(asked, generator=generator, core=cores()[1])
    assert measured.requests_per_s > 1
    assert 0 < measured.p50_us <= measured.p99_us
    assert (measured.broken, measured.refused) == (0, 0)


@pytest.mark.parametrize("protocol", ["h2", "h3"])
def test_http2_and_http3_are_really_spoken(lab: Lab, protocol: str) -> None:
    scenario = next(one for one in SCENARIOS.values() if one.protocol == protocol)
    if protocol == "h2" and not shutil.which("h2load"):
        pytest.skip("h2load is not installed")
    system = edge(lab, scenario)
    measured, busy = run.one(system, "edge", scenario, 1, 0.3, QUICK)
    assert measured.requests_per_s > 1
    assert 0 < measured.p50_us <= measured.p99_us
    assert (measured.broken, measured.refused) == (0, 0)
    assert busy > 0


def test_what_the_bundled_generator_cannot_send_is_said(lab: Lab) -> None:
    asked = Load(f"http://127.0.0.1:{lab.origin_port}/", 1, 0.1, headers=(("Accept-Encoding", "gzip"),))
    with pytest.raises(NoGenerator, match="apt install wrk"):
        load.run(asked, generator="bundled", core=cores()[1])
