"""Promises of edge/logs/log_files.py."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from edge.logs.log_files import LogFiles


def test_a_file_that_has_grown_large_is_followed_by_another(tmp_path: Path) -> None:
    files = LogFiles(tmp_path, head="#head\n", file_max_bytes=8)
    for line in (b"12345678", b"abc"):
        files.write("E1", line, 0.0)
    files.close()
    texts = sorted(gzip.decompress(path.read_bytes()) for path in tmp_path.iterdir())
    assert texts == [b"#head\n12345678\n", b"#head\nabc\n"]


def test_what_was_written_is_there_before_the_file_ends(tmp_path: Path) -> None:
    files = LogFiles(tmp_path)
    files.write("E1", b"line", 0.0)
    (path,) = tmp_path.iterdir()
    with gzip.open(path) as file:
        assert file.readline() == b"line\n"
    files.close()


def test_a_disk_that_is_full_is_said_once_and_costs_no_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    files = LogFiles(tmp_path, say=said.append)

    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gzip.GzipFile, "write", full)
    for _ in range(3):
        files.write("E1", b"line", 0.0)
    assert said == [f"the access log in {tmp_path} cannot be written: No space left on device"]
    monkeypatch.undo()
    files.write("E1", b"again", 3_600.0)
    files.close()
    assert gzip.decompress(max(tmp_path.iterdir()).read_bytes()) == b"again\n"
