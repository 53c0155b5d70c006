"""Names in a template that are nothing in it, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Stack = Callable[..., Path]
Rules = Callable[[Path], dict[str, str]]

QUEUE: dict[str, Any] = {"Type": "AWS::SQS::Queue"}


@pytest.mark.parametrize(
    ("queue", "place"),
    [
        ({"Properties": {"QueueName": {"Ref": "Nam"}}}, "Resources.Queue.Properties.QueueName"),
        ({"Properties": {"Tags": [{"Value": {"Fn::GetAtt": ["Topik", "Arn"]}}]}}, "Properties.Tags[0].Value"),
        ({"Properties": {"QueueName": {"Fn::GetAtt": "Topik.Arn"}}}, "Resources.Queue.Properties.QueueName"),
        ({"Properties": {"QueueName": {"Fn::Sub": "${AWS::Region}-${Topik.TopicName}"}}}, "Properties.QueueName"),
        ({"Properties": {"QueueName": {"Fn::Sub": ["${A}${B}", {"A": {"Ref": "Topic"}}]}}}, "Properties.QueueName"),
        ({"DependsOn": "Topik"}, "Resources.Queue.DependsOn"),
        ({"DependsOn": ["Topic", "Topik"]}, "Resources.Queue.DependsOn"),
    ],
)
def test_a_name_that_is_nothing_is_an_error_at_its_place(
    stack: Stack, rules: Rules, queue: dict[str, Any], place: str
) -> None:
    resources = {"Topic": {"Type": "AWS::SNS::Topic"}, "Queue": {**QUEUE, **queue}}
    found = rules(stack(resources=resources))
    assert found.keys() == {"template.unresolved_reference"}
    assert found["template.unresolved_reference"].endswith(place)


def test_outputs_are_looked_at_too(stack: Stack, rules: Rules) -> None:
    outputs = {"A": {"Value": {"Ref": "Sit"}, "Condition": "IsProd"}}
    found = rules(stack(Outputs=outputs, Conditions={"IsDev": {"Fn::Equals": ["a", "a"]}}))
    assert found == {
        "template.unresolved_reference": "Outputs.A.Value",
        "template.condition": "Outputs.A.Condition",
    }


@pytest.mark.parametrize(
    "properties",
    [
        {"QueueName": {"Fn::Sub": "${!Literal}-${AWS::StackName}-${Topic}"}},
        {"QueueName": {"Fn::Sub": ["${Mine}", {"Mine": "a"}]}},
        {"RedrivePolicy": {"Ref": {"Fn::Sub": "x"}}},
        {"Condition": {"StringEquals": {"a": "b"}}},
    ],
)
def test_names_that_are_there_are_no_finding(stack: Stack, rules: Rules, properties: dict[str, Any]) -> None:
    resources = {"Topic": {"Type": "AWS::SNS::Topic"}, "Queue": {**QUEUE, "Properties": properties}}
    assert rules(stack(resources=resources)) == {}


def test_a_macro_may_make_what_is_referred_to(stack: Stack, rules: Rules) -> None:
    resources = {"Queue": {**QUEUE, "DependsOn": "ServerlessHttpApi"}}
    assert rules(stack(resources=resources, Transform="AWS::Serverless-2016-10-31")) == {}
