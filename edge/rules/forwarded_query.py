"""Which query parameters and cookies the origin gets: those of the cache key, and what the origin request policy adds.

Source: CloudFront Developer Guide, "Understand how origin request policies and cache policies work together":
what the cache policy allows goes on, whatever the origin request policy blocks; of two block lists both count. Choice:
where an allow list meets a cache policy's block list, the rest of the cache key goes on too, since the page on cache
policies promises that for all that is keyed.
"""

from __future__ import annotations

from edge.model import cookies, query_string
from edge.model.distribution import Behavior
from edge.model.policies import ALL_NAMES, NO_NAMES, Names, Selection
from edge.model.request import Request
from edge.rules import cache_key


def query(request: Request, behavior: Behavior) -> str | None:
    """The query string for the origin, None for none."""
    if request.query is None:
        return None
    if behavior.cache_policy is None:
        legacy = behavior.forwarded_values
        return request.query if legacy is not None and legacy.query_string else None
    keyed = behavior.cache_policy.query_strings
    policy = behavior.origin_request_policy
    added = NO_NAMES if policy is None else policy.query_strings
    if ALL_NAMES.selection in (keyed.selection, added.selection):
        return request.query
    kept = [pair for pair in query_string.parse(request.query) if forwards(keyed, added, pair[0])]
    return query_string.render(kept) or None


def cookie_header(request: Request, behavior: Behavior) -> str | None:
    """The Cookie header for the origin, None for none. Cookies are sorted by name."""
    if "cookie" not in request.headers:
        return None
    if behavior.cache_policy is None:
        legacy = behavior.forwarded_values
        kept = cache_key.select_cookies(legacy.cookies, request) if legacy is not None else []
    else:
        policy = behavior.origin_request_policy
        added = NO_NAMES if policy is None else policy.cookies
        keyed = behavior.cache_policy.cookies
        kept = [pair for pair in cookies.parse(request.headers) if forwards(keyed, added, pair[0])]
    return cookies.render(sorted(kept, key=lambda pair: pair[0])) or None


def forwards(keyed: Names, added: Names, name: str) -> bool:
    """Whether a name goes on, by the selection in the cache policy and the one in the origin request policy."""
    if keyed.selection is Selection.ALL_EXCEPT and added.selection is Selection.ALL_EXCEPT:
        return selects(keyed, name) and selects(added, name)
    return selects(keyed, name) or selects(added, name)


def selects(names: Names, name: str) -> bool:
    """Whether a selection has a name."""
    match names.selection:
        case Selection.ALL:
            return True
        case Selection.WHITELIST:
            return name in names.names
        case Selection.ALL_EXCEPT:
            return name not in names.names
        case _:
            return False
