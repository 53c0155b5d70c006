"""JSON with lines."""

from __future__ import annotations

import json

import pytest

from edge.configuration import json_positions
from edge.configuration.finding import ConfigurationError

TEXT = """{
  "A": [1, "two", true, null,
        2.5e3, {}],

  "B": {"C": [], "D": "\\u00e9\\n{["}
}
"""


def test_the_tree_is_that_of_the_standard_library() -> None:
    assert json_positions.read(TEXT, "t.json") == json.loads(TEXT)


def test_every_key_and_element_has_its_line() -> None:
    tree = json_positions.read(TEXT, "t.json")
    assert tree.lines == {"A": 2, "B": 5}
    assert tree["A"].lines == [2, 2, 2, 2, 3, 3]
    assert tree["B"].lines == {"C": 5, "D": 5}


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ('{"A": 1,\n}', "t.json:2", "not JSON"),
        ('{"A": 1,\n "A": 2}', "t.json:2", "the key A is there twice, first in line 1"),
        ("", "t.json:1", "not JSON"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_line(text: str, where: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        json_positions.read(text, "t.json")
    assert raised.value.findings[0].where == where
    assert words in raised.value.findings[0].message
