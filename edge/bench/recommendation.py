"""Which tier a function should run in, and why: the decision rule, one reason for each question it asks.

Source: CloudFront Developer Guide, "Differences between CloudFront Functions and Lambda@Edge", "Quotas on CloudFront
Functions", "Restrictions on edge functions", "Test functions" (what compute utilization means). The rule: whatever only
Lambda@Edge can do decides for it; else CloudFront Functions, which start without a cold start and cost less. Language
does not decide, because code can be written otherwise: it is work, and the reason says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge.bench.needs import Needs
from edge.model import quotas
from edge.model.function import EventType

_DIFFERENCES = "Differences between CloudFront Functions and Lambda@Edge"
_QUOTAS = "Quotas on CloudFront Functions"
_TESTING = "Test functions"
_RESTRICTIONS = "Restrictions on edge functions"

UTILIZATION_NEAR = 51
UTILIZATION_LIKELY_THROTTLED = 71
"""Percent of the allowed time from which on AWS says that a function is near its limit, and likely throttled."""

_VIEWER_EVENTS = frozenset({EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE})


class Tier(StrEnum):
    """Where user code runs."""

    CLOUDFRONT_FUNCTIONS = "CloudFront Functions"
    LAMBDA_EDGE = "Lambda@Edge"


@dataclass(frozen=True, slots=True)
class Reason:
    """The answer to one question. `decides` is whether the function cannot be a CloudFront Function because of it;
    `work` whether it can after a change. `short` fits into a sentence after "it": "uses no network"."""

    rule: str
    short: str
    sentence: str
    source: str
    decides: bool = False
    work: bool = False


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The tier, and every reason in the order in which the rule asks."""

    tier: Tier
    reasons: tuple[Reason, ...]

    @property
    def because(self) -> tuple[Reason, ...]:
        """The reasons to show first: those that decide, else all."""
        return tuple(reason for reason in self.reasons if reason.decides) or self.reasons

    @property
    def work(self) -> tuple[Reason, ...]:
        """What has to be changed before the function can run where it should."""
        return tuple(reason for reason in self.reasons if reason.work and not reason.decides)


def recommend(needs: Needs, *, beside_lambda_at_viewer: bool = False) -> Recommendation:
    """The tier for a function. `beside_lambda_at_viewer`: the behavior's other viewer event has a Lambda@Edge function
    that cannot be moved."""
    reasons = tuple(
        reason
        for reason in (
            _trigger(needs),
            _beside(needs, beside_lambda_at_viewer),
            _network(needs),
            _files(needs),
            _body(needs),
            _size(needs),
            _time(needs),
            _memory(needs),
            _modules(needs),
            _language(needs),
        )
        if reason is not None
    )
    tier = Tier.LAMBDA_EDGE if any(reason.decides for reason in reasons) else Tier.CLOUDFRONT_FUNCTIONS
    return Recommendation(tier, reasons)


def headline(
    recommendation: Recommendation,
    runs_in: frozenset[Tier],
    lambda_usd: float | None,
    function_usd: float,
    *,
    at_least: bool = False,
) -> str:
    """The verdict in one sentence. Prices are for a million requests; `lambda_usd` is None when it was not run there,
    the least that it may be with `at_least`;
    `runs_in` the tiers in which the function exists."""
    dearer = "" if lambda_usd is None else f"{'at least ' if at_least else ''}{_times(lambda_usd, function_usd)}"
    because = ", ".join(reason.short for reason in recommendation.because)
    if recommendation.tier is Tier.LAMBDA_EDGE:
        return f"Lambda@Edge is the place for this function: it {because}."
    verb = "move it" if runs_in == {Tier.LAMBDA_EDGE} else "run it as a CloudFront Function"
    work = "; ".join(reason.sentence for reason in recommendation.work)
    cost = f"This function in Lambda@Edge costs {dearer}; {verb}" if dearer else "Run it as a CloudFront Function"
    return f"{cost}: it {because}." + (f" Before that: {work}" if work else "")


def _times(lambda_usd: float, function_usd: float) -> str:
    if function_usd <= 0 or lambda_usd <= function_usd:
        return f"${lambda_usd:.3f} a million against ${function_usd:.3f}"
    return f"{lambda_usd / function_usd:.1f} times as much"


def _trigger(needs: Needs) -> Reason:
    event = needs.event_type.value
    decides = needs.event_type not in _VIEWER_EVENTS
    sentence = f"CloudFront Functions run at viewer request and viewer response; this one runs at {event}."
    return Reason("trigger", f"runs at {event}", sentence, _DIFFERENCES, decides)


def _beside(needs: Needs, beside_lambda: bool) -> Reason | None:
    if not beside_lambda or needs.event_type not in _VIEWER_EVENTS:
        return None
    sentence = "A behavior cannot have a CloudFront Function at one viewer event and Lambda@Edge at the other."
    return Reason("together", "stands beside a Lambda@Edge function", sentence, _RESTRICTIONS, decides=True)


def _network(needs: Needs) -> Reason:
    if not needs.network:
        return Reason(
            "network", "uses no network", "CloudFront Functions have no network; it needs none.", _DIFFERENCES
        )
    names = ", ".join(needs.network)
    sentence = f"CloudFront Functions have no network; it uses {names}."
    return Reason("network", f"uses the network ({names})", sentence, _DIFFERENCES, decides=True)


def _files(needs: Needs) -> Reason | None:
    if not needs.files:
        return None
    sentence = f"CloudFront Functions have no file system; it uses {', '.join(needs.files)}."
    return Reason("files", "uses the file system", sentence, _DIFFERENCES, decides=True)


def _body(needs: Needs) -> Reason:
    if not needs.reads_body:
        return Reason("body", "reads no body", "CloudFront Functions do not see bodies; it reads none.", _DIFFERENCES)
    sentence = "CloudFront Functions do not see the request's body; it reads it."
    return Reason("body", "reads the request's body", sentence, _DIFFERENCES, decides=True)


def _size(needs: Needs) -> Reason:
    size = f"{needs.code_bytes / quotas.KIB:.1f} KB"
    limit = f"{quotas.FUNCTION_CODE_MAX_BYTES / quotas.KIB:.0f} KB"
    decides = needs.code_bytes > quotas.FUNCTION_CODE_MAX_BYTES
    sentence = f"The code of a CloudFront Function has at most {limit}, comments included; this is {size}."
    return Reason("size", f"has {size} of code", sentence, _QUOTAS, decides)


def _time(needs: Needs) -> Reason | None:
    if needs.utilization is None:
        return None
    percent = round(needs.utilization)
    decides = percent >= UTILIZATION_LIKELY_THROTTLED
    if decides:
        sentence = f"From {UTILIZATION_LIKELY_THROTTLED} % on, functions are likely to be throttled."
    elif percent >= UTILIZATION_NEAR:
        sentence = f"From {UTILIZATION_NEAR} % on, a function is near its limit: make it shorter."
    else:
        sentence = f"Below {UTILIZATION_NEAR} % there is room."
    used = f"uses {percent} % of the compute budget"
    return Reason("time", used, f"It {used} (99th percentile). {sentence}", _TESTING, decides)


def _memory(needs: Needs) -> Reason | None:
    if needs.memory_bytes is None:
        return None
    used = f"{needs.memory_bytes / quotas.KIB:.0f} KB"
    decides = needs.memory_bytes > quotas.FUNCTION_MEMORY_MAX_BYTES
    sentence = f"A CloudFront Function has {quotas.FUNCTION_MEMORY_MAX_BYTES // quotas.MIB} MB; it uses {used}."
    return Reason("memory", f"uses {used} of memory", sentence, _QUOTAS, decides)


def _modules(needs: Needs) -> Reason | None:
    if not needs.modules:
        return None
    names = ", ".join(needs.modules)
    sentence = f"a CloudFront Function cannot load {names}; what it needs of it has to stand in the function."
    return Reason("modules", f"loads {names}", sentence, _DIFFERENCES, work=True)


def _language(needs: Needs) -> Reason:
    if not needs.language:
        fits = "uses only what CloudFront's JavaScript has"
        return Reason("language", fits, "It compiles as it is in cloudfront-js.", _DIFFERENCES)
    sentence = f"it has to be written otherwise ({needs.language})."
    return Reason("language", "needs other JavaScript", sentence, _DIFFERENCES, work=True)
