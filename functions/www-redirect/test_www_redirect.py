"""What www-redirect promises, of the function for each tier."""

import pytest


@pytest.fixture(params=["CloudFront Functions", "Lambda@Edge"])
def fn(request, cloudfront_function, lambda_edge):
    if request.param == "Lambda@Edge":
        return lambda_edge("lambda/index.mjs")
    return cloudfront_function("function.js")


@pytest.mark.parametrize(
    "target", ["/", "/shop/shoes", "/shop?colour=red", "/shop?a=1&a=2&b", "/search?q=red%20shoes%26socks", "/caf%C3%A9"]
)
def test_a_www_address_goes_to_the_same_address_without_it(fn, target):
    response = fn.viewer_request(target, headers={"host": "www.example.com"}).response
    assert response.status == 301
    assert response.headers["location"] == f"https://example.com{target}"


def test_the_address_without_www_is_served(fn):
    result = fn.viewer_request("/shop?a=1", headers={"host": "example.com"})
    assert result.request.target == "/shop?a=1"


def test_it_does_not_send_a_visitor_in_circles(fn):
    location = fn.viewer_request("/a", headers={"host": "www.www.example.com"}).response.headers["location"]
    assert location == "https://www.example.com/a"
    location = fn.viewer_request("/a", headers={"host": "www.example.com"}).response.headers["location"]
    assert location == "https://example.com/a"
    assert fn.viewer_request("/a", headers={"host": "example.com"}).request.uri == "/a"


@pytest.mark.parametrize("runtime", ["cloudfront-js-1.0", "cloudfront-js-2.0"])
def test_it_runs_in_both_runtimes(cloudfront_function, runtime):
    fn = cloudfront_function("function.js", runtime=runtime)
    assert fn.viewer_request("/", headers={"host": "www.example.com"}).status == 301


def test_a_redirect_costs_no_request_to_the_origin(distribution):
    site = distribution(viewer_request="function.js")
    with site.never_calls_origin():
        response = site.get("/a", headers={"host": "www.example.com"})
    assert response.x_cache == "FunctionGeneratedResponse from cloudfront"
