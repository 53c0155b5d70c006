"""`edge invalidate`: remove objects from the cache of a running proxy, through its admin listener."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import click

_TIMEOUT_S = 30


@click.command(
    "invalidate",
    help="Remove objects from the cache of a running `edge serve --admin HOST:PORT`.\n\nPATH is as AWS takes it: it "
    "begins with /, `*` at its end is a wildcard (elsewhere it is a letter like any other), and a query string that is "
    "in the cache key must be given, or be covered by the wildcard. Where a viewer request function rewrites URLs, "
    "give what it makes of them.",
    epilog="Example: edge invalidate '/images/*' /index.html",
)
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--paths", "more_paths", multiple=True, hidden=True)
@click.option("--tag", "tags", multiple=True, help="A cache tag (CacheTagConfig).")
@click.option("--caller-reference", default="", metavar="TEXT", help="The same again is the same invalidation.")
@click.option(
    "--invalidation-batch",
    metavar="FILE",
    help="All of it as JSON, as `aws cloudfront create-invalidation` takes it.",
)
@click.option("--list", "lists", is_flag=True, help="Show what was invalidated, the newest first.")
@click.option("--admin", default="127.0.0.1:8081", show_default=True, metavar="HOST:PORT", help="The admin listener.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
def command(
    paths: tuple[str, ...],
    more_paths: tuple[str, ...],
    tags: tuple[str, ...],
    caller_reference: str,
    invalidation_batch: str | None,
    lists: bool,
    admin: str,
    as_json: bool,
) -> None:
    """One invalidation."""
    if lists:
        _list(_ask(admin, None), as_json)
        return
    asked: Any = {"paths": [*more_paths, *paths], "tags": tags, "caller_reference": caller_reference}
    if invalidation_batch is not None:
        asked = _batch(invalidation_batch)
    elif not asked["paths"] and not tags:
        raise click.UsageError("Give at least one PATH (for example '/*'), a --tag, or --list.")
    answer = _ask(admin, asked)
    if as_json:
        click.echo(json.dumps(answer))
    else:
        click.echo(f"{answer['objects']} objects removed ({answer['id']})")


def _ask(admin: str, asked: Any) -> Any:
    request = urllib.request.Request(
        f"http://{admin}/.edge/invalidations",
        data=None if asked is None else json.dumps(asked).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise click.ClickException(_words(error)) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise click.ClickException(
            f"no admin listener at {admin} ({reason}); start edge serve with --admin {admin}"
        ) from None


def _batch(name: str) -> Any:
    path = Path(name.removeprefix("file://"))
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise click.UsageError(f"--invalidation-batch {path}: {error.strerror}") from None
    except ValueError as error:
        raise click.ClickException(f"{path} is not JSON: {error}") from None


def _list(answer: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer))
        return
    for one in answer:
        names = " ".join([*one["paths"], *(f"#{tag}" for tag in one["tags"])])
        click.echo(f"{one['create_time']}  {one['id']}  {one['status']}  {one['objects']:>6} objects  {names}")


def _words(error: urllib.error.HTTPError) -> str:
    try:
        found = json.load(error)
        code = f"{found['code']}: " if "code" in found else ""
        return f"{code}{found['error']}"
    except (ValueError, KeyError):
        return f"the admin listener answered {error.code}"
