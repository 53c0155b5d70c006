"""The default root object."""

from __future__ import annotations

import pytest

from edge.model.distribution import Behavior, Distribution
from edge.model.request import Request
from edge.rules import default_root_object


def site(name: str) -> Distribution:
    return Distribution("E1", "d1.cloudfront.net", {}, (Behavior("site"),), default_root_object=name)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_the_root_becomes_the_object_and_the_query_stays(method: str) -> None:
    """`/?a=1` is asked for as `/index.html?a=1`, whatever the method."""
    request = default_root_object.apply(Request(method, "/", "a=1"), site("index.html"))
    assert (request.method, request.path, request.query) == (method, "/index.html", "a=1")


def test_the_object_may_be_in_a_folder() -> None:
    """`dir/index.html` is a name like any other."""
    assert default_root_object.apply(Request("GET", "/"), site("dir/index.html")).path == "/dir/index.html"


@pytest.mark.parametrize("path", ["/dir/", "/index.html", "//", "/."])
def test_trap_16_it_is_not_used_for_folders(path: str) -> None:
    """Only the path `/` itself becomes the object; every other request stays the same object."""
    request = Request("GET", path)
    assert default_root_object.apply(request, site("index.html")) is request


def test_trap_16_a_leading_slash_breaks_it() -> None:
    """`/index.html` as a name makes the origin see `//index.html`."""
    assert default_root_object.apply(Request("GET", "/"), site("/index.html")).path == "//index.html"


def test_without_a_default_root_object_the_root_stays() -> None:
    """The origin is asked for `/`."""
    request = Request("GET", "/")
    assert default_root_object.apply(request, site("")) is request
