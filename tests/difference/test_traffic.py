"""Requests matched in two distributions: which fare differently, and how."""

from __future__ import annotations

from dataclasses import replace

from edge.difference.traffic import Visit, examples, moved
from edge.model import managed_policies
from edge.model.distribution import Behavior, Distribution, PublicKey, ViewerProtocolPolicy
from edge.model.headers import Headers
from edge.model.origin import Origin
from edge.model.path_pattern import PathPattern
from edge.model.policies import ALL_NAMES, CachePolicy
from edge.model.request import Request

CACHE = CachePolicy("1", "cache")
DEFAULT = Behavior("app", cache_policy=CACHE)
API = replace(DEFAULT, target_origin_id="api", path_pattern=PathPattern("/api/*"))
ORIGINS = {id: Origin(id, f"{id}.example.com") for id in ("app", "api")}
SITE = Distribution("E1", "d1.cloudfront.net", ORIGINS, (API, DEFAULT), aliases=("www.example.com",))


def visit(path: str, query: str | None = None, method: str = "GET", host: str = "www.example.com") -> Visit:
    return Visit(Request(method, path, query, Headers([("Host", host)])))


def test_requests_that_another_pattern_matches() -> None:
    narrower = replace(API, path_pattern=PathPattern("/api/v2/*"))
    new = replace(SITE, behaviors=(narrower, DEFAULT))
    (one,) = moved(SITE, new, [visit("/api/items"), visit("/"), visit("/api/users"), visit("/api/users")])
    assert (one.example, one.count) == ("GET https://www.example.com/api/items", 3)
    assert one.sentences == ["behavior /api/* -> *", "origin api -> app"]
    assert not one.empties_cache


def test_a_key_that_changes_empties_the_cache() -> None:
    new = replace(SITE, behaviors=(API, replace(DEFAULT, cache_policy=replace(CACHE, query_strings=ALL_NAMES))))
    (one,) = moved(SITE, new, [visit("/", "page=1"), visit("/"), visit("/api/items", "page=1")])
    assert (one.count, one.empties_cache) == (1, True)
    assert one.sentences == ["is another object: what is in the cache is not found"]
    assert (one.old.key, one.new.key) == ("GET /; encodings none", "GET /?page=1; encodings none")


def test_what_was_never_cached_is_not_missed() -> None:
    disabled = managed_policies.cache_policy("CachingDisabled")
    old = replace(SITE, behaviors=(replace(DEFAULT, cache_policy=disabled),))
    assert [one.empties_cache for one in moved(old, replace(SITE, behaviors=(DEFAULT,)), [visit("/", "a=1")])] == [
        False
    ]


def test_requests_that_are_refused_or_redirected_now() -> None:
    closed = replace(DEFAULT, viewer_protocol_policy=ViewerProtocolPolicy.REDIRECT_TO_HTTPS)
    signed = replace(API, trusted_keys={"K": PublicKey("K", "k", "")})
    new = replace(SITE, behaviors=(signed, closed), aliases=("shop.example.com",))
    visits = [
        replace(visit("/", host="shop.example.com"), scheme="http"),
        visit("/api/x", host="shop.example.com"),
        visit("/"),
        visit("/", method="POST"),
    ]
    both = replace(SITE, aliases=("www.example.com", "shop.example.com"))
    assert [one.sentences for one in moved(both, new, visits)] == [
        ["passes -> redirected to HTTPS"],
        ["passes -> passes with a signature only"],
        ["passes -> refused with 403"],
    ]


def test_the_most_frequent_come_first() -> None:
    new = replace(SITE, behaviors=(replace(DEFAULT, target_origin_id="api"),))
    visits = [replace(visit("/api/a"), count=2), replace(visit("/b"), count=5)]
    assert [(one.example, one.count) for one in moved(SITE, new, visits)] == [
        ("GET https://www.example.com/b", 5),
        ("GET https://www.example.com/api/a", 2),
    ]


def test_without_urls_each_pattern_gets_an_example() -> None:
    narrower = replace(SITE, behaviors=(replace(API, path_pattern=PathPattern("img/?.jpg")), DEFAULT))
    assert [one.request.path for one in examples(SITE, narrower)] == ["/api/example", "/example", "/img/x.jpg"]
