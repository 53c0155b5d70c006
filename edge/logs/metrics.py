"""Counts of what was served, in Prometheus's text form, under the names of CloudFront's metrics.

Source: CloudFront Developer Guide, "Types of metrics for CloudFront", "... for CloudFront Functions", "... for
Lambda@Edge". A metric is `cloudfront_` and its name in snake case; what CloudWatch gives as a rate stands here as that
percentage since the start, beside the counts that it is made of. BytesUploaded counts bodies of known length.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from edge.model.body import known_length
from edge.model.function import Invalid, OutOfMemory, Returned, Threw, Throttled, TimedOut
from edge.model.result_type import ResultType
from edge.model.served import Served
from edge.model.trail import FunctionRun

_UPLOADING = frozenset({"POST", "PUT"})
_STATUS_RATES = (401, 403, 404, 502, 503, 504)
_HITS = frozenset({ResultType.HIT, ResultType.REFRESH_HIT})
_CACHEABLE = _HITS | {ResultType.MISS}
_INVALID_RESULTS = frozenset({ResultType.FUNCTION_VALIDATION_ERROR, ResultType.LAMBDA_VALIDATION_ERROR})
_LIVE = ("busy", "waiting")
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9a-z])(?=Error)")


def _none() -> tuple[str, str]:
    return "", ""


class _OfOne:
    """What is counted for one distribution."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.origin_latency_ms = 0.0

    def rates(self) -> Iterator[tuple[str, float]]:
        """The metrics that are percentages, and the latency."""
        counts, requests = self.counts, self.counts["Requests"]
        yield "4xxErrorRate", _percent(counts["4xx"], requests)
        yield "5xxErrorRate", _percent(counts["5xx"], requests)
        yield "TotalErrorRate", _percent(counts["4xx"] + counts["5xx"], requests)
        for status in _STATUS_RATES:
            yield f"{status}ErrorRate", _percent(self.statuses[status], requests)
        yield "CacheHitRate", _percent(counts["Hits"], counts["Cacheable"])
        asked = counts["OriginRequests"]
        yield "OriginLatency", round(self.origin_latency_ms / asked, 3) if asked else 0.0


class Counts:
    """What was counted; those of several processes add up."""

    def __init__(self) -> None:
        self.each: dict[str, _OfOne] = {}
        self.results: Counter[str] = Counter()
        self.functions: Counter[tuple[str, str]] = Counter()
        self.utilization: Counter[str] = Counter()

    def add(self, other: Counts) -> None:
        """Count what another has counted."""
        for id, of in other.each.items():
            mine = self.each.setdefault(id, _OfOne())
            mine.counts.update(of.counts)
            mine.statuses.update(of.statuses)
            mine.origin_latency_ms += of.origin_latency_ms
        self.results.update(other.results)
        self.functions.update(other.functions)
        self.utilization.update(other.utilization)


class Metrics:
    """`distribution` says id and domain name of the one that counts where a request came to none; `environments` gives
    the numbers of Lambda's execution environments by what is counted, such as `cold` and `busy`, {} without any."""

    def __init__(
        self,
        distribution: Callable[[], tuple[str, str]] = _none,
        environments: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._distribution = distribution
        self._environments = environments
        self.counts = Counts()

    def take(self) -> Counts:
        """What was counted since the last time."""
        taken, self.counts = self.counts, Counts()
        return taken

    def count(self, served: Served, body_bytes: int, complete: bool) -> None:
        """One finished request."""
        status, trail = served.response.status, served.trail
        of = self.counts.each.setdefault(
            trail.distribution.id if trail.distribution else self._distribution()[0], _OfOne()
        )
        counts = of.counts
        of.statuses[status] += 1
        self.counts.results[served.result_type.value] += 1
        counts["Requests"] += 1
        counts["BytesDownloaded"] += body_bytes
        counts["4xx"] += 400 <= status < 500
        counts["5xx"] += status >= 500
        if served.request.method in _UPLOADING:
            counts["BytesUploaded"] += known_length(served.request.body) or 0
        elif served.result_type in _CACHEABLE:
            counts["Cacheable"] += 1
            counts["Hits"] += served.result_type in _HITS
        if trail.origins:
            counts["OriginRequests"] += 1
            of.origin_latency_ms += sum(contact.timings.first_byte_ms for contact in trail.origins)
        for run in trail.functions:
            self._count_run(run)
        if trail.functions and served.result_type in _INVALID_RESULTS:
            self.counts.functions["FunctionValidationErrors", trail.functions[-1].name] += 1

    def _count_run(self, run: FunctionRun) -> None:
        self.counts.functions["FunctionInvocations", run.name] += 1
        match run.outcome:
            case Returned():
                self.counts.utilization[run.name] += int(run.outcome.usage.compute_utilization)
            case Throttled():
                self.counts.functions["FunctionThrottles", run.name] += 1
            case Threw() | TimedOut() | OutOfMemory() | Invalid():
                self.counts.functions["FunctionExecutionErrors", run.name] += 1

    def text(self, objects: int) -> str:
        """The text exposition format, version 0.0.4. `objects` is how many the cache holds."""
        return "\n".join([*self._lines(objects)]) + "\n"

    def _lines(self, objects: int) -> Iterator[str]:
        each = sorted((self.counts.each or {self._distribution()[0]: _OfOne()}).items())
        for name in ("Requests", "BytesDownloaded", "BytesUploaded"):
            yield from _metric(name, "counter", [(_labels(id), of.counts[name]) for id, of in each])
        rates = [(_labels(id), dict(of.rates())) for id, of in each]
        for name in rates[0][1]:
            yield from _metric(name, "gauge", [(labels, values[name]) for labels, values in rates])
        for kind in (
            "FunctionInvocations",
            "FunctionValidationErrors",
            "FunctionExecutionErrors",
            "FunctionThrottles",
        ):
            found = {name: count for (of, name), count in self.counts.functions.items() if of == kind}
            yield from _metric(kind, "counter", [(_function(name), count) for name, count in sorted(found.items())])
        utilization = [
            (_function(name), round(total / self.counts.functions["FunctionInvocations", name], 1))
            for name, total in sorted(self.counts.utilization.items())
        ]
        yield from _metric("FunctionComputeUtilization", "gauge", utilization)
        results = [(f'x_cache="{name}"', count) for name, count in sorted(self.counts.results.items())]
        yield from _samples("edge_results_total", "Requests by x-cache.", "counter", results)
        total = sum((of.statuses for _, of in each), Counter[int]())
        statuses = [(f'status="{status}"', count) for status, count in sorted(total.items())]
        yield from _samples("edge_responses_total", "Requests by status.", "counter", statuses)
        lambdas = self._environments()
        live = [(f'state="{name}"', lambdas[name]) for name in _LIVE if name in lambdas]
        yield from _samples("edge_lambda_environments", "Execution environments of Lambda that live.", "gauge", live)
        begun = [(f'kind="{name}"', count) for name, count in lambdas.items() if name not in _LIVE]
        yield from _samples("edge_lambda_starts_total", "Events of Lambda by what they met.", "counter", begun)
        yield from _samples("edge_cache_objects", "Objects in the cache.", "gauge", [("", objects)])


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 3) if whole else 0.0


def _labels(id: str) -> str:
    return f'DistributionId="{id}",Region="Global"'


def _function(name: str) -> str:
    return f'FunctionName="{name}",Region="Global"'


def _metric(name: str, kind: str, samples: Sequence[tuple[str, float]]) -> Iterator[str]:
    snake = _WORDS.sub("_", name).lower()
    total = "_total" if kind == "counter" else ""
    return _samples(f"cloudfront_{snake}{total}", f"AWS/CloudFront {name}.", kind, samples)


def _samples(name: str, words: str, kind: str, samples: Sequence[tuple[str, float]]) -> Iterator[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield f"{name}{{{labels}}} {value}" if labels else f"{name} {value}"
