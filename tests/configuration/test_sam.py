"""SAM's own transform, and what is made of its templates here: the same distribution."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from edge.configuration import Configuration, document
from edge.model.distribution import Distribution
from edge.model.function import Function, LambdaFunction

SITES = Path(__file__).parent / "sites"
Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]


def transformed(path: Path) -> dict[str, Any]:
    """What CloudFormation makes of a template. Code is not uploaded: its paths are put back afterwards."""
    template = json.loads(json.dumps(document.read(path).tree))
    paths: dict[str, str] = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            paths[name] = str(path.parent / resource["Properties"]["CodeUri"])
            resource["Properties"]["CodeUri"] = f"s3://bucket/{name}"
    made: dict[str, Any] = Translator({}, Parser()).translate(template, {})
    for name, folder in paths.items():
        made["Resources"][name]["Properties"]["Code"] = folder
    return made


@pytest.mark.parametrize("name", ["image-resizing", "server-rendered"])
def test_the_transform_and_the_reading_here_agree(
    inspect: Inspect, write: Write, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for file in (SITES / "functions").iterdir():
        write(f"functions/{file.name}", file.read_text())
    (after,) = inspect(write("template.json", transformed(SITES / f"{name}.yaml"))).distributions
    (before,) = inspect(SITES / f"{name}.yaml").distributions
    assert told_apart(after) == told_apart(before)


def told_apart(one: Distribution) -> list[object]:
    """What the transform may change: functions, where they run, and the origins that are functions."""
    urls = [origin.function_url for origin in one.origins.values()]
    return [
        [(behavior.path_pattern, {event: shown(function) for event, function in behavior.functions.items()})
         for behavior in one.behaviors],
        [url and (url.auth_type, url.invoke_mode, shown(url.function)) for url in urls],
    ]  # fmt: skip


def shown(function: Function) -> object:
    if isinstance(function, LambdaFunction):
        return (function.name, Path(function.code_path), function.handler, function.runtime, function.memory_mb)
    return function.name
