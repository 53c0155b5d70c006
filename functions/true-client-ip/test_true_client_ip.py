"""What true-client-ip promises."""

import pytest


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::5"])
def test_the_origin_is_told_the_address(cloudfront_function, address):
    request = cloudfront_function("function.js").viewer_request("/", viewer={"ip": address}).request
    assert request.headers["true-client-ip"] == address


def test_a_viewer_cannot_forge_it(cloudfront_function):
    fn = cloudfront_function("function.js")
    result = fn.viewer_request("/", headers={"True-Client-IP": "10.0.0.1"}, viewer={"ip": "203.0.113.9"})
    assert result.request.headers["true-client-ip"] == "203.0.113.9"


def test_it_reaches_the_origin_behind_a_policy_that_forwards_it(distribution):
    site = distribution(viewer_request="function.js", origin_request_policy="AllViewer")
    site.origin.get("/").replies(200)
    site.get("/", viewer={"ip": "203.0.113.9"})
    assert site.origin.requests[-1].headers["true-client-ip"] == "203.0.113.9"


def test_without_such_a_policy_it_does_not(distribution):
    site = distribution(viewer_request="function.js")
    site.origin.get("/").replies(200)
    site.get("/", viewer={"ip": "203.0.113.9"})
    assert "true-client-ip" not in site.origin.requests[-1].headers
