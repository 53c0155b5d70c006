"""HTTP origins by aiohttp's client: keep-alive pools, timeouts, streams both ways.

The origin gets the request as it is given: target and header lines untouched, nothing added but framing. The answer
comes back in wire order and case, never decompressed, redirects never followed. A connection that the origin closed
while it was idle is not a failure: aiohttp tries once more for requests that may be repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import perf_counter

import aiohttp
from aiohttp import ClientTimeout, hdrs
from multidict import CIMultiDict
from yarl import URL

from edge.model import quotas
from edge.model.body import Body, BodyBroken, BodyStream, Tunnel
from edge.model.headers import Headers
from edge.model.origin import (
    OriginAttempt,
    OriginFailure,
    OriginFailureKind,
    OriginResponse,
    OriginTimings,
)
from edge.origins.address import Address, address_of, tls_context
from edge.origins.tunnel import open_tunnel

_AUTOMATIC = (hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.USER_AGENT, hdrs.CONTENT_TYPE, hdrs.HOST)
_CONNECTIONS_PER_ORIGIN = 0  # as many as there are requests
_SMALL_BYTES = 64 * 1024


class HttpOrigins:
    """Fetches from origins. One session for each origin's settings; `close` ends them all."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[float, float], aiohttp.ClientSession] = {}

    async def fetch(self, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        """One attempt. Never raises for what the network or the origin does."""
        try:
            address = address_of(attempt)
        except ValueError as error:
            return OriginFailure(OriginFailureKind.CONNECT, f"{error}")
        try:
            if "upgrade" in attempt.request.headers:
                return await open_tunnel(attempt, address)
            return await self._fetch(attempt, address)
        except Exception as error:
            failure = _failure(error, address, attempt)
            if failure is None:
                raise
            return failure

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def _fetch(self, attempt: OriginAttempt, address: Address) -> OriginResponse:
        origin, request = attempt.origin, attempt.request
        timings: dict[str, float] = {}
        started = perf_counter()
        response = await self._session(origin.keepalive_timeout_s, origin.connection_timeout_s).request(
            request.method,
            URL(address.url + request.target, encoded=True),
            headers=_headers(request.headers, request.body),
            data=_data(request.body),
            allow_redirects=False,
            ssl=tls_context(address.verify) if address.scheme == "https" else True,
            server_hostname=address.server_name if address.scheme == "https" else None,
            skip_auto_headers=_AUTOMATIC,
            timeout=ClientTimeout(
                total=origin.response_completion_timeout_s,
                sock_connect=origin.connection_timeout_s,
                sock_read=origin.read_timeout_s,
            ),
            trace_request_ctx=timings,
        )
        first_byte_ms = (perf_counter() - started) * 1000
        headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers)
        return OriginResponse(
            response.status,
            response.reason or "",
            headers,
            await _body(response, request.method, address),
            OriginTimings(timings.get("dns", 0.0), timings.get("connect", 0.0), first_byte_ms),
        )

    def _session(self, keepalive_s: float, connect_s: float) -> aiohttp.ClientSession:
        session = self._sessions.get((keepalive_s, connect_s))
        if session is None:
            session = self._sessions[keepalive_s, connect_s] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, limit_per_host=_CONNECTIONS_PER_ORIGIN, keepalive_timeout=keepalive_s
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_line_size=quotas.ORIGIN_RESPONSE_HEAD_MAX_BYTES,
                max_field_size=quotas.ORIGIN_RESPONSE_HEAD_MAX_BYTES,
                trace_configs=[_tracing()],
            )
        return session


def _tracing() -> aiohttp.TraceConfig:
    """Times of name resolution and of connecting, in milliseconds, into the dictionary that goes with the request."""
    trace = aiohttp.TraceConfig()
    loop_time = perf_counter

    async def begin(session: object, context: object, params: object) -> None:
        context.begun = loop_time()  # type: ignore[attr-defined]

    async def resolved(session: object, context: object, params: object) -> None:
        context.trace_request_ctx["dns"] = (loop_time() - context.begun) * 1000  # type: ignore[attr-defined]

    async def connected(session: object, context: object, params: object) -> None:
        context.trace_request_ctx["connect"] = (loop_time() - context.begun) * 1000  # type: ignore[attr-defined]

    trace.on_connection_create_start.append(begin)
    trace.on_dns_resolvehost_end.append(resolved)
    trace.on_connection_create_end.append(connected)
    return trace


def _headers(headers: Headers, body: Body) -> CIMultiDict[str]:
    """The lines, with the framing that belongs to the body in place of what the viewer said about it."""
    lines = CIMultiDict(
        line for line in headers.lines if line[0].lower() not in ("content-length", "transfer-encoding")
    )
    if isinstance(body, bytes):
        if body or "content-length" in headers:
            lines[hdrs.CONTENT_LENGTH] = str(len(body))
    elif isinstance(body, BodyStream) and body.length is not None:
        lines[hdrs.CONTENT_LENGTH] = str(body.length)
    return lines


def _data(body: Body) -> bytes | AsyncIterator[bytes] | None:
    if isinstance(body, bytes):
        return body or None
    return None if isinstance(body, Tunnel) else aiter(body)


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
            raise BodyBroken(f"{self._address.url} broke off its answer: {_words(error)}") from None
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the connection: back to the pool after the end, closed before it."""
        self._response.close()


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _failure(error: Exception, address: Address, attempt: OriginAttempt) -> OriginFailure | None:
    """What an exception of the client stands for; None for one that is not the network's doing."""
    where = address.url
    kinds = OriginFailureKind
    match error:
        case aiohttp.ConnectionTimeoutError():
            timeout = attempt.origin.connection_timeout_s
            return OriginFailure(kinds.CONNECT_TIMEOUT, f"{where} did not accept a connection within {timeout:g} s")
        case aiohttp.ServerTimeoutError() | TimeoutError():
            return OriginFailure(
                kinds.READ_TIMEOUT, f"{where} did not answer within {attempt.origin.read_timeout_s:g} s"
            )
        case aiohttp.ClientConnectorDNSError():
            return OriginFailure(kinds.DNS, f"the name {address.host} cannot be resolved")
        case aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch():
            return OriginFailure(kinds.TLS, f"{where} has no certificate that can be trusted: {_words(error)}")
        case aiohttp.ClientConnectorError() | ConnectionRefusedError():
            return OriginFailure(kinds.CONNECT, f"nothing answers on {where}: is the site running?")
        case aiohttp.ServerDisconnectedError():
            return OriginFailure(kinds.DROPPED, f"{where} closed the connection without an answer")
        case aiohttp.ClientResponseError():
            if "more than" in error.message or "too" in error.message.lower():
                return OriginFailure(kinds.HEADER_TOO_BIG, f"{where} sent a header larger than CloudFront takes")
            return OriginFailure(kinds.INVALID_RESPONSE, f"{where} sent what is not an HTTP response: {error.message}")
        case BodyBroken():
            return OriginFailure(kinds.WRITE, f"the viewer did not send the whole body: {error}")
        case aiohttp.ClientConnectionError() | OSError():
            return OriginFailure(kinds.DROPPED, f"{where} broke the connection: {_words(error)}")
        case aiohttp.ClientError():
            return OriginFailure(kinds.INVALID_RESPONSE, f"{where} answered in a way that is not HTTP: {_words(error)}")
        case _:
            return None
