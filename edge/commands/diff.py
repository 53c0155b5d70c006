"""`edge diff`: what a change of configuration does to traffic, in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

import click

from edge import configuration
from edge.commands.options import fail, fetch_or_exit, pairs, show
from edge.configuration import ConfigurationError, packages
from edge.difference import changes, traffic
from edge.difference.change import Change
from edge.difference.traffic import Moved, Visit
from edge.logs import standard_log_reading
from edge.model.distribution import Behavior, Distribution
from edge.model.function import Function, LambdaFunction
from edge.model.headers import Headers
from edge.model.request import Request

_CONFIG = click.Path(exists=True, path_type=Path)
_COLORS = {"routing": "magenta", "access": "red", "cache": "yellow", "origin": "cyan", "response": "green"}
_SHOWN_MAX = 20


@click.command(
    "diff",
    help="Say what a change of configuration does to traffic.\n\n"
    "OLD and NEW are configurations, as for `edge serve`, in the same form or in two. Without URLs, one path is tried "
    "for each path pattern. Exit status 0 whether or not there is a difference; 1 when a configuration cannot be read.",
    epilog="Example: edge diff deployed.json template.yaml https://www.example.com/api/items --access-log logs/",
)
@click.argument("words", nargs=-1, required=True, metavar="[OLD] NEW [URL]...")
@click.option("--from-aws", metavar="ID", help="In place of OLD: a deployed distribution (extra: aws).")
@click.option("--urls", "url_file", type=click.File(), metavar="FILE", help="URLs, one in a line; - is stdin.")
@click.option("--access-log", "logs", multiple=True, type=_CONFIG, metavar="FILE|DIR", help="Standard access logs.")
@click.option("--distribution", metavar="NAME", help="Which distribution, if a configuration holds several.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A template parameter.")
@click.option("--json", "as_json", is_flag=True, help="{changes, requests, moved, empties_cache}, on stdout.")
def command(
    words: tuple[str, ...],
    from_aws: str | None,
    url_file: TextIO | None,
    logs: tuple[Path, ...],
    distribution: str | None,
    parameters: tuple[str, ...],
    as_json: bool,
) -> None:
    """Compare two configurations."""
    files = [Path(word) for word in words[: 1 if from_aws else 2]]
    urls = words[len(files) :]
    if len(files) < (1 if from_aws else 2):
        raise click.UsageError("Give OLD and NEW, or --from-aws ID and NEW.")
    for file in files:
        if not file.exists():
            raise click.UsageError(f"{file}: there is no such file.")
    new = files[-1]
    old = fetch_or_exit(from_aws) if from_aws else files[0]
    given = pairs(parameters, "--parameter")
    before, after = (_distribution(path, distribution, given) for path in (old, new))
    visits = list(_visits((*urls, *_lines(url_file)), logs, before, after))
    found = changes.changes(before, after)
    moved = traffic.moved(before, after, visits)
    if as_json:
        click.echo(json.dumps(_as_json(found, visits, moved), ensure_ascii=False, indent=2))
    else:
        _show(found, visits, moved)


def _distribution(path: Path, name: str | None, parameters: dict[str, str]) -> Distribution:
    try:
        made = configuration.inspect(path, distribution=name, parameters=parameters)
    except ConfigurationError as problem:
        if parameters and problem.findings[0].rule == "document.parameters":
            return _distribution(path, name, {})  # they are the other one's, which is a template
        fail(problem.findings)
    wrong = tuple(one for one in made.findings if one.level == "error")
    show(wrong)
    if not made.distributions:
        raise SystemExit(1)
    whole, *others = made.distributions
    if others:
        names = ", ".join(one.name for one in others)
        click.echo(f"{path}: {whole.name} is compared; others by --distribution: {names}", err=True)
    return replace(whole, behaviors=tuple(_comparable(one) for one in whole.behaviors))


def _comparable(behavior: Behavior) -> Behavior:
    """A behavior whose Lambda functions say what is in their packages, not where those lie."""

    def of(function: Function) -> Function:
        if not isinstance(function, LambdaFunction):
            return function
        digest = hashlib.sha256()
        folder = Path(function.code_path)
        for file in packages.watched(folder):
            digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
        return replace(function, code_path=digest.hexdigest())

    return replace(behavior, functions={event: of(function) for event, function in behavior.functions.items()})


def _lines(file: TextIO | None) -> list[str]:
    return [] if file is None else [line.strip() for line in file if line.strip() and not line.startswith("#")]


def _visits(
    urls: tuple[str, ...], logs: tuple[Path, ...], before: Distribution, after: Distribution
) -> Iterator[Visit]:
    host = next((alias for one in (before, after) for alias in one.aliases if "*" not in alias), before.domain_name)
    for url in urls:
        parts = urlsplit(url if "://" in url else f"https://{host}/{url.removeprefix('/')}")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise click.UsageError(f"URL {url}: write https://HOST/PATH or /PATH")
        request = Request("GET", parts.path or "/", parts.query or None, _headers(parts.netloc))
        yield Visit(request, "http" if parts.scheme == "http" else "https")
    for path in logs:
        try:
            logged = standard_log_reading.read(path)
        except (OSError, ValueError) as problem:
            raise click.ClickException(str(problem)) from None
        for one, count in logged.items():
            request = Request(one.method, one.path, one.query, _headers(one.host or host))
            yield Visit(request, "http" if one.scheme == "http" else "https", count)
    if not urls and not logs:
        yield from traffic.examples(before, after)


def _headers(host: str) -> Headers:
    return Headers([("Host", host), ("Accept-Encoding", "gzip, deflate, br")])


def _as_json(found: list[Change], visits: list[Visit], moved: list[Moved]) -> dict[str, object]:
    return {
        "changes": [one._asdict() for one in found],
        "requests": sum(visit.count for visit in visits),
        "moved": [
            {
                "example": one.example,
                "count": one.count,
                "old": one.old._asdict(),
                "new": one.new._asdict(),
                "sentences": one.sentences,
                "empties_cache": one.empties_cache,
            }
            for one in moved
        ],
        "empties_cache": any(one.empties_cache for one in found) or any(one.empties_cache for one in moved),
    }


def _show(found: list[Change], visits: list[Visit], moved: list[Moved]) -> None:
    if not found:
        click.echo("the two come to the same distribution")
    where = ""
    for one in found:
        if one.where != where:
            where = one.where
            click.echo(click.style(where, bold=True))
        mark = "  the cache is empty afterwards" if one.empties_cache else ""
        concern = click.style(f"{one.concern:<8}", fg=_COLORS.get(one.concern))
        click.echo(f"  {concern}  {one.sentence}{click.style(mark, fg='red')}")
    total = sum(visit.count for visit in visits)
    count = sum(kind.count for kind in moved)
    click.echo(f"{count} of {total} request{'s' if total != 1 else ''} fare{'s' if total == 1 else ''} differently")
    for kind in moved[:_SHOWN_MAX]:
        more = f" and {kind.count - 1} more" if kind.count > 1 else ""
        click.echo(f"  {kind.example}{more}\n    {'; '.join(kind.sentences)}")
    if len(moved) > _SHOWN_MAX:
        click.echo(f"  ... and {len(moved) - _SHOWN_MAX} other kinds; --json has them all")
