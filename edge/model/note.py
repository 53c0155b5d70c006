"""Notes: why the edge did what it did. Rules leave them on a trail; `edge explain`, the log and the tests read them."""

from __future__ import annotations

from typing import NamedTuple


class Note(NamedTuple):
    """A verdict: the rule's id (`ttl.min_wins`) and a sentence about this request.

    The sentence is a format string over `values`, put together only when somebody reads it: a cache hit leaves its
    notes for the price of a tuple. `page` is the title of the AWS page that the verdict rests on, "" where the file of
    the rule names it.
    """

    rule: str
    template: str
    values: tuple[object, ...] = ()
    page: str = ""

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return self.template.format(*self.values) if self.values else self.template
