"""A distribution before an HTTP API of a SAM template: through the real proxy, with tokens of a real issuer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from edge.runtimes.lambda_edge import interpreters
from origin.site import make_app

Proxy = Any  # of conftest.py
ProxyStarter = Callable[..., Awaitable[Proxy]]

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        Authorizers:
          Login:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: "https://id.example.com", audience: [web]}
  Items:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code
      Handler: app.handler
      Runtime: python3.11
      Timeout: 20
      Events:
        Open: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: "/open/{name}", Method: GET}}
        Mine: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /mine, Method: GET, Auth: {Authorizer: Login}}}
        Write:
          Type: HttpApi
          Properties:
            {ApiId: !Ref Api, Path: /mine, Method: POST, Auth: {Authorizer: Login, AuthorizationScopes: [write]}}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: api
            DomainName: !Sub "${Api}.execute-api.${AWS::Region}.amazonaws.com"
            CustomOriginConfig: {OriginProtocolPolicy: https-only}
        DefaultCacheBehavior:
          TargetOriginId: api
          ViewerProtocolPolicy: allow-all
          AllowedMethods: [GET, HEAD, OPTIONS, PUT, PATCH, POST, DELETE]
          CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
          OriginRequestPolicyId: b689b0a8-53d0-40ab-baf2-68738e2966ac
"""
CODE = """
import json

def handler(event, context):
    seen = {name: event.get(name) for name in ("routeKey", "pathParameters", "requestContext", "body")}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(seen)}
"""


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    """The address of the sample site, which issues tokens."""
    async with TestServer(make_app()) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
async def proxy(start_proxy: ProxyStarter, issuer: str, tmp_path: Path) -> Proxy:
    try:
        interpreters.find("python3.11")
    except interpreters.NoInterpreter as missing:
        pytest.skip(str(missing))
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(CODE)
    (tmp_path / "edge.toml").write_text(f'[issuers]\n"https://id.example.com" = "{issuer}"\n')
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    return await start_proxy(config=tmp_path / "template.yaml")


async def bearer(issuer: str, query: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"{issuer}/token?{query}") as answer:
        return f"Authorization: Bearer {await answer.text()}"


async def test_an_open_route_is_answered_by_its_function(proxy: Proxy) -> None:
    reply = await proxy.get("/open/a%20b")
    assert (reply.status, reply.x_cache) == (200, "Miss")
    seen = json.loads(reply.body)
    assert (seen["routeKey"], seen["pathParameters"]) == ("GET /open/{name}", {"name": "a b"})
    assert "authorizer" not in seen["requestContext"]
    assert seen["requestContext"]["domainName"] == "Api.execute-api.us-east-1.amazonaws.com"
    reply = await proxy.get("/nothing")
    assert (reply.status, reply.body) == (404, b'{"message":"Not Found"}')


async def test_a_token_opens_a_route_and_its_claims_reach_the_function(proxy: Proxy, issuer: str) -> None:
    reply = await proxy.get("/mine", await bearer(issuer, "sub=anna&aud=web"))
    assert reply.status == 200
    jwt = json.loads(reply.body)["requestContext"]["authorizer"]["jwt"]
    assert (jwt["claims"]["sub"], jwt["claims"]["iss"], jwt["scopes"]) == ("anna", issuer, None)


async def test_without_a_good_token_there_is_no_answer(proxy: Proxy, issuer: str) -> None:
    reply = await proxy.get("/mine")
    assert (reply.status, reply.body, reply.get("www-authenticate")) == (401, b'{"message":"Unauthorized"}', "Bearer")
    reply = await proxy.get("/mine", await bearer(issuer, "aud=other"))
    assert reply.status == 401
    assert reply.get("www-authenticate") == (
        'Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"'
    )
    reply = await proxy.get("/mine", f"{await bearer(issuer, 'aud=web')}x")
    assert reply.status == 401


async def test_a_scope_is_asked_for(proxy: Proxy, issuer: str) -> None:
    ask = {"method": "POST", "body": b"{}"}
    reply = await proxy.get("/mine", await bearer(issuer, "aud=web&scope=read"), **ask)
    assert (reply.status, reply.body) == (403, b'{"message":"Forbidden"}')
    kind = "Content-Type: application/json"
    reply = await proxy.get("/mine", await bearer(issuer, "aud=web&scope=read+write"), kind, **ask)
    seen = json.loads(reply.body)
    assert (seen["body"], seen["requestContext"]["authorizer"]["jwt"]["scopes"]) == ("{}", ["write"])


async def test_keys_that_rotate_are_followed(proxy: Proxy, issuer: str) -> None:
    """Tokens of the key before are good too, as long as the issuer lists it."""
    old = await bearer(issuer, "aud=web")
    assert (await proxy.get("/mine", old)).status == 200
    async with aiohttp.ClientSession() as session, session.post(f"{issuer}/keys/rotate") as answer:
        await answer.read()
    proxy.clock.ahead_s = 2
    assert (await proxy.get("/mine", await bearer(issuer, "aud=web"))).status == 200
    assert (await proxy.get("/mine", old)).status == 200
