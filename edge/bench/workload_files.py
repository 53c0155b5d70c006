"""Workloads from files: a list of URLs, an access log of CloudFront, a HAR file.

Source: CloudFront Developer Guide, "Standard log file fields"; HTTP Archive format 1.2.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from edge.bench.workload import TYPICAL_BYTES, Asked, Mix, Workload, arrivals, request
from edge.model.headers import Headers, Line
from edge.model.request import Request

_REQUESTS_MAX = 1_000_000
_HTTP2_PSEUDO = ":"
_NOT_REPLAYED = frozenset({"host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "keep-alive"})


class WorkloadError(ValueError):
    """A file that holds no requests; the text names the file and the place."""


def read(path: Path, mix: Mix, template: Request | None = None) -> Workload:
    """The requests in a file: HAR by its name or its content, a standard log (plain or gzip, tab-separated or JSON
    lines) by its first line, else a list of URLs. Lists have no times: they come at the mix's rate. Raises
    WorkloadError."""
    text = _text(path)
    start = text.lstrip()[:200]
    if path.suffix == ".har":
        return _timed(_from_har(path, text), f"HAR file {path.name}", path)
    if start.startswith(("#Version", "#Fields")):
        return _timed(_from_log(_w3c(text), path), f"access log {path.name}", path)
    if start.startswith("{"):
        return _timed(_from_log(_json_lines(path, text), path), f"access log {path.name}", path)
    return _from_list(path, text, mix, template)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (OSError, EOFError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise WorkloadError(f"{path}: cannot be read: {error}") from None


def _timed(found: Iterable[Asked], told: str, path: Path) -> Workload:
    """Times count from the first request."""
    asked = sorted(itertools.islice(found, _REQUESTS_MAX), key=lambda one: one.at_s)
    if not asked:
        raise WorkloadError(f"{path}: there is no request in it")
    first = asked[0].at_s
    moved = tuple(one._replace(at_s=one.at_s - first) for one in asked)
    return Workload(moved, f"{told}: {len(moved):,} requests", times_are_real=True)


def _from_list(path: Path, text: str, mix: Mix, template: Request | None) -> Workload:
    """One URL or path a line, a method before it if it is not GET; `#` begins a comment."""
    asked = []
    times = arrivals(mix, random.Random(mix.seed))
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        method, url = ("GET", words[0]) if len(words) == 1 else (words[0].upper(), words[1])
        parts = urlsplit(url)
        if len(words) > 2 or (not parts.path.startswith("/") and not parts.netloc):
            raise WorkloadError(f"{path}:{number}: write a URL or a path that begins with /, and nothing but a method")
        wanted = request(method, _target(parts.path, parts.query), template)
        if parts.netloc:
            wanted = wanted._replace(headers=wanted.headers.replaced("Host", parts.netloc))
        asked.append(Asked(next(times), wanted, mix.median_bytes))
    if not asked:
        raise WorkloadError(f"{path}: there is no request in it")
    return Workload(tuple(asked), f"list {path.name}: {len(asked):,} requests at {mix.rate:g} a second")


def _target(path: str, query: str) -> str:
    return f"{path or '/'}?{query}" if query else path or "/"


def _w3c(text: str) -> Iterator[Mapping[str, str]]:
    """Lines of a tab-separated log, decoded, by the names in `#Fields`."""
    fields: list[str] = []
    for line in text.splitlines():
        if line.startswith("#Fields:"):
            fields = line.removeprefix("#Fields:").split()
        elif line and not line.startswith("#"):
            yield dict(zip(fields, (unquote(value, "iso-8859-1") for value in line.split("\t")), strict=False))


def _json_lines(path: Path, text: str) -> Iterator[Mapping[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError as error:
            raise WorkloadError(f"{path}:{number}: not JSON: {error}") from None
        if not isinstance(found, dict):
            raise WorkloadError(f"{path}:{number}: a line of a log is an object")
        yield {name: str(value) for name, value in found.items()}


def _from_log(lines: Iterable[Mapping[str, str]], path: Path) -> Iterator[Asked]:
    headers_of = (("Host", "x-host-header"), ("User-Agent", "cs(User-Agent)"), ("Referer", "cs(Referer)"))
    for line in lines:
        try:
            moment = datetime.fromisoformat(f"{line['date']}T{line['time']}+00:00").timestamp()
            method, stem = line["cs-method"], line["cs-uri-stem"]
        except (KeyError, ValueError) as error:
            raise WorkloadError(f"{path}: not a CloudFront standard log: {error}") from None
        query = line.get("cs-uri-query", "-")
        headers = [(name, line[field]) for name, field in headers_of if line.get(field, "-") != "-"]
        if line.get("cs(Cookie)", "-") != "-":
            headers.append(("Cookie", line["cs(Cookie)"]))
        sizes = (line.get(field, "") for field in ("sc-content-len", "sc-bytes"))
        size = next((int(text) for text in sizes if text.isdigit()), TYPICAL_BYTES)
        yield Asked(moment, Request(method, stem, None if query == "-" else query, Headers(headers)), size)


def _from_har(path: Path, text: str) -> Iterator[Asked]:
    try:
        entries: list[dict[str, Any]] = json.loads(text)["log"]["entries"]
        for entry in entries:
            asked, answered = entry["request"], entry.get("response", {})
            parts = urlsplit(asked["url"])
            if parts.scheme not in ("http", "https"):
                continue
            started = datetime.fromisoformat(entry["startedDateTime"])
            moment = (started if started.tzinfo else started.replace(tzinfo=UTC)).timestamp()
            headers = Headers(_har_headers(asked.get("headers", ()), parts.netloc))
            size = max(0, int(answered.get("content", {}).get("size", TYPICAL_BYTES)))
            yield Asked(moment, Request(asked["method"], parts.path or "/", parts.query or None, headers), size)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorkloadError(f"{path}: not a HAR file: {error!r}") from None


def _har_headers(entries: Iterable[Mapping[str, str]], host: str) -> Iterator[Line]:
    yield "Host", host
    for entry in entries:
        name = entry["name"]
        if not name.startswith(_HTTP2_PSEUDO) and name.lower() not in _NOT_REPLAYED:
            yield name, entry["value"]
