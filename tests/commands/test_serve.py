"""Promises of `edge serve` before it serves: options that do not fit together, names that nobody has.

What it does when it serves is in tests/end_to_end/.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.cli import main
from edge.commands.serve import address

TEMPLATE = """\
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        DefaultCacheBehavior:
          TargetOriginId: backend
          ViewerProtocolPolicy: allow-all
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
        Origins:
        - Id: backend
          DomainName: backend.example.org
          CustomOriginConfig: {OriginProtocolPolicy: http-only}
"""
SITE = ("--origin", "http://127.0.0.1:1")


def serve(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["serve", *arguments])


@pytest.fixture
def template(tmp_path: Path) -> str:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return str(path)


def test_help_shows_an_example() -> None:
    """The line that most users need."""
    text = " ".join(serve("--help").output.split())
    assert "Example: edge serve --origin http://localhost:3000 --viewer-request rewrite.js" in text


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--viewer-request", __file__),
        ("--viewer-response", __file__),
        ("--origin-request", "index.mjs"),
        ("--origin-response", "index.mjs"),
        ("--runtime", "cloudfront-js-1.0"),
        ("--cache-policy", "CachingDisabled"),
        ("--origin-request-policy", "AllViewer"),
        ("--response-headers-policy", "SimpleCORS"),
    ],
)
def test_what_a_config_says_itself_is_no_option_beside_it(template: str, option: str, value: str) -> None:
    """An option without effect would be believed."""
    result = serve(template, option, value)
    assert result.exit_code == 2
    assert f"{option} goes with --origin URL, not with a CONFIG" in result.stderr


@pytest.mark.parametrize(("option", "value"), [("--parameter", "Stage=dev"), ("--distribution", "Site")])
def test_what_belongs_to_a_config_needs_one(option: str, value: str) -> None:
    """The same the other way round."""
    result = serve(*SITE, option, value)
    assert result.exit_code == 2
    assert f"{option} goes with a CONFIG." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Give a CONFIG, or one --origin"),
        ((*SITE, *SITE), "Give a CONFIG, or one --origin"),
        (("--origin", "site=http://127.0.0.1:1"), "ID=URL goes with a CONFIG"),
        ((*SITE, "--listen", "nowhere"), "--listen nowhere: write HOST:PORT"),
        ((*SITE, "--tls", "https"), "--tls https: write HOST:PORT"),
        ((*SITE, "--admin", "127.0.0.1:70000"), "--admin 127.0.0.1:70000: write HOST:PORT"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], words: str) -> None:
    """Exit status 2, and how it is written."""
    result = serve(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_an_origin_of_a_config_is_named(template: str) -> None:
    """A URL alone does not say which."""
    result = serve(template, *SITE)
    assert result.exit_code == 2
    assert "with a CONFIG this is ID=URL" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*SITE, "--cache-policy", "CachingOptimised"), "did you mean CachingOptimized?"),
        ((*SITE, "--origin-request-policy", "allviewers"), "did you mean AllViewer?"),
        ((*SITE, "--response-headers-policy", "SimpleCors2"), "did you mean SimpleCORS?"),
        (("--origin", "localhost:3000"), "http://localhost:3000"),
    ],
)
def test_a_name_that_nobody_has(arguments: tuple[str, ...], words: str) -> None:
    """Exit status 1, and the nearest one."""
    result = serve(*arguments)
    assert result.exit_code == 1
    assert words in result.stderr
    assert arguments[-2] in result.stderr


def test_an_origin_that_a_config_does_not_have(template: str) -> None:
    """Going on would ask the real origin instead."""
    result = serve(template, "--origin", "backed=http://127.0.0.1:1")
    assert result.exit_code == 1
    assert "did you mean backend?" in result.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.0.0.0:80", ("0.0.0.0", 80)),
        ("[::1]:8080", ("::1", 8080)),
        (":8080", ("127.0.0.1", 8080)),
        ("8080", ("127.0.0.1", 8080)),
    ],
)
def test_addresses(text: str, expected: tuple[str, int]) -> None:
    """HOST:PORT, and the loopback where no host is said."""
    assert address(text, "--listen") == expected
