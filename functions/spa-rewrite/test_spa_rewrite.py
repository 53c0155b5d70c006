"""What spa-rewrite promises, of the function for each tier."""

import pytest


@pytest.fixture(params=["CloudFront Functions", "Lambda@Edge"])
def fn(request, cloudfront_function, lambda_edge):
    if request.param == "Lambda@Edge":
        return lambda_edge("lambda/index.mjs")
    return cloudfront_function("function.js")


@pytest.mark.parametrize("path", ["/", "/orders", "/orders/17", "/orders/17/edit", "/v1.2/notes"])
def test_every_address_of_the_application_gets_its_page(fn, path):
    assert fn.viewer_request(path).request.uri == "/index.html"


@pytest.mark.parametrize("path", ["/app.js", "/assets/logo.svg", "/favicon.ico", "/api/orders", "/api/orders/17"])
def test_files_and_the_api_are_left_alone(fn, path):
    assert fn.viewer_request(path).request.uri == path


def test_the_query_string_stays(fn):
    assert fn.viewer_request("/orders?page=2").request.querystring == "page=2"


def test_all_addresses_share_one_object_in_the_cache(distribution):
    site = distribution(viewer_request="function.js")
    site.origin.get("/index.html").replies(200, {"cache-control": "max-age=60"}, "<app>")
    assert site.get("/orders/17").x_cache == "Miss from cloudfront"
    assert site.get("/customers").x_cache == "Hit from cloudfront"
