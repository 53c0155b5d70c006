"""`edge invoke`: one run of a function on one event.

Source: CloudFront API Reference, TestFunction and TestResult; Lambda API Reference, Invoke. As TestFunction does, it
does not judge what a CloudFront Function returned (read-only headers and the like); `--strict` does, as production
would. What a Lambda@Edge handler returned is always judged: that is the Verdict.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from edge.commands.invocations import Invocation, cloudfront_function, lambda_edge
from edge.commands.options import RUNTIMES
from edge.commands.times import parse_time
from edge.configuration import ConfigurationError, key_value_stores
from edge.model import quotas
from edge.model.no_event import NoEvent
from edge.runtimes.engine import ENGINES

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "invoke",
    help="Run a function once.\n\nA CloudFront Function (FILE.js) answers with AWS's TestResult. A Lambda@Edge handler "
    "(FILE[:handler], .js, .mjs, .cjs or .py, with a Records[0].cf event) answers with its payload, its report, its "
    "log, and the verdict: what CloudFront would make of the payload. Exit status 1 when the function failed.",
    epilog="Example: edge invoke rewrite.js --event event.json --kvs routes=routes.json --at 2026-01-01T00:00:00Z",
)
@click.argument("function", metavar="FILE[:handler]")
@click.option("--event", "event_file", type=_FILE, required=True, help="The event object, as the AWS console has it.")
@click.option("--runtime", help=f"{' or '.join(RUNTIMES)} (default); for a handler nodejs22.x, python3.12 and others.")
@click.option("--kvs", "stores", multiple=True, metavar="NAME=FILE", help="A key value store (AWS's import JSON).")
@click.option("--at", "at", metavar="TIME", help="What time the function sees: ISO 8601 or epoch seconds.")
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@click.option("--isolation", default="process", show_default=True, help="What isolates a Lambda@Edge handler.")
@click.option("--strict", is_flag=True, help="Judge the result as production does, not only as TestFunction does.")
@click.option("--json", "as_json", is_flag=True, help="The output is JSON anyway; accepted so that scripts may say it.")
def command(
    function: str,
    event_file: Path,
    runtime: str | None,
    stores: tuple[str, ...],
    at: str | None,
    engine: str,
    isolation: str,
    strict: bool,
    as_json: bool,
) -> None:
    """One run."""
    event = _event(event_file)
    now = time.time() if at is None else parse_time(at, "--at", now=time.time())
    invocation = Invocation(function, event, runtime, _stores(stores), now, engine, isolation, strict)
    try:
        result, failed = lambda_edge(invocation) if "Records" in event else cloudfront_function(invocation)
    except NoEvent as missing:
        raise click.ClickException(f"{event_file}: {missing}") from None
    click.echo(_shown(result))
    raise SystemExit(1 if failed else 0)


def _shown(result: object) -> str:
    """As JSON, readable; in ASCII where a text is none that can be written (half of a character in two parts)."""
    text = json.dumps(result, ensure_ascii=False, indent=2)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(result, indent=2)
    return text


def _event(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    try:
        event: Any = json.loads(data)
    except ValueError as error:
        raise click.ClickException(f"{path}: not JSON: {error}") from None
    if not isinstance(event, dict) or not ("Records" in event or isinstance(event.get("request"), dict)):
        raise click.ClickException(
            f'{path}: not an event: a CloudFront Function takes an object with "version", "context", "viewer" and '
            '"request", a Lambda@Edge handler one with "Records"'
        )
    if "Records" not in event and len(data) > quotas.FUNCTION_EVENT_MAX_BYTES:
        raise click.ClickException(
            f"{path}: the event has {len(data)} bytes, and at most {quotas.FUNCTION_EVENT_MAX_BYTES} are accepted"
        )
    return event


def _stores(options: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """AWS's import format {"data": [{"key", "value"}...]}, or a plain object of strings."""
    stores: dict[str, dict[str, str]] = {}
    for option in options:
        name, equals, file = option.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--kvs {option}: write NAME=FILE")
        try:
            stores[name] = key_value_stores.read_file(Path(file))
            key_value_stores.check(stores[name], f"--kvs {name}={file}")
        except ConfigurationError as error:
            raise click.ClickException(str(error)) from None
    return stores
