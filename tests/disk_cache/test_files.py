"""Promises of edge/disk_cache/files.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.disk_cache.files import FileBody, Spool
from edge.model.body import BodyBroken, StoredBody


def names(folder: Path) -> list[str]:
    return [path.suffix for path in folder.iterdir()]


async def whole(body: StoredBody) -> bytes:
    return b"".join([piece async for piece in body])


async def test_a_spool_is_read_while_it_is_written_and_becomes_a_body(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(b"hello ")
    assert spool.read(1, 3) == b"ell"
    spool.write(b"world")
    body = spool.finish()
    assert spool.read(6, 100) == b"world"
    spool.close()
    assert spool.read(0, 100) == b""
    assert (body.length, await whole(body), await whole(body)) == (11, b"hello world", b"hello world")
    assert names(tmp_path) == [".body"]


async def test_a_part_of_a_part(tmp_path: Path) -> None:
    path = tmp_path / "a.body"
    path.write_bytes(b"0123456789")
    part = FileBody(path, 10).part(2, 8)
    assert (part.length, await whole(part), await whole(part.part(1, 3))) == (6, b"234567", b"34")


async def test_a_file_that_is_lost_or_cut_is_a_broken_body(tmp_path: Path) -> None:
    path = tmp_path / "a.body"
    path.write_bytes(b"0123456789")
    body = FileBody(path, 10)
    assert not body.gone()
    path.write_bytes(b"01234")
    assert body.gone()
    with pytest.raises(BodyBroken, match="shorter than it was"):
        await whole(body)
    path.unlink()
    assert body.gone()
    with pytest.raises(BodyBroken, match="has lost"):
        await whole(body)


def test_what_came_to_nothing_leaves_no_file(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(b"hello")
    spool.discard()
    assert list(tmp_path.iterdir()) == []
    assert spool.read(0, 5) == b"hello"  # for those who read it
    spool.close()
    spool.close()
