"""A finished exchange in words: each stage that CloudFront's order of events has, run or skipped, and why.

Everything is read from the trail afterwards: a request that nobody asks about pays for none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from edge.logs import function_failures
from edge.model.cache_key import CacheKey
from edge.model.cookies import parse as parse_cookies
from edge.model.distribution import Behavior
from edge.model.function import EventType, Returned
from edge.model.headers import Headers
from edge.model.policies import ResponseHeadersPolicy
from edge.model.query_string import parse as parse_query
from edge.model.request import Request
from edge.model.result_type import ResultType
from edge.model.served import Served
from edge.model.topology import Layer
from edge.model.trail import FunctionRun, OriginContact, Trail

State = Literal["done", "skipped", "refused", "failed", "none"]


class Stage(NamedTuple):
    """One stage: "done", "skipped" (it would have run), "refused" or "failed" (it ended the request), or "none"
    (nothing is configured). `sentences` say what happened, the most important first."""

    name: str
    state: State
    sentences: tuple[str, ...]


def stages(served: Served) -> tuple[Stage, ...]:
    """The stages of a request in CloudFront's order."""
    trail = served.trail
    behavior = trail.behavior
    if behavior is None:
        return (Stage("request", "refused", _sentences(trail)),)
    return (
        *_distribution(trail),
        _behavior(behavior),
        _checks(trail),
        _function(EventType.VIEWER_REQUEST, served, behavior),
        _cache(served, trail),
        *_origin_function(EventType.ORIGIN_REQUEST, served, behavior),
        _origin(served, trail),
        *_origin_function(EventType.ORIGIN_RESPONSE, served, behavior),
        _ttl(trail),
        _function(EventType.VIEWER_RESPONSE, served, behavior),
        _response_headers(served, behavior),
    )


def _origin_function(event_type: EventType, served: Served, behavior: Behavior) -> tuple[Stage, ...]:
    """Only Lambda@Edge has functions here, and most sites have none: then there is no stage."""
    return (_function(event_type, served, behavior),) if event_type in behavior.functions else ()


def key_in_words(key: CacheKey, request: Request) -> tuple[str, ...]:
    """What makes two requests the same object here, and what of this request does not count."""
    keyed = {name for name, _ in parse_query(key.query)}
    cookies = {name for name, _ in key.cookies}
    headers = ", ".join(f"{name}: {value}" for name, value in key.headers)
    lines = [
        f"path {key.path}",
        f"query string {key.query or '(none)'}"
        + _left_out(name for name, _ in parse_query(request.query) if name not in keyed),
        f"headers {headers or '(none)'}",
        f"cookies {'; '.join('='.join(cookie) for cookie in key.cookies) or '(none)'}"
        + _left_out(name for name, _ in parse_cookies(request.headers) if name not in cookies),
    ]
    if key.accept_encoding:
        lines.append(f"Accept-Encoding, normalised to {key.accept_encoding}")
    if key.method != "GET":
        lines.append(f"method {key.method}")
    return tuple(lines)


def _left_out(names: Iterator[str]) -> str:
    left = ", ".join(dict.fromkeys(names))
    return f"; not in the key: {left}" if left else ""


def _sentences(trail: Trail, *rules: str) -> tuple[str, ...]:
    """The notes of some rules, by the first part of their id; all notes when none is named."""
    return tuple(
        f"{note.sentence} ({note.rule}{f'; AWS: {note.page}' if note.page else ''})"
        for note in trail.notes
        if not rules or note.rule.partition(".")[0] in rules
    )


def _distribution(trail: Trail) -> tuple[Stage, ...]:
    """Only where more than one could have answered: then it says which did, and why."""
    chosen, why = trail.distribution, _sentences(trail, "continuous_deployment")
    if chosen is None or (chosen.tenant is None and not why):
        return ()
    tenant = "" if chosen.tenant is None else f", for the tenant {chosen.tenant.name}"
    return (Stage("distribution", "done", (f"{chosen.name or chosen.id}{tenant}", *why)),)


def _behavior(behavior: Behavior) -> Stage:
    cache = behavior.cache_policy.name if behavior.cache_policy else "ForwardedValues"
    return Stage(
        "behavior",
        "done",
        (f"{behavior.path_pattern.text} to {behavior.target_origin_id}, cache policy {cache}",),
    )


_CHECKS = (
    *("request_limits", "alternate_domain_names", "distribution_chain", "waf", "geo_restriction", "allowed_methods"),
    *("viewer_protocol", "signed_urls", "default_root_object"),
)


def _checks(trail: Trail) -> Stage:
    refused = _sentences(trail, *_CHECKS)
    if refused:
        return Stage("checks", "refused", refused)
    return Stage("checks", "done", ("limits, Host, country, method, protocol and signature let it through",))


def _function(event_type: EventType, served: Served, behavior: Behavior) -> Stage:
    name = event_type.value.replace("-", " ")
    function = behavior.functions.get(event_type)
    if function is None:
        return Stage(name, "none", ("no function",))
    runs = [run for run in served.trail.functions if run.event_type is event_type]
    if not runs:
        why = _sentences(served.trail, "associations") or ("the request ended before it",)
        return Stage(name, "skipped", (f"{function.name} did not run", *why))
    run = runs[-1]
    if function_failures.failed(run):
        rules = _sentences(
            served.trail,
            "edge_errors",
            "restricted_headers",
            "cloudfront_functions",
            "lambda_edge",
            "origin_modification",
        )
        return Stage(name, "failed", (_ran(run), *rules, *function_failures.explained(run, behavior)))
    changes = _sentences(served.trail, "function")
    if event_type is EventType.VIEWER_REQUEST and not changes and served.trail.seen is not None:
        changes = tuple(_request_changes(served.request, served.trail.seen))
    return Stage(name, "done", (_ran(run), *changes))


def _ran(run: FunctionRun) -> str:
    if not isinstance(run.outcome, Returned):
        return f"{run.name}: {type(run.outcome).__name__}"
    report = run.outcome.report
    if report is not None:
        cold = "" if report.init_ms is None else f", cold: INIT took {report.init_ms:.0f} ms"
        return f"{run.name} ran in {report.duration_ms:.1f} ms, billed {report.billed_ms} ms{cold}"
    usage = run.outcome.usage
    return f"{run.name} ran in {usage.duration_us:.0f} µs, compute utilization {usage.compute_utilization}"


def _request_changes(before: Request, after: Request) -> Iterator[str]:
    if before.path != after.path:
        yield f"path {before.path} became {after.path}"
    if before.query != after.query:
        yield f"query string {before.query or '(none)'} became {after.query or '(none)'}"
    yield from header_changes(before.headers, after.headers)


def header_changes(before: Headers, after: Headers) -> Iterator[str]:
    """`+ name: value` and `- name` for what differs, whatever the case and order."""
    old, new = _by_name(before), _by_name(after)
    for name, value in new.items():
        if old.get(name) != value:
            yield f"+ {name}: {value}"
    for name in old:
        if name not in new:
            yield f"- {name}"


def _by_name(headers: Headers) -> dict[str, str]:
    return {name: headers.joined(name) or "" for name in dict.fromkeys(line[0].lower() for line in headers.lines)}


_LAYERS = {Layer.REC: "the regional edge cache", Layer.ORIGIN_SHIELD: "Origin Shield"}


def _cache(served: Served, trail: Trail) -> Stage:
    why = _sentences(trail, "cache", "collapse", "stale", "regional_edge_caches")
    key = trail.cache_key
    if key is None:
        return Stage("cache", "skipped", why or ("the request ended before it",))
    found = "found" if served.result_type is ResultType.HIT or not trail.origins else "not found, or no longer fresh"
    if trail.layer is not Layer.EDGE:
        behind = _LAYERS[trail.layer]
        found = f"{found} in {behind}" if found == "found" else f"{found}; {behind} asked the origin"
    return Stage("cache", "done", (found, *why, *key_in_words(key, trail.seen or served.request)))


def _origin(served: Served, trail: Trail) -> Stage:
    if not trail.origins:
        return Stage("origin", "skipped", ("not asked",))
    sentences: list[str] = []
    for contact in trail.origins:
        if contact.failure:
            sentences.append(f"{contact.origin_id} {contact.target}: {contact.failure}")
        else:
            sentences.append(
                f"{contact.origin_id} {contact.target}: {contact.status} in {contact.timings.first_byte_ms:.1f} ms"
            )
    sentences += _sentences(trail, "aws_endpoints", "failover")
    last = trail.origins[-1]
    sentences += [f"request {change}" for change in header_changes((trail.seen or served.request).headers, last.sent)]
    return Stage("origin", "failed" if last.failure else "done", tuple(sentences))


def _ttl(trail: Trail) -> Stage:
    why = _sentences(trail, "ttl", "error_caching")
    if not why or trail.ttl_s is None:
        return Stage("ttl", "skipped", ("nothing new was stored",))
    return Stage("ttl", "done", (f"{trail.ttl_s:g} s: {why[-1]}", *why[:-1]))


def _response_headers(served: Served, behavior: Behavior) -> Stage:
    """Every header that differs between what came from the origin or the cache and what the viewer gets."""
    trail = served.trail
    contact = trail.origins[-1] if trail.origins else None
    found = trail.found
    sentences: list[str] = []
    if contact is not None and found is not None and not contact.failure:
        sentences += _attributed(contact, found.headers)
    if found is not None:
        policy = behavior.response_headers_policy
        for change in header_changes(found.headers, served.response.headers):
            sentences.append(f"{change}  ({_reason(change, policy, served)})")
    sentences += [f"+ {name.lower()}: {value}  (edge_headers)" for name, value in served.edge_lines]
    return Stage("response headers", "done", tuple(sentences))


def _attributed(contact: OriginContact, found: Headers) -> Iterator[str]:
    for change in header_changes(contact.received, found):
        rule = "compression" if change.startswith("+") else "origin_response"
        yield f"{change}  ({rule})"


def _reason(change: str, policy: ResponseHeadersPolicy | None, served: Served) -> str:
    name = change[2:].partition(":")[0]
    if policy is not None:
        cors = policy.cors is not None and name.startswith("access-control-")
        own = {one.name.lower() for one in (*policy.security, *policy.custom)} | set(policy.remove)
        if cors or name in own or (name == "vary" and policy.cors is not None):
            return f"response headers policy {policy.name}"
    if name in ("server", "date"):
        return "edge_headers"
    for run in served.trail.functions:
        if run.event_type is EventType.VIEWER_RESPONSE:
            return f"function {run.name}"
    return "viewer_conditions" if served.response.status == 304 else "ranges"
