"""What was seen of one function at one event, over all its runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.bench import confidence
from edge.bench.confidence import Interval, mean
from edge.bench.edge_under_test import Run, tier_of
from edge.bench.latency import PERCENTILES, Latencies
from edge.bench.recommendation import Tier
from edge.model import quotas
from edge.model.function import EventType, Function, Invalid, LambdaReport, Throttled, Usage

_LOG_EVENT_EXTRA_BYTES = 26
"""What CloudWatch Logs counts for each event beside its text."""


@dataclass(frozen=True, slots=True)
class Stage:
    """`latencies` are of the function alone, as the edge waits for it; `percentiles_s` holds an interval for each of
    PERCENTILES, over the rounds in which it ran. `outcomes` counts runs by the name of their outcome. Of CloudFront
    Functions: compute utilization in percent (mean, 99th percentile), store reads for each run. Of Lambda@Edge, by its
    reports: the duration of each warm run, and how many were cold. Of both: the most memory of a run; `log_bytes` for
    each run as CloudWatch Logs counts them."""

    function: Function
    event_type: EventType
    latencies: Latencies
    percentiles_s: tuple[Interval, ...]
    outcomes: Mapping[str, int]
    log_bytes: float
    utilization_mean: float = 0.0
    utilization_p99: float = 0.0
    memory_bytes: int = 0
    kvs_reads: float = 0.0
    warm_ms: tuple[float, ...] = ()
    cold: int = 0

    @property
    def tier(self) -> Tier:
        """Where it ran."""
        return tier_of(self.function)

    @property
    def runs(self) -> int:
        """How many there were."""
        return sum(self.outcomes.values())

    @property
    def throttled(self) -> int:
        """How many were refused."""
        return self.outcomes.get(Throttled.__name__, 0)

    @property
    def failed(self) -> int:
        """How many came to anything but a result, throttles not counted."""
        return self.runs - self.throttled - self.outcomes.get("Returned", 0)


def stages(*rounds: Iterable[Run]) -> tuple[Stage, ...]:
    """One stage for each function and event, in the order in which they first ran."""
    grouped: dict[tuple[EventType, Function], dict[int, list[Run]]] = {}
    for number, runs in enumerate(rounds):
        for run in runs:
            grouped.setdefault((run.event_type, run.function), {}).setdefault(number, []).append(run)
    return tuple(
        _stage(function, event_type, list(group.values())) for (event_type, function), group in grouped.items()
    )


def _stage(function: Function, event_type: EventType, rounds: list[list[Run]]) -> Stage:
    runs = [run for each in rounds for run in each]
    usages = [usage for run in runs if (usage := _usage(run)) is not None]
    reports = [report for run in runs if (report := _report(run)) is not None]
    warm = tuple(report.duration_ms for report in reports if report.init_ms is None)
    is_lambda = tier_of(function) is Tier.LAMBDA_EDGE
    memory = (
        [each.memory_used_mb * quotas.MIB for each in reports] if is_lambda else [each.memory_bytes for each in usages]
    )
    used = sorted(usage.compute_utilization for usage in usages)
    return Stage(
        function,
        event_type,
        Latencies(run.duration_ns for run in runs),
        _percentiles(rounds),
        Counter(type(run.outcome).__name__ for run in runs),
        log_bytes=mean([_log_bytes(run) for run in runs]),
        utilization_mean=0.0 if is_lambda else mean(used),
        utilization_p99=0.0 if is_lambda or not used else used[min(len(used) - 1, len(used) * 99 // 100)],
        memory_bytes=max(memory, default=0),
        kvs_reads=mean([run.kvs_reads for run in runs]),
        warm_ms=warm,
        cold=len(reports) - len(warm),
    )


def _percentiles(rounds: Sequence[Sequence[Run]]) -> tuple[Interval, ...]:
    by_round = [Latencies(run.duration_ns for run in each) for each in rounds]
    return tuple(confidence.interval([each.percentile_s(percent) for each in by_round]) for percent in PERCENTILES)


def _usage(run: Run) -> Usage | None:
    return None if isinstance(run.outcome, Throttled | Invalid) else run.outcome.usage


def _report(run: Run) -> LambdaReport | None:
    return None if isinstance(run.outcome, Throttled | Invalid) else run.outcome.report


def _log_bytes(run: Run) -> int:
    if isinstance(run.outcome, Throttled | Invalid):
        return 0
    return sum(len(line.encode()) + _LOG_EVENT_EXTRA_BYTES for line in run.outcome.logs)
