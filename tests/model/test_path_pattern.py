"""Path patterns, against an oracle that tries everything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.path_pattern import DEFAULT_PATTERN, PathPattern


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/images/*", "/images/a.jpg", True),
        ("images/*", "/images/a.jpg", True),
        ("/images/*", "/images/", True),
        ("/images/*", "/images", False),
        ("/images/*", "/images/deep/er/a.jpg", True),
        ("*product.jpg", "/product.jpg", True),
        ("/*product.jpg", "/a/product.jpg", True),
        ("*product.jpg", "/product.jpg/", False),
        ("/a?c", "/abc", True),
        ("/a?c", "/a/c", True),
        ("/a?c", "/ac", False),
        ("/a?c", "/abbc", False),
        ("/*.jp?g", "/a.jpeg", True),
        ("/*.jp?g", "/a.jpg", False),
        ("/exact", "/exact", True),
        ("/exact", "/exactly", False),
        ("/exact", "/an/exact", False),
        ("/Case", "/case", False),
        ("*", "/", True),
        ("/*", "/", True),
        ("?", "/", False),
        ("?", "/a", True),
        ("/a.b", "/axb", False),
        ("/a+b$(c)[d]", "/a+b$(c)[d]", True),
        ("/a**b", "/ab", True),
        ("/a*b", "/a\nb", True),
        ("/%41", "/A", False),
    ],
)
def test_what_a_pattern_fits(pattern: str, path: str, fits: bool) -> None:
    """`*` is any run of characters, `/` included; `?` is exactly one; everything else is itself."""
    assert PathPattern(pattern).matches(path) is fits


def test_trap_17_a_folder_is_not_what_is_in_it() -> None:
    """`/assets` and `/assets/*` have nothing in common."""
    folder, content = PathPattern("/assets"), PathPattern("/assets/*")
    assert (folder.matches("/assets"), folder.matches("/assets/x")) == (True, False)
    assert (content.matches("/assets"), content.matches("/assets/x")) == (False, True)


def test_a_pattern_is_its_text() -> None:
    """Equal when written alike."""
    assert {PathPattern("/a*"): 1}[PathPattern("/a*")] == 1
    assert PathPattern("/a*") != PathPattern("a*")
    assert DEFAULT_PATTERN.text == "*"
    assert repr(PathPattern("/a*")) == "PathPattern('/a*')"


def obviously_fits(pattern: str, text: str) -> bool:
    """By trying every length for every `*`."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(obviously_fits(pattern[1:], text[length:]) for length in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and obviously_fits(pattern[1:], text[1:])


patterns = st.text("ab/*?.", min_size=1, max_size=7)
paths = st.text("ab/.", max_size=7).map(lambda rest: f"/{rest}")


@given(patterns, paths)
def test_a_pattern_fits_what_it_obviously_fits(pattern: str, path: str) -> None:
    """A leading `/` may be left out."""
    anchored = pattern if pattern.startswith("/") else f"/{pattern}"
    assert PathPattern(pattern).matches(path) is obviously_fits(anchored, path)


@given(st.lists(st.sampled_from(["*", "?", "a", "/", "."]), max_size=6), st.data())
def test_a_path_made_from_a_pattern_fits(pieces: list[str], data: st.DataObject) -> None:
    """Any run for each `*`, any character for each `?`."""
    anything = {"*": st.text("ab/*?."), "?": st.sampled_from("ab/*?.")}
    path = "".join(data.draw(anything[piece]) if piece in anything else piece for piece in pieces)
    assert PathPattern("/" + "".join(pieces)).matches(f"/{path}")


@given(paths)
def test_the_default_pattern_fits_every_path(path: str) -> None:
    """So a request always has a behavior."""
    assert DEFAULT_PATTERN.matches(path)
