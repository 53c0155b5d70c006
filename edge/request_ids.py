"""The ids that tell requests apart: X-Amz-Cf-Id, x-edge-request-id in logs, `requestId` in events."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable

_ID_BYTES = 40
_ID_CHARS = 54  # and "==" behind them
_TO_THREES = b"\0\0"
_AT_ONCE = 100


def request_ids() -> Callable[[], str]:
    """Makes X-Amz-Cf-Ids: 40 bytes of chance in URL-safe base64, 56 characters. Many are made at once: chance is
    fetched in one call, and encoded in one, each filled up to whole groups of three bytes."""
    ready: list[str] = []

    def next_id() -> str:
        if not ready:
            drawn = os.urandom(_ID_BYTES * _AT_ONCE)
            parts = [drawn[start : start + _ID_BYTES] for start in range(0, len(drawn), _ID_BYTES)]
            text = base64.urlsafe_b64encode(_TO_THREES.join((*parts, b""))).decode("ascii")
            ready.extend(f"{text[start : start + _ID_CHARS]}==" for start in range(0, len(text), _ID_CHARS + 2))
        return ready.pop()

    return next_id
