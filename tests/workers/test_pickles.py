"""Configurations and requests on their way between processes."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from edge import configuration
from edge.configuration import ConfigurationError
from edge.model.headers import Headers
from edge.model.policies import NO_NAMES
from edge.model.topology import ONE_LOCATION
from edge.workers import pickles

SITES = sorted((Path(__file__).parents[1] / "configuration" / "sites").glob("*.yaml"))


@pytest.mark.parametrize("path", SITES, ids=lambda path: path.stem)
def test_a_configuration_arrives_as_it_was(path: Path) -> None:
    """Functions, policies, staging distributions, tenants, Lambda functions."""
    try:
        loaded = configuration.load(path)
    except ConfigurationError:
        pytest.skip("it wants to be told more")
    assert pickles.loads(pickles.dumps(loaded)) == loaded


@pytest.mark.parametrize("constant", [NO_NAMES, ONE_LOCATION], ids=["NO_NAMES", "ONE_LOCATION"])
def test_what_is_compared_by_identity_stays_what_it_is(constant: object) -> None:
    assert pickles.loads(pickles.dumps((constant,)))[0] is constant


def test_header_lines_travel_alone() -> None:
    """Without the index and the bytes that were made of them."""
    headers = Headers((("Content-Type", "text/html"), ("x-a", "1")))
    before = len(pickle.dumps(headers))
    assert headers.get("x-a") == "1"
    headers.wire()
    assert len(pickle.dumps(headers)) == before
    assert pickle.loads(pickle.dumps(headers)) == headers


def test_names_of_headers_are_shared_between_objects_also_in_a_worker() -> None:
    """A million copies share them."""
    first, second = (pickles.loads(pickles.dumps(Headers((("X-Some-Name", value),)))) for value in "ab")
    assert first.lines[0][0] is second.lines[0][0]
