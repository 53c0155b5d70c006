"""Promises of edge/logs/explanation.py: a finished exchange in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from edge.logs.explanation import Stage, header_changes, key_in_words, stages
from edge.model.cache_key import CacheKey
from edge.model.distribution import Behavior, ContinuousDeployment, Distribution, ViewerProtocolPolicy
from edge.model.edge_location import edge_location
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionCall,
    FunctionOutcome,
    LambdaFunction,
    LambdaReport,
    Returned,
    Threw,
)
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy, response_headers_policy
from edge.model.origin import Origin
from edge.model.request import Request
from edge.model.tenant import Tenant
from edge.model.topology import PointOfPresence, Topology
from edge.testing import Playbook


def site(**behavior: Any) -> Distribution:
    fields: dict[str, Any] = {"target_origin_id": "site", "cache_policy": cache_policy("CachingOptimized"), **behavior}
    return Distribution("E1", "d1.cloudfront.net", {"site": Origin("site", "site.example.org")}, (Behavior(**fields),))


def by_name(found: tuple[Stage, ...]) -> dict[str, Stage]:
    return {stage.name: stage for stage in found}


def test_the_stages_of_a_miss_and_of_a_hit() -> None:
    play = Playbook(site())
    miss = play.get("/a")
    miss.origin_answers(200, "x", {"Cache-Control": "max-age=9"})
    found = by_name(stages(miss.served))
    assert list(found) == [
        *("behavior", "checks", "viewer request", "cache", "origin", "ttl", "viewer response", "response headers")
    ]
    assert found["viewer request"].state == "none"
    assert found["ttl"].sentences == ("9 s: max-age of 9 s counts (ttl.origin)",)
    hit = by_name(stages(play.get("/a").served))
    assert hit["cache"].sentences[0] == "found"
    assert (hit["origin"].state, hit["ttl"].state) == ("skipped", "skipped")


def test_a_refusal_ends_the_checks_and_skips_the_rest() -> None:
    found = by_name(stages(Playbook(site()).request("POST", "/a").served))
    assert found["checks"].state == "refused"
    assert "allowed_methods.refused" in found["checks"].sentences[0]
    assert found["cache"].state == "skipped"


def test_a_redirect_to_https_is_said_by_the_checks() -> None:
    play = Playbook(site(viewer_protocol_policy=ViewerProtocolPolicy.REDIRECT_TO_HTTPS))
    assert "viewer_protocol.redirected" in by_name(stages(play.get("/a", scheme="http").served))["checks"].sentences[0]


def test_a_function_that_fails_says_its_line_and_what_to_do() -> None:
    def run(call: FunctionCall) -> FunctionOutcome:
        return Threw("TypeError: no", line=3)

    functions = {EventType.VIEWER_REQUEST: CloudFrontFunction("f", "")}
    found = by_name(stages(Playbook(site(functions=functions), functions=run).get("/a").served))
    assert found["viewer request"].state == "failed"
    assert "on line 3" in found["viewer request"].sentences[1]


def test_what_a_function_changed_is_named() -> None:
    def run(call: FunctionCall) -> FunctionOutcome:
        request: Any = call.event["request"]
        return Returned({**request, "uri": "/b", "headers": {**request["headers"], "x-new": {"value": "1"}}})

    functions = {EventType.VIEWER_REQUEST: CloudFrontFunction("f", "")}
    talk = Playbook(site(functions=functions), functions=run).get("/a")
    talk.origin_answers(200, "x")
    sentences = by_name(stages(talk.served))["viewer request"].sentences
    assert "path /a became /b" in sentences
    assert "+ x-new: 1" in sentences


def test_a_function_that_was_skipped_says_why() -> None:
    functions = {EventType.VIEWER_RESPONSE: CloudFrontFunction("f", "")}
    talk = Playbook(site(functions=functions)).get("/a")
    talk.origin_answers(404, "no")
    stage = by_name(stages(talk.served))["viewer response"]
    assert stage.state == "skipped"
    assert "the origin answered 404" in stage.sentences[1]


def test_headers_name_the_rule_that_set_them() -> None:
    talk = Playbook(site(response_headers_policy=response_headers_policy("SecurityHeadersPolicy"))).get("/a")
    talk.origin_answers(200, "x", {"Set-Cookie": "a=1"})
    sentences = by_name(stages(talk.served))["response headers"].sentences
    assert "- set-cookie  (origin_response)" in sentences
    assert any("x-frame-options" in one and "response headers policy" in one for one in sentences)
    assert any(one.startswith("+ x-cache: Miss") for one in sentences)


def test_the_key_in_words_says_what_does_not_count() -> None:
    key = CacheKey("E1", "OPTIONS", "/a", "x=1", (("origin", "o"),), (("s", "1"),), "br,gzip")
    request = Request("OPTIONS", "/a", "x=1&y=2", Headers([("Cookie", "s=1; t=2")]))
    assert key_in_words(key, request) == (
        "path /a",
        "query string x=1; not in the key: y",
        "headers origin: o",
        "cookies s=1; not in the key: t",
        "Accept-Encoding, normalised to br,gzip",
        "method OPTIONS",
    )


def test_changes_look_at_names_and_values_only() -> None:
    before = Headers([("A", "1"), ("b", "2"), ("C", "3")])
    after = Headers([("c", "4"), ("a", "1"), ("D", "5")])
    assert list(header_changes(before, after)) == ["+ c: 4", "+ d: 5", "- b"]


def test_lambda_functions_are_stages_at_the_origins_side() -> None:
    report = LambdaReport("id", 12.5, 100, 128, 60, init_ms=87.0)

    def run(call: FunctionCall) -> FunctionOutcome:
        records: Any = call.event["Records"]
        return Returned(records[0]["cf"]["request"], report=report)

    functions = {EventType.ORIGIN_REQUEST: LambdaFunction("resize", "1", "/code", "index.handler", "nodejs22.x")}
    play = Playbook(site(functions=functions), functions=run)
    talk = play.get("/a")
    talk.origin_answers(200, "x")
    stage = by_name(stages(talk.served))["origin request"]
    assert stage.sentences[0] == "resize ran in 12.5 ms, billed 100 ms, cold: INIT took 87 ms"
    hit = by_name(stages(play.get("/a").served))["origin request"]
    assert (hit.state, hit.sentences[0]) == ("skipped", "resize did not run")


def test_the_cache_says_which_layer_had_the_object() -> None:
    """Or which one asked the origin."""
    points = tuple(
        PointOfPresence(edge_location(code, "eu-central-1"), "eu-central-1") for code in ("FRA56-P4", "MUC50-P1")
    )
    play = Playbook(site(), topology=Topology(points))
    miss = play.get("/a", {"X-Edge-Pop": "FRA"}).origin_answers(200, "x")
    assert by_name(stages(miss.served))["cache"].sentences[0] == (
        "not found, or no longer fresh; the regional edge cache asked the origin"
    )
    munich = by_name(stages(play.get("/a", {"X-Edge-Pop": "MUC"}).served))
    assert munich["cache"].sentences[0] == "found in the regional edge cache"
    assert by_name(stages(play.get("/a", {"X-Edge-Pop": "MUC"}).served))["cache"].sentences[0] == "found"


def test_where_more_than_one_distribution_could_answer_it_says_which_did() -> None:
    """A staging distribution with the reason; a tenant by its name."""
    staging = replace(site(), id="E2", name="Next", staging=True)
    primary = replace(site(), continuous_deployment=ContinuousDeployment(staging, header=("aws-cf-cd-beta", "on")))
    served = Playbook(primary).get("/a", {"aws-cf-cd-beta": "on"}).origin_answers(200).served
    sentences = by_name(stages(served))["distribution"].sentences
    assert sentences[0] == "Next"
    assert "aws-cf-cd-beta is what the policy asks for" in sentences[1]
    tenant = replace(site(), name="acme", tenant=Tenant("dt_1", "acme"), endpoint="d9.cloudfront.net")
    served = Playbook(tenant).get("/a").origin_answers(200).served
    assert by_name(stages(served))["distribution"].sentences == ("acme, for the tenant acme",)
