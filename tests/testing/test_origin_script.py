"""A scripted origin."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge.testing import HarnessError, Site, UnscriptedRequestError

Make = Callable[..., Site]


def test_answers_come_one_after_the_other_and_the_last_stays(distribution: Make) -> None:
    """A sequence on one script."""
    site = distribution(cache_policy="CachingDisabled")
    script = site.origin.get("/a").replies(200, {}, "one").replies(200, {}, "two")
    assert [site.get("/a").text for _ in range(3)] == ["one", "two", "two"]
    assert script.times == 3


def test_what_is_scripted_last_counts(distribution: Make) -> None:
    """So that a test can change its mind."""
    site = distribution(cache_policy="CachingDisabled")
    site.origin.any().replies(404)
    site.origin.get("/a").replies(200)
    assert [site.get(path).status for path in ("/a", "/b")] == [200, 404]
    site.origin.get("/a").replies(410)
    assert site.get("/a").status == 410


def test_a_pattern_is_a_path_or_a_path_with_a_query_string(distribution: Make) -> None:
    """`*` is any run of characters; without a `?` the query string does not matter."""
    site = distribution(cache_policy="CachingDisabled", origin_request_policy="AllViewer")
    site.origin.get("/img/*.png").replies(200, {}, "any image")
    site.origin.get("/img/a.png?size=*").replies(200, {}, "one size")
    assert site.get("/img/deep/a.png?v=1").text == "any image"
    assert site.get("/img/a.png?size=2").text == "one size"


def test_a_request_that_nobody_scripted_fails_the_test(distribution: Make) -> None:
    """And says what is scripted."""
    site = distribution()
    site.origin.post("/form").replies(200)
    with pytest.raises(UnscriptedRequestError, match=r"asked for GET /a, .*not scripted; scripted: POST /form"):
        site.get("/a")


def test_a_script_without_an_answer_says_so(distribution: Make) -> None:
    """`origin.get("/a")` alone is half a sentence."""
    site = distribution()
    site.origin.get("/a")
    with pytest.raises(HarnessError, match=r"GET /a has no answer: add \.replies"):
        site.get("/a")


def test_bodies_are_text_bytes_or_json(distribution: Make) -> None:
    """With the media type of JSON, unless the test gives another, and the length."""
    site = distribution(cache_policy="CachingDisabled")
    site.origin.get("/json").replies(200, {}, {"a": [1]})
    site.origin.get("/text").replies(200, {"content-type": "text/plain"}, "ä")
    site.origin.get("/bytes").replies(200, {}, b"\x00")
    answer = site.get("/json")
    assert (answer.json(), answer.headers["content-type"]) == ({"a": [1]}, "application/json")
    assert (site.get("/text").text, site.get("/text").headers["content-length"]) == ("ä", "2")
    assert site.get("/bytes").body == b"\x00"


def test_head_is_answered_by_what_is_scripted_for_get(distribution: Make) -> None:
    """Without the body."""
    site = distribution()
    site.origin.get("/a").replies(200, {}, "hello")
    answer = site.head("/a")
    assert (answer.body, answer.headers["content-length"]) == (b"", "5")


def test_an_answer_may_depend_on_the_request(distribution: Make) -> None:
    """`computes` is given what the origin sees."""
    site = distribution(cache_policy="CachingDisabled")
    site.origin.any().computes(lambda request: (200, {}, f"{request.method} {request.uri}"))
    assert site.post("/a", "x").text == "POST /a"


@pytest.mark.parametrize(
    ("how", "status"), [("timeout", 504), ("connect timeout", 504), ("refused", 502), ("dns", 502), ("dropped", 502)]
)
def test_an_origin_fails_in_the_ways_of_the_network(distribution: Make, how: str, status: int) -> None:
    """And CloudFront answers as it does."""
    site = distribution()
    site.origin.get("/a").fails(how)
    assert site.get("/a").status == status


def test_a_failure_that_there_is_not_is_refused(distribution: Make) -> None:
    """With those that there are."""
    with pytest.raises(HarnessError, match="does not fail by 'boredom'; there are timeout, "):
        distribution().origin.get("/a").fails("boredom")


def test_a_slow_answer_takes_time(distribution: Make) -> None:
    """Of the test's clock, not of the test's."""
    site = distribution()
    before = site.clock.now()
    site.origin.get("/a").replies(200, after=12)
    site.get("/a")
    assert site.clock.now() - before == 12


def test_one_origin_of_several_can_be_scripted_alone(distribution: Make) -> None:
    """By its id; what each was asked is kept apart."""
    site = distribution(behaviors={"/api/*": {"origin": "api", "cache_policy": "CachingDisabled"}})
    site.origin["api"].any().replies(200, {}, "api")
    site.origin["origin"].any().replies(200, {}, "site")
    assert (site.get("/api/x").text, site.get("/x").text) == ("api", "site")
    assert [request.uri for request in site.origin["api"].requests] == ["/api/x"]
    assert [request.uri for request in site.origin.requests] == ["/api/x", "/x"]


def test_what_the_origin_saw_can_be_read(distribution: Make) -> None:
    """Method, target, headers, cookies and body."""
    site = distribution(cache_policy="CachingDisabled", origin_request_policy="AllViewer")
    site.origin.any().replies(204)
    site.post("/form?x=1", "a=b", headers={"X-Mine": "1"}, cookies={"s": "1"})
    seen = site.origin.requests[0]
    assert (seen.method, seen.target, seen.body) == ("POST", "/form?x=1", b"a=b")
    assert (seen.headers["x-mine"], seen.cookies) == ("1", {"s": "1"})
