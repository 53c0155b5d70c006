"""Who may call a function URL."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from edge.model.function import LambdaFunction
from edge.model.function_url import FunctionUrl
from edge.model.headers import Headers
from edge.model.origin import Credentials, Origin, OriginAccessControl, OriginRequest
from edge.rules import function_url_access, origin_access_control

NOW = 1_775_044_800.0
DOMAIN = "abc.lambda-url.eu-west-1.on.aws"
CONTROL = OriginAccessControl("E1", "lambda", "always")
FUNCTION = LambdaFunction("f", "1", "/code", "index.handler", "nodejs22.x")
SIGNED = FunctionUrl(FUNCTION, "AWS_IAM")


def origin(**changes: Any) -> Origin:
    return Origin("api", DOMAIN, **{"access_control": CONTROL, **changes})


def request(method: str = "GET", body: bytes = b"", *lines: tuple[str, str]) -> OriginRequest:
    return OriginRequest(method, "/a b?x=1&a=%20", Headers((("Host", DOMAIN), *lines)), body)


def status(url: FunctionUrl, sent: OriginRequest, to: Origin, now: float = NOW, body: bytes = b"") -> int:
    """200 for a request that may call the function."""
    refused = function_url_access.refusal(url, to, sent, body, now)
    return 200 if refused is None else refused.status


def test_without_authorization_everybody_may() -> None:
    assert status(FunctionUrl(FUNCTION), request(), origin()) == 200


def test_what_an_origin_access_control_signs_may() -> None:
    """With and without a body; the viewer has said the hash of it."""
    assert status(SIGNED, origin_access_control.sign(request(), origin(), NOW), origin()) == 200
    body = b'{"a":1}'
    stated = ("X-Amz-Content-Sha256", hashlib.sha256(body).hexdigest())
    signed = origin_access_control.sign(request("POST", body, stated), origin(), NOW)
    assert status(SIGNED, signed, origin(), body=body) == 200


@pytest.mark.parametrize(
    ("change", "now"),
    [
        (lambda sent: sent._replace(headers=sent.headers.without("authorization")), NOW),
        (lambda sent: sent._replace(method="DELETE"), NOW),
        (lambda sent: sent._replace(target="/other"), NOW),
        (lambda sent: sent._replace(headers=sent.headers.replaced("Host", "other.example.org")), NOW),
        (lambda sent: sent._replace(headers=sent.headers.replaced("X-Amz-Date", "soon")), NOW),
        (lambda sent: sent._replace(headers=sent.headers.replaced("Authorization", "Bearer x")), NOW),
        (lambda sent: sent, NOW + 301),
        (lambda sent: sent, NOW - 301),
    ],
)
def test_what_was_changed_or_is_old_may_not(change: Any, now: float) -> None:
    signed = origin_access_control.sign(request(), origin(), NOW)
    assert status(SIGNED, change(signed), origin(), now) == 403


def test_another_body_than_the_one_that_was_signed_may_not() -> None:
    stated = ("X-Amz-Content-Sha256", hashlib.sha256(b"one").hexdigest())
    signed = origin_access_control.sign(request("POST", b"one", stated), origin(), NOW)
    assert status(SIGNED, signed, origin(), body=b"two") == 403


def test_another_key_may_not() -> None:
    """That of edge.toml signs, where there is one."""
    other = origin(credentials=Credentials("AKIAOTHER", "secret"))
    signed = origin_access_control.sign(request(), other, NOW)
    assert status(SIGNED, signed, other) == 200
    assert status(SIGNED, signed, origin()) == 403


def test_a_function_without_an_origin_access_control_in_front_is_not_called() -> None:
    refused = function_url_access.refusal(SIGNED, origin(access_control=None), request(), b"", NOW)
    assert refused is not None
    assert (refused.status, refused.headers.get("x-amzn-errortype")) == (403, "AccessDeniedException")
