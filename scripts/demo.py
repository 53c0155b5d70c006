"""The sample site with the proxy and two sample functions in front of it; `./demo` starts this."""

from __future__ import annotations

import argparse
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VIEWER_REQUEST = "functions/www-redirect/function.js"
VIEWER_RESPONSE = "functions/security-headers/function.js"

STARTED_WITHIN_S = 60
STOPPED_WITHIN_S = 5


class NotStarted(Exception):  # noqa: N818 -- it is what a process did, not an error of ours
    """A process did not come up."""


def main() -> int:
    """Serve until Ctrl-C or SIGTERM; 1 when one of the two does not come up or ends by itself."""
    parser = argparse.ArgumentParser(prog="./demo", description="A sample site with the proxy in front of it.")
    parser.add_argument(
        "--listen", default="127.0.0.1:8080", metavar="HOST:PORT", help="the proxy; default: %(default)s"
    )
    parser.add_argument("--site", default="127.0.0.1:3000", metavar="HOST:PORT", help="the site; default: %(default)s")
    options = parser.parse_args()

    serve = ["edge", "serve", "--origin", f"http://{options.site}", "--listen", options.listen]
    serve += ["--viewer-request", VIEWER_REQUEST, "--viewer-response", VIEWER_RESPONSE]
    # SIGINT too: a shell that starts it in the background of a script has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(start(["origin", "--listen", options.site], options.site))
        print(f"$ {shlex.join(serve)}", file=sys.stderr)
        started.append(start(serve, options.listen))
        print(what_to_try(options.listen), file=sys.stderr, flush=True)
        return wait(started)
    except KeyboardInterrupt:
        return 0
    except NotStarted as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        for process in reversed(started):
            end(process)


def stop(number: int, frame: object) -> NoReturn:
    """A signal handler: as Ctrl-C."""
    raise KeyboardInterrupt


def start(module: list[str], address: str) -> subprocess.Popen[bytes]:
    """Run a Python module until it answers at HOST:PORT. Raises NotStarted."""
    if answers(address):
        raise NotStarted(f"{address} is taken by another program; ./demo --help shows how to choose another port")
    process = subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT)
    until = time.monotonic() + STARTED_WITHIN_S
    while process.poll() is None and time.monotonic() < until:
        if answers(address):
            return process
        time.sleep(0.05)
    end(process)
    raise NotStarted(f"did not start: {shlex.join(module)}")


def answers(address: str) -> bool:
    """Whether somebody listens there."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def wait(processes: list[subprocess.Popen[bytes]]) -> int:
    """Until one of them ends by itself."""
    while all(process.poll() is None for process in processes):
        time.sleep(0.2)
    return 1


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process."""
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def what_to_try(listen: str) -> str:
    """The commands that show what the proxy does."""
    return f"""
Try, in another terminal:
  curl -i http://{listen}/                             # X-Cache: Miss from cloudfront
  curl -i http://{listen}/                             # X-Cache: Hit from cloudfront, and an Age
  curl -i -H 'Host: www.example.com' http://{listen}/  # 301: {VIEWER_REQUEST}
  curl -i http://{listen}/docs/guide.html              # Strict-Transport-Security: {VIEWER_RESPONSE}
Edit a function while this runs: the next request goes through the new code. Ctrl-C stops both.
"""


if __name__ == "__main__":
    sys.exit(main())
