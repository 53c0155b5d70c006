"""A folder that plays an S3 bucket: `local_url = "file:dist"`.

Behind a REST endpoint (`bucket.s3.eu-west-1.amazonaws.com`) a path is an object's key, letter for letter; there are no
index documents, and what is not there is 403 AccessDenied, as it is when CloudFront may read objects but not list
them. Behind a website endpoint (`bucket.s3-website-...`) folders have index.html, a folder without its slash is
redirected, and what is not there is a 404 page.
Source: Amazon S3 API Reference, GetObject, HeadObject, error responses; Amazon S3 User Guide, "Hosting a static website
using Amazon S3", "Website endpoints". Near: Content-Type is guessed from the name, as the AWS CLI does at upload;
metadata and versions are not there; the folder is read-only (other methods get 405). An object changes when its file
does.
"""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from html import escape
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit
from urllib.request import url2pathname

from edge.model.body import Body
from edge.model.headers import Headers, Line
from edge.model.origin import OriginAttempt, OriginFailure, OriginFailureKind, OriginRequest, OriginResponse

_CHUNK_BYTES = 256 * 1024
_TYPES_BESIDES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".avif": "image/avif",
}
_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>'
    "<RequestId>{request}</RequestId><HostId>{host}</HostId></Error>"
)
_PAGE = (
    "<html>\n<head><title>{status} {words}</title></head>\n<body>\n<h1>{status} {words}</h1>\n<ul>\n"
    "<li>Code: {code}</li>\n<li>Message: {message}</li>\n<li>RequestId: {request}</li>\n<li>HostId: {host}</li>\n"
    "</ul>\n<hr/>\n</body>\n</html>\n"
)
_REQUEST_ID = "LOCALFOLDER00000"
_HOST_ID = "bG9jYWwgZm9sZGVyIGluIHBsYWNlIG9mIGEgYnVja2V0"


def plays_bucket(local_url: str) -> bool:
    """Whether a local URL names a folder."""
    return local_url.startswith("file:")


def folder_of(local_url: str) -> Path:
    """The folder of a `file:` URL; a relative one counts from where the program was started."""
    return Path(url2pathname(urlsplit(local_url).path))


async def fetch(attempt: OriginAttempt) -> OriginResponse | OriginFailure:
    """Answer from the folder. Never raises for what the disk does."""
    folder = folder_of(attempt.origin.local_url)
    if not folder.is_dir():
        return OriginFailure(
            OriginFailureKind.CONNECT, f"the origin {attempt.origin.id} is the folder {folder}, which is not there"
        )
    is_website = ".s3-website" in attempt.origin.domain_name
    return await asyncio.to_thread(_answer, attempt.request, folder, is_website)


def _answer(request: OriginRequest, folder: Path, is_website: bool) -> OriginResponse:
    path = request.target.partition("?")[0]
    if request.method not in ("GET", "HEAD"):
        return _error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.", is_website)
    file = _file(folder, path)
    if is_website:
        if file is not None and file.is_dir() and not path.endswith("/"):
            return OriginResponse(302, "Moved Temporarily", Headers(((("Location"), f"{path}/"),)), b"")
        if path.endswith("/"):
            file = _file(folder, f"{path}index.html")
    elif path.endswith("/"):
        file = None  # a key that ends with a slash is no file
    try:
        if file is None or not file.is_file():
            return _missing(path, is_website)
        return _object(request, file)
    except OSError:
        return _missing(path, is_website)


def _file(folder: Path, path: str) -> Path | None:
    """The file of a key; None for a key that leads out of the folder."""
    key = os.fsdecode(unquote_to_bytes(path.removeprefix("/").encode("iso-8859-1")))
    if "\0" in key or key.startswith("/") or ".." in key.split("/"):
        return None
    file = folder / key
    return file if file.resolve().is_relative_to(folder.resolve()) else None


def _missing(path: str, is_website: bool) -> OriginResponse:
    if is_website:
        return _error(404, "NoSuchKey", f"The specified key does not exist. Key: {path[1:]}", is_website)
    return _error(403, "AccessDenied", "Access Denied", is_website)


def _error(status: int, code: str, message: str, is_website: bool) -> OriginResponse:
    words = {403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 412: "Precondition Failed"}[status]
    text = (_PAGE if is_website else _XML).format(
        status=status, words=words, code=code, message=escape(message), request=_REQUEST_ID, host=_HOST_ID
    )
    kind = "text/html; charset=utf-8" if is_website else "application/xml"
    body = text.encode()
    return OriginResponse(status, words, _common(("Content-Type", kind), ("Content-Length", str(len(body)))), body)


def _common(*lines: Line) -> Headers:
    return Headers((("x-amz-request-id", _REQUEST_ID), ("x-amz-id-2", _HOST_ID), *lines, ("Server", "AmazonS3")))


def _object(request: OriginRequest, file: Path) -> OriginResponse:
    found = file.stat()
    etag = f'"{_digest(file, found.st_mtime_ns, found.st_size)}"'
    validators = (("Last-Modified", formatdate(found.st_mtime, usegmt=True)), ("ETag", etag))
    status = _condition(request.headers, etag, found.st_mtime)
    if status == 304:
        return OriginResponse(304, "Not Modified", _common(*validators), b"")
    if status == 412:
        return _error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", False)
    kind = _TYPES_BESIDES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "binary/octet-stream"
    lines: list[Line] = [*validators, ("Accept-Ranges", "bytes"), ("Content-Type", kind)]
    part = _part(request.headers.get("range"), found.st_size)
    start, end = part or (0, found.st_size)
    if part is not None:
        lines.append(("Content-Range", f"bytes {start}-{end - 1}/{found.st_size}"))
    lines.append(("Content-Length", str(end - start)))
    body: Body = b"" if request.method == "HEAD" else _Part(file, start, end)
    status, words = (206, "Partial Content") if part is not None else (200, "OK")
    return OriginResponse(status, words, _common(*lines), body)


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
