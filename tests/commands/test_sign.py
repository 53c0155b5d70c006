"""Promises of `edge sign`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge.cli import main


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


def test_cookies_and_json(key: Path) -> None:
    cookies = sign(key, "https://localhost/a", "--ip", "10.0.0.0/8", "--cookies").stdout
    assert cookies.startswith("Cookie: CloudFront-Policy=")
    assert set(json.loads(sign(key, "https://localhost/a", "--json").stdout)) == {"Expires", "Signature", "Key-Pair-Id"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("/a",), "the whole URL"), (("https://localhost/a", "--expires", "soon"), "ISO 8601")],
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
