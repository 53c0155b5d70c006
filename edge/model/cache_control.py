"""The Cache-Control response header as a value.

Source: RFC 9111 section 5.2; CloudFront Developer Guide, "Manage how long content stays in the cache (expiration)".
Parsing of malformed values is not documented by AWS; RFC 9111's advice is followed: a number that is not one counts as
0 (stale), of duplicates the first one counts, and numbers stop at MAX_AGE_S.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from edge.model.headers import Headers

MAX_AGE_S = 100 * 365 * 24 * 3600
"""CloudFront takes ages up to 100 years. Source: Developer Guide, expiration page."""

_DIGITS_MAX = 20
"""Longer numbers count as MAX_AGE_S without being read: Python refuses those of thousands of digits."""

_DIRECTIVE = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^,\s]*))?\s*(?:,|$)')


class CacheControl(NamedTuple):
    """Ages and windows are in seconds, None when the directive is absent.

    `no_cache_fields` are the lower-case header names of `no-cache="Set-Cookie"`; that form does not set `no_cache`.
    """

    present: bool = False
    max_age: int | None = None
    s_maxage: int | None = None
    no_cache: bool = False
    no_store: bool = False
    private: bool = False
    must_revalidate: bool = False
    stale_while_revalidate: int | None = None
    stale_if_error: int | None = None
    no_cache_fields: frozenset[str] = frozenset()

    @property
    def forbids_caching(self) -> bool:
        """Whether the origin asked for no caching at all: no-cache, no-store or private."""
        return self.no_cache or self.no_store or self.private

    @property
    def shared_max_age(self) -> int | None:
        """The age that counts for a shared cache: s-maxage before max-age."""
        return self.max_age if self.s_maxage is None else self.s_maxage


ABSENT = CacheControl()


def parse(headers: Headers) -> CacheControl:
    """The directives of all Cache-Control lines together."""
    text = headers.joined("cache-control")
    if text is None:
        return ABSENT
    found: dict[str, str | None] = {}
    position = 0
    while position < len(text):
        match = _DIRECTIVE.match(text, position)
        if match is None:  # not a directive: skip to the next comma
            comma = text.find(",", position)
            position = len(text) if comma < 0 else comma + 1
            continue
        value = match.group(2)
        found.setdefault(match.group(1).lower(), None if value is None else value.strip('"'))
        position = match.end()
    no_cache_fields = found.get("no-cache") or ""
    return CacheControl(
        present=True,
        max_age=_seconds(found, "max-age"),
        s_maxage=_seconds(found, "s-maxage"),
        no_cache="no-cache" in found and not no_cache_fields,
        no_store="no-store" in found,
        private="private" in found,
        must_revalidate="must-revalidate" in found,
        stale_while_revalidate=_seconds(found, "stale-while-revalidate"),
        stale_if_error=_seconds(found, "stale-if-error"),
        no_cache_fields=frozenset(name.strip().lower() for name in no_cache_fields.split(",") if name.strip()),
    )


def _seconds(found: dict[str, str | None], name: str) -> int | None:
    if name not in found:
        return None
    return delta_seconds(found[name] or "") or 0


def delta_seconds(text: str) -> int | None:
    """A number of seconds as RFC 9111 writes it, at most MAX_AGE_S; None for anything else."""
    if not (text.isascii() and text.isdigit()):
        return None
    return min(int(text), MAX_AGE_S) if len(text) <= _DIGITS_MAX else MAX_AGE_S
