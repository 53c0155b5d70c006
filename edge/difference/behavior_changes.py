"""What is different about one behavior: who may ask, what is cached under which key, what origin and viewer get.

Only the key decides whether the cache is empty afterwards: another TTL holds for what is stored from then on, and what
lies in the cache keeps the one it has.
Source: CloudFront Developer Guide, "Understand the cache key", "Understand how origin request policies and cache
policies work together", "Understand response headers policies".
"""

from __future__ import annotations

from collections.abc import Iterator

from edge.difference.change import Change, gained_and_lost, selection, values
from edge.model.distribution import Behavior
from edge.model.function import CloudFrontFunction, EventType, Function
from edge.model.policies import NO_NAMES, Names, ResponseHeadersPolicy, Selection

_LAMBDA_SETTINGS = ("code_path", "handler", "runtime", "memory_mb", "timeout_s", "include_body", "version")
_KINDS = ("headers", "cookies", "query strings")


def changes(where: str, old: Behavior, new: Behavior) -> Iterator[Change]:
    """Everything about one behavior."""
    yield from values(where, "routing", [("origin", old.target_origin_id, new.target_origin_id)])
    yield from values(
        where,
        "access",
        [
            ("viewer protocol policy", old.viewer_protocol_policy, new.viewer_protocol_policy),
            ("allowed methods", old.allowed_methods, new.allowed_methods),
            ("signatures by key", tuple(old.trusted_keys), tuple(new.trusted_keys)),
        ],
    )
    yield from _cache(where, old, new)
    yield from _to_the_origin(where, old, new)
    yield from _functions(where, old, new)
    yield from _response_headers(where, old.response_headers_policy, new.response_headers_policy)


def _cache(where: str, old: Behavior, new: Behavior) -> Iterator[Change]:
    for kind, was, now in zip(_KINDS, _keyed(old), _keyed(new), strict=True):
        if was != now:
            sentence = f"{kind} in the cache key: {selection(was)} -> {selection(now)}"
            yield Change(where, "cache", sentence, empties_cache=True)
    if _encodings(old) != _encodings(new):
        sentence = f"Accept-Encoding in the cache key: {_encodings(old)} -> {_encodings(new)}"
        yield Change(where, "cache", sentence, empties_cache=True)
    compared: list[tuple[str, object, object]] = [
        (f"{name} TTL, in seconds", was, now)
        for name, was, now in zip(("minimum", "default", "maximum"), _ttls(old), _ttls(new), strict=True)
    ]
    compared += [
        ("cached methods", old.cached_methods, new.cached_methods),
        ("compression", old.compress, new.compress),
    ]
    yield from values(where, "cache", compared)


def _keyed(behavior: Behavior) -> tuple[Names, Names, Names]:
    """The headers, cookies and query strings of the key, as a policy or ForwardedValues has them."""
    policy, legacy = behavior.cache_policy, behavior.forwarded_values
    if policy is not None:
        return policy.headers, policy.cookies, policy.query_strings
    if legacy is None:
        return NO_NAMES, NO_NAMES, NO_NAMES
    headers = Names(Selection.WHITELIST, legacy.headers) if legacy.headers else NO_NAMES
    keys = legacy.query_string_keys
    queries = Names(Selection.WHITELIST, keys) if keys else Names(Selection.ALL) if legacy.query_string else NO_NAMES
    return headers, legacy.cookies, queries


def _encodings(behavior: Behavior) -> str:
    policy = behavior.cache_policy
    if policy is None:
        return "as the viewer sends it"
    return ", ".join(name for name, on in (("gzip", policy.gzip), ("br", policy.brotli)) if on) or "none"


def _ttls(behavior: Behavior) -> tuple[int, int, int]:
    one = behavior.cache_policy or behavior.forwarded_values
    return (0, 0, 0) if one is None else (one.min_ttl_s, one.default_ttl_s, one.max_ttl_s)


def _to_the_origin(where: str, old: Behavior, new: Behavior) -> Iterator[Change]:
    """What the origin gets besides the key."""
    for kind, was, now in zip(_KINDS, _forwarded(old), _forwarded(new), strict=True):
        if was == now:
            continue
        gained, lost, _ = gained_and_lost(dict.fromkeys(was.names), dict.fromkeys(now.names))
        listed = [f"+ {name}" for name in gained] + [f"- {name}" for name in lost]
        detail = f" ({', '.join(listed)})" if was.selection is now.selection and listed else ""
        sentence = f"{kind} for the origin: {selection(was)} -> {selection(now)}{detail}"
        yield Change(where, "origin", sentence)


def _forwarded(behavior: Behavior) -> tuple[Names, Names, Names]:
    policy = behavior.origin_request_policy
    if policy is None:
        return _keyed(behavior)
    more = policy.headers
    if policy.cloudfront_headers and more.selection is Selection.ALL_VIEWER:
        more = Names(Selection.ALL_VIEWER_AND_WHITELIST_CLOUDFRONT, policy.cloudfront_headers)
    both = zip(_keyed(behavior), (more, policy.cookies, policy.query_strings), strict=True)
    headers, cookies, queries = (_together(keyed, added) for keyed, added in both)
    return headers, cookies, queries


def _together(keyed: Names, added: Names) -> Names:
    """The wider of two selections, as far as one word says it: what is keyed goes to the origin in any case."""
    if keyed.selection is Selection.NONE or keyed == added:
        return added
    if added.selection is Selection.NONE:
        return keyed
    if keyed.selection is added.selection is Selection.WHITELIST:
        return Names(Selection.WHITELIST, tuple(dict.fromkeys((*keyed.names, *added.names))))
    return keyed if keyed.selection is Selection.ALL else added


def _functions(where: str, old: Behavior, new: Behavior) -> Iterator[Change]:
    for event_type in EventType:
        was, now = old.functions.get(event_type), new.functions.get(event_type)
        if was is None and now is not None:
            yield Change(where, "function", f"{event_type}: {now.name} runs")
        elif was is not None and now is None:
            yield Change(where, "function", f"{event_type}: {was.name} runs no more")
        elif was is not None and now is not None:
            yield from (Change(where, "function", f"{event_type}: {words}") for words in _function(was, now))


def _function(old: Function, new: Function) -> Iterator[str]:
    """What differs, the file's name left aside: two versions of a configuration lie in two folders."""
    if type(old) is not type(new) or old.name != new.name:
        yield f"{old.name} -> {new.name}"
    elif isinstance(old, CloudFrontFunction) and isinstance(new, CloudFrontFunction):
        if old.code != new.code:
            yield f"the code of {new.name} is another one"
        if old.runtime != new.runtime:
            yield f"{new.name} runs in {new.runtime}, no more in {old.runtime}"
        if old.key_value_store != new.key_value_store:
            yield f"{new.name} reads the store {new.key_value_store or 'none'}, no more {old.key_value_store or 'none'}"
    elif old != new:
        differing = [name for name in _LAMBDA_SETTINGS if getattr(old, name) != getattr(new, name)]
        words = ", ".join("code" if name == "code_path" else name.replace("_", " ") for name in differing)
        yield f"{new.name} differs in {words}"


def _response_headers(
    where: str, old: ResponseHeadersPolicy | None, new: ResponseHeadersPolicy | None
) -> Iterator[Change]:
    """Headers that viewers get, and get no more, whatever the origin sends."""
    gained, lost, other = gained_and_lost(was := _set(old), now := _set(new))
    for name in gained:
        yield Change(where, "response", f"responses gain {name}: {now[name]}")
    for name in lost:
        yield Change(where, "response", f"responses lose {name}, unless the origin sends it")
    for name in other:
        yield Change(where, "response", f"{name}: {was[name]} -> {now[name]}")
    removed, kept = (frozenset(policy.remove) if policy else frozenset[str]() for policy in (old, new))
    for name in sorted(kept - removed):
        yield Change(where, "response", f"the origin's {name} is removed from responses")
    for name in sorted(removed - kept):
        yield Change(where, "response", f"the origin's {name} is removed no more")


def _set(policy: ResponseHeadersPolicy | None) -> dict[str, str]:
    """The headers that a policy sets, with what they say."""
    if policy is None:
        return {}
    headers = {
        one.name.lower(): f"{one.value}{' (in place of the origin)' if one.override else ''}"
        for one in (*policy.security, *policy.custom)
    }
    if (cors := policy.cors) is not None:
        headers["access-control-allow-origin"] = ", ".join(cors.allow_origins)
        headers["access-control-allow-methods"] = ", ".join(cors.allow_methods)
        headers["access-control-allow-headers"] = ", ".join(cors.allow_headers)
        if cors.allow_credentials:
            headers["access-control-allow-credentials"] = "true"
        if cors.expose_headers:
            headers["access-control-expose-headers"] = ", ".join(cors.expose_headers)
        if cors.max_age_s is not None:
            headers["access-control-max-age"] = str(cors.max_age_s)
    if policy.server_timing_rate is not None:
        headers["server-timing"] = f"for {policy.server_timing_rate:g} % of responses"
    return headers
