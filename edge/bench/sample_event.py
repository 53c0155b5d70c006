"""The request in a sample event: headers, cookies and query string for a workload that has none of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from edge.events.utf8 import to_wire
from edge.model.headers import Headers, Line
from edge.model.request import Request

BROWSER = Request(
    "GET",
    "/",
    None,
    Headers(
        (
            ("Host", "www.example.com"),
            ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
            ("Accept-Language", "en-US,en;q=0.5"),
        )
    ),
)
"""What a browser asks with. There is no Accept-Encoding, so that compression is not measured along with functions."""


class SampleEventError(ValueError):
    """A file that is no event; the text says why."""


def read(path: Path) -> Request:
    """The request of an event of either tier. Raises SampleEventError."""
    try:
        event = json.loads(path.read_text("utf-8"))
        if "Records" in event:
            return _lambda_request(event["Records"][0]["cf"]["request"])
        return _request(event["request"])
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise SampleEventError(f"{path}: not an event: {error!r}") from None


def beside(path: Path) -> Path | None:
    """The sample event that lies beside a function: function.event.json, or event.json in its folder."""
    folder = path.parent.parent if path.parent.name == "lambda" else path.parent
    candidates = (folder / f"{path.stem}.event.json", folder / "event.json")
    return next((each for each in candidates if each.is_file()), None)


def _request(request: Mapping[str, Any]) -> Request:
    query = "&".join(f"{name}={value}" if value else name for name, value in _pairs(request.get("querystring") or {}))
    cookies = "; ".join(f"{name}={value}" for name, value in _pairs(request.get("cookies") or {}))
    lines: tuple[Line, ...] = tuple((name, to_wire(value)) for name, value in _pairs(request.get("headers") or {}))
    if cookies:
        lines = (*lines, ("Cookie", to_wire(cookies)))
    return Request(request.get("method", "GET"), request.get("uri", "/"), to_wire(query) or None, _with_host(lines))


def _lambda_request(request: Mapping[str, Any]) -> Request:
    lines = tuple(
        (one.get("key", name), to_wire(one["value"])) for name, all in request["headers"].items() for one in all
    )
    return Request(request["method"], request["uri"], request.get("querystring") or None, _with_host(lines))


def _pairs(entries: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, entry in entries.items():
        for one in entry.get("multiValue") or [entry]:
            yield name, str(one.get("value", ""))


def _with_host(lines: tuple[Line, ...]) -> Headers:
    headers = Headers(lines)
    return headers if "host" in headers else Headers((BROWSER.headers.lines[0], *lines))
