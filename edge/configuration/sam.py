"""The resources that SAM makes of a function, as far as a template may refer to them.

Source: SAM Developer Guide, "Generated CloudFormation resources for AWS SAM", "Globals section" (mappings are merged,
lists added to, the rest replaced). Only what a distribution may lean on is made: function URLs, aliases, and the
implicit APIs. Versions are referred to as `Function.Version`, which `references.py` knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Items

_FUNCTION: Final = "AWS::Serverless::Function"
_WITH_GLOBALS: Final = (_FUNCTION, "AWS::Serverless::HttpApi")
_IMPLICIT_APIS: Final = {
    "Api": ("RestApiId", "ServerlessRestApi", "AWS::Serverless::Api"),
    "HttpApi": ("ApiId", "ServerlessHttpApi", "AWS::Serverless::HttpApi"),
}
"""Kinds of events: the property that names an API, and the API that stands in where none is named."""


def with_generated(resources: Block, shared: Any) -> Block:
    """The resources of a template, with what `shared` (Globals) says of their kinds, and those that SAM makes of its
    functions."""
    shared = shared if isinstance(shared, Block) else Block()
    made = Block()
    for logical_id, block in resources.items():
        made.put(logical_id, _with_globals(block, shared), resources.lines[logical_id])
    for logical_id, block in list(made.items()):
        if isinstance(block, Block) and block.get("Type") == _FUNCTION:
            for name, resource in _of_function(logical_id, block):
                if name not in made:
                    made.put(name, _with_globals(resource, shared), resources.lines[logical_id])
    return made


def _with_globals(resource: Any, all_shared: Block) -> Any:
    kind = as_text(resource.get("Type")) if isinstance(resource, Block) else ""
    shared = all_shared.get(kind.removeprefix("AWS::Serverless::")) if kind in _WITH_GLOBALS else None
    if not isinstance(shared, Block):
        return resource
    made = _block(0, **resource)
    made.lines = dict(resource.lines)
    own = resource.get("Properties")
    if own is None or isinstance(own, Block):
        made.put(
            "Properties", _merged(shared, own or Block()), resource.lines.get("Properties", resource.lines["Type"])
        )
    return made


def _merged(shared: Any, own: Any) -> Any:
    if isinstance(shared, Block) and isinstance(own, Block):
        made = Block()
        for key in dict.fromkeys((*shared, *own)):
            value = _merged(shared[key], own[key]) if key in shared and key in own else own.get(key, shared.get(key))
            made.put(key, value, own.lines.get(key) or shared.lines[key])
        return made
    if isinstance(shared, Items) and isinstance(own, Items):
        items = Items()
        for part in (shared, own):
            for element, line in zip(part, part.lines, strict=True):
                items.put(element, line)
        return items
    return own


def _of_function(logical_id: str, function: Block) -> Iterator[tuple[str, Block]]:
    properties = function.get("Properties")
    if not isinstance(properties, Block):
        return
    line = next(iter(function.lines.values()))
    if isinstance(url := properties.get("FunctionUrlConfig"), Block):
        of = _block(line, TargetFunctionArn=_block(line, Ref=logical_id), **url)
        yield f"{logical_id}Url", _resource("AWS::Lambda::Url", function, of, line)
    if isinstance(alias := properties.get("AutoPublishAlias"), str):
        of = _block(line, FunctionName=_block(line, Ref=logical_id), Name=alias)
        yield f"{logical_id}Alias{alias}", _resource("AWS::Lambda::Alias", function, of, line)
    events = properties.get("Events")
    for event in events.values() if isinstance(events, Block) else ():
        kind = event.get("Type") if isinstance(event, Block) else None
        named, api, type = _IMPLICIT_APIS.get(as_text(kind), ("", "", ""))
        given = event.get("Properties") if api else None
        if api and not (isinstance(given, Block) and named in given):
            yield api, _block(line, Type=type, Properties=Block())


def _resource(type: str, function: Block, properties: Block, line: int) -> Block:
    made = _block(line, Type=type, Properties=properties)
    if "Condition" in function:
        made.put("Condition", function["Condition"], line)
    return made


def _block(line: int, **values: Any) -> Block:
    block = Block()
    for key, value in values.items():
        block.put(key, value, line)
    return block
