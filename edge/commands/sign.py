"""`edge sign`: signed URLs and signed cookies for testing."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Literal, cast

import click

from edge.commands.times import parse_time
from edge.signer import Permission, load_private_key, sign

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "sign",
    help="Sign URL with a private key whose public half is in a trusted key group of the distribution.\n\nA key for "
    "testing: openssl genrsa -out private.pem 2048; openssl rsa -in private.pem -pubout -out public.pem",
    epilog="Example: edge sign https://localhost:8443/film.mp4 --key private.pem --key-pair-id K2EXAMPLE --expires 2h",
)
@click.argument("url")
@click.option("--key", "key_file", type=_FILE, required=True, help="The private key, in PEM form.")
@click.option("--key-pair-id", required=True, help="The id of the public key.")
@click.option("--expires", default="1h", show_default=True, metavar="TIME", help="ISO 8601, epoch seconds, or 2h.")
@click.option("--after", metavar="TIME", help="Not valid before this time (custom policy).")
@click.option("--ip", metavar="CIDR", help="Valid for these IPv4 addresses only (custom policy).")
@click.option("--resource", metavar="URL", help="What is signed, if not URL itself; * and ? are wildcards.")
@click.option("--hash", "hash_algorithm", type=click.Choice(["SHA1", "SHA256"]), default="SHA1", show_default=True)
@click.option("--cookies", is_flag=True, help="Print Cookie headers instead of a URL.")
@click.option("--json", "as_json", is_flag=True, help="The parameters by name, as JSON.")
def command(
    url: str,
    key_file: Path,
    key_pair_id: str,
    expires: str,
    after: str | None,
    ip: str | None,
    resource: str | None,
    hash_algorithm: str,
    cookies: bool,
    as_json: bool,
) -> None:
    """One signature."""
    if "://" not in url:
        raise click.UsageError(f"URL {url}: write the whole URL, scheme and host included: they are signed")
    now = time.time()
    try:
        key = load_private_key(key_file.read_bytes())
    except ValueError as error:
        raise click.ClickException(f"{key_file}: not a private key in PEM form: {error}") from None
    permission = Permission(
        resource or url,
        int(parse_time(expires, "--expires", now=now)),
        None if after is None else int(parse_time(after, "--after", now=now)),
        ip,
    )
    algorithm = cast("Literal['SHA1', 'SHA256']", hash_algorithm)
    found = sign(permission, url, key, key_pair_id, algorithm)
    if as_json:
        click.echo(json.dumps(found))
    elif cookies:
        click.echo("Cookie: " + "; ".join(f"CloudFront-{name}={value}" for name, value in found.items()))
    else:
        query = "&".join(f"{name}={value}" for name, value in found.items())
        click.echo(f"{url}{'&' if '?' in url else '?'}{query}")
