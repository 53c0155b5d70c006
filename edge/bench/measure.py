"""Measuring: warm-up, then rounds in which each variant in turn gets the same requests at the same times.

What disturbs the machine disturbs all variants of a round; differences are taken within rounds, and intervals over
them. The order turns from round to round, so that nobody is always first.
"""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from edge.bench import confidence, open_loop
from edge.bench.confidence import Interval
from edge.bench.edge_under_test import EdgeUnderTest, Run
from edge.bench.latency import PERCENTILES, Latencies
from edge.bench.open_loop import Answered
from edge.bench.stage import Stage, stages
from edge.bench.workload import Asked


@dataclass(frozen=True, slots=True)
class Plan:
    """How to measure: `rounds` of `seconds` each at `rate` requests a second, after `warm_up` requests."""

    rounds: int = 5
    seconds: float = 2.0
    rate: float = 200.0
    warm_up: int = 200
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """A variant's numbers, in seconds. `percentiles_s` and `added_s` (over the first variant, the baseline) hold an
    interval for each of PERCENTILES. `errors` are answers of status 500 and above."""

    name: str
    latencies: Latencies
    percentiles_s: tuple[Interval, ...]
    added_s: tuple[Interval, ...]
    stages: tuple[Stage, ...]
    requests: int
    errors: int


async def measure(
    edges: Sequence[EdgeUnderTest],
    asked: Sequence[Asked],
    plan: Plan,
    tell: Callable[[str], None] = lambda what: None,
) -> tuple[Measured, ...]:
    """Measure every edge; the first is the baseline of the others. `tell` hears what begins."""
    requests = itertools.cycle(asked)
    for edge in edges:
        tell(f"warming up: {edge.variant.name}")
        await _warm_up(edge, list(itertools.islice(requests, plan.warm_up)))
    answered: list[list[list[Answered]]] = [[] for _ in edges]
    runs: list[list[list[Run]]] = [[] for _ in edges]
    for number in range(plan.rounds):
        due = list(_due(plan, number))
        same = list(itertools.islice(requests, len(due)))
        for index in _turned(len(edges), number):
            edge = edges[index]
            tell(f"round {number + 1} of {plan.rounds}: {edge.variant.name}")
            gc.collect()
            answered[index].append(await open_loop.send(edge, same, due))
            runs[index].append(edge.take_runs())
    baseline = [_percentiles(one) for one in answered[0]]
    return tuple(
        _measured(edge, answered[index], runs[index], baseline if index else None, plan.seed)
        for index, edge in enumerate(edges)
    )


async def _warm_up(edge: EdgeUnderTest, asked: Sequence[Asked]) -> None:
    for one in asked:
        await edge.serve(one)
    edge.take_runs()


def _due(plan: Plan, number: int) -> Iterator[float]:
    times = open_loop.due_times(plan.rate, plan.seed * 1_000 + number)
    return itertools.takewhile(lambda at: at < plan.seconds, times)


def _turned(count: int, number: int) -> list[int]:
    return [(index + number) % count for index in range(count)]


def _percentiles(answered: Sequence[Answered]) -> tuple[float, ...]:
    latencies = Latencies(one.latency_ns for one in answered)
    return tuple(latencies.percentile_s(percent) for percent in PERCENTILES)


def _measured(
    edge: EdgeUnderTest,
    rounds: Sequence[Sequence[Answered]],
    runs: Sequence[Sequence[Run]],
    baseline: Sequence[tuple[float, ...]] | None,
    seed: int,
) -> Measured:
    by_round = [_percentiles(one) for one in rounds]
    columns = list(zip(*by_round, strict=True))
    added: tuple[Interval, ...] = ()
    if baseline is not None:
        without = zip(*baseline, strict=True)
        added = tuple(
            confidence.difference(ours, theirs, seed=seed) for ours, theirs in zip(columns, without, strict=True)
        )
    everything = [one for answered in rounds for one in answered]
    return Measured(
        edge.variant.name,
        Latencies(one.latency_ns for one in everything),
        tuple(confidence.interval(column, seed=seed) for column in columns),
        added,
        stages(*runs),
        len(everything),
        sum(one.status >= 500 for one in everything),
    )
