"""An origin in this process that answers at once: what is measured is the edge, not a site or a network."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from edge.bench.workload import TYPICAL_BYTES, Asked
from edge.model.headers import Headers
from edge.model.origin import Origin, OriginAttempt, OriginFailure, OriginResponse

_BYTES_MAX = 16 * 1024 * 1024


class StandInOrigin:
    """Answers 200 with as many bytes as the workload says, cacheable for `max_age_s`, and 304 to who has them."""

    def __init__(self, asked: Iterable[Asked], max_age_s: int) -> None:
        self._sizes = {one.request.path: min(one.body_bytes, _BYTES_MAX) for one in asked}
        self._cache_control = f"public, max-age={max_age_s}"
        self._filler = b"x" * max([TYPICAL_BYTES, *self._sizes.values()])

    async def resolve(self, origin: Origin) -> OriginFailure | None:
        """It needs no name."""
        return None

    async def fetch(self, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        """The answer to one attempt."""
        method, target, headers, _ = attempt.request
        path = target.removeprefix(attempt.origin.path).partition("?")[0]
        size = self._sizes.get(path, TYPICAL_BYTES)
        etag = f'"{zlib.crc32(path.encode()):08x}"'
        lines = (("Content-Type", "text/html"), ("Cache-Control", self._cache_control), ("ETag", etag))
        if headers.get("if-none-match") == etag:
            return OriginResponse(304, "Not Modified", Headers(lines), b"")
        body = b"" if method == "HEAD" else self._filler[:size]
        return OriginResponse(200, "OK", Headers((*lines, ("Content-Length", str(size)))), body)
