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
    yield _costs(results)
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
    columns = [*names, "max", *(f"+{name}" for name in names[::2]), "errors", "hits"]
    if results.throughput:
        target_ms = next(iter(results.throughput.values())).target_s * 1_000
        columns.append(f"rate, p99 ≤ {target_ms:g} ms")
    plan = results.plan
    title = f"measured here, ms: {plan.rounds} rounds of {plan.seconds:g} s at {plan.rate:g} requests a second"
    table = _table(title, *columns)
    for each in results.measured:
        row = [f"{interval.value * 1_000:.3f}" for interval in each.percentiles_s]
        row.append(f"{each.latencies.max_s * 1_000:.1f}")
        row += [_added(interval) for interval in each.added_s[::2]] or ["", ""]
        row += [str(each.errors), f"{results.cache[each.name].hit_ratio:.2f}"]
        if results.throughput:
            row.append(f"{results.throughput[each.name].rate:,.0f}/s")
        table.add_row(each.name, *row)
    return table


def _added(interval: Interval) -> str:
    """A difference with its bounds; "none seen" where they hold zero."""
    if not interval.excludes_zero:
        return "none seen"
    value, low, high = (each * 1_000 for each in (interval.value, interval.low, interval.high))
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def _stages(results: Results) -> Table:
    table = _table(
        "measured here: each function alone, ms", "p50", "p99", "runs", "cold", "failed", "throttled", "used"
    )
    for each in results.measured:
        for stage in each.stages:
            used = f"{stage.utilization_mean:.0f} % of the budget, p99 {stage.utilization_p99:.0f} %"
            if stage.tier is Tier.LAMBDA_EDGE:
                used = f"{stage.memory_bytes / 1024**2:.0f} MB, {mean(stage.warm_ms):.3f} ms warm"
            counts = (stage.runs, stage.cold, stage.failed, stage.throttled)
            name = f"{stage.function.name}, {stage.tier}, {stage.event_type}"
            table.add_row(name, *_ends(stage.latencies), *(f"{count:,}" for count in counts), used)
    return table


def _ends(latencies: Latencies) -> tuple[str, str]:
    return f"{latencies.percentile_s(50) * 1_000:.3f}", f"{latencies.percentile_s(99) * 1_000:.3f}"


def _cold(results: Results) -> Table:
    regions = f" in {results.regions} Regions" if results.regions > 1 else ""
    table = _table("cold starts", "measured here, p50", "INIT", "modelled for AWS" + regions, "at once", "throttled")
    for here, there in zip(results.cold_measured, results.cold_modelled, strict=True):
        starts = there.starts
        table.add_row(
            f"{here.function}, {there.event_type}",
            f"{here.latencies.percentile_s(50) * 1_000:.0f} ms",
            f"{here.init_ms.value:.0f} ms",
            f"{starts.cold_share:.2%} of {starts.runs:,} runs",
            str(starts.environments_peak),
            str(starts.throttled),
        )
    return table


def _costs(results: Results) -> Table:
    month = f"a month of {results.requests_per_month:,}"
    columns = ("a million", "at least", month, "and delivery", "durations")
    table = _table("modelled, US dollars: list prices a million, after the free tier a month", *columns)
    for name, cost in results.costs.items():
        durations = cost.duration_basis.value if cost.uses else ""
        low = f"{cost.per_million_low:.3f}" if cost.uses else ""
        usd = (f"{cost.per_million:.3f}", low, f"{cost.monthly.usd:,.2f}", f"{cost.delivery.usd:,.2f}", durations)
        table.add_row(name, *usd)
    return table


def _power(sweep: Sweep) -> Table:
    table = _table(f"power tuning of {sweep.function}: {sweep.basis}", "duration", "US dollars a million", "strategy")
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
