"""Promises of `edge explain`: why a URL is answered as it is, against a real origin."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.cli import main


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Cache-Control", "max-age=60")
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def origin() -> Iterator[str]:
    """The URL of a small site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_says_each_stage_the_key_the_ttl_and_every_header(origin: str, tmp_path: Path) -> None:
    function = tmp_path / "rewrite.js"
    function.write_text("function handler(e) { e.request.uri += 'index.html'; return e.request; }")
    arguments = ["--origin", origin, "--viewer-request", str(function), "/docs/?utm=1", "-H", "Cookie: who=me"]
    result = CliRunner().invoke(main, ["explain", *arguments])
    assert result.exit_code == 0, result.output
    for words in (
        "* to origin, cache policy CachingOptimized",
        "rewrite ran in",
        "path /docs/ became /docs/index.html",
        "not in the key: utm",
        "not in the key: who",
        "60 s: max-age of 60 s counts (ttl.origin)",
        "- set-cookie  (origin_response)",
        "+ x-cache: Miss from cloudfront  (edge_headers)",
        "=> 200 OK, Miss from cloudfront",
        "asked again: 200, Hit from cloudfront",
    ):
        assert words in result.stdout


def test_json_is_the_trail(origin: str) -> None:
    result = CliRunner().invoke(main, ["explain", "--origin", origin, "--json", "http://localhost/a?b=c"])
    trail = json.loads(result.stdout)
    assert (trail["status"], trail["ttl_s"], trail["cache_key"]["path"]) == (200, 60, "/a")
    assert [stage["name"] for stage in trail["stages"]][:3] == ["behavior", "checks", "viewer request"]


def test_an_origin_that_is_down_is_explained_too() -> None:
    result = CliRunner().invoke(main, ["explain", "--origin", "http://127.0.0.1:1", "/"])
    assert result.exit_code == 0
    assert "OriginConnectError" in result.stdout
    assert "Error from cloudfront" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["/", "/", "/"], "one URL at a time"),
        (["gone.yaml", "/"], "there is no such file"),
        (["ftp://x/"], "http://HOST/PATH"),
        (["/", "-H", "nocolon"], "NAME: VALUE"),
        (["/"], "--origin URL"),
    ],
)
def test_wrong_usage_says_what_is_right(arguments: list[str], words: str) -> None:
    origin = [] if arguments == ["/"] else ["--origin", "http://127.0.0.1:1"]
    result = CliRunner().invoke(main, ["explain", *origin, *arguments])
    assert result.exit_code == 2
    assert words in result.output
