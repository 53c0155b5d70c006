"""What user code returned and must not."""

from __future__ import annotations

from typing import NamedTuple

from edge.model.note import Note


class Violation(NamedTuple):
    """`message` is the sentence on CloudFront's 502 page; `note` names the header or field and what to change."""

    message: str
    note: Note
