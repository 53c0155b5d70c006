"""The access log: CloudFront's standard log, version 1 (33 fields, tab-separated) or as JSON lines.

Source: CloudFront Developer Guide, "Standard logging (legacy)", "Standard log file fields", "Standard logging (v2)".
Near: sc-bytes and cs-bytes count heads as HTTP/1.1 writes them; cs-bytes counts no body of unknown length. Requests
that are refused for their size are not logged, as on AWS. Not modelled: field-level encryption (its fields are `-`),
the choice of fields in version 2.
"""

from __future__ import annotations

import gzip
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import orjson

from edge.logs.function_logs import custom_data
from edge.model.body import known_length
from edge.model.headers import Headers, encoded
from edge.model.request import Request
from edge.model.result_type import ResultType
from edge.model.served import Served
from edge.model.viewer import Viewer

Format = Literal["w3c", "json"]

FIELDS = (
    *("date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status"),
    *("cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)", "x-edge-result-type", "x-edge-request-id"),
    *("x-host-header", "cs-protocol", "cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher"),
    *("x-edge-response-result-type", "cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port"),
    *("time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len", "sc-range-start"),
    "sc-range-end",
)

_ENCODED = {chr(code): f"%{code:02X}" for code in (*range(33), *range(127, 256), *b"<>\"#%{}|\\^~[]`'")}
_VERSIONS = {"1.0": "HTTP/1.0", "1.1": "HTTP/1.1", "2.0": "HTTP/2.0", "3.0": "HTTP/3.0"}


def record(
    served: Served, body_bytes: int, complete: bool, now: float, domain_name: str, *, with_cookies: bool = False
) -> dict[str, str] | None:
    """One request as field -> text, "-" for what is empty; None for a request that CloudFront does not log. `now` is
    when the last byte went out, in epoch seconds; `domain_name` is the distribution's."""
    trail, request, viewer = served.trail, served.request, served.viewer
    if trail.behavior is None or any(note.rule.startswith("request_limits.") for note in trail.notes):
        return None
    sent = served.response.headers.plus(served.edge_lines)
    moment = time.gmtime(now)
    start, end = _range(sent)
    result = served.result_type
    values = (
        time.strftime("%Y-%m-%d", moment),
        time.strftime("%H:%M:%S", moment),
        sent.get("x-amz-cf-pop"),
        str(_head_bytes(sent) + body_bytes),
        viewer.ip,
        request.method,
        domain_name,
        request.path,
        f"{served.response.status:03}" if complete or body_bytes else "000",
        request.headers.get("referer"),
        request.headers.get("user-agent"),
        request.query,
        request.headers.joined("cookie") if with_cookies else None,
        result.value,
        served.request_id,
        request.host,
        _protocol(request, viewer),
        str(_request_bytes(request)),
        f"{now - trail.started:.3f}",
        request.headers.joined("x-forwarded-for"),
        viewer.tls.protocol if viewer.tls else None,
        viewer.tls.cipher if viewer.tls else None,
        result.value,
        _VERSIONS[viewer.http_version],
        None,
        None,
        str(viewer.port),
        f"{max(0.0, trail.answered - trail.started):.3f}",
        _detailed(served, complete),
        sent.get("content-type"),
        sent.get("content-length"),
        start,
        end,
    )
    return {name: value or "-" for name, value in zip(FIELDS, values, strict=True)}


def encode(text: str) -> str:
    """Text as a field of version 1: what the documentation lists is percent-encoded."""
    return "".join(_ENCODED.get(character, character) for character in text)


def _detailed(served: Served, complete: bool) -> str:
    if not complete:
        return "ClientCommError"
    generated = served.result_type is ResultType.MISS and not served.trail.origins
    return served.trail.detailed_result or ("MissGeneratedResponse" if generated else served.result_type.value)


def _protocol(request: Request, viewer: Viewer) -> str:
    if "upgrade" in request.headers:
        return "wss" if viewer.scheme == "https" else "ws"
    return viewer.scheme


def _head_bytes(headers: Headers) -> int:
    return len("HTTP/1.1 200 OK\r\n") + len(encoded(headers.lines)) + len("\r\n")


def _request_bytes(request: Request) -> int:
    line = len(f"{request.method} {request.target} HTTP/1.1\r\n")
    return line + len(encoded(request.headers.lines)) + len("\r\n") + (known_length(request.body) or 0)


def _range(headers: Headers) -> tuple[str | None, str | None]:
    """First and last byte of `Content-Range: bytes 0-9/100`."""
    unit, _, rest = (headers.get("content-range") or "").partition(" ")
    start, dash, end = rest.partition("/")[0].partition("-")
    return (start, end) if unit == "bytes" and dash else (None, None)


class StandardLog:
    """Writes the access log into a folder: a gzip file for each hour, named as CloudFront names them."""

    def __init__(
        self,
        folder: Path,
        distribution: Callable[[], tuple[str, str]],
        now: Callable[[], float],
        *,
        format: Format = "w3c",
        with_cookies: bool = False,
    ) -> None:
        """`distribution` says its id and domain name. Raises OSError when the folder cannot be made."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._distribution = distribution
        self._now = now
        self._format = format
        self._with_cookies = with_cookies
        self._hour = ""
        self._file: gzip.GzipFile | None = None

    def __call__(self, served: Served, body_bytes: int, complete: bool) -> None:
        """Log one answer after its last byte."""
        distribution_id, domain_name = self._distribution()
        now = self._now()
        found = record(served, body_bytes, complete, now, domain_name, with_cookies=self._with_cookies)
        if found is None:
            return
        hour = time.strftime("%Y-%m-%d-%H", time.gmtime(now))
        if self._file is None or hour != self._hour:
            self._open(distribution_id, hour)
        assert self._file is not None
        if self._format == "json":
            self._file.write(orjson.dumps(found | custom_data(served)) + b"\n")
        else:
            self._file.write("\t".join(encode(value) for value in found.values()).encode("iso-8859-1") + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Finish the file of this hour."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, distribution_id: str, hour: str) -> None:
        self.close()
        self._hour = hour
        name = f"{distribution_id}.{hour}.{secrets.token_hex(4)}.gz"
        self._file = gzip.GzipFile(self._folder / name, "wb")
        if self._format == "w3c":
            self._file.write(f"#Version: 1.0\n#Fields: {' '.join(FIELDS)}\n".encode())
