import pytest

from edge.testing import token


@pytest.fixture
def fn(cloudfront_function):
    return cloudfront_function("jwt.js", kvs={"secret": "s3cret"})


def ask(fn, text):
    return fn.viewer_request("/account", headers={"Authorization": f"Bearer {text}"})


def test_a_token_lets_in_until_it_ends(fn, clock):
    text = token({"sub": "anna", "exp": clock.now() + 60}, "s3cret")
    assert ask(fn, text).request.uri == "/account"
    clock.advance(minutes=2)
    result = ask(fn, text)
    assert (result.response.status, result.logs) == (401, ("expired anna",))


def test_nobody_else_gets_in(fn, clock):
    assert ask(fn, token({"sub": "anna", "exp": clock.now() + 60}, "guess")).response.status == 401
    assert fn.viewer_request("/account").response.status == 401
