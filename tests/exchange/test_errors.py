"""Dialogues: refusals, errors of origins, error pages, failover."""

from __future__ import annotations

from collections.abc import Callable

from edge.model.distribution import CustomErrorResponse, Distribution, ViewerProtocolPolicy
from edge.model.function import CloudFrontFunction, EventType, FunctionCall, FunctionOutcome, Returned
from edge.model.managed_policies import cache_policy, response_headers_policy
from edge.model.origin import OriginFailureKind, OriginGroup
from edge.testing import Playbook

Site = Callable[..., Distribution]


def test_trap_1_a_post_to_a_read_only_behavior_gets_the_method_page(site: Site) -> None:
    """403 comes before the redirect to HTTPS and before any function."""
    read_only = {
        "allowed_methods": frozenset({"GET", "HEAD"}),
        "viewer_protocol_policy": ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    }
    talk = Playbook(site(read_only)).request("POST", "/a", scheme="http")
    assert (talk.status, talk.x_cache) == (403, "Error from cloudfront")
    assert b"supports only cachable requests." in bytes(talk.body)  # type: ignore[arg-type]


def test_trap_2_http_is_redirected(site: Site) -> None:
    """GET with 301 and the 167-byte page, POST with 307."""
    play = Playbook(site({"viewer_protocol_policy": ViewerProtocolPolicy.REDIRECT_TO_HTTPS}))
    talk = play.get("/a?b=1", scheme="http")
    assert (talk.status, talk.x_cache) == (301, "Redirect from cloudfront")
    assert talk.headers.get("location") == "https://localhost/a?b=1"
    assert len(talk.body) == 167  # type: ignore[arg-type]
    assert play.request("POST", "/a", scheme="http").status == 307


def test_trap_4_an_error_is_cached_for_ten_seconds(site: Site) -> None:
    """A 404 without headers is not asked for again within ten seconds, and is after them."""
    play = Playbook(site())
    assert play.get("/a").origin_answers(404, "no").x_cache == "Error from cloudfront"
    play.advance(seconds=9)
    again = play.get("/a")
    assert again.status == 404
    assert again.why("error_caching.from_cache") == "the error 404 comes from the cache, for 1 s more"
    play.advance(seconds=2)
    assert play.get("/a").asked is not None


def test_trap_6_with_caching_disabled_errors_are_not_cached(site: Site) -> None:
    """CachingDisabled switches error caching off too."""
    play = Playbook(site({"cache_policy": cache_policy("CachingDisabled")}))
    play.get("/a").origin_answers(500, "broken")
    assert play.get("/a").asked is not None


def test_an_origin_that_is_down_gets_the_connect_page(site: Site) -> None:
    """Three attempts, then 502 with CloudFront's sentence."""
    talk = Playbook(site()).get("/a")
    attempts = 0
    while talk.asked is not None:
        attempts += 1
        talk.origin_fails(OriginFailureKind.CONNECT)
    assert attempts == 3
    assert (talk.status, talk.x_cache) == (502, "Error from cloudfront")
    assert b"CloudFront wasn't able to connect to the origin." in bytes(talk.body)  # type: ignore[arg-type]


def test_a_group_fails_over_to_its_second_origin(site: Site) -> None:
    """A listed status of the first origin makes CloudFront ask the second."""
    group = OriginGroup("both", ("site", "spare"), frozenset({500, 503}))
    play = Playbook(site({"target_origin_id": "both"}, origin_groups={"both": group}))
    talk = play.get("/a")
    assert talk.origin_request.origin.id == "site"
    talk.origin_answers(500, "broken")
    assert talk.origin_request.origin.id == "spare"
    assert talk.origin_answers(200, "fine").body == b"fine"


def test_a_custom_error_page_has_its_own_status(site: Site) -> None:
    """The page is fetched by its own path; the viewer sees the configured status."""
    page = CustomErrorResponse(404, "/index.html", 200)
    play = Playbook(site(custom_error_responses={404: page}))
    talk = play.get("/deep/link").origin_answers(404, "no")
    assert talk.origin_request.request.target == "/index.html"
    talk.origin_answers(200, "<app>")
    assert (talk.status, talk.body, talk.x_cache) == (200, b"<app>", "Error from cloudfront")


def test_trap_23_an_unknown_host_is_refused(site: Site) -> None:
    """A Host that is no alias gets 403 Bad request."""
    talk = Playbook(site()).get("/a", {"Host": "elsewhere.example.com"})
    assert talk.status == 403
    assert "elsewhere.example.com" in talk.why("alternate_domain_names.unknown_host")


def test_a_response_headers_policy_goes_with_hits_errors_and_redirects(site: Site) -> None:
    """The policy applies to every response of the behavior."""
    policy = response_headers_policy("SecurityHeadersPolicy")
    play = Playbook(site({"response_headers_policy": policy}))
    miss = play.get("/a").origin_answers(200, "x")
    for talk in (miss, play.get("/a"), play.get("/b").origin_answers(500)):
        assert talk.headers.get("x-content-type-options") == "nosniff"


def test_trap_29_the_viewer_response_function_does_not_run_for_a_custom_error_page(site: Site) -> None:
    """Not even when the page is served with 200."""
    functions = {EventType.VIEWER_RESPONSE: CloudFrontFunction("stamp", "")}
    page = CustomErrorResponse(404, "/404.html", 200)
    runs: list[FunctionCall] = []

    def run(call: FunctionCall) -> FunctionOutcome:
        runs.append(call)
        return Returned(call.event["response"])

    play = Playbook(site({"functions": functions}, custom_error_responses={404: page}), functions=run)
    talk = play.get("/gone").origin_answers(404, "no").origin_answers(200, "page")
    assert (talk.status, talk.body, runs) == (200, b"page", [])
    assert "associations.viewer_response_skipped" in talk.rules
