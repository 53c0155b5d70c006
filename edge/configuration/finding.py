"""What is wrong, or worth knowing, about a configuration."""

from __future__ import annotations

from typing import Literal, NamedTuple

Level = Literal["error", "warning", "note"]


class Finding(NamedTuple):
    """`where` is `file:line path`, as much of it as is known. `source` is the AWS page that the rule stands on."""

    level: Level
    rule: str
    where: str
    message: str
    source: str = ""


class ConfigurationError(Exception):
    """The configuration cannot be used. `findings` says why; the first one is also the text."""

    def __init__(self, *findings: Finding) -> None:
        first = findings[0]
        super().__init__(f"{first.where}: {first.message}")
        self.findings = tuple(findings)


def error(rule: str, where: str, message: str, source: str = "") -> Finding:
    """A finding that keeps the configuration from being used."""
    return Finding("error", rule, where, message, source)


def warning(rule: str, where: str, message: str, source: str = "") -> Finding:
    """A finding that a user should know of."""
    return Finding("warning", rule, where, message, source)
