"""Promises of edge/rules/invalidation.py."""

from __future__ import annotations

import pytest

from edge.model.cache_key import CacheKey
from edge.model.headers import Headers
from edge.model.stored_object import StoredObject
from edge.rules import invalidation


@pytest.mark.parametrize(
    ("path", "object_path", "query", "expected"),
    [
        ("/a.jpg", "/a.jpg", "", True),
        ("/a.jpg", "/A.jpg", "", False),
        ("/a.jpg", "/a.jpg", "x=1", False),
        ("/a.jpg?x=1", "/a.jpg", "x=1", True),
        ("/a.jpg?x=1", "/a.jpg", "x=2", False),
        ("/a.jpg*", "/a.jpg", "x=1", True),
        ("/dir/*", "/dir/sub/b", "", True),
        ("/dir/*", "/dirty", "", False),
        ("/dir*", "/dirty", "", True),
        ("/*", "/anything", "q", True),
        ("/*.jpg", "/a.jpg", "", False),
        ("/*.jpg", "/*.jpg", "", True),
        ("/", "/index.html", "", False),
    ],
)
def test_which_objects_a_path_names(path: str, object_path: str, query: str, expected: bool) -> None:
    key = CacheKey("E1", "GET", object_path, query, headers=(("accept-language", "de"),))
    assert invalidation.by_path(path, key) is expected


@pytest.mark.parametrize(
    ("path", "words"),
    [("a", "begins with /"), ("/" + "a" * 4000, "at most 4000"), ("/~me", "~"), ("/a b", "percent"), ("/ä", "percent")],
)
def test_a_path_that_aws_refuses_is_refused(path: str, words: str) -> None:
    assert words in (invalidation.fault(path) or "")


def test_a_path_of_the_largest_size_is_right() -> None:
    assert invalidation.fault("/" + "a" * 3999) is None


def test_a_tag_names_the_objects_that_carry_it() -> None:
    stored = StoredObject(200, Headers([("Cache-Tag", "news, sport"), ("Cache-Tag", "front")]), b"", 0, 60)
    assert [invalidation.by_tag(tag, "cache-tag", stored) for tag in ("sport", "front", "spor")] == [True, True, False]
    assert not invalidation.by_tag("news", "other", stored)
