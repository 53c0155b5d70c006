import pytest


@pytest.fixture
def fn(lambda_edge):
    return lambda_edge("auth.mjs")


@pytest.fixture
def idp(outbound):
    return outbound.issuer("https://idp.example.com")


def ask(fn, token):
    return fn.viewer_request("/account", headers={"Authorization": f"Bearer {token}"})


def test_a_token_of_the_issuer_lets_in(fn, idp, clock):
    text = idp.token(sub="anna", expires_in=60)
    result = ask(fn, text)
    assert result.request.headers["x-user"] == "anna"
    assert (result.cold, result.logs) == (True, ("event 1",))
    clock.advance(seconds=60)
    assert ask(fn, text).response.status == 401


def test_keys_are_kept_as_long_as_the_environment_lives(fn, idp, outbound):
    for _ in range(3):
        assert ask(fn, idp.token(sub="anna")).request
    assert len(outbound.requests) == 1
    fn.expire()
    idp.rotates()
    assert ask(fn, idp.token(sub="anna")).request
    assert len(outbound.requests) == 2


def test_an_issuer_that_is_down(fn, idp, outbound):
    outbound.get(idp.jwks_url).fails("dropped")
    result = ask(fn, idp.token(sub="anna"))
    assert result.status == 503
    assert result.error == "TypeError: fetch failed"


def test_a_handler_in_python_chooses_the_origin(lambda_edge, outbound):
    outbound.get("https://flags.example.com/beta").replies(200, {}, {"on": True})
    result = lambda_edge("pick.py").origin_request("/a", origin={"domain_name": "www.example.com"})
    assert (result.origin.domain_name, result.request.uri) == ("beta.example.com", "/beta/a")
    assert result.request.headers["x-now"] == "2026-01-01T00:00:00+00:00"
