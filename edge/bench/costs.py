"""From what was seen of functions to what they cost on AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from edge.bench import cost
from edge.bench.cache_effect import CacheEffect
from edge.bench.cold_starts import ColdStarts
from edge.bench.cost import CloudFrontFunctionUse, Delivery, FunctionUse, LambdaUse
from edge.bench.power import Basis, billed_mean_ms, cpu_share
from edge.bench.prices import Prices
from edge.bench.results import Cost
from edge.bench.stage import Stage
from edge.model.function import LambdaFunction


def of_variant(
    stages: Sequence[Stage],
    cache: CacheEffect,
    cold: dict[str, ColdStarts],
    prices: Prices,
    *,
    requests_per_month: int,
    limits_cpu: bool,
    realtime_logs: bool = False,
    bills_init: bool = False,
    init_ms: Mapping[str, float] = MappingProxyType({}),
) -> Cost:
    """The cost of a variant. `limits_cpu` says that durations were measured at the share of a CPU that goes with the
    memory; where they were not, they are stretched by it, which is too long for a function that waits. `cold` and
    `init_ms` are by the function's name."""
    slower = [1.0 if limits_cpu else 1 / _share(stage) for stage in stages]
    uses = tuple(
        _use(stage, cache, cold, factor, bills_init, init_ms) for stage, factor in zip(stages, slower, strict=True)
    )
    low = tuple(_use(stage, cache, cold, 1.0, bills_init, init_ms) for stage in stages)
    delivery = Delivery(cache.mean_bytes_out, 1.0 if realtime_logs else 0.0)
    return Cost(
        uses,
        low,
        cost.per_million(uses, prices),
        cost.per_million(low, prices),
        cost.functions_bill(requests_per_month, uses, prices, with_free_tier=True),
        cost.delivery_bill(requests_per_month, delivery, prices, with_free_tier=True),
        _basis(uses, limits_cpu),
    )


def _basis(uses: Sequence[FunctionUse], limits_cpu: bool) -> Basis | None:
    if not any(isinstance(use, LambdaUse) for use in uses):
        return None
    return Basis.MEASURED if limits_cpu else Basis.MODELLED


def label(stage: Stage) -> str:
    """What a bill calls a function at an event."""
    return f"{stage.function.name} ({stage.tier}, {stage.event_type})"


def _share(stage: Stage) -> float:
    return cpu_share(stage.function.memory_mb) if isinstance(stage.function, LambdaFunction) else 1.0


def _use(
    stage: Stage,
    cache: CacheEffect,
    cold: dict[str, ColdStarts],
    slower: float,
    bills_init: bool,
    init_ms: Mapping[str, float],
) -> FunctionUse:
    runs = cache.runs_per_request(stage.event_type, stage.function)
    if not isinstance(stage.function, LambdaFunction):
        return CloudFrontFunctionUse(label(stage), runs, stage.kvs_reads, stage.log_bytes)
    starts = cold.get(stage.function.name)
    return LambdaUse(
        label(stage),
        billed_mean_ms(stage.warm_ms, slower=slower),
        stage.function.memory_mb,
        runs,
        starts.cold_share if starts is not None else 0.0,
        init_ms.get(stage.function.name, 0.0),
        bills_init,
        stage.log_bytes,
    )
