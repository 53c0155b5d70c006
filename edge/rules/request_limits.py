"""How long a URL and how large a request head may be.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins", maximum length of a request
and of a URL: 414 for the URL, 494 for the rest, and the connection is closed.
"""

from __future__ import annotations

from edge.model import quotas
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.request import Request

_LINE_OVERHEAD_BYTES = 4  # ": " and CRLF
_REQUEST_LINE_OVERHEAD_BYTES = 12  # two spaces, "HTTP/1.1" and CRLF


def check(request: Request) -> Refusal | None:
    """Refuse what is too long. The scheme and the host do not count as part of the URL."""
    url_bytes = len(request.path) + (0 if request.query is None else len(request.query) + 1)
    if url_bytes > quotas.URL_MAX_BYTES:
        return uri_too_long(url_bytes)
    head_bytes = len(request.method) + url_bytes + _REQUEST_LINE_OVERHEAD_BYTES
    for name, value in request.headers.lines:
        head_bytes += len(name) + len(value) + _LINE_OVERHEAD_BYTES
    if head_bytes > quotas.REQUEST_HEAD_MAX_BYTES:
        return headers_too_large(head_bytes)
    return None


def uri_too_long(url_bytes: int) -> Refusal:
    """414, with the size where it is known."""
    template = "the URL has {} bytes, {} are allowed"
    note = Note("request_limits.uri_too_long", template, (url_bytes or "too many", quotas.URL_MAX_BYTES))
    return Refusal(414, "Bad request.", note, "InvalidRequest", close=True)


def headers_too_large(head_bytes: int) -> Refusal:
    """494, with the size where it is known."""
    template = "the request line and headers have {} bytes, {} are allowed"
    note = Note("request_limits.headers_too_large", template, (head_bytes or "too many", quotas.REQUEST_HEAD_MAX_BYTES))
    return Refusal(494, "Bad request.", note, "InvalidRequestHeader", close=True)
