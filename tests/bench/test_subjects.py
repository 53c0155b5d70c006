"""What is compared with what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge import configuration
from edge.bench import subjects
from edge.bench.function_files import FunctionFileError
from edge.bench.subjects import Settings
from edge.model.function import EventType

FUNCTION = "function handler(event) { return event.request; }"
SAMPLES = Path(__file__).parents[2] / "functions"

TEMPLATE = """
Resources:
  Rewrite:
    Type: AWS::CloudFront::Function
    Properties:
      Name: rewrite
      FunctionCode: "function handler(event) { return event.request; }"
      FunctionConfig: {Comment: c, Runtime: cloudfront-js-2.0}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Aliases: [www.example.org]
        Origins:
          - Id: site
            DomainName: site.example.com
            CustomOriginConfig: {OriginProtocolPolicy: https-only}
        DefaultCacheBehavior:
          TargetOriginId: site
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
          FunctionAssociations:
            - {EventType: viewer-request, FunctionARN: !GetAtt Rewrite.FunctionARN}
"""


@pytest.mark.parametrize("sample", ["security-headers", "spa-rewrite", "www-redirect", "jwt-check"])
def test_a_sample_is_compared_in_both_tiers_with_none(sample: str) -> None:
    found = subjects.of_files([str(SAMPLES / sample)], Settings())
    assert [variant.name for variant in found.variants] == ["without functions", "CloudFront Functions", "Lambda@Edge"]
    events = {event for variant in found.variants for event, _ in variant.functions}
    assert len(events) == 1


def test_both_halves_of_the_ab_test_stand_in_one_behavior() -> None:
    found = subjects.of_files([str(SAMPLES / "ab-test-cookie")], Settings())
    for variant in found.variants[1:]:
        assert [event for event, _ in variant.functions] == [EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE]


def test_two_functions_for_one_event_of_a_tier_are_refused(tmp_path: Path) -> None:
    for name in ("a.js", "b.js"):
        (tmp_path / name).write_text(FUNCTION)
    with pytest.raises(FunctionFileError, match="two functions for CloudFront Functions at viewer-request"):
        subjects.of_files([str(tmp_path / "a.js"), str(tmp_path / "b.js")], Settings())


def test_a_configuration_is_compared_with_itself_without_functions(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    assert subjects.is_config(str(tmp_path / "template.yaml"))
    found = subjects.of_config(configuration.load(tmp_path / "template.yaml"), Settings())
    bare, configured = found.variants
    assert (bare.functions, [function.name for _, function in configured.functions]) == ((), ["rewrite"])
    assert found.template.headers.joined("host") == "www.example.org"


def test_a_configuration_without_functions_has_nothing_to_measure(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE[: TEMPLATE.index("          FunctionAssociations")])
    with pytest.raises(FunctionFileError, match="no behavior has a function to measure"):
        subjects.of_config(configuration.load(tmp_path / "template.yaml"), Settings())


def test_requests_are_like_the_event_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(FUNCTION)
    event = {"request": {"method": "GET", "uri": "/", "headers": {"x-a": {"value": "1"}}, "querystring": {}}}
    (tmp_path / "e.json").write_text(json.dumps(event))
    found = subjects.of_files([str(tmp_path / "a.js")], Settings(event=tmp_path / "e.json"))
    assert found.template.headers.joined("x-a") == "1"
    assert f"requests are like the one in {tmp_path / 'e.json'}" in found.told


@pytest.mark.parametrize("named_by", ["flag", "edge.toml"])
def test_a_function_reads_the_store_that_is_given(tmp_path: Path, named_by: str) -> None:
    (tmp_path / "a.js").write_text(FUNCTION)
    (tmp_path / "edge.toml").write_text("[kvs.keys]\nvalues = { a = '1' }\n")
    local = Settings(local_file=tmp_path / "edge.toml")
    found = subjects.of_files([str(tmp_path / "a.js")], local if named_by != "flag" else Settings(stores={"keys": {}}))
    ((_, function),) = found.variants[1].functions
    assert function.key_value_store == "keys"  # type: ignore[union-attr]
    assert "keys" in found.stores
