"""Origin access controls: of the kind of their origin, and alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Stack = Callable[..., Path]
Rules = Callable[[Path], dict[str, str]]

BUCKET = {"DomainName": "files.s3.us-east-1.amazonaws.com", "CustomOriginConfig": None, "S3OriginConfig": {}}
URL = {"DomainName": "abc.lambda-url.us-east-1.on.aws"}


@pytest.mark.parametrize(
    ("kind", "origin", "rule", "place"),
    [
        ("lambda", BUCKET, "origins.access_control_type", "Origins[0].OriginAccessControlId"),
        ("s3", URL, "origins.access_control_type", "Origins[0].OriginAccessControlId"),
        (
            "lambda",
            {"DomainName": "x.execute-api.us-east-1.amazonaws.com"},
            "origins.access_control_type",
            "Origins[0].OriginAccessControlId",
        ),
        (
            "s3",
            {**BUCKET, "S3OriginConfig": {"OriginAccessIdentity": "origin-access-identity/cloudfront/E1"}},
            "origins.two_identities",
            "Origins[0].S3OriginConfig.OriginAccessIdentity",
        ),
        ("s3", BUCKET, None, ""),
        ("lambda", URL, None, ""),
        ("mediapackagev2", {"DomainName": "a.egress.b.mediapackagev2.us-east-1.amazonaws.com"}, None, ""),
    ],
)
def test_an_access_control_fits_its_origin(
    stack: Stack, rules: Rules, kind: str, origin: dict[str, Any], rule: str | None, place: str
) -> None:
    config = {
        "Name": "c",
        "OriginAccessControlOriginType": kind,
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    control = {
        "Type": "AWS::CloudFront::OriginAccessControl",
        "Properties": {"OriginAccessControlConfig": config},
    }
    path = stack(resources={"C": control}, origin={**origin, "OriginAccessControlId": {"Ref": "C"}})
    assert rules(path) == ({} if rule is None else {rule: place})
