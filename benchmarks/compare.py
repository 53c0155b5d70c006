"""Two revisions, or two systems, beside each other: `python benchmarks/compare.py --help`.

Both do the same work in the same run, round after round, the order turned; the ratio is taken within each round.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import load, ratios, run
from benchmarks.load import GENERATORS, NoGenerator
from benchmarks.processes import ROOT, NotStarted, cores
from benchmarks.rivals import RIVALS
from benchmarks.scenarios import SCENARIOS
from benchmarks.systems import Lab, Start, Unavailable, edge_in

HERE = "."
INSIDE = "inside"


class NoRevision(Exception):  # noqa: N818 -- it is what was asked for, not an error of ours
    """A name that is neither a system nor a revision."""


def checkout(revision: str, folder: Path) -> Path:
    """The files of a revision; the working tree itself for ".". Raises NoRevision."""
    if revision == HERE:
        return ROOT
    archive = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode != 0:
        known = ", ".join(("edge", *RIVALS))
        raise NoRevision(f"{revision}: no revision of this repository, and none of {known}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        # Python before 3.11.4 knows no filters, and this archive is our own.
        files.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        files.extractall(folder)
    _build_guest(folder)
    return folder


def _build_guest(folder: Path) -> None:
    """What runs functions is built, not in git. The same inputs are built once on a machine."""
    if not (folder / "edge/runtimes/quickjs/build.py").exists():
        return
    command = [sys.executable, "-m", "edge.runtimes.quickjs.build"]
    variables = {**os.environ, "PYTHONPATH": str(folder)}
    built = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if built.returncode != 0:
        print(f"without CloudFront Functions in {folder.name}: {built.stderr.strip()[-500:]}", file=sys.stderr)


def start_of(name: str, folder: Path) -> Start:
    """What a name stands for: a system, or `edge serve` of a revision. Raises NoRevision."""
    return RIVALS[name] if name in RIVALS else edge_in(checkout(HERE if name == "edge" else name, folder))


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare and print; 1 when it cannot be done."""
    options = parse(arguments)
    with tempfile.TemporaryDirectory(prefix="edge-compare-", dir=run.fast_folder()) as folder:
        lab = Lab(Path(folder))
        try:
            if options.scenario == INSIDE:
                print(_inside(Path(folder), options))
            else:
                print(_sockets(lab, options))
        except (NotStarted, NoGenerator, Unavailable, NoRevision) as problem:
            print(problem, file=sys.stderr)
            return 1
        finally:
            lab.close()
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks/compare.py",
        description="Two revisions, or two systems, at the same work in the same run: ratios with their spread.",
        epilog="Example: python benchmarks/compare.py main . --scenario hit",
    )
    told = f"a git revision, {HERE} for the working tree, or one of {', '.join(RIVALS)}"
    parser.add_argument("one", help=told)
    parser.add_argument("other", help="the same")
    scenarios = (*SCENARIOS, INSIDE)
    parser.add_argument(
        "--scenario",
        choices=scenarios,
        default="hit",
        help=f"{INSIDE}: hits without sockets; default: %(default)s",
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=3, help="how long each time; default: %(default)s")
    parser.add_argument("--connections", type=int, default=16, help="default: %(default)s")
    parser.add_argument(
        "--generator", choices=GENERATORS, default=load.default_generator(), help="default: %(default)s"
    )
    return parser.parse_args(arguments)


def _sockets(lab: Lab, options: argparse.Namespace) -> str:
    starts = {
        f"{position}: {name}": start_of(name, lab.folder / position)
        for position, name in (("one", options.one), ("other", options.other))
    }
    lab.start_origin()
    series = run.in_turn(lab, SCENARIOS[options.scenario], starts, options)
    if len(series) < len(starts):
        raise Unavailable("there is nothing to compare")
    (one_name, one), (other_name, other) = series.items()
    lines = [
        f"{options.scenario}: {other_name} / {one_name}, {options.rounds} rounds of {options.seconds:g} s. "
        "Median (lowest-highest).",
        "",
        "| measure | ratio | one | other |",
        "|---|---|---|---|",
    ]
    for measure in run.MEASURES:
        ratio = ratios.ratio(other.of(measure), one.of(measure))
        values = (ratios.spread(each.of(measure)) for each in (one, other))
        lines.append(f"| {measure} | {ratio:.2f} | {' | '.join(f'{value:,.0f}' for value in values)} |")
    void = [f"{name}: {each.void}" for name, each in series.items() if each.void]
    return "\n".join((*lines, *void))


def _inside(folder: Path, options: argparse.Namespace) -> str:
    """Microseconds of a hit without sockets, each round in a new process, measured by this checkout's programs."""
    checkouts = [checkout(name, folder / position) for position, name in (("1", options.one), ("2", options.other))]
    found: list[dict[str, list[float]]] = [{}, {}]
    for number in range(options.rounds):
        for index in (0, 1) if number % 2 else (1, 0):
            for what, took_us in _hit_us(checkouts[index]).items():
                found[index].setdefault(what, []).append(took_us)
            print(f"{number + 1}/{options.rounds} {(options.one, options.other)[index]}", file=sys.stderr)
    lines = [
        f"{options.other} / {options.one}, µs of CPU time, {options.rounds} rounds. Median (lowest-highest).",
        "",
        f"| a hit | ratio | {options.one} | {options.other} |",
        "|---|---|---|---|",
    ]
    for what, one in found[0].items():
        other = found[1][what]
        spreads = (ratios.ratio(other, one), ratios.spread(one), ratios.spread(other))
        lines.append(f"| {what} | {' | '.join(f'{each:.2f}' for each in spreads)} |")
    return "\n".join(lines)


def _hit_us(root: Path) -> dict[str, float]:
    inside: float = _measured(root, "exchange.py", "--sizes", "1000", "--rounds", "3")[0]["hit_us"]
    return {"inside exchange()": inside, **_measured(root, "connection.py", "--rounds", "3")}


def _measured(root: Path, program: str, *options: str) -> Any:
    """What a program of this checkout says of the edge in another."""
    command = ["taskset", "-c", str(cores()[0]), sys.executable, str(ROOT / "benchmarks" / program), "--json", *options]
    variables = {**os.environ, "PYTHONPATH": str(root)}
    said = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        raise NotStarted(f"{' '.join(command)}\n{said.stderr[-2000:]}")
    return json.loads(said.stdout)


if __name__ == "__main__":
    sys.exit(main())
