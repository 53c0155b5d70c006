"""Plays Lambda function URLs: an origin that is a function on this machine.

Source: Lambda Developer Guide, "Invoking Lambda function URLs", "Response streaming for Lambda functions". A streamed
response goes on piece by piece; a function is not stopped when nobody reads any further.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol, TypeAlias

from edge.events import function_url
from edge.model import quotas
from edge.model.body import Body, BodyBroken, Tunnel
from edge.model.function import EventType, FunctionCall, FunctionOutcome, Invalid, Returned, Throttled
from edge.model.function_url import FunctionUrl
from edge.model.headers import Headers
from edge.model.origin import OriginAttempt, OriginFailure, OriginFailureKind, OriginResponse
from edge.rules import function_url_access

_Pieces: TypeAlias = "asyncio.Queue[tuple[str, bytes] | None]"
_ACCOUNT = "123456789012"
_EDGE_ADDRESS = "127.0.0.1"
"""Who calls, for the function: the edge. The viewer's address is in X-Forwarded-For."""


class Functions(Protocol):
    """Runs Lambda functions. `stream` hears the pieces of a streamed response as they come, with its Content-Type."""

    async def run(self, call: FunctionCall, stream: Callable[[str, bytes], None] | None = None) -> FunctionOutcome: ...


class FunctionUrls:
    """Answers in place of function URLs. `functions` gives what runs them, once it is asked for; `log` hears the
    name of a function and what it logged."""

    def __init__(
        self,
        functions: Callable[[], Functions],
        log: Callable[[str, Sequence[str]], None] = lambda name, logs: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._functions = functions
        self._log = log
        self._now = now
        self._running: set[asyncio.Task[FunctionOutcome]] = set()

    async def fetch(self, url: FunctionUrl, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        """One request. Never raises for what the function does."""
        answered = await self._answer(url, attempt)
        if isinstance(answered, OriginFailure):
            return answered
        return function_url.with_cors(answered, url.cors, attempt.request.headers.get("origin"))

    async def _answer(self, url: FunctionUrl, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        request, origin = attempt.request, attempt.origin
        try:
            body = await whole(request.body)
        except BodyBroken as broken:
            return OriginFailure(OriginFailureKind.WRITE, str(broken))
        if len(body) > quotas.LAMBDA_PAYLOAD_MAX_BYTES:
            return function_url.failed(413, '{"Message":"Request body is too large"}')
        if url.cors is not None and request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            return function_url.preflight()
        now = self._now()
        refused = function_url_access.refusal(url, origin, request, body, now)
        if refused is not None:
            return refused
        key = (request.headers.get("authorization") or "").partition("Credential=")[2].partition("/")[0]
        caller = function_url.Caller(_EDGE_ADDRESS, _ACCOUNT if key else "", key, str(uuid.uuid4()), now)
        event = function_url.event(request, body, origin.domain_name, caller)
        call = FunctionCall(url.function, EventType.ORIGIN_REQUEST, event, None, now, 0, caller.request_id)
        if url.invoke_mode == "RESPONSE_STREAM":
            return await self._streamed(call)
        return _buffered(await self.run(call))

    async def run(self, call: FunctionCall, stream: Callable[[str, bytes], None] | None = None) -> FunctionOutcome:
        """Run a function that is an origin, and have its logs heard."""
        outcome = await self._functions().run(call, stream)
        if not isinstance(outcome, Throttled | Invalid):
            self._log(call.function.name, outcome.logs)
        elif isinstance(outcome, Invalid):
            self._log(call.function.name, [outcome.error])
        return outcome

    async def _streamed(self, call: FunctionCall) -> OriginResponse:
        pieces: _Pieces = asyncio.Queue()
        task = asyncio.create_task(self.run(call, lambda kind, piece: pieces.put_nowait((kind, piece))))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _: pieces.put_nowait(None))
        first = await pieces.get()
        if first is None:  # it did not stream
            return _buffered(task.result())
        kind, held = first
        if kind != function_url.STREAM_TYPE:
            return OriginResponse(200, "OK", Headers((("Content-Type", kind),)), _Stream(held, pieces, task))
        while function_url.PRELUDE_END not in held:
            piece = await pieces.get()
            if piece is None:
                return function_url.failed()
            held += piece[1]
        prelude, _, begun = held.partition(function_url.PRELUDE_END)
        return _begun(prelude, _Stream(begun, pieces, task))


def _begun(prelude: bytes, rest: _Stream) -> OriginResponse:
    """The head of a streamed response, as its prelude says."""
    try:
        said = json.loads(prelude)
        lines, status = function_url.head(said), int(said.get("statusCode", 200))
    except (ValueError, AttributeError, TypeError):
        lines, status = None, 502
    if lines is None:
        return function_url.failed()
    return OriginResponse(status, function_url.reason_of(status), Headers(lines), rest)


def _buffered(outcome: FunctionOutcome) -> OriginResponse:
    if isinstance(outcome, Returned):
        if isinstance(outcome.value, str) and function_url.PRELUDE_END.decode() in outcome.value:
            prelude, _, text = outcome.value.partition(function_url.PRELUDE_END.decode())
            return function_url.response({"statusCode": 200, **json.loads(prelude), "body": text})
        return function_url.response(outcome.value)
    return function_url.throttled() if isinstance(outcome, Throttled) else function_url.failed()


class _Stream:
    """A body that arrives as the function writes it. It breaks off where the function fails."""

    length = None

    def __init__(self, held: bytes, pieces: _Pieces, task: asyncio.Task[FunctionOutcome]) -> None:
        self._held = held
        self._pieces = pieces
        self._task = task

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._held:
            yield self._held
        while (piece := await self._pieces.get()) is not None:
            yield piece[1]
        if not isinstance(self._task.result(), Returned):
            raise BodyBroken("the function failed in the middle of its response")

    def close(self) -> None:
        """Nobody reads any further; the function goes on, and is paid for in full."""


async def whole(body: Body) -> bytes:
    """A request body, or more of it than Lambda takes. Raises BodyBroken."""
    if isinstance(body, bytes):
        return body
    if isinstance(body, Tunnel):
        return b""
    read = bytearray()
    async for piece in body:
        read += piece
        if len(read) > quotas.LAMBDA_PAYLOAD_MAX_BYTES:
            break
    return bytes(read)
