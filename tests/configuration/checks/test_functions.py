"""What AWS refuses of CloudFront Functions, their code aside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Stack = Callable[..., Path]
Rules = Callable[[Path], dict[str, str]]

CODE = "function handler(event) { return event.request; }"
STORES = {name: {"Type": "AWS::CloudFront::KeyValueStore", "Properties": {"Name": name}} for name in ("One", "Two")}


def store(name: str) -> dict[str, Any]:
    return {"KeyValueStoreARN": {"Fn::GetAtt": [name, "Arn"]}}


@pytest.mark.parametrize(
    ("properties", "config", "rule", "place"),
    [
        ({"FunctionCode": CODE + " " * 10_240}, {}, "quotas.function_code", "FunctionConfig"),
        ({"FunctionCode": "  "}, {}, "functions.no_code", "FunctionConfig"),
        ({"Name": "my function"}, {}, "functions.name", "FunctionConfig"),
        ({"AutoPublish": False}, {}, "functions.not_published", "AutoPublish"),
        ({}, {"Runtime": "cloudfront-js-3.0"}, "schema.value", "FunctionConfig.Runtime"),
        (
            {},
            {"KeyValueStoreAssociations": [store("One"), store("Two")]},
            "quotas.function_stores",
            "FunctionConfig.KeyValueStoreAssociations",
        ),
        (
            {},
            {"KeyValueStoreAssociations": [store("One")], "Runtime": "cloudfront-js-1.0"},
            "functions.store_runtime",
            "FunctionConfig.Runtime",
        ),
        (
            {},
            {"KeyValueStoreAssociations": [{"KeyValueStoreARN": "arn:aws:cloudfront::1:key-value-store/x"}]},
            "functions.unknown_store",
            "FunctionConfig.KeyValueStoreAssociations[0].KeyValueStoreARN",
        ),
    ],
)
def test_what_aws_refuses_of_a_function(
    stack: Stack, rules: Rules, properties: dict[str, Any], config: dict[str, Any], rule: str, place: str
) -> None:
    whole = {
        "Name": "f",
        "AutoPublish": True,
        "FunctionCode": CODE,
        "FunctionConfig": {"Comment": "", "Runtime": "cloudfront-js-2.0", **config},
        **properties,
    }
    path = stack(resources={**STORES, "F": {"Type": "AWS::CloudFront::Function", "Properties": whole}})
    assert rules(path).get(rule) == f"Resources.F.Properties.{place}"


def with_function(stack: Stack, **properties: Any) -> Path:
    """A template whose default behavior uses a function."""
    config = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
    whole = {"Name": "f", "AutoPublish": True, "FunctionCode": CODE, "FunctionConfig": config, **properties}
    association = {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["F", "FunctionARN"]}}
    resources = {"F": {"Type": "AWS::CloudFront::Function", "Properties": whole}}
    return stack(resources=resources, behavior={"FunctionAssociations": [association]})


@pytest.mark.parametrize(("size", "refused"), [(10_240, False), (10_241, True)])
def test_trap_35_code_of_10_241_bytes_is_refused_and_comments_count(
    stack: Stack, rules: Rules, size: int, refused: bool
) -> None:
    """Bytes, not characters: a comment with an umlaut counts double."""
    comment = "// ü"
    code = f"{CODE}\n{comment}{' ' * (size - len(CODE) - 1 - len(comment.encode()))}"
    assert len(code.encode()) == size
    assert ("quotas.function_code" in rules(with_function(stack, FunctionCode=code))) is refused


def test_trap_38_a_function_that_was_never_published_is_told(stack: Stack, rules: Rules) -> None:
    """AWS refuses to associate one that has no LIVE version."""
    assert "functions.not_published" in rules(with_function(stack, AutoPublish=False))
