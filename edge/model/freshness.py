"""How long a response may be served from the cache: what the TTL rules say."""

from __future__ import annotations

from typing import NamedTuple

from edge.model.note import Note


class Freshness(NamedTuple):
    """Seconds, counted from when the answer came. `storable` False: it is not put in the cache.

    `shared` says whether viewers who waited behind the same fetch may have an answer that is not stored; False for
    one that the origin meant for a single viewer. `must_ask_origin`: stored, but every request goes to the origin
    (`Vary: *`).
    """

    storable: bool
    ttl_s: float
    note: Note
    stale_while_revalidate_s: float = 0.0
    stale_if_error_s: float = 0.0
    shared: bool = True
    must_ask_origin: bool = False
