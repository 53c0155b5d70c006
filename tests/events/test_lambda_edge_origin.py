"""`request.origin` of Lambda@Edge, out and back in."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from edge.events.lambda_edge_origin import origin_object, read_origin
from edge.events.lambda_edge_violations import ORIGIN_HEADERS, Broken
from edge.model.distribution import Behavior, Distribution
from edge.model.origin import Origin, OriginAccessControl, OriginKind
from edge.model.quotas import LAMBDA_CLASSIC_2023, LAMBDA_CURRENT

CUSTOM = Origin(
    "app",
    "app.example.org",
    path="/base",
    custom_headers=(("X-Origin-Secret", "s3cr3t"),),
    local_url="http://127.0.0.1:3000",
    access_control=OriginAccessControl("E1", "lambda", "always"),
)
BUCKET = Origin("b", "b.s3.eu-west-1.amazonaws.com", OriginKind.S3, local_url="file:///site")
WITH_OAI = replace(BUCKET, origin_access_identity="E2OAI")
OTHER = Origin("other", "other.example.org", local_url="http://127.0.0.1:4000")
SITE = Distribution("E1", "d1.cloudfront.net", {"app": CUSTOM, "b": BUCKET, "other": OTHER}, (Behavior("app"),))

TO_BUCKET: dict[str, Any] = {
    "s3": {"authMethod": "none", "customHeaders": {}, "domainName": BUCKET.domain_name, "path": "", "region": ""}
}


def rewritten(before: Origin = CUSTOM, **fields: Any) -> tuple[Origin, str]:
    """The origin after a function that changed these fields; None deletes one."""
    value: Any = copy.deepcopy(origin_object(before, "https"))
    (kind,) = value
    value[kind] = {name: each for name, each in {**value[kind], **fields}.items() if each is not None}
    return read_origin(value, before, "https", SITE)


def test_a_custom_origin_in_an_event() -> None:
    """Every field, in AWS's names and types."""
    assert origin_object(CUSTOM, "https") == {
        "custom": {
            "customHeaders": {"x-origin-secret": [{"key": "X-Origin-Secret", "value": "s3cr3t"}]},
            "domainName": "app.example.org",
            "keepaliveTimeout": 5,
            "path": "/base",
            "port": 443,
            "protocol": "https",
            "readTimeout": 30,
            "responseCompletionTimeout": 0,
            "sslProtocols": ["TLSv1.2"],
        }
    }


@pytest.mark.parametrize(("origin", "method"), [(BUCKET, "none"), (WITH_OAI, "origin-access-identity")])
def test_a_bucket_in_an_event(origin: Origin, method: str) -> None:
    assert origin_object(origin, "http") == {
        "s3": {
            "authMethod": method,
            "customHeaders": {},
            "domainName": "b.s3.eu-west-1.amazonaws.com",
            "path": "",
            "region": "eu-west-1",
            "readTimeout": 30,
            "responseCompletionTimeout": 0,
        }
    }


def test_an_origin_left_alone_is_the_same() -> None:
    assert rewritten() == (CUSTOM, "https")
    assert read_origin(None, CUSTOM, "http", SITE) == (CUSTOM, "http")


def test_any_origin_can_be_named() -> None:
    """One of the distribution's is found on this machine; what was signed for the old one is not for the new one."""
    origin, scheme = rewritten(domainName="other.example.org", protocol="http", port=8080, path="", sslProtocols=[])
    assert (origin.id, origin.domain_name, origin.path) == ("app", "other.example.org", "")
    assert (origin.protocol_policy, origin.http_port, scheme) == ("http-only", 8080, "http")
    assert origin.local_url == "http://127.0.0.1:4000"
    assert origin.access_control is None
    assert rewritten(domainName="nowhere.example.org")[0].local_url == ""


def test_a_custom_origin_becomes_a_bucket_and_back() -> None:
    """Without an identity: there is none to use."""
    origin, _ = read_origin(TO_BUCKET, CUSTOM, "https", SITE)
    assert (origin.kind, origin.local_url, origin.custom_headers) == (OriginKind.S3, "file:///site", ())
    back, scheme = read_origin(origin_object(OTHER, "http"), BUCKET, "https", SITE)
    assert (back.kind, back.domain_name, scheme) == (OriginKind.CUSTOM, "other.example.org", "http")


def test_an_identity_goes_from_bucket_to_bucket_only() -> None:
    moved, _ = rewritten(WITH_OAI, domainName="c.s3.us-east-1.amazonaws.com", region="")
    assert moved.origin_access_identity == "E2OAI"
    assert rewritten(WITH_OAI, authMethod="none")[0].origin_access_identity == ""
    with pytest.raises(Broken):
        rewritten(BUCKET, authMethod="origin-access-identity")
    with_identity = {"s3": {**TO_BUCKET["s3"], "authMethod": "origin-access-identity"}}
    with pytest.raises(Broken):
        read_origin(with_identity, CUSTOM, "https", SITE)


@pytest.mark.parametrize(
    "fields",
    [
        {"domainName": ""},
        {"domainName": None},
        {"domainName": "a:8080"},
        {"domainName": "192.0.2.1"},
        {"domainName": "a" * 254},
        {"path": "no-slash"},
        {"path": "/ends/"},
        {"path": "/" + "a" * 255},
        {"path": None},
        {"port": 8},
        {"port": "443"},
        {"port": None},
        {"protocol": "ftp"},
        {"sslProtocols": ["TLSv1.3"]},
        {"sslProtocols": "TLSv1.2"},
        {"readTimeout": 0},
        {"readTimeout": 121},
        {"keepaliveTimeout": 121},
        {"responseCompletionTimeout": 29},
    ],
)
def test_a_field_out_of_bounds_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Broken, match="The Lambda function returned an invalid origin configuration: "):
        rewritten(**fields)


@pytest.mark.parametrize("value", ["app", {}, {"custom": {}, "s3": {}}, {"custom": "app"}, {"s3": {}}])
def test_an_origin_is_exactly_one_of_two_shapes(value: Any) -> None:
    with pytest.raises(Broken):
        read_origin(value, CUSTOM, "https", SITE)


def test_the_domain_of_a_bucket_is_lower_case_and_short() -> None:
    for name in ("B.s3.amazonaws.com", "b" * 129):
        with pytest.raises(Broken):
            rewritten(BUCKET, domainName=name)


def test_timeouts_have_the_bounds_of_their_year() -> None:
    value: Any = {"custom": {**origin_object(CUSTOM, "https")["custom"], "readTimeout": 100}}  # type: ignore[dict-item]
    assert read_origin(value, CUSTOM, "https", SITE, LAMBDA_CURRENT)[0].read_timeout_s == 100
    with pytest.raises(Broken):
        read_origin(value, CUSTOM, "https", SITE, LAMBDA_CLASSIC_2023)


def test_trap_38_custom_headers_of_the_wrong_shape_are_refused() -> None:
    for headers in ({"name": "x"}, {"x-a": [{"value": 1}]}, {"x-a": [{"value": "a\nb"}]}):
        with pytest.raises(Broken) as refused:
            rewritten(customHeaders=headers)
        assert refused.value.violation.message == ORIGIN_HEADERS
