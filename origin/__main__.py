"""`python -m origin`: serve the sample site."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from aiohttp import web

from origin.site import make_app


def main() -> int:
    """Serve until Ctrl-C; 1 when the address cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m origin", description="A sample dev site and API.")
    parser.add_argument("--listen", default="127.0.0.1:3000", metavar="HOST:PORT", help="default: %(default)s")
    host, _, port = parser.parse_args().listen.rpartition(":")
    if not port.isdigit():
        parser.error("--listen: write HOST:PORT, for example 127.0.0.1:3000")
    try:
        asyncio.run(serve(host or "127.0.0.1", int(port)))
    except OSError as error:
        print(f"cannot listen on {host}:{port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


async def serve(host: str, port: int) -> None:
    """Serve until a signal comes."""
    runner = web.AppRunner(make_app(), access_log=None, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, shutdown_timeout=1).start()
        print(f"sample site on http://{host}:{runner.addresses[0][1]}", file=sys.stderr, flush=True)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    sys.exit(main())
