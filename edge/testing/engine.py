"""The real engine, started once for all tests, with each test's own key value stores behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from edge.model.function import FunctionCall, FunctionOutcome
from edge.runtimes.engine import ENGINES, make_engine
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.runtime import KeyValueStores
from edge.testing import js_coverage
from edge.testing.clock import START

Pairs = Mapping[str, Any] | str | Path
NO_STORES = MemoryStores({}, START)


class _CurrentStores:
    """The stores of whichever call is running. Calls do not overlap: a function runs to its end."""

    def __init__(self) -> None:
        self.stores: KeyValueStores = NO_STORES

    def get(self, store: str, key: str) -> str | None:
        return self.stores.get(store, key)

    def id_of(self, store: str) -> str | None:
        return self.stores.id_of(store)

    def meta(self, store: str) -> tuple[str, str, int]:
        return self.stores.meta(store)


class Engine:
    """Runs functions. Code that has been compiled stays compiled, whichever test asks for it."""

    def __init__(self, name: str = ENGINES[0]) -> None:
        self._current = _CurrentStores()
        self._runtime = make_engine(name, self._current)

    def run(self, call: FunctionCall, stores: KeyValueStores) -> FunctionOutcome:
        """One call, with these stores and no others."""
        self._current.stores = stores
        try:
            coverage = js_coverage.current
            if coverage is None:
                return self._runtime.run(call)
            call = coverage.counting(call)
            return coverage.counted(call, self._runtime.run(call))
        finally:
            self._current.stores = NO_STORES


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The engine that all tests of a process share."""
    return Engine()


def pairs_from(given: Pairs, folder: Path) -> dict[str, str]:
    """The pairs of a key value store: a mapping, where anything but text becomes its JSON, or AWS's import file."""
    if isinstance(given, Mapping):
        return {key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}
    from edge.configuration.key_value_stores import read_file  # heavy, and most tests write their pairs down

    return read_file(folder / given)
