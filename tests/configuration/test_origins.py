"""Origins and origin groups."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.configuration import Configuration
from edge.model.origin import Origin, OriginAccessControl, OriginGroup, OriginKind

Stack = Callable[..., Path]
Inspect = Callable[..., Configuration]

BUCKET = {"Type": "AWS::S3::Bucket"}
BUCKET_DOMAIN = {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]}
S3 = {"DomainName": BUCKET_DOMAIN, "S3OriginConfig": {"OriginAccessIdentity": ""}, "CustomOriginConfig": None}


def test_every_setting_of_an_origin(stack: Stack, inspect: Inspect) -> None:
    made = inspect(
        stack(
            origin={
                "OriginPath": "/v1",
                "OriginCustomHeaders": [{"HeaderName": "X-Secret", "HeaderValue": "s"}],
                "ConnectionAttempts": 2,
                "ConnectionTimeout": 5,
                "ResponseCompletionTimeout": 60,
                "OriginShield": {"Enabled": True, "OriginShieldRegion": "eu-central-1"},
                "CustomOriginConfig": {
                    "OriginProtocolPolicy": "match-viewer",
                    "HTTPPort": 8080,
                    "HTTPSPort": 8443,
                    "OriginReadTimeout": 20,
                    "OriginKeepaliveTimeout": 10,
                    "OriginSSLProtocols": ["TLSv1.1", "TLSv1.2"],
                },
            }
        )
    )
    assert made.findings == ()
    assert made.distributions[0].origins["app"] == Origin(
        "app",
        "app.example.com",
        OriginKind.CUSTOM,
        "/v1",
        "match-viewer",
        8080,
        8443,
        (("X-Secret", "s"),),
        2,
        5,
        20,
        10,
        60,
        "eu-central-1",
        local_url="http://localhost:3000",
        ssl_protocols=("TLSv1.1", "TLSv1.2"),
    )


def test_a_bucket_with_an_access_control_is_asked_over_https(stack: Stack, inspect: Inspect) -> None:
    control = {
        "Name": "c",
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }
    resources = {
        "Bucket": BUCKET,
        "Control": {
            "Type": "AWS::CloudFront::OriginAccessControl",
            "Properties": {"OriginAccessControlConfig": control},
        },
    }
    made = inspect(stack(resources=resources, origin={**S3, "OriginAccessControlId": {"Ref": "Control"}}))
    assert made.findings == ()
    origin = made.distributions[0].origins["app"]
    assert (origin.kind, origin.protocol_policy) == (OriginKind.S3, "https-only")
    assert origin.access_control == OriginAccessControl("Control", "s3", "always")


def test_an_origin_group_has_its_members_and_codes(stack: Stack, inspect: Inspect) -> None:
    custom = {"OriginProtocolPolicy": "https-only"}
    origins = [{"Id": id, "DomainName": f"{id}.example.com", "CustomOriginConfig": custom} for id in ("app", "spare")]
    group = {
        "Id": "both",
        "FailoverCriteria": {"StatusCodes": {"Quantity": 2, "Items": [500, 502]}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": "app"}, {"OriginId": "spare"}]},
    }
    path = stack(
        config={"Origins": origins, "OriginGroups": {"Quantity": 1, "Items": [group]}},
        behavior={"TargetOriginId": "both"},
    )
    expected = OriginGroup("both", ("app", "spare"), frozenset({500, 502}))
    assert inspect(path).distributions[0].origin_groups == {"both": expected}
