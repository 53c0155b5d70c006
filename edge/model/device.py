"""What kind of device a viewer holds, as the CloudFront-Is-*-Viewer headers tell it.

Source: CloudFront Developer Guide, "Add CloudFront request headers", device type headers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias


class Device(NamedTuple):
    """Several may be true: a phone is mobile and iOS or Android."""

    desktop: bool = False
    mobile: bool = False
    tablet: bool = False
    smarttv: bool = False
    android: bool = False
    ios: bool = False


DeviceOf: TypeAlias = Callable[[str], Device]
"""The device that a User-Agent tells of."""

NAMED = {
    "desktop": Device(desktop=True),
    "mobile": Device(mobile=True),
    "tablet": Device(tablet=True),
    "smarttv": Device(smarttv=True),
    "ios": Device(mobile=True, ios=True),
    "android": Device(mobile=True, android=True),
}
"""Devices by the names that edge.toml and X-Edge-Viewer have for them; `ios` and `android` are phones."""
