"""Functions that are origins, in real environments: buffered, streamed, refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from edge.function_urls import FunctionUrls
from edge.model.body import BodyBroken
from edge.model.function import LambdaFunction
from edge.model.function_url import FunctionUrl
from edge.model.headers import Headers
from edge.model.origin import Origin, OriginAttempt, OriginRequest, OriginResponse
from edge.runtimes.lambda_edge import interpreters
from edge.runtimes.lambda_edge.lambda_runtime import LambdaRuntime
from edge.runtimes.lambda_edge.providers.process import ProcessProvider

ORIGIN = Origin("api", "abc.lambda-url.us-east-1.on.aws")
Ask = Callable[..., Any]


@pytest.fixture
async def ask(tmp_path: Path) -> AsyncIterator[Ask]:
    """Asks a function of one file: `ask(code, mode=...)`."""
    provider = ProcessProvider()
    runtime = LambdaRuntime(provider, Path(provider.warden.folder))
    logged: list[str] = []
    urls = FunctionUrls(lambda: runtime, lambda name, logs: logged.extend(logs))

    async def ask(code: str, *, suffix: str = ".py", mode: Any = "BUFFERED", body: bytes = b"", **settings: Any) -> Any:
        (tmp_path / f"app{suffix}").write_text(code)
        language = "python3.11" if suffix == ".py" else "nodejs22.x"
        try:
            interpreters.find(language)
        except interpreters.NoInterpreter as missing:
            pytest.skip(str(missing))
        made = {"timeout_s": 20, "is_replica": False, **settings}
        function = LambdaFunction("api", "1", str(tmp_path), "app.handler", language, **made)
        request = OriginRequest("POST" if body else "GET", "/a?b=1", Headers((("Host", ORIGIN.domain_name),)), body)
        return await urls.fetch(FunctionUrl(function, "NONE", mode), OriginAttempt(ORIGIN, request, "https"))

    ask.logged = logged  # type: ignore[attr-defined]
    yield ask
    await runtime.close()


async def test_a_python_function_is_an_origin(ask: Ask) -> None:
    """With environment variables, and its own name: it is no replica."""
    code = """
import os
def handler(event, context):
    print("asked")
    return {"statusCode": 201, "headers": {"x-name": context.function_name}, "cookies": ["a=1"],
            "body": event["rawPath"] + os.environ["TABLE"]}
"""
    response = await ask(code, environment=(("TABLE", "songs"),))
    assert (response.status, response.reason, response.body) == (201, "Created", b"/asongs")
    assert (response.headers.get("x-name"), response.headers.get("set-cookie")) == ("api", "a=1")
    assert "asked" in ask.logged  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", ["raise ValueError('x')", "import os; os._exit(1)"])
async def test_a_function_that_fails_is_a_502(ask: Ask, code: str) -> None:
    response = await ask(f"def handler(e, c): {code}")
    assert (response.status, response.body) == (502, b"Internal Server Error")


STREAM = """
exports.handler = awslambda.streamifyResponse(async (event, response, context) => {
  const head = { statusCode: 203, headers: { 'x-a': 'b' }, cookies: ['c=1'] };
  response = awslambda.HttpResponseStream.from(response, head);
  response.write('first');
  await new Promise((resolve) => setTimeout(resolve, Number(event.queryStringParameters.b) * 300));
  END
});
"""


async def test_a_streamed_response_begins_before_it_ends(ask: Ask) -> None:
    """Its first piece is read while the function waits."""
    response = await ask(STREAM.replace("END", "response.end('last');"), suffix=".js", mode="RESPONSE_STREAM")
    assert isinstance(response, OriginResponse)
    assert (response.status, response.headers.get("x-a"), response.headers.get("set-cookie")) == (203, "b", "c=1")
    pieces = [piece async for piece in response.body]  # type: ignore[union-attr]
    assert pieces == [b"first", b"last"]


async def test_a_stream_that_fails_midway_breaks_off(ask: Ask) -> None:
    """The viewer sees that something is missing; the next request is served."""
    code = STREAM.replace("END", "throw new TypeError('midway');")
    response = await ask(code, suffix=".js", mode="RESPONSE_STREAM")
    pieces = aiter(response.body)
    assert await anext(pieces) == b"first"
    with pytest.raises(BodyBroken, match="failed in the middle"):
        await anext(pieces)


async def test_a_stream_without_a_head_is_bytes(ask: Ask) -> None:
    body = "async (event, response) => { response.write('a'); response.end('b'); }"
    code = f"exports.handler = awslambda.streamifyResponse({body})"
    response = await ask(code, suffix=".js", mode="RESPONSE_STREAM")
    assert (response.status, response.headers.get("content-type")) == (200, "application/octet-stream")
    assert b"".join([piece async for piece in response.body]) == b"ab"


async def test_a_plain_handler_behind_a_streaming_url_is_buffered(ask: Ask) -> None:
    code = "exports.handler = async () => ({ statusCode: 200, body: 'plain' })"
    response = await ask(code, suffix=".js", mode="RESPONSE_STREAM")
    assert (response.status, response.body) == (200, b"plain")


async def test_a_streaming_handler_behind_a_buffered_url_is_read_to_its_end(ask: Ask) -> None:
    response = await ask(STREAM.replace("END", "response.end('last');"), suffix=".js")
    assert (response.status, response.body, response.headers.get("x-a")) == (203, b"firstlast", "b")


async def test_many_at_once_are_each_answered(ask: Ask) -> None:
    code = "def handler(event, context): return {'statusCode': 200, 'body': event['rawPath']}"
    responses = await asyncio.gather(*(ask(code) for _ in range(20)))
    assert {response.body for response in responses} == {b"/a"}
