"""Promises of edge/rules/origin_access_control.py."""

from __future__ import annotations

import re
from typing import Any

import pytest

from edge.model.headers import Headers
from edge.model.origin import Credentials, Origin, OriginAccessControl, OriginKind, OriginRequest
from edge.rules import origin_access_control, sigv4

BUCKET = "site.s3.eu-west-1.amazonaws.com"
AT = 1_775_046_645.0


def origin(behavior: Any = "always", kind: Any = "s3", domain: str = BUCKET, **more: Any) -> Origin:
    return Origin("o", domain, OriginKind.S3, access_control=OriginAccessControl("oac", kind, behavior), **more)


def request(*lines: tuple[str, str], method: str = "GET", body: bytes = b"", host: str = BUCKET) -> OriginRequest:
    return OriginRequest(method, "/a.txt", Headers((("Host", host), *lines)), body)


def test_always_signs_in_place_of_the_viewers_authorization() -> None:
    signed = origin_access_control.sign(request(("Authorization", "Basic abc")), origin(), AT).headers
    (value,) = signed.all("authorization")
    assert re.fullmatch(
        "AWS4-HMAC-SHA256 Credential=AKIAEDGEONALAPTOP000/20260401/eu-west-1/s3/aws4_request, "
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}",
        value,
    )
    assert signed.get("x-amz-date") == "20260401T123045Z"
    assert signed.get("x-amz-content-sha256") == "UNSIGNED-PAYLOAD"


def test_no_override_lets_the_viewers_authorization_pass() -> None:
    with_one = request(("Authorization", "Basic abc"))
    assert origin_access_control.sign(with_one, origin("no-override"), AT) is with_one
    assert "authorization" in origin_access_control.sign(request(), origin("no-override"), AT).headers


def test_never_signs_nothing() -> None:
    asked = request()
    assert origin_access_control.sign(asked, origin("never"), AT) is asked
    assert origin_access_control.sign(asked, Origin("o", BUCKET, OriginKind.S3), AT) is asked


def test_always_amz_auth_lets_both_through() -> None:
    url = "abc.lambda-url.eu-west-1.on.aws"
    asked = request(("Authorization", "Bearer abc"), host=url)
    signed = origin_access_control.sign(asked, origin("always-amz-auth", "lambda", url), AT).headers
    assert signed.get("authorization") == "Bearer abc"
    assert "/eu-west-1/lambda/aws4_request" in (signed.get("x-amz-authorization") or "")


def test_an_origin_access_identity_signs_for_s3() -> None:
    identity = Origin("o", BUCKET, OriginKind.S3, origin_access_identity="origin-access-identity/cloudfront/E1")
    assert "/eu-west-1/s3/" in (origin_access_control.sign(request(), identity, AT).headers.get("authorization") or "")


@pytest.mark.parametrize(
    ("domain", "region"),
    [
        (BUCKET, "eu-west-1"),
        ("site.s3.dualstack.ap-southeast-2.amazonaws.com", "ap-southeast-2"),
        ("site.s3-us-west-2.amazonaws.com", "us-west-2"),
        ("site.s3.amazonaws.com", "us-east-1"),
        ("abc.lambda-url.eu-central-1.on.aws", "eu-central-1"),
        ("abc.data.mediastore.us-east-1.amazonaws.com", "us-east-1"),
        ("x.egress.y.mediapackagev2.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    ],
)
def test_the_region_is_that_of_the_domain_name(domain: str, region: str) -> None:
    assert origin_access_control.region_of(domain) == region


@pytest.mark.parametrize("kind", ["s3", "lambda", "mediastore", "mediapackagev2"])
def test_the_service_is_the_type_of_the_origin(kind: str) -> None:
    signed = origin_access_control.sign(request(), origin(kind=kind), AT)
    assert f"/eu-west-1/{kind}/aws4_request" in (signed.headers.get("authorization") or "")


def test_a_viewer_may_say_the_hash_of_the_body() -> None:
    asked = request(("x-amz-content-sha256", "ab" * 32), method="POST", body=b"x")
    signed = origin_access_control.sign(asked, origin(kind="lambda"), AT)
    assert signed.headers.all("x-amz-content-sha256") == ("ab" * 32,)
    empty = origin_access_control.sign(request(method="POST"), origin(kind="lambda"), AT)
    assert empty.headers.get("x-amz-content-sha256") == sigv4.EMPTY_PAYLOAD


def test_credentials_are_those_of_edge_toml_and_stay_out_of_messages() -> None:
    own = Credentials("AKIDEXAMPLE", "secret-key", "session-token")
    signed = origin_access_control.sign(request(), origin(credentials=own), AT).headers
    assert "Credential=AKIDEXAMPLE/" in (signed.get("authorization") or "")
    assert signed.get("x-amz-security-token") == "session-token"
    assert "x-amz-security-token" in (signed.get("authorization") or "")
    assert "secret-key" not in repr(own)
    assert "session-token" not in repr(own)
