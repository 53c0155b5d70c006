"""Edge beside nginx, and beside other programs on request: `python benchmarks/run.py --help`.

Prints ratios first, because only they can be compared between machines.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from benchmarks import load, ratios
from benchmarks.load import GENERATORS, Load, Measured
from benchmarks.processes import NotStarted, cores
from benchmarks.rivals import RIVALS
from benchmarks.systems import BODY_BYTES, Lab, Running, Start, Unavailable, edge, nginx

OURS = "edge"
RATIOS = ("requests_per_s", "per_cpu_s")
MEASURES = (*RATIOS, "p50_us", "p99_us")


@dataclass(frozen=True, slots=True)
class Workload:
    """What is asked for. `unique`: each request another path, so that each is a miss."""

    name: str
    path: str
    function: bool = False
    unique: bool = False


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("hit", "/docs/index.html"),
        Workload("hit with a function", "/docs/", function=True),
        Workload("miss", "/", unique=True),
    )
}


@dataclass
class Series:
    """What one system did in each round of one workload. `busy` is the share of its core that it used."""

    rounds: list[Measured] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def of(self, name: str) -> list[float]:
        """One measure of each round; "per_cpu_s" is requests per second of CPU time."""
        if name == "per_cpu_s":
            return [one.requests_per_s / max(busy, 0.01) for one, busy in zip(self.rounds, self.busy, strict=True)]
        return [getattr(one, name) for one in self.rounds]

    @property
    def void(self) -> str:
        """Why it does not count; "" when it does."""
        broken = sum(one.broken for one in self.rounds)
        refused = sum(one.refused for one in self.rounds)
        return f"VOID: {broken} broken, {refused} refused" if broken or refused else ""


Results = dict[str, dict[str, Series]]
"""Workload name, system name."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when nothing could be measured."""
    options = parse(arguments)
    with tempfile.TemporaryDirectory(prefix="edge-benchmark-", dir=fast_folder()) as folder:
        lab = Lab(Path(folder))
        try:
            lab.start_origin()
            results = measure(lab, options)
        except NotStarted as problem:
            print(f"did not start: {problem}", file=sys.stderr)
            return 1
        finally:
            lab.close()
    if options.as_json:
        print(json.dumps(report(results, options), indent=2))
    else:
        print(table(results, options))
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks/run.py",
        description="Requests per second and latency of the edge beside nginx, interleaved, one core each.",
        epilog="Example: python benchmarks/run.py --rounds 5 --seconds 5 --rival ministack",
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=5, help="how long each time; default: %(default)s")
    parser.add_argument("--connections", type=int, default=16, help="default: %(default)s")
    parser.add_argument("--only", choices=WORKLOADS, action="append", help="one workload (may be repeated)")
    parser.add_argument("--rival", choices=RIVALS, action="append", default=[], help="another program beside nginx")
    parser.add_argument(
        "--generator", choices=GENERATORS, default=load.default_generator(), help="default: %(default)s"
    )
    parser.add_argument("--json", dest="as_json", action="store_true", help="everything, for a program to read")
    return parser.parse_args(arguments)


def measure(lab: Lab, options: argparse.Namespace) -> Results:
    """All workloads on all systems, round after round, the order turned in every other round."""
    starts: dict[str, Start] = {OURS: edge, "nginx": nginx} | {name: RIVALS[name] for name in options.rival}
    results: Results = {}
    for workload in (WORKLOADS[name] for name in options.only or WORKLOADS):
        # A program that has no cache does the same work for a miss as for a hit.
        asked = {name: start for name, start in starts.items() if not (workload.unique and name in RIVALS)}
        systems = started(lab, asked, workload)
        series = results[workload.name] = {system.name: Series() for system in systems}
        for number in range(options.rounds + 1):
            for system in systems if number % 2 else reversed(systems):
                seconds = options.seconds if number else 1  # the first round warms up and is not kept
                measured, busy = one(system, workload, number, seconds, options)
                if number:
                    series[system.name].rounds.append(measured)
                    series[system.name].busy.append(busy)
                print(
                    f"{workload.name} {number}/{options.rounds} {system.name}: {measured.requests_per_s:,.0f}/s"
                    f" ({busy:.0%} of its core)",
                    file=sys.stderr,
                )
        for system in systems:
            system.process.end()
    return results


def started(lab: Lab, starts: dict[str, Start], workload: Workload) -> list[Running]:
    """The systems that can be had here."""
    systems = []
    for name, start in starts.items():
        try:
            system = start(lab, workload.function)
            prove(system, workload)
            systems.append(system)
        except Unavailable as reason:
            print(f"without {name}: {reason}", file=sys.stderr)
    return systems


def prove(system: Running, workload: Workload) -> None:
    """That it answers with the origin's bytes, and that the function has been in the path. Raises Unavailable."""
    connection = HTTPConnection("127.0.0.1", system.port, timeout=10)
    connection.request("GET", workload.path, headers={"Host": system.host} if system.host else {})
    answer = connection.getresponse()
    size = len(answer.read())
    asked = answer.headers.get("X-Asked")
    connection.close()
    if answer.status != 200 or size != BODY_BYTES or (workload.function and asked not in (None, "/docs/index.html")):
        raise Unavailable(f"{system.name} answered {answer.status} with {size} bytes, asking the origin for {asked}")


def one(
    system: Running, workload: Workload, number: int, seconds: float, options: argparse.Namespace
) -> tuple[Measured, float]:
    """One measurement, and the share of its core that the system used meanwhile."""
    unique = f"/round-{number}/" if workload.unique else None
    url = f"http://127.0.0.1:{system.port}{workload.path}"
    asked = Load(url, options.connections, seconds, unique=unique, host=system.host)
    cpu_before = system.process.cpu_s()
    measured = load.run(asked, generator=options.generator, core=cores()[1])
    return measured, (system.process.cpu_s() - cpu_before) / seconds


def report(results: Results, options: argparse.Namespace) -> dict[str, Any]:
    """Everything that was measured."""
    return {
        "date": date.today().isoformat(),
        "machine": f"{processor()}, {platform.system()} {platform.release()}, Python {platform.python_version()}",
        "connections": options.connections,
        "seconds": options.seconds,
        "generator": options.generator,
        "workloads": {
            workload: {
                name: {
                    **{measure: asdict(ratios.spread(series.of(measure))) for measure in MEASURES},
                    "p99_over_p50": asdict(ratios.ratio(series.of("p99_us"), series.of("p50_us"))),
                    "ratios": {measure: asdict(against(systems, name, measure)) for measure in RATIOS},
                    "core_busy": asdict(ratios.spread(series.busy)),
                    "void": series.void,
                }
                for name, series in systems.items()
            }
            for workload, systems in results.items()
        },
    }


def table(results: Results, options: argparse.Namespace) -> str:
    """The same for a person, as Markdown."""
    lines = [
        f"{date.today().isoformat()}, {processor()}, {options.connections} connections, {options.rounds} rounds of "
        f"{options.seconds:g} s, {options.generator}. Median (lowest-highest of the rounds).",
        "",
        "| workload | system | edge / it | per CPU second | requests/s | p50 µs | p99 µs | p99/p50 | core busy |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for workload, systems in results.items():
        for name, series in systems.items():
            cells = [workload, f"{name} {series.void}".strip()]
            cells += ["" if name == OURS else f"{against(systems, name, measure):.2f}" for measure in RATIOS]
            cells += [f"{ratios.spread(series.of('requests_per_s')):,.0f}"]
            cells += [f"{ratios.spread(series.of(measure)).median:,.0f}" for measure in ("p50_us", "p99_us")]
            cells += [f"{ratios.ratio(series.of('p99_us'), series.of('p50_us')).median:.1f}"]
            cells += [f"{ratios.spread(series.busy).median:.0%}"]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def against(systems: dict[str, Series], name: str, measure: str) -> ratios.Spread:
    """Ours over theirs."""
    return ratios.ratio(systems[OURS].of(measure), systems[name].of(measure))


def processor() -> str:
    """The name of this machine's processor."""
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return names[0].partition(": ")[2] if names else platform.machine()


def fast_folder() -> str | None:
    """Memory, where there is a folder in it: no disk is measured here."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    sys.exit(main())
