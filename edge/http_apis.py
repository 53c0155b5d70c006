"""Plays HTTP APIs of API Gateway: an origin whose routes are functions on this machine.

Source: API Gateway Developer Guide, "Create routes for HTTP APIs", "Create AWS Lambda proxy integrations for HTTP
APIs", "Quotas for configuring and running an HTTP API". Near: a request that the route's authorizer refuses is refused
before CORS is looked at; a function that Lambda throttles is 503.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from edge.events import function_url, http_api
from edge.function_urls import whole
from edge.model import quotas
from edge.model.body import BodyBroken
from edge.model.function import EventType, FunctionCall, FunctionOutcome, Returned, Throttled
from edge.model.http_api import HttpApi, JwtAuthorizer, Route
from edge.model.json_value import JsonObject
from edge.model.origin import OriginAttempt, OriginFailure, OriginFailureKind, OriginRequest, OriginResponse
from edge.rules import http_api_routes, http_api_tokens
from edge.rules.http_api_tokens import Denied

_Run: TypeAlias = Callable[[FunctionCall], Awaitable[FunctionOutcome]]
_ACCOUNT = "123456789012"
_EDGE_ADDRESS = "127.0.0.1"
"""Who calls, for the function: the edge. The viewer's address is in X-Forwarded-For."""


class Authorizers(Protocol):
    """Verifies tokens."""

    async def claims(self, authorizer: JwtAuthorizer, token: str, now: float) -> JsonObject | Denied: ...


class HttpApis:
    """Answers in place of HTTP APIs. `run` runs a function; `authorizers` gives what verifies tokens, once there is
    one to verify."""

    def __init__(self, run: _Run, authorizers: Callable[[], Authorizers], now: Callable[[], float] = time.time) -> None:
        self._run = run
        self._make_authorizers = authorizers
        self._authorizers: Authorizers | None = None
        self._now = now
        self._running: set[asyncio.Future[FunctionOutcome]] = set()

    async def fetch(self, api: HttpApi, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        """One request. Never raises for what the function does."""
        request_id = str(uuid.uuid4())
        answered = await self._answer(api, attempt, request_id)
        if isinstance(answered, OriginFailure):
            return answered
        return answered._replace(headers=answered.headers.plus([("Apigw-Requestid", request_id)]))

    async def _answer(self, api: HttpApi, attempt: OriginAttempt, request_id: str) -> OriginResponse | OriginFailure:
        request, now = attempt.request, self._now()
        chosen = http_api_routes.choose(api, request.method, request.target.partition("?")[0])
        if chosen is not None and chosen.route.function is None:
            detail = f"the route {chosen.route.key} of the HTTP API {api.id} does not run: {chosen.route.not_modelled}"
            return OriginFailure(OriginFailureKind.CONNECT, detail)
        authorized = None if chosen is None else await self._authorized(chosen, request, now)
        if isinstance(authorized, Denied):
            message = "Unauthorized" if authorized.status == 401 else "Forbidden"
            return http_api.said(authorized.status, message, ("WWW-Authenticate", authorized.authenticate))
        origin = request.headers.get("origin")
        is_preflight = request.method == "OPTIONS" and "access-control-request-method" in request.headers
        if api.cors is not None and is_preflight and origin is not None:
            return http_api.preflight(api.cors, origin)
        if chosen is None or chosen.route.function is None:
            return http_api.said(404, "Not Found")
        try:
            body = await whole(request.body)
        except BodyBroken as broken:
            return OriginFailure(OriginFailureKind.WRITE, str(broken))
        if len(body) > quotas.LAMBDA_PAYLOAD_MAX_BYTES:
            return http_api.said(413, "Request Entity Too Large")
        routed = http_api.Routed(api.id, attempt.origin.domain_name, *chosen, authorized)
        caller = function_url.Caller(_EDGE_ADDRESS, _ACCOUNT, "", request_id, now)
        event = http_api.event(request, body, routed, caller)
        call = FunctionCall(chosen.route.function, EventType.ORIGIN_REQUEST, event, None, now, 0, request_id)
        response = _meant(await self._in_time(call, chosen.route.timeout_s), chosen.route)
        return http_api.with_cors(response, api.cors, origin)

    async def _authorized(
        self, chosen: http_api_routes.Choice, request: OriginRequest, now: float
    ) -> JsonObject | Denied | None:
        """What is known of the caller, None where nobody asks."""
        authorizer = chosen.route.authorizer
        if authorizer is None:
            return None
        token = http_api_tokens.token_of(request, authorizer.identity_source)
        if not token:
            return http_api_tokens.NO_TOKEN
        if self._authorizers is None:
            self._authorizers = self._make_authorizers()
        claims = await self._authorizers.claims(authorizer, token, now)
        if isinstance(claims, Denied):
            return claims
        denied = http_api_tokens.denied(claims, authorizer, chosen.route, now)
        return http_api_tokens.context(claims, chosen.route) if denied is None else denied

    async def _in_time(self, call: FunctionCall, timeout_s: float) -> FunctionOutcome | None:
        """What comes of a call; None when the integration waits no longer. The function goes on, and is paid for."""
        task = asyncio.ensure_future(self._run(call))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
        return task.result() if done else None


def _meant(outcome: FunctionOutcome | None, route: Route) -> OriginResponse:
    if isinstance(outcome, Returned):
        return http_api.response(outcome.value, route)
    return http_api.unavailable() if outcome is None or isinstance(outcome, Throttled) else http_api.failed()
