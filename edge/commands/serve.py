"""`edge serve`: the proxy."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys

import click

from edge.commands.options import Source, load_or_exit, show, source_options
from edge.runtimes.engine import ENGINES


@click.command(
    "serve",
    help="Run the proxy in front of a site.\n\nCONFIG is a CloudFormation or SAM template, or the JSON of "
    "`aws cloudfront get-distribution-config`. Without one, --origin URL makes a distribution with one behavior "
    "(CachingOptimized). Files are watched: an edit is taken up at once, and a broken one leaves the last good version running.",
    epilog="Example: edge serve --origin http://localhost:3000 --viewer-request rewrite.js",
)
@source_options
@click.option("--listen", metavar="HOST:PORT", help="Where viewers connect.  [default: 127.0.0.1:8080]")
@click.option("--tls", "tls_port", type=int, metavar="PORT", help="HTTPS too, with HTTP/2 and HTTP/3, on this port.")
@click.option("--admin", metavar="HOST:PORT", help="Health, metrics and trails; loopback only. Off by default.")
@click.option("--explain-header", is_flag=True, help="Mark each response with x-edge-trail: <id>.")
@click.option("--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each request, on stdout.")
@click.option("--quiet", is_flag=True, help="No request log.")
def command(
    source: Source,
    listen: str | None,
    tls_port: int | None,
    admin: str | None,
    explain_header: bool,
    engine: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Serve until Ctrl-C."""
    configuration = load_or_exit(source)
    show(configuration.findings)
    host, port = address(listen or configuration.local.listen.http or "127.0.0.1:8080", "--listen")
    admin_address = None if admin is None else address(admin, "--admin")

    from edge.admin import AdminListener, Metrics
    from edge.app import App, Options
    from edge.logs.request_log import RequestLog
    from edge.model.served import Served
    from edge.viewers.listener import Http1Listener

    def say(text: str) -> None:
        click.echo(text, err=True)

    async def run() -> None:
        metrics = Metrics()
        request_log = None if quiet else RequestLog(lambda: app.clock.now(), json=as_json)

        def log(served: Served, body_bytes: int, complete: bool) -> None:
            if admin_address is not None:
                metrics.count(served, body_bytes)
            if request_log is not None:
                request_log(served, body_bytes, complete)

        app = App(configuration, source.load, Options(engine, explain_header or admin is not None, say), log)
        listener = Http1Listener(app.driver, host, port)
        listeners: list[object] = [listener]
        if tls_port is not None:
            from edge.viewers.tls import TlsListener, how_to_trust, local_certificate

            names = app.driver.distribution.aliases
            certificate = local_certificate(names)
            listeners.append(TlsListener(app.driver, host, tls_port, certificate))
            if certificate.created:
                say(how_to_trust(certificate.authority))
        if admin_address is not None:
            listeners.append(AdminListener(*admin_address, app.store, app.trails, metrics))
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        try:
            await app.start(*listeners)  # type: ignore[arg-type]
            gc.freeze()  # what start-up made stays; collections look at requests only
            say(f"listening on http://{_shown(host)}:{listener.port}")
            if tls_port is not None:
                say(f"listening on https://localhost:{tls_port}")
            await stop.wait()
            say("stopping")
        finally:
            await app.close()

    try:
        _run(run())
    except OSError as error:
        click.echo(f"cannot listen on {listen or f'{host}:{port}'}: {error.strerror or error}", err=True)
        sys.exit(1)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def address(text: str, option: str) -> tuple[str, int]:
    """HOST:PORT, or :PORT, or PORT."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65_535:
        raise click.UsageError(f"{option} {text}: write HOST:PORT, for example 127.0.0.1:8080")
    return host.strip("[]") or "127.0.0.1", int(port)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _run(main: object) -> None:
    """Run on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)  # type: ignore[arg-type]
    else:
        uvloop.run(main)  # type: ignore[arg-type]
