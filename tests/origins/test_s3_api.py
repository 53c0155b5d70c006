"""Promises about origins that are a real S3 API: moto's server on this machine, which checks signatures."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from edge.model.headers import Headers
from edge.model.origin import (
    Credentials,
    Origin,
    OriginAccessControl,
    OriginAttempt,
    OriginKind,
    OriginRequest,
    OriginResponse,
)
from edge.origins.http_origins import HttpOrigins
from edge.rules import origin_access_control
from edge.testing import VirtualClock

DOMAIN = "site.s3.eu-west-1.amazonaws.com"
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@dataclass
class S3:
    url: str
    credentials: Credentials


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    """A bucket with an object, and credentials that may read it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    common: dict[str, Any] = {
        "endpoint_url": url,
        "region_name": "eu-west-1",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
    }
    bucket = boto3.client("s3", **common)
    bucket.create_bucket(Bucket="site", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    bucket.put_object(Bucket="site", Key="a b/€.txt", Body=b"0123456789", ContentType="text/plain")
    iam = boto3.client("iam", **common)
    iam.create_user(UserName="cloudfront")
    iam.put_user_policy(UserName="cloudfront", PolicyName="read", PolicyDocument=json.dumps(READ))
    key = iam.create_access_key(UserName="cloudfront")["AccessKey"]
    # From here on moto checks who asks, and the signature.
    trust_requests(url, "0")
    yield S3(url, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    trust_requests(url, "inf")
    server.stop()


def trust_requests(url: str, count: str) -> None:
    """How many requests moto takes from now on without a look at who asks."""
    asked = urllib.request.Request(f"{url}/moto-api/reset-auth", count.encode(), {"Content-Type": "text/plain"})
    urllib.request.urlopen(asked, timeout=10).close()


async def ask(origin: Origin, target: str, *lines: tuple[str, str], method: str = "GET") -> OriginResponse:
    """What the exchange does: sign, then one attempt."""
    origins = HttpOrigins()
    request = OriginRequest(method, target, Headers((("Host", DOMAIN), *lines)), b"")
    signed = origin_access_control.sign(request, origin, VirtualClock().now())
    answer = await origins.fetch(OriginAttempt(origin, signed, "https"))
    assert isinstance(answer, OriginResponse), answer
    if not isinstance(answer.body, bytes):
        answer = answer._replace(body=b"".join([piece async for piece in answer.body]))  # type: ignore[union-attr]
    await origins.close()
    return answer


def origin_of(s3: S3, behavior: Any = "always", **more: Any) -> Origin:
    control = OriginAccessControl("oac", "s3", behavior)
    return Origin(
        "site", DOMAIN, OriginKind.S3, access_control=control, local_url=s3.url, credentials=s3.credentials, **more
    )


async def test_s3_takes_the_signature(s3: S3) -> None:
    answer = await ask(origin_of(s3), "/a%20b/%E2%82%AC.txt")
    assert (answer.status, answer.body) == (200, b"0123456789")
    assert answer.headers.get("content-type") == "text/plain"


async def test_s3_takes_it_with_conditions_parts_and_a_query(s3: S3) -> None:
    part = await ask(origin_of(s3), "/a%20b/%E2%82%AC.txt?response-content-language=de&a", ("Range", "bytes=2-4"))
    assert (part.status, part.body) == (206, b"234")
    head = await ask(origin_of(s3), "/a%20b/%E2%82%AC.txt", method="HEAD")
    assert (head.status, head.headers.get("content-length")) == (200, "10")


async def test_without_a_signature_or_with_another_key_s3_refuses(s3: S3) -> None:
    assert (await ask(origin_of(s3, "never"), "/a%20b/%E2%82%AC.txt")).status == 403
    secret = replace(s3.credentials, secret_access_key="not the secret")
    refused = await ask(replace(origin_of(s3), credentials=secret), "/a%20b/%E2%82%AC.txt")
    assert refused.status == 403
    assert b"SignatureDoesNotMatch" in refused.body


async def test_what_is_not_there_is_what_s3_says(s3: S3) -> None:
    answer = await ask(origin_of(s3), "/no")
    assert (answer.status, b"<Code>NoSuchKey</Code>" in answer.body) == (404, True)
