"""`edge serve`: the proxy."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from edge.commands.options import Source, fail, load_or_exit, show, source_options
from edge.configuration import Configuration, ConfigurationError
from edge.configuration.local import WORKERS_MAX, LogFormat
from edge.runtimes.engine import ENGINES
from edge.runtimes.lambda_edge.providers.provider import Unavailable
from edge.workers import CannotStart

if TYPE_CHECKING:
    from edge.app import App, Listener, Options
    from edge.reports import Logger, Reports
    from edge.workers.crew import Crew

_FORWARDS_LITTLE = (
    "as on CloudFront, query strings, cookies and WebSockets stop at the edge (CachingOptimized); a site that needs "
    "them wants --cache-policy CachingDisabled --origin-request-policy AllViewer"
)
TLS_SERVERS = ("edge", "hypercorn")
_SERVER = "Who speaks TLS: the edge itself, or hypercorn, which has no HTTP/3 (docs/decisions/0009-tls.md)."


@click.command(
    "serve",
    help="Run the proxy in front of a site.\n\nCONFIG is a CloudFormation or SAM template, cdk.out, "
    "`terraform show -json` or `aws cloudfront get-distribution-config`. Without one, --origin URL makes one behavior "
    "(CachingOptimized). Files are watched: an edit is taken up at once, and a broken one leaves the last good "
    "version running.",
    epilog="Example: edge serve --origin http://localhost:3000 --viewer-request rewrite.js",
)
@source_options
@click.option("--listen", metavar="HOST:PORT", help="Where viewers connect.  [default: 127.0.0.1:8080]")
@click.option("--tls", metavar="[HOST:]PORT", help="HTTPS too, with HTTP/2 and HTTP/3, on this port.")
@click.option("--tls-server", type=click.Choice(TLS_SERVERS), default=TLS_SERVERS[0], show_default=True, help=_SERVER)
@click.option("--admin", metavar="HOST:PORT", help="Health, metrics and trails; loopback only. Off by default.")
@click.option(
    "--workers",
    type=click.IntRange(1, WORKERS_MAX),
    metavar="N",
    help="Serve viewers with N processes, one cache behind them.  [default: 1]",
)
@click.option(
    "--explain-header",
    is_flag=True,
    help="Mark each response with x-edge-trail: <id>: /.edge/trails/<id> of --admin says why.",
)
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@click.option(
    "--isolation",
    metavar="PROVIDER",
    help="What isolates Lambda functions: process (default), sandbox, microvm or firecracker.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each request, on stdout.")
@click.option(
    "--access-log", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Standard logs here."
)
@click.option("--access-log-format", type=click.Choice(get_args(LogFormat)), help="Version 1 (default), or one of 2's.")
@click.option(
    "--function-logs",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="What functions log, here too, in the groups and streams of CloudWatch Logs.",
)
@click.option(
    "--cache-dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep the cache here, over restarts; large objects are on disk only.",
)
@click.option("--quiet", is_flag=True, help="No request log.")
def command(
    source: Source,
    listen: str | None,
    tls: str | None,
    tls_server: str,
    admin: str | None,
    workers: int | None,
    explain_header: bool,
    engine: str,
    isolation: str | None,
    as_json: bool,
    access_log: Path | None,
    access_log_format: LogFormat | None,
    function_logs: Path | None,
    cache_dir: Path | None,
    quiet: bool,
) -> None:
    """Serve until Ctrl-C."""
    configuration = load_or_exit(source)
    show(tuple(one for one in configuration.findings if one.level != "note"))
    local = configuration.local.listen
    http = address(listen or local.http or "127.0.0.1:8080", "--listen")
    https = _chosen(tls or local.https, "--tls", http[0])
    admin_address = _chosen(admin or local.admin, "--admin", "127.0.0.1")

    from edge.app import CannotListen, Options
    from edge.reports import Loggers, Reports

    def say(text: str) -> None:
        (_say if crew is None else crew.say)(text)

    crew: Crew | None = None
    kept = configuration.local.cache
    kept = replace(kept, disk=cache_dir or kept.disk)
    options = Options(engine, explain_header, admin_address is not None, say, isolation=isolation, cache=kept)
    loggers = Loggers()
    app = _app(configuration, source, options, loggers)
    logs = configuration.local.logs
    logs = replace(logs, folder=access_log or logs.folder, format=access_log_format or logs.format)
    reports = Reports(quiet, as_json, logs, function_logs)
    loggers += _loggers(app, reports)
    processes = workers or local.workers or 1
    if processes > 1:
        from edge.workers.crew import Crew

        crew = Crew(app, processes, configuration, options, reports)
    listeners = _listeners(app, crew, http, https, tls_server)
    if admin_address is not None:
        listeners.append(_admin(app, crew, admin_address, loggers))
    hint = _FORWARDS_LITTLE if source.forwards_little and not quiet else ""
    try:
        _run(_serve(app, crew, listeners, hint))
    except (CannotListen, CannotStart) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _loggers(app: App, reports: Reports) -> list[Logger]:
    """Those who write of requests; also where others do, because what is wrong with a folder shows here."""
    try:
        return reports.loggers(lambda: app.driver.distribution, app.clock.now, say=_say, at_the_end=app.at_the_end)
    except OSError as error:
        raise click.ClickException(f"cannot write access logs into {error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise click.ClickException(f"[logs] fields: {error}") from None


def _admin(app: App, crew: Crew | None, at: tuple[str, int], loggers: list[Logger]) -> Listener:
    """The admin listener, and what it counts."""
    from edge.admin import AdminListener
    from edge.logs.metrics import Metrics

    metrics = Metrics(lambda: app.names, app.lambda_counts)
    loggers.insert(0, metrics.count)
    try:
        return AdminListener(*at, app.tiers, app.trails, metrics, app.invalidate, app.invalidations, crew)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _app(configuration: Configuration, source: Source, options: Options, log: Logger) -> App:
    """The application; what keeps it from being made is said, and the status is 1."""
    from edge.app import App, CannotKeep

    try:
        return App(configuration, source.load, options, log)
    except ConfigurationError as error:
        fail(error.findings)
    except CannotKeep as error:
        raise click.ClickException(str(error)) from None
    except Unavailable as error:
        raise click.ClickException(f"Lambda@Edge functions cannot run: {error}") from None


def _listeners(
    app: App, crew: Crew | None, http: tuple[str, int], https: tuple[str, int] | None, tls_server: str
) -> list[Listener]:
    """Those for viewers, each of which says where it listens."""
    from edge.viewers.listener import Http1Listener

    listeners: list[Listener] = [Http1Listener(app.driver, *http) if crew is None else crew.listener("http", *http)]
    if https is not None:
        from edge.viewers.hypercorn_listener import HypercornListener
        from edge.viewers.tls import TlsListener, how_to_trust, local_certificate

        certificate = local_certificate(app.aliases)
        if certificate.created:
            _say(how_to_trust(certificate.authority))
        by_hypercorn = tls_server == "hypercorn"
        if crew is not None:
            listeners.append(crew.listener("hypercorn" if by_hypercorn else "https", *https, certificate))
        else:
            over_tls = HypercornListener if by_hypercorn else TlsListener
            listeners.append(over_tls(app.driver, *https, certificate))
    return listeners


async def _serve(app: App, crew: Crew | None, listeners: list[Listener], hint: str) -> None:
    """Until somebody says stop."""
    say = _say if crew is None else crew.say
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as it is under nohup
        loop.add_signal_handler(signal.SIGHUP, stop.set)
    try:
        await app.start(*listeners)
        if crew is not None:
            await crew.start()
        if hint:
            say(hint)
        gc.freeze()  # what start-up made stays; collections look at requests only
        for listener in listeners:
            if listener.url:
                say(f"listening on {listener.url}")
        for listener in listeners:
            if not listener.url:
                say(f"admin on http://{listener.address}/.edge/health")
        await stop.wait()
        say("stopping")
    finally:
        if crew is not None:
            await crew.close()
        await app.close()


def _say(text: str) -> None:
    click.echo(text, err=True)


def _chosen(text: str | None, option: str, host: str) -> tuple[str, int] | None:
    """An address that need not be there."""
    return None if text is None else address(text, option, host)


def address(text: str, option: str, default_host: str = "127.0.0.1") -> tuple[str, int]:
    """HOST:PORT, or :PORT, or PORT."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65_535:
        raise click.UsageError(f"{option} {text}: write HOST:PORT, for example 127.0.0.1:8080")
    return host.strip("[]") or default_host, int(port)


def _run(main: object) -> None:
    """Run on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)  # type: ignore[arg-type]
    else:
        uvloop.run(main)  # type: ignore[arg-type]
