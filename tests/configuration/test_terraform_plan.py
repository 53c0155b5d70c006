"""`terraform show -json` of a plan: what AWS has yet to give comes from the configuration's references."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration, document, terraform_plan
from edge.configuration.local_urls import UNMAPPED
from edge.configuration.positions import Unresolved
from edge.model.function import EventType

Write = Callable[[str, Any], Path]
Inspect = Callable[..., Configuration]

CODE = "function handler(event) { return event.request; }"
BEHAVIOR = {"target_origin_id": "bucket", "viewer_protocol_policy": "allow-all"}
API = {
    "path_pattern": "/api/*",
    "target_origin_id": "app",
    "viewer_protocol_policy": "https-only",
    "cache_policy_id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
}
POLICY = {
    "name": "short",
    "min_ttl": 0,
    "parameters_in_cache_key_and_forwarded_to_origin": [
        {
            "enable_accept_encoding_gzip": True,
            "headers_config": [{"header_behavior": "none"}],
            "cookies_config": [{"cookie_behavior": "none"}],
            "query_strings_config": [{"query_string_behavior": "none"}],
        }
    ],
}
FUNCTION = {"name": "rewrite", "runtime": "cloudfront-js-2.0", "code": CODE, "publish": True}
CUSTOM = [{"origin_protocol_policy": "https-only"}]


def planned(kind: str, name: str, prefix: str = "", /, **values: Any) -> dict[str, Any]:
    return {"address": f"{prefix}{kind}.{name}", "type": kind, "name": name, "values": values}


def configured(kind: str, name: str, /, **expressions: Any) -> dict[str, Any]:
    return {"address": f"{kind}.{name}", "type": kind, "name": name, "expressions": expressions}


def to(*references: str) -> dict[str, Any]:
    return {"references": list(references)}


def constant(value: Any) -> dict[str, Any]:
    return {"constant_value": value}


def site(prefix: str = "", **changes: Any) -> dict[str, Any]:
    origins = [
        {"origin_id": "bucket"},
        {"origin_id": "app", "domain_name": "app.example.com", "custom_origin_config": CUSTOM},
    ]
    values = {"enabled": True, "origin": origins, "ordered_cache_behavior": [API], **changes}
    return planned("aws_cloudfront_distribution", "site", prefix, **values)


SITE = configured(
    "aws_cloudfront_distribution",
    "site",
    enabled=constant(True),
    origin=[
        {"origin_id": constant("app"), "domain_name": constant("app.example.com")},
        {"origin_id": constant("bucket"), "domain_name": to("aws_s3_bucket.files.bucket_regional_domain_name")},
    ],
    default_cache_behavior=[
        {
            "target_origin_id": constant("bucket"),
            "cache_policy_id": to("aws_cloudfront_cache_policy.short.id", "aws_cloudfront_cache_policy.short"),
            "function_association": [
                {
                    "event_type": constant("viewer-request"),
                    "function_arn": to("aws_cloudfront_function.rewrite.arn", "aws_cloudfront_function.rewrite"),
                }
            ],
        }
    ],
)


@pytest.fixture
def plan(write: Write, inspect: Inspect) -> Callable[..., Configuration]:
    """Read a plan."""

    def plan(values: dict[str, Any], configuration: dict[str, Any], **more: Any) -> Configuration:
        write("edge.toml", '[origins]\napp = "http://localhost:3000"\n')
        whole = {
            "format_version": "1.2",
            "planned_values": {"root_module": values},
            "configuration": {"root_module": configuration},
            **more,
        }
        return inspect(write("plan.json", whole))

    return plan


def whole(prefix: str = "") -> list[dict[str, Any]]:
    association = [{"event_type": "viewer-request"}]
    return [
        planned("aws_cloudfront_cache_policy", "short", prefix, **POLICY),
        planned("aws_cloudfront_function", "rewrite", prefix, **FUNCTION),
        planned("aws_s3_bucket", "files", prefix, bucket="files"),
        site(prefix, default_cache_behavior=[{**BEHAVIOR, "function_association": association}]),
    ]


CONFIGURED = [configured("aws_cloudfront_cache_policy", "short"), configured("aws_s3_bucket", "files"), SITE]


def test_ids_and_arns_that_aws_has_yet_to_give_are_followed(plan: Callable[..., Configuration]) -> None:
    """Origins are a set, in another order in the values than in the configuration."""
    made = plan({"resources": whole()}, {"resources": CONFIGURED})
    assert [finding.rule for finding in made.findings] == ["origins.unmapped"]
    (site,) = made.distributions
    default = site.behaviors[-1]
    assert default.cache_policy is not None
    assert default.cache_policy.name == "short"
    assert default.functions[EventType.VIEWER_REQUEST].name == "rewrite"
    assert site.origins["app"].domain_name == "app.example.com"
    assert site.origins["bucket"].domain_name == "aws-s3-bucket-files.invalid"


def test_an_origin_that_is_a_resource_is_mapped_by_its_address(
    plan: Callable[..., Configuration], write: Write, inspect: Inspect
) -> None:
    made = plan({"resources": whole()}, {"resources": CONFIGURED})
    assert '"aws_s3_bucket.files" = "http://localhost:PORT"' in made.findings[0].message
    assert made.distributions[0].origins["bucket"].local_url == UNMAPPED
    path = made.watched[0]
    write("edge.toml", '[origins]\napp = "http://localhost:1"\n"aws_s3_bucket.files" = "http://localhost:2"\n')
    again = inspect(path)
    assert again.findings == ()
    assert again.distributions[0].origins["bucket"].local_url == "http://localhost:2"


def test_modules_have_their_own_names(plan: Callable[..., Configuration]) -> None:
    values = {"child_modules": [{"address": "module.cdn[0]", "resources": whole("module.cdn[0].")}]}
    made = plan(values, {"module_calls": {"cdn": {"module": {"resources": CONFIGURED}}}})
    assert [one.name for one in made.distributions] == ["module.cdn[0].aws_cloudfront_distribution.site"]
    policy = made.distributions[0].behaviors[-1].cache_policy
    assert policy is not None
    assert policy.id == "module.cdn[0].aws_cloudfront_cache_policy.short"


def test_data_sources_that_were_read_stand_in_the_prior_state(plan: Callable[..., Configuration]) -> None:
    data = planned("aws_cloudfront_cache_policy", "shared", "data.", id="CP1", **POLICY)
    made = plan(
        {
            "resources": [
                planned("aws_s3_bucket", "files"),
                site(default_cache_behavior=[{**BEHAVIOR, "cache_policy_id": "CP1"}]),
            ]
        },
        {"resources": [SITE]},
        prior_state={"values": {"root_module": {"resources": [data]}}},
    )
    policy = made.distributions[0].behaviors[-1].cache_policy
    assert policy is not None
    assert (policy.id, policy.name) == ("CP1", "short")


def test_a_value_that_is_known_after_apply_only_says_so(plan: Callable[..., Configuration]) -> None:
    site_of_local = json.loads(json.dumps(SITE))
    site_of_local["expressions"]["default_cache_behavior"][0]["cache_policy_id"] = to("local.policy")
    made = plan({"resources": whole()}, {"resources": [site_of_local]})
    messages = [finding.message for finding in made.findings if finding.level == "error"]
    assert (
        "cache_policy_id comes from local.policy, and is known after terraform apply only; give the state" in messages
    )


@pytest.mark.parametrize(
    ("kind", "attribute", "expected"),
    [
        ("aws_cloudfront_function", "arn", "arn:aws:cloudfront::123456789012:function/n"),
        ("aws_cloudfront_key_value_store", "arn", "arn:aws:cloudfront::123456789012:key-value-store/n"),
        ("aws_lambda_function", "arn", "arn:aws:lambda:us-east-1:123456789012:function:n"),
        ("aws_lambda_function", "qualified_arn", "arn:aws:lambda:us-east-1:123456789012:function:n:1"),
        ("aws_cloudfront_cache_policy", "id", "aws_cloudfront_cache_policy.n"),
        ("aws_lb", "dns_name", "aws-lb-n.invalid"),
    ],
)
def test_stand_ins_have_the_shape_that_aws_gives(write: Write, kind: str, attribute: str, expected: str) -> None:
    path = write("state.json", {"values": {"root_module": {"resources": [planned(kind, "n")]}}})
    (resource,) = terraform_plan.resources(document.read(path))
    value = terraform_plan.stand_in(resource, attribute)
    assert value == expected
    assert not isinstance(value, Unresolved)
