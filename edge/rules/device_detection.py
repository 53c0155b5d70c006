"""What a User-Agent tells of the device, by the words that browsers put into it.

This is what the core knows by itself; `edge/about_viewers/user_agents.py` asks a library that knows devices by their
models, where it is installed. AWS does not document how it tells devices apart. Near.
Source: CloudFront Developer Guide, "Add CloudFront request headers", device type headers.
"""

from __future__ import annotations

import re
from functools import lru_cache

from edge.model import quotas
from edge.model.device import Device

_TABLET = re.compile(r"iPad|Tablet|PlayBook|Silk|Kindle|Android(?!.*Mobile)", re.IGNORECASE)
_MOBILE = re.compile(r"iPhone|iPod|Android.*Mobile|Windows Phone|BlackBerry|Opera Mini|Mobile.*Firefox", re.IGNORECASE)
_TELEVISION = re.compile(r"SmartTV|Smart-TV|SMART-TV|AppleTV|GoogleTV|HbbTV|Roku|Tizen.*TV|Web0S|BRAVIA|AFT[A-Z]")
_IOS = re.compile("iPhone|iPad|iPod")


@lru_cache(maxsize=512)
def detect(user_agent: str) -> Device:
    """The device; who says nothing is a desktop."""
    user_agent = user_agent[: quotas.USER_AGENT_LOOKED_AT_MAX_CHARS]
    television = bool(_TELEVISION.search(user_agent))
    tablet = not television and bool(_TABLET.search(user_agent))
    mobile = not television and not tablet and bool(_MOBILE.search(user_agent))
    return Device(
        desktop=not (television or tablet or mobile),
        mobile=mobile,
        tablet=tablet,
        smarttv=television,
        android="Android" in user_agent,
        ios=bool(_IOS.search(user_agent)),
    )
