"""`edge invalidate`: remove objects from the cache of a running proxy, through its admin listener."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import click

_TIMEOUT_S = 30


@click.command(
    "invalidate",
    help="Remove objects from the cache of a running `edge serve --admin HOST:PORT`.\n\nPATH is as AWS takes it: it "
    "begins with /, `*` at its end is a wildcard, and a query string that is in the cache key must be given.",
    epilog="Example: edge invalidate '/images/*' /index.html",
)
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--tag", "tags", multiple=True, help="A cache tag (CacheTagConfig).")
@click.option("--admin", default="127.0.0.1:8081", show_default=True, metavar="HOST:PORT", help="The admin listener.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
def command(paths: tuple[str, ...], tags: tuple[str, ...], admin: str, as_json: bool) -> None:
    """One invalidation."""
    if not paths and not tags:
        raise click.UsageError("Give at least one PATH (for example '/*'), or a --tag.")
    request = urllib.request.Request(
        f"http://{admin}/.edge/invalidations",
        data=json.dumps({"paths": paths, "tags": tags}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        raise click.ClickException(_words(error)) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise click.ClickException(
            f"no admin listener at {admin} ({reason}); start edge serve with --admin {admin}"
        ) from None
    if as_json:
        click.echo(json.dumps(answer))
    else:
        click.echo(f"{answer['objects']} objects removed")


def _words(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError):
        return f"the admin listener answered {error.code}"
