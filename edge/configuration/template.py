"""One CloudFormation template: its parameters, mappings, conditions and resources, as a scope for intrinsic functions.

Source: CloudFormation User Guide, "CloudFormation template sections", "Pseudo parameters reference", "Nested stacks".
On a laptop there is no account: pseudo parameters, and what a resource has once it is deployed, have stand-ins, which
`[parameters]` in edge.toml replaces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from edge.configuration import dangling, document, parameters, references, sam, transforms
from edge.configuration.finding import ConfigurationError, Finding, error, nearest
from edge.configuration.intrinsics import NO_VALUE, Evaluator, as_text
from edge.configuration.positions import Block, Place, Ungiven, Unresolved

NESTED: Final = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
"""The types of nested stacks, and the property that says where the template is."""
_SECTIONS: Final = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")


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

    def __init__(
        self,
        place: Place,
        given: Mapping[str, str],
        assembly: Assembly,
        local_name: str,
        inside: tuple[str, ...] = (),
    ) -> None:
        changes = transforms.Transforms(place)
        self.place = changes.included()
        self.findings: list[Finding] = changes.findings
        self.watched = [Path(place.file), *changes.watched]
        self.assembly = assembly
        self._given = given
        self._local_name = local_name
        self._inside = (*inside, str(Path(place.file).resolve()))
        self._evaluating: set[str] = set()
        self._nested: dict[str, Template | Unresolved] = {}
        self._pseudo = parameters.pseudo(Path(place.file).stem, given)
        self._sections = {name: _section(self.place, name) for name in _SECTIONS}
        self._parameters = parameters.bound(
            self.place, self._sections["Parameters"], given, assembly.ssm_parameters, local_name, self.findings
        )
        self._evaluator = Evaluator(self)
        self.place = changes.unrolled(self.place, self._evaluator.value)
        self._sections = {name: _section(self.place, name) for name in _SECTIONS}
        is_sam = transforms.SAM in transforms.macros(self.place)
        for name, block in self._sections["Resources"].items():
            kind = block.get("Type") if isinstance(block, Block) else None
            if isinstance(kind, str) and kind.startswith("AWS::Serverless::") and not is_sam:
                message = f"{kind} needs the line Transform: {transforms.SAM} in the template"
                self.findings.append(error("template.transform", self.place.at("Resources", name, "Type"), message))
        if is_sam:
            self._sections["Resources"] = sam.with_generated(
                self._sections["Resources"], self.place.child("Globals").tree
            )
        for name in given:
            if not self._is_known(name):
                message = f"the template has no parameter {name}; {nearest(name, self._parameters)}"
                self.findings.append(error("template.unknown_parameter", f"{place.file} Parameters", message))

    def dangling(self) -> Iterator[Finding]:
        """References to nothing. Not in a template that a macro changes: it may make what is referred to."""
        if not set(transforms.macros(self.place)) - {transforms.LANGUAGE_EXTENSIONS}:
            yield from dangling.check(self.place, self.names(), self._sections["Conditions"])

    def _is_known(self, name: str) -> bool:
        """Whether a name may be given: a parameter, a pseudo parameter, a dynamic reference, a parameter of Systems
        Manager, or an attribute of a resource."""
        first = name.partition(".")[0]
        return (
            name in self._parameters
            or name.startswith(("AWS::", "{{resolve:", "/"))
            or (first != name and first in self._sections["Resources"])
        )

    def resources(self) -> Iterator[Resource]:
        """The resources whose condition, if any, holds."""
        for logical_id, block in self._sections["Resources"].items():
            line = self._sections["Resources"].lines[logical_id]
            place = Place(self.place.file, f"Resources.{logical_id}", block, line)
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

    def output(self, name: str) -> Any:
        """The value of one output, as the stack around this one sees it."""
        declared = self._sections["Outputs"].get(name)
        if not isinstance(declared, Block) or "Value" not in declared:
            return Unresolved(f"{{{name}}}", f"the nested template has no output {name}")
        return self._guarded(f"output {name}", lambda: self._evaluator.value(declared["Value"]))

    def nested(self, logical_id: str) -> Template | Unresolved:
        """The template of a nested stack; why it is not here, if it is not. Raises ConfigurationError for a file that
        is here and cannot be read."""
        if logical_id not in self._nested:
            self._nested[logical_id] = self._read_nested(logical_id)
        return self._nested[logical_id]

    def _read_nested(self, logical_id: str) -> Template | Unresolved:
        block = self._sections["Resources"][logical_id]
        metadata = self._evaluator.value(block.get("Metadata"))
        location = metadata.get("aws:asset:path") if isinstance(metadata, Block) else None
        location = location or self.property_of(logical_id, NESTED[block["Type"]])
        known = isinstance(location, str) and not isinstance(location, Unresolved)
        uploaded = self.assembly.packages.get(location.rpartition("/")[2]) if known else None
        if uploaded is None and (not known or "://" in location.removeprefix("file://")):
            why = "its template is in AWS only; give the path of a file beside this one"
            return Unresolved(f"{{{logical_id}}}", why)
        file = uploaded or Path(self.place.file).parent / location.removeprefix("file://")
        if str(file.resolve()) in self._inside:
            return Unresolved(f"{{{logical_id}}}", f"the nested stack {logical_id} is inside itself")
        place = document.read(file)
        if not isinstance(place.tree, Block) or not isinstance(place.tree.get("Resources"), Block):
            raise ConfigurationError(error("document.unknown", str(file), "is no template: it has no Resources"))
        given = self.property_of(logical_id, "Parameters")
        values = {name: _joined(value) for name, value in given.items()} if isinstance(given, Block) else {}
        own = {
            name: self._pseudo[name] for name in ("AWS::Region", "AWS::AccountId", "AWS::Partition", "AWS::URLSuffix")
        }
        own |= {name: value for name, value in self._given.items() if name.startswith(("/", "{{"))}
        assembly = replace(self.assembly, prefix=f"{self.assembly.prefix}{logical_id}-")
        return Template(place, {**own, **values}, assembly, self._local_name, self._inside)

    def id_of(self, logical_id: str) -> str:
        """What a resource is called among those of all stacks."""
        return f"{self.assembly.prefix}{logical_id}"

    def ssm_parameter(self, name: str) -> str | None:
        """The value that another stack puts into Systems Manager."""
        return self.assembly.ssm_parameters.get(name)

    def names(self) -> list[str]:
        """What Ref may name."""
        return [*self._parameters, *self._sections["Resources"]]

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
        if f"{logical_id}.{name}" in self._given:
            return self._given[f"{logical_id}.{name}"]
        return self._guarded(f"{logical_id}.{name}", lambda: references.attribute(self, logical_id, name))

    def export(self, name: str) -> Any:
        """What another stack exports, as edge.toml gives it."""
        if name in self.assembly.exports:
            return self.assembly.exports[name]
        how = f'add "{name}" = "..." under [exports] in {self._local_name}'
        return Ungiven(f"{{{name}}}", f"another stack exports {name}; {how}")

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
        """A `{{resolve:...}}` whose value is given as a parameter, or is that of a parameter in Systems Manager that
        another stack makes."""
        name = text.removeprefix("{{resolve:ssm:").removesuffix("}}").partition(":")[0]
        return self._given.get(text) or self.assembly.ssm_parameters.get(name)

    @property
    def local_name(self) -> str:
        """What messages call edge.toml."""
        return self._local_name

    def _guarded(self, key: str, evaluate: Any) -> Any:
        """Evaluate a name, unless that is what is being done already."""
        if key in self._evaluating:
            return Unresolved(f"{{{key}}}", f"{key} depends on itself")
        self._evaluating.add(key)
        try:
            return evaluate()
        finally:
            self._evaluating.discard(key)


def _section(place: Place, name: str) -> Block:
    section = place.tree.get(name)
    return section if isinstance(section, Block) else Block()


def _joined(value: Any) -> str:
    """A value as a parameter of a nested stack: lists are texts with commas."""
    if isinstance(value, Unresolved):
        return value
    return ",".join(as_text(one) for one in value) if isinstance(value, list) else as_text(value)
