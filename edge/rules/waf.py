"""AWS WAF: which requests a web ACL lets in.

Source: AWS WAF Developer Guide, "How AWS WAF processes rules", "Rule statements"; CloudFront Developer Guide, "Use AWS
WAF protections". Rules are looked at by priority; the first that allows or blocks decides, one that counts leaves a
note; then the default action. What is blocked gets 403 "Request blocked.", no function runs, and a custom error page
may take its place. Modelled are IP sets, countries, byte matches on path, query string, method and headers, rates, and
their combinations; what else a web ACL has is listed by `edge check` and passed over. Whether WAF or geo restriction
comes first is a switch.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, TypeAlias

from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.request import Request
from edge.model.viewer import Viewer
from edge.model.web_acl import (
    And,
    ByteMatch,
    GeoMatch,
    IpSetMatch,
    Not,
    Or,
    PathMatch,
    RateBased,
    Statement,
    WebAcl,
)
from edge.rules.behaviors import normalised

MESSAGE = "Request blocked."

Exceeds: TypeAlias = Callable[[str, str, int, float], bool]
"""Counts a request for a rule and an address; whether there were more than a limit within a window of seconds."""


class Judged(NamedTuple):
    """What a web ACL makes of a request: a refusal if it is blocked, and what its rules found."""

    refusal: Refusal | None
    notes: tuple[Note, ...]


def check(request: Request, viewer: Viewer, acl: WebAcl, exceeds: Exceeds) -> Judged:
    """Look at the rules in their order."""
    notes: list[Note] = []
    for rule in acl.rules:
        if not _matches(rule.statement, rule.name, request, viewer, exceeds):
            continue
        if rule.action == "block":
            note = Note("waf.blocked", "the rule {} of the web ACL {} blocks the request", (rule.name, acl.name))
            return Judged(_blocked(note), tuple(notes))
        template = "the rule {} of the web ACL {} matches ({})"
        notes.append(Note("waf.matched", template, (rule.name, acl.name, rule.action)))
        if rule.action == "allow":
            return Judged(None, tuple(notes))
    if acl.default_action == "allow":
        return Judged(None, tuple(notes))
    note = Note(
        "waf.default", "no rule of the web ACL {} lets the request in, and its default is to block", (acl.name,)
    )
    return Judged(_blocked(note), tuple(notes))


def _blocked(note: Note) -> Refusal:
    return Refusal(403, MESSAGE, note, "InvalidRequestBlocked")


def _matches(statement: Statement, rule: str, request: Request, viewer: Viewer, exceeds: Exceeds) -> bool:
    match statement:
        case IpSetMatch(networks):
            address = _address(viewer.ip)
            return address is not None and any(
                address in network for network in networks if network.version == address.version
            )
        case GeoMatch(countries):
            return viewer.location.country in countries
        case PathMatch(pattern):
            return pattern.matches(normalised(request.path))
        case ByteMatch():
            return _found(statement, request)
        case RateBased(limit, window_s, scope):
            if scope is not None and not _matches(scope, rule, request, viewer, exceeds):
                return False
            return exceeds(rule, viewer.ip, limit, window_s)
        case Not(inner):
            return not _matches(inner, rule, request, viewer, exceeds)
        case And(inner):
            return all(_matches(one, rule, request, viewer, exceeds) for one in inner)
        case Or(inner):
            return any(_matches(one, rule, request, viewer, exceeds) for one in inner)


def _address(ip: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(ip)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _found(statement: ByteMatch, request: Request) -> bool:
    match statement.part:
        case "path":
            text = request.path
        case "query":
            text = request.query or ""
        case "method":
            text = request.method
        case name:
            text = request.headers.joined(name) or ""
    if statement.lower_case:
        text = text.lower()
    match statement.position:
        case "EXACTLY":
            return text == statement.text
        case "STARTS_WITH":
            return text.startswith(statement.text)
        case "ENDS_WITH":
            return text.endswith(statement.text)
        case "CONTAINS":
            return statement.text in text
