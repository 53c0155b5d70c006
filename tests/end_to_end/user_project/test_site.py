import pytest


@pytest.fixture
def site(distribution, origin):
    origin.get("/about").replies(200, {"Cache-Control": "max-age=60"}, "about us")
    return distribution("template.yaml")


def test_a_page_is_cached(site, clock):
    assert site.get("/about").x_cache == "Miss from cloudfront"
    clock.advance(seconds=59)
    response = site.get("/about")
    assert (response.x_cache, response.age) == ("Hit from cloudfront", 59)
    assert response.cached_for(1)


def test_redirects_never_reach_the_origin(site):
    with site.never_calls_origin():
        assert site.get("/old").headers["location"] == "/new"
        assert site.get("/about", viewer={"scheme": "http"}).status == 301


def test_handlers_in_front_of_a_site(distribution, origin, outbound):
    site = distribution(viewer_request="auth.mjs")
    idp = outbound.issuer("https://idp.example.com")
    origin.any().replies(200, {}, "hello")
    assert site.get("/").status == 401
    response = site.get("/", headers={"Authorization": f"Bearer {idp.token(sub='anna')}"})
    assert (response.text, response.logs) == ("hello", ("event 2",))
