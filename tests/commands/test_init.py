"""Promises of `edge init`: three questions at most, and what it writes works as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge import configuration
from edge.cli import main

SITE = """
Resources:
  Files: {Type: AWS::S3::Bucket}
  Routes: {Type: AWS::CloudFront::KeyValueStore, Properties: {Name: routes}}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - {Id: my.api, DomainName: api.example.com, CustomOriginConfig: {OriginProtocolPolicy: https-only}}
          - {Id: files, DomainName: !GetAtt Files.RegionalDomainName, S3OriginConfig: {}}
        CacheBehaviors:
          - {PathPattern: /f/*, TargetOriginId: files, ViewerProtocolPolicy: allow-all, CachePolicyId: CACHE}
        DefaultCacheBehavior: {TargetOriginId: my.api, ViewerProtocolPolicy: allow-all, CachePolicyId: CACHE}
""".replace("CACHE", "658327ea-f89d-4fab-a63d-7e88639e58f6")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def init(*arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(main, ["init", *arguments], input=answers)


def test_it_asks_three_questions_and_writes_what_then_works(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(SITE)
    (tmp_path / "dist").mkdir()
    result = init(answers="\nhttp://localhost:4000\n/f/a.txt\n")
    assert (result.exit_code, result.stdout) == (0, "edge serve template.yaml\n")
    assert result.stderr.count("]: ") == 3  # a default in brackets ends each question
    made = configuration.load(tmp_path / "template.yaml")
    assert {id: one.local_url for id, one in made.distributions[0].origins.items()} == {
        "my.api": "http://localhost:4000",
        "files": (tmp_path / "dist").resolve().as_uri(),
    }
    assert made.findings == ()
    assert made.stores == {"routes": {"example": "value"}}


@pytest.mark.parametrize("arguments", [["template.yaml"], []])
def test_the_sample_test_passes(tmp_path: Path, arguments: list[str]) -> None:
    if arguments:
        (tmp_path / "template.yaml").write_text(SITE)
    assert init(*arguments, "--yes").exit_code == 0
    root = Path(__file__).parent.parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_edge.py"]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "1 passed" in run.stdout, run.stdout + run.stderr


def test_without_a_configuration_the_origin_is_enough() -> None:
    result = init("--origin", "http://localhost:5173", "--path", "docs", answers="\n")
    assert result.stdout == "edge serve --origin http://localhost:5173\n"
    assert 'site.get("/docs")' in Path("test_edge.py").read_text()


def test_files_that_are_there_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text("# mine\n")
    result = init("--yes")
    assert result.exit_code == 1
    assert "edge.toml is there already; --force writes over it" in result.stderr
    assert init("--yes", "--force").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "status"), [(["--origin", "nowhere", "--yes"], 2), (["none.yaml"], 2), (["broken.yaml", "--yes"], 1)]
)
def test_wrong_answers_are_said(tmp_path: Path, arguments: list[str], status: int) -> None:
    (tmp_path / "broken.yaml").write_text("Resources: [")
    assert init(*arguments).exit_code == status
    assert not (tmp_path / "test_edge.py").exists()
