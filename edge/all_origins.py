"""All that can be an origin, put together: servers and buckets, function URLs, HTTP APIs with their authorizers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from edge.function_urls import Functions, FunctionUrls
from edge.http_apis import HttpApis
from edge.origins.origins import Origins

if TYPE_CHECKING:
    from edge.jwt_authorizers import JwtAuthorizers


def all_origins(lambdas: Callable[[], Functions], now: Callable[[], float], say: Callable[[str], None]) -> Origins:
    """`lambdas` gives what runs Lambda functions, when one is to run. What those log is said."""

    def log(name: str, logs: Sequence[str]) -> None:
        for text in logs:
            say(f"    {name}  {text}")

    def authorizers() -> JwtAuthorizers:
        from edge.jwt_authorizers import JwtAuthorizers

        return JwtAuthorizers(say)

    urls = FunctionUrls(lambdas, log)
    return Origins(urls, HttpApis(urls.run, authorizers, now))
