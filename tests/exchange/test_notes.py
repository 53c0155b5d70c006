"""Dialogues: why the edge did what it did, in the words of `edge explain`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edge.model import quotas
from edge.model.distribution import Distribution
from edge.model.function import CloudFrontFunction, EventType, FunctionCall, FunctionOutcome, Returned
from edge.model.managed_policies import cache_policy, origin_request_policy
from edge.testing import Playbook
from edge.testing.playbook import Arriving

Site = Callable[..., Distribution]


def test_what_has_no_part_in_the_cache_says_so(site: Site) -> None:
    talk = Playbook(site()).request("POST", "/a", body=b"x")
    talk.origin_answers(200, "x")
    assert talk.why("cache.not_used") == "POST is not cached by this behavior"


def test_who_waited_for_another_viewers_fetch_says_so(site: Site) -> None:
    play = Playbook(site())
    first, second = play.get("/a"), play.get("/a")
    first.origin_answers(200, "x")
    assert second.rules == ["collapse.waited"]


def test_a_body_that_is_too_large_to_keep_is_served_and_not_kept(site: Site) -> None:
    play = Playbook(site())
    talk = play.get("/a")
    size = quotas.CACHE_OBJECT_MEMORY_MAX_BYTES + 1
    talk.origin_answers(200, Arriving(b"x", length=size), {"Content-Length": str(size)})
    assert "are too many for the cache" in talk.why("cache.too_large")
    assert play.get("/a").asked is not None


def test_a_stale_object_that_is_served_while_a_refresh_runs_says_so(site: Site) -> None:
    play = Playbook(site())
    play.get("/a").origin_answers(200, "x", {"Cache-Control": "max-age=1, stale-while-revalidate=60"})
    play.advance(seconds=5)
    assert play.get("/a").rules == ["stale.while_revalidate"]


@pytest.mark.parametrize(
    ("policy", "control", "rule", "words"),
    [
        ("UseOriginCacheControlHeaders-QueryStrings", "no-store", "ttl.forbidden", "the origin says no-store"),
        ("CachingOptimized", "private", "ttl.minimum_wins", "the minimum TTL of 1 s in spite of private"),
        ("CachingOptimized", "max-age=0", "ttl.minimum_wins", "max-age of 0 s is raised to the minimum TTL of 1 s"),
        ("CachingOptimized", "max-age=99999999", "ttl.maximum_wins", "cut to the maximum TTL of 31536000 s"),
    ],
)
def test_where_a_ttl_comes_from(site: Site, policy: str, control: str, rule: str, words: str) -> None:
    talk = Playbook(site({"cache_policy": cache_policy(policy)})).get("/a")
    talk.origin_answers(200, "x", {"Cache-Control": control})
    assert words in talk.why(rule)


def test_an_error_that_is_not_cached_says_why(site: Site) -> None:
    talk = Playbook(site()).get("/a")
    talk.origin_answers(401, "no")
    assert "401" in talk.why("error_caching.not_cached")


def _functions(change: Callable[[Any], Any]) -> Callable[[FunctionCall], FunctionOutcome]:
    return lambda call: Returned(change(call.event["request"]))


def test_a_function_that_answers_is_named(site: Site) -> None:
    functions = {EventType.VIEWER_REQUEST: CloudFrontFunction("gate", "")}
    play = Playbook(site({"functions": functions}), functions=_functions(lambda request: {"statusCode": 401}))
    assert play.get("/a").why("function.answered") == "gate answered with 401"


def test_a_read_only_header_is_named(site: Site) -> None:
    functions = {EventType.VIEWER_REQUEST: CloudFrontFunction("gate", "")}

    def touch(request: Any) -> Any:
        return {**request, "headers": {**request["headers"], "via": {"value": "x"}}}

    play = Playbook(site({"functions": functions}), functions=_functions(touch))
    assert "the read-only header via was" in play.get("/a").why("restricted_headers.read_only")


def test_a_websocket_handshake_that_no_policy_lets_through_says_what_to_choose(site: Site) -> None:
    handshake = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "x"}
    talk = Playbook(site()).get("/ws", handshake)
    talk.origin_answers(400, "no")
    assert "AllViewer" in talk.why("origin_request.websocket_headers")
    allowed = {
        "cache_policy": cache_policy("CachingDisabled"),
        "origin_request_policy": origin_request_policy("AllViewer"),
    }
    through = Playbook(site(allowed)).get("/ws", handshake)
    assert through.origin_request.request.headers.get("sec-websocket-key") == "x"
    through.origin_answers(400, "no")
    assert through.why("origin_request.websocket_headers") == ""
