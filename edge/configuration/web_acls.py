"""Web ACLs and IP sets of AWS WAF, and `[waf]` of edge.toml, whose rules come before those of the template.

Source: AWS WAF API Reference, WebACL, Rule, Statement, IPSet; CloudFormation User Guide, AWS::WAFv2::WebACL.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from edge.configuration.declared import Declared
from edge.configuration.finding import Finding, error, warning
from edge.configuration.intrinsics import as_text
from edge.configuration.local import Local
from edge.configuration.positions import Place
from edge.model.web_acl import (
    Action,
    And,
    ByteMatch,
    GeoMatch,
    IpSetMatch,
    Not,
    Or,
    RateBased,
    Rule,
    Statement,
    WebAcl,
)

_WAF = "AWS WAF Developer Guide, Rule statements"
_POSITIONS = ("EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS")
_PARTS = {"UriPath": "path", "QueryString": "query", "Method": "method"}


class _NotModelled(Exception):  # noqa: N818 -- it carries a sentence to the finding
    """A statement, or a part of one, that has no model here."""


def web_acl(arn: str, named: Place, declared: Declared, local: Local, found: list[Finding]) -> WebAcl | None:
    """What looks at the requests of a distribution or a tenant, by the ARN that stands at `named` ("" for none); None
    for nothing."""
    acl = _declared(arn, named, declared, found) if arn else None
    if local.waf is None:
        return acl
    if acl is None:
        return local.waf
    return replace(acl, rules=(*local.waf.rules, *acl.rules))


def _declared(arn: str, named: Place, declared: Declared, found: list[Finding]) -> WebAcl | None:
    place = declared.web_acls.get(arn)
    if place is None:
        message = (
            f"not modelled: the web ACL {arn} is not here, so AWS WAF does not look at requests; [waf] in edge.toml can"
        )
        found.append(warning("not_modelled", named.at(), message))
        return None
    rules: list[tuple[int, Rule]] = []
    for index in range(_count(place.child("Rules"))):
        rule = place.child("Rules", index)
        name = as_text(rule.child("Name").tree or f"rule {index}")
        try:
            made = Rule(name, _action(rule), _statement(rule.child("Statement"), declared))
        except _NotModelled as problem:
            found.append(warning("not_modelled", rule.at(), f"not modelled: {problem}; the rule {name} is passed over"))
        except ValueError as problem:
            found.append(error("waf.value", rule.at(), f"{problem}", _WAF))
        else:
            rules.append((int(as_text(rule.child("Priority").tree or 0)), made))
    blocks = _has(place.child("DefaultAction"), "Block")
    name = as_text(place.child("Name").tree or arn.split("/")[-1])
    return WebAcl(
        name, tuple(rule for _, rule in sorted(rules, key=lambda pair: pair[0])), "block" if blocks else "allow"
    )


def _action(rule: Place) -> Action:
    action = rule.child("Action")
    for name in ("Allow", "Block", "Count"):
        if _has(action, name):
            if _has(action.child(name), "CustomResponse"):
                raise _NotModelled("CustomResponse")
            return name.lower()  # type: ignore[return-value]
    names = ", ".join(action.tree) if isinstance(action.tree, dict) else "a managed rule group's own"
    raise _NotModelled(f"the action {names}")


def _statement(place: Place, declared: Declared) -> Statement:
    tree = place.tree
    if not isinstance(tree, dict) or len(tree) != 1:
        raise ValueError("a rule has exactly one Statement")
    (kind,) = tree
    inside = place.child(kind)
    match kind:
        case "IPSetReferenceStatement":
            if _has(inside, "IPSetForwardedIPConfig"):
                raise _NotModelled("IPSetForwardedIPConfig")
            return _ip_set(as_text(inside.child("Arn").tree or inside.child("ARN").tree), declared)
        case "GeoMatchStatement":
            return GeoMatch(frozenset(as_text(one).upper() for one in inside.child("CountryCodes").tree or ()))
        case "RateBasedStatement":
            return _rate(inside, declared)
        case "ByteMatchStatement":
            return _bytes(inside)
        case "NotStatement":
            return Not(_statement(inside.child("Statement"), declared))
        case "AndStatement" | "OrStatement":
            parts = inside.child("Statements")
            statements = tuple(_statement(parts.child(index), declared) for index in range(_count(parts)))
            return And(statements) if kind == "AndStatement" else Or(statements)
        case _:
            raise _NotModelled(kind)


def _ip_set(arn: str, declared: Declared) -> IpSetMatch:
    place = declared.ip_sets.get(arn)
    if place is None:
        raise _NotModelled(f"the IP set {arn}, which is not here")
    return IpSetMatch(tuple(ip_network(as_text(one), strict=False) for one in place.child("Addresses").tree or ()))


def _rate(inside: Place, declared: Declared) -> RateBased:
    kind = as_text(inside.child("AggregateKeyType").tree or "IP")
    if kind != "IP":
        raise _NotModelled(f"AggregateKeyType {kind}")
    scope = inside.child("ScopeDownStatement")
    return RateBased(
        int(as_text(inside.child("Limit").tree)),
        float(as_text(inside.child("EvaluationWindowSec").tree or 300)),
        None if scope.tree is None else _statement(scope, declared),
    )


def _bytes(inside: Place) -> ByteMatch:
    field, position = inside.child("FieldToMatch"), as_text(inside.child("PositionalConstraint").tree)
    names = list(field.tree) if isinstance(field.tree, dict) else []
    if names == ["SingleHeader"]:
        part = as_text(field.child("SingleHeader", "Name").tree).lower()
    elif len(names) == 1 and names[0] in _PARTS:
        part = _PARTS[names[0]]
    else:
        raise _NotModelled(f"FieldToMatch {', '.join(names)}")
    changes = inside.child("TextTransformations")
    kinds = {as_text(changes.child(index, "Type").tree) for index in range(_count(changes))} - {"NONE"}
    if position not in _POSITIONS or kinds - {"LOWERCASE"}:
        raise _NotModelled(f"a ByteMatchStatement with {position} and {', '.join(sorted(kinds)) or 'NONE'}")
    return ByteMatch(part, as_text(inside.child("SearchString").tree), position, lower_case=bool(kinds))  # type: ignore[arg-type]


def _count(place: Place) -> int:
    return len(place.tree) if isinstance(place.tree, list) else 0


def _has(place: Place, name: str) -> bool:
    tree: Any = place.tree
    return isinstance(tree, dict) and name in tree
