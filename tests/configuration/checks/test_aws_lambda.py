"""What Lambda@Edge does not take of a Lambda function."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge import configuration

Stack = Callable[..., Path]
Rules = Callable[[Path], dict[str, str]]
Write = Callable[[str, Any], Path]


@pytest.fixture
def with_function(stack: Stack, write: Write) -> Stack:
    """A template with one Lambda function at an event."""

    def with_function(properties: dict[str, Any], event_type: str = "origin-request", **sections: Any) -> Path:
        write("src/index.js", "exports.handler = async () => {};")
        write("src/app/main.py", "def handler(event, context): ...")
        edge = {"Handler": "index.handler", "Runtime": "nodejs22.x", "Code": "src", **properties}
        version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Edge"}}}
        association = {"EventType": event_type, "LambdaFunctionARN": {"Ref": "EdgeVersion"}}
        return stack(
            resources={"Edge": {"Type": "AWS::Lambda::Function", "Properties": edge}, "EdgeVersion": version},
            behavior={"LambdaFunctionAssociations": [association]},
            **sections,
        )

    return with_function


@pytest.mark.parametrize(
    ("properties", "rule", "place"),
    [
        ({"Environment": {"Variables": {"A": "b"}}}, "lambda_edge.refused", "Environment.Variables"),
        ({"VpcConfig": {"SubnetIds": ["a"]}}, "lambda_edge.refused", "VpcConfig"),
        ({"Layers": ["arn"]}, "lambda_edge.refused", "Layers"),
        ({"DeadLetterConfig": {"TargetArn": "arn"}}, "lambda_edge.refused", "DeadLetterConfig"),
        ({"TracingConfig": {"Mode": "Active"}}, "lambda_edge.refused", "TracingConfig.Mode"),
        ({"Architectures": ["arm64"]}, "lambda_edge.refused", "Architectures"),
        ({"PackageType": "Image"}, "lambda_edge.refused", "PackageType"),
        ({"Runtime": "java21"}, "lambda_edge.runtime", "Runtime"),
        ({"Handler": "main.handler"}, "lambda_edge.handler", "Handler"),
        ({"Handler": "handler"}, "lambda_edge.handler", "Handler"),
        ({"Timeout": 31}, "quotas.lambda_timeout", "Timeout"),
        ({"MemorySize": 10_241}, "quotas.lambda_memory", "MemorySize"),
        ({"EphemeralStorage": {"Size": 1024}}, "quotas.lambda_storage", "EphemeralStorage.Size"),
    ],
)
def test_what_is_refused_is_an_error_at_its_place(
    with_function: Stack, rules: Rules, properties: dict[str, Any], rule: str, place: str
) -> None:
    assert rules(with_function(properties)) == {rule: f"Resources.Edge.Properties.{place}"}


@pytest.mark.parametrize(
    ("name", "code", "properties", "rule", "line"),
    [
        ("app.py", "x = 1\ndef handler(event, context)\n", {"Runtime": "python3.13"}, "lambda_edge.syntax", 2),
        (
            "app.js",
            "// old\nexports.handler = (event, context, callback) => callback(null, event);",
            {"Runtime": "nodejs24.x"},
            "lambda_edge.callback",
            2,
        ),
        (
            "app.js",
            "exports.handler = async function main(event, context, done) { done(); }",
            {"Runtime": "nodejs24.x"},
            "lambda_edge.callback",
            1,
        ),
        ("app.js", "exports.handler = (event, context, callback) => {};", {"Runtime": "nodejs22.x"}, None, 0),
        ("app.js", "exports.handler = async (event, context) => f(a, b, c);", {"Runtime": "nodejs24.x"}, None, 0),
    ],
)
def test_a_file_that_its_runtime_refuses(
    with_function: Stack, write: Write, name: str, code: str, properties: dict[str, Any], rule: str | None, line: int
) -> None:
    file = write(f"src/{name}", code)
    made = configuration.inspect(with_function({"Handler": "app.handler", **properties}))
    found = [(one.rule, one.where) for one in made.findings]
    assert found == ([] if rule is None else [(rule, f"{file}:{line}")])


@pytest.mark.parametrize(
    "properties",
    [
        {"TracingConfig": {"Mode": "PassThrough"}, "Architectures": ["x86_64"], "PackageType": "Zip"},
        {"Environment": {"Variables": {}}, "Layers": [], "Timeout": 30, "MemorySize": 10_240},
        {"Runtime": "python3.13", "Handler": "app.main.handler", "EphemeralStorage": {"Size": 512}},
    ],
)
def test_what_is_taken_is_no_finding(with_function: Stack, rules: Rules, properties: dict[str, Any]) -> None:
    assert rules(with_function(properties)) == {}


@pytest.mark.parametrize(
    ("profile", "event_type", "expected"),
    [
        ("current", "viewer-request", set()),
        ("classic-2023", "viewer-request", {"quotas.lambda_timeout", "quotas.lambda_memory"}),
        ("classic-2023", "origin-request", set()),
    ],
)
def test_quotas_are_those_of_the_profile(
    with_function: Stack, rules: Rules, write: Write, profile: str, event_type: str, expected: set[str]
) -> None:
    path = with_function({"Timeout": 30, "MemorySize": 256}, event_type)
    write("edge.toml", f'[origins]\napp = "http://localhost:3000"\n[quotas]\nprofile = "{profile}"\n')
    assert rules(path).keys() == expected


def test_the_function_must_be_in_us_east_1(with_function: Stack) -> None:
    made = configuration.inspect(with_function({}), parameters={"AWS::Region": "eu-west-1"})
    assert [finding.rule for finding in made.findings] == ["lambda_edge.region"]


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        (["lambda.amazonaws.com", "edgelambda.amazonaws.com"], set()),
        ("lambda.amazonaws.com", {"lambda_edge.role"}),
    ],
)
def test_trap_35_the_role_must_trust_the_edge(
    stack: Stack, write: Write, rules: Rules, services: Any, expected: Any
) -> None:
    """A role of the same template is looked at. What breaks it later shows as LambdaExecutionError, and not here."""
    write("src/index.js", "exports.handler = async () => {};")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}]}
    function = {
        "Handler": "index.handler",
        "Runtime": "nodejs22.x",
        "Code": "src",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
    }
    path = stack(
        resources={
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
            "Edge": {"Type": "AWS::Lambda::Function", "Properties": function},
            "EdgeVersion": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Edge"}}},
        },
        behavior={
            "LambdaFunctionAssociations": [{"EventType": "origin-request", "LambdaFunctionARN": {"Ref": "EdgeVersion"}}]
        },
    )
    assert set(rules(path)) == expected


def test_trap_33_environment_variables_are_refused(with_function: Stack, rules: Rules) -> None:
    assert rules(with_function({"Environment": {"Variables": {"FOO": "x"}}})) == {
        "lambda_edge.refused": "Resources.Edge.Properties.Environment.Variables"
    }


@pytest.mark.parametrize("qualifier", ["$LATEST", "live", ""])
def test_trap_34_a_function_is_named_with_its_version(stack: Stack, rules: Rules, qualifier: str) -> None:
    """Neither $LATEST nor an alias; and in us-east-1."""
    arn = ":".join(filter(None, ["arn:aws:lambda:us-east-1:123456789012:function:f", qualifier]))
    association = {"EventType": "origin-request", "LambdaFunctionARN": arn}
    assert "functions.version" in rules(stack(behavior={"LambdaFunctionAssociations": [association]}))


def test_trap_36_the_tiers_do_not_mix_at_the_viewers_side(with_function: Stack, rules: Rules, stack: Stack) -> None:
    """Not even one at the request and the other at the response."""
    association = {"EventType": "viewer-response", "LambdaFunctionARN": "arn:aws:lambda:us-east-1:1:function:f:1"}
    other = {"EventType": "viewer-request", "FunctionARN": "arn:aws:cloudfront::1:function/g"}
    path = stack(behavior={"LambdaFunctionAssociations": [association], "FunctionAssociations": [other]})
    assert "functions.mixed" in rules(path)
