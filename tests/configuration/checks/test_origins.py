"""What AWS refuses of origins and origin groups."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Stack = Callable[..., Path]
Rules = Callable[[Path], dict[str, str]]


def custom(**changes: Any) -> dict[str, Any]:
    return {"CustomOriginConfig": {"OriginProtocolPolicy": "https-only", **changes}}


def header(name: str, value: str = "x") -> dict[str, Any]:
    return {"OriginCustomHeaders": [{"HeaderName": name, "HeaderValue": value}]}


@pytest.mark.parametrize(
    ("origin", "rule", "place"),
    [
        ({"CustomOriginConfig": None}, "origins.kind", "Origins[0]"),
        ({"S3OriginConfig": {}}, "origins.kind", "Origins[0]"),
        ({"DomainName": "https://app.example.com"}, "origins.domain_name", "Origins[0].DomainName"),
        ({"OriginPath": "v1"}, "origins.path", "Origins[0].OriginPath"),
        ({"OriginPath": "/v1/"}, "origins.path", "Origins[0].OriginPath"),
        ({"ConnectionAttempts": 4}, "origins.timeout", "Origins[0].ConnectionAttempts"),
        ({"ConnectionTimeout": 11}, "origins.timeout", "Origins[0].ConnectionTimeout"),
        (custom(OriginReadTimeout=121), "origins.timeout", "Origins[0].CustomOriginConfig.OriginReadTimeout"),
        (custom(OriginKeepaliveTimeout=0), "origins.timeout", "Origins[0].CustomOriginConfig.OriginKeepaliveTimeout"),
        ({"ResponseCompletionTimeout": 29}, "origins.timeout", "Origins[0].ResponseCompletionTimeout"),
        (custom(HTTPPort=81), "origins.port", "Origins[0].CustomOriginConfig.HTTPPort"),
        (header("Host"), "origins.denied_header", "Origins[0].OriginCustomHeaders[0].HeaderName"),
        (header("X-Amz-Foo"), "origins.denied_header", "Origins[0].OriginCustomHeaders[0].HeaderName"),
        (header("a b"), "origins.header_name", "Origins[0].OriginCustomHeaders[0].HeaderName"),
        (header("X-A", "a\r\nb"), "origins.header_value", "Origins[0].OriginCustomHeaders[0].HeaderValue"),
        (header("X-A", "a" * 1784), "origins.header_value", "Origins[0].OriginCustomHeaders[0].HeaderValue"),
        (
            {"OriginCustomHeaders": [{"HeaderName": f"X-{n}", "HeaderValue": "x"} for n in range(31)]},
            "origins.custom_headers",
            "Origins[0].OriginCustomHeaders",
        ),
        (
            {"OriginCustomHeaders": [{"HeaderName": name, "HeaderValue": "x"} for name in ("X-A", "x-a")]},
            "origins.header_twice",
            "Origins[0].OriginCustomHeaders[1].HeaderName",
        ),
    ],
)
def test_what_aws_refuses_of_an_origin(
    stack: Stack, rules: Rules, origin: dict[str, Any], rule: str, place: str
) -> None:
    assert rules(stack(origin=origin)).get(rule) == place


def origins(*ids: str) -> list[dict[str, Any]]:
    return [{"Id": id, "DomainName": "app.example.com", **custom()} for id in ids]


def group(members: list[str], codes: list[int]) -> dict[str, Any]:
    criteria = {"StatusCodes": {"Quantity": len(codes), "Items": codes}}
    items = [{"OriginId": id} for id in members]
    one = {"Id": "group", "FailoverCriteria": criteria, "Members": {"Quantity": len(items), "Items": items}}
    return {"Quantity": 1, "Items": [one]}


@pytest.mark.parametrize(
    ("config", "rule", "place"),
    [
        ({"Origins": origins("app", "app")}, "origins.twice", "Origins"),
        ({"Origins": origins("app", "spare")}, "origins.unused", "Origins[1]"),
        ({"OriginGroups": group(["app"], [500])}, "origin_groups.members", "OriginGroups.Items[0].Members"),
        ({"OriginGroups": group(["app", "app"], [500])}, "origin_groups.members", "OriginGroups.Items[0].Members"),
        (
            {"OriginGroups": group(["app", "none"], [500])},
            "origin_groups.unknown_origin",
            "OriginGroups.Items[0].Members.Items[1].OriginId",
        ),
        (
            {"Origins": origins("app", "spare"), "OriginGroups": group(["app", "spare"], [])},
            "origin_groups.codes",
            "OriginGroups.Items[0].FailoverCriteria",
        ),
        (
            {"Origins": origins("app", "spare"), "OriginGroups": group(["app", "spare"], [500, 401])},
            "origin_groups.codes",
            "OriginGroups.Items[0].FailoverCriteria.StatusCodes.Items[1]",
        ),
    ],
)
def test_what_aws_refuses_of_ids_and_groups(
    stack: Stack, rules: Rules, config: dict[str, Any], rule: str, place: str
) -> None:
    assert rules(stack(config=config)).get(rule) == place
