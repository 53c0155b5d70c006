"""`terraform show -json` of a state: every value is known, in Terraform's spelling."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration
from edge.model.distribution import Behavior, CustomErrorResponse, GeoRestriction, PublicKey, ViewerProtocolPolicy
from edge.model.function import CloudFrontFunction, EventType, JavaScriptRuntime, LambdaFunction
from edge.model.origin import Origin, OriginAccessControl, OriginGroup, OriginKind
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

Write = Callable[[str, Any], Path]
Inspect = Callable[..., Configuration]

CODE = "function handler(event) { return event.request; }"
PEM = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
FUNCTION_ARN = "arn:aws:cloudfront::123456789012:function/rewrite"
STORE_ARN = "arn:aws:cloudfront::123456789012:key-value-store/aaaa"
LAMBDA_ARN = "arn:aws:lambda:us-east-1:123456789012:function:resize"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
NO_TTLS = {"min_ttl": 0, "default_ttl": 0, "max_ttl": 0}
BEHAVIOR = {
    **NO_TTLS,
    "target_origin_id": "app",
    "viewer_protocol_policy": "allow-all",
    "allowed_methods": ["GET", "HEAD"],
    "cached_methods": ["GET", "HEAD"],
    "cache_policy_id": CACHING_OPTIMIZED,
    "compress": False,
    "field_level_encryption_id": "",
    "forwarded_values": [],
    "function_association": [],
    "lambda_function_association": [],
    "smooth_streaming": None,
    "trusted_key_groups": [],
    "trusted_signers": [],
    "grpc_config": [{"enabled": False}],
}
ORIGIN = {
    "origin_id": "app",
    "domain_name": "app.example.com",
    "origin_path": "",
    "connection_attempts": 3,
    "connection_timeout": 10,
    "custom_header": [],
    "custom_origin_config": [
        {
            "http_port": 80,
            "https_port": 443,
            "origin_protocol_policy": "https-only",
            "origin_ssl_protocols": ["TLSv1.2"],
            "origin_read_timeout": 30,
            "origin_keepalive_timeout": 5,
        }
    ],
    "origin_access_control_id": "",
    "origin_shield": [],
    "s3_origin_config": [],
    "vpc_origin_config": [],
}
DISTRIBUTION = {
    "id": "E1",
    "arn": "arn:aws:cloudfront::123456789012:distribution/E1",
    "domain_name": "d1.cloudfront.net",
    "etag": "x",
    "hosted_zone_id": "Z2FDTNDATAQYW2",
    "status": "Deployed",
    "tags": {},
    "tags_all": {},
    "wait_for_deployment": True,
    "retain_on_delete": False,
    "aliases": [],
    "comment": None,
    "enabled": True,
    "http_version": "http2",
    "is_ipv6_enabled": False,
    "price_class": "PriceClass_All",
    "web_acl_id": "",
    "default_root_object": "",
    "custom_error_response": [],
    "default_cache_behavior": [BEHAVIOR],
    "ordered_cache_behavior": [],
    "logging_config": [],
    "origin": [ORIGIN],
    "origin_group": [],
    "restrictions": [{"geo_restriction": [{"restriction_type": "none", "locations": []}]}],
    "viewer_certificate": [{"cloudfront_default_certificate": True, "minimum_protocol_version": "TLSv1"}],
}


def resource(kind: str, name: str, /, **values: Any) -> dict[str, Any]:
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "values": values}


@pytest.fixture
def state(write: Write, inspect: Inspect) -> Callable[..., Configuration]:
    """Read a state with one distribution; `behavior` and `config` change it."""

    def state(
        *others: dict[str, Any], behavior: dict[str, Any] | None = None, config: dict[str, Any] | None = None
    ) -> Configuration:
        whole = {**DISTRIBUTION, "default_cache_behavior": [{**BEHAVIOR, **(behavior or {})}], **(config or {})}
        module = {"resources": [*others, resource("aws_cloudfront_distribution", "site", **whole)]}
        write("edge.toml", '[origins]\napp = "http://localhost:3000"\n')
        path = write("state.json", {"format_version": "1.0", "values": {"root_module": module}})
        return inspect(path)

    return state


def test_a_distribution_and_its_defaults(state: Callable[..., Configuration]) -> None:
    made = state()
    assert [one for one in made.findings if one.level != "note"] == []
    (site,) = made.distributions
    assert (site.id, site.domain_name, site.name) == ("E1", "d1.cloudfront.net", "aws_cloudfront_distribution.site")
    assert site.origins == {
        "app": Origin("app", "app.example.com", protocol_policy="https-only", local_url="http://localhost:3000")
    }
    assert [one.cache_policy and one.cache_policy.name for one in site.behaviors] == ["CachingOptimized"]


def test_every_block_of_a_distribution(state: Callable[..., Configuration]) -> None:
    legacy = {
        "query_string": True,
        "query_string_cache_keys": ["v"],
        "headers": ["Origin"],
        "cookies": [{"forward": "whitelist", "whitelisted_names": ["s"]}],
    }
    ttls = {"min_ttl": 0, "default_ttl": 60, "max_ttl": 600}
    ordered = {**BEHAVIOR, **ttls, "path_pattern": "/api/*", "cache_policy_id": "", "forwarded_values": [legacy]}
    group = {
        "origin_id": "both",
        "failover_criteria": [{"status_codes": [500, 503]}],
        "member": [{"origin_id": "app"}, {"origin_id": "bucket"}],
    }
    bucket = {"origin_id": "bucket", "domain_name": "b.s3.eu-west-1.amazonaws.com", "origin_access_control_id": "OAC1"}
    shield = [{"enabled": True, "origin_shield_region": "eu-west-1"}]
    app = {**ORIGIN, "custom_header": [{"name": "X-A", "value": "b"}], "origin_shield": shield}
    error = {"error_code": 404, "response_code": 200, "response_page_path": "/i.html", "error_caching_min_ttl": 5}
    only = {"error_code": 500, "response_code": 0, "response_page_path": "", "error_caching_min_ttl": None}
    control = resource(
        "aws_cloudfront_origin_access_control",
        "c",
        id="OAC1",
        name="c",
        origin_access_control_origin_type="s3",
        signing_behavior="always",
        signing_protocol="sigv4",
    )
    made = state(
        control,
        config={
            "aliases": ["www.example.com"],
            "viewer_certificate": [
                {"acm_certificate_arn": "arn:aws:acm:us-east-1:1:certificate/1", "ssl_support_method": "vip"}
            ],
            "ordered_cache_behavior": [ordered],
            "origin": [app, bucket],
            "origin_group": [group],
            "custom_error_response": [error, only],
            "restrictions": [{"geo_restriction": [{"restriction_type": "whitelist", "locations": ["DE"]}]}],
        },
    )
    assert [finding.rule for finding in made.findings if finding.level != "note"] == ["origins.unmapped"]
    (site,) = made.distributions
    assert site.aliases == ("www.example.com",)
    assert site.geo_restriction == GeoRestriction("whitelist", frozenset({"DE"}))
    assert site.custom_error_responses == {
        404: CustomErrorResponse(404, "/i.html", 200, 5),
        500: CustomErrorResponse(500),
    }
    assert site.origin_groups == {"both": OriginGroup("both", ("app", "bucket"), frozenset({500, 503}))}
    assert (site.origins["app"].custom_headers, site.origins["app"].shield_region) == ((("X-A", "b"),), "eu-west-1")
    assert (site.origins["bucket"].kind, site.origins["bucket"].access_control) == (
        OriginKind.S3,
        OriginAccessControl("OAC1", "s3", "always"),
    )
    cookies = Names(Selection.WHITELIST, ("s",))
    assert site.behaviors[0] == Behavior(
        "app",
        PathPattern("/api/*"),
        ViewerProtocolPolicy.ALLOW_ALL,
        forwarded_values=ForwardedValues(True, ("v",), ("origin",), cookies, 0, 60, 600),
        functions={},
        trusted_keys={},
    )


def test_policies(state: Callable[..., Configuration]) -> None:
    none = {"cookies_config": [{"cookie_behavior": "none", "cookies": []}]}
    key = {
        **none,
        "enable_accept_encoding_gzip": True,
        "enable_accept_encoding_brotli": False,
        "headers_config": [{"header_behavior": "whitelist", "headers": [{"items": ["Accept"]}]}],
        "query_strings_config": [{"query_string_behavior": "allExcept", "query_strings": [{"items": ["utm"]}]}],
    }
    cache = resource(
        "aws_cloudfront_cache_policy",
        "c",
        id="CP1",
        etag="x",
        name="c",
        comment="",
        min_ttl=1,
        default_ttl=60,
        max_ttl=600,
        parameters_in_cache_key_and_forwarded_to_origin=[key],
    )
    request = resource(
        "aws_cloudfront_origin_request_policy",
        "r",
        id="RP1",
        name="r",
        **none,
        headers_config=[{"header_behavior": "allViewer", "headers": []}],
        query_strings_config=[{"query_string_behavior": "all", "query_strings": []}],
    )
    cors = {
        "access_control_allow_credentials": False,
        "access_control_allow_headers": [{"items": ["*"]}],
        "access_control_allow_methods": [{"items": ["GET"]}],
        "access_control_allow_origins": [{"items": ["https://a.example"]}],
        "access_control_expose_headers": [],
        "access_control_max_age_sec": 60,
        "origin_override": True,
    }
    security = {
        "content_type_options": [{"override": True}],
        "xss_protection": [{"mode_block": True, "override": False, "protection": True, "report_uri": ""}],
    }
    response = resource(
        "aws_cloudfront_response_headers_policy",
        "h",
        id="HP1",
        name="h",
        cors_config=[cors],
        security_headers_config=[security],
        custom_headers_config=[{"items": [{"header": "X-A", "value": "1", "override": True}]}],
        remove_headers_config=[{"items": [{"header": "Server"}]}],
        server_timing_headers_config=[{"enabled": True, "sampling_rate": 10}],
    )
    behavior = {"cache_policy_id": "CP1", "origin_request_policy_id": "RP1", "response_headers_policy_id": "HP1"}
    made = state(cache, request, response, behavior=behavior)
    assert [one for one in made.findings if one.level != "note"] == []
    (default,) = made.distributions[0].behaviors
    headers, query = Names(Selection.WHITELIST, ("accept",)), Names(Selection.ALL_EXCEPT, ("utm",))
    assert default.cache_policy == CachePolicy("CP1", "c", 1, 60, 600, headers, query_strings=query, gzip=True)
    assert default.origin_request_policy == OriginRequestPolicy(
        "RP1", "r", Names(Selection.ALL_VIEWER), query_strings=Names(Selection.ALL)
    )
    assert default.response_headers_policy == ResponseHeadersPolicy(
        "HP1",
        "h",
        Cors(("https://a.example",), ("GET",), ("*",), max_age_s=60, origin_override=True),
        (
            PolicyHeader("X-XSS-Protection", "1; mode=block", False),
            PolicyHeader("X-Content-Type-Options", "nosniff", True),
        ),
        (PolicyHeader("X-A", "1", True),),
        ("server",),
        10.0,
    )


def test_functions_stores_and_keys(state: Callable[..., Configuration], write: Write) -> None:
    zipped = write("build/index.js", "exports.handler = async () => {};").parent
    others = [
        resource("aws_cloudfront_key_value_store", "s", id="aaaa", arn=STORE_ARN, name="routes"),
        resource(
            "aws_cloudfront_function",
            "f",
            id="rewrite",
            arn=FUNCTION_ARN,
            name="rewrite",
            runtime="cloudfront-js-2.0",
            code=CODE,
            publish=True,
            key_value_store_associations=[STORE_ARN],
        ),
        resource(
            "aws_lambda_function",
            "resize",
            function_name="resize",
            filename="resize.zip",
            handler="index.handler",
            runtime="nodejs22.x",
            memory_size=256,
            timeout=10,
            version="4",
            arn=LAMBDA_ARN,
            qualified_arn=f"{LAMBDA_ARN}:4",
            environment=[],
            tracing_config=[{"mode": "PassThrough"}],
        ),
        resource("archive_file", "zip", output_path="resize.zip", source_dir="build"),
        resource("aws_cloudfront_public_key", "k", id="K1", name="k", encoded_key=PEM, caller_reference="x"),
        resource("aws_cloudfront_key_group", "g", id="G1", name="g", items=["K1"]),
    ]
    behavior = {
        "function_association": [{"event_type": "viewer-request", "function_arn": FUNCTION_ARN}],
        "lambda_function_association": [
            {"event_type": "origin-response", "lambda_arn": f"{LAMBDA_ARN}:4", "include_body": False}
        ],
        "trusted_key_groups": ["G1"],
    }
    made = state(*others, behavior=behavior)
    assert [finding.rule for finding in made.findings] == ["kvs.empty"]
    (default,) = made.distributions[0].behaviors
    address = "aws_cloudfront_function.f"
    assert default.functions == {
        EventType.VIEWER_REQUEST: CloudFrontFunction("rewrite", CODE, JavaScriptRuntime.JS_2_0, address, "routes"),
        EventType.ORIGIN_RESPONSE: LambdaFunction("resize", "4", str(zipped), "index.handler", "nodejs22.x", 256, 10),
    }
    assert default.trusted_keys == {"K1": PublicKey("K1", "k", PEM)}


@pytest.mark.parametrize(
    ("config", "rule", "where"),
    [
        ({"web_acl_id": "arn"}, "not_modelled", "WebACLId"),
        ({"http_version": "http9"}, "schema.value", "HttpVersion"),
        ({"bananas": 5}, "schema.unknown_property", "bananas"),
        ({"default_root_object": "/x"}, "distribution.default_root_object", "DefaultRootObject"),
    ],
)
def test_findings_name_the_resource_and_the_property(
    state: Callable[..., Configuration], config: dict[str, Any], rule: str, where: str
) -> None:
    (finding,) = state(config=config).findings
    assert finding.rule == rule
    assert finding.where.endswith(f" aws_cloudfront_distribution.site.{where}")


def test_what_lambda_edge_refuses_is_found(state: Callable[..., Configuration], write: Write) -> None:
    write("x.zip/index.js", "")
    function = resource(
        "aws_lambda_function",
        "f",
        function_name="f",
        filename="x.zip",
        handler="index.handler",
        runtime="nodejs22.x",
        qualified_arn=f"{LAMBDA_ARN}:4",
        environment=[{"variables": {"A": "b"}}],
    )
    association = {"event_type": "origin-request", "lambda_arn": f"{LAMBDA_ARN}:4", "include_body": False}
    (finding,) = state(function, behavior={"lambda_function_association": [association]}).findings
    assert (finding.rule, finding.where.partition(" ")[2]) == (
        "lambda_edge.refused",
        "aws_lambda_function.f.Environment.Variables",
    )


def test_cloudfront_resources_that_are_not_modelled_are_listed(state: Callable[..., Configuration]) -> None:
    made = state(resource("aws_cloudfront_realtime_log_config", "l", id="x"), resource("aws_s3_bucket", "b", id="b"))
    assert [finding.message for finding in made.findings] == ["not modelled: aws_cloudfront_realtime_log_config"]
