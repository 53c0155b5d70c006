"""Each origin by what plays it on this machine: a server, or a folder in place of a bucket."""

from __future__ import annotations

from edge.model.origin import OriginAttempt, OriginFailure, OriginResponse
from edge.origins import bucket, website
from edge.origins.http_origins import HttpOrigins


class Origins:
    """Fetches from any origin."""

    def __init__(self) -> None:
        self._http = HttpOrigins()

    async def fetch(self, attempt: OriginAttempt) -> OriginResponse | OriginFailure:
        """One attempt. Never raises for what the origin does."""
        if bucket.plays_bucket(attempt.origin.local_url):
            if website.is_website(attempt.origin.domain_name):
                return await website.fetch(attempt)
            return await bucket.fetch(attempt)
        return await self._http.fetch(attempt)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()
