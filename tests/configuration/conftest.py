"""Configurations small enough to read, written to a folder of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge import configuration
from edge.configuration import Configuration, Finding

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"

Write = Callable[[str, Any], Path]
Stack = Callable[..., Path]
Rules = Callable[[Path], dict[str, str]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file (text, or anything that JSON can hold) and get its path."""

    def write(name: str, content: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
        return path

    return write


@pytest.fixture
def stack(write: Write) -> Stack:
    """Write a template with one distribution, whose origin is the web server `app`: `resources` are more resources,
    `config` and `behavior` change the DistributionConfig and its default behavior, `origin` its only origin."""

    def stack(
        *,
        resources: dict[str, Any] | None = None,
        config: dict[str, Any] | None = None,
        behavior: dict[str, Any] | None = None,
        origin: dict[str, Any] | None = None,
        **sections: Any,
    ) -> Path:
        default_behavior = {
            "TargetOriginId": "app",
            "ViewerProtocolPolicy": "allow-all",
            "CachePolicyId": CACHING_OPTIMIZED,
            **(behavior or {}),
        }
        app = {
            "Id": "app",
            "DomainName": "app.example.com",
            "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
            **(origin or {}),
        }
        whole = {
            "Enabled": True,
            "Origins": [app],
            "DefaultCacheBehavior": {key: value for key, value in default_behavior.items() if value is not None},
            **(config or {}),
        }
        site = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": whole}}
        write("edge.toml", '[origins]\napp = "http://localhost:3000"\n')
        return write("stack.json", {**sections, "Resources": {**(resources or {}), "Site": site}})

    return stack


@pytest.fixture
def api(write: Write) -> Stack:
    """Write the answer of `aws cloudfront get-distribution-config`, its lists wrapped as the API wraps them."""

    def api(*, config: dict[str, Any] | None = None, behavior: dict[str, Any] | None = None) -> Path:
        app = {
            "Id": "app",
            "DomainName": "app.example.com",
            "OriginPath": "",
            "CustomHeaders": {"Quantity": 0},
            "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
            "OriginShield": {"Enabled": False},
            "OriginAccessControlId": "",
        }
        whole = {
            "CallerReference": "1",
            "Aliases": {"Quantity": 0},
            "DefaultRootObject": "",
            "Origins": {"Quantity": 1, "Items": [app]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "app",
                "ViewerProtocolPolicy": "allow-all",
                "CachePolicyId": CACHING_OPTIMIZED,
                **(behavior or {}),
            },
            "CustomErrorResponses": {"Quantity": 0},
            "Comment": "",
            "Enabled": True,
            "WebACLId": "",
            **(config or {}),
        }
        write("edge.toml", '[origins]\napp = "http://localhost:3000"\n')
        return write("site.json", {"ETag": "E2QWRUHEXAMPLE", "DistributionConfig": whole})

    return api


@pytest.fixture
def inspect() -> Callable[..., Configuration]:
    """Read a configuration, errors among its findings."""
    return configuration.inspect


@pytest.fixture
def rules() -> Rules:
    """The rules that a configuration breaks, with the place of each, without its file and line."""

    def rules(path: Path) -> dict[str, str]:
        return {finding.rule: place_of(finding) for finding in configuration.inspect(path).findings}

    return rules


def place_of(finding: Finding) -> str:
    """The property path of a finding below the DistributionConfig, if it is there."""
    return finding.where.partition(" ")[2].removeprefix("Resources.Site.Properties.DistributionConfig.")
