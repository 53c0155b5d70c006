"""`edge bench`: latency and cost of edge code, both tiers side by side."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.commands.options import RUNTIMES
from edge.model.function import EventType, JavaScriptRuntime
from edge.runtimes.engine import ENGINES
from edge.runtimes.lambda_edge.providers.provider import Unavailable

if TYPE_CHECKING:
    from edge.bench.results import Results, Verdict
    from edge.bench.session import Session

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_EXTRA = "edge bench needs the extra `bench`: pip install 'edge-on-a-laptop[bench]'"


@click.command(
    "bench",
    help="Measure what functions add to a request, and work out what they cost.\n\nGIVEN is a CONFIG, or function "
    "files and folders: a CloudFront Function, a Lambda@Edge handler, or both for the same logic. They are compared "
    "with the same distribution without functions, in interleaved rounds at a fixed rate, and told which tier they "
    "belong in. Durations are measured here; what AWS would charge is modelled from them with list prices.",
    epilog="Example: edge bench functions/security-headers --rounds 5 --json",
)
@click.argument("given", nargs=-1, required=True, metavar="GIVEN...")
@click.option("--workload", type=_FILE, help="URL list, access log or HAR file (default: a synthetic Zipf mix).")
@click.option("--event", type=_FILE, help="Requests are like the one in this event.")
@click.option("--event-type", type=click.Choice([one.value for one in EventType]), help="Where the functions run.")
@click.option("--runtime", type=click.Choice(RUNTIMES), default=RUNTIMES[-1], show_default=True)
@click.option("--memory", "memory_mb", type=int, default=128, show_default=True, help="MB of a Lambda@Edge function.")
@click.option("--rounds", type=click.IntRange(2), default=5, show_default=True)
@click.option("--seconds", type=click.FloatRange(0.1), default=2.0, show_default=True, help="Of each round.")
@click.option("--rate", type=click.FloatRange(1), default=200.0, show_default=True, help="Requests a second.")
@click.option(
    "--month", "requests_per_month", type=int, default=10_000_000, show_default=True, help="Requests a month."
)
@click.option("--prices", type=_FILE, help="A TOML file with prices of your own.")
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@click.option("--isolation", default="process", show_default=True, help="What isolates Lambda@Edge functions.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON.")
def command(given: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """One bench."""
    try:
        from edge.bench.function_files import FunctionFileError
        from edge.bench.prices import PricesError
        from edge.bench.workload_files import WorkloadError
        from edge.configuration import ConfigurationError
    except ImportError:
        raise click.ClickException(_EXTRA) from None
    try:
        results = asyncio.run(_session(given, **options).run())
    except (FunctionFileError, PricesError, WorkloadError, ConfigurationError, Unavailable) as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(_as_json(results), indent=2))
    else:
        _show(results)


def _session(given: tuple[str, ...], **asked: Any) -> Session:
    from edge import configuration
    from edge.bench import prices, subjects, workload, workload_files
    from edge.bench.measure import Plan
    from edge.bench.session import Options, Session

    settings = subjects.Settings(
        runtime=JavaScriptRuntime(asked["runtime"]),
        memory_mb=asked["memory_mb"],
        event_type=None if asked["event_type"] is None else EventType(asked["event_type"]),
        event=asked["event"],
    )
    if len(given) == 1 and subjects.is_config(given[0]):
        loaded = configuration.load(Path(given[0]), local_file=None, distribution=None, parameters={}, origins={})
        found = subjects.of_config(loaded, settings)
    else:
        found = subjects.of_files(given, settings)
    mix = workload.Mix()
    asked_for = (
        workload.synthetic(mix, found.template)
        if asked["workload"] is None
        else workload_files.read(asked["workload"], mix, found.template)
    )
    options = Options(
        Plan(asked["rounds"], asked["seconds"], asked["rate"]),
        prices.load(asked["prices"]),
        engine=asked["engine"],
        provider=asked["isolation"],
        target_ms=0,
        requests_per_month=asked["requests_per_month"],
    )
    return Session(found, asked_for, options, lambda what: click.echo(what, err=True))


def _as_json(results: Results) -> dict[str, Any]:
    """Times in milliseconds, prices in US dollars. `measured` is from this machine, `modelled` what AWS would charge;
    `added_ms` is over the baseline, with the bounds of its confidence interval, and empty for the baseline itself."""
    from edge.bench.latency import PERCENTILES

    return {
        "subjects": list(results.subjects),
        "workload": results.workload.told,
        "measured": [
            {
                "name": each.name,
                "requests": each.requests,
                "errors": each.errors,
                "latency_ms": {
                    f"p{percent:g}": round(interval.value * 1_000, 4)
                    for percent, interval in zip(PERCENTILES, each.percentiles_s, strict=True)
                },
                "added_ms": {
                    f"p{percent:g}": [
                        round(value * 1_000, 4) for value in (interval.value, interval.low, interval.high)
                    ]
                    for percent, interval in zip(PERCENTILES, each.added_s, strict=False)
                },
                "cache_hit_ratio": round(results.cache[each.name].hit_ratio, 4),
            }
            for each in results.measured
        ],
        "modelled": {
            name: {
                "usd_per_million": cost.per_million,
                "usd_per_month": cost.monthly.usd,
                "delivery_usd_per_month": cost.delivery.usd,
                "requests_per_month": results.requests_per_month,
            }
            for name, cost in results.costs.items()
        },
        "recommendations": [_recommendation(verdict) for verdict in results.verdicts],
        "notes": list(results.notes),
    }


def _recommendation(verdict: Verdict) -> dict[str, Any]:
    return {
        "function": verdict.name,
        "event_type": verdict.event_type.value,
        "tier": verdict.recommendation.tier.value,
        "headline": verdict.headline,
        "reasons": [reason.sentence for reason in verdict.recommendation.reasons],
    }


def _show(results: Results) -> None:
    """For a person."""
    from edge.bench.latency import PERCENTILES

    for told in (*results.subjects, results.workload.told):
        click.echo(told)
    names = "".join(f"{f'p{percent:g}':>10}" for percent in PERCENTILES)
    click.echo(f"\n{'measured here, ms':<24}{names}{'hit ratio':>12}")
    for each in results.measured:
        values = "".join(f"{interval.value * 1_000:>10.3f}" for interval in each.percentiles_s)
        click.echo(f"{each.name:<24}{values}{results.cache[each.name].hit_ratio:>12.2f}")
    click.echo(f"\n{'modelled, US dollars':<24}{'a million':>12}{'a month':>12}")
    for name, cost in results.costs.items():
        click.echo(f"{name:<24}{cost.per_million:>12.3f}{cost.monthly.usd:>12.2f}")
    for verdict in results.verdicts:
        click.echo(f"\n{click.style(verdict.headline, bold=True)}")
        for reason in verdict.recommendation.reasons:
            click.echo(f"  - {reason.sentence}")
    for note in results.notes:
        click.echo(click.style(f"note: {note}", dim=True))
