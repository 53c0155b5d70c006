"""`edge explain`: why a URL is answered as it is.

The request runs through the same exchange as under `edge serve`, with an empty cache, and asks the real origin.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit

import click

from edge.commands.options import Source, fail, load_or_exit, show, source_options_without_config
from edge.configuration import Configuration, ConfigurationError
from edge.logs.explanation import Stage, stages
from edge.logs.trail import trail
from edge.model.body import Tunnel
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.served import Served
from edge.model.viewer import Viewer
from edge.runtimes.engine import ENGINES

_COLORS = {"done": "green", "skipped": "yellow", "refused": "red", "failed": "red", "none": "bright_black"}


@click.command(
    "explain",
    help="Say why a URL is answered as it is: the behavior, each stage, the cache key in words, the TTL and where it "
    "comes from, and every header that is added or removed, with the rule that does it.\n\n"
    "CONFIG is as for `edge serve`. URL is whole, or a path. The cache is empty at first; the origin is really asked.",
    epilog="Example: edge explain template.yaml https://www.example.com/api/items?x=1 -H 'Accept-Encoding: br'",
)
@click.argument("words", nargs=-1, required=True, metavar="[CONFIG] URL")
@source_options_without_config
@click.option("-X", "--request", "method", default="GET", show_default=True, help="The method.")
@click.option("-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("-d", "--data", default="", help="A body.")
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The whole trail as JSON.")
def command(
    words: tuple[str, ...],
    source: Source,
    method: str,
    headers: tuple[str, ...],
    data: str,
    engine: str,
    as_json: bool,
) -> None:
    """One request, explained."""
    if len(words) > 2:
        raise click.UsageError(f"one URL at a time, and not {' '.join(words[1:])}")
    if len(words) == 2:
        if source.config is not None:
            raise click.UsageError("--from-aws takes the place of CONFIG.")
        if not Path(words[0]).exists():
            raise click.UsageError(f"CONFIG {words[0]}: there is no such file.")
        source = replace(source, config=Path(words[0]))
    request, scheme = _request(words[-1], method, headers, data.encode())
    configuration = load_or_exit(source)
    if not as_json:
        show(tuple(one for one in configuration.findings if one.level != "note"))

    served, again = asyncio.run(_ask(configuration, source, engine, request, scheme))
    if as_json:
        click.echo(json.dumps(trail(served), indent=2, ensure_ascii=False))
        return
    click.echo(f"{request.method} {scheme}://{request.host}{request.target}")
    for stage in stages(served):
        _show(stage)
    status = click.style(str(served.response.status), bold=True)
    click.echo(f"=> {status} {served.response.phrase}, {served.result_type} from cloudfront")
    if again is not None:
        click.echo(f"   asked again: {again.response.status}, {again.result_type} from cloudfront")


def _request(url: str, method: str, headers: tuple[str, ...], body: bytes) -> tuple[Request, Literal["http", "https"]]:
    """The viewer's request; a path alone goes to http://localhost."""
    parts = urlsplit(url if "://" in url else f"http://localhost/{url.removeprefix('/')}")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise click.UsageError(f"URL {url}: write http://HOST/PATH, https://HOST/PATH or /PATH")
    lines: list[tuple[str, str]] = [("Host", parts.netloc)]
    for header in headers:
        name, colon, value = header.partition(":")
        if not colon or not name.strip():
            raise click.UsageError(f"-H {header}: write 'NAME: VALUE'")
        if name.strip().lower() == "host":
            lines[0] = ("Host", value.strip())
        else:
            lines.append((name.strip(), value.strip()))
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if "?" in url else None
    return Request(method, path, query, Headers(lines), body), "https" if parts.scheme == "https" else "http"


async def _ask(
    configuration: Configuration, source: Source, engine: str, request: Request, scheme: Literal["http", "https"]
) -> tuple[Served, Served | None]:
    """The answer to a first request, and to the same one again when the first was stored."""
    from edge.app import App, Options

    try:
        app = App(configuration, source.load, Options(engine, say=_say), lambda served, body_bytes, complete: None)
    except ConfigurationError as error:
        fail(error.findings)
    viewer = Viewer("127.0.0.1", scheme=scheme, location=configuration.local.viewer.location())

    async def answer() -> Served:
        begun = app.driver.begin(request, viewer)
        served = begun if isinstance(begun, Served) else await begun
        body = served.response.body
        if isinstance(body, Tunnel):
            body.close()
        elif not isinstance(body, bytes):
            async for _ in body:
                pass
        return served

    try:
        served = await answer()
        return served, await answer() if served.trail.ttl_s else None
    finally:
        await app.close()


def _say(text: str) -> None:
    click.echo(text, err=True)


def _show(stage: Stage) -> None:
    first, *more = stage.sentences or ("",)
    name = click.style(f"{stage.name:<17}", bold=stage.state != "none")
    click.echo(f"  {name} {click.style(first, fg=_COLORS[stage.state])}")
    for sentence in more:
        click.echo(f"  {'':<17} {sentence}")
