"""A finished exchange as plain JSON: what `edge explain`, the admin listener and the log with `--json` show.

The names are AWS's where AWS has one (x-edge-result-type's values, event types); the rest is ours.
"""

from __future__ import annotations

from typing import Any

from edge.logs import function_failures
from edge.logs.explanation import stages
from edge.model.cache_key import CacheKey
from edge.model.function import Invalid, Returned, Throttled
from edge.model.note import Note
from edge.model.served import Served
from edge.model.trail import FunctionRun


def trail(served: Served) -> dict[str, Any]:
    """Everything that is known about how a request was answered."""
    trail = served.trail
    behavior = trail.behavior
    return {
        "request_id": served.request_id,
        "method": served.request.method,
        "target": served.request.target,
        "host": served.request.host,
        "status": served.response.status,
        "x_cache": f"{served.result_type} from cloudfront",
        "detailed_result": trail.detailed_result or served.result_type.value,
        "distribution": trail.distribution.id if trail.distribution else None,
        "layer": trail.layer.value,
        "behavior": behavior.path_pattern.text if behavior else None,
        "cache_key": _key(trail.cache_key),
        "ttl_s": trail.ttl_s,
        "functions": [function_run(run) for run in trail.functions],
        "origins": [
            {
                "id": contact.origin_id,
                "target": contact.target,
                "status": contact.status or None,
                "failure": contact.failure or None,
                "first_byte_ms": round(contact.timings.first_byte_ms, 3),
            }
            for contact in trail.origins
        ],
        "stages": [stage._asdict() for stage in stages(served)],
        "notes": [_note(note) for note in trail.notes],
        "headers": [list(line) for line in (*served.response.headers.lines, *served.edge_lines)],
    }


def _note(note: Note) -> dict[str, str]:
    shown = {"rule": note.rule, "sentence": note.sentence}
    return shown | {"aws_page": note.page} if note.page else shown


def _key(key: CacheKey | None) -> dict[str, Any] | None:
    if key is None:
        return None
    return {
        "method": key.method,
        "path": key.path,
        "query": key.query,
        "headers": dict(key.headers),
        "cookies": [list(cookie) for cookie in key.cookies],
        "accept_encoding": key.accept_encoding,
    }


def function_run(run: FunctionRun) -> dict[str, Any]:
    """One run of a function: what came of it, what it logged, what it consumed."""
    outcome = run.outcome
    shown: dict[str, Any] = {
        "name": run.name,
        "event_type": run.event_type.value,
        "outcome": type(outcome).__name__,
    }
    if function_failures.failed(run):
        lines = function_failures.lines_of(run)
        shown |= {
            "error": function_failures.sentence(outcome) if run.broken is None else run.broken.sentence,
            "line": lines[0] if lines else None,
            "column": getattr(outcome, "column", 0) or None,
            "stack": list(getattr(outcome, "stack", ())),
        }
    if run.broken is not None:
        shown |= {"rule": run.broken.rule, "lines": list(run.lines), "aws_page": run.broken.page or None}
    if isinstance(outcome, Returned) and outcome.log_data:
        shown["log_data"] = outcome.log_data
    if not isinstance(outcome, Throttled | Invalid):
        shown |= {
            "duration_us": round(outcome.usage.duration_us, 1),
            "compute_utilization": outcome.usage.compute_utilization,
            "memory_bytes": outcome.usage.memory_bytes,
            "logs": list(outcome.logs),
        }
    return shown
