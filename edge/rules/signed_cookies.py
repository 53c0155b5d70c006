"""Signed cookies: the same values as a signed URL, sent as cookies.

Source: CloudFront Developer Guide, "Use signed cookies", "Set signed cookies using a canned policy" and "... a custom
policy". Names are case-sensitive. Choice where nothing is documented: of several cookies with one name the first
counts, which is the one with the longest Path.
"""

from __future__ import annotations

from edge.model import cookies
from edge.model.request import Request

_PREFIX = "CloudFront-"

NAMES = frozenset(
    {
        "CloudFront-Expires",
        "CloudFront-Policy",
        "CloudFront-Signature",
        "CloudFront-Key-Pair-Id",
        "CloudFront-Hash-Algorithm",
    }
)


def given(request: Request) -> dict[str, str]:
    """The values by the names that a signed URL has for them; empty without signed cookies."""
    found = (cookie for cookie in reversed(cookies.parse(request.headers)) if cookie[0] in NAMES)
    return {name.removeprefix(_PREFIX): value for name, value in found}
