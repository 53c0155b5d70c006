"""`edge check` says what of a configuration this machine cannot run."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from edge.cli import main

STACK = """
Resources:
  Edge:
    Type: AWS::Lambda::Function
    Properties: {Handler: index.handler, Runtime: RUNTIME, Code: src, Timeout: 5}
  EdgeVersion: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Edge}}
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
          LambdaFunctionAssociations: [{EventType: origin-request, LambdaFunctionARN: !Ref EdgeVersion}]
"""


def found(folder: Path, runtime: str, local: str) -> dict[str, str]:
    """The findings about the machine, by their rules."""
    (folder / "src").mkdir()
    (folder / "src" / "index.js").write_text("exports.handler = async (event) => event.Records[0].cf.request;")
    (folder / "stack.yaml").write_text(STACK.replace("RUNTIME", runtime))
    (folder / "edge.toml").write_text('[origins]\napp = "http://localhost:3000"\n' + local)
    done = CliRunner().invoke(main, ["check", str(folder / "stack.yaml"), "--json"])
    return {one["rule"]: one["message"] for one in json.loads(done.stdout) if one["rule"].startswith("lambda.")}


def test_a_provider_that_is_not_here_is_named_with_its_reason(tmp_path: Path) -> None:
    messages = found(tmp_path, "nodejs22.x", '[lambda]\nprovider = "firecraker"\n')
    assert messages["lambda.provider"].startswith(
        "Lambda functions cannot run here with the provider firecraker: there"
    )


def test_a_firecracker_that_edge_toml_names_is_looked_for_beside_it(tmp_path: Path) -> None:
    messages = found(tmp_path, "nodejs22.x", '[lambda]\nprovider = "firecracker"\nfirecracker = "bin/fc"\n')
    assert f"{tmp_path / 'bin' / 'fc'} is not a program: name" in messages["lambda.provider"]


def test_another_version_of_the_runtime_is_said(tmp_path: Path) -> None:
    """Or that there is none at all."""
    assert "nodejs16.x" in found(tmp_path, "nodejs16.x", "")["lambda.runtime"]
