"""Where caches stand: edge locations, the regional edge caches behind them, Origin Shield in front of an origin.

Source: CloudFront Developer Guide, "How CloudFront delivers content", "Use Amazon CloudFront Origin Shield".
"""

from __future__ import annotations

from enum import StrEnum


class Layer(StrEnum):
    """A layer of caches, in the words of the Server-Timing header."""

    EDGE = "EDGE"
    REC = "REC"
    ORIGIN_SHIELD = "Origin Shield"
