"""Dialogues: CloudFront's order of events, step by step, and the switches for what it does not say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from edge.model.distribution import (
    Behavior,
    ContinuousDeployment,
    CustomErrorResponse,
    Distribution,
    GeoRestriction,
    PublicKey,
    ViewerProtocolPolicy,
)
from edge.model.function import CloudFrontFunction, EventType, FunctionCall, FunctionOutcome, Returned, Threw
from edge.model.managed_policies import cache_policy, response_headers_policy
from edge.model.path_pattern import PathPattern
from edge.model.policies import Names, OriginRequestPolicy, Selection
from edge.model.switches import Switches
from edge.model.tenant import Tenant
from edge.model.viewer import Location, Tls
from edge.testing import Playbook
from edge.testing.playbook import Talk

Site = Callable[..., Distribution]
SEEN = CloudFrontFunction("watch", "")
CHAIN = ", ".join(f"1.1 {name * 32}.cloudfront.net (CloudFront)" for name in "ab")
READ_ONLY = {"allowed_methods": frozenset({"GET", "HEAD"})}
HTTPS = {"viewer_protocol_policy": ViewerProtocolPolicy.REDIRECT_TO_HTTPS}
KEYS = {"trusted_keys": {"K1": PublicKey("K1", "key", "")}}
FUNCTION = {"functions": {EventType.VIEWER_REQUEST: SEEN}}
ELSEWHERE = GeoRestriction("blacklist", frozenset({"XX"}))


def everything_wrong(site: Site, *without: str) -> Talk:
    """A request that every check of the edge refuses, but for some; the function would answer 299."""
    behavior: dict[str, Any] = {**READ_ONLY, **HTTPS, **KEYS, **FUNCTION}
    for name, setting in (("method", READ_ONLY), ("protocol", HTTPS), ("signature", KEYS), ("function", FUNCTION)):
        if name in without:
            behavior = {key: value for key, value in behavior.items() if key not in setting}
    play = Playbook(
        site(behavior, **({} if "geo" in without else {"geo_restriction": ELSEWHERE})),
        functions=lambda call: Returned({"statusCode": 299}),
    )
    path = "/a" if "url" in without else f"/{'a' * 9_000}"
    headers = {"Host": "localhost" if "host" in without else "elsewhere.example.com"}
    if "chain" not in without:
        headers["Via"] = CHAIN
    return play.request("POST", path, headers, scheme="http", location=Location(country="XX"))


@pytest.mark.parametrize(
    ("without", "status", "rule"),
    [
        ((), 414, "request_limits.uri_too_long"),
        (("url",), 403, "alternate_domain_names.unknown_host"),
        (("url", "host"), 403, "distribution_chain.too_long"),
        (("url", "host", "chain"), 403, "geo_restriction.blocked"),
        (("url", "host", "chain", "geo"), 403, "allowed_methods.refused"),
        (("url", "host", "chain", "geo", "method"), 307, "viewer_protocol.redirected"),
        (("url", "host", "chain", "geo", "method", "protocol"), 403, "signed_urls.missing_key"),
        (("url", "host", "chain", "geo", "method", "protocol", "signature"), 299, "function.answered"),
    ],
    ids=["url", "host", "chain", "geo", "method", "protocol", "signature", "function"],
)
def test_the_edge_refuses_in_cloudfronts_order(site: Site, without: tuple[str, ...], status: int, rule: str) -> None:
    """URL, Host, chain, country, method, protocol, signature, and then the viewer request function."""
    talk = everything_wrong(site, *without)
    assert (talk.status, talk.rules[-1]) == (status, rule)


def watching(site: Site, behavior: dict[str, Any], **changes: Any) -> tuple[Playbook, list[Any]]:
    """A site whose viewer request function does nothing but remember what it saw."""
    seen: list[Any] = []

    def run(call: FunctionCall) -> FunctionOutcome:
        seen.append(call.event["request"])
        return Returned(call.event["request"])

    return Playbook(site({**FUNCTION, **behavior}, **changes), functions=run), seen


@pytest.mark.parametrize(("first", "runs"), [(True, 0), (False, 1)])
def test_whether_the_signature_comes_before_the_function_is_a_switch(site: Site, first: bool, runs: int) -> None:
    """Either way the request is refused without one."""
    play, seen = watching(site, KEYS, switches=Switches(signature_before_viewer_request=first))
    assert (play.get("/a").status, len(seen)) == (403, runs)


@pytest.mark.parametrize(("after", "uri"), [(True, "/"), (False, "/index.html")])
def test_whether_the_function_sees_the_default_root_object_is_a_switch(site: Site, after: bool, uri: str) -> None:
    """The origin is asked for it either way."""
    switches = Switches(default_root_object_after_viewer_request=after)
    play, seen = watching(site, {}, default_root_object="index.html", switches=switches)
    talk = play.get("/")
    assert seen[0]["uri"] == uri
    assert talk.origin_request.request.target == "/index.html"


@pytest.mark.parametrize(("rewritten", "uri"), [(True, "/new"), (False, "/old")])
def test_which_request_the_viewer_response_function_sees_is_a_switch(site: Site, rewritten: bool, uri: str) -> None:
    uris: list[Any] = []

    def run(call: FunctionCall) -> FunctionOutcome:
        request: Any = call.event["request"]
        if call.event_type is EventType.VIEWER_REQUEST:
            return Returned({**request, "uri": "/new"})
        uris.append(request["uri"])
        return Returned(call.event["response"])

    functions = {EventType.VIEWER_REQUEST: SEEN, EventType.VIEWER_RESPONSE: SEEN}
    switches = Switches(viewer_response_sees_rewritten_request=rewritten)
    Playbook(site({"functions": functions}, switches=switches), functions=run).get("/old").origin_answers(200, "x")
    assert uris == [uri]


@pytest.mark.parametrize("applied", [True, False])
def test_whether_a_response_headers_policy_applies_to_failing_functions_is_a_switch(site: Site, applied: bool) -> None:
    behavior = {**FUNCTION, "response_headers_policy": response_headers_policy("SecurityHeadersPolicy")}
    play = Playbook(
        site(behavior, switches=Switches(policy_on_function_errors=applied)), functions=lambda call: Threw("Error: no")
    )
    talk = play.get("/a")
    assert talk.status == 503
    assert ("x-content-type-options" in talk.headers) is applied


def test_a_default_root_object_that_may_not_be_is_a_400(site: Site) -> None:
    """For the root alone, with an XML error."""
    play = Playbook(site(default_root_object="x" * 256))
    talk = play.get("/")
    assert (talk.status, talk.x_cache) == (400, "Error from cloudfront")
    assert b"InvalidDefaultRootObject" in bytes(talk.body)  # type: ignore[arg-type]
    assert play.get("/a").asked is not None


def test_a_custom_error_page_is_fetched_without_functions_of_the_viewers_side(site: Site) -> None:
    """The function runs once, for the viewer's own request; the page comes through the behavior of its own path, and is
    fresh as long as that one says."""
    functions = {EventType.VIEWER_REQUEST: SEEN, EventType.VIEWER_RESPONSE: SEEN}
    pages = Behavior("spare", PathPattern("/errors/*"), functions=functions, cache_policy=cache_policy("Amplify"))
    default = site({"functions": functions}).behaviors[-1]
    runs: list[EventType] = []

    def run(call: FunctionCall) -> FunctionOutcome:
        runs.append(call.event_type)
        return Returned(call.event["request"])

    error = CustomErrorResponse(404, "/errors/404.html", 404, error_caching_min_ttl_s=60)
    play = Playbook(site(behaviors=(pages, default), custom_error_responses={404: error}), functions=run)
    talk = play.get("/a?x=1").origin_answers(404, "no")
    assert talk.origin_request.origin.id == "spare"
    assert talk.origin_request.request.target == "/errors/404.html"
    talk.origin_answers(200, "page")
    assert (talk.status, talk.body, runs) == (404, b"page", [EventType.VIEWER_REQUEST])
    play.advance(seconds=10)
    again = play.get("/a")
    assert again.origin_request.request.target == "/errors/404.html", "two seconds are the page's own TTL"


def test_the_origin_of_an_error_page_is_told_what_failed_where_a_policy_asks(site: Site) -> None:
    """CloudFront-Error-Uri and -Args hold what the viewer asked for."""
    names = ("cloudfront-error-uri", "cloudfront-error-args")
    policy = OriginRequestPolicy("p", "p", headers=Names(Selection.WHITELIST, names))
    error = CustomErrorResponse(404, "/404.html", 404)
    for query in ("?x=1", ""):
        play = Playbook(site({"origin_request_policy": policy}, custom_error_responses={404: error}))
        talk = play.get(f"/deep/a{query}", {"CloudFront-Error-Uri": "forged"})
        assert "cloudfront-error-uri" not in talk.origin_request.request.headers
        talk.origin_answers(404, "no")
        sent = talk.origin_request.request.headers
        assert sent.get("cloudfront-error-uri") == "/deep/a"
        assert sent.get("cloudfront-error-args") == (query[1:] or None)


def test_several_distributions_share_an_address_and_no_cache(site: Site) -> None:
    """Host says which one answers."""
    first, second = site(), site(id="E2", domain_name="d2.cloudfront.net", aliases=("docs.example.com",))
    play = Playbook(first, distributions=(first, second))
    play.get("/a").origin_answers(200, "first")
    other = play.get("/a", {"Host": "docs.example.com"}).origin_answers(200, "second")
    assert other.body == b"second"
    assert play.get("/a").body == b"first"
    assert play.get("/a", {"Host": "nobody.example.com"}).status == 403
    tls = Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", "docs.example.com")
    misdirected = play.get("/a", {"Host": "d1example.cloudfront.net"}, tls=tls)
    assert (misdirected.status, misdirected.served.trail.detailed_result) == (421, "InvalidRequestCertificate")


def test_a_staging_distribution_has_a_cache_of_its_own(site: Site) -> None:
    """Its settings, its objects; viewers reach it through the primary only."""
    staging = site(id="E2", domain_name="d2.cloudfront.net", staging=True, default_root_object="new.html")
    policy = ContinuousDeployment(staging, header=("aws-cf-cd-beta", "on"))
    primary = site(continuous_deployment=policy, default_root_object="old.html")
    play = Playbook(primary, distributions=(primary, staging))
    assert play.get("/").origin_answers(200, "old").served.trail.cache_key.path == "/old.html"  # type: ignore[union-attr]
    beta = play.get("/", {"aws-cf-cd-beta": "on"})
    assert beta.origin_request.request.target == "/new.html"
    assert beta.origin_answers(200, "new").body == b"new"
    assert beta.rules[0] == "continuous_deployment.header"
    assert play.get("/").body == b"old"
    assert play.get("/", {"Host": "d2.cloudfront.net"}).status == 403


def test_a_weight_splits_viewers_and_a_session_stays_with_its_side(site: Site) -> None:
    """Of many sessions the share that the weight says begins with the staging distribution."""
    uncached = {"cache_policy": cache_policy("CachingDisabled")}
    staging = site(uncached, id="E2", domain_name="d2.cloudfront.net", staging=True)
    policy = ContinuousDeployment(staging, weight=0.15, idle_ttl_s=300, maximum_ttl_s=600)
    play = Playbook(site(uncached, continuous_deployment=policy))
    sides = []
    for _ in range(400):
        cookie = (play.get("/a").origin_answers(200).headers.get("set-cookie") or "").partition(";")[0]
        again = play.get("/a", {"Cookie": cookie}).origin_answers(200)
        assert (again.headers.get("set-cookie") or "").startswith(cookie)
        sides.append("staging" in cookie)
    assert 0.10 < sum(sides) / len(sides) < 0.20


def test_tenants_of_one_template_share_no_objects(site: Site) -> None:
    """Each has its own domains, parameters and cache; the event has an endpoint and no domain name."""
    seen: list[Any] = []

    def run(call: FunctionCall) -> FunctionOutcome:
        seen.append((call.event["context"], call.tenant))
        return Returned(call.event["request"])

    template = site(FUNCTION)
    tenants = tuple(
        replace(
            template,
            aliases=(f"{name}.example.com",),
            tenant=Tenant(f"dt_{name}", name, (("color", name),)),
            endpoint="d9group.cloudfront.net",
        )
        for name in ("red", "blue")
    )
    play = Playbook(tenants[0], distributions=tenants, functions=run)
    for name in ("red", "blue"):
        assert play.get("/a", {"Host": f"{name}.example.com"}).origin_answers(200, name).body == name.encode()
    assert play.get("/a", {"Host": "red.example.com"}).body == b"red"
    context, tenant = seen[1]
    assert (context["endpoint"], context["distributionId"]) == ("d9group.cloudfront.net", "E1EXAMPLE")
    assert "distributionDomainName" not in context
    assert tenant == tenants[1].tenant
