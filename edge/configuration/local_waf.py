"""`[waf]` of edge.toml: rules for this machine, in front of those of the template.

[[waf.rules]]
name = "office"
action = "block"               # allow, block or count
addresses = ["203.0.113.0/24"]

[[waf.rules]]
name = "too many"
paths = ["/api/*"]
rate = 100                     # requests of one address
window_s = 60

What a rule names must all be so: addresses, countries and paths, and then the rate.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from edge.model.path_pattern import PathPattern
from edge.model.web_acl import And, GeoMatch, IpSetMatch, Or, PathMatch, RateBased, Rule, Statement, WebAcl


def _networks(values: list[str]) -> list[str]:
    for value in values:
        try:
            ip_network(value, strict=False)
        except ValueError:
            raise ValueError(f'{value!r} is no address and no network; write it like "203.0.113.0/24"') from None
    return values


class WafRuleTable(BaseModel):
    """One rule."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    action: Literal["allow", "block", "count"] = "block"
    addresses: Annotated[list[str], AfterValidator(_networks)] = Field(default_factory=list)
    countries: list[str] = Field(default_factory=list)
    paths: list[str] = Field(default_factory=list)
    rate: Annotated[int, Field(ge=1)] | None = None
    window_s: float = 300

    @model_validator(mode="after")
    def _something(self) -> WafRuleTable:
        if not (self.addresses or self.countries or self.paths or self.rate):
            raise ValueError("a rule names addresses, countries, paths or a rate")
        return self


class WafTable(BaseModel):
    """All of `[waf]`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    default_action: Literal["allow", "block"] = "allow"
    rules: list[WafRuleTable] = Field(default_factory=list)


def web_acl(table: WafTable | None) -> WebAcl | None:
    """The rules as a web ACL; None without the table."""
    if table is None:
        return None
    rules = tuple(Rule(rule.name, rule.action, _statement(rule)) for rule in table.rules)
    return WebAcl("edge.toml", rules, table.default_action)


def _statement(rule: WafRuleTable) -> Statement:
    parts: list[Statement] = []
    if rule.addresses:
        parts.append(IpSetMatch(tuple(ip_network(one, strict=False) for one in rule.addresses)))
    if rule.countries:
        parts.append(GeoMatch(frozenset(one.upper() for one in rule.countries)))
    if rule.paths:
        parts.append(Or(tuple(PathMatch(PathPattern(one)) for one in rule.paths)))
    scope = None if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))
    if rule.rate is not None:
        return RateBased(rule.rate, rule.window_s, scope)
    assert scope is not None
    return scope
