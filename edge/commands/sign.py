"""`edge sign`: signed URLs and signed cookies for testing."""

from __future__ import annotations

import json
import shlex
import time
from pathlib import Path
from typing import Any, Literal, cast

import click

from edge.commands.times import parse_time
from edge.signer import Permission, PrivateKey, load_private_key, new_key_pair, sign

HashAlgorithm = Literal["SHA1", "SHA256"]


@click.command(
    "sign",
    help="Sign URL with a private key whose public half is in a trusted key group of the distribution.\n\nThe signed "
    "URL is printed; --cookies prints the three cookies instead, --curl a line to try it. Options have the names of "
    "`aws cloudfront sign` too. A key to test with: edge sign --new-key keys/ makes one, and says how a template "
    "trusts it.",
    epilog="Example: edge sign https://localhost:8443/film.mp4 --key private.pem --key-pair-id K2EXAMPLE --expires 2h",
)
@click.argument("url", required=False)
@click.option("--url", "url_option", metavar="URL", hidden=True)
@click.option("--key", "--private-key", "key_file", metavar="FILE", help="The private key, in PEM form.")
@click.option("--key-pair-id", help="The id of the public key.")
@click.option(
    *("--expires", "--date-less-than"),
    default="1h",
    show_default=True,
    metavar="TIME",
    help="ISO 8601, epoch seconds, or 2h.",
)
@click.option("--after", "--date-greater-than", metavar="TIME", help="Not valid before this time (custom policy).")
@click.option("--ip", "--ip-address", metavar="CIDR", help="Valid for these IPv4 addresses only (custom policy).")
@click.option("--resource", metavar="URL", help="What is signed, if not URL itself; * and ? are wildcards.")
@click.option("--custom-policy", is_flag=True, help="A custom policy, also where a canned one would do.")
@click.option("--hash", "hash_algorithm", type=click.Choice(["SHA1", "SHA256"]), default="SHA1", show_default=True)
@click.option("--cookies", is_flag=True, help="Print Set-Cookie values instead of a URL.")
@click.option("--curl", is_flag=True, help="Print lines for curl, one with the URL and one with cookies.")
@click.option("--via", metavar="HOST:PORT", help="With --curl: where the edge listens, whatever host URL names.")
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON.")
@click.option(
    "--new-key",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Make private.pem and public.pem there, and nothing else.",
)
@click.option("--key-type", type=click.Choice(["rsa", "ecdsa"]), default="rsa", show_default=True)
def command(**given: Any) -> None:
    """One signature, or one pair of keys."""
    if given["new_key"] is not None:
        _make_keys(given["new_key"], given["key_type"])
        return
    url = given["url"] or given["url_option"]
    if url is None or given["key_file"] is None or given["key_pair_id"] is None:
        raise click.UsageError("give URL, --key FILE and --key-pair-id ID; --new-key FOLDER makes a key")
    if "://" not in url:
        raise click.UsageError(f"URL {url}: write the whole URL, scheme and host included: they are signed")
    now = time.time()
    permission = Permission(
        given["resource"] or url,
        int(parse_time(given["expires"], "--expires", now=now)),
        None if given["after"] is None else int(parse_time(given["after"], "--after", now=now)),
        given["ip"],
    )
    algorithm = cast("HashAlgorithm", given["hash_algorithm"])
    key = _private_key(given["key_file"])
    found = sign(permission, url, key, given["key_pair_id"], algorithm, custom=given["custom_policy"])
    query = "&".join(f"{name}={value}" for name, value in found.items())
    signed = f"{url}{'&' if '?' in url else '?'}{query}"
    cookies = {f"CloudFront-{name}": value for name, value in found.items()}
    lines = _curl(url, signed, cookies, given["via"])
    if given["as_json"]:
        click.echo(json.dumps({"url": signed, "parameters": dict(found), "cookies": cookies, "curl": lines}))
    elif given["cookies"]:
        click.echo("\n".join(f"{name}={value}" for name, value in cookies.items()))
    else:
        click.echo("\n".join(lines.values()) if given["curl"] else signed)


def _private_key(name: str) -> PrivateKey:
    path = Path(name.removeprefix("file://"))
    try:
        return load_private_key(path.read_bytes())
    except OSError as error:
        raise click.UsageError(f"--key {path}: {error.strerror}") from None
    except ValueError as error:
        raise click.ClickException(f"{path}: not a private key in PEM form: {error}") from None


def _curl(url: str, signed: str, cookies: dict[str, str], via: str | None) -> dict[str, str]:
    """Lines for a shell. The host in a signed URL is what was signed, so curl is sent elsewhere for it."""
    start = ["curl"] if via is None else ["curl", "--connect-to", f"::{via}"]
    header = "Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"url": shlex.join([*start, signed]), "cookies": shlex.join([*start, "-H", header, url])}


def _make_keys(folder: Path, kind: Literal["rsa", "ecdsa"]) -> None:
    private, public = new_key_pair(kind)
    names = folder / "private.pem", folder / "public.pem"
    for path in names:
        if path.exists():
            raise click.ClickException(f"{path} is there already, and is not overwritten")
    folder.mkdir(parents=True, exist_ok=True)
    names[0].touch(0o600)
    names[0].write_bytes(private)
    names[1].write_bytes(public)
    indented = "".join(f"          {line}\n" for line in public.decode().splitlines())
    click.echo(f"made {names[0]} and {names[1]}; in a template:", err=True)
    click.echo(
        "  SigningKey:\n    Type: AWS::CloudFront::PublicKey\n    Properties:\n      PublicKeyConfig:\n"
        "        CallerReference: signing-key\n        Name: signing-key\n        EncodedKey: |\n"
        f"{indented}"
        "  SigningKeys:\n    Type: AWS::CloudFront::KeyGroup\n    Properties:\n      KeyGroupConfig:\n"
        "        Name: signing-keys\n        Items: [!Ref SigningKey]"
    )
    click.echo("and TrustedKeyGroups: [!Ref SigningKeys] in the behavior; its --key-pair-id is SigningKey", err=True)
