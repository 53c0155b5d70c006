"""Is a parsed request head fit to be a request? The checks that llhttp leaves to its user.

Source: RFC 9112 (sections 2.2, 3.2, 6.1, 6.3) for what must be refused; each answer is CloudFront's. llhttp itself
refuses bad methods, bad chunks, folded lines, spaces before the colon, control characters, and bad lengths.
"""

from __future__ import annotations

import re

from edge.model.headers import Headers
from edge.model.malformed import Malformed

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"})
_FORBIDDEN_IN_TARGET = re.compile(r"[\x00-\x20#\x7f]")
_FORBIDDEN_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_HOST = re.compile(r"[A-Za-z0-9._~%!$&'()*+,;=-]*(?::\d*)?|\[[0-9A-Fa-f:.]+\](?::\d*)?")


def examine(method: str, target: str, headers: Headers, http_version: str) -> Malformed | None:
    """What is wrong with a head; None for a fit one."""
    if method not in METHODS:
        return Malformed.BAD_METHOD
    if not target.startswith("/") or _FORBIDDEN_IN_TARGET.search(target):
        return Malformed.BAD_TARGET
    if "transfer-encoding" in headers:
        if "content-length" in headers:
            return Malformed.LENGTH_AND_CHUNKED
        if [value.strip().lower() for value in headers.all("transfer-encoding")] != ["chunked"]:
            return Malformed.BAD_TRANSFER_CODING
        if http_version == "1.0":
            return Malformed.BAD_TRANSFER_CODING
    elif "content-length" in headers:
        lengths = headers.all("content-length")
        if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
            return Malformed.BAD_LENGTH
    host = headers.get("host")
    if host is None:
        if http_version != "1.0":
            return Malformed.NO_HOST
    elif not _HOST.fullmatch(host) or len(headers.all("host")) > 1:
        return Malformed.NO_HOST
    return None


def holds_forbidden_characters(value: str) -> bool:
    """Whether a header value has a control character in it (a tab is allowed)."""
    return _FORBIDDEN_IN_VALUE.search(value) is not None
