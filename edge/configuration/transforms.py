"""What changes a template before it is evaluated: loops, and snippets that are included.

Source: CloudFormation User Guide, "Fn::ForEach", "AWS::LanguageExtensions transform", "AWS::Include transform",
"Fn::Transform". A snippet whose Location is a file beside the template is read, as `aws cloudformation package` would
upload it. Other macros run in AWS only: what they would make is not there, and is listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from edge.configuration import document
from edge.configuration.finding import ConfigurationError, Finding, error, warning
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Items, Place, Unresolved

LANGUAGE_EXTENSIONS: Final = "AWS::LanguageExtensions"
SAM: Final = "AWS::Serverless-2016-10-31"
_INCLUDE: Final = "AWS::Include"
_LOOP: Final = "Fn::ForEach::"
_GUIDE: Final = 'CloudFormation User Guide, "Fn::ForEach"'
_NOT_ALPHANUMERIC: Final = re.compile(r"[^A-Za-z0-9]")


def macros(place: Place) -> list[str]:
    """The names under `Transform`."""
    tree = place.child("Transform").tree
    listed = tree if isinstance(tree, list) else [tree]
    return [as_text(one.get("Name", "?") if isinstance(one, dict) else one) for one in listed if one is not None]


class Transforms:
    """The macros of one template. `watched` are the files that were included, `findings` what could not be done."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._loops = LANGUAGE_EXTENSIONS in macros(place)
        self.watched: list[Path] = []
        self.findings: list[Finding] = []

    def included(self) -> Place:
        """The template with its snippets put in."""
        for name in macros(self._place):
            if name not in (SAM, LANGUAGE_EXTENSIONS, _INCLUDE):
                message = f"not modelled: the macro {name} does not run here; what it would make is not there"
                self.findings.append(warning("not_modelled", self._place.at("Transform"), message))
        return self._with(self._include(self._place.tree, ""))

    def unrolled(self, place: Place, evaluate: Callable[[Any], Any]) -> Place:
        """The template with its loops written out; `evaluate` knows parameters and mappings."""
        self._place = place
        return self._with(self._unroll(place.tree, evaluate))

    def _with(self, tree: Any) -> Place:
        return Place(self._place.file, self._place.path, tree, self._place.line)

    def _include(self, tree: Any, path: str) -> Any:
        if isinstance(tree, Items):
            return tree.mapped(lambda child: self._include(child, path))
        if not isinstance(tree, Block):
            return tree
        block = Block()
        for key, child in tree.items():
            line, here = tree.lines[key], f"{path}.{key}".lstrip(".")
            calls = [child] if key == "Fn::Transform" else _includes(child) if path == "" and key == "Transform" else []
            for call in calls:
                snippet = self._snippet(call, line, here)
                for name, value in snippet.items() if isinstance(snippet, Block) else ():
                    block.put(name, _in_line(value, line), line)
            if key != "Fn::Transform":
                block.put(key, self._include(child, here), line)
        return block

    def _snippet(self, call: Any, line: int, path: str) -> Any:
        where = f"{self._place.file}:{line} {path}"
        name = call.get("Name") if isinstance(call, dict) else None
        if name != _INCLUDE:
            message = f"not modelled: the macro {name} does not run here; what it would make is not there"
            self.findings.append(warning("not_modelled", where, message))
            return None
        location = (call.get("Parameters") or {}).get("Location")
        if not isinstance(location, str) or "://" in location:
            message = (
                "not modelled: the snippet is in AWS only; give the path of a file beside the template as Location"
            )
            self.findings.append(warning("not_modelled", where, message))
            return None
        file = Path(self._place.file).parent / location
        self.watched.append(file)
        try:
            return document.read(file).tree
        except ConfigurationError as problem:
            self.findings += [
                error("template.include", where, f"{one.where}: {one.message}") for one in problem.findings
            ]
            return None

    def _unroll(self, tree: Any, evaluate: Callable[[Any], Any], path: str = "") -> Any:
        if isinstance(tree, Items):
            return tree.mapped(lambda child: self._unroll(child, evaluate, path))
        if not isinstance(tree, Block):
            return tree
        block = Block()
        for key, child in tree.items():
            line, here = tree.lines[key], f"{path}.{key}".lstrip(".")
            if not key.startswith(_LOOP):
                block.put(key, self._unroll(child, evaluate, here), line)
                continue
            for made in self._rounds(child, evaluate, f"{self._place.file}:{line} {here}"):
                unrolled = self._unroll(made, evaluate, here)
                for name, value in unrolled.items():
                    block.put(name, value, unrolled.lines[name])
        return block

    def _rounds(self, loop: Any, evaluate: Callable[[Any], Any], where: str) -> list[Block]:
        """The fragment of a loop, once for each element of its collection."""
        if not self._loops:
            message = f"Fn::ForEach needs the line Transform: {LANGUAGE_EXTENSIONS} in the template"
            self.findings.append(error("template.for_each", where, message, _GUIDE))
            return []
        if not (isinstance(loop, list) and len(loop) == 3 and isinstance(loop[0], str) and isinstance(loop[2], Block)):
            message = "Fn::ForEach takes [identifier, [values], {key: value}]"
            self.findings.append(error("template.for_each", where, message, _GUIDE))
            return []
        collection = evaluate(loop[1])
        if isinstance(collection, Unresolved) or not isinstance(collection, list):
            reason = collection.reason if isinstance(collection, Unresolved) else "the collection must be a list"
            self.findings.append(error("template.for_each", where, reason, _GUIDE))
            return []
        values = [one for element in collection for one in (element if isinstance(element, list) else [element])]
        return [_substituted(loop[2], loop[0], as_text(value)) for value in values]


def _includes(transform: Any) -> list[Any]:
    """The AWS::Include calls under the template's own `Transform`."""
    listed = transform if isinstance(transform, list) else [transform]
    return [one for one in listed if isinstance(one, dict) and one.get("Name") == _INCLUDE]


def _in_line(tree: Any, line: int) -> Any:
    """A tree of another file, all of it in the line that includes it."""
    if isinstance(tree, Block):
        block = Block()
        for key, child in tree.items():
            block.put(key, _in_line(child, line), line)
        return block
    if isinstance(tree, Items):
        items = Items()
        for child in tree:
            items.put(_in_line(child, line), line)
        return items
    return tree


def _substituted(tree: Any, identifier: str, value: str) -> Any:
    """`${Identifier}` as it is, `&{Identifier}` without what is no letter or digit, and Ref, replaced by one value."""
    plain = _NOT_ALPHANUMERIC.sub("", value)

    def text(written: str) -> str:
        return written.replace(f"${{{identifier}}}", value).replace(f"&{{{identifier}}}", plain)

    def of(node: Any) -> Any:
        if isinstance(node, Block):
            if len(node) == 1 and node.get("Ref") == identifier:
                return value
            block = Block()
            for key, child in node.items():
                block.put(text(key), of(child), node.lines[key])
            return block
        if isinstance(node, Items):
            return node.mapped(of)
        return text(node) if isinstance(node, str) and not isinstance(node, Unresolved) else node

    return of(tree)
