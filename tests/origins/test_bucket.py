"""Promises of edge/origins/bucket.py: a folder in place of an S3 bucket."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from edge.model.body import Body
from edge.model.headers import Headers
from edge.model.origin import Origin, OriginAttempt, OriginFailure, OriginKind, OriginRequest, OriginResponse
from edge.origins import bucket

REST = "site.s3.eu-west-1.amazonaws.com"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    dist = tmp_path / "my dist"
    (dist / "docs").mkdir(parents=True)
    (dist / "index.html").write_text("<h1>home</h1>")
    (dist / "docs" / "index.html").write_text("<h1>docs</h1>")
    (dist / "a b.txt").write_text("0123456789")
    (tmp_path / "secret.txt").write_text("no")
    return dist


@pytest.fixture
def ask(folder: Path) -> Any:
    """Asks the folder for a target."""

    async def fetch(target: str, headers: Any = (), *, method: str = "GET", **more: Any) -> OriginResponse:
        origin = Origin("site", REST, OriginKind.S3, local_url=folder.as_uri(), **more)
        request = OriginRequest(method, target, Headers(dict(headers).items()), b"")
        answer = await bucket.fetch(OriginAttempt(origin, request, "https"))
        assert isinstance(answer, OriginResponse)
        return answer._replace(body=await whole(answer.body))

    return fetch


async def whole(body: Body) -> bytes:
    return body if isinstance(body, bytes) else b"".join([piece async for piece in body])  # type: ignore[union-attr]


async def test_a_path_is_the_key_of_an_object(ask: Any) -> None:
    answer = await ask("/a%20b.txt?ignored=1")
    assert (answer.status, answer.body) == (200, b"0123456789")
    assert answer.headers.get("content-type") == "text/plain"
    assert answer.headers.get("etag") == f'"{hashlib.md5(b"0123456789", usedforsecurity=False).hexdigest()}"'
    assert (answer.headers.get("content-length"), answer.headers.get("server")) == ("10", "AmazonS3")


async def test_head_has_the_headers_only(ask: Any) -> None:
    answer = await ask("/a%20b.txt", method="HEAD")
    assert (answer.body, answer.headers.get("content-length")) == (b"", "10")


@pytest.mark.parametrize("target", ["/gone", "/", "/docs/", "/docs", "/../secret.txt", "/%2e%2e/secret.txt", "/a%00"])
async def test_trap_24_what_is_not_there_is_access_denied(ask: Any, target: str) -> None:
    """A bucket whose objects may be read, but not listed, does not say what it lacks. Nothing leads out of it."""
    answer = await ask(target)
    assert answer.status == 403
    assert b"<Code>AccessDenied</Code><Message>Access Denied</Message>" in answer.body


async def test_a_link_that_leads_out_of_the_folder_is_not_followed(ask: Any, folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    assert (await ask("/link.txt")).status == 403


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("bytes=2-4", (206, b"234", "bytes 2-4/10")),
        ("bytes=7-", (206, b"789", "bytes 7-9/10")),
        ("bytes=-2", (206, b"89", "bytes 8-9/10")),
        ("bytes=8-99", (206, b"89", "bytes 8-9/10")),
        ("bytes=1-2,4-5", (200, b"0123456789", None)),
        ("lines=1-2", (200, b"0123456789", None)),
    ],
)
async def test_ranges(ask: Any, sent: str, expected: tuple[int, bytes, str | None]) -> None:
    answer = await ask("/a%20b.txt", {"Range": sent})
    assert (answer.status, answer.body, answer.headers.get("content-range")) == expected


async def test_conditions(ask: Any, folder: Path) -> None:
    os.utime(folder / "a b.txt", (1_767_225_600, 1_767_225_600))
    etag = (await ask("/a%20b.txt")).headers.get("etag")
    date = "Thu, 01 Jan 2026 00:00:00 GMT"
    earlier = "Wed, 31 Dec 2025 00:00:00 GMT"
    for headers, status in (
        ({"If-None-Match": etag}, 304),
        ({"If-None-Match": f"W/{etag}"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": date}, 304),
        ({"If-Modified-Since": earlier}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Match": etag}, 200),
        ({"If-Match": '"other"'}, 412),
        ({"If-Unmodified-Since": earlier}, 412),
    ):
        assert (await ask("/a%20b.txt", headers)).status == status, headers


async def test_an_object_changes_when_its_file_does(ask: Any, folder: Path) -> None:
    before = (await ask("/index.html")).headers.get("etag")
    (folder / "index.html").write_text("<h1>new home</h1>")
    assert (await ask("/index.html")).headers.get("etag") != before


async def test_the_bucket_is_read_only(ask: Any, folder: Path) -> None:
    assert (await ask("/new.txt", method="PUT")).status == 405
    assert not (folder / "new.txt").exists()


async def test_who_may_list_the_bucket_is_told_what_is_not_there(ask: Any) -> None:
    answer = await ask("/gone%20x", lists_bucket=True)
    assert (answer.status, answer.reason) == (404, "Not Found")
    assert b"<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>gone x</Key>" in answer.body


async def test_errors_have_the_ids_of_s3(ask: Any) -> None:
    """S3's own AccessDenied is told from CloudFront's by its RequestId and HostId."""
    answer = await ask("/gone")
    assert b"<RequestId>" in answer.body
    assert b"<HostId>" in answer.body
    assert answer.headers.get("content-type") == "application/xml"


async def test_a_folder_that_is_not_there_is_a_failure_that_names_it(tmp_path: Path) -> None:
    origin = Origin("site", REST, OriginKind.S3, local_url=(tmp_path / "gone").as_uri())
    failure = await bucket.fetch(OriginAttempt(origin, OriginRequest("GET", "/", Headers(), b""), "https"))
    assert isinstance(failure, OriginFailure)
    assert str(tmp_path / "gone") in failure.detail
