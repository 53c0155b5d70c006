"""Promises of edge/rules/sigv4.py: the signatures that botocore makes."""

from __future__ import annotations

import datetime
from calendar import timegm

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from edge.model.origin import Credentials
from edge.rules import sigv4

CREDENTIALS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
AT = timegm((2026, 4, 1, 12, 30, 45))


def botocore_signature(
    method: str, target: str, lines: dict[str, str], payload_hash: str, region: str, service: str
) -> str:
    """What botocore puts into Authorization for the same request."""
    request = AWSRequest(method, f"https://{lines['Host']}{target}", headers=lines)
    request.context = {"timestamp": sigv4.amz_date(AT)}
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    auth = kind(BotocoreCredentials(CREDENTIALS.access_key_id, CREDENTIALS.secret_access_key), service, region)
    auth.payload = lambda _: payload_hash
    text = auth.string_to_sign(request, auth.canonical_request(request))
    names = auth.signed_headers(auth.headers_to_sign(request))
    signature = auth.signature(text, request)
    return f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}, SignedHeaders={names}, Signature={signature}"


def ours(method: str, target: str, lines: dict[str, str], payload_hash: str, region: str, service: str) -> str:
    return sigv4.authorization(method, target, lines.items(), payload_hash, CREDENTIALS, region, service, AT)


@pytest.mark.parametrize("service", ["s3", "lambda", "mediastore", "mediapackagev2"])
@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/"),
        ("GET", "/a/b.jpg"),
        ("GET", "/a%20b/%E2%82%AC.txt"),
        ("GET", "/a//b/../c/./d/"),
        ("HEAD", "/a?b=2&a=1&a=0&c"),
        ("PUT", "/a+b~c*d?x=%2F&empty="),
        ("GET", "/a?list-type=2&prefix=x%2Fy"),
    ],
)
def test_the_signature_is_botocores(service: str, method: str, target: str) -> None:
    lines = {
        "Host": "bucket.s3.eu-west-1.amazonaws.com",
        "X-Amz-Date": sigv4.amz_date(AT),
        "X-Amz-Content-SHA256": sigv4.UNSIGNED_PAYLOAD,
        "X-Amz-Cf-Id": "abc==",
        "Content-Type": "text/plain;  charset=utf-8 ",
    }
    arguments = (method, target, lines, sigv4.UNSIGNED_PAYLOAD, "eu-west-1", service)
    assert ours(*arguments) == botocore_signature(*arguments)


@given(
    st.sampled_from(["s3", "lambda"]),
    st.text("abcXYZ019-_.~/%2", max_size=20),
    st.lists(st.tuples(st.text("abc%2F", min_size=1, max_size=4), st.text("xyz+%3D", max_size=4)), max_size=4),
)
def test_for_any_path_and_query(service: str, path: str, pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    lines = {"Host": "x.example.com", "X-Amz-Date": sigv4.amz_date(AT)}
    target = f"/{path}?{query}" if query else f"/{path}"
    if target.startswith("//"):
        target = target[1:]  # botocore takes what follows for a host
    arguments = ("GET", target, lines, sigv4.EMPTY_PAYLOAD, "us-east-1", service)
    assert ours(*arguments) == botocore_signature(*arguments)


def test_the_date_is_utc_to_the_second() -> None:
    expected = datetime.datetime.fromtimestamp(AT, datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    assert sigv4.amz_date(AT + 0.9) == expected == "20260401T123045Z"
