"""What a bucket's policy lets CloudFront do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.configuration import Configuration

Inspect = Callable[..., Configuration]
Stack = Callable[..., Path]
Write = Callable[[str, Any], Path]

CLOUDFRONT = {"Service": "cloudfront.amazonaws.com"}
ACCESS_CONTROL = {
    "Type": "AWS::CloudFront::OriginAccessControl",
    "Properties": {
        "OriginAccessControlConfig": {
            "Name": "c",
            "OriginAccessControlOriginType": "s3",
            "SigningBehavior": "always",
            "SigningProtocol": "sigv4",
        }
    },
}
IDENTITY = {
    "Type": "AWS::CloudFront::CloudFrontOriginAccessIdentity",
    "Properties": {"CloudFrontOriginAccessIdentityConfig": {"Comment": ""}},
}


def statement(principal: Any, *actions: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": list(actions), "Resource": "*"}


@pytest.fixture
def with_policy(stack: Stack) -> Stack:
    """A bucket with a policy of these statements, behind an access control or an identity."""

    def with_policy(*statements: dict[str, Any], identity: bool = False) -> Path:
        s3 = {"OriginAccessIdentity": {"Fn::Sub": "origin-access-identity/cloudfront/${Identity}"}} if identity else {}
        return stack(
            resources={
                "Control": ACCESS_CONTROL,
                "Identity": IDENTITY,
                "Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "files"}},
                "Policy": {
                    "Type": "AWS::S3::BucketPolicy",
                    "Properties": {"Bucket": {"Ref": "Files"}, "PolicyDocument": {"Statement": list(statements)}},
                },
            },
            origin={
                "DomainName": {"Fn::GetAtt": ["Files", "RegionalDomainName"]},
                "CustomOriginConfig": None,
                "S3OriginConfig": s3,
                "OriginAccessControlId": "" if identity else {"Ref": "Control"},
            },
        )

    return with_policy


@pytest.mark.parametrize(
    ("statements", "reads", "lists"),
    [
        ([statement(CLOUDFRONT, "s3:GetObject")], True, False),
        ([statement(CLOUDFRONT, "s3:GetObject", "s3:ListBucket")], True, True),
        ([statement(CLOUDFRONT, "s3:Get*"), statement("*", "s3:List*")], True, True),
        ([statement({"AWS": "*"}, "s3:*")], True, True),
        ([statement({"AWS": "arn:aws:iam::1:root"}, "s3:GetObject")], False, False),
        ([statement(CLOUDFRONT, "s3:PutObject")], False, False),
        ([statement(CLOUDFRONT, "s3:GetObject", effect="Deny")], False, False),
        ([], False, False),
    ],
)
def test_trap_24_what_is_not_there_is_404_only_where_cloudfront_may_list(
    with_policy: Stack, inspect: Inspect, statements: list[dict[str, Any]], reads: bool, lists: bool
) -> None:
    made = inspect(with_policy(*statements))
    assert made.distributions[0].origins["app"].lists_bucket is lists
    assert ([one.rule for one in made.findings] == []) is reads
    if not reads:
        (finding,) = made.findings
        assert (finding.level, finding.rule) == ("warning", "origins.bucket_policy")
        assert finding.where.endswith(" Resources.Policy.Properties.PolicyDocument")
        assert "lets the service cloudfront.amazonaws.com do s3:GetObject, so requests get 403" in finding.message


@pytest.mark.parametrize(
    "principal",
    [
        {"CanonicalUser": {"Fn::GetAtt": ["Identity", "S3CanonicalUserId"]}},
        {"AWS": {"Fn::Sub": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ${Identity}"}},
    ],
)
def test_an_origin_access_identity_is_let_in_by_either_name(
    with_policy: Stack, inspect: Inspect, principal: dict[str, Any]
) -> None:
    assert inspect(with_policy(statement(principal, "s3:GetObject"), identity=True)).findings == ()
    (finding,) = inspect(with_policy(statement(CLOUDFRONT, "s3:GetObject", effect="Deny"), identity=True)).findings
    assert "the origin access identity" in finding.message


def test_a_policy_in_terraform_is_json_in_a_text(inspect: Inspect, write: Write) -> None:
    state = json.loads((Path(__file__).parent / "sites" / "terraform" / "spa.json").read_text())
    policy = {"Statement": statement(CLOUDFRONT, "s3:ListBucket", "s3:GetObject")}
    values = {"bucket": "spa-files", "policy": json.dumps(policy)}
    one = {"address": "aws_s3_bucket_policy.a", "type": "aws_s3_bucket_policy", "name": "a", "values": values}
    state["values"]["root_module"]["resources"].append(one)
    assert inspect(write("state.json", state)).distributions[0].origins["files"].lists_bucket
