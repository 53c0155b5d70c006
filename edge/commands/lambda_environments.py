"""`edge lambda`: where Lambda@Edge functions can run on this machine, and what makes more of that possible."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from edge.runtimes.lambda_edge.providers import microvm_guest
from edge.runtimes.lambda_edge.providers.choice import PROVIDERS, make_provider
from edge.runtimes.lambda_edge.providers.provider import Unavailable


@click.group("lambda", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """See where Lambda@Edge functions can run here, and set up virtual machines for them.

    Choose with `edge serve --isolation NAME`, or in edge.toml: [lambda] provider = "NAME". The program of the provider
    `firecracker` is your own: EDGE_FIRECRACKER names it here, and [lambda] firecracker in edge.toml.
    """


@command.command("providers", epilog="Example: edge lambda providers --json")
@click.option("--json", "as_json", is_flag=True, help="A list of {name, available, reason, gives}, on stdout.")
def providers(as_json: bool) -> None:
    """List what can isolate functions on this machine, what each gives and lacks, and why one is not available."""
    found = [_about(name) for name in PROVIDERS]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo(f"{click.style(one['name'], bold=True):<12} {'available' if one['available'] else 'not available'}")
        if one["reason"]:
            click.echo(f"  {one['reason']}")
        for each in one["gives"].pop("lacks", ()):
            click.echo(f"  - {each}")
        has = [name.replace("_", " ") for name, value in one["gives"].items() if value is True]
        if has:
            click.echo(f"  + {', '.join(has)}")


@command.command("setup-microvm", epilog="Example: edge lambda setup-microvm && edge serve --isolation microvm ...")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to keep it, 280 MB.  [default: the user's cache folder, where `edge serve` looks]",
)
def setup_microvm(folder: Path | None) -> None:
    """Build what microVMs boot: Debian's cloud kernel and a read-only root with this machine's Node.js and Python.

    Packages are downloaded by apt-get and unpacked, not installed; no rights are needed. It takes seconds.
    With lz4 the kernel is unpacked too, for Firecracker.
    """
    try:
        guest = microvm_guest.build(folder or microvm_guest.default_folder(), lambda text: click.echo(text, err=True))
    except Unavailable as missing:
        raise click.ClickException(str(missing)) from None
    click.echo(str(guest.kernel.parent))


def _about(name: str) -> dict[str, Any]:
    try:
        provider = make_provider(name)
    except Unavailable as missing:
        return {"name": name, "available": False, "reason": str(missing), "gives": {}}
    provider.warden.close()
    return {"name": name, "available": True, "reason": "", "gives": provider.gives._asdict()}
