"""`edge invoke`: one run of a function on one event.

Source: CloudFront API Reference, TestFunction and TestResult. As TestFunction does, it does not judge what the function
returned (read-only headers and the like); `--strict` does, as production would.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from edge.commands.options import RUNTIMES
from edge.commands.times import parse_time
from edge.events import cloudfront_functions_result, test_result
from edge.model import quotas
from edge.model.function import (
    CloudFrontFunction,
    EventType,
    FunctionCall,
    FunctionOutcome,
    Invalid,
    JavaScriptRuntime,
    Returned,
    Threw,
)
from edge.model.headers import Headers
from edge.model.json_value import JsonObject
from edge.model.request import Request
from edge.model.response import Response
from edge.model.violation import Violation
from edge.runtimes.engine import ENGINES, make_engine
from edge.runtimes.key_value_stores import MemoryStores

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "invoke",
    help="Run a CloudFront Function once and print AWS's TestResult as JSON. Exit status 1 when the function failed.",
    epilog="Example: edge invoke rewrite.js --event event.json --kvs routes=routes.json --at 2026-01-01T00:00:00Z",
)
@click.argument("file", type=_FILE)
@click.option("--event", "event_file", type=_FILE, required=True, help="The event object, as the AWS console has it.")
@click.option("--runtime", type=click.Choice(RUNTIMES), default=RUNTIMES[-1], show_default=True)
@click.option("--kvs", "stores", multiple=True, metavar="NAME=FILE", help="A key value store (AWS's import JSON).")
@click.option("--at", "at", metavar="TIME", help="What time the function sees: ISO 8601 or epoch seconds.")
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@click.option("--strict", is_flag=True, help="Judge the result as production does, not only as TestFunction does.")
@click.option("--json", "as_json", is_flag=True, help="The output is JSON anyway; accepted so that scripts may say it.")
def command(
    file: Path,
    event_file: Path,
    runtime: str,
    stores: tuple[str, ...],
    at: str | None,
    engine: str,
    strict: bool,
    as_json: bool,
) -> None:
    """One run."""
    event = _event(event_file)
    seeds = _stores(stores)
    now = time.time() if at is None else parse_time(at, "--at", now=time.time())
    function = CloudFrontFunction(
        name=file.stem,
        code=file.read_text("utf-8"),
        runtime=JavaScriptRuntime(runtime),
        source_name=str(file),
        key_value_store=next(iter(seeds), None),
    )
    event_type = EventType.VIEWER_RESPONSE if "response" in event else EventType.VIEWER_REQUEST
    call = FunctionCall(function, event_type, event, _raw_query(event), now, 0, _request_id(event))
    outcome = make_engine(engine, MemoryStores(seeds, now)).run(call)
    result = dict(test_result.render(outcome))
    if strict and isinstance(outcome, Returned):
        violation = _violation(outcome, event)
        if violation is not None:
            result |= {"FunctionOutput": "", "FunctionErrorMessage": violation.message}
            click.echo(f"{violation.note.rule}: {violation.note.sentence}", err=True)
    _explain(outcome, file)
    click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    raise SystemExit(1 if result["FunctionErrorMessage"] else 0)


def _event(path: Path) -> JsonObject:
    data = path.read_bytes()
    if len(data) > quotas.FUNCTION_EVENT_MAX_BYTES:
        raise click.ClickException(
            f"{path}: the event has {len(data)} bytes, and at most {quotas.FUNCTION_EVENT_MAX_BYTES} are accepted"
        )
    try:
        event: Any = json.loads(data)
    except ValueError as error:
        raise click.ClickException(f"{path}: not JSON: {error}") from None
    if not isinstance(event, dict) or not isinstance(event.get("request"), dict):
        raise click.ClickException(
            f'{path}: not an event of a CloudFront Function: it must be an object with "version", "context", "viewer" '
            'and "request"'
        )
    return event


def _stores(options: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """AWS's import format {"data": [{"key", "value"}...]}, or a plain object of strings."""
    stores: dict[str, dict[str, str]] = {}
    for option in options:
        name, equals, file = option.partition("=")
        if not equals:
            raise click.UsageError(f"--kvs {option}: write NAME=FILE")
        try:
            data = json.loads(Path(file).read_text("utf-8"))
            pairs = data["data"] if isinstance(data.get("data"), list) else None
            stores[name] = data if pairs is None else {pair["key"]: pair["value"] for pair in pairs}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise click.ClickException(
                f'{file}: not a key value store: {error!r}. AWS\'s import format is {{"data": [{{"key", "value"}}]}}'
            ) from None
    return stores


def _raw_query(event: JsonObject) -> str | None:
    """TestFunction has no raw query string; it is put together from the event's parameters."""
    request = event["request"]
    parameters = request.get("querystring") if isinstance(request, dict) else None
    if not isinstance(parameters, dict) or not parameters:
        return None
    texts = (
        f"{name}={one.get('value', '')}"
        for name, entry in parameters.items()
        for one in (entry.get("multiValue") or [entry])
    )
    return "&".join(texts)


def _request_id(event: JsonObject) -> str:
    context = event.get("context")
    given = context.get("requestId") if isinstance(context, dict) else None
    return given if isinstance(given, str) else ""


def _violation(outcome: Returned, event: Any) -> Violation | None:
    """What production would say to the result."""
    filled: dict[str, Any] = {name: {} for name in ("headers", "cookies", "querystring")}
    request = {**filled, "method": "GET", "uri": "/", **event["request"]}
    result: Request | Response | Violation
    if "response" in event:
        response = {"headers": {}, "cookies": {}, **event["response"]}
        whole = {**event, "request": request, "response": response}
        before = Response(int(response.get("statusCode", 200)), _lines(response["headers"]))
        result = cloudfront_functions_result.read_viewer_response(outcome.value, before, whole)
    else:
        whole = {**event, "request": request}
        sent = Request(request["method"], request["uri"], _raw_query(event), _lines(request["headers"]))
        result = cloudfront_functions_result.read_viewer_request(outcome.value, sent, whole)
    return result if isinstance(result, Violation) else None


def _lines(entries: Any) -> Headers:
    return Headers(
        (name, one["value"]) for name, entry in entries.items() for one in (entry.get("multiValue") or [entry])
    )


def _explain(outcome: FunctionOutcome, file: Path) -> None:
    """Where it went wrong, for a person, on stderr."""
    if isinstance(outcome, Threw | Invalid) and outcome.line:
        click.echo(f"{file}:{outcome.line}:{outcome.column}: {outcome.error}", err=True)
    if isinstance(outcome, Threw):
        for frame in outcome.stack:
            click.echo(f"    at {frame}", err=True)
