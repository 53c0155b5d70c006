"""A viewer's request."""

from __future__ import annotations

import pytest

from edge.model.body import Body
from edge.model.headers import Headers
from edge.model.request import Request
from edge.testing.playbook import Arriving


@pytest.mark.parametrize(
    ("query", "target"), [(None, "/a/%2F"), ("", "/a/%2F?"), ("b=2&a=%31", "/a/%2F?b=2&a=%31"), ("?", "/a/%2F??")]
)
def test_the_target_is_what_stood_in_the_request_line(query: str | None, target: str) -> None:
    """A bare `?` is not no `?`, and nothing is decoded."""
    assert Request("GET", "/a/%2F", query).target == target


def test_the_host_is_the_header() -> None:
    """Port included; empty without one."""
    assert Request("GET", "/", None, Headers((("host", "Example.org:8080"),))).host == "Example.org:8080"
    assert Request("GET", "/").host == ""


@pytest.mark.parametrize(("body", "has"), [(b"", False), (b"x", True), (Arriving(), True), (Arriving(length=0), True)])
def test_a_body_that_is_on_its_way_counts(body: Body, has: bool) -> None:
    """Even when its length is not known."""
    assert Request("POST", "/", body=body).has_body is has
