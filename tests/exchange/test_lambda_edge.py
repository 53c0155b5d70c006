"""Dialogues: Lambda@Edge functions at the four events."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from edge.model.distribution import CustomErrorResponse, Distribution, GeoRestriction
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionCall,
    FunctionOutcome,
    LambdaFunction,
    OutOfMemory,
    Returned,
    Threw,
    Throttled,
    TimedOut,
)
from edge.model.managed_policies import cache_policy, origin_request_policy
from edge.model.origin import OriginFailure, OriginFailureKind, OriginGroup
from edge.model.quotas import LAMBDA_CLASSIC_2023
from edge.model.switches import Switches
from edge.model.viewer import Location
from edge.testing import Playbook

Site = Callable[..., Distribution]
Handler = Callable[[Any], Any]


def function(**changes: Any) -> LambdaFunction:
    return LambdaFunction("rewrite", "1", "/code", "index.handler", "nodejs22.x", **changes)


def play(site: Site, handlers: dict[EventType, Handler], include_body: bool = False, **changes: Any) -> Playbook:
    """A site with handlers in Python: each gets `Records[0].cf`. The runs are in `play.ran`."""
    ran: list[EventType] = []

    def run(call: FunctionCall) -> FunctionOutcome:
        ran.append(call.event_type)
        records: Any = call.event["Records"]
        outcome = handlers[call.event_type](records[0]["cf"])
        return outcome if isinstance(outcome, Threw | TimedOut | OutOfMemory | Throttled) else Returned(outcome)

    functions = {event_type: function(include_body=include_body) for event_type in handlers}
    made = Playbook(site({"functions": functions, **changes.pop("behavior", {})}, **changes), functions=run)
    made.ran = ran  # type: ignore[attr-defined]
    return made


def ran(playbook: Any) -> list[EventType]:
    return list(playbook.ran)


def test_the_four_events_in_their_order(site: Site) -> None:
    """A miss runs all four; a hit runs the two of the viewer's side."""
    handlers: dict[EventType, Handler] = {
        EventType.VIEWER_REQUEST: lambda cf: cf["request"],
        EventType.ORIGIN_REQUEST: lambda cf: cf["request"],
        EventType.ORIGIN_RESPONSE: lambda cf: cf["response"],
        EventType.VIEWER_RESPONSE: lambda cf: cf["response"],
    }
    playbook = play(site, handlers)
    playbook.get("/a").origin_answers(200, "x")
    assert ran(playbook) == list(handlers)
    assert playbook.get("/a").x_cache == "Hit from cloudfront"
    assert ran(playbook)[4:] == [EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE]


def test_trap_23_a_rewritten_uri_keeps_behavior_and_origin(site: Site) -> None:
    """The origin has the new path."""
    playbook = play(site, {EventType.ORIGIN_REQUEST: lambda cf: {**cf["request"], "uri": "/b"}})
    talk = playbook.get("/a")
    assert (talk.origin_request.origin.id, talk.origin_request.request.target) == ("site", "/b")


def test_trap_19_another_domain_keeps_the_host_that_was_there(site: Site) -> None:
    """The function has to set Host itself, as AWS's samples do."""

    def move(cf: Any) -> Any:
        request = cf["request"]
        request["origin"]["custom"]["domainName"] = "spare.example.org"
        return request

    talk = play(site, {EventType.ORIGIN_REQUEST: move}).get("/a")
    assert talk.origin_request.origin.domain_name == "spare.example.org"
    assert talk.origin_request.request.headers.get("host") == "site.example.org"


def test_trap_30_a_response_made_at_origin_request_is_cached(site: Site) -> None:
    """The origin response function does not run for it, and on a hit nothing but the viewer's side does."""
    made = {"status": "200", "headers": {"cache-control": [{"value": "max-age=60"}]}, "body": "made"}
    playbook = play(
        site,
        {
            EventType.ORIGIN_REQUEST: lambda cf: made,
            EventType.ORIGIN_RESPONSE: lambda cf: cf["response"],
            EventType.VIEWER_RESPONSE: lambda cf: cf["response"],
        },
    )
    first, second = playbook.get("/a"), playbook.get("/a")
    assert (first.status, first.body, first.x_cache) == (200, b"made", "Miss from cloudfront")
    assert (second.body, second.x_cache) == (b"made", "Hit from cloudfront")
    assert ran(playbook) == [EventType.ORIGIN_REQUEST, EventType.VIEWER_RESPONSE, EventType.VIEWER_RESPONSE]


def test_trap_31_a_response_made_at_viewer_request_is_not_cached(site: Site) -> None:
    """The viewer response function does not run for it."""
    handlers: dict[EventType, Handler] = {
        EventType.VIEWER_REQUEST: lambda cf: {"status": 302, "headers": {"location": [{"value": "/b"}]}},
        EventType.VIEWER_RESPONSE: lambda cf: cf["response"],
    }
    playbook = play(site, handlers)
    for _ in range(2):
        assert playbook.get("/a").x_cache == "LambdaGeneratedResponse from cloudfront"
    assert ran(playbook) == [EventType.VIEWER_REQUEST] * 2


def test_trap_1_the_viewer_response_function_does_not_run_for_an_error_of_the_origin(site: Site) -> None:
    """The origin response function does."""
    handlers: dict[EventType, Handler] = {
        EventType.ORIGIN_RESPONSE: lambda cf: cf["response"],
        EventType.VIEWER_RESPONSE: lambda cf: cf["response"],
    }
    playbook = play(site, handlers)
    playbook.get("/a").origin_answers(404, "no")
    assert ran(playbook) == [EventType.ORIGIN_RESPONSE]


def test_an_origin_response_function_may_replace_status_and_body_before_they_are_cached(site: Site) -> None:
    handlers: dict[EventType, Handler] = {
        EventType.ORIGIN_RESPONSE: lambda cf: {**cf["response"], "status": 200, "body": "instead"}
    }
    playbook = play(site, handlers)
    talk = playbook.get("/a")
    talk.origin_answers(404, "no")
    assert (talk.status, talk.body) == (200, b"instead")
    assert playbook.get("/a").x_cache == "Hit from cloudfront"


def test_trap_4_an_origin_response_function_sees_transfer_encoding_and_must_leave_it(site: Site) -> None:
    def drop(cf: Any) -> Any:
        assert "transfer-encoding" in cf["response"]["headers"]
        del cf["response"]["headers"]["transfer-encoding"]
        return cf["response"]

    talk = play(site, {EventType.ORIGIN_RESPONSE: drop}).get("/a")
    talk.origin_answers(200, b"x", {"Transfer-Encoding": "chunked"})
    assert (talk.status, talk.x_cache) == (502, "LambdaValidationError from cloudfront")
    kept = play(site, {EventType.ORIGIN_RESPONSE: lambda cf: cf["response"]}).get("/a")
    kept.origin_answers(200, b"x", {"Transfer-Encoding": "chunked"})
    assert kept.status == 200
    assert "transfer-encoding" not in kept.headers


def test_trap_26_a_long_body_is_shown_cut_and_the_origin_gets_all_of_it(site: Site) -> None:
    body = b"x" * 60 * 1024
    seen: list[Any] = []

    def look(cf: Any) -> Any:
        seen.append(cf["request"]["body"])
        return cf["request"]

    playbook = play(site, {EventType.VIEWER_REQUEST: look}, include_body=True)
    talk = playbook.request("POST", "/form", body=body)
    assert seen[0]["inputTruncated"] is True
    assert len(base64.b64decode(seen[0]["data"])) == 40 * 1024
    assert talk.origin_request.request.body == body


def test_trap_29_with_failover_the_origin_request_function_runs_for_each_origin(site: Site) -> None:
    seen: list[str] = []

    def look(cf: Any) -> Any:
        seen.append(cf["request"]["origin"]["custom"]["domainName"])
        return cf["request"]

    group = OriginGroup("group", ("site", "spare"), frozenset({503}))
    playbook = play(
        site, {EventType.ORIGIN_REQUEST: look}, behavior={"target_origin_id": "group"}, origin_groups={"group": group}
    )
    talk = playbook.get("/a")
    talk.origin_answers(503, "down")
    talk.origin_answers(200, "up")
    assert seen == ["site.example.org", "spare.example.org"]
    assert talk.body == b"up"


def test_ten_viewers_at_once_are_one_invocation(site: Site) -> None:
    playbook = play(site, {EventType.ORIGIN_REQUEST: lambda cf: cf["request"]})
    talks = [playbook.get("/a") for _ in range(10)]
    talks[0].origin_answers(200, "x")
    assert ran(playbook) == [EventType.ORIGIN_REQUEST]
    assert {talk.body for talk in talks} == {b"x"}


def test_trap_21_only_origin_facing_functions_see_the_country(site: Site) -> None:
    """CloudFront adds its headers after the viewer request function, where a policy asks for them."""
    seen: list[bool] = []

    def look(cf: Any) -> Any:
        seen.append("cloudfront-viewer-country" in cf["request"]["headers"])
        return cf["request"]

    handlers: dict[EventType, Handler] = {EventType.VIEWER_REQUEST: look, EventType.ORIGIN_REQUEST: look}
    policies = {
        "cache_policy": cache_policy("CachingDisabled"),
        "origin_request_policy": origin_request_policy("AllViewerAndCloudFrontHeaders-2022-06"),
    }
    play(site, handlers, behavior=policies).get("/a", location=Location(country="DE"))
    assert seen == [False, True]


def test_a_viewer_response_function_sees_the_age_of_a_hit(site: Site) -> None:
    seen: list[Any] = []

    def look(cf: Any) -> Any:
        seen.append(cf["response"]["headers"].get("age"))
        return cf["response"]

    playbook = play(site, {EventType.VIEWER_RESPONSE: look})
    playbook.get("/a").origin_answers(200, "x")
    playbook.advance(seconds=41)
    hit = playbook.get("/a")
    assert seen == [None, [{"key": "Age", "value": "41"}]]
    assert hit.headers.all("age") == ("41",)


@pytest.mark.parametrize("event_type", list(EventType))
@pytest.mark.parametrize(
    ("outcome", "status", "x_cache"),
    [
        (Threw("Error: no"), 503, "LambdaExecutionError"),
        (TimedOut(), 503, "LambdaExecutionError"),
        (OutOfMemory(), 503, "LambdaExecutionError"),
        (Throttled("too many at once"), 503, "LambdaLimitExceeded"),
        (None, 502, "LambdaValidationError"),
    ],
)
def test_trap_17_a_function_that_fails_gets_cloudfronts_page(
    site: Site, event_type: EventType, outcome: Any, status: int, x_cache: str
) -> None:
    """At every event, and the next viewer's request is asked for anew: the page is not cached."""
    playbook = play(site, {event_type: lambda cf: outcome})
    for _ in range(2):
        talk = playbook.get("/a")
        if talk.asked is not None:
            talk.origin_answers(200, "x", {"Cache-Control": "no-store"})
        assert (talk.status, talk.x_cache) == (status, f"{x_cache} from cloudfront")
        assert b"Generated by cloudfront" in talk.body  # type: ignore[operator]


def test_an_origin_that_cannot_be_reached_runs_no_origin_response_function(site: Site) -> None:
    playbook = play(site, {EventType.ORIGIN_RESPONSE: lambda cf: cf["response"]})
    talk = playbook.get("/a")
    while talk.asked is not None:
        talk.origin_fails(OriginFailureKind.CONNECT)
    assert talk.status == 502
    assert ran(playbook) == []


def test_a_cloudfront_function_and_lambda_at_the_origins_side_work_together(site: Site) -> None:
    def run(call: FunctionCall) -> FunctionOutcome:
        event: Any = call.event
        if isinstance(call.function, CloudFrontFunction):
            return Returned({**event["request"], "uri": "/b"})
        return Returned(event["Records"][0]["cf"]["request"])

    functions = {
        EventType.VIEWER_REQUEST: CloudFrontFunction("rewrite", ""),
        EventType.ORIGIN_REQUEST: function(),
    }
    talk = Playbook(site({"functions": functions}), functions=run).get("/a")
    assert talk.origin_request.request.target == "/b"


def test_the_quotas_of_2023_cut_a_replaced_body_that_is_too_long(site: Site) -> None:
    """Today it is a validation error; `[quotas] profile` in edge.toml says which year counts."""
    body = {"action": "replace", "encoding": "text", "data": "x" * 50 * 1024}
    handlers: dict[EventType, Handler] = {EventType.VIEWER_REQUEST: lambda cf: {**cf["request"], "body": body}}
    today = play(site, handlers).request("POST", "/form", body=b"short")
    assert (today.status, today.x_cache) == (502, "LambdaValidationError from cloudfront")
    then = play(site, handlers, lambda_quotas=LAMBDA_CLASSIC_2023).request("POST", "/form", body=b"short")
    assert then.origin_request.request.body == b"x" * 40 * 1024


def test_a_name_that_does_not_resolve_is_a_502_before_the_function_runs(site: Site) -> None:
    """The origin that the behavior names must resolve, even where the function would choose another; a switch turns
    that off."""
    handlers: dict[EventType, Handler] = {EventType.ORIGIN_REQUEST: lambda record: record["request"]}
    for looked_up in (True, False):
        playbook = play(site, handlers, switches=Switches(resolve_before_origin_request=looked_up))
        playbook.unresolved["site.example.org"] = OriginFailure(OriginFailureKind.DNS, "no such name")
        talk = playbook.get("/a")
        if looked_up:
            assert (talk.status, talk.served.trail.detailed_result) == (502, "OriginDnsError")
            assert b"wasn't able to resolve the origin domain name" in bytes(talk.body)  # type: ignore[arg-type]
            assert ran(playbook) == []
        else:
            assert talk.asked is not None


def test_trap_2_the_viewer_response_function_does_not_run_for_an_error_page(site: Site) -> None:
    """Not even where the page has status 200."""
    playbook = play(
        site,
        {EventType.VIEWER_RESPONSE: lambda cf: cf["response"]},
        custom_error_responses={404: CustomErrorResponse(404, "/index.html", 200)},
    )
    talk = playbook.get("/a").origin_answers(404, "no")
    talk.origin_answers(200, "<app>")
    assert (talk.status, talk.body, ran(playbook)) == (200, b"<app>", [])


def test_trap_3_what_cloudfront_blocks_itself_runs_no_function(site: Site) -> None:
    """AWS WAF blocks in the same place as a geo restriction, which stands in for it here."""
    handlers: dict[EventType, Handler] = {
        EventType.VIEWER_REQUEST: lambda cf: cf["request"],
        EventType.VIEWER_RESPONSE: lambda cf: cf["response"],
    }
    playbook = play(site, handlers, geo_restriction=GeoRestriction("whitelist", frozenset({"FR"})))
    talk = playbook.get("/a", location=Location(country="DE"))
    assert (talk.status, ran(playbook)) == (403, [])


@pytest.mark.parametrize("name", ["x-cache", "x-amz-cf-id", "x-amz-cf-pop", "connection"])
def test_trap_5_headers_copied_from_a_fetched_response_are_refused(site: Site, name: str) -> None:
    """A function that fetches through CloudFront and answers with all it got."""
    made = {"status": "200", "headers": {"content-type": [{"value": "text/html"}], name: [{"value": "x"}]}, "body": ""}
    talk = play(site, {EventType.ORIGIN_REQUEST: lambda cf: made}).get("/a")
    assert (talk.status, talk.x_cache) == (502, "LambdaValidationError from cloudfront")
    assert b"The function tried to add a blacklisted header." in bytes(talk.body)  # type: ignore[arg-type]


def test_trap_6_keep_alive_of_a_framework_is_refused(site: Site) -> None:
    made = {"status": "200", "headers": {"keep-alive": [{"value": "timeout=5"}]}, "body": "x"}
    talk = play(site, {EventType.ORIGIN_REQUEST: lambda cf: made}).get("/a")
    assert (talk.status, talk.x_cache) == (502, "LambdaValidationError from cloudfront")


@pytest.mark.parametrize("event_type", list(EventType))
def test_trap_13_a_handler_without_a_return_is_refused(site: Site, event_type: EventType) -> None:
    """Its result is null."""
    talk = play(site, {event_type: lambda cf: None}).get("/a")
    if talk.asked is not None:
        talk.origin_answers(200, "x")
    assert (talk.status, talk.x_cache) == (502, "LambdaValidationError from cloudfront")
    assert b"The JSON output must be an object type." in bytes(talk.body)  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["none", "all"])
def test_trap_22_the_query_string_is_there_when_the_policy_forwards_it(site: Site, query: str) -> None:
    """Without that it is empty."""
    seen: list[str] = []

    def look(cf: Any) -> Any:
        seen.append(cf["request"]["querystring"])
        return cf["request"]

    policy = {"none": "CachingOptimized", "all": "CachingDisabled"}[query]
    behavior: dict[str, Any] = {"cache_policy": cache_policy(policy)}
    if query == "all":
        behavior["origin_request_policy"] = origin_request_policy("AllViewer")
    play(site, {EventType.ORIGIN_REQUEST: look}, behavior=behavior).get("/a?b=1&a=2")
    assert seen == ["b=1&a=2" if query == "all" else ""]
