"""A folder that plays an S3 bucket behind its REST endpoint: `local_url = "file:dist"`.

A path is an object's key, letter for letter; there are no index documents. What is not there is 403 AccessDenied, as it
is when CloudFront may read objects but not list them, or 404 NoSuchKey where a switch says that it may. The endpoint of
a website is `website.py`.
Source: Amazon S3 API Reference, GetObject, HeadObject, error responses. Near: Content-Type is guessed from the name, as
the AWS CLI does at upload; metadata and versions are not there; the folder is read-only (other methods get 405). An
object changes when its file does.
"""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from html import escape
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit
from urllib.request import url2pathname

from edge.model.body import Body
from edge.model.headers import Headers, Line
from edge.model.origin import Origin, OriginAttempt, OriginFailure, OriginFailureKind, OriginRequest, OriginResponse

_CHUNK_BYTES = 256 * 1024
_TYPES_BESIDES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".avif": "image/avif",
}
_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{more}'
    "<RequestId>{request}</RequestId><HostId>{host}</HostId></Error>"
)
REQUEST_ID = "LOCALFOLDER00000"
HOST_ID = "bG9jYWwgZm9sZGVyIGluIHBsYWNlIG9mIGEgYnVja2V0"


def plays_bucket(local_url: str) -> bool:
    """Whether a local URL names a folder."""
    return local_url.startswith("file:")


def folder_of(local_url: str) -> Path:
    """The folder of a `file:` URL; a relative one counts from where the program was started."""
    return Path(url2pathname(urlsplit(local_url).path))


async def fetch(attempt: OriginAttempt) -> OriginResponse | OriginFailure:
    """Answer from the folder. Never raises for what the disk does."""
    return await answered(attempt, answer)


async def answered(
    attempt: OriginAttempt, answer: Callable[[OriginRequest, Folder], OriginResponse]
) -> OriginResponse | OriginFailure:
    """What a folder answers, whichever endpoint it plays."""
    root = folder_of(attempt.origin.local_url)
    if not root.is_dir():
        return OriginFailure(
            OriginFailureKind.CONNECT, f"the origin {attempt.origin.id} is the folder {root}, which is not there"
        )
    return await asyncio.to_thread(answer, attempt.request, Folder(root, attempt.origin))


def answer(request: OriginRequest, folder: Folder) -> OriginResponse:
    """The REST endpoint's answer."""
    path = request.target.partition("?")[0]
    if request.method not in ("GET", "HEAD"):
        return _error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
    found = None if path.endswith("/") else folder.object(request, path)  # a key that ends with a slash is no file
    if found is not None:
        return found
    if folder.origin.lists_bucket:
        return _error(404, "NoSuchKey", "The specified key does not exist.", f"<Key>{escape(key_of(path))}</Key>")
    return _error(403, "AccessDenied", "Access Denied")


def key_of(path: str) -> str:
    """The key that a path means."""
    return os.fsdecode(unquote_to_bytes(path.removeprefix("/").encode("iso-8859-1")))


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder in place of a bucket, and the origin that it plays."""

    root: Path
    origin: Origin

    def object(self, request: OriginRequest, path: str) -> OriginResponse | None:
        """The object of a path; None where there is none."""
        file = self.file(path)
        try:
            return None if file is None or not file.is_file() else _object(request, file)
        except OSError:
            return None

    def file(self, path: str) -> Path | None:
        """The file of a key; None for a key that leads out of the folder."""
        key = key_of(path)
        if "\0" in key or key.startswith("/") or ".." in key.split("/"):
            return None
        file = self.root / key
        return file if file.resolve().is_relative_to(self.root.resolve()) else None


def _error(status: int, code: str, message: str, more: str = "") -> OriginResponse:
    words = {403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 412: "Precondition Failed"}[status]
    text = _XML.format(code=code, message=escape(message), more=more, request=REQUEST_ID, host=HOST_ID)
    return page(status, words, "application/xml", text)


def page(status: int, words: str, content_type: str, text: str) -> OriginResponse:
    """A response that S3 makes up."""
    body = text.encode()
    lines = (("Content-Type", content_type), ("Content-Length", str(len(body))))
    return OriginResponse(status, words, common(*lines), body)


def common(*lines: Line) -> Headers:
    """Header lines among those that each response of S3 has."""
    return Headers((("x-amz-request-id", REQUEST_ID), ("x-amz-id-2", HOST_ID), *lines, ("Server", "AmazonS3")))


def _object(request: OriginRequest, file: Path) -> OriginResponse:
    found = file.stat()
    etag = f'"{_digest(file, found.st_mtime_ns, found.st_size)}"'
    validators = (("Last-Modified", formatdate(found.st_mtime, usegmt=True)), ("ETag", etag))
    status = _condition(request.headers, etag, found.st_mtime)
    if status == 304:
        return OriginResponse(304, "Not Modified", common(*validators), b"")
    if status == 412:
        return _error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
    kind = _TYPES_BESIDES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "binary/octet-stream"
    lines: list[Line] = [*validators, ("Accept-Ranges", "bytes"), ("Content-Type", kind)]
    part = _part(request.headers.get("range"), found.st_size)
    start, end = part or (0, found.st_size)
    if part is not None:
        lines.append(("Content-Range", f"bytes {start}-{end - 1}/{found.st_size}"))
    lines.append(("Content-Length", str(end - start)))
    body: Body = b"" if request.method == "HEAD" else _Part(file, start, end)
    status, words = (206, "Partial Content") if part is not None else (200, "OK")
    return OriginResponse(status, words, common(*lines), body)


def _condition(headers: Headers, etag: str, modified: float) -> int:
    """304, 412, or 0 to go on; S3 compares strong ETags and whole seconds."""
    match, none_match = headers.joined("if-match"), headers.joined("if-none-match")
    if match is not None:
        if match != "*" and etag not in _listed(match):
            return 412
    elif _later(modified, headers.get("if-unmodified-since")):
        return 412
    if none_match is not None:
        weak = {one.removeprefix("W/") for one in _listed(none_match)}
        return 304 if none_match == "*" or etag in weak else 0
    since = headers.get("if-modified-since")
    return 304 if since is not None and _later(modified, since) is False else 0


def _listed(text: str) -> set[str]:
    return {one.strip() for one in text.split(",")}


def _later(modified: float, date: str | None) -> bool | None:
    """Whether a file was changed after a date; None when there is no date."""
    try:
        return None if date is None else int(modified) > parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return None


def _part(text: str | None, size: int) -> tuple[int, int] | None:
    """The bytes [start, end) of a single range; None for the whole object."""
    unit, _, one = (text or "").partition("=")
    first, dash, last = one.strip().partition("-")
    if unit != "bytes" or not dash or not (first + last).isdigit():
        return None
    if not first:
        return max(0, size - int(last)), size
    start, end = int(first), min(int(last), size - 1) + 1 if last else size
    return (start, end) if start < end else None


@lru_cache(maxsize=4_096)
def _digest(file: Path, changed_ns: int, size: int) -> str:
    """The MD5 of a file, which S3 gives as ETag. Worked out anew when the file has changed."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a file, read as it is wanted."""

    file: Path
    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self.length
        content = await asyncio.to_thread(self.file.open, "rb")
        try:
            content.seek(self.start)
            while left and (piece := await asyncio.to_thread(content.read, min(left, _CHUNK_BYTES))):
                left -= len(piece)
                yield piece
        finally:
            content.close()

    def close(self) -> None:
        """Nothing is open until it is read."""
