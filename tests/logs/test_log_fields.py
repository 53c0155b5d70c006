"""Promises of edge/logs/log_fields.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from edge.logs import log_fields
from edge.logs.log_fields import REAL_TIME, STANDARD, VERSION_2, Finished, encode
from edge.model.distribution import Behavior, ContinuousDeployment, Distribution
from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime, Returned
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin, OriginFailureKind, OriginGroup
from edge.model.response import Response
from edge.model.served import Served
from edge.model.tenant import Tenant
from edge.model.topology import Layer
from edge.model.viewer import Location, Tls
from edge.testing import Playbook

Answered = Callable[..., Served]
Finish = Callable[..., Finished]


def said(one: Finished, *names: str) -> tuple[str | None, ...]:
    return tuple(VERSION_2[name](one) for name in names)


def live(one: Finished, *names: str) -> tuple[str | None, ...]:
    return tuple(REAL_TIME[name](one) for name in names)


def test_the_33_fields_of_version_1_in_awss_order() -> None:
    assert " ".join(STANDARD) == (
        "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) "
        "cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken "
        "x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
        "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
        "sc-range-start sc-range-end"
    )


def test_the_fields_of_a_real_time_log_in_awss_order() -> None:
    names = list(REAL_TIME)
    assert " ".join(names[:46]) == (
        "timestamp c-ip s-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host cs-uri-stem cs-bytes "
        "x-edge-location x-edge-request-id x-host-header time-taken cs-protocol-version c-ip-version cs-user-agent "
        "cs-referer cs-cookie cs-uri-query x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher "
        "x-edge-result-type fle-encrypted-fields fle-status sc-content-type sc-content-len sc-range-start sc-range-end "
        "c-port x-edge-detailed-result-type c-country cs-accept-encoding cs-accept cache-behavior-path-pattern "
        "cs-headers cs-header-names cs-headers-count primary-distribution-id primary-distribution-dns-name origin-fbl "
        "origin-lbl asn"
    )
    assert names[46] == "cmcd-encoded-bitrate"
    assert names[63:] == [
        "cmcd-version",
        "r-host",
        "sr-reason",
        "x-edge-mqcs",
        "distribution-tenant-id",
        "connection-id",
    ]


def test_what_is_said_of_a_request(answered: Answered, finished: Finish) -> None:
    headers = {
        "Host": "www.example.org",
        "User-Agent": "curl/8.5.0",
        "Referer": "https://example.org/",
        "X-Forwarded-For": "192.0.2.1",
        "Cookie": "a=1",
    }
    tls = Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256")
    one = finished(answered("/a?x=1", headers, tls=tls, http_version="2.0", ip="192.0.2.7", port=4711))
    assert said(one, "cs(Host)", "x-host-header") == ("d1.cloudfront.net", "www.example.org")
    assert said(one, "cs-method", "cs-uri-stem", "cs-uri-query") == ("GET", "/a", "x=1")
    assert said(one, "cs(Referer)", "cs(User-Agent)", "cs(Cookie)") == ("https://example.org/", "curl/8.5.0", "a=1")
    assert said(one, "c-ip", "c-port", "x-forwarded-for") == ("192.0.2.7", "4711", "192.0.2.1")
    assert said(one, "ssl-protocol", "ssl-cipher") == ("TLSv1.3", "TLS_AES_128_GCM_SHA256")
    assert said(one, "cs-protocol", "cs-protocol-version") == ("https", "HTTP/2.0")
    assert said(one, "fle-status", "fle-encrypted-fields") == (None, None)
    head = "GET /a?x=1 HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    assert said(one, "cs-bytes") == (str(len(head)),)


def test_what_is_said_of_the_answer(answered: Answered, finished: Finish) -> None:
    served = answered()
    one = finished(served)
    assert said(one, "sc-status", "sc-content-type", "sc-content-len") == ("200", "text/plain", "5")
    assert said(one, "x-edge-result-type", "x-edge-response-result-type", "x-edge-detailed-result-type") == (
        "Miss",
        "Miss",
        "Miss",
    )
    assert said(one, "time-taken", "time-to-first-byte") == ("0.250", "0.000")
    assert said(one, "x-edge-location", "x-edge-request-id") == ("LAP50-P1", served.request_id)
    assert said(one, "sc-range-start", "sc-range-end") == (None, None)
    lines = (*served.response.headers.lines, *served.edge_lines)
    head = "HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines) + "\r\n"
    assert said(one, "sc-bytes") == (str(len(head) + 5),)


def test_the_date_is_utc_and_of_the_end(answered: Answered, finished: Finish) -> None:
    one = finished(answered())._replace(now=1_775_046_645.5)
    assert said(one, "date", "time") == ("2026-04-01", "12:30:45")
    assert said(one, "timestamp", "timestamp(ms)") == ("1775046645", "1775046645500")
    assert live(one, "timestamp") == ("1775046645.500",)


def test_hits_refresh_hits_and_errors(finished: Finish, distribution: Distribution) -> None:
    play = Playbook(distribution)
    play.get("/a").origin_answers(200, "hello", {"ETag": '"1"', "Cache-Control": "max-age=10"})
    results = "x-edge-result-type", "x-edge-detailed-result-type", "sc-status"
    assert said(finished(play.get("/a").served), *results) == ("Hit", "Hit", "200")
    play.advance(seconds=11)
    assert said(finished(play.get("/a").origin_answers(304).served), *results) == ("RefreshHit", "RefreshHit", "200")
    assert said(finished(play.get("/b").origin_answers(404).served), *results) == ("Error", "Error", "404")
    failed = play.get("/c")
    for _ in range(distribution.origins["site"].connection_attempts):
        failed.origin_fails(OriginFailureKind.CONNECT)
    assert said(finished(failed.served), *results) == ("Error", "OriginConnectError", "502")
    post = play.request("POST", "/a")
    assert said(finished(post.served), *results) == ("Error", "InvalidRequestMethod", "403")


def test_a_hit_in_origin_shield_has_a_detail_of_its_own(answered: Answered, finished: Finish) -> None:
    served = answered()
    served.trail.layer = Layer.ORIGIN_SHIELD
    one = finished(served._replace(result_type=type(served.result_type).HIT))
    assert said(one, "x-edge-result-type", "x-edge-detailed-result-type") == ("Hit", "OriginShieldHit")


def test_an_answer_of_a_function(finished: Finish, distribution: Distribution) -> None:
    function = CloudFrontFunction("gate", "", JavaScriptRuntime.JS_2_0)
    behavior = replace(distribution.behaviors[0], functions={EventType.VIEWER_REQUEST: function})
    answer: Any = {"statusCode": 302, "headers": {"location": {"value": "/login"}}}
    play = Playbook(replace(distribution, behaviors=(behavior,)), functions=lambda call: Returned(answer))
    one = finished(play.get("/a").served, 0)
    assert said(one, "sc-status", "x-edge-result-type") == ("302", "FunctionGeneratedResponse")


def test_a_viewer_who_left(answered: Answered, finished: Finish) -> None:
    """Before the answer began it is 000; later it is an error whose response was none."""
    names = "sc-status", "x-edge-result-type", "x-edge-response-result-type", "x-edge-detailed-result-type"
    assert said(finished(answered(), 0, False), *names) == ("000", "Error", "Miss", "ClientCommError")
    assert said(finished(answered(), 3, False), *names) == ("200", "Error", "Miss", "ClientCommError")


def test_a_part_of_an_object_has_its_range(finished: Finish, distribution: Distribution) -> None:
    play = Playbook(distribution)
    play.get("/a").origin_answers(200, "0123456789")
    one = finished(play.get("/a", {"Range": "bytes=2-4"}).served)
    assert said(one, "sc-status", "sc-range-start", "sc-range-end") == ("206", "2", "4")


@pytest.mark.parametrize(("scheme", "protocol"), [("http", "ws"), ("https", "wss")])
def test_a_websocket(answered: Answered, finished: Finish, scheme: Any, protocol: str) -> None:
    """Logged when it closes, as a miss."""
    served = answered(headers={"Upgrade": "websocket"}, scheme=scheme)
    one = finished(served._replace(response=Response(101, Headers(), b"")))
    assert said(one, "cs-protocol", "sc-status", "x-edge-result-type") == (protocol, "101", "Miss")


def test_a_request_that_is_too_large_is_not_logged(distribution: Distribution) -> None:
    served = Playbook(distribution).get("/" + "a" * 9_000).served
    assert served.response.status == 414
    assert log_fields.finished(served, 0, True, 0, distribution) is None


def test_a_real_time_log_swaps_the_hosts_and_joins_the_query(answered: Answered, finished: Finish) -> None:
    one = finished(answered("/a?x=1", {"Host": "www.example.org"}))
    assert live(one, "cs-host", "x-host-header") == ("www.example.org", "d1.cloudfront.net")
    assert live(one, "cs-uri-stem", "cs-uri-query") == ("/a?x=1", "x=1")


def test_what_only_a_real_time_log_says(answered: Answered, finished: Finish) -> None:
    headers = {"Host": "a.example", "Accept": "text/html", "Accept-Encoding": "br"}
    place = Location(country="DE", asn="64496")
    one = finished(answered("/a", headers, location=place, ip="2001:db8::1"))
    assert live(one, "cs-accept", "cs-accept-encoding", "cs-headers-count") == ("text/html", "br", "3")
    assert live(one, "cs-header-names") == ("Host\nAccept\nAccept-Encoding",)
    assert live(one, "cs-headers") == ("Host:a.example\nAccept:text/html\nAccept-Encoding:br",)
    assert live(one, "c-country", "asn", "c-ip-version", "cache-behavior-path-pattern") == ("DE", "64496", "IPv6", "*")
    assert live(one, "r-host", "origin-fbl") == ("site.example.org", "0.000")


def test_why_the_second_origin_was_asked(finished: Finish) -> None:
    origins = {name: Origin(name, f"{name}.example.org") for name in ("first", "second")}
    site = Distribution(
        "E1",
        "d1.cloudfront.net",
        origins,
        (Behavior("group", cache_policy=cache_policy("CachingOptimized")),),
        origin_groups={"group": OriginGroup("group", ("first", "second"), frozenset({503}))},
    )
    talk = Playbook(site).get("/a").origin_answers(503).origin_answers(200, "hello")
    one = finished(talk.served)._replace(distribution=site)
    assert live(one, "sr-reason", "r-host") == ("Failover:503", "second.example.org")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mozilla/5.0 (X11)", "Mozilla/5.0%20(X11)"),
        ("<\"#%{}|\\^~[]`'>", "%3C%22%23%25%7B%7D%7C%5C%5E%7E%5B%5D%60%27%3E"),
        ("a\tb\nc\x7f\xe9", "a%09b%0Ac%7F%E9"),
        ("/a-b_c.d!$&()*+,;=:@?", "/a-b_c.d!$&()*+,;=:@?"),
    ],
)
def test_what_the_documentation_lists_is_encoded(text: str, expected: str) -> None:
    assert encode(text) == expected


def test_which_of_several_distributions_answered(finished: Finish) -> None:
    """The staging distribution, with the primary that led to it; a tenant, by its id."""
    origins = {"site": Origin("site", "site.example.org")}
    behaviors = (Behavior("site", cache_policy=cache_policy("CachingOptimized")),)
    staging = Distribution("E2", "d2.cloudfront.net", origins, behaviors, staging=True)
    policy = ContinuousDeployment(staging, header=("aws-cf-cd-beta", "on"))
    primary = Distribution("E1", "d1.cloudfront.net", origins, behaviors, continuous_deployment=policy)
    tenant = replace(primary, continuous_deployment=None, aliases=("a.example.com",), tenant=Tenant("dt_1", "a"))
    play = Playbook(primary, distributions=(primary, tenant))
    names = "primary-distribution-id", "primary-distribution-dns-name", "cs-host", "x-host-header"
    staged = finished(play.get("/a", {"aws-cf-cd-beta": "on"}).origin_answers(200).served)
    assert live(staged, *names) == ("E1", "d1.cloudfront.net", "localhost", "d2.cloudfront.net")
    plain = finished(play.get("/a").origin_answers(200).served)
    assert live(plain, *names) == (None, None, "localhost", "d1.cloudfront.net")
    assert said(plain, "distribution-tenant-id") == (None,)
    assert said(
        finished(play.get("/a", {"Host": "a.example.com"}).origin_answers(200).served), "distribution-tenant-id"
    ) == ("dt_1",)
