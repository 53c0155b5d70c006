"""What the resources of a template declare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration
from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime, LambdaFunction

Stack = Callable[..., Path]
Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]

CODE = "function handler(event) {\n  return event.request;\n}\n"
VIEWER_REQUEST = {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["Rewrite", "FunctionARN"]}}


def function(**properties: Any) -> dict[str, Any]:
    config = {"Comment": "", "Runtime": "cloudfront-js-1.0"}
    given = {"Name": "rewrite", "AutoPublish": True, "FunctionCode": CODE, "FunctionConfig": config, **properties}
    return {"Rewrite": {"Type": "AWS::CloudFront::Function", "Properties": given}}


def test_inline_code_is_called_by_its_logical_id(stack: Stack, inspect: Inspect) -> None:
    made = inspect(stack(resources=function(), behavior={"FunctionAssociations": [VIEWER_REQUEST]}))
    expected = CloudFrontFunction("rewrite", CODE, JavaScriptRuntime.JS_1_0, "Rewrite")
    assert made.distributions[0].behaviors[-1].functions == {EventType.VIEWER_REQUEST: expected}
    assert made.functions == (expected,)
    assert made.inline_code["Rewrite"].path == "Resources.Rewrite.Properties.FunctionCode"


@pytest.mark.parametrize("text", ["functions/rewrite.js", "./functions/rewrite.js", "file://functions/rewrite.js"])
def test_code_may_be_the_path_of_a_file_beside_the_template(
    stack: Stack, inspect: Inspect, write: Write, text: str
) -> None:
    code = write("functions/rewrite.js", CODE)
    made = inspect(stack(resources=function(FunctionCode=text)))
    assert [(one.code, Path(one.source_name)) for one in made.functions] == [(CODE, code)]
    assert code in made.watched


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("functions/none.js", "functions/none.js cannot be read"),
        (None, "is required: the code, or the path of a .js file"),
        ({"Ref": "Nobody"}, "the template has no parameter or resource Nobody"),
    ],
)
def test_code_that_is_not_there_is_an_error(stack: Stack, inspect: Inspect, code: Any, words: str) -> None:
    (finding,) = inspect(stack(resources=function(FunctionCode=code))).findings
    assert (finding.level, finding.rule) == ("error", "functions.no_code")
    assert finding.where.endswith(" Resources.Rewrite.Properties.FunctionCode")
    assert words in finding.message


def test_a_key_value_store_is_filled_from_edge_toml(stack: Stack, inspect: Inspect, write: Write) -> None:
    store = {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": "routes"}}
    association = [{"KeyValueStoreARN": {"Fn::GetAtt": ["Routes", "Arn"]}}]
    config = {"Comment": "", "Runtime": "cloudfront-js-2.0", "KeyValueStoreAssociations": association}
    path = stack(resources={"Routes": store, **function(FunctionConfig=config)})
    write("edge.toml", '[origins]\napp = "http://localhost:3000"\n[kvs.routes]\nvalues = { "/a" = "/b" }\n')
    made = inspect(path)
    assert made.findings == ()
    assert made.functions[0].key_value_store == "routes"
    assert made.stores == {"routes": {"/a": "/b"}}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("AWS::CloudFront::ConnectionGroup", "only its id counts"),
        ("AWS::CloudFront::CachePolice", "did you mean AWS::CloudFront::CachePolicy?"),
        ("AWS::CloudFormation::Stack", "its template is in AWS only"),
    ],
)
def test_types_that_are_not_modelled_are_listed(stack: Stack, inspect: Inspect, kind: str, words: str) -> None:
    (finding,) = inspect(stack(resources={"One": {"Type": kind, "Properties": {}}})).findings
    assert (finding.level, finding.rule) == ("warning", "not_modelled")
    assert " Resources.One" in finding.where
    assert words in finding.message


def test_resources_that_have_nothing_to_do_with_cloudfront_are_let_be(stack: Stack, inspect: Inspect) -> None:
    assert inspect(stack(resources={"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"X": 1}}})).findings == ()


def test_an_unknown_property_of_a_resource_is_listed(stack: Stack, inspect: Inspect) -> None:
    (finding,) = inspect(stack(resources=function(Autopublish=True))).findings
    assert (finding.rule, finding.message) == (
        "schema.unknown_property",
        "Autopublish is not a property of AWS::CloudFront::Function; did you mean AutoPublish?",
    )


def test_macros_are_listed_but_for_sam(stack: Stack, inspect: Inspect) -> None:
    made = inspect(stack(Transform=["AWS::Serverless-2016-10-31", "AWS::LanguageExtensions", "AWS::SecretsManager"]))
    assert [finding.message for finding in made.findings] == [
        "not modelled: the macro AWS::SecretsManager does not run here; what it would make is not there"
    ]


def test_a_sam_function_takes_what_globals_say(stack: Stack, inspect: Inspect, write: Write) -> None:
    write("edge/index.js", "exports.handler = async () => {};")
    edge = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"CodeUri": "edge/", "Handler": "index.handler", "MemorySize": 256, "AutoPublishAlias": "live"},
    }
    association = {"EventType": "origin-request", "LambdaFunctionARN": {"Ref": "Edge.Version"}, "IncludeBody": True}
    path = stack(
        Transform="AWS::Serverless-2016-10-31",
        Globals={"Function": {"Runtime": "nodejs22.x", "Timeout": 10, "MemorySize": 128}},
        resources={"Edge": edge},
        behavior={"LambdaFunctionAssociations": [association]},
    )
    made = inspect(path)
    assert made.findings == ()
    assert made.distributions[0].behaviors[-1].functions == {
        EventType.ORIGIN_REQUEST: LambdaFunction(
            "edge", "1", str(path.parent / "edge"), "index.handler", "nodejs22.x", 256, 10, include_body=True
        )
    }


def test_the_line_of_a_finding_is_that_of_the_property(write: Write, inspect: Inspect) -> None:
    path = write(
        "site.yaml",
        """
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: app
            DomainName: app.example.com
            CustomOriginConfig: {OriginProtocolPolicy: http-only}
        DefaultCacheBehavior:
          TargetOriginId: app
          ViewerProtocolPolicy: sometimes
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
""",
    )
    (finding,) = inspect(path).findings
    where = "Resources.Site.Properties.DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy"
    assert finding.where == f"{path}:14 {where}"
    assert finding.message == "'sometimes' is not one of 'allow-all', 'https-only' or 'redirect-to-https'"
