"""scripts/demo.py: the README's first command, without its set-up."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.processes import free_port

ROOT = Path(__file__).resolve().parents[2]


def ask(port: int, target: str, host: str = "127.0.0.1") -> tuple[int, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", target, headers={"Host": host})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}


def wait_until_it_says(process: subprocess.Popen[str], text: str) -> None:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if text in line:
            return
    raise AssertionError(said)


def test_it_shows_a_miss_a_hit_a_redirect_and_security_headers_and_stops_at_ctrl_c() -> None:
    port, site = free_port(), free_port()
    command = [sys.executable, "scripts/demo.py", "--listen", f"127.0.0.1:{port}", "--site", f"127.0.0.1:{site}"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_until_it_says(process, "Ctrl-C stops both")
            status, headers = ask(port, "/")
            assert (status, headers["x-cache"]) == (200, "Miss from cloudfront")
            assert "strict-transport-security" in headers
            assert ask(port, "/")[1]["x-cache"] == "Hit from cloudfront"
            status, headers = ask(port, "/docs/guide.html", host="www.example.com")
            assert (status, headers["location"]) == (301, "https://example.com/docs/guide.html")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        command = [sys.executable, "scripts/demo.py", "--site", address]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, f"{address} is taken" in done.stderr) == (1, True)
