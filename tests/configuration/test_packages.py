"""Packages as folders."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from edge.configuration import packages
from edge.configuration.finding import ConfigurationError
from edge.model import quotas


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Packages are kept in a folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("index.js", "exports.handler = 1;")
        made.writestr("../../outside.js", "no")
    return path


def test_a_folder_is_what_it_is(tmp_path: Path) -> None:
    assert packages.unpacked(tmp_path) == tmp_path


def test_a_single_file_is_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "app.mjs").write_text("")
    assert packages.unpacked(tmp_path / "app.mjs") == tmp_path


def test_a_zip_file_is_unpacked_and_nothing_leaves_its_folder(package: Path, cache_folder: Path) -> None:
    folder = packages.unpacked(package)
    assert (folder / "index.js").read_text() == "exports.handler = 1;"
    assert folder.is_relative_to(cache_folder)
    assert {path.name for path in folder.rglob("*.js")} == {"index.js", "outside.js"}


def test_an_unchanged_package_is_unpacked_once(package: Path, cache_folder: Path) -> None:
    folder = packages.unpacked(package)
    (folder / "mark").touch()
    assert (packages.unpacked(package) / "mark").exists()
    assert len(list((cache_folder / "edge-on-a-laptop" / "packages").iterdir())) == 1


def test_a_file_that_is_no_zip_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.zip"
    path.write_text("PK")
    with pytest.raises(ConfigurationError, match="not a zip file"):
        packages.unpacked(path)


def test_a_package_over_the_quota_is_an_error(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "LAMBDA_UNPACKED_PACKAGE_MAX_BYTES", 10)
    with pytest.raises(ConfigurationError, match="at most 10 are allowed"):
        packages.unpacked(package)


def test_what_is_watched_of_a_package_is_what_a_developer_edits(tmp_path: Path) -> None:
    """Not what npm and Python put there, and no hidden files."""
    edited = [tmp_path / "index.mjs", tmp_path / "lib" / "jwt.mjs", tmp_path / "package.json"]
    others = ["node_modules/jose/index.js", "__pycache__/a.pyc", ".git/HEAD", ".env", "venv/bin/python"]
    for path in (*edited, *(tmp_path / other for other in others)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert sorted(packages.watched(tmp_path)) == edited


def test_a_zip_file_is_watched_itself(tmp_path: Path) -> None:
    assert packages.watched(tmp_path / "package.zip") == [tmp_path / "package.zip"]


def test_no_more_than_a_thousand_files_are_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "WATCHED_MAX", 3)
    for number in range(5):
        (tmp_path / f"{number}.mjs").write_text("")
    assert [path.name for path in packages.watched(tmp_path)] == ["0.mjs", "1.mjs", "2.mjs"]
