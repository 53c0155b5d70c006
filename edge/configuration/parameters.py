"""The parameters of a template, bound to values.

Source: CloudFormation User Guide, "Parameters", "Pseudo parameters reference", "Specify existing resources at runtime
with CloudFormation-supplied parameter types". Values are given on the command line or in edge.toml; a parameter of
Systems Manager is looked up among those that the stacks of the same assembly make, and then in edge.toml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from edge.configuration.finding import Finding, error, nearest
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Place, Ungiven, Unresolved

_SSM = "AWS::SSM::Parameter::Value<"


def pseudo(stack_name: str, given: Mapping[str, str]) -> dict[str, Any]:
    """The pseudo parameters: what is given, or a stand-in."""
    region = given.get("AWS::Region", "us-east-1")
    account = given.get("AWS::AccountId", "123456789012")
    name = given.get("AWS::StackName", stack_name)
    return {
        "AWS::Region": region,
        "AWS::AccountId": account,
        "AWS::StackName": name,
        "AWS::StackId": f"arn:aws:cloudformation:{region}:{account}:stack/{name}/00000000-0000-0000-0000-000000000000",
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::NotificationARNs": [],
        **{key: value for key, value in given.items() if key.startswith("AWS::")},
    }


def bound(
    place: Place,
    declared: Block,
    given: Mapping[str, str],
    ssm_parameters: Mapping[str, str],
    local_name: str,
    found: list[Finding],
) -> dict[str, Any]:
    """The value of each parameter; Unresolved for one without, with what to do."""
    made: dict[str, Any] = {}
    for name, parameter in declared.items():
        where = place.at("Parameters", name)
        if not isinstance(parameter, Block):
            found.append(error("template.parameter", where, "a parameter is a mapping with a Type"))
            made[name] = Unresolved(f"{{{name}}}", f"the parameter {name} is not a mapping")
            continue
        value = _value(name, parameter, {**ssm_parameters, **given}, local_name)
        if isinstance(value, Unresolved):
            made[name] = value
            continue
        is_list = _is_list(as_text(parameter.get("Type", "String")))
        values = [piece.strip() for piece in value.split(",")] if is_list else [value]
        found += [error("template.parameter_value", where, message) for message in _refused(name, parameter, values)]
        made[name] = values if is_list else value
    return made


def _value(name: str, parameter: Block, known: Mapping[str, str], local_name: str) -> str:
    """The text of a parameter. One of Systems Manager names another, whose value it has."""
    kind, default = as_text(parameter.get("Type", "String")), parameter.get("Default")
    if name in known:
        return known[name]
    if default is not None and not kind.startswith(_SSM):
        return as_text(default)
    if as_text(default) in known:
        return known[as_text(default)]
    how = f'add {name} = "..." under [parameters] in {local_name}, or give --parameter {name}=...'
    why = f"has the value of {default} in Systems Manager" if default is not None else "has no default"
    return Ungiven(f"{{{name}}}", f"the parameter {name} {why}; {how}")


def _refused(name: str, parameter: Block, values: list[str]) -> list[str]:
    """Why CloudFormation would not take the values."""
    messages: list[str] = []
    allowed, pattern = parameter.get("AllowedValues"), parameter.get("AllowedPattern")
    known = [as_text(one) for one in allowed] if isinstance(allowed, list) else None
    for value in values:
        if known is not None and value not in known:
            messages.append(f"{value!r} is not an allowed value of the parameter {name}; {nearest(value, known)}")
        if isinstance(pattern, str) and not _matches(pattern, value):
            words = parameter.get("ConstraintDescription") or f"it must match {pattern}"
            messages.append(f"{value!r} is not an allowed value of the parameter {name}: {words}")
        if parameter.get("Type") == "Number" and not re.fullmatch(r"[-+]?\d+(\.\d+)?", value):
            messages.append(f"{value!r} is not a number, and the parameter {name} is one")
    return messages


def _matches(pattern: str, value: str) -> bool:
    """CloudFormation's patterns are Java's; one that Python does not read is passed over."""
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True


def _is_list(kind: str) -> bool:
    inner = kind.removeprefix(_SSM)
    return inner.startswith(("CommaDelimitedList", "List<"))
