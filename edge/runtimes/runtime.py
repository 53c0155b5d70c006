"""The protocol between the driver and whatever runs user code.

A CloudFront Function is pure computation under a millisecond, so its runtime is a plain call: the event loop does not
go round. A runtime sees JSON values, never a Request or a Response.
"""

from __future__ import annotations

from typing import Protocol

from edge.model.function import CloudFrontFunction, FunctionCall, FunctionOutcome, Invalid


class GuestMissingError(Exception):
    """There is no guest for the sealed engine to run. The text says what to do."""


class FunctionRuntime(Protocol):
    """Runs CloudFront Functions."""

    def check(self, function: CloudFrontFunction) -> Invalid | None:
        """Say what makes the code unfit to run in its runtime, before any request meets it; None when it is fit."""
        ...

    def run(self, call: FunctionCall) -> FunctionOutcome:
        """Run one call to its end. Never raises for anything the user's code does."""
        ...


class KeyValueStores(Protocol):
    """What a function may read from key value stores, by the name of the store (`cf.kvs()`)."""

    def get(self, store: str, key: str) -> str | None:
        """The value of a key; None when the store has no such key."""
        ...

    def id_of(self, store: str) -> str | None:
        """The UUID of a store, "" when it is not known; None when there is no such store."""
        ...

    def meta(self, store: str) -> tuple[str, str, int]:
        """Creation time, time of the last update (both ISO 8601), and the number of keys."""
        ...
