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
