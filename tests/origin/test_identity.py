"""The sample site's issuer of tokens, and functions that check them: over real sockets, with real keys."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from edge.events.lambda_edge import viewer_request_event
from edge.model.distribution import Distribution
from edge.model.function import EventType, FunctionCall, LambdaFunction
from edge.model.headers import Headers
from edge.model.request import Request
from edge.runtimes.lambda_edge import interpreters
from edge.runtimes.lambda_edge.lambda_runtime import LambdaRuntime
from edge.runtimes.lambda_edge.providers.process import ProcessProvider
from origin.site import make_app

SAMPLE = Path(__file__).parents[2] / "functions" / "jwt-jwks" / "node"


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """The address of the site."""
    async with TestServer(make_app()) as server:
        yield str(server.make_url("")).rstrip("/")


async def text(url: str, method: str = "GET") -> str:
    async with ClientSession() as session, session.request(method, url) as answer:
        return await answer.text()


async def test_a_token_is_verified_by_the_published_keys(site: str) -> None:
    """Before and after they rotate: the key before the last is kept."""
    first = await text(f"{site}/token?sub=anna")
    await text(f"{site}/keys/rotate", "POST")
    second = await text(f"{site}/token?sub=bert")
    keys = jwt.PyJWKSet.from_json(await text(f"{site}/.well-known/jwks.json"))
    for token, name in ((first, "anna"), (second, "bert")):
        key = keys[jwt.get_unverified_header(token)["kid"]]
        assert jwt.decode(token, key.key, algorithms=["RS256"], issuer=site)["sub"] == name


async def test_the_sample_function_checks_them_at_the_edge(site: str, tmp_path: Path) -> None:
    """A key that it has not seen is fetched, from this site."""
    try:
        interpreters.find("nodejs22.x")
    except interpreters.NoInterpreter as missing:
        pytest.skip(str(missing))
    shutil.copy(SAMPLE / "index.mjs", tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"issuer": site, "audience": ""}))
    provider = ProcessProvider()
    runtime = LambdaRuntime(provider, Path(provider.warden.folder))
    function = LambdaFunction("jwt", "1", str(tmp_path), "index.handler", "nodejs22.x", timeout_s=20)

    async def asked(authorization: str) -> Any:
        request = Request("GET", "/", None, Headers((("Authorization", authorization),)))
        event = viewer_request_event(request, "198.51.100.7", Distribution("E", "d.example.org", {}, ()), "q1==")
        outcome: Any = await runtime.run(FunctionCall(function, EventType.VIEWER_REQUEST, event, None, 0, 1, "q1=="))
        return outcome.value

    try:
        token = await text(f"{site}/token?sub=anna")
        assert (await asked(f"Bearer {token}"))["headers"]["x-user"][0]["value"] == "anna"
        assert (await asked(f"Bearer {token}x"))["status"] == "401"
        assert (await asked("Basic x"))["status"] == "401"
    finally:
        await runtime.close()
