"""Which distribution of a continuous deployment answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from edge.model.distribution import Behavior, ContinuousDeployment, Distribution
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.viewer import Viewer
from edge.rules import continuous_deployment
from edge.rules.continuous_deployment import COOKIE, Route

PRIMARY = Distribution("E1", "d1.cloudfront.net", {}, (Behavior("site"),))
STAGING = replace(PRIMARY, id="E2", domain_name="d2.cloudfront.net", staging=True)
BY_HEADER = ContinuousDeployment(STAGING, header=("aws-cf-cd-beta", "on"))
BY_WEIGHT = ContinuousDeployment(STAGING, weight=0.1)
STICKY = ContinuousDeployment(STAGING, weight=0.1, idle_ttl_s=300, maximum_ttl_s=600)
VIEWER = Viewer("192.0.2.1")
NOW = 1_000_000.0


def route(
    policy: ContinuousDeployment, *, chance: float = 0.5, now: float = NOW, viewer: Viewer = VIEWER, **sent: str
) -> Route:
    request = Request("GET", "/", None, Headers((name.replace("_", "-"), value) for name, value in sent.items()))
    return continuous_deployment.route(request, viewer, PRIMARY, policy, chance, now)


@pytest.mark.parametrize(("value", "staged"), [("on", True), ("On", False), ("off", False), (None, False)])
def test_a_header_with_its_value_leads_to_the_staging_distribution(value: str | None, staged: bool) -> None:
    """Any other value, or none, leads to the primary."""
    found = route(BY_HEADER, **({} if value is None else {"AWS_CF_CD_Beta": value}))
    assert found.distribution is (STAGING if staged else PRIMARY)
    assert found.note.rule == "continuous_deployment.header"


@pytest.mark.parametrize(("chance", "staged"), [(0.0, True), (0.099, True), (0.1, False), (0.9, False)])
def test_by_weight_the_lot_of_each_request_decides(chance: float, staged: bool) -> None:
    """A weight of 0.1 is one request in ten."""
    found = route(BY_WEIGHT, chance=chance)
    assert found.distribution is (STAGING if staged else PRIMARY)
    assert (found.lines, found.note.rule) == ((), "continuous_deployment.weight")


def cookie_of(found: Route) -> str:
    ((name, value),) = found.lines
    assert name == "Set-Cookie"
    return value.partition(";")[0]


@pytest.mark.parametrize("chance", [0.0, 0.9])
def test_a_session_stays_with_the_distribution_it_began_with(chance: float) -> None:
    """Whatever the lots of its later requests are."""
    first = route(STICKY, chance=chance)
    assert first.note.rule == "continuous_deployment.session_began"
    for lot in (0.0, 0.5, 0.99):
        later = route(STICKY, chance=lot, now=NOW + 200, cookie=cookie_of(first))
        assert later.distribution is first.distribution
        assert later.note.rule == "continuous_deployment.session"


def test_a_session_ends_at_its_maximum_and_its_cookie_when_nobody_comes() -> None:
    """Max-Age is the idle TTL, and less when the maximum comes before."""
    first = route(STICKY, chance=0.0)
    assert "; Max-Age=300;" in first.lines[0][1]
    late = route(STICKY, chance=0.9, now=NOW + 500, cookie=cookie_of(first))
    assert late.distribution is STAGING
    assert "; Max-Age=100;" in late.lines[0][1]
    over = route(STICKY, chance=0.9, now=NOW + 600, cookie=cookie_of(first))
    assert over.distribution is PRIMARY
    assert over.note.rule == "continuous_deployment.session_began"


@pytest.mark.parametrize("value", ["staging", "staging-x", f"staging-{int(NOW) + 60}", "elsewhere-1", ""])
def test_a_cookie_that_cloudfront_did_not_set_begins_a_session(value: str) -> None:
    """One from the future included."""
    found = route(STICKY, chance=0.9, cookie=f"{COOKIE}={value}")
    assert found.note.rule == "continuous_deployment.session_began"


@given(some.text("ab=;- 19", max_size=30))
def test_any_cookie_header_is_read(text: str) -> None:
    """No input raises, and the session's own cookie goes no further."""
    found = route(STICKY, cookie=f"{text}; {COOKIE}=staging-1")
    assert COOKIE not in (found.request.headers.joined("cookie") or "")


def test_the_sessions_cookie_is_kept_from_everybody_else() -> None:
    """From cache keys, functions and origins; other cookies stay."""
    found = route(STICKY, cookie=f"a=1; {COOKIE}=staging-1; b=2")
    assert found.request.headers.joined("cookie") == "a=1; b=2"
    assert "cookie" not in route(STICKY, cookie=f"{COOKIE}=staging-1").request.headers
    assert route(STICKY, cookie="a=1;b=2").request.headers.joined("cookie") == "a=1;b=2"


def test_http_3_gets_the_primary_distribution() -> None:
    found = route(BY_HEADER, viewer=replace(VIEWER, http_version="3.0"), aws_cf_cd_beta="on")
    assert found.distribution is PRIMARY
    assert found.note.rule == "continuous_deployment.http3"
