"""The resources of a plan or state, as `terraform show -json` prints them, references resolved.

Source: Terraform documentation, "JSON output format". A state knows every value. In a plan, what AWS has yet to give
(ids, ARNs, domain names) is missing from the values; the configuration beside them says which resource it will come
from, and a stand-in made of that resource's address takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edge.configuration.positions import Block, Items, Place, Ungiven

ACCOUNT = "123456789012"
_REFERENCE = re.compile(r"((?:data\.)?[a-z0-9_]+\.[\w-]+(?:\[[^\]]*\])?)\.(\w+)")
_INDEX = re.compile(r"\[[^\]]*\]")
_NO_RESOURCES = ("var.", "local.", "each.", "count.", "module.", "path.", "terraform.", "self.")


@dataclass(frozen=True, slots=True)
class Resource:
    """`address` is unique; `place` holds its values."""

    address: str
    type: str
    name: str
    place: Place

    @property
    def values(self) -> Block:
        """The values, with lines."""
        tree: Block = self.place.tree
        return tree

    def value(self, key: str) -> str:
        """One value as text, a stand-in where it is not known yet."""
        value = self.values.get(key)
        return value if isinstance(value, str) and value else stand_in(self, key)


def stand_in(resource: Resource, attribute: str) -> str:
    """What an attribute might be that only AWS can give, with AWS's shape where something reads it."""
    name = resource.values.get("function_name") or resource.values.get("name") or resource.name
    prefix = f"arn:aws:cloudfront::{ACCOUNT}"
    match resource.type, attribute:
        case "aws_cloudfront_function", "arn":
            return f"{prefix}:function/{name}"
        case "aws_cloudfront_key_value_store", "arn":
            return f"{prefix}:key-value-store/{name}"
        case "aws_lambda_function", "arn" | "qualified_arn":
            arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
            return f"{arn}:1" if attribute == "qualified_arn" else arn
        case "aws_lambda_function", "invoke_arn":
            path = f"path/2015-03-31/functions/{stand_in(resource, 'arn')}/invocations"
            return f"arn:aws:apigateway:us-east-1:lambda:{path}"
        case "aws_lambda_function", "version":
            return "1"
        case _, "id":
            return resource.address
        case _:
            return domain_name(resource.address)


def domain_name(address: str) -> str:
    """A domain name that exists nowhere, for a resource that has none yet."""
    return f"{re.sub('[^a-z0-9]+', '-', address.lower()).strip('-')}.invalid"


def resources(document: Place) -> list[Resource]:
    """All resources and data sources. In a plan, data sources that were read stand in its prior state."""
    planned = document.child("planned_values", "root_module")
    if planned.tree is None:
        return list(_resources(document.child("values", "root_module")))
    prior = _resources(document.child("prior_state", "values", "root_module"))
    made = [*_resources(planned), *(one for one in prior if ".data." in f".{one.address}")]
    _fill(made, document.child("configuration", "root_module"), "")
    return made


def _resources(module: Place) -> Iterator[Resource]:
    for one in _elements(module.child("resources")):
        address, kind, name = (one.child(key).tree for key in ("address", "type", "name"))
        values = one.child("values")
        if all(isinstance(text, str) for text in (address, kind, name)) and isinstance(values.tree, Block):
            yield Resource(address, kind, name, Place(values.file, address, values.tree, values.line))
    for child in _elements(module.child("child_modules")):
        yield from _resources(child)


def _fill(made: list[Resource], module: Place, prefix: str) -> None:
    """Put stand-ins where the values of one module's resources come from other resources."""
    by_address = {one.address: one for one in made}
    for one in _elements(module.child("resources")):
        address, expressions = f"{prefix}{one.child('address').tree}", one.child("expressions").tree
        for resource in made:
            if isinstance(expressions, Block) and _INDEX.sub("", resource.address) == _INDEX.sub("", address):
                _fill_block(resource.values, expressions, prefix, by_address)
    calls = module.child("module_calls").tree
    for name in calls if isinstance(calls, Block) else ():
        _fill(made, module.child("module_calls", name, "module"), f"{prefix}module.{name}.")


def _fill_block(values: Block, expressions: Block, prefix: str, by_address: dict[str, Resource]) -> None:
    for key, expression in expressions.items():
        line = values.lines.get(key, 1)
        if isinstance(expression, Items):
            waiting = [one for one in listed(values.get(key)) if isinstance(one, Block)]
            for block in expression:
                # Sets are in another order here, so blocks are paired by what they say outright.
                found = next((one for one in waiting if isinstance(block, Block) and _agree(one, block)), None)
                if found is not None:
                    waiting.remove(found)
                    _fill_block(found, block, prefix, by_address)
        elif isinstance(expression, Block) and "references" in expression and _is_unknown(values.get(key)):
            references = [one for one in listed(expression["references"]) if isinstance(one, str)]
            targets = [target for one in references if (target := _target(one, prefix, by_address)) is not None]
            if targets:
                values.put(key, targets if isinstance(values.get(key), list) else targets[0], line)
            elif references and key not in values:
                reason = f"{key} comes from {references[0]}, and is known after terraform apply only; give the state"
                values.put(key, Ungiven("{unknown}", reason), line)


def _target(reference: str, prefix: str, by_address: dict[str, Resource]) -> str | None:
    match = _REFERENCE.fullmatch(reference)
    if match is None or reference.startswith(_NO_RESOURCES):
        return None
    address = f"{prefix}{match.group(1)}"
    plain = (one for key, one in by_address.items() if _INDEX.sub("", key) == _INDEX.sub("", address))
    resource = by_address.get(address) or next(plain, None)
    return None if resource is None else resource.value(match.group(2))


def _agree(values: Block, expressions: Block) -> bool:
    """Whether a block of values may be what a block of expressions came to."""
    return all(
        values.get(key) == one["constant_value"]
        for key, one in expressions.items()
        if isinstance(one, Block) and "constant_value" in one and not _is_unknown(values.get(key))
    )


def _is_unknown(value: Any) -> bool:
    return value is None or (isinstance(value, list) and (not value or None in value))


def listed(value: Any) -> list[Any]:
    """The elements of a list; none of anything else."""
    return value if isinstance(value, list) else []


def _elements(place: Place) -> Iterator[Place]:
    """The mappings of a list."""
    for index in range(len(place.tree) if isinstance(place.tree, Items) else 0):
        element = place.child(index)
        if isinstance(element.tree, Block):
            yield element
