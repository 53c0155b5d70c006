"""A viewer's request, as CloudFront has it after parsing.

A NamedTuple rather than a frozen dataclass: one is made for every request, and it costs a third.
"""

from __future__ import annotations

from typing import NamedTuple

from edge.model.body import EMPTY, Body
from edge.model.headers import NO_HEADERS, Headers


class Request(NamedTuple):
    """`path` is the raw path that begins with "/"; `query` the raw text after "?", None when there is no "?".

    Neither is percent-decoded, ever: CloudFront keys, matches and forwards what the viewer wrote.
    """

    method: str
    path: str
    query: str | None = None
    headers: Headers = NO_HEADERS
    body: Body = EMPTY

    @property
    def target(self) -> str:
        """Path and query as they stand in the request line."""
        return self.path if self.query is None else f"{self.path}?{self.query}"

    @property
    def host(self) -> str:
        """The Host header as the viewer sent it, "" without one."""
        return self.headers.get("host") or ""

    @property
    def has_body(self) -> bool:
        """Whether a body came or is announced, even one of unknown length."""
        return not isinstance(self.body, bytes) or bool(self.body)
