"""Whom a handler asks, as a script: `outbound.get("https://api.example.com/flags").replies(200, {}, {"beta": True})`.

A handler under test reaches nobody else. What it asks without a script fails the test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.model.headers import Headers
from edge.model.origin import OriginFailure, OriginFailureKind, OriginResponse
from edge.testing.clock import VirtualClock
from edge.testing.errors import HarnessError
from edge.testing.messages import SeenHeaders, SeenRequest
from edge.testing.origin_script import Call, Scripted, Scripts, UnscriptedRequestError

if TYPE_CHECKING:
    from edge.testing.tokens import Issuer

_FAILURES = {
    OriginFailureKind.READ_TIMEOUT: "timeout",
    OriginFailureKind.DROPPED: "dropped",
    OriginFailureKind.INVALID_RESPONSE: "invalid",
}


class OutboundScript(Scripts):
    """Everybody whom handlers ask over HTTP and HTTPS. Patterns are URLs; `*` is any run of characters."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock)
        self._unscripted: list[str] = []
        self._wrong: list[Exception] = []

    def on(self, method: str, pattern: str = "*") -> Scripted:
        """What is asked with `method` ("*" is any) for a URL."""
        if pattern != "*" and not pattern.startswith(("http://", "https://", "*")):
            raise HarnessError(f"{pattern!r} is no URL: handlers ask anybody, so write https://host{pattern}")
        return super().on(method, pattern)

    def issuer(self, url: str) -> Issuer:
        """An issuer of tokens at a URL, with its keys where OpenID Connect has them: `issuer.token(sub="anna")`."""
        from edge.testing.tokens import Issuer  # heavy, and few tests want it

        issuer = Issuer(url, self._clock)
        self.get(issuer.jwks_url).computes(lambda request: (200, {}, issuer.jwks))
        self.get(issuer.configuration_url).computes(lambda request: (200, {}, issuer.configuration))
        return issuer

    def asked(self, method: str, url: str, headers: Headers, body: bytes) -> OriginResponse | OriginFailure:
        """The answer to a request of a handler. Complaints are kept for the test."""
        uri, _, query = url.partition("?")
        request = SeenRequest(method, uri, query, SeenHeaders(headers), {}, body)
        try:
            answer = self.called(Call("", request))
            if isinstance(answer, OriginFailure) and answer.kind not in _FAILURES:
                known = ", ".join(_FAILURES.values())
                raise HarnessError(f"whom a handler asks fails by {known}; {answer.kind.value} is for origins")
        except Exception as wrong:
            self._wrong.append(wrong)
            answer = None
        else:
            if answer is None:
                self._unscripted.append(f"{method} {url}")
        return OriginFailure(OriginFailureKind.DROPPED, "not scripted") if answer is None else answer

    def complain(self) -> None:
        """Fail the test for what went wrong since the last time. Raises UnscriptedRequestError."""
        __tracebackhide__ = True
        wrong, unscripted = self._wrong, self._unscripted
        self._wrong, self._unscripted = [], []
        if wrong:
            raise wrong[0]
        if unscripted:
            asked = ", ".join(dict.fromkeys(unscripted))
            raise UnscriptedRequestError(
                f"the handler asked for {asked}, which the test has not scripted; scripted: {self.known()}; "
                "add outbound.get(URL).replies(...)"
            )
