"""Access logs read again: which requests came, and how often.

CloudFront's standard logs as they lie in S3 (tab-separated, `#Fields:` above, gzip or not), or JSON lines with the same
names, as version 2 delivers them and `edge serve --access-log` writes them.
Source: CloudFront Developer Guide, "Standard log file fields", "Standard logging (v2)".
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple


class LoggedRequest(NamedTuple):
    """What a line says of a request. `host` is the Host that the viewer sent, `query` None without one."""

    method: str
    scheme: str
    host: str
    path: str
    query: str | None


def read(path: Path) -> Counter[LoggedRequest]:
    """The requests of a file, or of all files of a folder. Raises OSError for what cannot be read, ValueError for what
    is not a log, naming the file."""
    files = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    found: Counter[LoggedRequest] = Counter()
    for file in files:
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8") as lines:
            try:
                found.update(requests(lines))
            except (ValueError, gzip.BadGzipFile) as problem:
                raise ValueError(f"{file} is no access log of CloudFront: {problem}") from None
    return found


def requests(lines: Iterable[str]) -> Iterator[LoggedRequest]:
    """The requests of lines. Raises ValueError for the first that is not one of a log."""
    names: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.startswith("#Fields:"):
            names = line.removeprefix("#Fields:").split()
        elif line.startswith("{"):
            yield _request(json.loads(line), number)
        elif line.strip() and not line.startswith("#"):
            if not names:
                raise ValueError(f"line {number} comes before a line that begins with #Fields:")
            yield _request(dict(zip(names, line.rstrip("\n").split("\t"), strict=False)), number)


def _request(record: Mapping[str, object], number: int) -> LoggedRequest:
    def of(name: str) -> str:
        value = record.get(name)
        return value if isinstance(value, str) and value != "-" else ""

    path = of("cs-uri-stem")
    if not path.startswith("/"):
        raise ValueError(f"line {number} has no cs-uri-stem")
    # In real-time logs the stem has the query in it.
    path, mark, query = path.partition("?")
    query = query or of("cs-uri-query")
    scheme = "http" if of("cs-protocol") in ("http", "ws") else "https"
    host = of("x-host-header") or of("cs(Host)") or of("cs-host")
    return LoggedRequest(of("cs-method") or "GET", scheme, host, path, query if query or mark else None)
