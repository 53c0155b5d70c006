"""A web ACL of AWS WAF, as far as it is modelled: rules with statements about the address, the country, the request's
text and its rate.

Source: AWS WAF API Reference, WebACL, Rule, Statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Literal, TypeAlias

from edge.model.path_pattern import PathPattern

Network: TypeAlias = IPv4Network | IPv6Network
Action: TypeAlias = Literal["allow", "block", "count"]


@dataclass(frozen=True, slots=True)
class IpSetMatch:
    """The viewer's address is in one of these networks."""

    networks: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class GeoMatch:
    """The viewer is in one of these countries (ISO 3166-1 alpha-2)."""

    countries: frozenset[str]


@dataclass(frozen=True, slots=True)
class PathMatch:
    """The path matches a pattern, as those of behaviors do. In edge.toml only: it stands in for what a managed rule
    group would find."""

    pattern: PathPattern


@dataclass(frozen=True, slots=True)
class ByteMatch:
    """`text` is found in `part` of the request ("path", "query", "method", or a header's name in lower case) at
    `position`; with `lower_case` the request's text is made so first."""

    part: str
    text: str
    position: Literal["EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS"]
    lower_case: bool = False


@dataclass(frozen=True, slots=True)
class RateBased:
    """More than `limit` requests of one address within `window_s` seconds; those that `scope` names, if it is set."""

    limit: int
    window_s: float = 300
    scope: Statement | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """What a statement does not match."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class And:
    """What all statements match."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What any statement matches."""

    statements: tuple[Statement, ...]


Statement: TypeAlias = IpSetMatch | GeoMatch | PathMatch | ByteMatch | RateBased | Not | And | Or


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it does with a request that its statement matches."""

    name: str
    action: Action
    statement: Statement


@dataclass(frozen=True, slots=True)
class WebAcl:
    """`rules` are in the order of their priority; the first that allows or blocks decides."""

    name: str
    rules: tuple[Rule, ...]
    default_action: Literal["allow", "block"] = "allow"
