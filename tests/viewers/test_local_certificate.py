"""The certificate for this machine: what it is for, and when it is made anew."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from edge.viewers.local_certificate import data_directory, how_to_trust, local_certificate

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def leaf(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_it_is_for_this_machine_and_for_the_aliases(tmp_path: Path) -> None:
    """In lower case, each name once."""
    made = local_certificate(("WWW.example.com", "*.example.org", "localhost"), directory=tmp_path, now=NOW)
    names = leaf(made.file).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "www.example.com", "*.example.org"]
    assert names.get_values_for_type(x509.IPAddress) == [ip_address("127.0.0.1"), ip_address("::1")]


def test_the_authority_vouches_for_the_leaf_and_for_no_other_authority(tmp_path: Path) -> None:
    """And the leaf for nobody."""
    made = local_certificate((), directory=tmp_path, now=NOW)
    authority = leaf(made.authority)
    leaf(made.file).verify_directly_issued_by(authority)
    constraints = [
        one.extensions.get_extension_for_class(x509.BasicConstraints).value for one in (authority, leaf(made.file))
    ]
    assert [(one.ca, one.path_length) for one in constraints] == [(True, 0), (False, None)]


def test_private_keys_are_readable_by_the_user_alone(tmp_path: Path) -> None:
    """The authority's certificate is for everybody."""
    made = local_certificate((), directory=tmp_path / "new", now=NOW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert modes == {"authority.pem": 0o644, "authority-key.pem": 0o600, "localhost.pem": 0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert b"PRIVATE KEY" not in made.authority.read_bytes()


def test_it_is_kept(tmp_path: Path) -> None:
    """The second call makes nothing."""
    first = local_certificate(("a.example",), directory=tmp_path, now=NOW)
    before = first.file.read_bytes()
    second = local_certificate(("a.example",), directory=tmp_path, now=NOW + timedelta(days=300))
    assert (first.created, second.created) == (True, False)
    assert second.file.read_bytes() == before


@pytest.mark.parametrize(
    ("names", "later"),
    [(("b.example",), timedelta()), ((), timedelta()), (("a.example",), timedelta(days=336))],
    ids=["other names", "fewer names", "a month before its end"],
)
def test_the_leaf_is_made_anew_under_the_same_authority(
    tmp_path: Path, names: tuple[str, ...], later: timedelta
) -> None:
    """Whoever trusts the authority notices nothing."""
    first = local_certificate(("a.example",), directory=tmp_path, now=NOW)
    before = first.file.read_bytes()
    second = local_certificate(names, directory=tmp_path, now=NOW + later)
    assert not second.created
    assert second.file.read_bytes() != before
    leaf(second.file).verify_directly_issued_by(leaf(first.authority))
    assert leaf(second.file).not_valid_after_utc == NOW + later + timedelta(days=365)


def test_an_authority_near_its_end_is_made_anew(tmp_path: Path) -> None:
    """With a new leaf, and the user is told."""
    local_certificate((), directory=tmp_path, now=NOW)
    second = local_certificate((), directory=tmp_path, now=NOW + timedelta(days=3_640))
    assert second.created
    leaf(second.file).verify_directly_issued_by(leaf(second.authority))


@pytest.mark.parametrize(
    ("damaged", "created"), [("authority.pem", True), ("authority-key.pem", True), ("localhost.pem", False)]
)
@pytest.mark.parametrize("how", ["gone", "garbage", "another's"])
def test_damaged_files_are_replaced(tmp_path: Path, damaged: str, created: bool, how: str) -> None:
    """Whatever is wrong with them."""
    local_certificate((), directory=tmp_path, now=NOW)
    local_certificate((), directory=tmp_path / "another", now=NOW)
    path = tmp_path / damaged
    if how == "gone":
        path.unlink()
    elif how == "garbage":
        path.write_text("-----BEGIN CERTIFICATE-----")
    else:
        path.write_bytes((tmp_path / "another" / damaged).read_bytes())
    second = local_certificate((), directory=tmp_path, now=NOW)
    assert second.created is created
    leaf(second.file).verify_directly_issued_by(leaf(second.authority))


def test_where_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system's other programs keep their data."""
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert data_directory() == Path("/data/edge-on-a-laptop")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert data_directory() == Path("/home/ada/Library/Application Support/edge-on-a-laptop")
    monkeypatch.setattr(sys, "platform", "linux")
    assert data_directory() == Path("/home/ada/.local/share/edge-on-a-laptop")


def test_how_to_trust_it() -> None:
    """For the systems that people have, with the path filled in."""
    text = how_to_trust(Path("/data/authority.pem"))
    assert all(word in text for word in ("curl --cacert '/data/authority.pem'", "Linux", "macOS", "browsers"))
    assert "{" not in text
