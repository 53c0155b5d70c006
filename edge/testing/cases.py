"""Tables of cases: CSV, JSON and YAML files that say what goes into a function and what is to come out, without Python.

`redirect.cases.yaml` is about `redirect.js` beside it (or `redirect.mjs`, `.cjs`, `.py`: those are handlers of Lambda),
unless it names another `function`. Each case has a `request` (a target, or an object), or an `event` as the AWS console
and `sam local generate-event cloudfront` have it (or the file that holds one), for viewer response a `response`, and an
`expect`. Also read: `{event, output}` and `{event, error}` objects and bare events, one for each JSON file of a folder
`redirect.cases/`, and suites whose `expect` is what TestFunction printed, with an `ignore` list.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from edge.configuration.finding import nearest

_SETTINGS = ("runtime", "kvs", "kvs_arn", "at", "event_type", "outbound")
_OF_FILE = {"function", *_SETTINGS, "ignore", "cases"}
_OF_CASE = {"name", "request", "response", "viewer", "event", "event_type", "origin"} | {
    *("expect", "output", "error", "ignore"),
}
_OF_CONSOLE = {"version", "context"}
_HANDLERS = (".mjs", ".cjs", ".py")
_OF_REQUEST = {"target", "method", "headers", "cookies", "body"}
_OF_RESPONSE = {"status", "headers"}
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class CaseFileError(Exception):
    """The file is not a table of cases. The text says where and why."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case: `request`, `response` and `event` are what goes in, `expect`, `output` and `error` what is to come out.

    `line` counts from 1. `ignore` holds dotted paths into the output. Without an expectation, the run must not fail.
    """

    name: str
    line: int = 1
    request: Mapping[str, Any] = field(default_factory=dict)
    response: Mapping[str, Any] | None = None
    viewer: Mapping[str, Any] | None = None
    event: Mapping[str, Any] | None = None
    event_type: str | None = None
    origin: Mapping[str, Any] | None = None
    expect: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] | None = None
    error: str | None = None
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file of cases, and the function that they are about. `export` is that of a handler, where it has another name;
    `at` is what Date says; `kvs_arn` names the store on AWS, for recording; `outbound` holds what a handler is told, by
    URL."""

    function: Path
    cases: tuple[Case, ...]
    export: str = ""
    runtime: str | None = None
    kvs: Mapping[str, Any] | str | None = None
    kvs_arn: str | None = None
    at: float | str | None = None
    event_type: str | None = None
    outbound: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_lambda(self) -> bool:
        """Whether it is about a Lambda@Edge handler: by its file, or because events are Lambda@Edge's."""
        records = any("Records" in case.event for case in self.cases if case.event is not None)
        return bool(self.export) or self.function.suffix in _HANDLERS or records


def is_case_file(path: Path) -> bool:
    """Whether a file is a table of cases, by its name."""
    if path.parent.name.endswith(".cases"):
        return path.suffix == ".json"
    return path.stem.endswith(".cases") and path.suffix in (".csv", ".json", ".yaml", ".yml")


def read(path: Path) -> CaseFile:
    """The cases of a file. Raises CaseFileError."""
    table, lines = _table(path)
    if isinstance(table, list):
        table = {"cases": table}
    if isinstance(table, dict) and ("Records" in table or table.keys() & _OF_CONSOLE):
        table = {"event": table}
    if not isinstance(table, dict):
        raise CaseFileError(f"{path}: a list of cases, or an object with `cases`, is needed")
    if "cases" not in table:
        settings = {name: value for name, value in table.items() if name in _OF_FILE - {"ignore"}}
        table = {**settings, "cases": [{name: table[name] for name in table if name not in settings}]}
    _known(table, _OF_FILE, path, "a file of cases")
    if not isinstance(table["cases"], list):
        raise CaseFileError(f"{path}: `cases` must be a list")
    ignored = _paths(table.get("ignore"))
    cases = _apart([_case(one, number, path, lines, ignored) for number, one in enumerate(table["cases"])])
    settings = {name: table[name] for name in _SETTINGS if name in table}
    function, export = _function(path, table.get("function"))
    return CaseFile(function, tuple(cases), export, **settings)


def _apart(cases: list[Case]) -> list[Case]:
    """The second of two cases of one name is called `name (2)`."""
    seen: Counter[str] = Counter()
    named: list[Case] = []
    for case in cases:
        seen[case.name] += 1
        number = seen[case.name]
        named.append(case if number == 1 else replace(case, name=f"{case.name} ({number})"))
    return named


def _function(path: Path, named: str | None) -> tuple[Path, str]:
    """The file, and the export that is named with it."""
    if named is not None:
        name, colon, export = named.rpartition(":")
        return (path.parent / name, export) if colon and export.isidentifier() else (path.parent / named, "")
    about = path.parent if path.parent.name.endswith(".cases") else path
    stem = about.parent / about.name.partition(".cases")[0]
    files = [stem.with_name(f"{stem.name}{suffix}") for suffix in (".js", *_HANDLERS)]
    return next((file for file in files if file.is_file()), files[0]), ""


def _table(path: Path) -> tuple[Any, list[int]]:
    """What a file holds, and the line of each case where that is known."""
    text = path.read_text("utf-8")
    try:
        if path.suffix == ".csv":
            return _csv(text)
        if path.suffix == ".json":
            return json.loads(text), []
        return _yaml(text)
    except (yaml.YAMLError, json.JSONDecodeError, csv.Error) as problem:
        raise CaseFileError(f"{path}: {problem}") from None


def _yaml(text: str) -> tuple[Any, list[int]]:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, []
        listed = node
        if isinstance(node, yaml.MappingNode):
            listed = next((value for key, value in node.value if key.value == "cases"), node)
        lines = [one.start_mark.line + 1 for one in listed.value] if isinstance(listed, yaml.SequenceNode) else []
        return loader.construct_document(node), lines
    finally:
        loader.dispose()


def _csv(text: str) -> tuple[Any, list[int]]:
    """Columns have dotted names: `request.target`, `expect.headers.location`. Empty cells say nothing; lines before the
    names that begin with `#` are settings (`# runtime: cloudfront-js-1.0`)."""
    rows = text.splitlines()
    settings: dict[str, Any] = {}
    skipped = 0
    while skipped < len(rows) and rows[skipped].startswith("#"):
        name, _, value = rows[skipped][1:].partition(":")
        settings[name.strip()] = value.strip()
        skipped += 1
    reader = csv.DictReader(rows[skipped:])
    cases: list[dict[str, Any]] = []
    lines: list[int] = []
    for row in reader:
        case: dict[str, Any] = {}
        for column, cell in row.items():
            if cell:
                _put(case, column.split("."), cell)
        cases.append(case)
        lines.append(skipped + reader.line_num)
    return {**settings, "cases": cases}, lines


def _put(into: dict[str, Any], keys: list[str], value: str) -> None:
    for key in keys[:-1]:
        into = into.setdefault(key, {})
    into[keys[-1]] = value


def _case(given: Any, number: int, path: Path, lines: list[int], ignored: tuple[str, ...]) -> Case:
    line = lines[number] if number < len(lines) else 1
    where = f"{path}:{line}" if lines else f"{path}, case {number + 1}"
    if not isinstance(given, dict):
        raise CaseFileError(f"{where}: a case is an object, with `request` or `event` and `expect`")
    _known(given, _OF_CASE, where, "a case")
    request = given.get("request", {})
    request = {"target": request} if isinstance(request, str) else request
    _known(request, _OF_REQUEST, where, "a request")
    _known(given.get("response") or {}, _OF_RESPONSE, where, "a response")
    event = _object(given.get("event"), path)
    expect = _object(given.get("expect"), path) or {}
    output = _object(given.get("output"), path)
    if output is None and expect and expect.keys() <= {"request", "response"}:
        expect, output = {}, expect
    name = given.get("name") or request.get("target") or (path.stem if len(lines) < 2 else f"case {number + 1}")
    return Case(
        name=str(name),
        line=line,
        request=request,
        response=given.get("response"),
        viewer=given.get("viewer"),
        event=event,
        event_type=given.get("event_type"),
        origin=given.get("origin"),
        expect=expect,
        output=output,
        error=given.get("error"),
        ignore=ignored + _paths(given.get("ignore")),
    )


def _object(given: Any, path: Path) -> dict[str, Any] | None:
    """An object in place, or the JSON or YAML file beside that holds it."""
    if isinstance(given, str):
        try:
            given = yaml.load((path.parent / given).read_text("utf-8"), Loader=_Loader)
        except (OSError, yaml.YAMLError) as problem:
            raise CaseFileError(f"{path}: {given}: {problem}") from None
    if given is not None and not isinstance(given, dict):
        raise CaseFileError(f"{path}: an object or the name of a file is needed in place of {given!r}")
    return given


def _known(given: Mapping[str, Any], known: set[str], where: object, what: str) -> None:
    for name in given:
        if name not in known:
            raise CaseFileError(f"{where}: {what} has no {name!r}; {nearest(str(name), known)}")


def _paths(given: Any) -> tuple[str, ...]:
    """`[response.headers.date]`, or the text `.response.headers.date, .response.cookies`."""
    listed: Iterator[str] = iter(given.split(",") if isinstance(given, str) else given or ())
    return tuple(one.strip().removeprefix(".") for one in listed)
