"""Promises of `edge invalidate`, against a real admin listener."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.admin import AdminListener
from edge.app import App, Options
from edge.cli import main
from edge.commands.options import Source
from edge.logs.metrics import Metrics
from edge.logs.trails import RecentTrails
from edge.model.cache_key import CacheKey
from edge.model.headers import Headers
from edge.model.stored_object import StoredObject
from edge.runtimes.engine import ENGINES


@pytest.fixture
def app() -> App:
    """A proxy with three objects in its cache, never started."""
    source = Source(origins=("http://127.0.0.1:1",))
    app = App(source.load(), source.load, Options(ENGINES[0]), lambda served, body_bytes, complete: None)
    for path in ("/a", "/b/1", "/b/2"):
        app.store.put(CacheKey("E1", "GET", path), StoredObject(200, Headers(), b"x", 0, 2**40))
    return app


@pytest.fixture
def admin(app: App) -> Iterator[str]:
    """The address of its admin listener, which runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    listener = AdminListener("127.0.0.1", 0, app.store, RecentTrails(), Metrics(), app.invalidate, app.invalidations)
    with ThreadPoolExecutor(1) as thread:
        loop.run_until_complete(listener.start())
        running = thread.submit(loop.run_forever)
        yield f"127.0.0.1:{listener.port}"
        loop.call_soon_threadsafe(loop.stop)
        running.result()
        loop.run_until_complete(listener.close())
        loop.close()


def invalidate(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["invalidate", *arguments])


def test_it_removes_what_the_paths_name(app: App, admin: str) -> None:
    assert invalidate("/b/*", "--admin", admin).stdout.startswith("2 objects removed (I")
    answer = json.loads(invalidate("/b/*", "/a", "--admin", admin, "--json").stdout)
    assert (answer["objects"], answer["status"], answer["paths"]) == (1, "Completed", ["/b/*", "/a"])
    assert len(app.store) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("a",), "begins with /"), (("--tag", "news"), "no CacheTagConfig")],
)
def test_what_aws_refuses_is_refused_and_nothing_is_removed(
    app: App, admin: str, arguments: tuple[str, ...], words: str
) -> None:
    result = invalidate(*arguments, "--admin", admin)
    assert result.exit_code == 1
    assert words in result.output
    assert len(app.store) == 3


def test_a_caller_reference_is_for_one_batch(app: App, admin: str) -> None:
    first = invalidate("/a", "--caller-reference", "1", "--admin", admin).stdout
    assert invalidate("/a", "--caller-reference", "1", "--admin", admin).stdout == first
    other = invalidate("/b/*", "--caller-reference", "1", "--admin", admin)
    assert (other.exit_code, "InvalidationBatchAlreadyExists" in other.output) == (1, True)
    assert len(app.store) == 2


def test_a_batch_as_the_aws_command_line_takes_it(app: App, admin: str, tmp_path: Path) -> None:
    path = tmp_path / "batch.json"
    path.write_text('{"Paths": {"Quantity": 2, "Items": ["/a", "/b/1"]}, "CallerReference": "1"}')
    result = invalidate("--invalidation-batch", f"file://{path}", "--admin", admin, "--json")
    assert (json.loads(result.stdout)["objects"], json.loads(result.stdout)["caller_reference"]) == (2, "1")
    path.write_text('{"Paths": {"Quantity": 3, "Items": ["/a"]}}')
    wrong = invalidate("--invalidation-batch", str(path), "--admin", admin)
    assert (wrong.exit_code, "Quantity says 3, and there are 1 Items" in wrong.output) == (1, True)


def test_what_was_invalidated_is_listed(admin: str) -> None:
    for path in ("/a", "/b/*"):
        invalidate(path, "--admin", admin)
    first, second = invalidate("--list", "--admin", admin).stdout.splitlines()
    assert first.endswith("2 objects  /b/*")
    assert second.endswith("1 objects  /a")


def test_without_a_listener_it_says_how_to_start_one() -> None:
    result = invalidate("/*", "--admin", "127.0.0.1:1")
    assert result.exit_code == 1
    assert "start edge serve with --admin 127.0.0.1:1" in result.output


def test_nothing_to_do_is_wrong_usage() -> None:
    assert invalidate().exit_code == 2
