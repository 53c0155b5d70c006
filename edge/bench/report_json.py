"""The results as JSON.

Times are in milliseconds, prices in US dollars, ratios from 0 to 1. What stands under `measured` is from this machine;
`simulated` are counts of the real edge in virtual time; `modelled` is what AWS would do and charge. An interval is
[value, low, high], with the bounds of its 95 % confidence interval over rounds.
"""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import Any

from edge.bench.confidence import Interval, mean
from edge.bench.cost import Bill
from edge.bench.latency import PERCENTILES, Latencies
from edge.bench.measure import Measured
from edge.bench.power import Basis, Point, Sweep
from edge.bench.prices import NAMES as NAMES_OF_PRICES
from edge.bench.prices import Price
from edge.bench.recommendation import Tier
from edge.bench.results import ColdMeasured, ColdModelled, Cost, Results, Verdict
from edge.bench.stage import Stage

NAMES = tuple(f"p{percent:g}" for percent in PERCENTILES)


def as_json(results: Results) -> dict[str, Any]:
    """The whole report as plain objects."""
    return {
        "subjects": list(results.subjects),
        "machine": asdict(results.machine),
        "workload": results.workload.told,
        "plan": asdict(results.plan),
        "measured": [_measured(each, results) for each in results.measured],
        "concurrency": {"environments_at_once": results.environments_reached, "throttled": results.throttled},
        "cold_starts": [_cold(each) for each in results.cold_measured],
        "simulated": {
            name: {
                "requests": effect.requests,
                "cache_hit_ratio": round(effect.hit_ratio, 4),
                "results": {result.value: count for result, count in effect.results.items()},
                "origin_requests": effect.origin_requests,
                "objects": effect.keys,
                "mean_bytes_out": round(effect.mean_bytes_out),
            }
            for name, effect in results.cache.items()
        },
        "modelled": {name: _cost(cost, results.requests_per_month) for name, cost in results.costs.items()},
        "modelled_cold_starts": [_cold_modelled(each, results.regions) for each in results.cold_modelled],
        "power_tuning": [_sweep(sweep) for sweep in results.sweeps],
        "recommendations": [_recommendation(verdict) for verdict in results.verdicts],
        "agreement": None if results.agreement is None else results.agreement._asdict(),
        "prices": {name: _price(getattr(results.prices, name)) for name in NAMES_OF_PRICES},
        "notes": list(results.notes),
    }


def _price(price: Price) -> dict[str, Any]:
    """`steps` are [up to how many units a month, US dollars], the last one without an end."""
    return {
        "usd": price.usd,
        "per": price.per,
        "unit": price.unit,
        "free_per_month": price.free_per_month,
        "steps": [[step.up_to if isfinite(step.up_to) else None, step.usd] for step in price.steps],
        "seen": price.seen.isoformat(),
        "source": price.source,
        "certainty": price.certainty,
    }


def _measured(each: Measured, results: Results) -> dict[str, Any]:
    rate = results.throughput.get(each.name)
    return {
        "name": each.name,
        "requests": each.requests,
        "errors": each.errors,
        "latency_ms": {
            **{name: _ms(interval.value) for name, interval in zip(NAMES, each.percentiles_s, strict=True)},
            "max": _ms(each.latencies.max_s),
        },
        "latency_intervals_ms": _intervals(each.percentiles_s),
        "added_ms": _intervals(each.added_s),
        "highest_rate": None if rate is None else {"rate": round(rate.rate, 1), "p99_ms": _ms(rate.target_s)},
        "hdr_histogram_ns": each.latencies.encoded(),
        "stages": [_stage(stage) for stage in each.stages],
    }


def _stage(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = {
        "function": stage.function.name,
        "event_type": stage.event_type.value,
        "tier": stage.tier.value,
        "outcomes": dict(stage.outcomes),
        "latency_ms": _distribution(stage.latencies),
        "latency_intervals_ms": _intervals(stage.percentiles_s),
        "hdr_histogram_ns": stage.latencies.encoded(),
        "log_bytes": round(stage.log_bytes, 1),
        "memory_max_bytes": stage.memory_bytes,
    }
    if stage.tier is Tier.CLOUDFRONT_FUNCTIONS:
        used = {"mean": round(stage.utilization_mean, 1), "p99": stage.utilization_p99}
        return found | {"compute_utilization": used, "kvs_reads": round(stage.kvs_reads, 3)}
    return found | {
        "duration_mean_ms": round(mean(stage.warm_ms), 4),
        "cold": stage.cold,
    }


def _distribution(latencies: Latencies) -> dict[str, float]:
    of_percent = {name: _ms(latencies.percentile_s(percent)) for name, percent in zip(NAMES, PERCENTILES, strict=True)}
    return {**of_percent, "max": _ms(latencies.max_s)}


def _intervals(intervals: tuple[Interval, ...]) -> dict[str, list[float]]:
    return {
        name: [_ms(each.value), _ms(each.low), _ms(each.high)] for name, each in zip(NAMES, intervals, strict=False)
    }


def _cold(each: ColdMeasured) -> dict[str, Any]:
    init = [round(value, 2) for value in (each.init_ms.value, each.init_ms.low, each.init_ms.high)]
    return {
        "function": each.function,
        "count": each.latencies.count,
        "latency_ms": _distribution(each.latencies),
        "hdr_histogram_ns": each.latencies.encoded(),
        "init_ms": init,
    }


def _cold_modelled(each: ColdModelled, regions: int) -> dict[str, Any]:
    share = {"cold_share": round(each.starts.cold_share, 5), "regions": regions}
    return {"function": each.function, "event_type": each.event_type.value, **each.starts._asdict(), **share}


def _cost(cost: Cost, requests_per_month: int) -> dict[str, Any]:
    return {
        "usd_per_million": cost.per_million,
        "usd_per_million_at_least": cost.per_million_low,
        "durations": None if cost.duration_basis is None else cost.duration_basis.value,
        "requests_per_month": requests_per_month,
        "usd_per_month": cost.monthly.usd,
        "delivery_usd_per_month": cost.delivery.usd,
        "bill": [*_lines(cost.monthly), *_lines(cost.delivery)],
    }


def _lines(bill: Bill) -> list[dict[str, Any]]:
    return [asdict(line) for line in bill.lines]


def _sweep(sweep: Sweep) -> dict[str, Any]:
    strategies: dict[str, Point] = {"cost": sweep.cheapest, "speed": sweep.fastest, "balanced": sweep.balanced}
    return {
        "function": sweep.function,
        "basis": Basis(sweep.basis).value,
        "points": [point._asdict() for point in sweep.points],
        "strategies": {name: point.memory_mb for name, point in strategies.items()},
    }


def _recommendation(verdict: Verdict) -> dict[str, Any]:
    return {
        "function": verdict.name,
        "event_type": verdict.event_type.value,
        "tier": verdict.recommendation.tier.value,
        "headline": verdict.headline,
        "reasons": [reason.sentence for reason in verdict.recommendation.reasons],
        "rules": [
            {"rule": each.rule, "decides": each.decides, "work": each.work, "source": each.source}
            for each in verdict.recommendation.reasons
        ],
        "lambda_usd_per_million": verdict.lambda_usd,
        "lambda_usd_is_at_least": verdict.at_least,
        "function_usd_per_million": verdict.function_usd,
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1_000, 4)
