"""An origin as a script: `origin.get("/a").replies(200, {"cache-control": "max-age=60"}, "hello")`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple, TypeAlias

from edge.model.origin import OriginAttempt, OriginFailure, OriginFailureKind, OriginResponse
from edge.model.request import Request
from edge.testing.clock import VirtualClock
from edge.testing.errors import HarnessError
from edge.testing.messages import HeaderValues, SeenRequest, headers_from, seen_request
from edge.testing.origin_failures import failure_kind

Content: TypeAlias = "str | bytes | Mapping[str, Any] | Sequence[Any]"
"""A body: text, bytes, or anything else as its JSON."""

_BODILESS = (204, 304)


class UnscriptedRequestError(AssertionError):
    """Somebody was asked for something that the test has not scripted."""


class Call(NamedTuple):
    """One attempt at an origin."""

    origin_id: str
    request: SeenRequest


class _Reply(NamedTuple):
    status: int
    headers: HeaderValues | None
    body: Content
    after_s: float


class _Failure(NamedTuple):
    kind: OriginFailureKind
    after_s: float


class _Computed(NamedTuple):
    reply: Callable[[SeenRequest], tuple[int, HeaderValues, Content]]


class Scripted:
    """What the origin answers to one kind of request: one answer after the other, the last of them for ever."""

    def __init__(self, method: str, pattern: str, origin_id: str | None) -> None:
        self.method = method
        self.pattern = pattern
        self.origin_id = origin_id
        self.calls: list[Call] = []
        self._answers: list[_Reply | _Failure | _Computed] = []
        self._fits = re.compile(re.escape(pattern).replace(r"\*", ".*"), re.DOTALL).fullmatch

    def replies(
        self, status: int = 200, headers: HeaderValues | None = None, body: Content = b"", *, after: float = 0
    ) -> Scripted:
        """An answer. A Content-Length is added; a mapping or a list is sent as JSON. `after` seconds pass before it."""
        self._answers.append(_Reply(status, headers, body, after))
        return self

    def fails(self, how: str | OriginFailureKind = "refused", *, after: float = 0) -> Scripted:
        """No answer: "timeout", "connect timeout", "refused", "dns", "tls", "dropped", "invalid", "headers too big"."""
        self._answers.append(_Failure(failure_kind(how), after))
        return self

    def computes(self, reply: Callable[[SeenRequest], tuple[int, HeaderValues, Content]]) -> Scripted:
        """An answer that depends on the request: `reply` gives status, headers and body."""
        self._answers.append(_Computed(reply))
        return self

    @property
    def times(self) -> int:
        """How often it was asked."""
        return len(self.calls)

    def fits(self, call: Call) -> bool:
        """Whether this is the answer to a call. HEAD is answered by what is scripted for GET."""
        if self.origin_id is not None and self.origin_id != call.origin_id:
            return False
        method, target = call.request.method, call.request.target
        if self.method not in ("*", method) and (self.method, method) != ("GET", "HEAD"):
            return False
        return self._fits(target if "?" in self.pattern else target.partition("?")[0]) is not None

    def answer(self, call: Call, clock: VirtualClock) -> OriginResponse | OriginFailure:
        """The next answer."""
        self.calls.append(call)
        if not self._answers:
            raise HarnessError(f"{self!r} has no answer: add .replies(...) or .fails(...)")
        answer = self._answers[min(len(self.calls), len(self._answers)) - 1]
        if isinstance(answer, _Computed):
            answer = _Reply(*answer.reply(call.request), 0)
        clock.advance(seconds=answer.after_s)
        if isinstance(answer, _Failure):
            return OriginFailure(answer.kind, "as scripted")
        return _response(answer, call.request.method)

    def __repr__(self) -> str:
        return f"{self.method} {self.pattern}" + (f" on {self.origin_id}" if self.origin_id else "")


class Scripts:
    """Scripted answers. What is scripted last counts first."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._id: str | None = None
        self._scripts: list[Scripted] = []
        self._calls: list[Call] = []

    def on(self, method: str, pattern: str = "*") -> Scripted:
        """What is asked with `method` ("*" is any), for a path, or a path and query string; `*` is any run of
        characters."""
        script = Scripted(method, pattern, self._id)
        self._scripts.insert(0, script)
        return script

    def get(self, pattern: str = "*") -> Scripted:
        """GET, and HEAD where it has no script of its own."""
        return self.on("GET", pattern)

    def post(self, pattern: str = "*") -> Scripted:
        """POST."""
        return self.on("POST", pattern)

    def any(self, pattern: str = "*") -> Scripted:
        """Any method."""
        return self.on("*", pattern)

    @property
    def requests(self) -> list[SeenRequest]:
        """What was asked, in order, each attempt of each retry."""
        return [call.request for call in self._calls if self._id in (None, call.origin_id)]

    def called(self, call: Call) -> OriginResponse | OriginFailure | None:
        """The scripted answer to a call, None when there is none."""
        self._calls.append(call)
        for script in self._scripts:
            if script.fits(call):
                return script.answer(call, self._clock)
        return None

    def known(self) -> str:
        """All that is scripted, for people."""
        return ", ".join(str(script) for script in self._scripts) or "nothing"


class OriginScript(Scripts):
    """The origins of a distribution, as a test scripts them.

    `origin["api"]` is one origin of several; without it, a script is for whichever origin is asked.
    """

    def __getitem__(self, origin_id: str) -> OriginScript:
        one = copy(self)
        one._id = origin_id
        return one

    def answer(self, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        """The scripted answer to an attempt. Raises UnscriptedRequestError."""
        __tracebackhide__ = True
        answer = self.called(Call(attempt.origin.id, _seen(attempt)))
        if answer is None:
            asked = f"the origin {attempt.origin.id} was asked for {attempt.request.method} {attempt.request.target}"
            raise UnscriptedRequestError(f"{asked}, which the test has not scripted; scripted: {self.known()}")
        return answer


def _seen(attempt: OriginAttempt) -> SeenRequest:
    sent = attempt.request
    path, mark, query = sent.target.partition("?")
    return seen_request(Request(sent.method, path, query if mark else None, sent.headers, sent.body))


def _response(reply: _Reply, method: str) -> OriginResponse:
    headers = headers_from(reply.headers)
    body, media_type = _encoded(reply.body)
    if media_type and "content-type" not in headers:
        headers = headers.plus((("Content-Type", media_type),))
    if reply.status not in _BODILESS and not {"content-length", "transfer-encoding"} & headers.names():
        headers = headers.plus((("Content-Length", str(len(body))),))
    return OriginResponse(reply.status, "", headers, b"" if method == "HEAD" else body)


def _encoded(body: Content) -> tuple[bytes, str]:
    if isinstance(body, bytes):
        return body, ""
    if isinstance(body, str):
        return body.encode(), ""
    return json.dumps(body).encode(), "application/json"
