"""A whole distribution under test."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.model.distribution import Distribution
from edge.testing import DistributionFixture, HarnessError, Site, VirtualClock, record
from edge.testing import distribution as plain_helper

Make = Callable[..., Site]
ADDS = """function handler(event) { console.log('on response'); event.response.headers['x-a'] = {value: '1'};
return event.response; }"""
REWRITES = """function handler(event) { if (event.request.uri === '/old') return {statusCode: 301, headers: {
location: {value: '/new'}}}; event.request.uri = '/index.html'; return event.request; }"""


def test_a_page_is_cached_until_its_time_is_over(distribution: Make) -> None:
    """Miss, hit with an Age, and the origin again; the clock is the test's."""
    site = distribution()
    page = site.origin.get("/a").replies(200, {"cache-control": "max-age=60"}, "hello")
    assert site.get("/a").x_cache == "Miss from cloudfront"
    site.clock.advance(seconds=59)
    hit = site.get("/a")
    assert (hit.x_cache, hit.age, hit.text) == ("Hit from cloudfront", 59, "hello")
    site.clock.advance(seconds=1)
    site.get("/a")
    assert page.times == 2


def test_answers_say_why(distribution: Make) -> None:
    """The TTL's reason, the stages, and the headers of the edge."""
    site = distribution(pop="FRA56-P4")
    site.origin.get("/a").replies(200, {"cache-control": "max-age=60"})
    answer = site.get("/a")
    assert answer.why("ttl") == answer.why("ttl.origin") == "max-age of 60 s counts"
    assert answer.why("failover") == ""
    assert answer.ttl == 60
    assert answer.stages["cache"].state == "done"
    assert answer.stages["viewer request"].state == "none"
    assert answer.headers["X-Amz-Cf-Pop"] == "FRA56-P4"
    assert answer.age is None


def test_functions_are_in_the_path(distribution: Make, tmp_path: Path) -> None:
    """At both viewer events; what they log is in the answer."""
    (tmp_path / "request.js").write_text(REWRITES)
    (tmp_path / "response.js").write_text(ADDS)
    site = distribution(viewer_request=tmp_path / "request.js", viewer_response=tmp_path / "response.js")
    site.origin.get("/index.html").replies(200, {}, "app")
    answer = site.get("/deep/link")
    assert (answer.text, answer.headers["x-a"], answer.logs) == ("app", "1", ("on response",))
    assert "- uri: /deep/link" in answer.explain()
    moved = site.get("/old")
    assert (moved.status, moved.headers["location"]) == (301, "/new")


def test_a_budget_of_no_requests_to_the_origin(distribution: Make) -> None:
    """Hits keep it; a miss breaks it, and the message says what was asked."""
    site = distribution()
    site.origin.any().replies(200, {"cache-control": "max-age=60"})
    site.get("/a")
    with site.never_calls_origin():
        site.get("/a")
    with pytest.raises(AssertionError, match="the origin was asked: GET /b"), site.never_calls_origin():
        site.get("/b")


def test_how_long_an_answer_is_cached(distribution: Make) -> None:
    """At least so long, for the one that stored it and for a hit; with the reason when not."""
    site = distribution()
    site.origin.get("/a").replies(200, {"cache-control": "max-age=60"})
    assert site.get("/a").cached_for(60)
    verdict = site.get("/a").cached_for(61)
    assert not verdict
    site.clock.advance(seconds=30)
    assert site.get("/a").cached_for(30)
    assert not site.get("/a").cached_for(31)
    site.origin.get("/private").replies(200, {"cache-control": "private"})
    assert "stored" in repr(verdict)
    site.origin.post("/a").replies(200)
    assert not site.post("/a").cached_for(0)


def test_whether_two_requests_are_one_object(distribution: Make) -> None:
    """Targets, or answers to requests with headers and cookies; the reason names what differs."""
    site = distribution(cache_policy="UseOriginCacheControlHeaders-QueryStrings")
    assert not site.same_cache_key("/a?x=1", "/a?x=2")
    assert "query 'x=1' and 'x=2'" in repr(site.same_cache_key("/a?x=1", "/a?x=2"))
    assert distribution().same_cache_key("/a?x=1", "/a?x=2")
    site.origin.any().replies(200)
    one, other = (site.get("/a", cookies={"s": value}) for value in "12")
    assert not site.same_cache_key(one, other)


def test_asking_for_a_cache_key_asks_nobody_else(distribution: Make) -> None:
    """Neither the origin nor the cache notices."""
    site = distribution()
    assert site.same_cache_key("/a", "/a?x=1")
    assert site.origin.requests == []
    assert len(site.store) == 0


def test_compressed_answers_can_be_read(distribution: Make) -> None:
    """`body` is what is on the wire, `text` what a browser shows."""
    site = distribution()
    site.origin.get("/a").replies(200, {"content-type": "text/plain"}, "x" * 5000)
    for encoding in ("br", "gzip"):
        answer = site.get("/a", headers={"accept-encoding": encoding})
        assert answer.headers["content-encoding"] == encoding
        assert len(answer.body) < 500
        assert answer.text == "x" * 5000


def test_a_refresh_beside_a_stale_answer_is_done(distribution: Make) -> None:
    """stale-while-revalidate: the stale object first, the refreshed one for the next viewer."""
    site = distribution()
    page = site.origin.get("/a").replies(200, {"cache-control": "max-age=60, stale-while-revalidate=60"}, "one")
    site.get("/a")
    page.replies(200, {"cache-control": "max-age=60"}, "two")
    site.clock.advance(seconds=61)
    assert site.get("/a").text == "one"
    assert site.get("/a").text == "two"


def test_viewers_over_http_are_redirected_where_the_behavior_says_so(distribution: Make) -> None:
    """A setting of the default behavior, and a viewer that speaks HTTP."""
    site = distribution(viewer_protocol_policy="redirect-to-https")
    answer = site.get("/a", viewer={"scheme": "http"}, headers={"host": "example.com"})
    assert (answer.status, answer.headers["location"]) == (301, "https://example.com/a")


def test_several_viewers_at_once_are_a_dialogue(distribution: Make) -> None:
    """`play` is the same edge location, request by request."""
    site = distribution()
    first, second = site.play.get("/a"), site.play.get("/a")
    first.origin_answers(200, "once")
    assert second.x_cache == "Hit from cloudfront"
    with site.never_calls_origin():
        assert site.get("/a", headers={"host": "localhost"}).text == "once"


def test_tests_do_not_share_a_cache(distribution: Make) -> None:
    """Nor stores, nor logs: each distribution begins empty."""
    one, other = distribution(), distribution()
    one.origin.any().replies(200, {"cache-control": "max-age=60"})
    one.get("/a")
    assert other.get("/a").x_cache == "Miss from cloudfront"


def test_the_helper_works_without_pytests_fixtures(site_value: Distribution) -> None:
    """With a Distribution, too."""
    clock = VirtualClock(0)
    site = plain_helper(site_value, clock=clock)
    site.origin.any().replies(200)
    assert site.get("/a", headers={"host": "d1.cloudfront.net"}).status == 200
    assert site.get("/a").headers["date"] == "Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.fixture
def site_value() -> Distribution:
    """A distribution, made by hand."""
    return plain_helper().distribution


@pytest.mark.parametrize("sockets", [False, True])
def test_edge_locations_have_caches_of_their_own(distribution: DistributionFixture, sockets: bool) -> None:
    """Two of them share the regional edge cache behind them; a viewer comes to the one of its country."""
    pops = {"FRA56-P4": "eu-central-1", "TXL50-P1": "eu-central-1", "NRT57-P2": {"countries": ["JP"]}}
    site = distribution(pops=pops, sockets=sockets)
    page = site.origin.get("/a").replies(200, {"Cache-Control": "max-age=60"}, "hello")
    first = site.get("/a")
    assert (first.headers["x-amz-cf-pop"], first.x_cache) == ("FRA56-P4", "Miss from cloudfront")
    assert first.cached_for(60)
    assert site.get("/a", pop="FRA").x_cache == "Hit from cloudfront"
    assert page.times == 1
    site.get("/a", pop="TXL50-P1")
    assert page.times == 1
    assert site.get("/a", viewer={"country": "JP"}).headers["x-amz-cf-pop"] == "NRT57-P2"
    assert page.times == 2
    with pytest.raises(HarnessError, match="there are FRA56-P4, TXL50-P1, NRT57-P2"):
        site.get("/a", pop="LHR")
    with pytest.raises(HarnessError, match="FRA56-P4"):
        distribution(pops={"Frankfurt": ""})
    with pytest.raises(HarnessError, match="pops="):
        distribution().get("/a", pop="FRA")


def test_an_invalidation_removes_objects(distribution: DistributionFixture) -> None:
    """From all caches, by path."""
    site = distribution(pops={"FRA56-P4": "eu-central-1", "NRT57-P2": ""})
    page = site.origin.get("*").replies(200, {"Cache-Control": "max-age=60"}, "hello")
    for target in ("/a", "/a/b", "/c"):
        site.get(target)
    assert site.invalidate("/a*") == 4
    assert (site.get("/a").x_cache, site.get("/c").x_cache) == ("Miss from cloudfront", "Hit from cloudfront")
    assert page.times == 4
    with pytest.raises(HarnessError, match="begins with /"):
        site.invalidate("a")


def test_a_test_that_is_over_leaves_nothing_to_the_garbage_collector(tmp_path: Path) -> None:
    """No circle of objects keeps a distribution with its cache alive."""
    (tmp_path / "request.js").write_text(REWRITES)
    gc.disable()
    try:
        site = plain_helper(viewer_request="request.js", folders=(tmp_path,))
        site.origin.get("*").replies(200, {"Cache-Control": "max-age=60"}, "hello")
        assert [site.get("/a").x_cache, site.get("/a").x_cache] == ["Miss from cloudfront", "Hit from cloudfront"]
        gone = weakref.ref(site)
        record.clear()
        del site
        assert gone() is None
    finally:
        gc.enable()
