"""Trees that remember their lines."""

from __future__ import annotations

import pytest

from edge.configuration import yaml_positions
from edge.configuration.positions import Key, Place

TEXT = """
A:
  B:
    - x
    - C: 1
Aliases: {Quantity: 1, Items: [www]}
CallerReference:
  OriginCustomHeaders: [h]
"""


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        (("A",), "t.yaml:2 Top.A"),
        (("A", "B", 1), "t.yaml:5 Top.A.B[1]"),
        (("A", "B", 1, "C"), "t.yaml:5 Top.A.B[1].C"),
        (("A", "None"), "t.yaml:2 Top.A.None"),
        (("A", "B", 7, "C"), "t.yaml:3 Top.A.B[7].C"),
        (("A", "B", "Items", 0), "t.yaml:4 Top.A.B[0]"),
        (("Aliases", 0), "t.yaml:6 Top.Aliases.Items[0]"),
        (("CallerReference", "CustomHeaders", 0), "t.yaml:8 Top.CallerReference.OriginCustomHeaders[0]"),
    ],
)
def test_a_piece_knows_its_path_and_its_line(keys: tuple[Key, ...], where: str) -> None:
    assert Place("t.yaml", "Top", yaml_positions.read(TEXT, "t.yaml")).at(*keys) == where
