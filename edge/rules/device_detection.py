"""The CloudFront-Is-*-Viewer headers, from User-Agent.

Source: CloudFront Developer Guide, "Add CloudFront request headers", device type headers. AWS does not document how
it tells devices apart; these are the words that browsers put into User-Agent. Several headers may be true. Near.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TABLET = re.compile(r"iPad|Tablet|PlayBook|Silk|Kindle|Android(?!.*Mobile)", re.IGNORECASE)
_MOBILE = re.compile(r"iPhone|iPod|Android.*Mobile|Windows Phone|BlackBerry|Opera Mini|Mobile.*Firefox", re.IGNORECASE)
_TELEVISION = re.compile(r"SmartTV|Smart-TV|SMART-TV|AppleTV|GoogleTV|HbbTV|Roku|Tizen.*TV|Web0S|BRAVIA|AFT[A-Z]")


@lru_cache(maxsize=512)
def detect(user_agent: str) -> dict[str, str]:
    """Header names (lower case) with "true" or "false"."""
    television = bool(_TELEVISION.search(user_agent))
    tablet = not television and bool(_TABLET.search(user_agent))
    mobile = not television and not tablet and bool(_MOBILE.search(user_agent))
    found = {
        "cloudfront-is-android-viewer": "Android" in user_agent,
        "cloudfront-is-desktop-viewer": not (television or tablet or mobile),
        "cloudfront-is-ios-viewer": bool(re.search("iPhone|iPad|iPod", user_agent)),
        "cloudfront-is-mobile-viewer": mobile,
        "cloudfront-is-smarttv-viewer": television,
        "cloudfront-is-tablet-viewer": tablet,
    }
    return {name: "true" if value else "false" for name, value in found.items()}
