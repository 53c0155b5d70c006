"""What is different about two distributions as wholes: names, origins, behaviors and their order, error pages.

The logical ids and ARNs by which a source calls things are not compared, only what they come to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from edge.difference import behavior_changes
from edge.difference.change import Change, gained_and_lost, values
from edge.model.distribution import Distribution
from edge.model.origin import Origin

_WHOLE = "distribution"
_NOT_COMPARED = frozenset({"local_url", "function_url", "http_api", "custom_headers", "access_control"})


def changes(old: Distribution, new: Distribution) -> list[Change]:
    """All differences, those of the whole first."""
    return [*_distribution(old, new), *_origins(old, new), *_behaviors(old, new), *_error_responses(old, new)]


def _distribution(old: Distribution, new: Distribution) -> Iterator[Change]:
    gained, lost, _ = gained_and_lost(dict.fromkeys(old.aliases), dict.fromkeys(new.aliases))
    for alias in gained:
        yield Change(_WHOLE, "access", f"{alias} is answered")
    for alias in lost:
        yield Change(_WHOLE, "access", f"{alias} is answered no more: such requests get 403")
    if old.enabled != new.enabled:
        yield Change(_WHOLE, "access", f"the distribution is {'enabled' if new.enabled else 'disabled'}")
    for words, was, now in (
        ("default root object", old.default_root_object, new.default_root_object),
        ("HTTP version", old.http_version, new.http_version),
        ("cache tags from the header", old.cache_tag_header, new.cache_tag_header),
    ):
        yield from values(_WHOLE, "other", [(words, was, now)])
    geo = [(one.kind, one.locations) for one in (old.geo_restriction, new.geo_restriction)]
    if geo[0] != geo[1]:
        (was_kind, was_in), (kind, countries) = geo
        sentence = f"geo restriction: {was_kind} {', '.join(sorted(was_in))} -> {kind} {', '.join(sorted(countries))}"
        yield Change(_WHOLE, "access", sentence.replace("none  ->", "none ->").rstrip())


def _origins(old: Distribution, new: Distribution) -> Iterator[Change]:
    gained, lost, other = gained_and_lost(old.origins, new.origins)
    for id in gained:
        yield Change(f"origin {id}", "origin", f"is new: {new.origins[id].domain_name}{new.origins[id].path}")
    for id in lost:
        yield Change(f"origin {id}", "origin", "is gone")
    for id in other:
        yield from _origin(f"origin {id}", old.origins[id], new.origins[id])
    for id, group in new.origin_groups.items():
        was = old.origin_groups.get(id)
        if was != group:
            codes = ", ".join(str(code) for code in sorted(group.failover_status_codes))
            sentence = f"fails over from {group.members[0]} to {group.members[1]} at {codes}"
            yield Change(f"origin group {id}", "origin", sentence if was else f"is new: {sentence}")
    for id in old.origin_groups:
        if id not in new.origin_groups:
            yield Change(f"origin group {id}", "origin", "is gone: there is no failover")


def _origin(where: str, old: Origin, new: Origin) -> Iterator[Change]:
    names = [field.name for field in fields(Origin) if field.name not in _NOT_COMPARED]
    yield from values(
        where, "origin", [(name.replace("_", " "), getattr(old, name), getattr(new, name)) for name in names]
    )
    signed, signs = (one.access_control.signing_behavior if one.access_control else "never" for one in (old, new))
    yield from values(where, "origin", [("requests are signed", signed, signs)])
    was, now = ({name.lower(): value for name, value in one.custom_headers} for one in (old, new))
    gained, lost, other = gained_and_lost(was, now)
    # Values are often secrets between the edge and the origin, so they are not shown.
    yield from (Change(where, "origin", f"gets the header {name}") for name in gained)
    yield from (Change(where, "origin", f"gets the header {name} no more") for name in lost)
    yield from (Change(where, "origin", f"gets another value of the header {name}") for name in other)


def _behaviors(old: Distribution, new: Distribution) -> Iterator[Change]:
    was, now = ({one.path_pattern.text: one for one in whole.behaviors} for whole in (old, new))
    gained, lost, _ = gained_and_lost(was, now)
    for pattern in gained:
        yield Change(f"behavior {pattern}", "routing", f"is new, and goes to {now[pattern].target_origin_id}")
    for pattern in lost:
        yield Change(f"behavior {pattern}", "routing", "is gone: its paths go to the next pattern that matches")
    both = [pattern for pattern in was if pattern in now]
    order = [pattern for pattern in now if pattern in was]
    if both != order:
        yield Change(_WHOLE, "routing", f"order of behaviors: {', '.join(both)} -> {', '.join(order)}")
    for pattern in order:
        yield from behavior_changes.changes(f"behavior {pattern}", was[pattern], now[pattern])


def _error_responses(old: Distribution, new: Distribution) -> Iterator[Change]:
    gained, lost, other = gained_and_lost(old.custom_error_responses, new.custom_error_responses)
    for code in (*gained, *other):
        one = new.custom_error_responses[code]
        page = f"{one.response_code} with {one.response_page_path}" if one.response_page_path else "as it is"
        yield Change(_WHOLE, "response", f"error {code}: answered {page}, cached for {one.error_caching_min_ttl_s} s")
    for code in lost:
        yield Change(_WHOLE, "response", f"error {code}: no custom response any more")
