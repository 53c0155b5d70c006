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


def test_a_domain_that_only_aws_knows_does_not_keep_the_origin_from_being_mapped(
    stack: Callable[..., Path], inspect: Callable[..., Configuration]
) -> None:
    """A parameter of Systems Manager, an export, a parameter without a default: the origin's id is enough."""
    parameters = {"Alb": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/infra/alb"}}
    path = stack(
        origin={"Id": "the alb", "DomainName": {"Ref": "Alb"}},
        behavior={"TargetOriginId": "the alb"},
        Parameters=parameters,
    )
    made = inspect(path, origins={"the alb": "http://localhost:4000"})
    assert [one.rule for one in made.findings] == ["origins.unknown_name"]  # the app of edge.toml
    assert made.distributions[0].origins["the alb"].local_url == "http://localhost:4000"
    unmapped = next(one for one in inspect(path).findings if one.rule == "origins.unmapped")
    assert (
        "is at a domain name that is not known here (the parameter Alb has the value of /infra/alb" in unmapped.message
    )
    assert "add under [origins] in " in unmapped.message


def test_secrets_and_names_that_only_aws_knows_stay_as_they_are_written(
    stack: Callable[..., Path], inspect: Callable[..., Configuration]
) -> None:
    secret = "{{resolve:secretsmanager:edge:SecretString:token}}"
    made = inspect(
        stack(
            origin={"OriginCustomHeaders": [{"HeaderName": "X-Verify", "HeaderValue": secret}]},
            config={
                "Aliases": [{"Ref": "Domain"}],
                "ViewerCertificate": {"AcmCertificateArn": {"Ref": "Certificate"}, "SslSupportMethod": "sni-only"},
            },
            Parameters={"Domain": {"Type": "String"}, "Certificate": {"Type": "String"}},
        )
    )
    assert [(one.level, one.rule) for one in made.findings if one.level != "note"] == [
        ("warning", "schema.not_given"),
        ("warning", "schema.not_given"),
    ]
    assert made.distributions[0].origins["app"].custom_headers == (("X-Verify", secret),)
    assert made.distributions[0].aliases == ("{Domain}",)


def test_a_switch_lets_cloudfront_list_buckets(stack: Stack, inspect: Inspect, write: Callable[..., Path]) -> None:
    """Then what is not there is a 404, whatever bucket policy the template has or lacks."""
    template = stack(origin=S3, resources={"Bucket": BUCKET})
    write("edge.toml", '[origins]\napp = "."\n[switches]\ncloudfront_may_list_bucket = true\n')
    assert inspect(template).distributions[0].origins["app"].lists_bucket
