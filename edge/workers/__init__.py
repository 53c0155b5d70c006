"""Several processes behind one address: workers that serve viewers, and the owner of the one cache behind them."""

from __future__ import annotations


class CannotStart(Exception):  # noqa: N818 -- it is what a process did
    """A worker ended before it could serve. What it said of that stands on stderr."""
