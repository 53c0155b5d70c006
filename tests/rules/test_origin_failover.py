"""Which origins are asked, how often, and when the second of a group is."""

from __future__ import annotations

import pytest

from edge.model.distribution import Behavior, Distribution
from edge.model.headers import Headers
from edge.model.origin import Origin, OriginFailure, OriginFailureKind, OriginGroup, OriginRequest, OriginResponse
from edge.rules import origin_failover
from edge.testing import Playbook

FIRST, SECOND = Origin("first", "a.example"), Origin("second", "b.example")
SITE = Distribution(
    "E1",
    "d1.cloudfront.net",
    {"first": FIRST, "second": SECOND},
    (Behavior("group"),),
    origin_groups={"group": OriginGroup("group", ("first", "second"), frozenset({500, 503}))},
)
TARGET = origin_failover.target(SITE, Behavior("group"))
KIND = OriginFailureKind


def failed(kind: OriginFailureKind) -> OriginFailure:
    return OriginFailure(kind, "")


def answered(status: int) -> OriginResponse:
    return OriginResponse(status, "", Headers(), b"")


def test_a_target_is_one_origin_or_the_two_of_a_group() -> None:
    """In the order of the group."""
    assert TARGET.origins == (FIRST, SECOND)
    assert origin_failover.target(SITE, Behavior("second")).origins == (SECOND,)


@pytest.mark.parametrize(
    ("method", "outcome", "fails_over"),
    [
        ("GET", answered(500), True),
        ("GET", answered(502), False),
        ("HEAD", answered(503), True),
        ("OPTIONS", answered(503), True),
        ("POST", answered(503), False),
        ("GET", answered(200), False),
        ("GET", failed(KIND.CONNECT), True),
        ("GET", failed(KIND.CONNECT_TIMEOUT), True),
        ("GET", failed(KIND.DNS), True),
        ("GET", failed(KIND.TLS), True),
        ("GET", failed(KIND.READ_TIMEOUT), False),
        ("GET", failed(KIND.DROPPED), False),
    ],
)
def test_failover(method: str, outcome: OriginResponse | OriginFailure, fails_over: bool) -> None:
    """By status, by method; no connection counts as 503, no answer as 504 (which this group does not list)."""
    assert origin_failover.fails_over(TARGET, method, outcome) is fails_over


@pytest.mark.parametrize(
    ("method", "kind", "number", "retried"),
    [
        ("GET", KIND.CONNECT, 1, True),
        ("GET", KIND.CONNECT, 3, False),
        ("POST", KIND.CONNECT, 1, True),
        ("GET", KIND.READ_TIMEOUT, 1, True),
        ("POST", KIND.READ_TIMEOUT, 1, False),
        ("GET", KIND.DROPPED, 1, False),
        ("GET", KIND.DNS, 1, False),
    ],
)
def test_attempts(method: str, kind: OriginFailureKind, number: int, retried: bool) -> None:
    """Connections are tried again up to the number of attempts; a slow answer only for what may be repeated."""
    request = OriginRequest(method, "/", Headers(), b"")
    assert origin_failover.retries(FIRST, request, failed(kind), number, 0) is retried


@pytest.mark.parametrize(
    ("kind", "status"),
    [(KIND.CONNECT, 503), (KIND.READ_TIMEOUT, 504), (KIND.DROPPED, 502), (KIND.INVALID_RESPONSE, 502)],
)
def test_a_failure_fails_over_by_the_status_that_it_counts_as(kind: OriginFailureKind, status: int) -> None:
    for code in (502, 503, 504):
        target = TARGET._replace(status_codes=frozenset({code}))
        assert origin_failover.fails_over(target, "GET", failed(kind)) is (code == status)


@pytest.mark.parametrize("status", [400, 403, 404, 416, 429, 500, 502, 503, 504])
def test_each_status_that_a_group_can_list_fails_over(status: int) -> None:
    target = TARGET._replace(status_codes=frozenset({status}))
    assert origin_failover.fails_over(target, "GET", answered(status))
    assert not origin_failover.fails_over(target, "GET", answered(200))


def test_the_response_completion_timeout_holds_for_all_attempts_together() -> None:
    hasty = Origin("hasty", "a.example", read_timeout_s=20, response_completion_timeout_s=30)
    site = Distribution("E1", "d1.cloudfront.net", {"hasty": hasty}, (Behavior("hasty"),))
    play = Playbook(site)
    talk = play.get("/")
    play.advance(seconds=20)
    talk.origin_fails(KIND.READ_TIMEOUT)
    assert (talk.origin_request.number, talk.origin_request.origin.response_completion_timeout_s) == (2, 10)
    play.advance(seconds=10)
    assert talk.origin_fails(KIND.READ_TIMEOUT).status == 504
