"""The fields of access logs: each name with what it says of a finished request.

Source: CloudFront Developer Guide, "Standard log file fields", "Use real-time access logs" (fields). A field of a
real-time log that says something else than the one of the same name in a standard log is in `REAL_TIME`.
Near: sc-bytes and cs-bytes count heads as HTTP/1.1 writes them; cs-bytes counts no body of unknown length; of an answer
that failed before its first byte the time to it is the time taken. Not modelled: field-level encryption, s-ip,
origin-lbl, x-edge-mqcs, connection ids (their fields are `-`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import NamedTuple

from edge.logs import cmcd
from edge.model.body import known_length
from edge.model.distribution import Distribution
from edge.model.headers import Headers, encoded
from edge.model.request import Request
from edge.model.result_type import ResultType
from edge.model.served import Served
from edge.model.topology import Layer

_VERSIONS = {"1.0": "HTTP/1.0", "1.1": "HTTP/1.1", "2.0": "HTTP/2.0", "3.0": "HTTP/3.0"}
_ENCODED = {code: f"%{code:02X}" for code in (*range(33), *range(127, 256), *b"<>\"#%{}|\\^~[]`'")}
_SHOWN_HEADERS_MAX = 800
"""Characters of cs-headers."""


class Finished(NamedTuple):
    """A request after its last byte, at the time `now` (epoch seconds). `sent` are all header lines of the answer."""

    served: Served
    body_bytes: int
    complete: bool
    now: float
    distribution: Distribution
    sent: Headers

    @property
    def request(self) -> Request:
        """What the viewer sent."""
        return self.served.request


Value = Callable[[Finished], str | None]


def finished(
    served: Served, body_bytes: int, complete: bool, now: float, distribution: Distribution
) -> Finished | None:
    """A request to be logged; None for one that CloudFront does not log, because it was too large to be read.
    `distribution` is the one that is served, for a request that did not get so far as to have one."""
    trail = served.trail
    if trail.behavior is None or any(note.rule.startswith("request_limits.") for note in trail.notes):
        return None
    distribution = trail.distribution or distribution
    return Finished(served, body_bytes, complete, now, distribution, served.response.headers.plus(served.edge_lines))


def encode(text: str) -> str:
    """Text as a field: what the documentation lists is percent-encoded."""
    return text.translate(_ENCODED)


def _header(name: str) -> Value:
    return lambda one: one.request.headers.joined(name)


def _sent(name: str) -> Value:
    return lambda one: one.sent.get(name)


def _clock(form: str) -> Value:
    return lambda one: time.strftime(form, time.gmtime(one.now))


def _nothing(one: Finished) -> str | None:
    return None


def _status(one: Finished) -> str:
    """000 when the viewer left before the answer began."""
    return f"{one.served.response.status:03}" if one.complete or one.body_bytes else "000"


def _result(one: Finished) -> str:
    """A viewer who leaves before the end makes it an error; what the answer was is the response result type."""
    return one.served.result_type.value if one.complete else ResultType.ERROR.value


def _detailed(one: Finished) -> str:
    trail, result = one.served.trail, one.served.result_type
    if not one.complete:
        return "ClientCommError"
    if trail.detailed_result:
        return trail.detailed_result
    if result is ResultType.HIT and trail.layer is Layer.ORIGIN_SHIELD:
        return "OriginShieldHit"
    return "MissGeneratedResponse" if result is ResultType.MISS and not trail.origins else result.value


def _protocol(one: Finished) -> str:
    scheme = one.served.viewer.scheme
    if "upgrade" in one.request.headers and one.served.response.status == 101:
        return "wss" if scheme == "https" else "ws"
    return scheme


def _sent_bytes(one: Finished) -> str:
    head = len("HTTP/1.1 200 OK\r\n") + len(encoded(one.sent.lines)) + len("\r\n")
    return str(head + one.body_bytes)


def _received_bytes(one: Finished) -> str:
    request = one.request
    line = len(f"{request.method} {request.target} HTTP/1.1\r\n")
    return str(line + len(encoded(request.headers.lines)) + len("\r\n") + (known_length(request.body) or 0))


def _range(position: int) -> Value:
    """First or last byte of `Content-Range: bytes 0-9/100`."""

    def value(one: Finished) -> str | None:
        unit, _, rest = (one.sent.get("content-range") or "").partition(" ")
        ends = rest.partition("/")[0].split("-")
        return ends[position] if unit == "bytes" and len(ends) == 2 else None

    return value


def _seconds(value: float) -> str:
    return f"{max(0.0, value):.3f}"


def _origin_first_byte(one: Finished) -> str | None:
    contacts = one.served.trail.origins
    return _seconds(contacts[-1].timings.first_byte_ms / 1000) if contacts and contacts[-1].status else None


def _ip_version(one: Finished) -> str | None:
    try:
        return f"IPv{ip_address(one.served.viewer.ip.partition('%')[0]).version}"
    except ValueError:
        return None


def _headers(one: Finished) -> str:
    text = "\n".join(f"{name}:{value}" for name, value in one.request.headers.lines)
    return text[:_SHOWN_HEADERS_MAX]


def _origin_host(one: Finished) -> str | None:
    contacts = one.served.trail.origins
    origin = one.distribution.origins.get(contacts[-1].origin_id) if contacts else None
    return origin.domain_name if origin is not None else None


def _second_origin_reason(one: Finished) -> str | None:
    """Why the second origin of a group was asked: `Failover:503`."""
    contacts = one.served.trail.origins
    failed = [contact for contact in contacts if contact.origin_id != contacts[-1].origin_id]
    return f"Failover:{failed[-1].status or failed[-1].failure.partition(':')[0]}" if failed else None


def _country(one: Finished) -> str:
    return one.served.viewer.location.country


STANDARD: Mapping[str, Value] = {
    "date": _clock("%Y-%m-%d"),
    "time": _clock("%H:%M:%S"),
    "x-edge-location": _sent("x-amz-cf-pop"),
    "sc-bytes": _sent_bytes,
    "c-ip": lambda one: one.served.viewer.ip,
    "cs-method": lambda one: one.request.method,
    "cs(Host)": lambda one: one.distribution.domain_name,
    "cs-uri-stem": lambda one: one.request.path,
    "sc-status": _status,
    "cs(Referer)": _header("referer"),
    "cs(User-Agent)": _header("user-agent"),
    "cs-uri-query": lambda one: one.request.query,
    "cs(Cookie)": _header("cookie"),
    "x-edge-result-type": _result,
    "x-edge-request-id": lambda one: one.served.request_id,
    "x-host-header": lambda one: one.request.host,
    "cs-protocol": _protocol,
    "cs-bytes": _received_bytes,
    "time-taken": lambda one: _seconds(one.now - one.served.trail.started),
    "x-forwarded-for": _header("x-forwarded-for"),
    "ssl-protocol": lambda one: one.served.viewer.tls.protocol if one.served.viewer.tls else None,
    "ssl-cipher": lambda one: one.served.viewer.tls.cipher if one.served.viewer.tls else None,
    "x-edge-response-result-type": lambda one: one.served.result_type.value,
    "cs-protocol-version": lambda one: _VERSIONS[one.served.viewer.http_version],
    "fle-status": _nothing,
    "fle-encrypted-fields": _nothing,
    "c-port": lambda one: str(one.served.viewer.port),
    "time-to-first-byte": lambda one: _seconds(one.served.trail.answered - one.served.trail.started),
    "x-edge-detailed-result-type": _detailed,
    "sc-content-type": _sent("content-type"),
    "sc-content-len": _sent("content-length"),
    "sc-range-start": _range(0),
    "sc-range-end": _range(1),
}
"""The 33 fields of version 1 in their order."""

VERSION_2: Mapping[str, Value] = {
    **STANDARD,
    "distribution-tenant-id": lambda one: one.distribution.tenant.id if one.distribution.tenant else None,
    "connection-id": _nothing,
    "timestamp": lambda one: str(int(one.now)),
    "timestamp(ms)": lambda one: str(int(one.now * 1000)),
    "DistributionId": lambda one: one.distribution.id,
    "origin-fbl": _origin_first_byte,
    "origin-lbl": _nothing,
    "asn": lambda one: one.served.viewer.location.asn,
    "c-country": _country,
    "cache-behavior-path-pattern": lambda one: (
        one.served.trail.behavior.path_pattern.text if one.served.trail.behavior else None
    ),
}
"""What version 2 can log. The first 33 are logged where nothing is selected."""

REAL_TIME: Mapping[str, Value] = {
    "timestamp": lambda one: f"{one.now:.3f}",
    "c-ip": STANDARD["c-ip"],
    "s-ip": _nothing,
    "time-to-first-byte": STANDARD["time-to-first-byte"],
    "sc-status": _status,
    "sc-bytes": _sent_bytes,
    "cs-method": STANDARD["cs-method"],
    "cs-protocol": _protocol,
    "cs-host": lambda one: one.request.host,
    "cs-uri-stem": lambda one: one.request.target,
    "cs-bytes": _received_bytes,
    "x-edge-location": STANDARD["x-edge-location"],
    "x-edge-request-id": STANDARD["x-edge-request-id"],
    "x-host-header": lambda one: one.distribution.domain_name,
    "time-taken": STANDARD["time-taken"],
    "cs-protocol-version": STANDARD["cs-protocol-version"],
    "c-ip-version": _ip_version,
    "cs-user-agent": _header("user-agent"),
    "cs-referer": _header("referer"),
    "cs-cookie": _header("cookie"),
    "cs-uri-query": STANDARD["cs-uri-query"],
    "x-edge-response-result-type": STANDARD["x-edge-response-result-type"],
    "x-forwarded-for": STANDARD["x-forwarded-for"],
    "ssl-protocol": STANDARD["ssl-protocol"],
    "ssl-cipher": STANDARD["ssl-cipher"],
    "x-edge-result-type": _result,
    "fle-encrypted-fields": _nothing,
    "fle-status": _nothing,
    "sc-content-type": STANDARD["sc-content-type"],
    "sc-content-len": STANDARD["sc-content-len"],
    "sc-range-start": STANDARD["sc-range-start"],
    "sc-range-end": STANDARD["sc-range-end"],
    "c-port": STANDARD["c-port"],
    "x-edge-detailed-result-type": _detailed,
    "c-country": _country,
    "cs-accept-encoding": _header("accept-encoding"),
    "cs-accept": _header("accept"),
    "cache-behavior-path-pattern": VERSION_2["cache-behavior-path-pattern"],
    "cs-headers": _headers,
    "cs-header-names": lambda one: "\n".join(name for name, _ in one.request.headers.lines),
    "cs-headers-count": lambda one: str(len(one.request.headers)),
    "primary-distribution-id": lambda one: one.served.trail.primary.id if one.served.trail.primary else None,
    "primary-distribution-dns-name": lambda one: (
        one.served.trail.primary.domain_name if one.served.trail.primary else None
    ),
    "origin-fbl": _origin_first_byte,
    "origin-lbl": _nothing,
    "asn": VERSION_2["asn"],
    **{name: (lambda one, name=name: cmcd.value(one.request, name)) for name in cmcd.FIELDS},  # type: ignore[misc]
    "r-host": _origin_host,
    "sr-reason": _second_origin_reason,
    "x-edge-mqcs": _nothing,
    "distribution-tenant-id": lambda one: one.distribution.tenant.id if one.distribution.tenant else None,
    "connection-id": _nothing,
}
"""The fields of a real-time log in their order."""
