"""Yes or no, with the reason: what questions in an `assert` answer with."""

from __future__ import annotations


class Verdict:
    """True or false in an `assert`, and a sentence when pytest shows it: `assert <sentence>`."""

    __slots__ = ("holds", "why")

    def __init__(self, holds: bool, why: str) -> None:
        self.holds = holds
        self.why = why

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        return f"<{'yes' if self.holds else 'no'}: {self.why}>"
