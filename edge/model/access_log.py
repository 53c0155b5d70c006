"""What a configuration says about access logs.

Source: CloudFront API Reference, LoggingConfig, RealtimeLogConfig.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StandardLogging:
    """Standard logging: `prefix` stands before the name of each file."""

    prefix: str = ""
    include_cookies: bool = False


@dataclass(frozen=True, slots=True)
class RealTimeLogging:
    """A real-time log configuration: `sampling_rate` is the percentage of requests that are logged, `fields` what of
    each."""

    name: str
    fields: tuple[str, ...]
    sampling_rate: int = 100


NO_STANDARD_LOGGING = StandardLogging()
