"""Following redirects, to see that they end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

from edge.testing.errors import UnexpectedResultError
from edge.testing.function_result import FunctionResult
from edge.testing.messages import HeaderValues, headers_from

_REDIRECTS = (301, 302, 303, 307, 308)
_HOST = "www.example.com"
_MOST = 20  # as browsers do


def follow(
    ask: Callable[[str, HeaderValues], FunctionResult], target: str, *, headers: HeaderValues | None = None, **_: Any
) -> list[str]:
    """The URLs that a browser comes through, the first one included. `ask` gets a target and header lines. A redirect
    to another host is asked of the same function, as of a distribution that answers for both."""
    __tracebackhide__ = True
    given = headers_from(headers)
    host = given.get("host") or _HOST
    others = given.without("host").lines
    urls = [f"https://{host}{target}"]
    while True:
        at = urlsplit(urls[-1])
        result = ask(f"{at.path or '/'}{'?' if at.query else ''}{at.query}", (("host", at.netloc), *others))
        answer = result.answered
        location = None if answer is None or answer.status not in _REDIRECTS else answer.headers.get("location")
        if location is None:
            return urls
        urls.append(urljoin(urls[-1], location))
        if urls[-1] in urls[:-1] or len(urls) > _MOST:
            raise UnexpectedResultError(f"the redirects never end: {' -> '.join(urls)}\n{result.explain()}")
