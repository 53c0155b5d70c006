"""What login-redirect promises."""

import importlib.util
from pathlib import Path

import pytest

SPEC = importlib.util.spec_from_file_location("login_redirect", Path(__file__).parent / "app.py")
app = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(app)


@pytest.fixture
def fn(lambda_edge):
    return lambda_edge("app.py", runtime="python3.11")


def session(user, expires):
    return {"session": f"{user}.{expires}.{app.sign(user, str(expires))}"}


def test_without_a_session_the_way_leads_to_the_login_page_and_back(fn):
    response = fn.viewer_request("/account?tab=2").response
    assert response.status == 302
    assert response.headers["location"] == "/login?return=%2Faccount%3Ftab%3D2"


def test_a_session_gets_in_and_the_origin_is_told_who_it_is(fn, clock):
    result = fn.viewer_request("/account", cookies=session("anna", int(clock.now()) + 60))
    assert result.request.headers["x-user"] == "anna"


def test_a_session_that_is_over_or_changed_does_not(fn, clock):
    expires = int(clock.now()) + 60
    signature = app.sign("anna", str(expires))
    for cookie in (f"bert.{expires}.{signature}", f"anna.{expires + 1}.{signature}", "anna", ""):
        assert fn.viewer_request("/", cookies={"session": cookie}).response.status == 302
    clock.advance(seconds=61)
    assert fn.viewer_request("/", cookies=session("anna", expires)).response.status == 302


@pytest.mark.parametrize("uri", ["/login", "/static/site.css"])
def test_the_login_page_is_open(fn, uri):
    assert fn.viewer_request(uri).request.uri == uri


def test_the_way_back_stays_on_this_site(fn):
    location = fn.viewer_request("//evil.example.com/").response.headers["location"]
    assert location == "/login?return=%2Fevil.example.com%2F"
