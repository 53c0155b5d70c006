"""`edge init`: three questions, then an edge.toml, a sample test, and the line to run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import click

from edge import configuration
from edge.commands.options import fail, show
from edge.configuration import Configuration, ConfigurationError
from edge.configuration.local_urls import UNMAPPED
from edge.model.origin import Origin, OriginKind

_LIKELY = ("template.yaml", "template.yml", "cdk.out", "plan.json", "state.json", "distribution.json")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_TEST = '''"""What the edge does in front of the site: pytest -q test_edge.py"""

import pytest


@pytest.fixture
def site(distribution):
    return distribution({source})


def test_a_page_comes_through(site, origin):
    origin.any().replies(200, {{"Cache-Control": "max-age=60"}}, "hello")
    response = site.get({path})
    assert response.status < 500, response.explain()
'''


@click.command(
    "init",
    help="Ask three questions, and write an edge.toml, a sample test (test_edge.py) and the line to run.\n\n"
    "What is given as an argument or option is not asked for. The files are written beside CONFIG, or here.",
    epilog="Example: edge init template.yaml --origin http://localhost:3000 --path /",
)
@click.argument("config", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--origin", metavar="URL|FOLDER", help="Where the site runs on this machine.")
@click.option("--path", metavar="PATH", help="A path to try.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what is likely.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
def command(config: Path | None, origin: str | None, path: str | None, yes: bool, force: bool) -> None:
    """Begin a project."""
    if config is None:
        likely = next((name for name in _LIKELY if Path(name).exists()), "")
        question = "Configuration (template, cdk.out, Terraform's or AWS's JSON; empty for none)"
        answer = likely if yes else click.prompt(question, default=likely, err=True)
        config = Path(answer) if answer else None
        if config is not None and not config.exists():
            raise click.UsageError(f"CONFIG {config}: there is no such file.")
    folder = Path() if config is None else config.parent
    files = [folder / "edge.toml", folder / "test_edge.py"]
    there = [str(file) for file in files if file.exists()]
    if there and not force:
        raise click.ClickException(f"{' and '.join(there)} is there already; --force writes over it.")
    made = _inspected(config)
    if origin is None:
        question = "Where does your site run on this machine (URL or folder)?"
        origin = "http://localhost:3000" if yes else click.prompt(question, default="http://localhost:3000", err=True)
    if urlsplit(origin).scheme not in ("http", "https") and not Path(origin).is_dir():
        raise click.UsageError(f"--origin {origin}: neither a URL (http://localhost:3000) nor a folder that exists.")
    if path is None:
        path = "/" if yes else str(click.prompt("A path to try", default="/", err=True))
    path = path if path.startswith("/") else f"/{path}"

    (folder / "edge.toml").write_text(_toml(made, origin, folder), "utf-8")
    source = "" if config is None else json.dumps(config.name)
    (folder / "test_edge.py").write_text(_TEST.format(source=source, path=json.dumps(path)), "utf-8")
    for file in files:
        click.echo(f"wrote {file}", err=True)
    written = _inspected(config)
    if written is not None:
        show(tuple(one for one in written.findings if one.level == "error"))
    click.echo(f"edge serve {config if config is not None else f'--origin {origin}'}")


def _inspected(config: Path | None) -> Configuration | None:
    if config is None:
        return None
    try:
        return configuration.inspect(config)
    except ConfigurationError as problem:
        fail(problem.findings)


def _toml(made: Configuration | None, origin: str, folder: Path) -> str:
    """The file, with a line for each origin that has no address on this machine yet, and each store."""
    lines = ["# What is only local, and has no place in a template.", ""]
    origins = [one for whole in made.distributions for one in whole.origins.values()] if made is not None else []
    if origins:
        lines.append("[origins]")
        lines += dict.fromkeys(_line(one, origin, folder) for one in origins)
        lines.append("")
    for name in made.stores if made is not None else ():
        lines += [f"[kvs.{_key(name)}]", 'values = { "example" = "value" }', ""]
    lines += ["# [viewer]", '# country = "DE"', '# device = "mobile"', ""]
    return "\n".join(lines)


def _line(one: Origin, origin: str, folder: Path) -> str:
    """An origin's line. A bucket whose folder is not there yet is a line to fill in."""
    is_url = "://" in origin
    where = origin if is_url else str(Path(origin).resolve())
    if one.kind is OriginKind.S3 and is_url:
        found = next((name for name in ("dist", "build", "public", "out") if (folder / name).is_dir()), None)
        if found is not None:
            where = f"./{found}"
    local = "" if one.local_url in ("", UNMAPPED) else f"  (was {one.local_url})"
    return f"{_key(one.id)} = {json.dumps(where)}  # {one.domain_name}{local}"


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name)
