"""An event loop in a thread of its own, for what a test uses without being asynchronous itself."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any, TypeVar

R = TypeVar("R")


class Background:
    """Runs coroutines for callers that wait for them."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="edge-testing", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        """Run something to its end, and wait for that."""
        __tracebackhide__ = True
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@lru_cache(maxsize=1)
def background() -> Background:
    """The one that all tests of a process share. It ends with the process."""
    made = Background()
    atexit.register(made.close)
    return made
