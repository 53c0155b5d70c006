"""Lambda functions of a template: where their code is, and how they run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration
from edge.model.function import EventType, LambdaFunction

Stack = Callable[..., Path]
Inspect = Callable[..., Configuration]
Write = Callable[[str, Any], Path]


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages are kept in a folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def with_function(stack: Stack) -> Stack:
    """A template with one Lambda function at origin request."""

    def with_function(metadata: dict[str, Any] | None = None, **properties: Any) -> Path:
        edge = {"Handler": "index.handler", "Runtime": "nodejs22.x", **properties}
        association = {"EventType": "origin-request", "LambdaFunctionARN": {"Ref": "EdgeVersion"}}
        return stack(
            resources={
                "Edge": {"Type": "AWS::Lambda::Function", "Properties": edge, "Metadata": metadata or {}},
                "EdgeVersion": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Edge"}}},
            },
            behavior={"LambdaFunctionAssociations": [association]},
        )

    return with_function


def lambda_of(made: Configuration) -> LambdaFunction:
    function = made.distributions[0].behaviors[-1].functions[EventType.ORIGIN_REQUEST]
    assert isinstance(function, LambdaFunction)
    return function


def test_inline_code_is_written_to_a_file_called_index(with_function: Stack, inspect: Inspect) -> None:
    made = inspect(with_function(Code={"ZipFile": "exports.handler = async () => {};"}))
    assert made.findings == ()
    function = lambda_of(made)
    assert (Path(function.code_path) / "index.js").read_text() == "exports.handler = async () => {};"
    assert (function.memory_mb, function.timeout_s, function.include_body) == (128, 3, False)


def test_inline_python_is_python(with_function: Stack, inspect: Inspect) -> None:
    made = inspect(with_function(Runtime="python3.13", Code={"ZipFile": "def handler(event, context): ..."}))
    assert [path.name for path in Path(lambda_of(made).code_path).iterdir()] == ["index.py"]


def test_code_is_in_the_folder_that_the_template_names(with_function: Stack, inspect: Inspect, write: Write) -> None:
    folder = write("src/index.js", "").parent
    assert lambda_of(inspect(with_function(Code="./src"))).code_path == str(folder)


def test_the_asset_of_a_cdk_stack_stands_for_code_in_a_bucket(
    with_function: Stack, inspect: Inspect, write: Write
) -> None:
    folder = write("asset.1234/index.js", "").parent
    path = with_function({"aws:asset:path": "asset.1234"}, Code={"S3Bucket": "assets", "S3Key": "1234.zip"})
    assert lambda_of(inspect(path)).code_path == str(folder)


def test_code_that_is_in_aws_only_is_not_modelled(with_function: Stack, inspect: Inspect) -> None:
    made = inspect(with_function(Code={"S3Bucket": "assets", "S3Key": "1234.zip"}))
    (finding,) = made.findings
    assert (finding.level, finding.rule) == ("warning", "not_modelled")
    assert finding.where.endswith(" Resources.Edge.Properties.Code")
    assert made.distributions[0].behaviors[-1].functions == {}


def test_a_folder_that_is_not_there_is_an_error(with_function: Stack, inspect: Inspect) -> None:
    (finding,) = inspect(with_function(Code="./none")).findings
    assert (finding.level, finding.rule) == ("error", "functions.no_code")
    assert "none does not exist" in finding.message


def test_what_lambda_edge_needs_is_asked_for(with_function: Stack, inspect: Inspect) -> None:
    (finding,) = inspect(with_function(Handler=None, Code={"ZipFile": "x"})).findings
    assert (finding.level, finding.where.partition(" ")[2]) == ("error", "Resources.Edge.Properties.Handler")


def test_functions_that_no_behavior_uses_are_not_looked_at(stack: Stack, inspect: Inspect) -> None:
    backend = {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "java21", "Code": {"S3Bucket": "x"}}}
    assert inspect(stack(resources={"Backend": backend})).findings == ()


def test_a_function_that_is_elsewhere_is_listed_and_not_dropped_in_silence(stack: Stack, inspect: Inspect) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:auth:7"
    path = stack(behavior={"LambdaFunctionAssociations": [{"EventType": "viewer-request", "LambdaFunctionARN": arn}]})
    (finding,) = inspect(path).findings
    assert (finding.level, finding.rule) == ("warning", "not_modelled")
    assert f"the code of {arn} is not here, so nothing runs at viewer-request" in finding.message
