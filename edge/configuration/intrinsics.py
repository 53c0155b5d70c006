"""CloudFormation's intrinsic functions, evaluated on a tree with lines.

Source: CloudFormation User Guide, "Intrinsic function reference", "Condition functions", "Get values stored in other
services using dynamic references". What a name stands for (Ref, GetAtt, exports, conditions, mappings) is asked of a
Scope. A value that cannot be known here becomes Unresolved, with the reason: whoever needs it reports it.

Fn::GetAZs gives three zones for each region, as most have at least. Fn::ForEach and Fn::Transform change the template
itself, before anything is evaluated (`transforms.py`).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any, Final, Protocol

from edge.configuration.finding import nearest
from edge.configuration.positions import Block, Items, Ungiven, Unresolved, first_unresolved

NO_VALUE: Final = object()
"""What `AWS::NoValue` is: the property is left out."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:[^}]*\}\}")


class Scope(Protocol):
    """What names stand for in one template."""

    def ref(self, name: str) -> Any:
        """A parameter, pseudo parameter or resource; NO_VALUE for AWS::NoValue."""
        ...

    def attribute(self, logical_id: str, name: str) -> Any:
        """An attribute of a resource."""
        ...

    def export(self, name: str) -> Any:
        """What another stack exports."""
        ...

    def condition(self, name: str) -> bool | Unresolved:
        """A named condition."""
        ...

    def mapping(self, name: str) -> Any:
        """A named mapping, None when there is none."""
        ...

    def dynamic_reference(self, text: str) -> str | None:
        """The value of a `{{resolve:...}}`, None when it is not known."""
        ...


class Evaluator:
    """Evaluates trees in a scope."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": lambda argument: self._known(argument, lambda name: scope.ref(as_text(name))),
            "Condition": lambda argument: scope.condition(str(argument)),
            "Fn::Cidr": self._cidr,
            "Fn::GetAtt": self._get_att,
            "Fn::GetAZs": self._get_azs,
            "Fn::Length": self._length,
            "Fn::ToJsonString": self._to_json_string,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::FindInMap": self._find_in_map,
            "Fn::ImportValue": lambda argument: self._known(argument, lambda name: scope.export(as_text(name))),
            "Fn::Base64": lambda argument: self._known(
                argument, lambda text: base64.b64encode(as_text(text).encode()).decode()
            ),
            "Fn::If": self._if,
            "Fn::Equals": self._equals,
            "Fn::And": lambda argument: self._every(argument, "Fn::And", all),
            "Fn::Or": lambda argument: self._every(argument, "Fn::Or", any),
            "Fn::Not": self._not,
        }

    def value(self, node: Any) -> Any:
        """The tree with every function replaced by its value."""
        if isinstance(node, Block):
            if len(node) == 1:
                name, argument = next(iter(node.items()))
                if name in self._functions and (name != "Condition" or isinstance(argument, str)):
                    return self._located(self._functions[name](argument), node.lines[name])
                if name.startswith("Fn::"):
                    return Unresolved(f"{{{name}}}", f"there is no function {name}; {nearest(name, self._functions)}")
            return self._block(node)
        if isinstance(node, Items):
            return self._items(node)
        if isinstance(node, str) and not isinstance(node, Unresolved) and "{{resolve:" in node:
            return self._dynamic(node)
        return node

    def _block(self, node: Block) -> Block:
        block = Block()
        for key, child in node.items():
            value = self.value(child)
            if value is not NO_VALUE:
                block.put(key, value, node.lines[key])
        return block

    def _items(self, node: Items) -> Items:
        items = Items()
        for child, line in zip(node, node.lines, strict=True):
            value = self.value(child)
            if value is not NO_VALUE:
                items.put(value, line)
        return items

    def _located(self, value: Any, line: int) -> Any:
        """Lists that a function made stand in the function's line."""
        if not isinstance(value, list) or isinstance(value, Items):
            return value
        items = Items()
        for element in value:
            items.put(element, line)
        return items

    def _dynamic(self, text: str) -> str:
        unknown: list[str] = []

        def replace(match: re.Match[str]) -> str:
            value = self._scope.dynamic_reference(match.group())
            if value is None:
                unknown.append(match.group())
            return match.group() if value is None else value

        made = _DYNAMIC_REFERENCE.sub(replace, text)
        if not unknown:
            return made
        how = f"""add '"{unknown[0]}" = "..."' under [parameters] in edge.toml"""
        return Ungiven(made, f"{unknown[0]} is a dynamic reference, known to AWS only; {how}")

    def _known(self, argument: Any, function: Callable[[Any], Any]) -> Any:
        """The function of an evaluated argument; an argument that is not known is handed on."""
        value = self.value(argument)
        return value if isinstance(value, Unresolved) else function(value)

    def _arguments(self, argument: Any, name: str, shape: str, *counts: int) -> list[Any] | Unresolved:
        """The arguments of a function, unevaluated; or why they are not what it takes."""
        if isinstance(argument, list) and (not counts or len(argument) in counts):
            return list(argument)
        return Unresolved(f"{{{name}}}", f"{name} takes {shape}")

    def _get_att(self, argument: Any) -> Any:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) != 2:
            return Unresolved("{Fn::GetAtt}", "Fn::GetAtt takes [logical id, attribute]")
        logical_id = self.value(parts[0])
        if isinstance(logical_id, Unresolved):
            return logical_id
        return self._known(parts[1], lambda name: self._scope.attribute(as_text(logical_id), as_text(name)))

    def _sub(self, argument: Any) -> Any:
        text, variables = argument, Block()
        if isinstance(argument, list) and len(argument) == 2:
            text, variables = argument
        if not isinstance(text, str) or not isinstance(variables, dict):
            return Unresolved("{Fn::Sub}", "Fn::Sub takes a text, or [text, {name: value}]")
        unknown: list[Unresolved] = []

        def replace(match: re.Match[str]) -> str:
            name = match.group(1).strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in variables:
                value = self.value(variables[name])
            elif "." in name and not name.startswith("AWS::"):
                value = self._scope.attribute(*name.split(".", 1))
            else:
                value = self._scope.ref(name)
            if isinstance(value, Unresolved):
                unknown.append(value)
            return as_text(value)

        made = _VARIABLE.sub(replace, text)
        return unknown[0].with_text(made) if unknown else self.value(made)

    def _join(self, argument: Any) -> Any:
        parts = self._arguments(argument, "Fn::Join", "[delimiter, [values]]", 2)
        if isinstance(parts, Unresolved):
            return parts
        values = self.value(parts[1])
        if isinstance(values, Unresolved):
            return values
        if not isinstance(values, list):
            return Unresolved("{Fn::Join}", "Fn::Join takes [delimiter, [values]]")
        made = as_text(self.value(parts[0])).join(as_text(value) for value in values)
        unknown = first_unresolved(values)
        return made if unknown is None else unknown.with_text(made)

    def _select(self, argument: Any) -> Any:
        parts = self._arguments(argument, "Fn::Select", "[index, [values]]", 2)
        if isinstance(parts, Unresolved):
            return parts
        index, values = self.value(parts[0]), self.value(parts[1])
        for value in (index, values):
            if isinstance(value, Unresolved):
                return value
        if not isinstance(values, list) or not as_text(index).isdigit() or int(as_text(index)) >= len(values):
            return Unresolved("{Fn::Select}", f"Fn::Select finds no element {as_text(index)} in {values!r}")
        return values[int(as_text(index))]

    def _split(self, argument: Any) -> Any:
        parts = self._arguments(argument, "Fn::Split", "[delimiter, text]", 2)
        if isinstance(parts, Unresolved):
            return parts
        delimiter = self.value(parts[0])
        if not isinstance(delimiter, str) or not delimiter or isinstance(delimiter, Unresolved):
            return Unresolved("{Fn::Split}", "Fn::Split takes [delimiter, text], and the delimiter is a text")
        return self._known(parts[1], lambda text: as_text(text).split(delimiter))

    def _get_azs(self, argument: Any) -> Any:
        def zones(region: Any) -> list[str]:
            return [f"{as_text(region or self._scope.ref('AWS::Region'))}{letter}" for letter in "abc"]

        return self._known(argument, zones)

    def _cidr(self, argument: Any) -> Any:
        parts = self._arguments(argument, "Fn::Cidr", "[address block, count, bits for each]", 2, 3)
        if isinstance(parts, Unresolved):
            return parts
        values = [self.value(part) for part in parts]
        unknown = next((value for value in values if isinstance(value, Unresolved)), None)
        if unknown is not None:
            return unknown
        from ipaddress import ip_network

        try:
            block, (count, bits) = ip_network(as_text(values[0])), (int(as_text(one)) for one in (*values[1:], 6)[:2])
            subnets = block.subnets(new_prefix=block.max_prefixlen - bits)
            return [str(subnet) for subnet, _ in zip(subnets, range(count), strict=False)]
        except ValueError as problem:
            return Unresolved("{Fn::Cidr}", f"Fn::Cidr: {problem}")

    def _length(self, argument: Any) -> Any:
        value = self.value(argument)
        if isinstance(value, Unresolved):
            return value
        return len(value) if isinstance(value, list) else Unresolved("{Fn::Length}", "Fn::Length takes a list")

    def _to_json_string(self, argument: Any) -> Any:
        value = self.value(argument)
        if not isinstance(value, dict | list):
            reason = "Fn::ToJsonString takes an object or a list"
            return value if isinstance(value, Unresolved) else Unresolved("{Fn::ToJsonString}", reason)
        made, unknown = json.dumps(value, separators=(",", ":"), default=str), first_unresolved(value)
        return made if unknown is None else unknown.with_text(made)

    def _find_in_map(self, argument: Any) -> Any:
        parts = self._arguments(argument, "Fn::FindInMap", "[map, key, key]", 3, 4)
        if isinstance(parts, Unresolved):
            return parts
        keys = [self.value(part) for part in parts[:3]]
        for key in keys:
            if isinstance(key, Unresolved):
                return key
        name, first, second = (as_text(key) for key in keys)
        found = self._scope.mapping(name)
        for key in (first, second):
            found = found.get(key) if isinstance(found, dict) else None
        if found is None and len(parts) == 4 and isinstance(parts[3], dict) and "DefaultValue" in parts[3]:
            return self.value(parts[3]["DefaultValue"])
        if found is None:
            return Unresolved("{Fn::FindInMap}", f"the mapping {name} has no value for {first}, {second}")
        return found

    def _if(self, argument: Any) -> Any:
        parts = self._arguments(argument, "Fn::If", "[condition, value if true, value if false]", 3)
        if isinstance(parts, Unresolved):
            return parts
        condition = self._scope.condition(as_text(parts[0]))
        if isinstance(condition, Unresolved):
            return condition
        return self.value(parts[1] if condition else parts[2])

    def _equals(self, argument: Any) -> Any:
        parts = self._arguments(argument, "Fn::Equals", "[value, value]", 2)
        if isinstance(parts, Unresolved):
            return parts
        first, second = (self.value(part) for part in parts)
        for value in (first, second):
            if isinstance(value, Unresolved):
                return value
        return as_text(first) == as_text(second)

    def _every(self, argument: Any, name: str, combine: Callable[[list[bool]], bool]) -> Any:
        parts = self._arguments(argument, name, "a list of conditions")
        if isinstance(parts, Unresolved):
            return parts
        values = [self.value(part) for part in parts]
        unknown = next((value for value in values if isinstance(value, Unresolved)), None)
        return combine([value is True for value in values]) if unknown is None else unknown

    def _not(self, argument: Any) -> Any:
        parts = self._arguments(argument, "Fn::Not", "[condition]", 1)
        return parts if isinstance(parts, Unresolved) else self._known(parts[0], lambda value: value is not True)


def as_text(value: Any) -> str:
    """A scalar as CloudFormation puts it into a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or value is NO_VALUE:
        return ""
    return str(value)
