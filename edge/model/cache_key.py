"""The cache key: what makes two requests the same object.

Source: CloudFront Developer Guide, "Understand the cache key". The scheme is not part of it, the alias neither.
"""

from __future__ import annotations

from typing import NamedTuple

PARTS = "PARTS"
"""Takes the place of the method in the key of an object's parts."""


class CacheKey(NamedTuple):
    """`method` is "GET" for GET and HEAD, "OPTIONS" for itself. `query` is the keyed part, order kept.

    `headers` and `cookies` are the keyed (name, value) pairs; a listed header that is absent is left out.
    `accept_encoding` is the normalised value ("br,gzip", "gzip", "br" or ""). `origin_id` is set in the caches of
    Origin Shield only, which stand in front of one origin each.
    """

    distribution_id: str
    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()
    accept_encoding: str = ""
    origin_id: str = ""

    @property
    def of_parts(self) -> CacheKey:
        """Where the parts of an object are kept of which not all is here."""
        return self._replace(method=PARTS)
