"""How long a URL and how large a request head may be.

Source: CloudFront Developer Guide, "Request and response behavior for custom origins", maximum length of a request and
of a URL; "Quotas". 414 for the URL, 494 for the rest, and the connection is closed. Choices where nothing is
documented: the URL is path, `?` and query, without scheme and host; the page of both says "Bad request.".
"""

from __future__ import annotations

from edge.model import quotas
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.request import Request

_LINE_OVERHEAD_BYTES = 4  # ": " and CRLF
_REQUEST_LINE_OVERHEAD_BYTES = 12  # two spaces, "HTTP/1.1" and CRLF


def check(request: Request) -> Refusal | None:
    """Refuse a URL or a head over its quota. Text is one character a byte, so lengths are bytes."""
    url_bytes = len(request.path) + (0 if request.query is None else len(request.query) + 1)
    if url_bytes > quotas.URL_MAX_BYTES:
        return uri_too_long(url_bytes)
    lines = request.headers.lines
    head_bytes = len(request.method) + url_bytes + _REQUEST_LINE_OVERHEAD_BYTES + _LINE_OVERHEAD_BYTES * len(lines)
    # Joining is the cheapest way to add up lengths.
    head_bytes += len("".join(map("".join, lines)))
    if head_bytes > quotas.REQUEST_HEAD_MAX_BYTES:
        return headers_too_large(head_bytes)
    return None


def uri_too_long(url_bytes: int) -> Refusal:
    """414. `url_bytes` is the size where it is known, else 0."""
    template = "the URL has {} bytes, {} are allowed; send long values in the body of a POST"
    note = Note("request_limits.uri_too_long", template, (url_bytes or "too many", quotas.URL_MAX_BYTES))
    return Refusal(414, "Bad request.", note, "InvalidRequest", close=True)


def headers_too_large(head_bytes: int) -> Refusal:
    """494. `head_bytes` is the size where it is known, else 0."""
    template = "the request line and headers have {} bytes, {} are allowed; large cookies are the usual cause"
    note = Note("request_limits.headers_too_large", template, (head_bytes or "too many", quotas.REQUEST_HEAD_MAX_BYTES))
    return Refusal(494, "Bad request.", note, "InvalidRequestHeader", close=True)
