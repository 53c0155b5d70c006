from hypothesis import given

import edge.testing
from edge.testing import (
    CloudFrontFunctionFixture,
    DistributionFixture,
    LambdaEdgeFixture,
    OriginScript,
    OutboundScript,
    VirtualClock,
    cloudfront_function,
    token,
)
from edge.testing.strategies import requests

fn = cloudfront_function(code="function handler(event) { return event.request; }", max_body=10)


def test_function(cloudfront_function: CloudFrontFunctionFixture, clock: VirtualClock) -> None:
    fn = cloudfront_function("redirect.js", kvs={"a": {"b": 1}})
    result = fn.viewer_request("/old?x=1", headers={"a": ["1", "2"]}, cookies={"c": "d"}, viewer={"country": "DE"})
    status: int = result.response.status
    location: str = result.response.headers["location"]
    clock.advance(minutes=2)
    assert (status, location) == (301, "/new")
    assert result.error is None
    text: str = token({"sub": "a"}, "s")
    assert text.count(".") == 2


def test_handler(lambda_edge: LambdaEdgeFixture, outbound: OutboundScript) -> None:
    fn = lambda_edge("auth.mjs:main", memory_mb=256)
    outbound.get("https://a.example.com/*").replies(200, {}, {"a": [1]}).fails("timeout")
    assert fn.cold().origin_request("/a", origin={"domain_name": "a.example.com"}).origin is not None


def test_site(distribution: DistributionFixture, origin: OriginScript) -> None:
    site = distribution("template.yaml")
    origin["web"].get("/a").replies(200, {"Cache-Control": "max-age=60"}, "hello")
    response = site.get("/a")
    assert response.cached_for(60)
    assert response.stages["cache"].state == "done"
    age: int | None = response.age
    assert age is None
    talk = site.play.get("/a")
    talk.origin_answers(200)


@given(requests())
def test_promise(request: dict[str, object]) -> None:
    assert edge.testing.FunctionResult is not None
