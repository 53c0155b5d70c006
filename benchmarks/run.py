"""Edge beside nginx, and beside other programs on request: `python benchmarks/run.py --help`.

Prints ratios first, because only they can be compared between machines.
"""

from __future__ import annotations

import argparse
import json
import platform
import ssl
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from email.message import Message
from http import HTTPStatus
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

from benchmarks import load, ratios
from benchmarks.load import GENERATORS, Load, Measured, NoGenerator
from benchmarks.processes import NotStarted, cores
from benchmarks.rivals import ON_REQUEST, RIVALS
from benchmarks.scenarios import SCENARIOS, USUAL, Function, Scenario
from benchmarks.systems import HIT, Lab, Running, Start, Unavailable, edge, edge_hit

OURS = "edge"
RATIOS = ("requests_per_s", "per_cpu_s")
MEASURES = (*RATIOS, "p50_us", "p99_us")
_DOCS = "/docs/index.html"


@dataclass
class Series:
    """What one system did in each round of one scenario. `busy` is the share of a core that it used."""

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
"""Scenario, system."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when nothing could be measured."""
    options = parse(arguments)
    with tempfile.TemporaryDirectory(prefix="edge-benchmark-", dir=fast_folder()) as folder:
        lab = Lab(Path(folder))
        try:
            lab.start_origin()
            results = measure(lab, options)
        except (NotStarted, NoGenerator, Unavailable) as problem:
            print(problem, file=sys.stderr)
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
    parser.add_argument("--only", choices=SCENARIOS, action="append", help="one scenario (may be repeated)")
    parser.add_argument("--all", action="store_true", help=f"every scenario; without it: {', '.join(USUAL)}")
    parser.add_argument("--rival", choices=ON_REQUEST, action="append", default=[], help="one more program")
    parser.add_argument("--without", choices=RIVALS, action="append", default=[], help="one program less")
    parser.add_argument(
        "--generator", choices=GENERATORS, default=load.default_generator(), help="default: %(default)s"
    )
    parser.add_argument("--json", dest="as_json", action="store_true", help="everything, for a program to read")
    return parser.parse_args(arguments)


def measure(lab: Lab, options: argparse.Namespace) -> Results:
    """All scenarios on all systems."""
    results: Results = {}
    for name in options.only or (SCENARIOS if options.all else USUAL):
        scenario = SCENARIOS[name]
        left_out = {*options.without, *(set(ON_REQUEST) - set(options.rival))}
        starts: dict[str, Start] = {OURS: edge}
        starts |= {rival: RIVALS[rival] for rival in scenario.beside if rival not in left_out}
        if not scenario.beside:
            starts["edge, plain hit"] = edge_hit
        results[name] = in_turn(lab, scenario, starts, options)
    return results


def in_turn(
    lab: Lab, scenario: Scenario, starts: Mapping[str, Start], options: argparse.Namespace
) -> dict[str, Series]:
    """One scenario on all systems that can be had here, round after round, the order turned in every other round."""
    systems = started(lab, starts, scenario)
    series = {name: Series() for name in systems}
    for number in range(options.rounds + 1):
        for name in systems if number % 2 else reversed(systems):
            seconds = options.seconds if number else 1  # the first round warms up and is not kept
            measured, busy = one(systems[name], name, scenario, number, seconds, options)
            if number:
                series[name].rounds.append(measured)
                series[name].busy.append(busy)
            print(
                f"{scenario.name} {number}/{options.rounds} {name}: {measured.requests_per_s:,.0f}/s"
                f" ({busy:.0%} of a core)",
                file=sys.stderr,
            )
    for system in systems.values():
        system.process.end()
    return series


def started(lab: Lab, starts: Mapping[str, Start], scenario: Scenario) -> dict[str, Running]:
    """The systems that can be had here, by the name that the report gives them."""
    systems = {}
    for name, start in starts.items():
        try:
            system = start(lab, scenario)
            prove(system, HIT if start is edge_hit else scenario)
        except (Unavailable, NotStarted) as reason:
            if name == OURS:
                raise
            print(f"without {name}: {reason}", file=sys.stderr)
        else:
            systems[name if name.startswith(OURS) or name not in RIVALS else system.name] = system
    return systems


def prove(system: Running, scenario: Scenario) -> None:
    """That it does the work: it answers with the origin's bytes, in the coding that is asked for, a function has been
    in the path, and edge says of the second answer what it ought to. Raises Unavailable."""
    _, first = ask(system, scenario, "a")
    size, headers = ask(system, scenario, "b" if scenario.unique else "a")
    told = f"{size} bytes, {dict(headers)}"
    asked = first["X-Asked"]
    if scenario.function in (Function.ONE, Function.TWO) and asked not in (None, _DOCS):
        raise Unavailable(f"{system.name} asked the origin for {asked}")
    if scenario.compressed != (headers["Content-Encoding"] == "gzip"):
        raise Unavailable(f"{system.name} does not compress as it is asked to: {told}")
    if not scenario.compressed and size != scenario.body_bytes:
        raise Unavailable(f"{system.name} does not give the origin's bytes: {told}")
    wanted = "Miss" if scenario.unique else "RefreshHit" if scenario.refreshed else "Hit"
    if system.name == OURS and headers["X-Cache"] != f"{wanted} from cloudfront":
        raise Unavailable(f"{system.name} is not at work on a {wanted}: {told}")


def ask(system: Running, scenario: Scenario, mark: str) -> tuple[int, Message]:
    """One request, outside of any measurement: the size of the body, and the headers. Raises Unavailable."""
    path = f"{scenario.path}{mark}" if scenario.unique or scenario.paths > 1 else scenario.path
    headers = dict(scenario.headers) | ({"Host": system.host} if system.host else {})
    connection: HTTPConnection
    if scenario.tls:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection = HTTPSConnection("127.0.0.1", system.port, timeout=10, context=trusting)
    else:
        connection = HTTPConnection("127.0.0.1", system.port, timeout=10)
    connection.request("GET", f"{path}?{system.query}" if system.query else path, headers=headers)
    answer = connection.getresponse()
    size = len(answer.read())
    connection.close()
    if answer.status != HTTPStatus.OK:
        raise Unavailable(f"{system.name} answered {answer.status}: {dict(answer.headers)}")
    return size, answer.headers


def one(
    system: Running, name: str, scenario: Scenario, number: int, seconds: float, options: argparse.Namespace
) -> tuple[Measured, float]:
    """One measurement, and the share of a core that the system used meanwhile."""
    scenario = HIT if name == "edge, plain hit" else scenario
    prefix = f"{scenario.path}round-{number}/" if scenario.unique else scenario.path
    query = f"?{system.query}" if system.query else ""
    scheme = "https" if scenario.tls else "http"
    asked = Load(
        f"{scheme}://127.0.0.1:{system.port}{scenario.path}{query}",
        scenario.connections or options.connections,
        seconds,
        unique=prefix if scenario.unique or scenario.paths > 1 else None,
        host=system.host,
        paths=scenario.paths if scenario.paths > 1 else 0,
        headers=scenario.headers,
        protocol=scenario.protocol,
    )
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
        "scenarios": {
            scenario: {
                name: {
                    **{measure: asdict(ratios.spread(series.of(measure))) for measure in MEASURES},
                    "p99_over_p50": asdict(ratios.ratio(series.of("p99_us"), series.of("p50_us"))),
                    "ratios": {measure: asdict(against(systems, name, measure)) for measure in RATIOS},
                    "core_busy": asdict(ratios.spread(series.busy)),
                    "void": series.void,
                }
                for name, series in systems.items()
            }
            for scenario, systems in results.items()
        },
    }


def table(results: Results, options: argparse.Namespace) -> str:
    """The same for a person, as Markdown."""
    lines = [
        f"{date.today().isoformat()}, {processor()}, {options.connections} connections, {options.rounds} rounds of "
        f"{options.seconds:g} s, {options.generator}. Median (lowest-highest of the rounds).",
        "",
        "| scenario | system | edge / it | per CPU second | requests/s | p50 µs | p99 µs | p99/p50 | cores busy |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for scenario, systems in results.items():
        for name, series in systems.items():
            cells = [scenario, f"{name} {series.void}".strip()]
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
