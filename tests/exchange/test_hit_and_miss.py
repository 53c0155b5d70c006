"""Dialogues: what is fetched, what is served from the cache, and who waits for whom."""

from __future__ import annotations

from collections.abc import Callable

from edge.model.distribution import Distribution
from edge.model.managed_policies import cache_policy
from edge.model.origin import OriginFailureKind
from edge.testing import Playbook
from edge.testing.playbook import Arriving

Site = Callable[..., Distribution]


def test_a_second_viewer_is_served_from_the_cache(site: Site) -> None:
    """A miss, then a hit with an Age."""
    play = Playbook(site())
    first = play.get("/a").origin_answers(200, "hello", {"Content-Type": "text/plain"})
    assert (first.status, first.x_cache, first.body) == (200, "Miss from cloudfront", b"hello")
    assert "age" not in first.headers
    play.advance(seconds=30)
    second = play.get("/a")
    assert (second.x_cache, second.body, second.headers.get("age")) == ("Hit from cloudfront", b"hello", "30")


def test_an_object_that_has_expired_is_confirmed_by_the_origin(site: Site) -> None:
    """The stored validators go to the origin; its 304 makes the object fresh again."""
    play = Playbook(site())
    play.get("/a").origin_answers(200, "one", {"ETag": '"1"', "Cache-Control": "max-age=60"})
    play.advance(seconds=61)
    again = play.get("/a")
    assert again.origin_request.request.headers.get("if-none-match") == '"1"'
    again.origin_answers(304, headers={"Cache-Control": "max-age=120"})
    assert (again.status, again.x_cache, again.body) == (200, "RefreshHit from cloudfront", b"one")
    play.advance(seconds=119)
    assert play.get("/a").x_cache == "Hit from cloudfront"


def test_trap_33_ten_viewers_at_once_cost_one_fetch(site: Site) -> None:
    """Request collapsing: one fetches, the others wait and are served a hit."""
    play = Playbook(site())
    leader = play.get("/a")
    others = [play.get("/a") for _ in range(9)]
    assert all(other.waiting and other.asked is None for other in others)
    leader.origin_answers(200, "once")
    assert [other.x_cache for other in others] == ["Hit from cloudfront"] * 9
    assert play.store.leases == 0


def test_trap_33_with_cookies_forwarded_each_viewer_fetches(site: Site) -> None:
    """Collapsing is off where cookies reach the origin."""
    play = Playbook(site({"cache_policy": cache_policy("UseOriginCacheControlHeaders")}))
    talks = [play.get("/a", {"Cookie": "s=1"}) for _ in range(10)]
    assert all(talk.asked is not None for talk in talks)


def test_a_private_answer_is_for_one_viewer_only(site: Site) -> None:
    """Those who waited behind a no-store answer go to the origin, all at once."""
    play = Playbook(site({"cache_policy": cache_policy("Elemental-MediaPackage")}))
    leader, second, third = play.get("/a"), play.get("/a"), play.get("/a")
    leader.origin_answers(200, "for one", {"Cache-Control": "no-store"})
    assert second.asked is not None
    assert third.asked is not None
    second.origin_answers(200, "for two", {"Cache-Control": "no-store"})
    assert (second.body, second.x_cache) == (b"for two", "Miss from cloudfront")


def test_when_the_leader_leaves_another_viewer_takes_over(site: Site) -> None:
    """A lease ends on every path, a closed exchange included."""
    play = Playbook(site())
    leader, second, third = play.get("/a"), play.get("/a"), play.get("/a")
    leader.leaves()
    fetching = [talk for talk in (second, third) if talk.asked is not None]
    assert len(fetching) == 1
    fetching[0].origin_answers(200, "late")
    assert {second.body, third.body} == {b"late"}
    assert play.store.leases == 0


def test_an_origin_that_is_down_is_stood_in_for_by_the_expired_object(site: Site) -> None:
    """An expired object is better than an error, and the origin is left alone for ten seconds."""
    play = Playbook(site())
    play.get("/a").origin_answers(200, "old", {"Cache-Control": "max-age=60"})
    play.advance(minutes=5)
    talk = play.get("/a")
    while talk.asked is not None:
        talk.origin_fails(OriginFailureKind.CONNECT)
    assert (talk.status, talk.body) == (200, b"old")
    play.advance(seconds=9)
    assert play.get("/a").status == 200
    play.advance(seconds=2)
    assert play.get("/a").asked is not None


def test_stale_while_revalidate_answers_at_once_and_refreshes_beside(site: Site) -> None:
    """The viewer does not wait; the next one has the new object."""
    play = Playbook(site())
    play.get("/a").origin_answers(200, "old", {"Cache-Control": "max-age=60, stale-while-revalidate=30"})
    play.advance(seconds=70)
    quick = play.get("/a")
    assert (quick.body, quick.x_cache) == (b"old", "Hit from cloudfront")
    (refresh,) = play.refreshes
    refresh.origin_answers(200, "new", {"Cache-Control": "max-age=60"})
    assert play.get("/a").body == b"new"


def test_a_refresh_is_for_the_whole_object_and_there_is_one(site: Site) -> None:
    """Whatever the requests that find the object expired are about."""
    play = Playbook(site())
    play.get("/a").origin_answers(200, "old", {"Cache-Control": "max-age=60, stale-while-revalidate=30", "ETag": '"1"'})
    play.advance(seconds=70)
    assert play.request("HEAD", "/a").x_cache == "Hit from cloudfront"
    assert play.get("/a", {"Range": "bytes=0-1"}).body == b"ol"
    assert play.get("/a", {"If-None-Match": '"1"'}).status == 304
    (refresh,) = play.refreshes
    assert refresh.origin_request.request.method == "GET"
    refresh.origin_answers(200, "new", {"Cache-Control": "max-age=60"})
    assert play.get("/a").body == b"new"


def test_a_body_that_breaks_off_is_not_kept(site: Site) -> None:
    """An object is stored while it arrives, and gone when it does not arrive whole."""
    play = Playbook(site())
    talk = play.get("/a").origin_answers(200, Arriving(b"part", length=100), {"Content-Length": "100"})
    assert play.get("/a").x_cache == "Hit from cloudfront"
    talk.body_ends(whole=False)
    assert play.get("/a").asked is not None


def test_a_body_that_arrives_whole_is_kept_as_bytes(site: Site) -> None:
    """Once a streamed body has come to its end, hits are served from memory."""
    play = Playbook(site())
    talk = play.get("/a").origin_answers(200, Arriving(b"one ", b"two", length=7), {"Content-Length": "7"})
    talk.body_ends()
    assert play.get("/a").body == b"one two"


def test_the_query_string_is_dropped_by_caching_optimized(site: Site) -> None:
    """Neither the key nor the origin gets it (trap 12)."""
    play = Playbook(site())
    talk = play.get("/a?x=1")
    assert talk.origin_request.request.target == "/a"
    talk.origin_answers(200, "same")
    assert play.get("/a?x=2").x_cache == "Hit from cloudfront"


def test_a_post_goes_through_and_is_not_cached(site: Site) -> None:
    """Only GET, HEAD and, where said, OPTIONS are cached."""
    play = Playbook(site())
    for _ in range(2):
        talk = play.request("POST", "/form", body=b"a=1")
        assert talk.origin_request.request.body == b"a=1"
        assert talk.origin_answers(200, "done").x_cache == "Miss from cloudfront"
