"""Several viewers at once, as a conversation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge.testing import HarnessError, Site

pytest_plugins = ["pytester"]

Maker = Callable[..., Site]


def test_collapsing(distribution: Maker) -> None:
    """The second viewer waits for the first one's answer."""
    play = distribution().play
    first, second = play.get("/a"), play.get("/a")
    first.origin_answers(200, "hello")
    assert play.dialogue == [
        "viewer 1 asks: GET /a",
        "  the edge asks origin: GET /a",
        "viewer 2 asks: GET /a",
        "  viewer 2 waits for somebody else's fetch",
        "  origin answers: 200, 5 bytes",
        "viewer 2 gets: 200, Hit from cloudfront",
        "viewer 1 gets: 200, Miss from cloudfront",
    ]
    assert second.body == b"hello"


def test_revalidation_beside_the_answer(distribution: Maker) -> None:
    """A stale object is served, and confirmed meanwhile."""
    play = distribution().play
    play.get("/a").origin_answers(200, "hello", {"Cache-Control": "max-age=60, stale-while-revalidate=600"})
    play.advance(seconds=90)
    play.get("/a")
    (refresh,) = play.refreshes
    refresh.origin_answers(304)
    assert (
        play.dialogue[3:]
        == [
            "[90 s later]",
            "viewer 2 asks: GET /a",
            "refresh 1 begins",
            "  the edge asks origin: GET /a",
            "viewer 2 gets: 200, Hit from cloudfront",
            "  origin answers: 304, 0 bytes",
            "refresh 1 ends",
        ]
        or play.dialogue
    )


def test_failover(distribution: Maker) -> None:
    """The second origin is asked when the first does not answer."""
    site = distribution(origin="group", origin_groups={"group": ("primary", "secondary")})
    talk = site.play.get("/a")
    talk.origin_answers(503)
    talk.origin_answers(200, "from the other")
    assert site.play.dialogue == [
        "viewer 1 asks: GET /a",
        "  the edge asks primary: GET /a",
        "  primary answers: 503, 0 bytes",
        "  the edge asks secondary: GET /a",
        "  secondary answers: 200, 14 bytes",
        "viewer 1 gets: 200, Miss from cloudfront",
    ]


def test_who_leaves_and_who_fails(distribution: Maker) -> None:
    """In the words of an origin's script."""
    play = distribution().play
    first, second = play.get("/a"), play.get("/a")
    first.leaves()
    for _ in range(3):
        second.origin_fails("connect timeout")
    assert play.dialogue[4:] == [
        "viewer 1 leaves",
        "  the edge asks origin: GET /a",
        "  origin fails: OriginConnectTimeout",
        "  the edge asks origin: GET /a, attempt 2",
        "  origin fails: OriginConnectTimeout",
        "  the edge asks origin: GET /a, attempt 3",
        "  origin fails: OriginConnectTimeout",
        "viewer 2 gets: 504, Error from cloudfront",
    ]
    with pytest.raises(HarnessError, match="connect timeout"):
        play.get("/b").origin_fails("late")


def test_a_test_that_fails_shows_the_dialogue(project: pytest.Pytester) -> None:
    """Below its traceback."""
    project.makepyfile("""
        def test_it(distribution):
            play = distribution().play
            first, second = play.get("/a"), play.get("/a")
            first.origin_answers(200, "hello")
            assert second.x_cache == "Miss from cloudfront"
    """)
    result = project.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["the dialogue:", "  viewer 1 asks: GET /a", "  viewer 2 gets: 200, Hit from cloudfront"]
    )
