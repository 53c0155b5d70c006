"""What cors promises."""

import pytest

APP = "https://app.example.com"
PREFLIGHT = {"origin": APP, "access-control-request-method": "PUT"}


@pytest.fixture
def preflight(cloudfront_function):
    return cloudfront_function("preflight.js")


@pytest.fixture
def on_response(cloudfront_function):
    return cloudfront_function("response.js")


def test_a_preflight_request_is_answered_at_the_edge(preflight):
    response = preflight.viewer_request("/items/1", method="OPTIONS", headers=PREFLIGHT).response
    assert response.status == 204
    assert response.headers["access-control-allow-origin"] == APP
    assert "PUT" in response.headers["access-control-allow-methods"]


def test_a_stranger_is_turned_away(preflight):
    headers = {**PREFLIGHT, "origin": "https://evil.example.net"}
    assert preflight.viewer_request("/items/1", method="OPTIONS", headers=headers).response.status == 403


@pytest.mark.parametrize(
    ("method", "headers"),
    [("GET", {"origin": APP}), ("OPTIONS", {"origin": APP}), ("OPTIONS", {"access-control-request-method": "PUT"})],
)
def test_everything_else_goes_to_the_origin(preflight, method, headers):
    assert preflight.viewer_request("/items/1", method=method, headers=headers).request.method == method


def test_the_sites_may_read_answers(on_response):
    response = on_response.viewer_response("/items/1", request_headers={"origin": APP}).response
    assert response.headers["access-control-allow-origin"] == APP
    assert response.headers["vary"] == "Origin"


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example.net"}])
def test_others_may_not(on_response, headers):
    response = on_response.viewer_response("/items/1", request_headers=headers).response
    assert "access-control-allow-origin" not in response.headers
    assert response.headers["vary"] == "Origin"


def test_what_varies_already_still_does(on_response):
    response = on_response.viewer_response("/items/1", headers={"vary": "Accept-Encoding"}).response
    assert response.headers["vary"] == "Accept-Encoding, Origin"


def test_one_cached_object_serves_all_sites(distribution):
    """The header is added after the cache, so that one site never gets another one's."""
    site = distribution(viewer_request="preflight.js", viewer_response="response.js")
    site.origin.get("/items/1").replies(200, {"cache-control": "max-age=60"}, {"id": 1})
    first = site.get("/items/1", headers={"origin": APP})
    second = site.get("/items/1", headers={"origin": "https://admin.example.com"})
    assert second.x_cache == "Hit from cloudfront"
    assert first.headers["access-control-allow-origin"] == APP
    assert second.headers["access-control-allow-origin"] == "https://admin.example.com"
