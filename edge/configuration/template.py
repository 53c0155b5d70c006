"""One CloudFormation template: its parameters, mappings, conditions and resources, as a scope for intrinsic functions.

Source: CloudFormation User Guide, "CloudFormation template sections", "Pseudo parameters reference". On a laptop there
is no account: pseudo parameters have stand-ins, which `[parameters]` in edge.toml replaces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.configuration import references
from edge.configuration.finding import Finding, error, nearest
from edge.configuration.intrinsics import NO_VALUE, Evaluator, as_text
from edge.configuration.positions import Block, Place, Unresolved


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the template; `place` holds its whole block, functions not yet evaluated."""

    logical_id: str
    type: str
    place: Place


@dataclass(frozen=True, slots=True)
class Assembly:
    """The stacks that are deployed together, as far as one of them sees the others: what they export, their parameters
    in Systems Manager, and the packages that they upload, by the S3 key. `prefix` sets the ids of one stack apart."""

    prefix: str = ""
    exports: Mapping[str, str] = field(default_factory=dict)
    ssm_parameters: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, Path] = field(default_factory=dict)


class Template:
    """A template with its parameters bound. `findings` holds what was wrong with them."""

    def __init__(self, place: Place, parameters: Mapping[str, str], assembly: Assembly, local_name: str) -> None:
        self.place = place
        self.findings: list[Finding] = []
        self._sections: dict[str, Block] = {}
        for name in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs"):
            section = place.tree.get(name)
            self._sections[name] = section if isinstance(section, Block) else Block()
        self._given = parameters
        self.assembly = assembly
        self._local_name = local_name
        self._evaluating: set[str] = set()
        self._pseudo = _pseudo_parameters(Path(place.file).stem, parameters)
        self._parameters = {name: self._parameter(name) for name in self._sections["Parameters"]}
        self._evaluator = Evaluator(self)
        for name in parameters:
            if name not in self._parameters and not name.startswith(("AWS::", "{{resolve:")):
                message = f"the template has no parameter {name}; {nearest(name, self._parameters)}"
                self.findings.append(error("template.unknown_parameter", f"{place.file} Parameters", message))

    def resources(self) -> Iterator[Resource]:
        """The resources whose condition, if any, holds."""
        for logical_id, block in self._sections["Resources"].items():
            place = self.place.child("Resources", logical_id)
            if not isinstance(block, Block) or not isinstance(block.get("Type"), str):
                self.findings.append(error("template.resource", place.at(), "a resource is a mapping with a Type"))
                continue
            if isinstance(name := block.get("Condition"), str):
                holds = self.condition(name)
                if isinstance(holds, Unresolved):
                    self.findings.append(error("template.condition", place.at("Condition"), holds.reason))
                if holds is False:
                    continue
            yield Resource(logical_id, block["Type"], place)

    def evaluated(self, place: Place) -> Place:
        """A place with its functions evaluated."""
        return Place(place.file, place.path, self._evaluator.value(place.tree), place.line)

    def outputs(self) -> dict[str, str]:
        """What this stack exports, by the name of the export, as far as it is known."""
        made: dict[str, str] = {}
        for output in self._sections["Outputs"]:
            place = self.evaluated(self.place.child("Outputs", output))
            name, value = place.child("Export", "Name").tree, place.child("Value").tree
            if isinstance(name, str) and value is not None and not isinstance(value, Unresolved):
                made[name] = as_text(value)
        return made

    def id_of(self, logical_id: str) -> str:
        """What a resource is called among those of all stacks."""
        return f"{self.assembly.prefix}{logical_id}"

    def ssm_parameter(self, name: str) -> str | None:
        """The value that another stack puts into Systems Manager."""
        return self.assembly.ssm_parameters.get(name)

    def type_of(self, logical_id: str) -> str | None:
        """The type of a resource, None without such a resource."""
        block = self._sections["Resources"].get(logical_id)
        kind = block.get("Type") if isinstance(block, Block) else None
        return kind if isinstance(kind, str) else None

    def property_of(self, logical_id: str, name: str) -> Any:
        """One property of a resource, evaluated; None when it is not set."""
        block = self._sections["Resources"].get(logical_id)
        properties = block.get("Properties") if isinstance(block, Block) else None
        return self._evaluator.value(properties.get(name)) if isinstance(properties, Block) else None

    @property
    def region(self) -> str:
        """AWS::Region."""
        return as_text(self._pseudo["AWS::Region"])

    @property
    def account(self) -> str:
        """AWS::AccountId."""
        return as_text(self._pseudo["AWS::AccountId"])

    # The scope of intrinsic functions.

    def ref(self, name: str) -> Any:
        """A parameter, pseudo parameter or resource."""
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._parameters:
            return self._parameters[name]
        return self._guarded(name, lambda: references.ref(self, name))

    def attribute(self, logical_id: str, name: str) -> Any:
        """An attribute of a resource."""
        return self._guarded(f"{logical_id}.{name}", lambda: references.attribute(self, logical_id, name))

    def export(self, name: str) -> Any:
        """What another stack exports, as edge.toml gives it."""
        if name in self.assembly.exports:
            return self.assembly.exports[name]
        how = f'add "{name}" = "..." under [exports] in {self._local_name}'
        return Unresolved(f"{{{name}}}", f"another stack exports {name}; {how}")

    def condition(self, name: str) -> bool | Unresolved:
        """A named condition."""
        conditions = self._sections["Conditions"]
        if name not in conditions:
            return Unresolved(f"{{{name}}}", f"the template has no condition {name}; {nearest(name, conditions)}")
        value = self._guarded(f"condition {name}", lambda: self._evaluator.value(conditions[name]))
        if isinstance(value, bool | Unresolved):
            return value
        return Unresolved(f"{{{name}}}", f"the condition {name} is not made of condition functions")

    def mapping(self, name: str) -> Any:
        """A named mapping."""
        return self._sections["Mappings"].get(name)

    def dynamic_reference(self, text: str) -> str | None:
        """A `{{resolve:...}}` whose value is given as a parameter."""
        return self._given.get(text)

    def _guarded(self, key: str, evaluate: Any) -> Any:
        """Evaluate a name, unless that is what is being done already."""
        if key in self._evaluating:
            return Unresolved(f"{{{key}}}", f"{key} depends on itself")
        self._evaluating.add(key)
        try:
            return evaluate()
        finally:
            self._evaluating.discard(key)

    def _parameter(self, name: str) -> Any:
        declared = self._sections["Parameters"][name]
        where = self.place.at("Parameters", name)
        if not isinstance(declared, Block):
            self.findings.append(error("template.parameter", where, "a parameter is a mapping with a Type"))
            return Unresolved(f"{{{name}}}", f"the parameter {name} is not a mapping")
        kind = as_text(declared.get("Type", "String"))
        if name in self._given:
            value = self._given[name]
        elif "Default" in declared and not kind.startswith("AWS::SSM::Parameter::Value"):
            value = as_text(declared["Default"])
        else:
            how = f'add {name} = "..." under [parameters] in {self._local_name}, or give --parameter {name}=...'
            why = "is looked up in Systems Manager" if "Default" in declared else "has no default"
            return Unresolved(f"{{{name}}}", f"the parameter {name} {why}; {how}")
        allowed = declared.get("AllowedValues")
        values = [value] if not _is_list(kind) else [piece.strip() for piece in value.split(",")]
        if isinstance(allowed, list):
            known = [as_text(one) for one in allowed]
            for one in values:
                if one not in known:
                    message = f"{one!r} is not an allowed value of the parameter {name}; {nearest(one, known)}"
                    self.findings.append(error("template.parameter_value", where, message))
        return values if _is_list(kind) else value


def _is_list(kind: str) -> bool:
    return kind == "CommaDelimitedList" or kind.startswith("List<")


def _pseudo_parameters(stack_name: str, given: Mapping[str, str]) -> dict[str, Any]:
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
