"""Dialogues: byte ranges, conditions and HEAD, from the cache and from the origin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from edge.model.distribution import Distribution
from edge.model.managed_policies import cache_policy
from edge.model.switches import Switches
from edge.testing import Playbook
from edge.testing.playbook import Arriving, Talk

Site = Callable[..., Distribution]

BODY = b"0123456789"


def sends_part(talk: Talk, first: int, last: int, body: bytes | Arriving | None = None, etag: str = '"1"') -> Talk:
    """The origin's 206."""
    data = BODY[first : last + 1] if body is None else body
    headers = {"ETag": etag, "Content-Range": f"bytes {first}-{last}/10", "Cache-Control": "max-age=60"}
    return talk.origin_answers(206, data, headers)


def test_a_range_that_is_not_cached_goes_to_the_origin_and_is_kept(site: Site) -> None:
    """The part is cached; what lies within it is a hit, what does not is another fetch."""
    play = Playbook(site())
    first = play.get("/v", {"Range": "bytes=2-5"})
    assert first.origin_request.request.headers.get("range") == "bytes=2-5"
    sends_part(first, 2, 5)
    assert (first.status, first.body, first.x_cache) == (206, b"2345", "Miss from cloudfront")
    assert first.headers.get("content-range") == "bytes 2-5/10"
    play.advance(seconds=7)
    within = play.get("/v", {"Range": "bytes=3-4"})
    assert (within.status, within.body, within.x_cache) == (206, b"34", "Hit from cloudfront")
    assert (within.headers.get("content-range"), within.headers.get("age")) == ("bytes 3-4/10", "7")
    assert within.rules == ["ranges.from_parts"]
    beyond = play.get("/v", {"Range": "bytes=5-6"})
    assert beyond.origin_request.request.headers.get("range") == "bytes=5-6"
    sends_part(beyond, 5, 6)
    assert play.get("/v", {"Range": "bytes=2-6"}).body == b"23456"
    assert play.store.leases == 0


def test_parts_that_make_up_the_object_serve_everybody(site: Site) -> None:
    """Once no byte is missing, a request without Range is a hit too."""
    play = Playbook(site())
    sends_part(play.get("/v", {"Range": "bytes=0-4"}), 0, 4)
    plain = play.get("/v")
    assert "range" not in plain.origin_request.request.headers
    plain.leaves()
    sends_part(play.get("/v", {"Range": "bytes=5-9"}), 5, 9)
    whole = play.get("/v")
    assert (whole.status, whole.body, whole.x_cache) == (200, BODY, "Hit from cloudfront")
    assert "content-range" not in whole.headers


def test_an_origin_that_does_not_know_ranges_sends_the_whole_object(site: Site) -> None:
    """Chunked or not: the viewer gets it with 200, and the cache keeps it for the next range."""
    for headers in ({"Content-Length": "10"}, {"Transfer-Encoding": "chunked"}):
        play = Playbook(site())
        first = play.get("/v", {"Range": "bytes=2-5"})
        first.origin_answers(200, Arriving(BODY, length=10 if "Content-Length" in headers else None), headers)
        assert first.status == 200
        first.body_ends()
        second = play.get("/v", {"Range": "bytes=2-5"})
        assert (second.status, second.body, second.x_cache) == (206, b"2345", "Hit from cloudfront")


def test_a_part_that_arrives_is_kept_when_it_has_arrived(site: Site) -> None:
    """And not when it breaks off."""
    for whole in (True, False):
        play = Playbook(site())
        talk = play.get("/v", {"Range": "bytes=2-5"})
        sends_part(talk, 2, 5, Arriving(b"23", b"45", length=4))
        assert play.get("/v", {"Range": "bytes=2-5"}).asked is not None
        talk.body_ends(whole=whole)
        assert (play.get("/v", {"Range": "bytes=2-5"}).asked is None) is whole


def test_a_part_that_is_not_what_it_says_is_passed_on_and_not_kept(site: Site) -> None:
    """Content-Range says four bytes, three came."""
    play = Playbook(site())
    sends_part(play.get("/v", {"Range": "bytes=2-5"}), 2, 5, b"234")
    assert play.get("/v", {"Range": "bytes=2-4"}).asked is not None


def test_ranges_that_the_origin_refuses_are_passed_on_and_not_cached(site: Site) -> None:
    """416 is never cached."""
    play = Playbook(site())
    talk = play.get("/v", {"Range": "bytes=50-60"}).origin_answers(416, "", {"Content-Range": "bytes */10"})
    assert (talk.status, talk.x_cache) == (416, "Error from cloudfront")
    assert play.get("/v", {"Range": "bytes=50-60"}).asked is not None


def test_a_range_past_the_end_of_a_cached_object_is_416(site: Site) -> None:
    play = Playbook(site())
    play.get("/v").origin_answers(200, BODY)
    talk = play.get("/v", {"Range": "bytes=50-60"})
    assert (talk.status, talk.headers.get("content-range")) == (416, "bytes */10")


def test_several_ranges_are_cut_from_a_cached_object_and_passed_on_from_the_origin(site: Site) -> None:
    """What the origin makes of several ranges is not kept."""
    play = Playbook(site())
    miss = play.get("/v", {"Range": "bytes=0-1,5-6"})
    miss.origin_answers(206, "--b...", {"Content-Type": "multipart/byteranges; boundary=b"})
    assert (miss.status, miss.body) == (206, b"--b...")
    play.get("/v").origin_answers(200, BODY)
    hit = play.get("/v", {"Range": "bytes=0-1,5-6"})
    assert hit.status == 206
    assert (hit.headers.get("content-type") or "").startswith("multipart/byteranges")


def test_if_range_goes_with_the_range(site: Site) -> None:
    """The origin decides on a miss, the cache on a hit."""
    play = Playbook(site())
    miss = play.get("/v", {"Range": "bytes=2-5", "If-Range": '"0"'})
    assert miss.origin_request.request.headers.get("if-range") == '"0"'
    miss.origin_answers(200, BODY, {"ETag": '"1"'})
    assert play.get("/v", {"Range": "bytes=2-5", "If-Range": '"1"'}).status == 206
    assert play.get("/v", {"Range": "bytes=2-5", "If-Range": '"0"'}).status == 200


def test_a_range_of_a_compressed_object_counts_compressed_bytes(site: Site) -> None:
    play = Playbook(site({"compress": True}))
    text = {"Content-Type": "text/plain"}
    whole = play.get("/t", {"Accept-Encoding": "gzip"}).origin_answers(200, "x" * 5_000, text).body
    assert isinstance(whole, bytes)
    part = play.get("/t", {"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert (part.status, part.body, part.headers.get("content-encoding")) == (206, whole[:10], "gzip")
    assert part.headers.get("content-range") == f"bytes 0-9/{len(whole)}"


def test_a_range_of_an_expired_object_confirms_it_first(site: Site) -> None:
    """The stored validators take the place of the viewer's Range; what is confirmed is cut."""
    play = Playbook(site())
    play.get("/v").origin_answers(200, BODY, {"ETag": '"1"', "Cache-Control": "max-age=10"})
    play.advance(seconds=20)
    talk = play.get("/v", {"Range": "bytes=2-5"})
    sent = talk.origin_request.request.headers
    assert (sent.get("range"), sent.get("if-none-match")) == (None, '"1"')
    talk.origin_answers(304)
    assert (talk.status, talk.body, talk.x_cache) == (206, b"2345", "RefreshHit from cloudfront")


def test_parts_of_a_new_version_take_the_place_of_the_old(site: Site) -> None:
    play = Playbook(site())
    sends_part(play.get("/v", {"Range": "bytes=0-4"}), 0, 4)
    sends_part(play.get("/v", {"Range": "bytes=5-9"}), 5, 9, etag='"2"')
    assert play.get("/v", {"Range": "bytes=0-4"}).asked is not None


def test_with_forward_conditionals_off_the_whole_object_is_fetched(site: Site) -> None:
    """A switch holds Range and If-* back from the origin."""
    play = Playbook(site(switches=Switches(forward_conditionals=False)))
    talk = play.get("/v", {"Range": "bytes=2-5", "If-None-Match": '"1"'})
    assert talk.origin_request.request.headers.names().isdisjoint({"range", "if-none-match"})


def test_what_may_not_be_cached_is_not_kept_in_parts_either(site: Site) -> None:
    play = Playbook(site({"cache_policy": replace(cache_policy("CachingOptimized"), min_ttl_s=0)}))
    talk = play.get("/v", {"Range": "bytes=0-4"})
    headers = {"ETag": '"1"', "Content-Range": "bytes 0-4/10", "Cache-Control": "no-store"}
    assert talk.origin_answers(206, BODY[:5], headers).status == 206
    assert len(play.store) == 0


@pytest.mark.parametrize("status", [200, 404])
def test_head_on_a_miss_asks_the_origin_with_head_and_fills_nothing(site: Site, status: int) -> None:
    """An answer without a body cannot serve a GET."""
    play = Playbook(site())
    head = play.request("HEAD", "/a")
    assert head.origin_request.request.method == "HEAD"
    head.origin_answers(status, b"", {"Content-Length": "10"})
    assert head.status == status
    assert play.get("/a").asked is not None


def test_a_condition_on_a_miss_goes_to_the_origin_and_its_304_passes(site: Site) -> None:
    """It is not kept: there is no object to it."""
    play = Playbook(site())
    talk = play.get("/a", {"If-None-Match": '"1"'})
    assert talk.origin_request.request.headers.get("if-none-match") == '"1"'
    talk.origin_answers(304, headers={"ETag": '"1"'})
    assert (talk.status, talk.x_cache) == (304, "Miss from cloudfront")
    assert play.get("/a").asked is not None
