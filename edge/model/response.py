"""A response on its way to the viewer."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from edge.model.body import EMPTY, Body
from edge.model.headers import NO_HEADERS, Headers

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
# The registry's current words, and the status that only CloudFront uses.
_PHRASES |= {413: "Payload Too Large", 414: "URI Too Long", 494: "Request Header Too Large"}


def reason_phrase(status: int) -> str:
    """The standard reason phrase of a status, "" for one that has none."""
    return _PHRASES.get(status, "")


class Response(NamedTuple):
    """`reason` None stands for the standard phrase of the status."""

    status: int
    headers: Headers = NO_HEADERS
    body: Body = EMPTY
    reason: str | None = None

    @property
    def phrase(self) -> str:
        """What stands behind the status in HTTP/1.1."""
        return reason_phrase(self.status) if self.reason is None else self.reason
