"""scripts/prove_bare.py: what it takes from this machine into the bare one."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def prove_bare() -> ModuleType:
    """The script as a module."""
    path = Path(__file__).resolve().parents[2] / "scripts" / "prove_bare.py"
    spec = importlib.util.spec_from_file_location("prove_bare", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pips_configuration_comes_along_as_variables(
    prove_bare: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file of pip's, its variables, and the proxies; nothing else of the environment."""
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://packages.example/simple\nfind-links = /srv/wheels\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.setenv("PIP_FIND_LINKS", "/srv/other")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("SOMETHING_ELSE", "1")
    settings = prove_bare.pip_settings()
    assert settings["PIP_INDEX_URL"] == "https://packages.example/simple"
    assert settings["PIP_FIND_LINKS"] == "/srv/other"
    assert settings["https_proxy"] == "http://proxy.example:3128"
    assert "SOMETHING_ELSE" not in settings


def test_npm_trusts_whom_pip_trusts(prove_bare: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy that signs for everybody, Node.js would refuse every registry."""
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    monkeypatch.setenv("PIP_CERT", "/etc/ssl/certs/ours.pem")
    assert prove_bare.pip_settings()["NODE_EXTRA_CA_CERTS"] == "/etc/ssl/certs/ours.pem"
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/etc/ssl/certs/theirs.pem")
    assert prove_bare.pip_settings()["NODE_EXTRA_CA_CERTS"] == "/etc/ssl/certs/theirs.pem"
