"""What jwt-jwks promises, in both languages."""

import importlib.util
import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ISSUER = "https://login.example.com"
IN_THE_PACKAGE = ("jwt", "cryptography", "cffi", "pycparser", "_cffi_backend")


def packaged(folder):
    """The Python package with what `pip install --target` would put into it, taken from what is installed here."""
    shutil.copytree(HERE / "python", folder, dirs_exist_ok=True)
    for name in IN_THE_PACKAGE:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            if name in ("jwt", "cryptography"):
                pytest.skip(f"{name} is not installed: pip install pyjwt cryptography")
            continue
        source = Path(found.origin)
        if found.submodule_search_locations:
            shutil.copytree(source.parent, folder / name, dirs_exist_ok=True)
        else:
            shutil.copy(source, folder)
    return folder / "app.py"


@pytest.fixture(params=["node", "python"])
def fn(request, lambda_edge, tmp_path, outbound):
    if request.param == "node":
        return lambda_edge("node/index.mjs")
    return lambda_edge(packaged(tmp_path / "package"), runtime="python3.11")


@pytest.fixture
def issuer(outbound):
    return outbound.issuer(ISSUER)


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def test_a_valid_token_gets_in_and_the_origin_is_told_who_it_is(fn, issuer):
    result = fn.viewer_request("/", headers=bearer(issuer.token(sub="anna")))
    assert result.request.headers["x-user"] == "anna"


def test_no_token_or_another_issuers_does_not(fn, issuer, outbound):
    other = outbound.issuer("https://elsewhere.example.com")
    assert fn.viewer_request("/").response.status == 401
    assert fn.viewer_request("/", headers=bearer("a.b.c")).response.status == 401
    assert fn.viewer_request("/", headers=bearer(other.token(sub="anna"))).response.status == 401


def test_an_expired_token_does_not(fn, issuer, clock):
    token = issuer.token(sub="anna")
    assert fn.viewer_request("/", headers=bearer(token)).request
    clock.advance(hours=2)
    assert fn.viewer_request("/", headers=bearer(token)).response.status == 401


def test_the_keys_are_fetched_once_for_many_requests(fn, issuer, outbound):
    for _ in range(3):
        assert fn.viewer_request("/", headers=bearer(issuer.token(sub="anna"))).request
    assert len(outbound.requests) == 1


def test_a_rotated_key_is_fetched_when_the_first_token_names_it(fn, issuer, clock, outbound):
    assert fn.viewer_request("/", headers=bearer(issuer.token(sub="anna"))).request
    issuer.rotates()
    clock.advance(seconds=11)
    assert fn.viewer_request("/", headers=bearer(issuer.token(sub="bert"))).request.headers["x-user"] == "bert"
    assert len(outbound.requests) == 2
