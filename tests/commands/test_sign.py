"""Promises of `edge sign`."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge import configuration
from edge.cli import main
from edge.testing import Playbook, VirtualClock


@pytest.fixture
def key(tmp_path: Path) -> Path:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "private.pem"
    path.write_bytes(pem)
    return path


def sign(key: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["sign", *arguments, "--key", str(key), "--key-pair-id", "K1"])


def test_a_url_gets_its_parameters_after_its_own(key: Path) -> None:
    result = sign(key, "https://localhost/a?x=1", "--expires", "1767225600")
    assert result.stdout.startswith("https://localhost/a?x=1&Expires=1767225600&Signature=")
    assert result.stdout.endswith("&Key-Pair-Id=K1\n")


def test_cookies_one_a_line(key: Path) -> None:
    lines = sign(key, "https://localhost/a", "--ip", "10.0.0.0/8", "--cookies").stdout.splitlines()
    names = [line.partition("=")[0] for line in lines]
    assert names == ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]


def test_everything_as_json(key: Path) -> None:
    found = json.loads(sign(key, "https://localhost/a", "--json").stdout)
    assert set(found["parameters"]) == {"Expires", "Signature", "Key-Pair-Id"}
    assert found["url"].startswith("https://localhost/a?Expires=")
    assert found["cookies"]["CloudFront-Key-Pair-Id"] == "K1"
    assert set(found["curl"]) == {"url", "cookies"}


def test_lines_for_curl(key: Path) -> None:
    url, cookies = sign(key, "https://www.example.org/a", "--curl", "--via", "127.0.0.1:8443").stdout.splitlines()
    assert url.startswith("curl --connect-to ::127.0.0.1:8443 'https://www.example.org/a?Expires=")
    assert cookies.startswith("curl --connect-to ::127.0.0.1:8443 -H 'Cookie: CloudFront-Expires=")
    assert cookies.endswith(" https://www.example.org/a")


def test_options_have_the_names_of_the_aws_command_line_too(key: Path) -> None:
    """aws cloudfront sign --url U --private-key file://K --key-pair-id K1 --date-less-than ..."""
    result = CliRunner().invoke(
        main,
        [
            "sign",
            *("--url", "https://localhost/a", "--private-key", f"file://{key}", "--key-pair-id", "K1"),
            *("--date-less-than", "2026-01-01", "--date-greater-than", "2025-01-01", "--ip-address", "10.0.0.0/8"),
        ],
    )
    (policy,) = parse_qs(urlsplit(result.stdout.strip()).query)["Policy"]
    statement = json.loads(b64decode(policy.translate(str.maketrans("-_~", "+=/"))))["Statement"][0]
    assert statement["Condition"] == {
        "DateLessThan": {"AWS:EpochTime": 1_767_225_600},
        "DateGreaterThan": {"AWS:EpochTime": 1_735_689_600},
        "IpAddress": {"AWS:SourceIp": "10.0.0.0/8"},
    }


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_key_to_test_with_and_how_a_template_trusts_it(tmp_path: Path, kind: str) -> None:
    """What is printed is YAML that a template takes, and the key signs for it."""
    folder = tmp_path / "keys"
    made = CliRunner().invoke(main, ["sign", "--new-key", str(folder), "--key-type", kind])
    site = {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {
            "DistributionConfig": {
                "Enabled": True,
                "Origins": [
                    {
                        "Id": "o",
                        "DomainName": "o.example.org",
                        "CustomOriginConfig": {"OriginProtocolPolicy": "http-only"},
                    }
                ],
                "DefaultCacheBehavior": {
                    "TargetOriginId": "o",
                    "ViewerProtocolPolicy": "allow-all",
                    "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
                    "TrustedKeyGroups": [{"Ref": "SigningKeys"}],
                },
            }
        },
    }
    (tmp_path / "template.yaml").write_text(f"Resources:\n{made.stdout}  Site: {json.dumps(site)}\n")
    (distribution,) = configuration.load(tmp_path / "template.yaml").distributions
    signed = CliRunner().invoke(
        main, ["sign", "https://localhost/a", "--key", str(folder / "private.pem"), "--key-pair-id", "SigningKey"]
    )
    target = urlsplit(signed.stdout.strip())
    play = Playbook(distribution, clock=VirtualClock(time.time()))
    assert play.get("/a").status == 403
    assert play.get(f"{target.path}?{target.query}").asked is not None
    again = CliRunner().invoke(main, ["sign", "--new-key", str(folder)])
    assert (again.exit_code, "not overwritten" in again.output) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("/a",), "the whole URL"),
        (("https://localhost/a", "--expires", "soon"), "ISO 8601"),
        ((), "give URL"),
    ],
)
def test_wrong_usage_says_what_is_right(key: Path, arguments: tuple[str, ...], words: str) -> None:
    result = sign(key, *arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.pem"
    path.write_text("nonsense")
    result = sign(path, "https://localhost/a")
    assert result.exit_code == 1
    assert "x.pem" in result.output
