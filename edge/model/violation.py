"""What user code returned and must not."""

from __future__ import annotations

from typing import NamedTuple

from edge.model.note import Note


class Violation(NamedTuple):
    """`message` is the sentence on CloudFront's 502 page; `note` names the header or field and what to change.
    `written` is how the source would name it, outermost first (("headers", "x-a")), for whoever looks for the line."""

    message: str
    note: Note
    written: tuple[str, ...] = ()
