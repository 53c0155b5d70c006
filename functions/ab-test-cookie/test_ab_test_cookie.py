"""What ab-test-cookie promises, of the functions for each tier."""

import pytest


@pytest.fixture(params=["CloudFront Functions", "Lambda@Edge"])
def assign(request, cloudfront_function, lambda_edge):
    if request.param == "Lambda@Edge":
        return lambda_edge("lambda/assign.mjs")
    return cloudfront_function("assign.js")


@pytest.fixture(params=[("assign.js", "remember.js"), ("lambda/assign.mjs", "lambda/remember.mjs")])
def site(request, distribution):
    assign, remember = request.param
    site = distribution(viewer_request=assign, viewer_response=remember)
    site.origin.get("/home").replies(200, {"cache-control": "max-age=60"}, "variant a")
    site.origin.get("/b/home").replies(200, {"cache-control": "max-age=60"}, "variant b")
    return site


def test_a_visitor_stays_with_the_variant_of_the_cookie(assign):
    assert assign.viewer_request("/home", cookies={"variant": "a"}).request.uri == "/home"
    assert assign.viewer_request("/home", cookies={"variant": "b"}).request.uri == "/b/home"


def test_a_cookie_that_somebody_made_up_does_not_count(assign):
    request = assign.viewer_request("/home", cookies={"variant": "../../admin"}).request
    assert request.uri in ("/home", "/b/home")
    assert request.headers["x-new-variant"] in ("a", "b")


def test_about_half_of_new_visitors_see_b(assign):
    drawn = [assign.viewer_request("/home").request.headers["x-new-variant"] for _ in range(400)]
    assert 140 < drawn.count("b") < 260


def test_a_new_visitor_gets_the_cookie_that_fits_the_page(site):
    for _ in range(20):
        response = site.get("/home")
        assert response.text == f"variant {response.cookies['variant']}"
        assert response.cookies["variant"].attributes == "Path=/; Max-Age=2592000; Secure; SameSite=Lax"


def test_who_has_the_cookie_gets_no_other(site):
    assert "variant" not in site.get("/home", cookies={"variant": "b"}).cookies


def test_both_variants_are_cached(site):
    for variant in ("a", "b"):
        site.get("/home", cookies={"variant": variant})
    with site.never_calls_origin():
        assert site.get("/home", cookies={"variant": "a"}).text == "variant a"
        assert site.get("/home", cookies={"variant": "b"}).text == "variant b"
