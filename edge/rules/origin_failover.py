"""Which origins are asked, how often, and when the second of a group is.

Source: CloudFront Developer Guide, "Optimize high availability with CloudFront origin failover", "All distribution
settings reference" (connection attempts). Only GET, HEAD and OPTIONS fail over. A connection that fails counts as
503, an answer that does not come as 504, each only if the group lists that code. The response completion timeout holds
for all attempts together. Choice: an answer that is broken counts as the 502 that it would be.
"""

from __future__ import annotations

from edge.model.distribution import Behavior, Distribution
from edge.model.origin import Origin, OriginFailure, OriginFailureKind, OriginRequest, OriginResponse, OriginTarget

_FAILOVER_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CONNECTING = frozenset(
    {OriginFailureKind.DNS, OriginFailureKind.CONNECT, OriginFailureKind.CONNECT_TIMEOUT, OriginFailureKind.TLS}
)
_RETRIED_CONNECTING = frozenset({OriginFailureKind.CONNECT, OriginFailureKind.CONNECT_TIMEOUT})


def target(distribution: Distribution, behavior: Behavior) -> OriginTarget:
    """What a behavior's target stands for: one origin, or the two of a group."""
    group = distribution.origin_groups.get(behavior.target_origin_id)
    if group is None:
        return OriginTarget((distribution.origins[behavior.target_origin_id],), frozenset())
    return OriginTarget(tuple(distribution.origins[member] for member in group.members), group.failover_status_codes)


def fails_over(target: OriginTarget, method: str, outcome: OriginResponse | OriginFailure) -> bool:
    """Whether the next origin is asked after this outcome."""
    if method not in _FAILOVER_METHODS:
        return False
    if isinstance(outcome, OriginResponse):
        return outcome.status in target.status_codes
    if outcome.kind in _CONNECTING:
        return 503 in target.status_codes
    return (504 if outcome.kind is OriginFailureKind.READ_TIMEOUT else 502) in target.status_codes


def retries(origin: Origin, request: OriginRequest, failure: OriginFailure, number: int, elapsed_s: float) -> bool:
    """Whether the same origin is tried again after attempt `number`, `elapsed_s` after the first began. A body that
    has begun to flow cannot be sent twice."""
    if number >= origin.connection_attempts or left_s(origin, elapsed_s) == 0:
        return False
    if failure.kind in _RETRIED_CONNECTING:
        return True
    return failure.kind is OriginFailureKind.READ_TIMEOUT and request.method in ("GET", "HEAD") and not request.body


def left_s(origin: Origin, elapsed_s: float) -> float | None:
    """What is left of the response completion timeout; None without one."""
    limit = origin.response_completion_timeout_s
    return None if limit is None else max(0.0, limit - elapsed_s)
