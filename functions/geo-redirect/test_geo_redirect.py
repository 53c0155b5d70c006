"""What geo-redirect promises."""

import pytest


@pytest.fixture
def fn(cloudfront_function):
    return cloudfront_function("function.js")


@pytest.mark.parametrize(
    ("country", "site"), [("DE", "/de/"), ("CH", "/de/"), ("FR", "/fr/"), ("JP", "/ja/"), ("BR", "/en/")]
)
def test_the_home_page_leads_to_the_site_of_the_country(fn, country, site):
    response = fn.viewer_request("/", viewer={"country": country}).response
    assert (response.status, response.headers["location"]) == (302, site)


def test_a_visitor_from_nowhere_gets_the_site_for_everybody(fn):
    assert fn.viewer_request("/").response.headers["location"] == "/en/"


def test_who_has_chosen_a_site_keeps_it(fn):
    response = fn.viewer_request("/", viewer={"country": "DE"}, cookies={"site": "fr"}).response
    assert response.headers["location"] == "/fr/"


@pytest.mark.parametrize("cookie", ["//evil.example.net", "xx/../..", ""])
def test_the_cookie_cannot_lead_elsewhere(fn, cookie):
    response = fn.viewer_request("/", viewer={"country": "DE"}, cookies={"site": cookie}).response
    assert response.headers["location"] == "/de/"


@pytest.mark.parametrize("path", ["/de/", "/fr/shop", "/index.html"])
def test_every_other_page_is_served(fn, path):
    assert fn.viewer_request(path, viewer={"country": "JP"}).request.uri == path


def test_the_country_is_known_only_where_a_policy_asks_for_it(distribution):
    without = distribution(viewer_request="function.js")
    assert without.get("/", viewer={"country": "DE"}).headers["location"] == "/en/"
    asking = distribution(viewer_request="function.js", origin_request_policy="AllViewerAndCloudFrontHeaders-2022-06")
    assert asking.get("/", viewer={"country": "DE"}).headers["location"] == "/de/"
