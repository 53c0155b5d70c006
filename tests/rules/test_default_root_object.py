"""The default root object."""

from __future__ import annotations

import pytest

from edge.model.distribution import Behavior, Distribution
from edge.model.refusal import Refusal
from edge.model.request import Request
from edge.rules import default_root_object


def site(name: str) -> Distribution:
    return Distribution("E1", "d1.cloudfront.net", {}, (Behavior("site"),), default_root_object=name)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_the_root_becomes_the_object_and_the_query_stays(method: str) -> None:
    """`/?a=1` is asked for as `/index.html?a=1`, whatever the method."""
    request = default_root_object.apply(Request(method, "/", "a=1"), site("index.html"))
    assert isinstance(request, Request)
    assert (request.method, request.path, request.query) == (method, "/index.html", "a=1")


def test_the_object_may_be_in_a_folder() -> None:
    """`dir/index.html` is a name like any other."""
    assert default_root_object.apply(Request("GET", "/"), site("dir/index.html")) == Request("GET", "/dir/index.html")


@pytest.mark.parametrize("path", ["/dir/", "/index.html", "//", "/."])
def test_trap_16_it_is_not_used_for_folders(path: str) -> None:
    """Only the path `/` itself becomes the object; every other request stays the same object."""
    request = Request("GET", path)
    assert default_root_object.apply(request, site("index.html")) is request


def test_trap_16_a_leading_slash_breaks_it() -> None:
    """`/index.html` as a name makes the origin see `//index.html`."""
    assert default_root_object.apply(Request("GET", "/"), site("/index.html")) == Request("GET", "//index.html")


def test_without_a_default_root_object_the_root_stays() -> None:
    """The origin is asked for `/`."""
    request = Request("GET", "/")
    assert default_root_object.apply(request, site("")) is request


@pytest.mark.parametrize("name", ["x" * 256, "index page.html", "index.html?x=1", "ä.html"])
def test_a_name_that_may_not_be_is_a_400(name: str) -> None:
    """Too long, or with characters that an object's name may not have here; only the root is affected."""
    found = default_root_object.apply(Request("GET", "/"), site(name))
    assert isinstance(found, Refusal)
    assert (found.status, found.xml_code, found.note.rule) == (
        400,
        "InvalidDefaultRootObject",
        "default_root_object.invalid",
    )
    request = Request("GET", "/other")
    assert default_root_object.apply(request, site(name)) is request


def test_a_name_may_have_255_characters() -> None:
    found = default_root_object.apply(Request("GET", "/"), site("x" * 255))
    assert isinstance(found, Request)
