"""A point of presence."""

from __future__ import annotations

import re

from edge.model.edge_location import EdgeLocation


def test_a_location_looks_like_cloudfronts() -> None:
    """Airport, number and class in X-Amz-Cf-Pop; 32 hex digits in Via."""
    edge = EdgeLocation()
    assert re.fullmatch(r"[A-Z]{3}\d+-[CP]\d", edge.code)
    assert re.fullmatch(r"[0-9a-f]{32}\.cloudfront\.net", edge.via_host)


def test_the_airport_is_at_the_front_of_the_code() -> None:
    """Three letters."""
    assert EdgeLocation("FRA56-P4").iata == "FRA"
