"""The results on a terminal: what was measured in one table, what is modelled in others."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from edge.bench.confidence import Interval, mean
from edge.bench.latency import PERCENTILES, Latencies
from edge.bench.power import Sweep
from edge.bench.recommendation import Reason, Tier
from edge.bench.results import Results
from edge.bench.stage import Stage
from edge.model.quotas import KIB, MIB


def show(results: Results, console: Console) -> None:
    """Print the report."""
    for told in (*results.subjects, results.workload.told):
        console.print(told, style="dim", highlight=False)
    for part in _parts(results):
        console.print()
        console.print(part, highlight=False)
    if results.notes:
        console.print()
    for note in results.notes:
        console.print(f"note: {note}", style="dim", highlight=False)


def _parts(results: Results) -> Iterator[RenderableType]:
    yield _measured(results)
    if any(each.stages for each in results.measured):
        yield _stages(results)
    if results.cold_measured:
        yield _cold(results)
    yield _cache(results)
    if results.cold_modelled:
        yield _cold_modelled(results)
    yield _costs(results)
    yield _bills(results)
    for sweep in results.sweeps:
        yield _power(sweep)
    yield from _verdicts(results)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _measured(results: Results) -> Table:
    names = [f"p{percent:g}" for percent in PERCENTILES]
    columns = [*names, "max", *(f"+{name}" for name in names[::2]), "errors"]
    if results.throughput:
        target_ms = next(iter(results.throughput.values())).target_s * 1_000
        columns.append(f"rate, p99 ≤ {target_ms:g} ms")
    plan = results.plan
    title = f"measured here, ms: {plan.rounds} rounds of {plan.seconds:g} s at {plan.rate:g} requests a second"
    table = _table(title, *columns)
    for each in results.measured:
        row = [f"{interval.value * 1_000:.3f}" for interval in each.percentiles_s]
        row.append(f"{each.latencies.max_s * 1_000:.1f}")
        row += [added(interval) for interval in each.added_s[::2]] or ["", ""]
        row += [str(each.errors)]
        if results.throughput:
            row.append(f"{results.throughput[each.name].rate:,.0f}/s")
        table.add_row(each.name, *row)
    return table


def added(interval: Interval) -> str:
    """A difference with its bounds, in milliseconds; "none seen" where they hold zero."""
    return bounds(interval) if interval.excludes_zero else "none seen"


def _stages(results: Results) -> Table:
    names = [f"p{percent:g}" for percent in PERCENTILES]
    columns = ("p50 (95 % of it)", *names[1:], "max", "runs", "cold", "failed", "throttled", "used")
    at_once = results.environments_reached
    concurrency = f"; {at_once} execution environments at once, {results.throttled} throttled" if at_once else ""
    table = _table(f"measured here: each function alone, ms{concurrency}", *columns)
    for stage in (stage for each in results.measured for stage in each.stages):
        counts = (stage.runs, stage.cold, stage.failed, stage.throttled)
        row = [bounds(stage.percentiles_s[0]), *distribution(stage.latencies)[1:]]
        row += [*(f"{count:,}" for count in counts), used(stage)]
        table.add_row(f"{stage.function.name}, {stage.tier}, {stage.event_type}", *row)
    return table


def used(stage: Stage) -> str:
    """What a function took of its means, in words."""
    if stage.tier is Tier.LAMBDA_EDGE:
        return f"{stage.memory_bytes / MIB:.0f} MB, {mean(stage.warm_ms):.3f} ms warm"
    budget = f"{stage.utilization_mean:.0f} % of the compute budget, p99 {stage.utilization_p99:.0f} %"
    memory = f", {stage.memory_bytes / KIB:.0f} KB" if stage.memory_bytes else ""
    reads = f", {stage.kvs_reads:g} store reads a run" if stage.kvs_reads else ""
    return f"{budget}{memory}{reads}"


def distribution(latencies: Latencies) -> list[str]:
    """Every percentile and the longest, in milliseconds."""
    return [*(f"{latencies.percentile_s(each) * 1_000:.3f}" for each in PERCENTILES), f"{latencies.max_s * 1_000:.1f}"]


def bounds(interval: Interval) -> str:
    """A number of seconds with its bounds, in milliseconds."""
    value, low, high = (each * 1_000 for each in (interval.value, interval.low, interval.high))
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def _cold(results: Results) -> Table:
    columns = (*(f"p{percent:g}" for percent in PERCENTILES), "max", "INIT (95 % of it)", "made")
    table = _table("measured here: cold starts, ms", *columns)
    for each in results.cold_measured:
        init = each.init_ms
        row = [*distribution(each.latencies), f"{init.value:.0f} ({init.low:.0f} to {init.high:.0f})"]
        table.add_row(each.function, *row, str(each.latencies.count))
    return table


def _cache(results: Results) -> Table:
    title = "simulated: the cache, counted over the workload at its own times"
    table = _table(title, "hit ratio", "requests", "origin requests", "objects", "bytes out, mean")
    for name, effect in results.cache.items():
        counts = (effect.requests, effect.origin_requests, effect.keys, round(effect.mean_bytes_out))
        table.add_row(name, f"{effect.hit_ratio:.3f}", *(f"{count:,}" for count in counts))
    return table


def _cold_modelled(results: Results) -> Table:
    regions = "one Region" if results.regions == 1 else f"{results.regions} Regions"
    table = _table(
        f"modelled for AWS: cold starts of the workload in {regions}", "cold", "of runs", "at once", "throttled"
    )
    for each in results.cold_modelled:
        starts = each.starts
        row = (f"{starts.cold_share:.2%}", f"{starts.runs:,}", str(starts.environments_peak), str(starts.throttled))
        table.add_row(f"{each.function}, {each.event_type}", *row)
    return table


def _costs(results: Results) -> Table:
    month = f"a month of {results.requests_per_month:,}"
    columns = ("a million", "at least", month, "and delivery", "durations")
    table = _table("modelled, US dollars: list prices a million, after the free tier a month", *columns)
    for name, cost in results.costs.items():
        durations = "" if cost.duration_basis is None else cost.duration_basis.value
        low = f"{cost.per_million_low:.3f}" if cost.uses else ""
        usd = (f"{cost.per_million:.3f}", low, f"{cost.monthly.usd:,.2f}", f"{cost.delivery.usd:,.2f}", durations)
        table.add_row(name, *usd)
    return table


def _bills(results: Results) -> Table:
    title = f"modelled: every line of the bill of a month of {results.requests_per_month:,} requests"
    table = _table(title, "price", "quantity", "US dollars")
    for name, cost in results.costs.items():
        for line in (*cost.monthly.lines, *cost.delivery.lines):
            quantity = f"{line.quantity:,.1f} {line.unit}"
            table.add_row(f"{name}: {line.item}", line.price.replace("_", " "), quantity, f"{line.usd:,.2f}")
    return table


def _power(sweep: Sweep) -> Table:
    columns = (f"duration, {sweep.basis}", "US dollars a million, modelled", "strategy")
    table = _table(f"power tuning of {sweep.function}", *columns)
    chosen = (("cost", sweep.cheapest), ("speed", sweep.fastest), ("balanced", sweep.balanced))
    for point in sweep.points:
        strategies = ", ".join(name for name, one in chosen if one == point)
        usd = f"{point.usd_per_million:.3f}"
        table.add_row(f"{point.memory_mb:,} MB", f"{point.duration_ms:.2f} ms", usd, strategies)
    return table


def _verdicts(results: Results) -> Iterator[RenderableType]:
    for verdict in results.verdicts:
        yield Group(Text(verdict.headline, style="bold"), *(_reason(each) for each in verdict.recommendation.reasons))


def _reason(reason: Reason) -> RenderableType:
    """With a mark: it decides (!), it is work (~), or neither."""
    mark = "!" if reason.decides else "~" if reason.work else "-"
    text = f"{mark} {reason.sentence}  [{reason.source}]"
    return Padding(Text(text, style="" if reason.decides else "dim"), (0, 2))
