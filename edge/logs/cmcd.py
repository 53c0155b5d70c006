"""Common Media Client Data, which video players send with their requests and real-time logs take apart.

Source: CTA-5004; CloudFront Developer Guide, "Use real-time access logs" (cmcd-* fields). It stands in the query
parameter CMCD or in the headers CMCD-Object, -Request, -Session and -Status.
"""

from __future__ import annotations

from urllib.parse import unquote

from edge.model import query_string
from edge.model.request import Request

FIELDS = {
    "cmcd-encoded-bitrate": "br",
    "cmcd-buffer-length": "bl",
    "cmcd-buffer-starvation": "bs",
    "cmcd-content-id": "cid",
    "cmcd-object-duration": "d",
    "cmcd-deadline": "dl",
    "cmcd-measured-throughput": "mtp",
    "cmcd-next-object-request": "nor",
    "cmcd-next-range-request": "nrr",
    "cmcd-object-type": "ot",
    "cmcd-playback-rate": "pr",
    "cmcd-requested-maximum-throughput": "rtp",
    "cmcd-streaming-format": "sf",
    "cmcd-session-id": "sid",
    "cmcd-stream-type": "st",
    "cmcd-startup": "su",
    "cmcd-top-bitrate": "tb",
    "cmcd-version": "v",
}
"""The fields of a real-time log, and the key of each."""

_HEADERS = ("cmcd-object", "cmcd-request", "cmcd-session", "cmcd-status")


def value(request: Request, field: str) -> str | None:
    """What a player said for a field; "true" for a key that stands alone."""
    given = next((text for name, text in query_string.parse(request.query) if name == "CMCD"), None)
    if given is not None:
        text = unquote(given)
    else:
        text = ",".join(line for name in _HEADERS if (line := request.headers.get(name)) is not None)
    for piece in text.split(","):
        key, equals, said = piece.strip().partition("=")
        if key == FIELDS[field]:
            return said.strip('"') if equals else "true"
    return None
