"""The live request log: one line for each request, readable at a glance; or one JSON object each.

12:00:01.123  200  Hit             0.1 ms  /api/*  GET /api/items?x=1  rewrite 45 µs
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

import click
import orjson

from edge.logs import function_failures
from edge.logs.trail import function_run
from edge.model.function import Invalid, LambdaReport, Returned, Throttled
from edge.model.note import Note
from edge.model.served import Served

_TARGET_MAX_CHARS = 200
_BROKEN_OFF = "answer.broken_off"
_ALWAYS_SHOWN = {_BROKEN_OFF, "origin_request.websocket_headers"}
"""The rules of notes without which nobody would know why something did not work, whatever the status."""

_COLORS = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}


class RequestLog:
    """Writes a line for each finished request to a stream."""

    def __init__(self, now: Callable[[], float], *, json: bool = False, stream: TextIO | None = None) -> None:
        self._now = now
        self._json = json
        self._stream = stream if stream is not None else (sys.stdout if json else sys.stderr)
        self._color = not json and self._stream.isatty()

    def __call__(self, served: Served, body_bytes: int, complete: bool) -> None:
        """Log one answer after its last byte."""
        duration_ms = (self._now() - served.trail.started) * 1000
        if self._json:
            text = json_line(served, body_bytes, complete, duration_ms)
        else:
            text = line(served, complete, duration_ms)
        click.echo(text, file=self._stream, color=self._color or None)


def json_line(served: Served, body_bytes: int, complete: bool, duration_ms: float) -> str:
    """One request as one JSON object."""
    trail = served.trail
    return orjson.dumps(
        {
            "time": trail.started,
            "status": served.response.status,
            "x_cache": f"{served.result_type} from cloudfront",
            "detailed_result": trail.detailed_result or served.result_type.value,
            "method": served.request.method,
            "host": served.request.host,
            "target": served.request.target,
            "behavior": trail.behavior.path_pattern.text if trail.behavior else None,
            "duration_ms": round(duration_ms, 3),
            "body_bytes": body_bytes,
            "complete": complete,
            "broken_off": _broken_off(served),
            "viewer": served.viewer.ip,
            "http_version": served.viewer.http_version,
            "request_id": served.request_id,
            "functions": [function_run(run) for run in trail.functions],
            "origins": [
                {"id": contact.origin_id, "status": contact.status or None, "failure": contact.failure or None}
                for contact in trail.origins
            ],
        }
    ).decode()


def line(served: Served, complete: bool, duration_ms: float) -> str:
    """One request for a person. What a function logged, and why a request failed, stands under it."""
    trail = served.trail
    status = served.response.status
    started = time.localtime(trail.started)
    clock = f"{time.strftime('%H:%M:%S', started)}.{int(trail.started * 1000) % 1000:03}"
    behavior = trail.behavior.path_pattern.text if trail.behavior else "-"
    parts = [
        click.style(clock, dim=True),
        click.style(f"{status:03}", fg=_COLORS.get(status // 100), bold=True),
        f"{served.result_type.value:<8}",
        f"{duration_ms:8.1f} ms",
        f"{behavior:<10}",
        f"{served.request.method} {_cut(served.request.target)}",
    ]
    parts += [_run(run.name, run.outcome) for run in trail.functions]
    if not complete:
        parts.append(click.style("broken off" if _broken_off(served) else "viewer left", fg="yellow"))
    lines = ["  ".join(parts)]
    for run in trail.functions:
        where = function_failures.source_name(run, trail.behavior)
        outcome = run.outcome
        if not isinstance(outcome, Throttled | Invalid):
            lines += [f"    {click.style(where, dim=True)}  {text}" for text in outcome.logs]
        lines += [click.style(f"    {text}", fg="red") for text in function_failures.explained(run, trail.behavior)]
    failed = status >= 500 or served.close or (status >= 400 and trail.detailed_result)
    lines += [
        f"    {click.style(note.rule, dim=True)}  {note.sentence}{_page(note)}"
        for note in trail.notes
        if failed or note.rule in _ALWAYS_SHOWN
    ]
    return "\n".join(lines)


def _cut(target: str) -> str:
    """A URL may have 8,192 bytes; a line of a terminal has not."""
    return target if len(target) <= _TARGET_MAX_CHARS else f"{target[:_TARGET_MAX_CHARS]}… ({len(target):,} characters)"


def _page(note: Note) -> str:
    return f' (AWS: "{note.page}")' if note.page else ""


def _broken_off(served: Served) -> str | None:
    """Why an answer that had begun did not come to its end, unless that was the viewer's doing."""
    return next((note.sentence for note in served.trail.notes if note.rule == _BROKEN_OFF), None)


def _run(name: str, outcome: object) -> str:
    if isinstance(outcome, Returned) and outcome.report is not None:
        return click.style(f"{name} {outcome.report.duration_ms:.1f} ms {_start(outcome.report)}", fg="blue")
    if isinstance(outcome, Returned):
        usage = outcome.usage
        return click.style(f"{name} {usage.duration_us:.0f} µs ({usage.compute_utilization} %)", fg="blue")
    return click.style(f"{name} {type(outcome).__name__}", fg="red")


def _start(report: LambdaReport) -> str:
    """How the environment was come by."""
    if report.restored:
        return "restored"
    return "warm" if report.init_ms is None else f"cold, init {report.init_ms:.0f} ms"
