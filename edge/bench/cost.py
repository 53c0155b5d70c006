"""What a month costs, and a million requests: pure functions from usage and prices to a bill.

Source: AWS Lambda pricing, CloudFront pricing; Lambda Developer Guide, "Understanding Lambda function scaling" (billed
duration). A run is billed by the millisecond, rounded up, at the memory that is configured; a run that fails is billed
too. Since 2025-08-01 Lambda bills the INIT phase of cold starts; whether Lambda@Edge follows is not established, so
that is a choice of `LambdaUse.bills_init`. A GB is 2^30 bytes, a GB-second 1,024 MiB for a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from edge.bench.prices import Price, Prices

MILLION = 1_000_000
_GB_BYTES = 1024**3
_GB_MB = 1024


def gb_seconds(runs: float, billed_mean_ms: float, memory_mb: int) -> float:
    """Memory in GB times seconds, over all runs."""
    return runs * billed_mean_ms / 1_000 * memory_mb / _GB_MB


@dataclass(frozen=True, slots=True)
class CloudFrontFunctionUse:
    """A CloudFront Function, for each viewer request: `runs`, and for each run key value store reads and bytes of
    logs."""

    name: str
    runs: float = 1.0
    kvs_reads: float = 0.0
    log_bytes: float = 0.0


@dataclass(frozen=True, slots=True)
class LambdaUse:
    """A Lambda@Edge function: `runs` for each viewer request (at an origin event, the share of misses),
    `billed_mean_ms` of a warm run, `cold_share` of runs that begin with an INIT of `init_ms`, bytes of logs for each
    run."""

    name: str
    billed_mean_ms: float
    memory_mb: int = 128
    runs: float = 1.0
    cold_share: float = 0.0
    init_ms: float = 0.0
    bills_init: bool = False
    log_bytes: float = 0.0


FunctionUse: TypeAlias = CloudFrontFunctionUse | LambdaUse


@dataclass(frozen=True, slots=True)
class Delivery:
    """What CloudFront itself is paid for, for each viewer request: `bytes_out` with headers, and lines of a real-time
    log (1 when it takes every request, 0 without one)."""

    bytes_out: float = 0.0
    realtime_log_lines: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill: the price's name, a month's quantity in its unit, and US dollars."""

    item: str
    price: str
    quantity: float
    unit: str
    usd: float


@dataclass(frozen=True, slots=True)
class Bill:
    """The lines of one bill."""

    lines: tuple[Line, ...]

    @property
    def usd(self) -> float:
        """The sum."""
        return sum(line.usd for line in self.lines)

    def of(self, item: str) -> float:
        """The sum of the lines of one item: a function's name, or "CloudFront"."""
        return sum(line.usd for line in self.lines if line.item == item)


def functions_bill(
    requests: float, uses: Sequence[FunctionUse], prices: Prices, *, with_free_tier: bool = False
) -> Bill:
    """What functions cost for a month's viewer requests. The free tier is one for the whole account, so functions
    share it."""
    quantities = [quantity for use in uses for quantity in _quantities(requests, use)]
    return _bill(quantities, prices, with_free_tier)


def delivery_bill(requests: float, delivery: Delivery, prices: Prices, *, with_free_tier: bool = False) -> Bill:
    """What CloudFront costs without functions: requests, data out, real-time logs."""
    quantities = [
        ("CloudFront", "https_requests", requests),
        ("CloudFront", "data_out", requests * delivery.bytes_out / _GB_BYTES),
        ("CloudFront", "realtime_log_lines", requests * delivery.realtime_log_lines),
    ]
    return _bill(quantities, prices, with_free_tier)


def per_million(uses: Sequence[FunctionUse], prices: Prices) -> float:
    """US dollars for a million viewer requests at list price: the number to compare tiers by."""
    return functions_bill(MILLION, uses, prices).usd


def _quantities(requests: float, use: FunctionUse) -> list[tuple[str, str, float]]:
    runs = requests * use.runs
    logs = (use.name, "function_logs", runs * use.log_bytes / _GB_BYTES)
    if isinstance(use, CloudFrontFunctionUse):
        return [
            (use.name, "cloudfront_functions_runs", runs),
            (use.name, "kvs_reads", runs * use.kvs_reads),
            logs,
        ]
    init_ms = use.init_ms * use.cold_share if use.bills_init else 0.0
    return [
        (use.name, "lambda_edge_requests", runs),
        (use.name, "lambda_edge_gb_seconds", gb_seconds(runs, use.billed_mean_ms + init_ms, use.memory_mb)),
        logs,
    ]


def _bill(quantities: Sequence[tuple[str, str, float]], prices: Prices, with_free_tier: bool) -> Bill:
    """Each price is worked out on what all items use of it, and shared out by what each uses."""
    totals: dict[str, float] = {}
    for _, name, quantity in quantities:
        totals[name] = totals.get(name, 0.0) + quantity
    lines = []
    for item, name, quantity in quantities:
        if quantity == 0:
            continue
        price: Price = getattr(prices, name)
        whole = price.cost(totals[name], with_free_tier=with_free_tier)
        lines.append(Line(item, name, quantity, price.unit, whole * quantity / totals[name]))
    return Bill(tuple(lines))
