"""One `edge bench` from beginning to end: what is measured, simulated and modelled, in this order."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from edge.bench import agreement, costs, power, throughput
from edge.bench.agreement import Agreement
from edge.bench.cache_effect import CacheEffect, VirtualTime, study
from edge.bench.cold_starts import ColdStarts, simulate
from edge.bench.confidence import interval, mean
from edge.bench.edge_under_test import CountingStores, EdgeUnderTest, Variant
from edge.bench.latency import Latencies
from edge.bench.measure import Measured, Plan, measure
from edge.bench.power import Sweep
from edge.bench.prices import Prices
from edge.bench.recommendation import Tier
from edge.bench.results import ColdMeasured, ColdModelled, Cost, Machine, Results
from edge.bench.stage import Stage, stages
from edge.bench.stand_in_origin import StandInOrigin
from edge.bench.subjects import Subjects
from edge.bench.throughput import Throughput
from edge.bench.verdicts import verdicts
from edge.bench.workload import Asked, Workload
from edge.clock import Clock, SystemClock
from edge.driver import LambdaFunctions, NoLambdaFunctions
from edge.environments.pool import Limits
from edge.model.function import EventType, LambdaFunction
from edge.runtimes.engine import make_engine
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.lambda_edge.lambda_runtime import LambdaRuntime
from edge.runtimes.lambda_edge.providers.choice import AnyProvider, make_provider

_EPOCH = 1_800_000_000.0
_COMPARED_MAX = 50
_POWER_RUNS = 60
_MISSES = 20
_ORIGIN = (EventType.ORIGIN_REQUEST, EventType.ORIGIN_RESPONSE)
_IN_PROCESS = "the edge runs in this process: latencies have no network, no TLS and no origin in them"
_REGIONAL = (
    "Lambda@Edge runs in a Region, CloudFront Functions in the edge location: the way between them, some milliseconds "
    "for each run, is in no number here"
)
_WHOLE_CPU = (
    "functions had a whole CPU here: what they would take with their memory's share of one is modelled as if all of it "
    "were CPU time, which is too long for a function that waits"
)

_ON_MISSES = (
    "functions at origin events run on misses: they were measured with requests of their own, and whole requests are "
    "mostly hits"
)
_SHORT_RUNS = (
    "a CPU share counts in periods of 20 ms: a run that is over before its share of one is used up is not slowed by a "
    "small memory"
)


@dataclass(frozen=True, slots=True)
class Options:
    """What `edge bench` was asked for. `cold_starts` are made here for each Lambda@Edge function; `concurrency` is how
    many environments this machine may have at once; `study_max` how many requests of the workload the cache is studied
    with. `target_ms` 0 leaves the search for the highest rate out; `power` measures sizes where the provider can."""

    plan: Plan
    prices: Prices
    engine: str = "native"
    provider: str = "process"
    concurrency: int = 10
    cold_starts: int = 8
    target_ms: float = 10.0
    max_age_s: int = 86_400
    requests_per_month: int = 10_000_000
    regions: int = 1
    realtime_logs: bool = False
    bills_init: bool = False
    power: bool = False
    study_max: int = 20_000


class Session:
    """Runs one bench. `tell` hears what is being done."""

    def __init__(
        self, subjects: Subjects, workload: Workload, options: Options, tell: Callable[[str], None] = lambda what: None
    ) -> None:
        self._subjects = subjects
        self._workload = workload
        self._options = options
        self._tell = tell
        self._origin = StandInOrigin(workload.asked, options.max_age_s)
        self._stores = CountingStores(MemoryStores(subjects.stores, _EPOCH))
        self._engine = make_engine(options.engine, self._stores)
        self._provider: AnyProvider | None = None
        self._lambdas: LambdaRuntime | None = None

    @property
    def steps(self) -> int:
        """How often `tell` is called at most, for a progress bar."""
        variants, lambdas, options = len(self._subjects.variants), len(self._subjects.lambdas), self._options
        per_variant = 2 + options.plan.rounds + (options.target_ms > 0)
        return 1 + variants * per_variant + lambdas * (2 + len(power.SIZES_MB) * options.power)

    async def run(self) -> Results:
        """Everything. Raises Unavailable when the provider cannot work on this machine."""
        with tempfile.TemporaryDirectory(prefix="edge-bench-", ignore_cleanup_errors=True) as folder:
            if self._subjects.lambdas:
                self._provider = make_provider(self._options.provider)
                limits = Limits(account_concurrency=self._options.concurrency, environment_rps=None)
                self._lambdas = LambdaRuntime(self._provider, Path(folder), limits=limits)
            try:
                return await self._run()
            finally:
                if self._lambdas is not None:
                    await self._lambdas.close()

    async def _run(self) -> Results:
        options, variants = self._options, self._subjects.variants
        edges = [self._edge(variant, SystemClock()) for variant in variants]
        same = await self._agreement(edges)
        measured = await measure(edges, self._workload.asked, options.plan, self._tell)
        alone = [
            await self._at_misses(event, function) for event, function in self._subjects.lambdas if event in _ORIGIN
        ]
        measured = tuple(_with_stages(each, variant, alone) for each, variant in zip(measured, variants, strict=True))
        reached = self._lambdas.counts if self._lambdas is not None else None
        rates = await self._throughput(edges)
        cold_here = [await self._cold(function, event) for event, function in self._subjects.lambdas]
        cache = {variant.name: await self._study(variant) for variant in variants}
        cold = [
            ColdModelled(function.name, event, self._modelled_cold(event, function, measured, cold_here, cache))
            for event, function in self._subjects.lambdas
        ]
        costs_of = {each.name: self._cost(each, cache[each.name], cold, cold_here) for each in measured}
        every = [stage for each in measured for stage in each.stages]
        sweeps = [
            await self._sweep(event, function, measured, sizes)
            for event, function in self._subjects.lambdas
            if len(sizes := self._sizes(event)) > 1
        ]
        for edge in edges:
            await edge.close()
        return Results(
            self._subjects.told,
            self._machine(),
            self._workload,
            options.plan,
            measured,
            rates,
            cache,
            reached.environments if reached is not None else 0,
            reached.throttled if reached is not None else 0,
            tuple(cold_here),
            tuple(cold),
            options.requests_per_month,
            options.regions,
            options.prices,
            costs_of,
            verdicts(variants, every, costs_of, options.prices),
            tuple(sweeps),
            same,
            tuple(self._notes(measured, same, cache)),
        )

    def _edge(self, variant: Variant, clock: Clock) -> EdgeUnderTest:
        lambdas: LambdaFunctions = self._lambdas or NoLambdaFunctions()
        return EdgeUnderTest(
            variant, origin=self._origin, functions=self._engine, stores=self._stores, lambdas=lambdas, clock=clock
        )

    async def _agreement(self, edges: Sequence[EdgeUnderTest]) -> Agreement | None:
        """Of the two tiers, when the logic is there in both."""
        by_name = {edge.variant.name: edge for edge in edges}
        if not all(tier.value in by_name for tier in Tier):
            return None
        self._tell("comparing what both tiers make of the same requests")
        one, other = (self._edge(by_name[tier.value].variant, SystemClock()) for tier in Tier)
        return await agreement.compare(one, other, self._workload.asked[:_COMPARED_MAX])

    async def _throughput(self, edges: Sequence[EdgeUnderTest]) -> dict[str, Throughput]:
        target_s = self._options.target_ms / 1_000
        found: dict[str, Throughput] = {}
        for edge in edges if target_s else ():
            self._tell(f"highest rate within {self._options.target_ms:g} ms: {edge.variant.name}")
            found[edge.variant.name] = await throughput.within(edge, self._workload.asked, target_s)
        return found

    async def _at_misses(self, event: EventType, function: LambdaFunction) -> Stage:
        """A function that runs on misses alone: in the rounds nearly all answers come from the cache, so it has
        requests of its own, one after the other, each for another path."""
        self._tell(f"misses for {function.name}")
        edge = self._edge(self._alone(event, function), SystemClock())
        rounds = []
        for number in range(self._options.plan.rounds):
            for position in range(_MISSES):
                asked = self._workload.asked[position % len(self._workload.asked)]
                await edge.serve(_fresh(asked, f"miss-{number}-{position}"))
            rounds.append(edge.take_runs())
        (stage,) = stages(*rounds)
        return stage

    async def _cold(self, function: LambdaFunction, event: EventType) -> ColdMeasured:
        """Cold starts, one after another, each in a new environment."""
        assert self._lambdas is not None
        self._tell(f"cold starts: {function.name}")
        edge = self._edge(self._alone(event, function), SystemClock())
        for number in range(self._options.cold_starts):
            self._lambdas.refresh()
            await edge.serve(_fresh(self._workload.asked[number % len(self._workload.asked)], f"cold-{number}"))
        runs = edge.take_runs()
        reports = [report for run in runs if (report := getattr(run.outcome, "report", None)) is not None]
        inits = [report.init_ms for report in reports if report.init_ms is not None]
        return ColdMeasured(function.name, Latencies(run.duration_ns for run in runs), interval(inits or [0.0]))

    async def _study(self, variant: Variant) -> CacheEffect:
        self._tell(f"the cache: {variant.name}")
        clock = VirtualTime(_EPOCH)
        return await study(self._edge(variant, clock), clock, self._workload.asked[: self._options.study_max])

    def _modelled_cold(
        self,
        event: EventType,
        function: LambdaFunction,
        measured: Sequence[Measured],
        cold_here: Sequence[ColdMeasured],
        cache: dict[str, CacheEffect],
    ) -> ColdStarts:
        """At the times at which the function ran in the workload."""
        ran = next(
            (each.ran_at_s[event, function] for each in cache.values() if (event, function) in each.ran_at_s), ()
        )
        init_ms = next(each.init_ms.value for each in cold_here if each.function == function.name)
        duration_s = mean(_durations(event, function, measured)) / 1_000
        return simulate(
            ran,
            duration_s=duration_s,
            init_s=init_ms / 1_000,
            regions=self._options.regions,
            seed=self._options.plan.seed,
        )

    def _cost(
        self, each: Measured, cache: CacheEffect, cold: Sequence[ColdModelled], cold_here: Sequence[ColdMeasured]
    ) -> Cost:
        return costs.of_variant(
            each.stages,
            cache,
            {one.function: one.starts for one in cold},
            self._options.prices,
            requests_per_month=self._options.requests_per_month,
            limits_cpu=self._limits_cpu,
            realtime_logs=self._options.realtime_logs,
            bills_init=self._options.bills_init,
            init_ms={one.function: one.init_ms.value for one in cold_here},
        )

    def _sizes(self, event: EventType) -> Sequence[int]:
        """The memory sizes that a function may have at an event, by the distribution's quota profile."""
        profile = self._subjects.variants[0].distribution.lambda_quotas
        at_viewer = event in (EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE)
        most_mb = profile.viewer_memory_max_mb if at_viewer else profile.origin_memory_max_mb
        return [size for size in power.SIZES_MB if size <= most_mb]

    async def _sweep(
        self, event: EventType, function: LambdaFunction, measured: Sequence[Measured], sizes: Sequence[int]
    ) -> Sweep:
        """Measured where it was asked for and the provider limits CPU; else modelled from the runs that were seen."""
        if not self._options.power or not self._limits_cpu:
            durations = [duration * self._share(function) for duration in _durations(event, function, measured)]
            return power.modelled(function.name, durations, self._options.prices, sizes)

        async def durations_at(memory_mb: int) -> Sequence[float]:
            self._tell(f"power tuning: {function.name} with {memory_mb} MB")
            sized = replace(function, memory_mb=memory_mb, version=f"{function.version}-{memory_mb}")
            edge = self._edge(self._alone(event, sized), SystemClock())
            for number in range(_POWER_RUNS):
                await edge.serve(_fresh(self._workload.asked[number % len(self._workload.asked)], f"power-{number}"))
            (stage,) = stages(edge.take_runs())
            return stage.warm_ms

        return await power.measured(function.name, durations_at, self._options.prices, sizes)

    def _share(self, function: LambdaFunction) -> float:
        """The part of a whole CPU that a measured duration stands for."""
        return power.cpu_share(function.memory_mb) if self._limits_cpu else 1.0

    @property
    def _limits_cpu(self) -> bool:
        return self._provider is not None and self._provider.gives.limits_cpu

    def _alone(self, event: EventType, function: LambdaFunction) -> Variant:
        """The baseline with nothing but this function."""
        baseline = self._subjects.variants[0].distribution
        behaviors = tuple(replace(behavior, functions={event: function}) for behavior in baseline.behaviors)
        return Variant(function.name, replace(baseline, behaviors=behaviors))

    def _machine(self) -> Machine:
        return Machine(
            _processor(),
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
            f"{platform.system()} {platform.release()}",
            platform.python_version(),
            self._provider.name if self._provider is not None else "",
            self._limits_cpu,
            datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _notes(
        self, measured: Sequence[Measured], same: Agreement | None, cache: Mapping[str, CacheEffect]
    ) -> list[str]:
        """What a reader has to know before believing the numbers."""
        notes = [_IN_PROCESS]
        if self._subjects.lambdas:
            notes.append(_REGIONAL)
            if any(event in _ORIGIN for event, _ in self._subjects.lambdas):
                notes.append(_ON_MISSES)
            notes.append(_SHORT_RUNS if self._limits_cpu else _WHOLE_CPU)
        if same is not None and same.alike < same.requests:
            notes.append(
                f"the tiers made the same of {same.alike} of {same.requests} requests; {same.first_difference}"
            )
        for each in measured:
            for stage in each.stages:
                if stage.failed:
                    failed = f"{stage.failed:,} of {stage.runs:,} runs"
                    notes.append(f"{each.name}: {stage.function.name} failed in {failed}: the numbers are of failures")
                if stage.throttled:
                    notes.append(f"{each.name}: {stage.throttled:,} events were throttled: raise --concurrency")
            seen = {(stage.event_type, stage.function) for stage in each.stages}
            for event, function in cache[each.name].ran_at_s.keys() - seen:
                missing = f"{function.name} runs at {event} in the workload, but ran in no round"
                notes.append(f"{each.name}: {missing}: it is not in the bill; raise --seconds")
        if self._provider is not None:
            notes += [f"{self._provider.name}: {lack}" for lack in self._provider.gives.lacks]
        return notes


def _with_stages(each: Measured, variant: Variant, alone: Sequence[Stage]) -> Measured:
    """What was measured of a variant, with these stages in place of those from the rounds."""
    known = {(stage.event_type, stage.function): stage for stage in alone}
    rounds = [stage for stage in each.stages if (stage.event_type, stage.function) not in known]
    return replace(each, stages=(*rounds, *(known[pair] for pair in variant.functions if pair in known)))


def _durations(event: EventType, function: LambdaFunction, measured: Sequence[Measured]) -> Sequence[float]:
    """Of warm runs, in milliseconds, over all variants."""
    found = (stage for each in measured for stage in each.stages)
    return [ms for stage in found if (stage.event_type, stage.function) == (event, function) for ms in stage.warm_ms]


def _fresh(asked: Asked, mark: str) -> Asked:
    """The request for a path that no cache has, so that functions at origin events run too."""
    request = asked.request
    return asked._replace(request=request._replace(path=f"{request.path.rstrip('/')}/{mark}"))


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
