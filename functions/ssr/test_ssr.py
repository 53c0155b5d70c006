"""What ssr promises."""

import pytest

PRODUCT = "https://api.example.com/products/1"


@pytest.fixture
def fn(lambda_edge):
    return lambda_edge("index.mjs")


def test_a_page_is_rendered_with_its_data(fn, outbound):
    outbound.get(PRODUCT).replies(200, {}, {"name": "Shoes <b>", "price": 20})
    response = fn.origin_request("/products/1").response
    assert response.status == 200
    assert "<h1>Shoes &lt;b&gt;</h1><p>20 EUR</p>" in response.text
    assert r'"name":"Shoes \u003cb>"' in response.text
    assert response.headers["cache-control"] == "max-age=60"


@pytest.mark.parametrize("uri", ["/app.js", "/img/a.png", "/api/items"])
def test_files_and_the_api_go_to_the_origin(fn, uri):
    assert fn.origin_request(uri).request.uri == uri


def test_what_the_api_does_not_know_is_a_404(fn, outbound):
    outbound.get(PRODUCT).replies(404)
    assert fn.origin_request("/products/1").response.status == 404


def test_without_the_api_the_browser_renders(fn, outbound):
    outbound.get(PRODUCT).replies(500)
    assert fn.origin_request("/products/1").request.uri == "/index.html"


def test_a_rendered_page_is_cached(distribution, outbound):
    outbound.get(PRODUCT).replies(200, {}, {"name": "Shoes", "price": 20})
    site = distribution(origin_request="index.mjs")
    with site.never_calls_origin():
        assert site.get("/products/1").x_cache == "Miss from cloudfront"
        assert site.get("/products/1").x_cache == "Hit from cloudfront"
