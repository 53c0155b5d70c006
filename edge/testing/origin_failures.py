"""The ways in which an origin fails, in the words of tests."""

from __future__ import annotations

from edge.model.origin import OriginFailureKind
from edge.testing.errors import HarnessError

FAILURES = {
    "timeout": OriginFailureKind.READ_TIMEOUT,
    "connect timeout": OriginFailureKind.CONNECT_TIMEOUT,
    "refused": OriginFailureKind.CONNECT,
    "dns": OriginFailureKind.DNS,
    "tls": OriginFailureKind.TLS,
    "dropped": OriginFailureKind.DROPPED,
    "invalid": OriginFailureKind.INVALID_RESPONSE,
    "headers too big": OriginFailureKind.HEADER_TOO_BIG,
}


def failure_kind(how: str | OriginFailureKind) -> OriginFailureKind:
    """The failure that a test names. Raises HarnessError."""
    __tracebackhide__ = True
    if isinstance(how, OriginFailureKind):
        return how
    if how not in FAILURES:
        raise HarnessError(f"an origin does not fail by {how!r}; there are {', '.join(FAILURES)}")
    return FAILURES[how]
