"""What jwt-check promises, of the function for each runtime and tier."""

import base64
import hashlib
import hmac
import json

import pytest

SECRET = "change me before you deploy me"


def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(claims, *, secret=SECRET, algorithm="HS256"):
    head = part(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    signed = f"{head}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


@pytest.fixture(params=["cloudfront-js-1.0", "cloudfront-js-2.0", "Lambda@Edge"])
def fn(request, cloudfront_function, lambda_edge):
    if request.param == "Lambda@Edge":
        return lambda_edge("lambda/index.mjs")
    if request.param == "cloudfront-js-1.0":
        return cloudfront_function("function-1.0.js", runtime=request.param)
    return cloudfront_function("function.js", runtime=request.param, kvs={"jwt.secret": SECRET})


def ask(fn, text):
    return fn.viewer_request("/account", headers={"authorization": f"Bearer {text}"})


def refused(result):
    assert result.response.status == 401
    return result.response.headers["www-authenticate"]


def test_who_has_a_valid_token_is_let_in(fn, clock):
    request = ask(fn, token({"sub": "anna", "exp": clock.now() + 60})).request
    assert request.uri == "/account"
    assert request.headers["x-user"] == "anna"


def test_a_user_name_cannot_be_forged(fn, clock):
    headers = {"authorization": f"Bearer {token({'sub': 'anna', 'exp': clock.now() + 60})}", "x-user": "root"}
    assert fn.viewer_request("/account", headers=headers).request.headers["x-user"] == "anna"


@pytest.mark.parametrize("headers", [{}, {"authorization": "Basic YTpi"}])
def test_without_a_token_nobody_is_let_in(fn, headers):
    assert "no token" in refused(fn.viewer_request("/account", headers=headers))


def test_a_token_ends_when_it_says_so(fn, clock):
    text = token({"sub": "anna", "exp": clock.now() + 60})
    clock.advance(seconds=89)
    assert ask(fn, text).request
    clock.advance(seconds=2)
    assert "expired" in refused(ask(fn, text))


def test_a_token_begins_when_it_says_so(fn, clock):
    text = token({"sub": "anna", "nbf": clock.now() + 3600, "exp": clock.now() + 7200})
    assert "not valid yet" in refused(ask(fn, text))
    clock.advance(hours=1)
    assert ask(fn, text).request


def test_a_token_without_an_end_is_refused(fn):
    assert "expired" in refused(ask(fn, token({"sub": "anna"})))


@pytest.mark.parametrize(
    "text",
    [
        "rubbish",
        "a.b.c",
        "..",
        token({"sub": "anna", "exp": 4_000_000_000}, secret="another key"),
        token({"sub": "anna", "exp": 4_000_000_000}, algorithm="none"),
        token({"sub": "anna", "exp": 4_000_000_000}, algorithm="HS512"),
        token({"sub": "anna", "exp": 4_000_000_000})[:-1],
    ],
)
def test_a_token_that_is_not_ours_is_refused(fn, text):
    assert "invalid token" in refused(ask(fn, text))


def test_a_changed_claim_breaks_the_signature(fn, clock):
    head, _, signature = token({"sub": "anna", "exp": clock.now() + 60}).split(".")
    forged = part(json.dumps({"sub": "root", "exp": clock.now() + 60}).encode())
    result = ask(fn, f"{head}.{forged}.{signature}")
    assert "invalid token" in refused(result)
    assert result.logs == ("wrong signature",)


def test_a_store_without_the_key_lets_nobody_in(cloudfront_function, clock):
    fn = cloudfront_function("function.js", kvs={})
    refused(ask(fn, token({"sub": "anna", "exp": clock.now() + 60})))
