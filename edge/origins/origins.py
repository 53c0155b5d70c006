"""Each origin by what plays it on this machine: a server, or a folder in place of a bucket."""

from __future__ import annotations

import asyncio
import socket
from typing import Protocol

from edge.model.function_url import FunctionUrl
from edge.model.http_api import HttpApi
from edge.model.origin import Origin, OriginAttempt, OriginFailure, OriginFailureKind, OriginResponse
from edge.origins import bucket, website
from edge.origins.http_origins import HttpOrigins


class FunctionUrlPlayer(Protocol):
    """Plays function URLs."""

    async def fetch(self, url: FunctionUrl, attempt: OriginAttempt) -> OriginResponse | OriginFailure: ...


class HttpApiPlayer(Protocol):
    """Plays HTTP APIs."""

    async def fetch(self, api: HttpApi, attempt: OriginAttempt) -> OriginResponse | OriginFailure: ...


class Origins:
    """Fetches from any origin. `function_urls` and `http_apis` play those that are Lambda functions."""

    def __init__(self, function_urls: FunctionUrlPlayer | None = None, http_apis: HttpApiPlayer | None = None) -> None:
        self._http = HttpOrigins()
        self._function_urls = function_urls
        self._http_apis = http_apis

    async def fetch(self, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        """One attempt. Never raises for what the origin does."""
        url, api = attempt.origin.function_url, attempt.origin.http_api
        is_played = attempt.origin.local_url.startswith("lambda:")
        if is_played and url is not None and self._function_urls is not None:
            return await self._function_urls.fetch(url, attempt)
        if is_played and api is not None and self._http_apis is not None:
            return await self._http_apis.fetch(api, attempt)
        if bucket.plays_bucket(attempt.origin.local_url):
            if website.is_website(attempt.origin.domain_name):
                return await website.fetch(attempt)
            return await bucket.fetch(attempt)
        return await self._http.fetch(attempt)

    async def resolve(self, origin: Origin) -> OriginFailure | None:
        """Look the domain name up. An origin that something on this machine plays needs no name."""
        if origin.local_url:
            return None
        try:
            await asyncio.get_running_loop().getaddrinfo(origin.domain_name, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            return OriginFailure(OriginFailureKind.DNS, f"{origin.domain_name} cannot be resolved: {error}")
        return None

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()
