"""Promises of edge/rules/aws_endpoints.py."""

from __future__ import annotations

import pytest

from edge.model.distribution import ALL_METHODS, Behavior, Distribution
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy, origin_request_policy
from edge.model.origin import Origin, OriginAccessControl, OriginKind, OriginRequest
from edge.rules import aws_endpoints
from edge.testing import Playbook

LOCAL = "http://127.0.0.1:3000"
FUNCTION_URL = "abc.lambda-url.eu-west-1.on.aws"
LAMBDA = Origin("api", FUNCTION_URL, local_url=LOCAL, access_control=OriginAccessControl("oac", "lambda", "always"))
ENDPOINTS = [
    Origin("bucket", "site.s3.eu-west-1.amazonaws.com", OriginKind.S3, local_url=LOCAL),
    Origin("api", "abc.execute-api.eu-west-1.amazonaws.com", local_url=LOCAL),
    LAMBDA,
]


def behind(origin: Origin, policy: str) -> Playbook:
    behavior = Behavior(
        origin.id,
        allowed_methods=ALL_METHODS,
        cache_policy=cache_policy("CachingDisabled"),
        origin_request_policy=origin_request_policy(policy),
    )
    return Playbook(Distribution("E1", "d1.cloudfront.net", {origin.id: origin}, (behavior,), any_host=True))


@pytest.mark.parametrize("origin", ENDPOINTS, ids=lambda origin: origin.domain_name)
def test_trap_13_the_viewers_host_at_an_aws_endpoint_is_a_403(origin: Origin) -> None:
    talk = behind(origin, "AllViewer").get("/a", {"Host": "www.example.org"})
    assert talk.served.response.status == 403
    assert talk.served.trail.notes[-1].rule == "aws_endpoints.host"
    assert "AllViewerExceptHostHeader" in talk.served.trail.notes[-1].sentence
    allowed = behind(origin, "AllViewerExceptHostHeader").get("/a", {"Host": "www.example.org"})
    assert allowed.origin_answers(200, "hello").served.response.status == 200


def test_trap_30_a_post_to_a_function_url_without_the_hash_of_its_body_is_a_403() -> None:
    play = behind(LAMBDA, "AllViewerExceptHostHeader")
    refused = play.request("POST", "/a", body=b"x")
    assert refused.served.response.status == 403
    assert refused.served.trail.notes[-1].rule == "aws_endpoints.unsigned_body"
    hashed = play.request("POST", "/a", {"x-amz-content-sha256": "ab" * 32}, body=b"x")
    assert hashed.origin_answers(200, "hello").served.response.status == 200


def test_any_other_origin_takes_any_host() -> None:
    request = OriginRequest("GET", "/", Headers((("Host", "www.example.org"),)), b"")
    website = "site.s3-website-eu-west-1.amazonaws.com"
    for name in ("site.example.org", website, "my-alb.eu-west-1.elb.amazonaws.com"):
        assert aws_endpoints.refusal(Origin("o", name, local_url=LOCAL), request) is None


def test_a_real_endpoint_refuses_by_itself() -> None:
    request = OriginRequest("GET", "/", Headers((("Host", "www.example.org"),)), b"")
    assert aws_endpoints.refusal(Origin("o", FUNCTION_URL), request) is None
