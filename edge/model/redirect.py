"""The answer to plain HTTP where a behavior wants HTTPS."""

from __future__ import annotations

from typing import NamedTuple

from edge.model.note import Note


class Redirect(NamedTuple):
    """`status` is 301 or 307, `location` the whole https URL."""

    status: int
    location: str
    note: Note
