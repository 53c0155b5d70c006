"""Promises of `edge diff`: what a change does to traffic, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli import main

SITE = """
Resources:
  Auth:
    Type: AWS::Lambda::Function
    Properties: {Code: auth/, Handler: index.handler, Runtime: nodejs22.x, Role: "arn:aws:iam::1:role/r"}
  AuthVersion: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Auth}}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - {Id: app, DomainName: app.example.com, CustomOriginConfig: {OriginProtocolPolicy: https-only}}
        DefaultCacheBehavior:
          TargetOriginId: app
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
          LambdaFunctionAssociations: [{EventType: origin-request, LambdaFunctionARN: !Ref AuthVersion}]
"""


def diff(*arguments: str | Path, stdin: str = "") -> Result:
    return CliRunner().invoke(main, ["diff", *(str(argument) for argument in arguments)], input=stdin)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return version(tmp_path / "old", SITE, "exports.handler = 1")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return version(tmp_path / "new", SITE.replace("allow-all", "https-only"), "exports.handler = 2")


def version(folder: Path, template: str, code: str) -> Path:
    (folder / "auth").mkdir(parents=True)
    (folder / "auth" / "index.js").write_text(code)
    (folder / "site.yaml").write_text(template)
    return folder / "site.yaml"


def test_two_copies_come_to_the_same(old: Path, tmp_path: Path) -> None:
    result = diff(old, version(tmp_path / "copy", SITE, "exports.handler = 1"))
    assert (result.exit_code, result.stdout) == (
        0,
        "the two come to the same distribution\n0 of 1 request fares differently\n",
    )


def test_it_says_what_changes_and_which_requests_notice(old: Path, new: Path) -> None:
    result = diff(old, new, "http://site.cloudfront.net/a", "/b")
    assert result.exit_code == 0
    for words in (
        "viewer protocol policy: allow-all -> https-only",
        "origin-request: auth differs in code",
        "1 of 2 requests fare differently",
        "GET http://site.cloudfront.net/a",
        "passes -> refused with 403",
    ):
        assert words in result.stdout


def test_urls_come_from_a_file_and_from_access_logs(old: Path, new: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    line = {"cs-method": "GET", "cs-uri-stem": "/c", "cs-protocol": "http", "x-host-header": "site.cloudfront.net"}
    log.write_text(f"{json.dumps(line)}\n" * 3)
    result = diff(
        old, new, "--urls", "-", "--access-log", log, "--json", stdin="# ours\nhttp://site.cloudfront.net/a\n"
    )
    answer = json.loads(result.stdout)
    assert (answer["requests"], answer["empties_cache"]) == (4, False)
    assert [(one["example"], one["count"]) for one in answer["moved"]] == [
        ("GET http://site.cloudfront.net/a", 4),
    ]
    assert {one["concern"] for one in answer["changes"]} == {"access", "function"}


def test_what_cannot_be_read_is_said(old: Path, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    result = diff(old, tmp_path / "x.json")
    assert result.exit_code == 1
    assert "not JSON" in result.stderr
    assert diff(old, old, "--access-log", tmp_path / "x.json").exit_code == 1
    assert diff(old, old, "ftp://x").exit_code == 2
    assert diff(old, tmp_path / "none.yaml").exit_code == 2


def test_parameters_are_for_the_one_that_is_a_template(tmp_path: Path) -> None:
    sites = Path(__file__).parent.parent / "configuration" / "sites"
    given = ["--parameter", "ApiDomain=api.example.com"]
    result = diff(sites / "api" / "api-and-spa" / "distribution.json", sites / "api-and-spa.yaml", *given)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "the two come to the same distribution" in result.stdout


def test_one_of_several_is_compared(tmp_path: Path) -> None:
    staging = Path(__file__).parent.parent / "configuration" / "sites" / "staging.yaml"
    result = diff(staging, staging)
    assert "Site is compared; others by --distribution: Staging" in result.stderr
    assert diff(staging, staging, "--distribution", "Staging").stderr == ""
