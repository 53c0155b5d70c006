"""Distributions in a few words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edge.model.policies import CachePolicy
from edge.testing import HarnessError, Site

Make = Callable[..., Site]

TEMPLATE = """
Resources:
  Rewrite:
    Type: AWS::CloudFront::Function
    Properties:
      Name: rewrite
      AutoPublish: true
      FunctionConfig: {Comment: "", Runtime: cloudfront-js-2.0}
      FunctionCode: "function handler(event) { event.request.uri = '/index.html'; return event.request; }"
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - {Id: site, DomainName: site.example.org, CustomOriginConfig: {OriginProtocolPolicy: https-only}}
        DefaultCacheBehavior:
          TargetOriginId: site
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
          FunctionAssociations:
            - {EventType: viewer-request, FunctionARN: !GetAtt Rewrite.FunctionARN}
"""


def test_policies_by_name_or_as_values(distribution: Make) -> None:
    """The managed ones by the console's names."""
    assert distribution(cache_policy="CachingDisabled").distribution.behaviors[-1].cache_policy.disables_caching  # type: ignore[union-attr]
    own = CachePolicy("own", "Own", 5, 10, 20)
    site = distribution(cache_policy=own)
    site.origin.any().replies(200)
    assert site.get("/a").ttl == 10


def test_behaviors_are_tried_in_order(distribution: Make) -> None:
    """The default one last."""
    site = distribution(behaviors={"/api/v1/*": {"origin": "old"}, "/api/*": {"origin": "new"}})
    site.origin.any().replies(200)
    for path in ("/api/v1/a", "/api/v2/a", "/a"):
        site.get(path)
    assert [len(site.origin[name].requests) for name in ("old", "new", "origin")] == [1, 1, 1]


def test_settings_of_the_distribution(distribution: Make) -> None:
    """Default root object, and error pages as a path, or a path with the status that viewers see."""
    site = distribution(
        default_root_object="index.html", custom_error_responses={404: ("/app.html", 200), 403: "/403.html"}
    )
    site.origin.get("/index.html").replies(200, {}, "home")
    site.origin.get("/gone").replies(404)
    site.origin.get("/secret").replies(403)
    site.origin.get("/app.html").replies(200, {}, "app")
    site.origin.get("/403.html").replies(200, {}, "no")
    assert [(one.status, one.text) for one in map(site.get, ("/", "/gone", "/secret"))] == [
        (200, "home"),
        (200, "app"),
        (403, "no"),
    ]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cache_polcy": "x"}, "no setting 'cache_polcy'; did you mean cache_policy?"),
        (
            {"cache_policy": "CachingOptimised"},
            "no cache policy called CachingOptimised; did you mean CachingOptimized?",
        ),
        ({"behaviors": {"/a": {"orign": "x"}}}, "a behavior has no 'orign'; did you mean origin?"),
        ({"viewer_request": "gone.js"}, r"there is no gone\.js in"),
    ],
)
def test_a_slip_of_the_pen_is_named(distribution: Make, settings: dict[str, object], message: str) -> None:
    """With what was probably meant."""
    with pytest.raises(HarnessError, match=message.replace("?", r"\?")):
        distribution(**settings)


def test_the_deployed_template_is_a_distribution(distribution: Make, tmp_path: Path) -> None:
    """Functions included."""
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    site = distribution(template)
    site.origin["site"].get("/index.html").replies(200, {}, "app")
    name = site.distribution.domain_name
    assert site.get("/deep/link", headers={"host": name}).text == "app"


def test_what_is_wrong_with_a_template_is_said(distribution: Make, tmp_path: Path) -> None:
    """Each finding with its place."""
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {}")
    with pytest.raises(HarnessError, match=r"template\.yaml"):
        distribution(template)


def test_functions_have_the_stores_that_the_test_gives(distribution: Make, tmp_path: Path) -> None:
    """Without a file the pairs of the one store."""
    file = tmp_path / "store.js"
    file.write_text("""import cf from 'cloudfront';
    async function handler(event) { const to = await cf.kvs().get(event.request.uri);
      return {statusCode: 302, headers: {location: {value: to}}}; }""")
    site = distribution(viewer_request=file, kvs={"/a": "/b"})
    assert site.get("/a").headers["location"] == "/b"
    assert site.get("/c").status == 503


def test_a_behavior_names_its_origin(distribution: Callable[..., Site]) -> None:
    """By an id that the script knows."""
    site = distribution(origin="web", behaviors={"/api/*": {"origin": "api"}})
    site.origin["web"].any().replies(200, {}, "web")
    site.origin["api"].any().replies(200, {}, "api")
    assert (site.get("/").text, site.get("/api/a").text) == ("web", "api")


def test_an_origin_group_is_two_ids(distribution: Callable[..., Site]) -> None:
    """And the statuses that make CloudFront ask the second, where they are not the usual ones."""
    site = distribution(origin="both", origin_groups={"both": ("one", "two", {404})})
    site.origin["one"].get("/a").replies(404)
    site.origin["one"].get("/b").replies(503)
    site.origin["two"].any().replies(200, {}, "two")
    assert site.get("/a").text == "two"
    assert site.get("/b").status == 503
    with pytest.raises(HarnessError, match="'primary', 'secondary'"):
        distribution(origin="both", origin_groups={"both": ("one",)})


WITH_A_HANDLER = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Auth:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: auth/
      Handler: index.handler
      Runtime: nodejs22.x
      AutoPublishAlias: live
  Shop:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - { Id: web, DomainName: www.example.com, CustomOriginConfig: { OriginProtocolPolicy: https-only } }
        DefaultCacheBehavior:
          TargetOriginId: web
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
          LambdaFunctionAssociations:
            - { EventType: origin-request, LambdaFunctionARN: !Ref Auth.Version }
"""


def test_handlers_of_a_template_run(distribution: Callable[..., Site], tmp_path: Path) -> None:
    """In their real runtime, asking whom the test plays."""
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "index.mjs").write_text("""export const handler = async (event) => {
      const { request } = event.Records[0].cf;
      request.headers['x-flag'] = [{ key: 'X-Flag', value: await (await fetch('https://flags.example.com/')).text() }];
      return request;
    };""")
    (tmp_path / "template.yaml").write_text(WITH_A_HANDLER)
    site = distribution(tmp_path / "template.yaml")
    site.outbound.get("https://flags.example.com/").replies(200, {}, "on")
    site.origin.get("/a").computes(lambda request: (200, {}, request.headers["x-flag"]))
    response = site.get("/a")
    assert response.text == "on"
    assert [run.call.event_type for run in response.runs] == ["origin-request"]
    assert "+ headers.x-flag: on" in response.explain()
