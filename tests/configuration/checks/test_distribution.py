"""What AWS refuses of a distribution as a whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CERTIFICATE = {"AcmCertificateArn": "arn:aws:acm:us-east-1:1:certificate/1", "SslSupportMethod": "sni-only"}
Stack = Callable[..., Path]
Rules = Callable[[Path], dict[str, str]]


def error_response(**changes: Any) -> dict[str, Any]:
    return {
        "CustomErrorResponses": [{"ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/index.html", **changes}]
    }


@pytest.mark.parametrize(
    ("config", "rule", "place"),
    [
        ({"Origins": []}, "distribution.no_origins", "Origins"),
        ({"Aliases": [f"a{n}.example.com" for n in range(101)]}, "quotas.distribution", "Aliases"),
        ({"Aliases": ["www.example.com"]}, "distribution.certificate", "Aliases"),
        (
            {"ViewerCertificate": CERTIFICATE | {"AcmCertificateArn": "arn:aws:acm:eu-west-1:1:certificate/1"}},
            "distribution.certificate_region",
            "ViewerCertificate.AcmCertificateArn",
        ),
        (
            {"ViewerCertificate": {"IamCertificateId": "ASCAEXAMPLE"}},
            "distribution.ssl_support_method",
            "ViewerCertificate",
        ),
        ({"Aliases": ["https://www.example.com"]}, "distribution.alias", "Aliases[0]"),
        ({"Aliases": ["www.example.com", "a.*.example.com"]}, "distribution.alias", "Aliases[1]"),
        ({"DefaultRootObject": "/index.html"}, "distribution.default_root_object", "DefaultRootObject"),
        ({"DefaultRootObject": "x" * 256}, "distribution.default_root_object", "DefaultRootObject"),
        (error_response(ErrorCode=402), "error_pages.code", "CustomErrorResponses[0].ErrorCode"),
        (error_response(ResponseCode=302), "error_pages.response_code", "CustomErrorResponses[0].ResponseCode"),
        (error_response(ResponseCode=None), "error_pages.pair", "CustomErrorResponses[0]"),
        (error_response(ResponsePagePath="x.html"), "error_pages.path", "CustomErrorResponses[0].ResponsePagePath"),
        (
            {"CustomErrorResponses": [{"ErrorCode": 404}, {"ErrorCode": 404}]},
            "error_pages.twice",
            "CustomErrorResponses[1].ErrorCode",
        ),
        (
            {"Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist"}}},
            "geo_restriction.empty",
            "Restrictions.GeoRestriction.Items",
        ),
        (
            {"Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Locations": ["Germany"]}}},
            "geo_restriction.country",
            "Restrictions.GeoRestriction.Locations[0]",
        ),
    ],
)
def test_what_aws_refuses_is_an_error_at_its_place(
    stack: Stack, rules: Rules, config: dict[str, Any], rule: str, place: str
) -> None:
    assert rules(stack(config=config)).get(rule) == place


@pytest.mark.parametrize(
    "config",
    [
        {"Aliases": ["*.example.com", "example.com"], "ViewerCertificate": CERTIFICATE},
        {"DefaultRootObject": "dir/index.html"},
        {"CustomErrorResponses": [{"ErrorCode": 500, "ErrorCachingMinTTL": 0}]},
        error_response(),
    ],
)
def test_what_aws_takes_is_no_finding(stack: Stack, rules: Rules, config: dict[str, Any]) -> None:
    assert rules(stack(config=config)).keys() <= {"not_modelled"}
