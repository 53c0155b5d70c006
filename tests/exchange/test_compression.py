"""Compression as viewers meet it: once, when the object comes from the origin."""

from __future__ import annotations

import gzip
from dataclasses import replace

import brotli
import pytest

from edge.model.distribution import Behavior, Distribution
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin
from edge.testing import Playbook
from edge.testing.playbook import Arriving

BEHAVIOR = Behavior("site", cache_policy=cache_policy("CachingOptimized"), compress=True)
SITE = Distribution("E1", "d1.cloudfront.net", {"site": Origin("site", "site.example.org")}, (BEHAVIOR,))
TEXT = "hello " * 200
PLAIN = {"Content-Type": "text/plain", "Content-Length": str(len(TEXT))}
BOTH = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def test_brotli_is_preferred_and_a_hit_gets_the_same_bytes() -> None:
    play = Playbook(SITE)
    miss = play.get("/a", BOTH).origin_answers(200, TEXT, {**PLAIN, "ETag": '"1"'})
    assert miss.headers.get("content-encoding") == "br"
    assert brotli.decompress(miss.body).decode() == TEXT
    assert (miss.headers.get("etag"), miss.headers.get("vary")) == ('W/"1"', "Accept-Encoding")
    assert "content-length" not in miss.headers
    hit = play.get("/a", BOTH)
    assert (hit.x_cache, hit.body) == ("Hit from cloudfront", miss.body)


def test_each_way_of_accepting_is_an_object_of_its_own() -> None:
    play = Playbook(SITE)
    zipped = play.get("/a", {"Accept-Encoding": "gzip"}).origin_answers(200, TEXT, PLAIN)
    assert gzip.decompress(zipped.body).decode() == TEXT
    plain = play.get("/a").origin_answers(200, TEXT, PLAIN)
    assert (plain.body, plain.headers.get("content-encoding")) == (TEXT.encode(), None)


@pytest.mark.parametrize(
    ("length", "compressed"),
    [(None, False), ("999", False), ("1000", True), ("10000000", True), ("10000001", False)],
)
def test_trap_18_only_a_length_between_the_limits_is_compressed(length: str | None, compressed: bool) -> None:
    """What comes in chunks has none."""
    talk = Playbook(SITE).get("/a", BOTH)
    if length is None:
        talk.origin_answers(200, Arriving(TEXT.encode()), {"Content-Type": "text/plain"})
    else:
        talk.origin_answers(200, TEXT, {"Content-Type": "text/plain", "Content-Length": length})
    assert ("content-encoding" in talk.headers) is compressed


def test_what_was_stored_plain_stays_plain_when_it_is_confirmed() -> None:
    """Compression is switched on after the object was stored; a 304 does not compress it, a new answer is."""
    off = replace(SITE, behaviors=(replace(BEHAVIOR, compress=False),))
    play = Playbook(off)
    stored = {**PLAIN, "ETag": '"1"', "Cache-Control": "max-age=10"}
    play.get("/a", BOTH).origin_answers(200, TEXT, stored)
    later = Playbook(SITE, store=play.store, clock=play.clock)
    assert "content-encoding" not in later.get("/a", BOTH).headers
    play.advance(seconds=11)
    confirmed = later.get("/a", BOTH).origin_answers(304)
    assert (confirmed.x_cache, confirmed.body) == ("RefreshHit from cloudfront", TEXT.encode())
    play.advance(seconds=86_401)
    anew = later.get("/a", BOTH).origin_answers(200, TEXT, stored)
    assert anew.headers.get("content-encoding") == "br"


def test_a_viewer_of_http_1_0_gets_it_plain() -> None:
    talk = Playbook(SITE).get("/a", BOTH, http_version="1.0").origin_answers(200, TEXT, PLAIN)
    assert (talk.body, talk.headers.get("content-encoding")) == (TEXT.encode(), None)


def test_an_answer_that_the_origin_encoded_is_left_alone() -> None:
    headers = {**PLAIN, "Content-Encoding": "identity", "ETag": '"1"'}
    talk = Playbook(SITE).get("/a", BOTH).origin_answers(200, TEXT, headers)
    assert (talk.body, talk.headers.get("content-encoding"), talk.headers.get("etag")) == (
        TEXT.encode(),
        "identity",
        '"1"',
    )
