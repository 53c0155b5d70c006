"""Everything that one `edge bench` found, before anybody formats it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.bench.agreement import Agreement
from edge.bench.cache_effect import CacheEffect
from edge.bench.cold_starts import ColdStarts
from edge.bench.confidence import Interval
from edge.bench.cost import Bill, FunctionUse
from edge.bench.latency import Latencies
from edge.bench.measure import Measured, Plan
from edge.bench.power import Basis, Sweep
from edge.bench.prices import Prices
from edge.bench.recommendation import Recommendation
from edge.bench.throughput import Throughput
from edge.bench.workload import Workload
from edge.model.function import EventType


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured. `limits_cpu`: whether the provider held functions to their share of a CPU."""

    processor: str
    cores: int
    system: str
    python: str
    provider: str
    limits_cpu: bool
    date: str


@dataclass(frozen=True, slots=True)
class ColdMeasured:
    """Cold starts that were made here: the whole run as the edge waits for it, and the INIT phase in milliseconds."""

    function: str
    latencies: Latencies
    init_ms: Interval


@dataclass(frozen=True, slots=True)
class ColdModelled:
    """Cold starts that AWS would make of the workload, by the model of environments."""

    function: str
    event_type: EventType
    starts: ColdStarts


@dataclass(frozen=True, slots=True)
class Cost:
    """What a variant costs. `uses` are what the bills were made from, `uses_low` the same if every run took no longer
    on AWS than here; `per_million` and `per_million_low` are in US dollars at list price for the functions alone.
    `monthly` is the functions' bill after the free tier, `delivery` CloudFront's without functions. `duration_basis`
    says where durations come from, None when no duration is billed."""

    uses: tuple[FunctionUse, ...]
    uses_low: tuple[FunctionUse, ...]
    per_million: float
    per_million_low: float
    monthly: Bill
    delivery: Bill
    duration_basis: Basis | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The recommendation for one function, in one sentence and with every reason. `usd` are prices for a million
    viewer requests by tier, None where it was not worked out; with `at_least`, Lambda@Edge's may be more, because the
    functions had a whole CPU here."""

    name: str
    event_type: EventType
    recommendation: Recommendation
    headline: str
    lambda_usd: float | None
    function_usd: float
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """Mappings are by the name of the variant. What AWS is like is modelled, and never stands in `measured`.
    `environments_reached` is how many Lambda execution environments there were at once here, `throttled` how many
    events were refused, both until the rounds were over."""

    subjects: tuple[str, ...]
    machine: Machine
    workload: Workload
    plan: Plan
    measured: tuple[Measured, ...]
    throughput: Mapping[str, Throughput]
    cache: Mapping[str, CacheEffect]
    environments_reached: int
    throttled: int
    cold_measured: tuple[ColdMeasured, ...]
    cold_modelled: tuple[ColdModelled, ...]
    requests_per_month: int
    regions: int
    prices: Prices
    costs: Mapping[str, Cost]
    verdicts: tuple[Verdict, ...]
    sweeps: tuple[Sweep, ...]
    agreement: Agreement | None
    notes: tuple[str, ...]
