"""What plain HTTP from a viewer leads to."""

from __future__ import annotations

import pytest

from edge.model.distribution import ALL_METHODS, Behavior, ViewerProtocolPolicy
from edge.model.headers import Headers
from edge.model.redirect import Redirect
from edge.model.refusal import Refusal
from edge.model.request import Request
from edge.model.viewer import HttpVersion, Viewer
from edge.rules import viewer_protocol


def verdict(
    policy: ViewerProtocolPolicy, method: str = "GET", *, https: bool = False, version: HttpVersion = "1.1"
) -> Refusal | Redirect | None:
    request = Request(method, "/a//b", "x=1&y=%20", Headers((("Host", "www.example.com:8080"),)))
    viewer = Viewer("192.0.2.1", scheme="https" if https else "http", http_version=version)
    return viewer_protocol.check(request, viewer, Behavior("site", viewer_protocol_policy=policy))


@pytest.mark.parametrize("policy", list(ViewerProtocolPolicy))
def test_https_always_goes_on(policy: ViewerProtocolPolicy) -> None:
    """No policy minds HTTPS."""
    assert verdict(policy, https=True) is None


def test_allow_all_takes_http() -> None:
    """Plain HTTP goes on as it is."""
    assert verdict(ViewerProtocolPolicy.ALLOW_ALL) is None


@pytest.mark.parametrize("method", sorted(ALL_METHODS))
@pytest.mark.parametrize("version", ["1.0", "1.1", "2.0"])
def test_trap_2_redirects_are_301_for_reads_and_307_for_the_rest(method: str, version: HttpVersion) -> None:
    """GET and HEAD get 301; the others 307, which HTTP/1.0 does not know, so there they get 403."""
    found = verdict(ViewerProtocolPolicy.REDIRECT_TO_HTTPS, method, version=version)
    if method in ("GET", "HEAD"):
        assert isinstance(found, Redirect)
        assert (found.status, found.note.rule) == (301, "viewer_protocol.redirected")
    elif version == "1.0":
        assert isinstance(found, Refusal)
        assert (found.status, found.note.rule) == (403, "viewer_protocol.not_redirectable")
    else:
        assert isinstance(found, Redirect)
        assert found.status == 307


def test_the_redirect_keeps_host_path_and_query_as_they_were_sent() -> None:
    """Nothing is normalised on the way to Location."""
    found = verdict(ViewerProtocolPolicy.REDIRECT_TO_HTTPS)
    assert isinstance(found, Redirect)
    assert found.location == "https://www.example.com:8080/a//b?x=1&y=%20"


def test_https_only_refuses_http() -> None:
    """403, and the note names the setting."""
    found = verdict(ViewerProtocolPolicy.HTTPS_ONLY)
    assert isinstance(found, Refusal)
    assert (found.status, found.message, found.note.rule) == (403, "Bad request.", "viewer_protocol.https_only")
    assert "https-only" in found.note.sentence
