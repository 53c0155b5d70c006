"""Which responses are compressed, and what that does to their headers."""

from __future__ import annotations

from typing import Any

import pytest

from edge.model.distribution import Behavior
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy
from edge.model.policies import ForwardedValues
from edge.model.request import Request
from edge.model.response import Response
from edge.rules import compression

OPTIMIZED = Behavior("site", cache_policy=cache_policy("CachingOptimized"), compress=True)
GZIP_ONLY = Behavior("site", cache_policy=cache_policy("Elemental-MediaPackage"), compress=True)
UNCOMPRESSED = Behavior("s", cache_policy=cache_policy("CachingOptimizedForUncompressedObjects"), compress=True)
LEGACY = Behavior("site", forwarded_values=ForwardedValues(), compress=True)


def chosen(
    accept: str | None = "gzip, br",
    behavior: Behavior = OPTIMIZED,
    status: int = 200,
    method: str = "GET",
    **headers: str | None,
) -> Any:
    sent = Headers(() if accept is None else (("Accept-Encoding", accept),))
    fields: dict[str, str | None] = {"Content-Type": "text/html; charset=utf-8", "Content-Length": "2000"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = Headers((name, value) for name, value in fields.items() if value is not None)
    return compression.choose(behavior, Request(method, "/", None, sent), Response(status, lines, b"x"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "br"),
        ({"accept": "gzip"}, "gzip"),
        ({"accept": "deflate"}, None),
        ({"accept": None}, None),
        ({"behavior": LEGACY}, "gzip"),
        ({"behavior": LEGACY, "accept": "br"}, None),
        ({"behavior": GZIP_ONLY}, "gzip"),
        ({"behavior": GZIP_ONLY, "accept": "br"}, None),
        ({"behavior": UNCOMPRESSED}, None),
        ({"accept": "zstd"}, None),
        ({"accept": "br;q=0, gzip"}, "gzip"),
        ({"behavior": Behavior("s", cache_policy=OPTIMIZED.cache_policy)}, None),
        ({"behavior": Behavior("s", cache_policy=cache_policy("CachingDisabled"), compress=True)}, None),
        ({"status": 404}, "br"),
        ({"status": 403}, "br"),
        ({"status": 500}, None),
        ({"status": 206}, None),
        ({"method": "HEAD"}, None),
        ({"Content_Length": "999"}, None),
        ({"Content_Length": "1000"}, "br"),
        ({"Content_Length": "10000000"}, "br"),
        ({"Content_Length": "10000001"}, None),
        ({"Content_Length": None}, None),
        ({"Content_Length": "x"}, None),
        ({"Content_Encoding": "identity"}, None),
        ({"Content_Type": "image/png"}, None),
        ({"Content_Type": "font/woff"}, None),
        ({"Content_Type": "application/ld+json"}, None),
        ({"Content_Type": "application/manifest+json"}, None),
        ({"Content_Type": "image/x-icon"}, None),
        ({"Content_Type": "application/wasm"}, "br"),
        ({"Content_Type": "application/pdf"}, "br"),
        ({"Content_Type": "vnd.apple.mpegurl"}, "br"),
        ({"Content_Type": "APPLICATION/JSON"}, "br"),
        ({"Content_Type": None}, None),
    ],
)
def test_what_is_compressed(change: dict[str, Any], expected: str | None) -> None:
    """The conditions of the page on compressed files (trap 18 for lengths)."""
    assert chosen(**change) == expected


@pytest.mark.parametrize(
    ("length", "compressed"), [(None, False), ("999", False), ("1000", True), ("10000000", True), ("10000001", False)]
)
def test_trap_18_without_a_length_or_outside_the_limits_nothing_is_compressed(
    length: str | None, compressed: bool
) -> None:
    """A chunked response has none."""
    assert (chosen(Content_Length=length) is not None) is compressed


@pytest.mark.parametrize(("etag", "expected"), [('"x"', 'W/"x"'), ('W/"x"', 'W/"x"'), ("x", None)])
def test_trap_19_etags(etag: str, expected: str | None) -> None:
    """Strong becomes weak, weak stays, what is no ETag goes."""
    assert compression.headers(Headers((("ETag", etag),)), "br").get("etag") == expected


@pytest.mark.parametrize(
    ("vary", "expected"),
    [(None, "Accept-Encoding"), ("Origin", "Origin, Accept-Encoding"), ("accept-encoding", "accept-encoding")],
)
def test_vary_and_framing(vary: str | None, expected: str) -> None:
    """Vary names Accept-Encoding once; the old length goes."""
    lines = (("Content-Length", "2000"), *((("Vary", vary),) if vary else ()))
    headers = compression.headers(Headers(lines), "gzip")
    assert (headers.get("vary"), headers.get("content-encoding"), headers.get("content-length")) == (
        expected,
        "gzip",
        None,
    )
