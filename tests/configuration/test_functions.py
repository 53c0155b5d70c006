"""CloudFront Functions of a source, used or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.configuration import Configuration
from edge.model.function import CloudFrontFunction, JavaScriptRuntime

CODE = "function handler(event) { return event.request; }"


def test_a_function_that_no_behavior_uses_is_read_too(
    stack: Callable[..., Path], inspect: Callable[..., Configuration]
) -> None:
    config = {"Comment": "", "Runtime": "cloudfront-js-1.0"}
    properties = {"Name": "f", "AutoPublish": True, "FunctionCode": CODE, "FunctionConfig": config}
    made = inspect(stack(resources={"F": {"Type": "AWS::CloudFront::Function", "Properties": properties}}))
    assert made.functions == (CloudFrontFunction("f", CODE, JavaScriptRuntime.JS_1_0, "F"),)
    assert made.distributions[0].behaviors[0].functions == {}


def test_a_store_that_is_not_described_goes_by_its_id(
    api: Callable[..., Path], inspect: Callable[..., Configuration], write: Callable[[str, Any], Path]
) -> None:
    arn, store = "arn:aws:cloudfront::1:function/f", "arn:aws:cloudfront::1:key-value-store/aaaa"
    config = {
        "Comment": "",
        "Runtime": "cloudfront-js-2.0",
        "KeyValueStoreAssociations": {"Items": [{"KeyValueStoreARN": store}]},
    }
    path = api()
    write("f.js", CODE)
    write(
        "f.json",
        {"FunctionSummary": {"FunctionConfig": config, "FunctionMetadata": {"FunctionARN": arn, "Stage": "LIVE"}}},
    )
    made = inspect(path)
    assert made.functions[0].key_value_store == "aaaa"
    assert [finding.rule for finding in made.findings] == ["kvs.empty"]
