"""Promises of edge/rules/waf.py."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest

from edge.model.distribution import (
    Behavior,
    CustomErrorResponse,
    Distribution,
    GeoRestriction,
)
from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin
from edge.model.path_pattern import PathPattern
from edge.model.request import Request
from edge.model.switches import Switches
from edge.model.viewer import Location, Viewer
from edge.model.web_acl import And, ByteMatch, GeoMatch, IpSetMatch, Not, Or, PathMatch, RateBased, Rule, WebAcl
from edge.rules import waf
from edge.testing import Playbook

OFFICE = IpSetMatch((ip_network("198.51.100.0/24"), ip_network("2001:db8::/32")))
VIEWER = Viewer("198.51.100.7", location=Location(country="DE"))
BEHAVIOR = Behavior("site", cache_policy=cache_policy("CachingOptimized"))
SITE = Distribution("E1", "d1.cloudfront.net", {"site": Origin("site", "site.example.org")}, (BEHAVIOR,), any_host=True)


def never(rule: str, ip: str, limit: int, window_s: float) -> bool:
    return False


def blocks(statement: Any, request: Request | None = None, viewer: Viewer = VIEWER) -> bool:
    acl = WebAcl("acl", (Rule("r", "block", statement),))
    return waf.check(request or Request("GET", "/a"), viewer, acl, never).refusal is not None


@pytest.mark.parametrize(
    ("ip", "matched"),
    [
        ("198.51.100.7", True),
        ("198.51.101.7", False),
        ("2001:db8::1", True),
        ("::ffff:198.51.100.7", True),
        ("", False),
    ],
)
def test_ip_sets(ip: str, matched: bool) -> None:
    assert blocks(OFFICE, viewer=Viewer(ip)) is matched


@pytest.mark.parametrize(
    ("statement", "matched"),
    [
        (GeoMatch(frozenset({"DE", "FR"})), True),
        (GeoMatch(frozenset({"FR"})), False),
        (Not(GeoMatch(frozenset({"FR"}))), True),
        (And((OFFICE, GeoMatch(frozenset({"DE"})))), True),
        (And((OFFICE, GeoMatch(frozenset({"FR"})))), False),
        (Or((GeoMatch(frozenset({"FR"})), OFFICE)), True),
        (PathMatch(PathPattern("/admin/*")), True),
        (PathMatch(PathPattern("/other")), False),
        (ByteMatch("path", "/x/../admin", "STARTS_WITH"), True),
        (ByteMatch("path", ".PHP", "ENDS_WITH", lower_case=True), False),
        (ByteMatch("path", ".php", "ENDS_WITH", lower_case=True), True),
        (ByteMatch("query", "union", "CONTAINS", lower_case=True), True),
        (ByteMatch("method", "GET", "EXACTLY"), True),
        (ByteMatch("user-agent", "bot", "CONTAINS"), True),
        (ByteMatch("referer", "x", "CONTAINS"), False),
    ],
)
def test_statements(statement: Any, matched: bool) -> None:
    request = Request("GET", "/x/../admin/a.PHP", "q=UNION", Headers((("User-Agent", "a bot"),)))
    assert blocks(statement, request) is matched


def test_the_first_rule_that_allows_or_blocks_decides() -> None:
    every = Not(IpSetMatch(()))
    counted, allowed, blocked = (Rule(name, name, every) for name in ("count", "allow", "block"))  # type: ignore[arg-type]
    judged = waf.check(Request("GET", "/"), VIEWER, WebAcl("acl", (counted, allowed, blocked)), never)
    assert judged.refusal is None
    assert [note.rule for note in judged.notes] == ["waf.matched", "waf.matched"]
    judged = waf.check(Request("GET", "/"), VIEWER, WebAcl("acl", (counted, blocked, allowed)), never)
    assert judged.refusal is not None
    assert (judged.refusal.status, judged.refusal.message) == (403, "Request blocked.")
    assert (judged.refusal.detailed, judged.refusal.note.rule) == ("InvalidRequestBlocked", "waf.blocked")


def test_the_default_action_is_for_the_rest() -> None:
    acl = WebAcl("acl", (Rule("office", "allow", OFFICE),), "block")
    assert waf.check(Request("GET", "/"), VIEWER, acl, never).refusal is None
    refusal = waf.check(Request("GET", "/"), Viewer("192.0.2.1"), acl, never).refusal
    assert refusal is not None
    assert refusal.note.rule == "waf.default"


def test_a_rate_is_counted_per_address_and_only_for_what_its_scope_names() -> None:
    acl = WebAcl("acl", (Rule("rate", "block", RateBased(2, 60, PathMatch(PathPattern("/api/*")))),))
    play = Playbook(replace(SITE, web_acl=acl))
    for _ in range(5):
        play.get("/other")
    asked = [play.get(f"/api/{number}") for number in range(3)]
    assert [talk.asked is not None for talk in asked] == [True, True, False]
    assert (asked[2].status, "Request blocked." in asked[2].body.decode()) == (403, True)
    assert play.get("/api/x", ip="192.0.2.99").asked is not None
    play.advance(seconds=61)
    assert play.get("/api/4").asked is not None


def test_no_function_runs_and_a_custom_error_page_takes_its_place() -> None:
    def run(call: Any) -> Any:
        raise AssertionError("a function ran")

    function = CloudFrontFunction("f", "", JavaScriptRuntime.JS_2_0)
    behavior = replace(BEHAVIOR, functions={EventType.VIEWER_REQUEST: function})
    acl = WebAcl("acl", (Rule("all", "block", Not(IpSetMatch(()))),))
    site = replace(SITE, behaviors=(behavior,), web_acl=acl)
    assert Playbook(site, functions=run).get("/a").status == 403
    page = replace(site, custom_error_responses={403: CustomErrorResponse(403, "/blocked.html", 404)})
    talk = Playbook(page, functions=run).get("/a").origin_answers(200, "sorry")
    assert (talk.status, talk.body) == (404, b"sorry")


@pytest.mark.parametrize(("first", "words"), [(True, "Request blocked."), (False, "from your country")])
def test_whether_it_comes_before_geo_restriction_is_a_switch(first: bool, words: str) -> None:
    site = replace(
        SITE,
        web_acl=WebAcl("acl", (Rule("office", "block", Not(IpSetMatch(()))),)),
        geo_restriction=GeoRestriction("blacklist", frozenset({"DE"})),
        switches=Switches(waf_before_geo_restriction=first),
    )
    talk = Playbook(site).get("/a", location=Location(country="DE"))
    assert (talk.status, words in talk.body.decode()) == (403, True)
