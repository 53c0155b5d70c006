"""Devices from User-Agent by the library device-detector, which knows them by their models (docs/decisions/0012).

Its first looks take up to a second, because it reads its tables then; `warm_up` does that beforehand. A User-Agent that
is new takes 5 to 30 ms, one that was seen before nothing.
"""

from __future__ import annotations

from functools import lru_cache

from edge.model.device import Device

_MOBILE = frozenset({"smartphone", "feature phone", "phablet", "portable media player", "wearable"})
_IOS = frozenset({"iOS", "iPadOS"})
_ANDROID = frozenset({"Android", "Fire OS", "Android TV"})
_TYPICAL = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/5.0 Safari/538.1",
)


def available() -> bool:
    """Whether the library is installed."""
    from importlib.util import find_spec

    return find_spec("device_detector") is not None


@lru_cache(maxsize=4_096)
def device_of(user_agent: str) -> Device:
    """The device; who is neither phone, tablet nor television is a desktop."""
    from device_detector import DeviceDetector

    found = DeviceDetector(user_agent, skip_bot_detection=True).parse()
    kind, system = found.device_type(), found.os_name()
    television, tablet, mobile = kind == "tv", kind == "tablet", kind in _MOBILE
    return Device(
        desktop=not (television or tablet or mobile),
        mobile=mobile,
        tablet=tablet,
        smarttv=television,
        android=system in _ANDROID or "Android" in user_agent,
        ios=system in _IOS,
    )


def warm_up() -> None:
    """Have the library read its tables."""
    for user_agent in _TYPICAL:
        device_of(user_agent)
