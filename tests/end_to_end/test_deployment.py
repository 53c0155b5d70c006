"""Several distributions, tenants, staging and edge locations, as `edge serve CONFIG` serves them, over sockets."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

Proxy = Any  # of conftest.py
ProxyStarter = Any
Origin = Any  # a ScriptedOrigin of tests/conftest.py
Connection = Any
Until = Any

TOPOLOGY = """
[topology.pops.FRA56-P4]
regional_edge_cache = "eu-central-1"

[topology.pops.MUC50-P1]
regional_edge_cache = "eu-central-1"

[topology.pops.NRT57-C1]
regional_edge_cache = "ap-northeast-1"
"""
POLICY = {
    "Type": "AWS::CloudFront::ContinuousDeploymentPolicy",
    "Properties": {
        "ContinuousDeploymentPolicyConfig": {
            "Enabled": True,
            "StagingDistributionDnsNames": [{"Fn::GetAtt": ["Next", "DomainName"]}],
            "TrafficConfig": {
                "Type": "SingleHeader",
                "SingleHeaderConfig": {"Header": "aws-cf-cd-beta", "Value": "on"},
            },
        }
    },
}
TENANT = {
    "Type": "AWS::CloudFront::DistributionTenant",
    "Properties": {
        "DistributionId": {"Ref": "Shop"},
        "Name": "acme",
        "Domains": ["acme.example.com"],
        "Parameters": [{"Name": "customer", "Value": "acme"}],
    },
}
PARAMETERS = {"ParameterDefinitions": [{"Name": "customer", "Definition": {"StringSchema": {"Required": True}}}]}


def distribution(path: str, **config: Any) -> dict[str, Any]:
    origin = {
        "Id": "app",
        "DomainName": "app.example.org",
        "OriginPath": path,
        "CustomOriginConfig": {"OriginProtocolPolicy": "http-only", "OriginSSLProtocols": ["TLSv1.2"]},
    }
    behavior = {
        "TargetOriginId": "app",
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    }
    fields = {"Enabled": True, "HttpVersion": "http2", "Origins": [origin], "DefaultCacheBehavior": behavior}
    return {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {**fields, **config}}}


@pytest.fixture
async def world(start_proxy: ProxyStarter, origin: Origin, tmp_path: Path) -> Proxy:
    """A site with a staging distribution, a template with a tenant, three edge locations, one origin."""
    resources = {
        "Site": distribution("/site", ContinuousDeploymentPolicyId={"Ref": "Policy"}),
        "Next": distribution("/next", Staging=True),
        "Policy": POLICY,
        "Shop": distribution("/{{customer}}", ConnectionMode="tenant-only", TenantConfig=PARAMETERS),
        "Acme": TENANT,
    }
    (tmp_path / "stack.json").write_text(json.dumps({"Resources": resources}))
    (tmp_path / "edge.toml").write_text(f'[origins]\napp = "{origin.url}"\n{TOPOLOGY}')
    return await start_proxy(config=tmp_path / "stack.json")


async def test_host_and_header_say_which_distribution_answers(world: Proxy, origin: Origin) -> None:
    """By NAME.localhost, by alias, and by the header of a continuous deployment; each has objects of its own."""
    asked = (
        ("/a",),
        ("/a", "Host: site.localhost"),
        ("/a", "aws-cf-cd-beta: on"),
        ("/a", "Host: acme.example.com"),
        ("/a", "Host: acme.localhost"),
        ("/a", "Host: next.cloudfront.net"),
    )
    replies = []
    for target, *lines in asked:
        viewer = await world.connect()
        host = "" if any(line.startswith("Host:") for line in lines) else "Host: localhost\r\n"
        viewer.send((f"GET {target} HTTP/1.1\r\n{host}" + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode())
        replies.append(await viewer.reply())
    assert [(reply.status, reply.x_cache) for reply in replies] == [
        (200, "Miss"),
        (200, "Hit"),
        (200, "Miss"),
        (200, "Miss"),
        (200, "Hit"),
        (403, "Error"),
    ]
    assert [seen.target for seen in origin.requests] == ["/site/a", "/next/a", "/acme/a"]


async def test_each_edge_location_has_its_cache_and_its_region_behind_it(world: Proxy, origin: Origin) -> None:
    """Munich has from the region what Frankfurt fetched; Tokyo asks for itself."""
    replies = [await world.get("/a", f"X-Edge-Pop: {pop}") for pop in ("FRA", "FRA", "MUC", "NRT")]
    assert [(reply.x_cache, reply.get("x-amz-cf-pop")) for reply in replies] == [
        ("Miss", "FRA56-P4"),
        ("Hit", "FRA56-P4"),
        ("Hit", "MUC50-P1"),
        ("Miss", "NRT57-C1"),
    ]
    assert len(origin.requests) == 2
    assert all(seen.get("x-edge-pop") is None for seen in origin.requests)


async def test_a_body_that_arrives_is_read_at_two_edge_locations_and_kept_at_both(world: Proxy, origin: Origin) -> None:
    """One fetch; whoever comes while it runs reads along, from the first byte."""
    more = asyncio.Event()

    @origin.plays
    async def play(connection: Connection) -> None:
        origin.requests.append(await connection.request())
        connection.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
        await more.wait()
        connection.writer.write(b"half")
        await connection.writer.drain()

    frankfurt, munich = await world.connect(), await world.connect()
    frankfurt.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\nX-Edge-Pop: FRA\r\n\r\n")
    first = await frankfurt.head()
    munich.send(b"GET /a HTTP/1.1\r\nHost: localhost\r\nX-Edge-Pop: MUC\r\n\r\n")
    second = await munich.head()
    more.set()
    bodies = [
        b"".join([piece async for piece in one.pieces(head)]) for one, head in ((frankfurt, first), (munich, second))
    ]
    assert bodies == [b"halfhalf"] * 2
    assert (first.x_cache, second.x_cache) == ("Miss", "Hit")
    for pop in ("FRA", "MUC"):
        again = await world.get("/a", f"X-Edge-Pop: {pop}")
        assert (again.x_cache, again.body) == ("Hit", b"halfhalf")
    assert len(origin.requests) == 1
