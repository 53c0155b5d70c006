"""The results as one HTML page that a person can send to a colleague: plots inside, nothing loaded, no script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from edge.bench import cost
from edge.bench.edge_under_test import tier_of
from edge.bench.latency import PERCENTILES, Latencies
from edge.bench.plots import Axis, Series, chart
from edge.bench.power import Sweep
from edge.bench.recommendation import Tier
from edge.bench.report_table import added, bounds, distribution, used
from edge.bench.results import Results, Verdict

_STYLE = Path(__file__).with_name("page.css")
_BASELINE, _FUNCTIONS, _LAMBDA = 1, 2, 3
_TRAFFIC = [10.0 ** (power / 4) for power in range(20, 37)]
_SHARE = Axis("share of requests", lambda value: f"{value:.0%}")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

Row = Sequence[str]


def page(results: Results) -> str:
    """The whole page."""
    parts = "\n".join(part for part in _parts(results) if part)
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n<title>edge bench</title>\n'
        f"<style>\n{_STYLE.read_text('utf-8')}</style>\n{parts}\n</html>\n"
    )


def _parts(results: Results) -> Iterator[str]:
    yield "<h1>Which tier should this logic run in?</h1>"
    told = "<br>".join(escape(one) for one in (*results.subjects, results.workload.told))
    yield f'<p class="told">{told}</p>'
    yield from (_verdict(verdict) for verdict in results.verdicts)
    yield "<h2>Latency</h2>"
    yield _basis(f"Measured here: {_where(results)}.")
    yield _latency_table(results)
    yield _stage_table(results)
    yield _cold_table(results)
    yield f'<div class="charts">{_latency_chart(results)}{_cold_chart(results)}</div>'
    yield _cache(results)
    yield from _cold_modelled(results)
    yield "<h2>Cost</h2>"
    yield _basis("Modelled: AWS's list prices; a month is after the free tier. The prices are at the end of the page.")
    yield _cost_table(results)
    yield _bills(results)
    yield f'<div class="charts">{_cost_chart(results)}</div>'
    yield from (part for sweep in results.sweeps for part in _power(sweep))
    yield from _footer(results)


def _verdict(verdict: Verdict) -> str:
    def item(decides: bool, work: bool, sentence: str, source: str) -> str:
        kind = ' class="decides"' if decides else ' class="work"' if work else ""
        return f"<li{kind}>{escape(sentence)} <small>{escape(source)}</small></li>"

    reasons = verdict.recommendation.reasons
    items = "".join(item(each.decides, each.work, each.sentence, each.source) for each in reasons)
    return f'<section class="verdict"><strong>{escape(verdict.headline)}</strong><ul>{items}</ul></section>'


def _where(results: Results) -> str:
    plan, machine = results.plan, results.machine
    load = f"{plan.rounds} rounds of {plan.seconds:g} s at {plan.rate:g} requests a second, open loop"
    return f"{load}; {machine.processor}, {machine.cores} cores, {machine.system}, {machine.date}"


def _latency_table(results: Results) -> str:
    names = [f"p{percent:g}" for percent in PERCENTILES]
    head = ["ms", *names, "max", *(f"{name} added" for name in names), "errors"]
    if results.throughput:
        target_ms = next(iter(results.throughput.values())).target_s * 1_000
        head.append(f"highest rate, p99 within {target_ms:g} ms")
    rows = []
    for each in results.measured:
        more = [added(one) for one in each.added_s] or [""] * len(names)
        row = [each.name, *(f"{one.value * 1_000:.3f}" for one in each.percentiles_s)]
        row += [f"{each.latencies.max_s * 1_000:.1f}", *more, str(each.errors)]
        if results.throughput:
            row.append(f"{results.throughput[each.name].rate:,.0f} a second")
        rows.append(row)
    return _table(head, rows)


def _stage_table(results: Results) -> str:
    names = [f"p{percent:g}" for percent in PERCENTILES]
    head = ["each function alone, ms", "p50 (95 % of it)", *names[1:], "max"]
    head += ["runs", "cold", "failed", "throttled", "of its means"]
    rows = []
    for stage in (stage for each in results.measured for stage in each.stages):
        counts = (f"{count:,}" for count in (stage.runs, stage.cold, stage.failed, stage.throttled))
        name = f"{stage.function.name}, {stage.tier}, {stage.event_type}"
        ends = [bounds(stage.percentiles_s[0]), *distribution(stage.latencies)[1:]]
        rows.append([name, *ends, *counts, used(stage)])
    return _table(head, rows) if rows else ""


def _cold_table(results: Results) -> str:
    if not results.cold_measured:
        return ""
    head = ["cold starts, ms", *(f"p{percent:g}" for percent in PERCENTILES), "max", "INIT (95 % of it)", "made"]
    rows = [
        [
            each.function,
            *distribution(each.latencies),
            f"{each.init_ms.value:.0f} ({each.init_ms.low:.0f} to {each.init_ms.high:.0f})",
            str(each.latencies.count),
        ]
        for each in results.cold_measured
    ]
    at_once = f"{results.environments_reached} execution environments at once, {results.throttled} events throttled"
    return _table(head, rows) + _basis(f"Measured here: {at_once}.")


def _cache(results: Results) -> str:
    head = ["the cache", "hit ratio", "requests", "origin requests", "objects", "bytes out, mean"]
    rows = [
        [name, f"{effect.hit_ratio:.3f}"]
        + [f"{count:,}" for count in (effect.requests, effect.origin_requests, effect.keys)]
        + [f"{effect.mean_bytes_out:,.0f}"]
        for name, effect in results.cache.items()
    ]
    told = (
        "Simulated: the workload at its own times through the real edge in virtual time; functions run, AWS does not."
    )
    return f"<h2>Cache</h2>{_basis(told)}{_table(head, rows)}"


def _latency_chart(results: Results) -> str:
    series = [Series(each.name, _ms_curve(each.latencies), _color(results, each.name)) for each in results.measured]
    return chart("Whole requests: how many take no longer (measured)", _ms_axis(), _SHARE, series)


def _cold_chart(results: Results) -> str:
    warm = Latencies()
    cold = Latencies()
    for stage in (stage for each in results.measured for stage in each.stages):
        if tier_of(stage.function) is Tier.LAMBDA_EDGE:
            warm.add(stage.latencies)
    for each in results.cold_measured:
        cold.add(each.latencies)
    if not cold.count:
        return ""
    series = [
        Series("nearly all warm: during the rounds", _ms_curve(warm), _BASELINE),
        Series("cold: a new environment each", _ms_curve(cold), _LAMBDA),
    ]
    return chart("Lambda@Edge functions alone, cold and warm (measured)", _ms_axis(), _SHARE, series)


def _cold_modelled(results: Results) -> Iterator[str]:
    if not results.cold_modelled:
        return
    yield "<h2>Cold starts</h2>"
    yield _basis(f"Modelled for AWS: the workload's times through the same pool of environments, {_regions(results)}.")
    head = ["cold starts on AWS", "of all runs", "environments at once", "throttled"]
    rows = [
        [
            f"{each.function}, {each.event_type}",
            f"{each.starts.cold_share:.2%} of {each.starts.runs:,}",
            str(each.starts.environments_peak),
            str(each.starts.throttled),
        ]
        for each in results.cold_modelled
    ]
    yield _table(head, rows)


def _regions(results: Results) -> str:
    return "one Region" if results.regions == 1 else f"{results.regions} Regions"


def _cost_table(results: Results) -> str:
    head = ["US dollars", "a million requests", "at least", f"a month of {results.requests_per_month:,}"]
    head += ["delivery a month", "durations are"]
    rows = [
        [
            name,
            f"{each.per_million:.3f}",
            f"{each.per_million_low:.3f}" if each.uses else "",
            f"{each.monthly.usd:,.2f}",
            f"{each.delivery.usd:,.2f}",
            "" if each.duration_basis is None else each.duration_basis.value,
        ]
        for name, each in results.costs.items()
    ]
    return _table(head, rows)


def _bills(results: Results) -> str:
    rows = [
        [f"{name}: {line.item}", line.price.replace("_", " "), f"{line.quantity:,.1f} {line.unit}", f"{line.usd:,.2f}"]
        for name, each in results.costs.items()
        for line in (*each.monthly.lines, *each.delivery.lines)
    ]
    summary = "<summary>Every line of the bills of a month</summary>"
    return f"<details>{summary}{_table(['bill', 'price', 'quantity', 'US dollars'], rows)}</details>"


def _cost_chart(results: Results) -> str:
    series = [
        Series(
            name,
            [
                (requests, cost.functions_bill(requests, each.uses, results.prices, with_free_tier=True).usd)
                for requests in _TRAFFIC
            ],
            _color(results, name),
        )
        for name, each in results.costs.items()
        if each.uses
    ]
    across = Axis("viewer requests a month", _short, logarithmic=True)
    up = Axis("US dollars a month", lambda value: f"${value:,g}", logarithmic=True)
    return chart("Functions' cost against traffic, after the free tier (modelled)", across, up, series)


def _power(sweep: Sweep) -> Iterator[str]:
    yield f"<h2>Power tuning of {escape(sweep.function)}</h2>"
    yield _basis(f"Durations are {sweep.basis.value}; cost is modelled from them.")
    chosen = {"cost": sweep.cheapest, "speed": sweep.fastest, "balanced": sweep.balanced}
    rows = [
        [
            f"{point.memory_mb:,} MB",
            f"{point.duration_ms:.2f} ms",
            f"{point.usd_per_million:.3f}",
            ", ".join(name for name, one in chosen.items() if one == point),
        ]
        for point in sweep.points
    ]
    head = ["memory", f"duration, {sweep.basis.value}", "US dollars a million, modelled", "strategy"]
    yield _table(head, rows)
    memory = Axis("memory, MB", lambda value: f"{value:,.0f}")
    slow = [Series("duration", [(p.memory_mb, p.duration_ms) for p in sweep.points], _FUNCTIONS, dots=True)]
    dear = [Series("cost", [(p.memory_mb, p.usd_per_million) for p in sweep.points], _LAMBDA, dots=True)]
    first = chart(f"Duration ({sweep.basis.value})", memory, Axis("ms", lambda value: f"{value:g}"), slow)
    second = chart("Cost (modelled)", memory, Axis("US dollars a million", lambda value: f"{value:.2f}"), dear)
    yield f'<div class="charts">{first}{second}</div>'


def _footer(results: Results) -> Iterator[str]:
    yield "<h2>What to know before believing this</h2>"
    yield f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in results.notes)}</ul>"
    rows = []
    for name in results.prices.__dataclass_fields__:
        price = getattr(results.prices, name)
        usd = f"{f'{price.usd:.8f}'.rstrip('0')} for {price.per:,.0f} {price.unit}".replace(". ", " ")
        if len(price.steps) > 1:
            usd += f", less from {price.steps[0].up_to:,.0f} on"
        free = f"{price.free_per_month:,.0f}"
        rows.append([name.replace("_", " "), usd, free, price.certainty, str(price.seen), price.source])
    head = ["price", "US dollars", "free a month", "certainty", "read on", "source"]
    yield f"<h2>Prices</h2>{_table(head, rows, words=5)}"


def _table(head: Row, rows: Iterable[Row], *, words: int | None = None) -> str:
    """`words` is the column that holds sentences."""

    def cell(index: int, text: str) -> str:
        kind = ' class="words"' if index == words else ""
        return f"<td{kind}>{escape(text)}</td>"

    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(cell(index, text) for index, text in enumerate(row))}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _basis(text: str) -> str:
    return f'<p class="basis">{escape(text)}</p>'


def _color(results: Results, name: str) -> int:
    """One for the baseline, one for each tier; what is as configured has CloudFront Functions' colour."""
    if name == results.measured[0].name:
        return _BASELINE
    return _LAMBDA if name == Tier.LAMBDA_EDGE.value else _FUNCTIONS


def _ms_curve(latencies: Latencies) -> list[tuple[float, float]]:
    return [(seconds * 1_000, share) for seconds, share in latencies.curve()]


def _ms_axis() -> Axis:
    return Axis("ms", lambda value: f"{value:g}", logarithmic=True)


def _short(value: float) -> str:
    """A count in words that fit under an axis: 100 K, 1 M, 1 B."""
    for unit, name in ((1e9, " B"), (1e6, " M"), (1e3, " K")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"
