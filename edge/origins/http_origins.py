"""HTTP origins by aiohttp's client: keep-alive pools, timeouts, streams both ways.

The origin gets the request as it is given: target and header lines untouched, nothing added but framing. The answer
comes back in wire order and case, never decompressed, redirects never followed. A connection that the origin closed
while it was idle is not a failure: a request that may be repeated gets another one.
Source: CloudFront Developer Guide, "Request and response behavior for custom origins" (Connection: Keep-Alive;
Transfer-Encoding).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from sys import intern
from time import perf_counter

import aiohttp
from aiohttp import ClientTimeout, hdrs
from yarl import URL

from edge.model import quotas
from edge.model.body import Body, BodyBroken, Tunnel
from edge.model.headers import Headers
from edge.model.origin import OriginAttempt, OriginFailure, OriginFailureKind, OriginResponse, OriginTimings
from edge.origins import failures
from edge.origins.address import Address, address_of, tls_context
from edge.origins.raw_request import CarefulConnector, RawRequest, head_of
from edge.origins.tunnel import open_tunnel

_AUTOMATIC = (hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.USER_AGENT, hdrs.CONTENT_TYPE)
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADER_LINES_MAX = 4_096  # CloudFront counts bytes; this bounds what is held until they are counted
_LINE_OVERHEAD_BYTES = 4  # ": " and CRLF
_SMALL_BYTES = 64 * 1024
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class HttpOrigins:
    """Fetches from origins. One session for each origin's settings; `close` ends them all."""

    def __init__(self) -> None:
        self._sessions: dict[float, aiohttp.ClientSession] = {}

    async def fetch(self, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        """One attempt. Never raises for what the network or the origin does."""
        try:
            address = address_of(attempt)
        except ValueError as error:
            return OriginFailure(OriginFailureKind.CONNECT, f"{error}")
        way = open_tunnel if "upgrade" in attempt.request.headers else self._fetch
        names = iter(address.server_names)
        name = next(names)
        while True:
            try:
                return await way(attempt, address, name)
            except Exception as error:
                if failures.is_for_another_name(error) and (other := next(names, None)) is not None:
                    name = other
                    continue
                failure = failures.failure(error, address, attempt)
                if failure is None:
                    raise
                return failure

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def _fetch(
        self, attempt: OriginAttempt, address: Address, server_name: str
    ) -> OriginResponse | OriginFailure:
        contact = _Contact()
        started = perf_counter()
        response = await self._request(attempt, address, server_name, contact)
        first_byte_ms = (perf_counter() - started) * 1000
        failure = _unfit(response, address)
        if failure is not None:
            response.close()
            return failure
        headers = Headers(
            (intern(name.decode("latin-1")), value.decode("latin-1")) for name, value in response.raw_headers
        )
        try:
            body = await _body(response, attempt.request.method, address)
        except BaseException:
            response.close()  # left to the collector it may lose its connection first, which aiohttp warns of
            raise
        timings = OriginTimings(contact.dns_ms, contact.connect_ms, first_byte_ms)
        return OriginResponse(response.status, response.reason or "", headers, body, timings)

    async def _request(
        self, attempt: OriginAttempt, address: Address, server_name: str, contact: _Contact
    ) -> aiohttp.ClientResponse:
        """Send the request and wait for the head of the answer."""
        origin, request = attempt.origin, attempt.request
        secure = address.scheme == "https"
        while True:
            try:
                return await self._session(origin.keepalive_timeout_s).request(
                    request.method,
                    URL(address.url),
                    headers=head_of(request, _framing(request.body, "content-length" in request.headers)),
                    data=_data(request.body),
                    allow_redirects=False,
                    ssl=tls_context(address.verify) if secure else True,
                    server_hostname=server_name if secure else None,
                    skip_auto_headers=_AUTOMATIC,
                    timeout=ClientTimeout(
                        total=origin.response_completion_timeout_s,
                        sock_connect=origin.connection_timeout_s,
                        sock_read=origin.read_timeout_s,
                    ),
                    trace_request_ctx=contact,
                )
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if not contact.reused or request.method not in _REPEATABLE or request.body:
                    raise

    def _session(self, keepalive_s: float) -> aiohttp.ClientSession:
        session = self._sessions.get(keepalive_s)
        if session is None:
            session = self._sessions[keepalive_s] = aiohttp.ClientSession(
                connector=CarefulConnector(keepalive_timeout=keepalive_s),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                request_class=RawRequest,
                max_line_size=quotas.ORIGIN_RESPONSE_HEAD_MAX_BYTES,
                max_field_size=quotas.ORIGIN_RESPONSE_HEAD_MAX_BYTES,
                max_headers=_HEADER_LINES_MAX,
                trace_configs=[_tracing()],
            )
            session._retry_connection = False  # `_request` knows better when to
        return session


@dataclass(slots=True)
class _Contact:
    """How a request came to its connection: milliseconds, and whether the pool had one."""

    begun: float = 0.0
    dns_ms: float = 0.0
    connect_ms: float = 0.0
    reused: bool = False


def _tracing() -> aiohttp.TraceConfig:
    """Fills the _Contact that goes with a request."""
    trace = aiohttp.TraceConfig()

    async def begin(session: object, context: object, params: object) -> None:
        contact: _Contact = context.trace_request_ctx  # type: ignore[attr-defined]  # aiohttp's SimpleNamespace
        contact.begun, contact.reused = perf_counter(), False

    async def resolved(session: object, context: object, params: object) -> None:
        contact: _Contact = context.trace_request_ctx  # type: ignore[attr-defined]
        contact.dns_ms = (perf_counter() - contact.begun) * 1000

    async def connected(session: object, context: object, params: object) -> None:
        contact: _Contact = context.trace_request_ctx  # type: ignore[attr-defined]
        contact.connect_ms = (perf_counter() - contact.begun) * 1000

    async def reused(session: object, context: object, params: object) -> None:
        contact: _Contact = context.trace_request_ctx  # type: ignore[attr-defined]
        contact.reused = True

    trace.on_connection_create_start.append(begin)
    trace.on_dns_resolvehost_end.append(resolved)
    trace.on_connection_create_end.append(connected)
    trace.on_connection_reuseconn.append(reused)
    return trace


def _framing(body: Body, announced: bool) -> dict[str, str]:
    """The lines about connection and body. A body of unknown length is sent in chunks, which aiohttp announces."""
    framing: dict[str, str] = {hdrs.CONNECTION: "Keep-Alive"}
    if isinstance(body, bytes):
        if body or announced:
            framing[hdrs.CONTENT_LENGTH] = str(len(body))
    elif not isinstance(body, Tunnel) and body.length is not None:
        framing[hdrs.CONTENT_LENGTH] = str(body.length)
    return framing


def _data(body: Body) -> bytes | AsyncIterator[bytes] | None:
    if isinstance(body, bytes):
        return body or None
    return None if isinstance(body, Tunnel) else aiter(body)


def _unfit(response: aiohttp.ClientResponse, address: Address) -> OriginFailure | None:
    """What is wrong with a head that aiohttp let through."""
    text = b"\t".join(part for line in response.raw_headers for part in line)
    if len(text) + _LINE_OVERHEAD_BYTES * len(response.raw_headers) > quotas.ORIGIN_RESPONSE_HEAD_MAX_BYTES:
        return failures.header_too_big(address)
    if _FORBIDDEN.search(text):
        return failures.invalid_response(address, "a header holds a control character")
    if response.status < 200:
        return failures.invalid_response(address, f"status {response.status}, which nobody asked for")
    coding = response.headers.get(hdrs.TRANSFER_ENCODING)
    if coding is not None and coding.lower() != "chunked":
        return failures.invalid_response(address, f"Transfer-Encoding {coding!r}; CloudFront knows chunked only")
    return None


async def _body(response: aiohttp.ClientResponse, method: str, address: Address) -> Body:
    """Bytes when the whole body has come with the head, as small ones on a laptop do; else a stream."""
    length = response.content_length
    if method == "HEAD" or response.status in (204, 304) or length == 0:
        response.release()
        return b""
    content = response.content
    if length is not None and length <= _SMALL_BYTES and not content.is_eof():
        await asyncio.sleep(0)  # the loop may hold the rest already
    if content.is_eof() and content.exception() is None:
        return await response.read()
    return _Stream(response, length, address)


class _Stream:
    """The body of an answer, as it comes. Left before its end, it takes its connection with it."""

    def __init__(self, response: aiohttp.ClientResponse, length: int | None, address: Address) -> None:
        self._response = response
        self._address = address
        self.length = length

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.content.iter_any():
                yield piece
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise BodyBroken(f"{self._address.url} broke off its answer: {failures.words(error)}") from None
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the connection: back to the pool after the end, closed before it."""
        self._response.close()
