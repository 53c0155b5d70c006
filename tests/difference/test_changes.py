"""Two distributions compared: what is different, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edge.difference.changes import changes
from edge.model import managed_policies
from edge.model.distribution import (
    ALL_METHODS,
    Behavior,
    CustomErrorResponse,
    Distribution,
    GeoRestriction,
    PublicKey,
    ViewerProtocolPolicy,
)
from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime, LambdaFunction
from edge.model.origin import Origin, OriginAccessControl, OriginGroup
from edge.model.path_pattern import PathPattern
from edge.model.policies import (
    CachePolicy,
    Cors,
    ForwardedValues,
    Names,
    OriginRequestPolicy,
    PolicyHeader,
    ResponseHeadersPolicy,
    Selection,
)

CACHE = CachePolicy("1", "cache", 1, 60, 600)
REWRITE = CloudFrontFunction("rewrite", "old();")
REWRITE_1_0 = replace(REWRITE, code="new();", runtime=JavaScriptRuntime.JS_1_0)
RESIZE = LambdaFunction("resize", "1", "aaaa", "index.handler", "nodejs22.x")
BEHAVIOR = Behavior("app", cache_policy=CACHE, functions={EventType.VIEWER_REQUEST: REWRITE})
APP = Origin("app", "app.example.com", custom_headers=(("X-Secret", "one"),))
SITE = Distribution("E1", "d1.cloudfront.net", {"app": APP}, (BEHAVIOR,), aliases=("www.example.com",))

POLICY = ResponseHeadersPolicy(
    "1", "headers", security=(PolicyHeader("X-Frame-Options", "DENY", True),), remove=("x-powered-by",)
)
HEADERS_FOR_ORIGIN = OriginRequestPolicy("1", "forward", Names(Selection.WHITELIST, ("accept", "origin")))


def said(old: Distribution, new: Distribution) -> list[str]:
    return [f"{one.where}: {one.sentence}" for one in changes(old, new)]


def with_behavior(**fields: Any) -> Distribution:
    return replace(SITE, behaviors=(replace(BEHAVIOR, **fields),))


def test_the_same_is_the_same() -> None:
    assert changes(SITE, SITE) == []


def test_where_it_runs_and_what_it_is_called_does_not_count() -> None:
    other = replace(
        SITE,
        id="E2",
        name="Site",
        origins={"app": replace(APP, local_url="http://localhost:3000")},
        behaviors=(
            replace(
                BEHAVIOR,
                cache_policy=replace(CACHE, id="2", name="another"),
                functions={EventType.VIEWER_REQUEST: replace(REWRITE, source_name="new/rewrite.js")},
            ),
        ),
    )
    assert changes(SITE, other) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"aliases": ("shop.example.com",)},
            [
                "distribution: shop.example.com is answered",
                "distribution: www.example.com is answered no more: such requests get 403",
            ],
        ),
        ({"enabled": False}, ["distribution: the distribution is disabled"]),
        ({"default_root_object": "index.html"}, ["distribution: default root object: none -> index.html"]),
        ({"http_version": "http2and3"}, ["distribution: HTTP version: http2 -> http2and3"]),
        (
            {"geo_restriction": GeoRestriction("whitelist", frozenset({"DE", "AT"}))},
            ["distribution: geo restriction: none -> whitelist AT, DE"],
        ),
        (
            {"custom_error_responses": {404: CustomErrorResponse(404, "/index.html", 200, 30)}},
            ["distribution: error 404: answered 200 with /index.html, cached for 30 s"],
        ),
        (
            {"origins": {"app": APP, "api": Origin("api", "api.example.com", path="/v1")}},
            ["origin api: is new: api.example.com/v1"],
        ),
        (
            {"origins": {"app": replace(APP, read_timeout_s=60, custom_headers=(("X-Secret", "two"), ("X-New", "1")))}},
            [
                "origin app: read timeout s: 30 -> 60",
                "origin app: gets the header x-new",
                "origin app: gets another value of the header x-secret",
            ],
        ),
        (
            {"origins": {"app": replace(APP, access_control=OriginAccessControl("1", "lambda", "always"))}},
            ["origin app: requests are signed: never -> always"],
        ),
        (
            {"origin_groups": {"both": OriginGroup("both", ("app", "spare"), frozenset({503, 500}))}},
            ["origin group both: is new: fails over from app to spare at 500, 503"],
        ),
        (
            {"behaviors": (replace(BEHAVIOR, path_pattern=PathPattern("/api/*")), BEHAVIOR)},
            ["behavior /api/*: is new, and goes to app"],
        ),
    ],
)
def test_the_whole_distribution(fields: dict[str, Any], expected: list[str]) -> None:
    assert said(SITE, replace(SITE, **fields)) == expected


def test_what_is_gone_is_said_too() -> None:
    old = replace(
        SITE,
        origins={"app": APP, "api": APP},
        origin_groups={"both": OriginGroup("both", ("app", "api"), frozenset({500}))},
        behaviors=(replace(BEHAVIOR, path_pattern=PathPattern("/a")), BEHAVIOR),
        custom_error_responses={404: CustomErrorResponse(404)},
    )
    assert said(old, SITE) == [
        "origin api: is gone",
        "origin group both: is gone: there is no failover",
        "behavior /a: is gone: its paths go to the next pattern that matches",
        "distribution: error 404: no custom response any more",
    ]


def test_the_order_of_behaviors_counts() -> None:
    one, two = (replace(BEHAVIOR, path_pattern=PathPattern(text)) for text in ("/a*", "/ab*"))
    old, new = replace(SITE, behaviors=(one, two, BEHAVIOR)), replace(SITE, behaviors=(two, one, BEHAVIOR))
    assert said(old, new) == ["distribution: order of behaviors: /a*, /ab*, * -> /ab*, /a*, *"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"viewer_protocol_policy": ViewerProtocolPolicy.HTTPS_ONLY, "allowed_methods": ALL_METHODS},
            [
                "viewer protocol policy: allow-all -> https-only",
                "allowed methods: GET, HEAD -> DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
            ],
        ),
        ({"trusted_keys": {"K1": PublicKey("K1", "k", "")}}, ["signatures by key: none -> K1"]),
        ({"compress": True}, ["compression: off -> on"]),
        ({"target_origin_id": "api"}, ["origin: app -> api"]),
        ({"functions": {}}, ["viewer-request: rewrite runs no more"]),
        (
            {
                "functions": {
                    EventType.VIEWER_REQUEST: replace(REWRITE, code="new();", runtime=JavaScriptRuntime.JS_1_0)
                }
            },
            [
                "viewer-request: the code of rewrite is another one",
                "viewer-request: rewrite runs in cloudfront-js-1.0, no more in cloudfront-js-2.0",
            ],
        ),
        ({"functions": {EventType.VIEWER_REQUEST: RESIZE}}, ["viewer-request: rewrite -> resize"]),
        (
            {"functions": {EventType.VIEWER_REQUEST: replace(REWRITE, key_value_store="routes")}},
            ["viewer-request: rewrite reads the store routes, no more none"],
        ),
    ],
)
def test_a_behavior(fields: dict[str, Any], expected: list[str]) -> None:
    assert said(SITE, with_behavior(**fields)) == [f"behavior *: {one}" for one in expected]


def test_a_lambda_function_is_compared_by_what_is_in_it() -> None:
    old = with_behavior(functions={EventType.ORIGIN_REQUEST: RESIZE})
    new = with_behavior(functions={EventType.ORIGIN_REQUEST: replace(RESIZE, code_path="bbbb", memory_mb=512)})
    assert said(old, new) == ["behavior *: origin-request: resize differs in code, memory mb"]


@pytest.mark.parametrize(
    ("policy", "empties", "expected"),
    [
        (replace(CACHE, default_ttl_s=90), False, ["default TTL, in seconds: 60 -> 90"]),
        (
            replace(CACHE, query_strings=Names(Selection.WHITELIST, ("page",))),
            True,
            ["query strings in the cache key: none -> only page", "query strings for the origin: none -> only page"],
        ),
        (replace(CACHE, gzip=True, brotli=True), True, ["Accept-Encoding in the cache key: none -> gzip, br"]),
    ],
)
def test_the_key_empties_the_cache_and_a_ttl_does_not(policy: CachePolicy, empties: bool, expected: list[str]) -> None:
    found = changes(SITE, with_behavior(cache_policy=policy))
    assert [one.sentence for one in found] == expected
    assert any(one.empties_cache for one in found) is empties


def test_legacy_settings_are_compared_with_policies_by_what_they_do() -> None:
    legacy = ForwardedValues(query_string=True, min_ttl_s=1, default_ttl_s=60, max_ttl_s=600)
    policy = replace(CACHE, query_strings=Names(Selection.ALL))
    found = said(with_behavior(cache_policy=policy), with_behavior(cache_policy=None, forwarded_values=legacy))
    assert found == ["behavior *: Accept-Encoding in the cache key: none -> as the viewer sends it"]


def test_what_the_origin_gets_more_and_less() -> None:
    less = replace(HEADERS_FOR_ORIGIN, headers=Names(Selection.WHITELIST, ("accept", "cloudfront-viewer-country")))
    old, new = with_behavior(origin_request_policy=HEADERS_FOR_ORIGIN), with_behavior(origin_request_policy=less)
    assert said(old, new) == [
        "behavior *: headers for the origin: only accept, origin -> only accept, cloudfront-viewer-country "
        "(+ cloudfront-viewer-country, - origin)"
    ]
    everything = with_behavior(origin_request_policy=managed_policies.origin_request_policy("AllViewer"))
    assert said(SITE, everything) == [
        "behavior *: headers for the origin: none -> all",
        "behavior *: cookies for the origin: none -> all",
        "behavior *: query strings for the origin: none -> all",
    ]


def test_headers_that_viewers_gain_and_lose() -> None:
    more = replace(
        POLICY,
        security=(PolicyHeader("X-Frame-Options", "SAMEORIGIN", True),),
        custom=(PolicyHeader("X-Team", "web", False),),
        cors=Cors(("*",), ("GET",), ("*",)),
        remove=("server",),
    )
    old, new = with_behavior(response_headers_policy=POLICY), with_behavior(response_headers_policy=more)
    assert said(old, new) == [
        "behavior *: responses gain x-team: web",
        "behavior *: responses gain access-control-allow-origin: *",
        "behavior *: responses gain access-control-allow-methods: GET",
        "behavior *: responses gain access-control-allow-headers: *",
        "behavior *: x-frame-options: DENY (in place of the origin) -> SAMEORIGIN (in place of the origin)",
        "behavior *: the origin's server is removed from responses",
        "behavior *: the origin's x-powered-by is removed no more",
    ]
    assert said(old, SITE)[0] == "behavior *: responses lose x-frame-options, unless the origin sends it"
