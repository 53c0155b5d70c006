"""What security-headers promises, of the function for each tier."""

import pytest

ALL = [
    "strict-transport-security",
    "x-content-type-options",
    "content-security-policy",
    "referrer-policy",
    "permissions-policy",
    "x-frame-options",
]


@pytest.fixture(params=["CloudFront Functions", "Lambda@Edge"])
def fn(request, cloudfront_function, lambda_edge):
    if request.param == "Lambda@Edge":
        return lambda_edge("lambda/index.mjs")
    return cloudfront_function("function.js")


@pytest.mark.parametrize("name", ALL)
def test_every_page_has_the_header(fn, name):
    assert name in fn.viewer_response("/", headers={"content-type": "text/html"}).response.headers


def test_what_the_origin_says_of_its_own_content_counts(fn):
    own = "default-src 'self' https://cdn.example.com"
    response = fn.viewer_response("/", headers={"Content-Security-Policy": own}).response
    assert response.headers["content-security-policy"] == own


def test_the_origin_cannot_weaken_transport_security(fn):
    response = fn.viewer_response("/", headers={"Strict-Transport-Security": "max-age=0"}).response
    assert response.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains; preload"


def test_what_runs_at_the_origin_is_not_told(fn):
    assert "x-powered-by" not in fn.viewer_response("/", headers={"X-Powered-By": "Express"}).response.headers


def test_status_and_content_type_stay(fn):
    response = fn.viewer_response("/", status=206, headers={"content-type": "video/mp4"}).response
    assert (response.status, response.headers["content-type"]) == (206, "video/mp4")


def test_error_pages_of_the_origin_go_without(fn):
    """CloudFront does not run viewer response functions for a status of 400 or more: use a response headers policy."""
    assert fn.viewer_response("/", status=404).skipped


def test_hits_have_the_headers_too(distribution):
    site = distribution(viewer_response="function.js")
    site.origin.get("/").replies(200, {"cache-control": "max-age=60"}, "hello")
    for x_cache in ("Miss from cloudfront", "Hit from cloudfront"):
        response = site.get("/")
        assert response.x_cache == x_cache
        assert response.headers["x-frame-options"] == "DENY"
