"""`edge bench`: latency, throughput and cost of functions, both tiers side by side."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.commands.options import RUNTIMES
from edge.model.function import EventType, JavaScriptRuntime
from edge.runtimes.engine import ENGINES
from edge.runtimes.lambda_edge.providers.choice import PROVIDERS
from edge.runtimes.lambda_edge.providers.provider import Unavailable

if TYPE_CHECKING:
    from edge.bench.results import Results
    from edge.bench.session import Options, Session
    from edge.bench.subjects import Settings, Subjects
    from edge.bench.workload import Mix

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_EXTRA = "edge bench needs the extra `bench`: pip install 'edge-on-a-laptop[bench]'"
_QUICK = {"rounds": 2, "seconds": 0.3, "target_ms": 0.0, "cold_starts": 2}
_USUAL = {"rounds": 5, "seconds": 2.0, "target_ms": 10.0, "cold_starts": 8}
"""What --quick changes, where nothing else is said."""


@click.command(
    "bench",
    help="Measure what functions add to a request, and work out what they cost.\n\nGIVEN is a CONFIG, or function "
    "files and folders: a CloudFront Function, a Lambda@Edge handler (FILE or FILE:handler), or both for the same "
    "logic. They are compared with the same distribution without functions, in interleaved rounds of open-loop load, "
    "and told which tier they belong in. Durations are measured here; what AWS would charge is modelled from them with "
    "list prices.",
    epilog="Example: edge bench functions/security-headers --html report.html",
)
@click.argument("given", nargs=-1, required=True, metavar="GIVEN...")
@click.option("--workload", type=_FILE, help="URL list, access log or HAR file (default: a synthetic Zipf mix).")
@click.option("--event", type=_FILE, help="Requests are like the one in this event (default: one beside the function).")
@click.option("--event-type", type=click.Choice([one.value for one in EventType]), help="Where the functions run.")
@click.option("--runtime", type=click.Choice(RUNTIMES), default=RUNTIMES[-1], show_default=True)
@click.option("--kvs", "stores", multiple=True, metavar="NAME=FILE", help="A key value store (AWS's import JSON).")
@click.option("--memory", "memory_mb", type=int, default=128, show_default=True, help="MB of a Lambda@Edge function.")
@click.option("--rounds", type=click.IntRange(1), help="[default: 5]")
@click.option("--seconds", type=click.FloatRange(0.05), help="Of each round.  [default: 2]")
@click.option("--rate", type=click.FloatRange(1), default=200.0, show_default=True, help="Requests a second.")
@click.option("--target-ms", type=click.FloatRange(0), help="Seek the highest rate with p99 within it.  [default: 10]")
@click.option("--cold-starts", type=click.IntRange(1), help="To be made of each Lambda@Edge function.  [default: 8]")
@click.option(
    "--quick", is_flag=True, help="A rough answer in seconds: 2 short rounds, no search for the highest rate."
)
@click.option(
    "--mix", "mixed", multiple=True, metavar="NAME=NUMBER", help="Of the synthetic mix: urls=500, rate=50, ..."
)
@click.option("--max-age", "max_age_s", type=click.IntRange(0), default=86_400, show_default=True, help="The origin's.")
@click.option("--cache-policy", metavar="NAME_OR_ID", help="An AWS-managed cache policy, for function files.")
@click.option("--month", "requests_per_month", type=click.IntRange(1), default=10_000_000, show_default=True)
@click.option("--regions", type=click.IntRange(1), default=1, show_default=True, help="Regions that share the traffic.")
@click.option("--bill-init", "bills_init", is_flag=True, help="Bill the INIT phase too, as Lambda does since 2025.")
@click.option("--realtime-logs", is_flag=True, help="Bill a real-time log of every request.")
@click.option("--power", is_flag=True, help="Measure memory sizes, where the isolation limits CPU (sandbox).")
@click.option("--prices", type=_FILE, help="A TOML file with prices of your own.")
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@click.option("--isolation", type=click.Choice(PROVIDERS), default=PROVIDERS[0], show_default=True)
@click.option(
    "--concurrency", type=click.IntRange(1), default=10, show_default=True, help="Environments at once, here."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of arrivals, of the mix, and of intervals.")
@click.option("--local", "local_file", type=_FILE, metavar="FILE", help="What is only local (default: edge.toml).")
@click.option("--distribution", metavar="NAME", help="Which distribution, if CONFIG holds several.")
@click.option(
    "--html", "page", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="A report to send."
)
@click.option("--json", "as_json", is_flag=True, help="The results as JSON.")
def command(page: Path | None, as_json: bool, quick: bool, **given: Any) -> None:
    """One bench."""
    if page is not None and not page.absolute().parent.is_dir():
        raise click.UsageError(f"--html {page}: there is no folder {page.parent}; make it first")
    try:
        from edge.bench.function_files import FunctionFileError
        from edge.bench.prices import PricesError
        from edge.bench.sample_event import SampleEventError
        from edge.bench.workload_files import WorkloadError
        from edge.configuration import ConfigurationError

        results = _run({**given, **_defaults(given, quick)})
    except ModuleNotFoundError as error:
        if error.name not in ("hdrh", "rich"):
            raise
        raise click.ClickException(_EXTRA) from None
    except (FunctionFileError, PricesError, SampleEventError, WorkloadError, ConfigurationError, Unavailable) as error:
        raise click.ClickException(str(error)) from None
    _report(results, page, as_json=as_json)


def _defaults(given: dict[str, Any], quick: bool) -> dict[str, Any]:
    usual = _QUICK if quick else _USUAL
    return {name: value if given[name] is None else given[name] for name, value in usual.items()}


def _report(results: Results, page: Path | None, *, as_json: bool) -> None:
    if page is not None:
        from edge.bench.report_page import page as page_of

        page.write_text(page_of(results), "utf-8")
        click.echo(f"report: {page}", err=True)
    if as_json:
        from edge.bench.report_json import as_json as json_of

        click.echo(json.dumps(json_of(results), indent=2))
        return
    from rich.console import Console

    from edge.bench.report_table import show

    console = Console()
    if not console.is_terminal:
        console.width = 240  # tables are not cut for a file or a pipe
    show(results, console)


def _run(given: dict[str, Any]) -> Results:
    """The bench, with its progress on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:

        def tell(what: str) -> None:
            progress.update(task, description=what, advance=1)
            if not console.is_terminal:
                click.echo(what, err=True)

        session = _session(given, tell)
        task = progress.add_task("", total=session.steps)
        return asyncio.run(session.run())


def _session(given: dict[str, Any], tell: Callable[[str], None]) -> Session:
    from edge.bench import workload, workload_files
    from edge.bench.session import Session

    found, mix = _subjects(given), _mix(given)
    if given["workload"] is None:
        asked = workload.synthetic(mix, found.template)
    else:
        asked = workload_files.read(given["workload"], mix, found.template)
    return Session(found, asked, _options(given), tell)


def _subjects(given: dict[str, Any]) -> Subjects:
    from edge import configuration
    from edge.bench import subjects

    names: tuple[str, ...] = given["given"]
    if len(names) == 1 and subjects.is_config(names[0]):
        path = Path(names[0])
        loaded = configuration.load(path, local_file=given["local_file"], distribution=given["distribution"])
        return subjects.of_config(loaded, _settings(given))
    return subjects.of_files(names, _settings(given))


def _settings(given: dict[str, Any]) -> Settings:
    from edge.bench.subjects import Settings
    from edge.configuration.key_value_stores import read_file

    pairs = [text.partition("=") for text in given["stores"]]
    if any(not name or not file for name, _, file in pairs):
        raise click.UsageError("--kvs: write NAME=FILE")
    return Settings(
        runtime=JavaScriptRuntime(given["runtime"]),
        stores={name: read_file(Path(file)) for name, _, file in pairs},
        memory_mb=given["memory_mb"],
        event_type=None if given["event_type"] is None else EventType(given["event_type"]),
        event=given["event"],
        cache_policy=given["cache_policy"],
        local_file=given["local_file"],
    )


def _mix(given: dict[str, Any]) -> Mix:
    """The synthetic mix, with what --mix says. Raises UsageError."""
    from edge.bench.workload import Mix

    usual = Mix(seed=given["seed"])
    names = [name for name in Mix.__dataclass_fields__ if name != "seed"]
    changed: dict[str, Any] = {}
    for text in given["mixed"]:
        name, _, number = text.partition("=")
        if name not in names:
            raise click.UsageError(f"--mix {text}: there are {', '.join(names)}")
        try:
            changed[name] = type(getattr(usual, name))(number)
        except ValueError:
            raise click.UsageError(f"--mix {text}: {number!r} is not a number of this kind") from None
    try:
        return Mix(**{"seed": given["seed"], **changed})
    except ValueError as error:
        raise click.UsageError(f"--mix: {error}") from None


def _options(given: dict[str, Any]) -> Options:
    from edge.bench import prices
    from edge.bench.measure import Plan
    from edge.bench.session import Options

    names = ("engine", "concurrency", "cold_starts", "target_ms", "max_age_s", "requests_per_month", "regions")
    same = {name: given[name] for name in (*names, "realtime_logs", "bills_init", "power")}
    plan = Plan(given["rounds"], given["seconds"], given["rate"], seed=given["seed"])
    return Options(plan, prices.load(given["prices"]), provider=given["isolation"], **same)
