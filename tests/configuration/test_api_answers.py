"""What the AWS command line prints, and the answers beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration
from edge.model.distribution import CustomErrorResponse
from edge.model.function import EventType, JavaScriptRuntime, LambdaFunction
from edge.model.policies import Names, Selection

CERTIFICATE = {"ACMCertificateArn": "arn:aws:acm:us-east-1:1:certificate/1", "SSLSupportMethod": "sni-only"}
Api = Callable[..., Path]
Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]

ID = "11111111-2222-3333-4444-555555555555"
FUNCTION_ARN = "arn:aws:cloudfront::123456789012:function/rewrite"
STORE_ARN = "arn:aws:cloudfront::123456789012:key-value-store/aaaa-bbbb"
LAMBDA_ARN = "arn:aws:lambda:us-east-1:123456789012:function:resize:3"
ASSOCIATION = {"Quantity": 1, "Items": [{"FunctionARN": FUNCTION_ARN, "EventType": "viewer-request"}]}
CACHE_POLICY = {
    "Id": ID,
    "CachePolicyConfig": {
        "Name": "mine",
        "MinTTL": 0,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": True,
            "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": {"Quantity": 1, "Items": ["Accept"]}},
            "CookiesConfig": {"CookieBehavior": "none"},
            "QueryStringsConfig": {"QueryStringBehavior": "none"},
        },
    },
}
SUMMARY = {
    "Name": "rewrite",
    "FunctionConfig": {
        "Comment": "",
        "Runtime": "cloudfront-js-2.0",
        "KeyValueStoreAssociations": {"Quantity": 1, "Items": [{"KeyValueStoreARN": STORE_ARN}]},
    },
    "FunctionMetadata": {"FunctionARN": FUNCTION_ARN, "Stage": "LIVE"},
}


def test_what_the_api_leaves_out_is_its_own_default(api: Api, inspect: Inspect) -> None:
    errors = {"Quantity": 1, "Items": [{"ErrorCode": 404, "ResponsePagePath": "", "ResponseCode": ""}]}
    made = inspect(api(config={"CustomErrorResponses": errors}))
    assert made.findings == ()
    (site,) = made.distributions
    assert (site.http_version, site.custom_error_responses) == ("http2", {404: CustomErrorResponse(404)})
    assert site.origins["app"].local_url == "http://localhost:3000"


def test_get_distribution_says_id_and_domain_name(api: Api, inspect: Inspect) -> None:
    path = api()
    answer = json.loads(path.read_text())
    whole = {"Id": "E1", "DomainName": "d1.cloudfront.net", "DistributionConfig": answer["DistributionConfig"]}
    path.write_text(json.dumps({"ETag": "x", "Distribution": whole}))
    (site,) = inspect(path).distributions
    assert (site.id, site.domain_name, site.name) == ("E1", "d1.cloudfront.net", "site")


def test_the_bare_configuration_is_read_too(api: Api, inspect: Inspect) -> None:
    path = api()
    path.write_text(json.dumps(json.loads(path.read_text())["DistributionConfig"]))
    assert [one.name for one in inspect(path).distributions] == ["site"]


@pytest.mark.parametrize(
    "answer",
    [{"ETag": "x", "CachePolicy": CACHE_POLICY}, {"CachePolicyList": {"Items": [{"CachePolicy": CACHE_POLICY}]}}],
)
def test_a_policy_is_found_in_any_answer_beside_the_file(api: Api, inspect: Inspect, write: Write, answer: Any) -> None:
    path = api(behavior={"CachePolicyId": ID})
    beside = write("whatever.json", answer)
    made = inspect(path)
    policy = made.distributions[0].behaviors[0].cache_policy
    assert policy is not None
    assert (policy.name, policy.headers) == ("mine", Names(Selection.WHITELIST, ("accept",)))
    assert beside in made.watched


@pytest.mark.parametrize("text", ["{", '{"name": "a-package"}', "[1]", '{"CachePolicy": 1}'])
def test_other_files_beside_it_do_not_matter(api: Api, inspect: Inspect, write: Write, text: str) -> None:
    path = api()
    other = write("package.json", text)
    made = inspect(path)
    assert made.findings == ()
    assert other not in made.watched


@pytest.mark.parametrize(
    ("behavior", "level", "command"),
    [
        ({"CachePolicyId": ID}, "error", f"aws cloudfront get-cache-policy --id {ID} > {ID}.json"),
        ({"OriginRequestPolicyId": ID}, "error", f"aws cloudfront get-origin-request-policy --id {ID} > {ID}.json"),
        ({"TrustedKeyGroups": {"Items": [ID]}}, "error", f"aws cloudfront get-key-group --id {ID} > {ID}.json"),
        ({"FunctionAssociations": ASSOCIATION}, "error", "aws cloudfront get-function --name rewrite --stage LIVE"),
        (
            {
                "LambdaFunctionAssociations": {
                    "Items": [{"LambdaFunctionARN": LAMBDA_ARN, "EventType": "origin-request"}]
                }
            },
            "warning",
            f"aws lambda get-function --function-name {LAMBDA_ARN} > resize.json, and unpack its code into resize/",
        ),
    ],
)
def test_what_is_missing_is_asked_for_with_the_command_that_brings_it(
    api: Api, inspect: Inspect, behavior: Any, level: str, command: str
) -> None:
    path = api(behavior=behavior)
    (finding,) = inspect(path).findings
    assert finding.level == level
    assert f"in {path.parent}, run: {command}" in finding.message


def test_the_code_of_a_function_is_in_a_file_of_its_name(api: Api, inspect: Inspect, write: Write) -> None:
    path = api(behavior={"FunctionAssociations": ASSOCIATION})
    code = write("rewrite.js", "function handler(event) { return event.request; }")
    write("rewrite.json", {"FunctionSummary": SUMMARY})
    write("store.json", {"KeyValueStore": {"Name": "routes", "Id": "aaaa-bbbb", "ARN": STORE_ARN}})
    write("edge.toml", '[origins]\napp = "http://localhost:3000"\n[kvs.routes.values]\na = "b"\n')
    made = inspect(path)
    assert made.findings == ()
    function = made.distributions[0].behaviors[0].functions[EventType.VIEWER_REQUEST]
    assert (function.name, made.functions[0].source_name) == ("rewrite", str(code))
    assert (made.functions[0].runtime, made.functions[0].key_value_store) == (JavaScriptRuntime.JS_2_0, "routes")
    assert made.stores == {"routes": {"a": "b"}}


def test_a_function_without_its_description_runs_in_runtime_2(api: Api, inspect: Inspect, write: Write) -> None:
    path = api(behavior={"FunctionAssociations": ASSOCIATION})
    write("rewrite.js", "function handler(event) { return event.request; }")
    made = inspect(path)
    assert [(finding.level, finding.rule) for finding in made.findings] == [("warning", "functions.no_config")]
    assert made.functions[0].runtime is JavaScriptRuntime.JS_2_0


def test_the_code_of_a_lambda_function_is_in_a_folder_of_its_name(api: Api, inspect: Inspect, write: Write) -> None:
    items = [{"LambdaFunctionARN": LAMBDA_ARN, "EventType": "origin-response", "IncludeBody": False}]
    path = api(behavior={"LambdaFunctionAssociations": {"Quantity": 1, "Items": items}})
    code = write("resize/index.mjs", "export const handler = async () => {};")
    described = {
        "FunctionName": "resize",
        "FunctionArn": LAMBDA_ARN,
        "Version": "3",
        "Runtime": "nodejs22.x",
        "Handler": "index.handler",
        "MemorySize": 512,
        "Timeout": 20,
    }
    write("resize.json", {"Configuration": described, "Code": {"Location": "https://example.com/"}})
    made = inspect(path)
    assert made.findings == ()
    assert made.distributions[0].behaviors[0].functions == {
        EventType.ORIGIN_RESPONSE: LambdaFunction(
            "resize", "3", str(code.parent), "index.handler", "nodejs22.x", 512, 20
        )
    }


def test_a_count_that_is_not_that_of_the_items_is_an_error(api: Api, inspect: Inspect) -> None:
    config = {"Aliases": {"Quantity": 2, "Items": ["www.example.com"]}, "ViewerCertificate": CERTIFICATE}
    finding, _ = inspect(api(config=config)).findings
    assert (finding.rule, finding.message) == ("schema.quantity", "Quantity says 2, and there are 1 Items")
