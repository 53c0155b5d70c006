"""Promises of edge/events/origin_modification.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edge.events.origin_modification import modify
from edge.model.distribution import Behavior, Distribution
from edge.model.headers import Headers
from edge.model.origin import Origin, OriginAccessControl, OriginKind, OriginTarget
from edge.model.request import Request
from edge.model.violation import Violation

SITE = Origin(
    "site", "site.example.org", path="/base", custom_headers=(("X-Secret", "1"),), local_url="http://127.0.0.1:1"
)
SPARE = Origin("spare", "spare.example.org", local_url="http://127.0.0.1:2")
DISTRIBUTION = Distribution(
    "E1",
    "d1.cloudfront.net",
    origins={"site": SITE, "spare": SPARE},
    behaviors=(Behavior("site"),),
    local_urls={"other.example.org": "http://127.0.0.1:3"},
)
ASSIGNED = OriginTarget((SITE,), frozenset())


def ask(call: str, *arguments: Any, assigned: OriginTarget = ASSIGNED, request: Request | None = None) -> Any:
    asked = {"call": call, "arguments": list(arguments)}
    return modify(asked, assigned, DISTRIBUTION, request or Request("GET", "/"))


def test_what_is_not_named_stays_as_the_assigned_origin_has_it() -> None:
    target = ask("updateRequestOrigin", {"originPath": "/beta"})
    assert target == OriginTarget((replace(SITE, path="/beta"),), frozenset())


def test_a_domain_of_the_distribution_is_found_where_its_origin_is() -> None:
    origin = ask("updateRequestOrigin", {"domainName": "spare.example.org"}).origins[0]
    assert (origin.domain_name, origin.local_url, origin.path) == ("spare.example.org", "http://127.0.0.1:2", "/base")


def test_a_domain_outside_the_distribution_is_found_by_the_local_urls() -> None:
    assert ask("updateRequestOrigin", {"domainName": "other.example.org"}).origins[0].local_url == "http://127.0.0.1:3"
    assert ask("updateRequestOrigin", {"domainName": "far.example.org"}).origins[0].local_url == ""


def test_a_bucket_is_an_s3_origin() -> None:
    origin = ask("updateRequestOrigin", {"domainName": "b.s3.eu-west-1.amazonaws.com"}).origins[0]
    assert origin.kind is OriginKind.S3


def test_everything_that_can_be_said() -> None:
    origin = ask(
        "updateRequestOrigin",
        {
            "hostHeader": "www.example.org",
            "customHeaders": {"x-a": "1"},
            "connectionAttempts": 1,
            "timeouts": {
                "readTimeout": 60,
                "keepAliveTimeout": 20,
                "connectionTimeout": 2,
                "responseCompletionTimeout": 90,
            },
            "customOriginConfig": {"port": 8443, "protocol": "https", "sslProtocols": ["TLSv1.2"]},
            "originShield": {"enabled": True, "region": "eu-west-1"},
            "sni": "x.example.org",
            "allowedCertificateNames": ["y.example.org"],
        },
    ).origins[0]
    assert origin == replace(
        SITE,
        host_header="www.example.org",
        custom_headers=(("x-a", "1"),),
        connection_attempts=1,
        read_timeout_s=60,
        keepalive_timeout_s=20,
        connection_timeout_s=2,
        response_completion_timeout_s=90,
        protocol_policy="https-only",
        https_port=8443,
        shield_region="eu-west-1",
    )


def test_no_custom_headers_clears_them() -> None:
    assert ask("updateRequestOrigin", {"customHeaders": {}}).origins[0].custom_headers == ()


def test_an_access_control_is_set_and_switched_off() -> None:
    config = {"enabled": True, "originType": "s3", "signingBehavior": "always", "signingProtocol": "sigv4"}
    signed = ask("updateRequestOrigin", {"originAccessControlConfig": config}).origins[0]
    assert signed.access_control == OriginAccessControl("", "s3", "always")
    assigned = OriginTarget((signed,), frozenset())
    asked = {"originAccessControlConfig": {"enabled": False}, "hostHeader": "a.example.org"}
    assert ask("updateRequestOrigin", asked, assigned=assigned).origins[0].access_control is None


def test_in_a_group_the_primary_changes_only() -> None:
    assigned = OriginTarget((SITE, SPARE), frozenset({500}))
    target = ask("updateRequestOrigin", {"originPath": "/b"}, assigned=assigned)
    assert target == OriginTarget((replace(SITE, path="/b"), SPARE), frozenset({500}))


def test_an_origin_of_the_distribution_is_selected_by_its_id() -> None:
    assert ask("selectRequestOriginById", "spare") == OriginTarget((SPARE,), frozenset())
    chosen = ask("selectRequestOriginById", "spare", {"hostHeader": "h.example.org"}).origins[0]
    assert chosen == replace(SPARE, host_header="h.example.org")


def test_a_group_is_made_of_two_origins() -> None:
    group = {
        "originIds": ["site", {"originId": "spare", "originOverrides": {"hostHeader": "h.example.org"}}],
        "failoverCriteria": {"statusCodes": [500, 503]},
    }
    target = ask("createRequestOriginGroup", group)
    assert target == OriginTarget((SITE, replace(SPARE, host_header="h.example.org")), frozenset({500, 503}))


VPC = OriginTarget((replace(SITE, kind=OriginKind.VPC),), frozenset())
SIGNED = OriginTarget((replace(SITE, access_control=OriginAccessControl("", "s3", "always")),), frozenset())


@pytest.mark.parametrize(
    ("call", "argument", "assigned", "words"),
    [
        ("updateRequestOrigin", None, ASSIGNED, "must be an object"),
        ("updateRequestOrigin", {"domain": "x"}, ASSIGNED, "domain is not one of domainName"),
        ("updateRequestOrigin", {"domainName": "a:80"}, ASSIGNED, "without a port"),
        ("updateRequestOrigin", {"domainName": "127.0.0.1"}, ASSIGNED, "IP address"),
        ("updateRequestOrigin", {"domainName": "x" * 254}, ASSIGNED, "domain name"),
        ("updateRequestOrigin", {"originPath": "beta"}, ASSIGNED, "begin with a slash"),
        ("updateRequestOrigin", {"originPath": "/beta/"}, ASSIGNED, "must not end"),
        ("updateRequestOrigin", {"customHeaders": {"x-a": {"value": "1"}}}, ASSIGNED, "plain text"),
        ("updateRequestOrigin", {"customHeaders": {"accept": "1"}}, ASSIGNED, "the request has a header"),
        ("updateRequestOrigin", {"connectionAttempts": 4}, ASSIGNED, "from 1 to 3"),
        ("updateRequestOrigin", {"timeouts": {"readTimeout": 121}}, ASSIGNED, "from 1 to 120"),
        ("updateRequestOrigin", {"timeouts": {"read": 1}}, ASSIGNED, "not one of readTimeout"),
        ("updateRequestOrigin", {"customOriginConfig": {"port": 80}}, ASSIGNED, "protocol"),
        ("updateRequestOrigin", {"customOriginConfig": {"port": 81, "protocol": "http"}}, ASSIGNED, "80, 443"),
        ("updateRequestOrigin", {"hostHeader": "a.example.org"}, SIGNED, "origin access control"),
        ("updateRequestOrigin", {"originPath": "/a"}, VPC, "VPC origin"),
        ("selectRequestOriginById", "nowhere", ASSIGNED, "no origin nowhere; it has site, spare"),
        ("createRequestOriginGroup", {"originIds": ["site"]}, ASSIGNED, "two origins"),
        ("createRequestOriginGroup", {"originIds": ["site", "spare"]}, ASSIGNED, "failoverCriteria"),
    ],
)
def test_traps_44_and_45_what_breaks_a_rule_is_a_violation_that_says_which(
    call: str, argument: Any, assigned: OriginTarget, words: str
) -> None:
    request = Request("GET", "/", headers=Headers([("Accept", "*/*")]))
    violation = ask(call, argument, assigned=assigned, request=request)
    assert isinstance(violation, Violation)
    assert words in violation.message
    assert violation.note.rule == "origin_modification.invalid"
