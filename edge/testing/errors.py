"""How the harness says that a test, or the function under test, is wrong."""

from __future__ import annotations


class HarnessError(Exception):
    """The test asked for something that there is not: a file, a viewer's field, a pattern. The text says what to do."""


class UnexpectedResultError(AssertionError):
    """The test wanted what the function did not bring. The text shows what went in, what came out, and the rule."""
