"""What is wrong, or worth knowing, about a configuration."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal, NamedTuple

Level = Literal["error", "warning", "note"]


class Finding(NamedTuple):
    """`where` is `file:line path`, as much of it as is known. `source` is the AWS page that the rule stands on. With an
    error that leaves no doubt of what is meant, the configuration is `usable` all the same."""

    level: Level
    rule: str
    where: str
    message: str
    source: str = ""
    usable: bool = False


class ConfigurationError(Exception):
    """The configuration cannot be used. `findings` holds everything that was found, the errors first; the first one is
    also the text."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = tuple(sorted(findings, key=lambda finding: finding.level != "error"))
        first = self.findings[0]
        super().__init__(f"{first.where}: {first.message}")


def error(rule: str, where: str, message: str, source: str = "") -> Finding:
    """A finding that keeps the configuration from being used."""
    return Finding("error", rule, where, message, source)


def undeployable(rule: str, where: str, message: str, source: str = "") -> Finding:
    """An error that AWS finds when the configuration is deployed; on this machine it can be served all the same."""
    return Finding("error", rule, where, message, source, usable=True)


def warning(rule: str, where: str, message: str, source: str = "") -> Finding:
    """A finding that a user should know of."""
    return Finding("warning", rule, where, message, source)


def note(rule: str, where: str, message: str, source: str = "") -> Finding:
    """A finding for completeness: nothing on this machine depends on it."""
    return Finding("note", rule, where, message, source)


_NAMES_SHOWN_MAX = 12


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the known name that is most like it, or the first few of all."""
    names = sorted(known)
    lower = {one.lower(): one for one in names}
    found = get_close_matches(name.lower(), lower, 1, 0.5)
    if found:
        return f"did you mean {lower[found[0]]}?"
    shown = ", ".join(names[:_NAMES_SHOWN_MAX]) + (", ..." if len(names) > _NAMES_SHOWN_MAX else "")
    return f"there are {shown}" if names else "there are none"
