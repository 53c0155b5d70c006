"""Web ACLs in templates, answers and edge.toml."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration, ConfigurationError, local
from edge.model.path_pattern import PathPattern
from edge.model.web_acl import And, ByteMatch, GeoMatch, IpSetMatch, Not, Or, PathMatch, RateBased, Rule, WebAcl

Stack = Callable[..., Path]
Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]

OFFICE = IpSetMatch((ip_network("198.51.100.0/24"), ip_network("2001:db8::1/128")))
IP_SET = {
    "Type": "AWS::WAFv2::IPSet",
    "Properties": {
        "Scope": "CLOUDFRONT",
        "IPAddressVersion": "IPV4",
        "Addresses": ["198.51.100.0/24", "2001:db8::1/128"],
    },
}
IN_OFFICE = {"IPSetReferenceStatement": {"Arn": {"Fn::GetAtt": ["Office", "Arn"]}}}


def acl(*rules: dict[str, Any], default: str = "Allow") -> dict[str, Any]:
    properties = {"Name": "acl", "Scope": "CLOUDFRONT", "DefaultAction": {default: {}}, "Rules": list(rules)}
    return {"Type": "AWS::WAFv2::WebACL", "Properties": properties}


def rule(name: str, priority: int, statement: Any, action: str = "Block") -> dict[str, Any]:
    return {"Name": name, "Priority": priority, "Action": {action: {}}, "Statement": statement}


@pytest.fixture
def made(stack: Stack, inspect: Inspect) -> Callable[..., Configuration]:
    """A distribution behind a web ACL."""

    def make(*rules: dict[str, Any], **more: Any) -> Configuration:
        resources = {"Acl": acl(*rules, **more), "Office": IP_SET}
        return inspect(stack(resources=resources, config={"WebACLId": {"Fn::GetAtt": ["Acl", "Arn"]}}))

    return make


def test_rules_are_in_the_order_of_their_priority(made: Callable[..., Configuration]) -> None:
    found = made(rule("second", 2, IN_OFFICE), rule("first", 1, IN_OFFICE, "Count"), default="Block")
    assert found.findings == ()
    rules = (Rule("first", "count", OFFICE), Rule("second", "block", OFFICE))
    assert found.distributions[0].web_acl == WebAcl("acl", rules, "block")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"GeoMatchStatement": {"CountryCodes": ["DE", "FR"]}}, GeoMatch(frozenset({"DE", "FR"}))),
        ({"RateBasedStatement": {"Limit": "100", "AggregateKeyType": "IP"}}, RateBased(100)),
        (
            {
                "RateBasedStatement": {
                    "Limit": 10,
                    "EvaluationWindowSec": 60,
                    "AggregateKeyType": "IP",
                    "ScopeDownStatement": IN_OFFICE,
                }
            },
            RateBased(10, 60, OFFICE),
        ),
        ({"NotStatement": {"Statement": IN_OFFICE}}, Not(OFFICE)),
        ({"AndStatement": {"Statements": [IN_OFFICE, IN_OFFICE]}}, And((OFFICE, OFFICE))),
        ({"OrStatement": {"Statements": [IN_OFFICE, IN_OFFICE]}}, Or((OFFICE, OFFICE))),
        (
            {
                "ByteMatchStatement": {
                    "SearchString": "/admin",
                    "FieldToMatch": {"UriPath": {}},
                    "PositionalConstraint": "STARTS_WITH",
                    "TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}],
                }
            },
            ByteMatch("path", "/admin", "STARTS_WITH", lower_case=True),
        ),
        (
            {
                "ByteMatchStatement": {
                    "SearchString": "bot",
                    "FieldToMatch": {"SingleHeader": {"Name": "User-Agent"}},
                    "PositionalConstraint": "CONTAINS",
                    "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
                }
            },
            ByteMatch("user-agent", "bot", "CONTAINS"),
        ),
    ],
)
def test_statements(made: Callable[..., Configuration], statement: Any, expected: Any) -> None:
    found = made(rule("r", 0, statement))
    assert found.findings == ()
    assert found.distributions[0].web_acl == WebAcl("acl", (Rule("r", "block", expected),))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Statement": {"SqliMatchStatement": {}}}, "SqliMatchStatement"),
        ({"Statement": {"ManagedRuleGroupStatement": {}}, "Action": None}, "a managed rule group's own"),
        ({"Action": {"Captcha": {}}}, "the action Captcha"),
        ({"Action": {"Block": {"CustomResponse": {"ResponseCode": 418}}}}, "CustomResponse"),
        ({"Statement": {"IPSetReferenceStatement": {"Arn": "arn:aws:wafv2:other"}}}, "which is not here"),
        ({"Statement": {"RateBasedStatement": {"Limit": 1, "AggregateKeyType": "FORWARDED_IP"}}}, "FORWARDED_IP"),
    ],
)
def test_what_is_not_modelled_is_listed_and_passed_over(
    made: Callable[..., Configuration], change: dict[str, Any], words: str
) -> None:
    odd = {key: value for key, value in {**rule("odd", 0, IN_OFFICE), **change}.items() if value is not None}
    found = made(odd, rule("r", 1, IN_OFFICE))
    (finding,) = found.findings
    assert (finding.level, finding.rule) == ("warning", "not_modelled")
    assert words in finding.message
    assert "the rule odd is passed over" in finding.message
    assert found.distributions[0].web_acl == WebAcl("acl", (Rule("r", "block", OFFICE),))


def test_a_web_acl_that_is_not_here_is_listed(stack: Stack, inspect: Inspect) -> None:
    found = inspect(stack(config={"WebACLId": "arn:aws:wafv2:us-east-1:1:global/webacl/a/b"}))
    assert [one.rule for one in found.findings] == ["not_modelled"]
    assert found.distributions[0].web_acl is None


def test_answers_beside_the_distribution(api: Stack, inspect: Inspect, write: Write) -> None:
    arn, office = "arn:aws:wafv2:us-east-1:1:global/webacl/acl/1", "arn:aws:wafv2:us-east-1:1:global/ipset/o/1"
    path = api(config={"WebACLId": arn})
    listed = {"IPSetReferenceStatement": {"ARN": office}}
    web_acl = {"ARN": arn, "Name": "acl", "DefaultAction": {"Allow": {}}, "Rules": [rule("r", 0, listed)]}
    write("acl.json", {"WebACL": web_acl})
    write("office.json", {"IPSet": {"ARN": office, "Addresses": ["198.51.100.0/24", "2001:db8::1/128"]}})
    assert inspect(path).distributions[0].web_acl == WebAcl("acl", (Rule("r", "block", OFFICE),))


LOCAL = """
[waf]
default_action = "allow"

[[waf.rules]]
name = "office"
action = "allow"
addresses = ["198.51.100.0/24", "2001:db8::1/128"]

[[waf.rules]]
name = "too many"
paths = ["/api/*"]
rate = 100
window_s = 60
"""


def test_rules_of_edge_toml_come_first(stack: Stack, inspect: Inspect, write: Write) -> None:
    resources = {"Acl": acl(rule("r", 0, IN_OFFICE)), "Office": IP_SET}
    path = stack(resources=resources, config={"WebACLId": {"Fn::GetAtt": ["Acl", "Arn"]}})
    write("edge.toml", f'[origins]\napp = "http://localhost:3000"\n{LOCAL}')
    scope = Or((PathMatch(PathPattern("/api/*")),))
    assert inspect(path).distributions[0].web_acl == WebAcl(
        "acl",
        (
            Rule("office", "allow", OFFICE),
            Rule("too many", "block", RateBased(100, 60, scope)),
            Rule("r", "block", OFFICE),
        ),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[waf.rules]]\nname = "r"\n', "names addresses, countries, paths or a rate"),
        ('[[waf.rules]]\nname = "r"\naddresses = ["here"]\n', "no address and no network"),
        ('[[waf.rules]]\nname = "r"\nadresses = ["192.0.2.1"]\n', "did you mean addresses?"),
        ('[waf]\ndefault = "block"\n', "did you mean default_action?"),
    ],
)
def test_a_rule_that_is_wrong_is_an_error_with_the_fix(write: Write, tmp_path: Path, text: str, words: str) -> None:
    write("edge.toml", text)
    with pytest.raises(ConfigurationError) as problem:
        local.read(None, tmp_path)
    assert words in problem.value.findings[0].message


@pytest.mark.parametrize(
    ("customization", "expected"),
    [
        (None, "acl"),
        ({"Action": "disable"}, None),
        ({"Action": "override", "Arn": {"Fn::GetAtt": ["Other", "Arn"]}}, "other"),
    ],
)
def test_a_tenant_may_have_a_web_acl_of_its_own_or_none(
    stack: Stack, inspect: Inspect, customization: Any, expected: str | None
) -> None:
    other = acl(rule("r", 0, IN_OFFICE))
    other["Properties"]["Name"] = "other"
    tenant = {"DistributionId": {"Ref": "Site"}, "Name": "acme", "Domains": ["acme.example.com"]}
    if customization is not None:
        tenant["Customizations"] = {"WebAcl": customization}
    resources = {
        "Acl": acl(rule("r", 0, IN_OFFICE)),
        "Other": other,
        "Office": IP_SET,
        "Acme": {"Type": "AWS::CloudFront::DistributionTenant", "Properties": tenant},
    }
    config = {
        "WebACLId": {"Fn::GetAtt": ["Acl", "Arn"]},
        "ConnectionMode": "tenant-only",
        "TenantConfig": {"ParameterDefinitions": []},
        "HttpVersion": "http2",
    }
    (found,) = inspect(stack(resources=resources, config=config)).distributions
    assert (found.name, None if found.web_acl is None else found.web_acl.name) == ("acme", expected)
