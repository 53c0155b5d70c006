"""The Cookie request header as pairs.

Source: CloudFront Developer Guide, "Cache content based on cookies": names starting with `$` are dropped, and a header
that is not a list of name=value pairs is not forwarded.
"""

from __future__ import annotations

from collections.abc import Iterable

from edge.model.headers import Headers

Cookie = tuple[str, str]


def parse(headers: Headers) -> tuple[Cookie, ...]:
    """The cookies of all Cookie lines, in order. Pieces without `=` and names that start with `$` are left out."""
    if "cookie" not in headers:
        return ()
    cookies: list[Cookie] = []
    for line in headers.all("cookie"):
        for piece in line.split(";"):
            name, equals, value = piece.strip().partition("=")
            if equals and name and not name.startswith("$"):
                cookies.append((name, value))
    return tuple(cookies)


def render(cookies: Iterable[Cookie]) -> str:
    """Cookies as the value of one Cookie header, in the order given."""
    return "; ".join(f"{name}={value}" for name, value in cookies)
