"""An event against what came out."""

from __future__ import annotations

from edge.testing.difference import difference, listed


def test_what_changed_is_marked_and_what_stayed_is_not() -> None:
    """One line for each header, cookie and parameter."""
    before = {"uri": "/a", "headers": {"x": {"value": "1"}, "y": {"value": "2"}}, "cookies": {}}
    after = {"uri": "/b", "headers": {"y": {"value": "2"}, "z": {"value": "3"}}, "cookies": {"c": {"value": "4"}}}
    assert difference(before, after).splitlines() == [
        "- uri: /a",
        "+ uri: /b",
        "- headers.x: 1",
        "  headers.y: 2",
        "+ headers.z: 3",
        "+ cookies.c: 4",
    ]


def test_several_values_and_attributes_are_shown() -> None:
    """In short form."""
    many = {"value": "a", "multiValue": [{"value": "a"}, {"value": "b"}]}
    message = {"cookies": {"c": {"value": "1", "attributes": "Path=/"}}, "querystring": {"q": many}}
    assert listed(message) == "  cookies.c: 1; Path=/\n  querystring.q: [a, b]"


def test_an_entry_of_the_wrong_shape_is_shown_as_it_is() -> None:
    """Trap 7: a bare string in place of {value} is the mistake to see."""
    assert (
        listed({"headers": {"x": "bare", "y": {"values": "1"}}}) == '  headers.x: "bare"\n  headers.y: {"values": "1"}'
    )


def test_long_texts_are_cut_and_odd_results_are_shown() -> None:
    """A body does not fill the screen; `undefined` comes out as null."""
    assert listed({"body": "x" * 300}) == f"  body: {'x' * 200}... (300 characters)"
    assert difference({"uri": "/"}, None) == "- uri: /\n+ null"
