"""Which behavior a path belongs to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.distribution import Behavior
from edge.model.path_pattern import PathPattern
from edge.rules import behaviors


def listed(*patterns: str) -> tuple[Behavior, ...]:
    return (*(Behavior(f"to {text}", PathPattern(text)) for text in patterns), Behavior("to default"))


def chosen(path: str, *patterns: str) -> str:
    return behaviors.match(listed(*patterns), path).target_origin_id


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/images/*", "/images/a.jpg", True),
        ("images/*", "/images/a.jpg", True),
        ("/images/*", "/images/a/b/c.jpg", True),
        ("/images/*", "/images/", True),
        ("*.jpg", "/a/b.jpg", True),
        ("*product.jpg", "/myproduct.jpg", True),
        ("/a?.jpg", "/ab.jpg", True),
        ("/a?.jpg", "/a.jpg", False),
        ("/a?c", "/a/c", True),
        ("/a.c", "/abc", False),
        ("/exact", "/exact", True),
        ("/exact", "/exact/", False),
    ],
)
def test_stars_and_question_marks(pattern: str, path: str, fits: bool) -> None:
    """`*` is any run of characters, slashes included, `?` is one; the leading slash may be left out."""
    assert (chosen(path, pattern) == f"to {pattern}") == fits


@pytest.mark.parametrize(
    ("pattern", "path"), [("/assets", "/assets/x"), ("/assets/*", "/assets"), ("/Assets/*", "/assets/x")]
)
def test_trap_17_assets_is_not_assets_star_and_case_counts(pattern: str, path: str) -> None:
    """`/assets` does not match `/assets/x`, `/assets/*` not `/assets`, and `/Assets/*` not `/assets/x`."""
    assert chosen(path, pattern) == "to default"


def test_trap_17_the_first_match_wins() -> None:
    """The order of the list decides, not how narrow a pattern is."""
    assert chosen("/api/users", "/api/*", "/api/users") == "to /api/*"
    assert chosen("/api/users", "/api/users", "/api/*") == "to /api/users"


@pytest.mark.parametrize(
    ("raw", "normalised"),
    [
        ("/a/b/..", "/a/"),
        ("/a/./b", "/a/b"),
        ("/a/../../b", "/b"),
        ("//a///b", "/a/b"),
        ("/a//../b", "/b"),
        ("/a/.", "/a/"),
        ("/..", "/"),
        ("//", "/"),
        ("/a/..", "/"),
        ("/.well-known/x", "/.well-known/x"),
        ("/a/..b", "/a/..b"),
        ("/a/%2e%2e/b", "/a/%2e%2e/b"),
    ],
)
def test_a_path_is_normalised_as_rfc_3986_says(raw: str, normalised: str) -> None:
    """Dot segments and repeated slashes go; percent-encoded dots stay."""
    assert behaviors.normalised(raw) == normalised


def test_matching_looks_at_the_normalised_path() -> None:
    """`/a/b/..` is in `/a*`, and `/a/../private/x` in `/private/*`."""
    assert chosen("/a/b/..", "/a*") == "to /a*"
    assert chosen("/a/../private/x", "/a/*", "/private/*") == "to /private/*"
    assert chosen("/a/../b", "/a/*") == "to default"


def test_a_distribution_with_nothing_but_a_default_behavior() -> None:
    """The default behavior takes everything."""
    assert chosen("/anything//at/../all") == "to default"


def test_two_distributions_do_not_share_answers() -> None:
    """What one list of behaviors answered to a path says nothing about another list."""
    one, other = listed("/a"), listed("/b")
    assert behaviors.match(one, "/a") is one[0]
    assert behaviors.match(other, "/a") is other[1]
    assert behaviors.match(one, "/a") is one[0]


def test_more_distributions_than_are_remembered() -> None:
    """Answers stay right after the memory of earlier ones was emptied."""
    sites = [listed(f"/{number}/*", "/even/*") for number in range(600)]
    for number, site in enumerate(sites + sites):
        assert behaviors.match(site, f"/{number % 600}/a") is site[0]
        assert behaviors.match(site, "/even/a") is site[1]
        assert behaviors.match(site, f"/{number % 600 + 1}/a") is site[2]


pieces = st.lists(st.sampled_from(["/", "a", "b", "*", "?", "."]), max_size=6).map("".join)


@given(st.lists(pieces, max_size=6), pieces)
def test_it_is_as_if_each_pattern_were_tried_in_turn(patterns: list[str], path: str) -> None:
    """Whatever the patterns share."""
    site, path = listed(*patterns), f"/{path}"
    by_turn = (one for one in site[:-1] if one.path_pattern.matches(behaviors.normalised(path)))
    assert behaviors.match(site, path) is next(by_turn, site[-1])
