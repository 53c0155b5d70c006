"""`[topology]` of edge.toml: edge locations, and the regional edge cache behind each.

[topology]
pop_header = "x-edge-pop"      # a request may name its edge location here
propagation_s = 5              # a change reaches each edge location within that time

[topology.pops.FRA56-P4]       # the first takes viewers that belong to no other
regional_edge_cache = "eu-central-1"
countries = ["DE", "AT"]
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from edge.model.edge_location import EdgeLocation, edge_location
from edge.model.topology import ONE_LOCATION, PointOfPresence, Topology

_CODE = re.compile(r"[A-Z]{3}\d{1,3}-[CP]\d{1,2}")
_TOKEN = re.compile(r"[A-Za-z0-9-]+")


def _codes(pops: dict[str, PopTable]) -> dict[str, PopTable]:
    for code in pops:
        if not _CODE.fullmatch(code):
            raise ValueError(f'{code!r} is no code of an edge location; write it like "FRA56-P4"')
    if not pops:
        raise ValueError("name at least one edge location: [topology.pops.FRA56-P4]")
    return pops


def _header(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise ValueError('write the name of a header, for example "x-edge-pop"')
    return name.lower()


def _countries(countries: list[str]) -> list[str]:
    for country in countries:
        if not re.fullmatch("[A-Z]{2}", country):
            raise ValueError('write countries as two capital letters, for example ["DE", "AT"]')
    return countries


class PopTable(BaseModel):
    """One edge location."""

    model_config = ConfigDict(extra="forbid", strict=True)

    regional_edge_cache: str = ""
    countries: Annotated[list[str], AfterValidator(_countries)] = Field(default_factory=list)


class TopologyTable(BaseModel):
    """All of `[topology]`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    pop_header: Annotated[str, AfterValidator(_header)] = ONE_LOCATION.pop_header
    propagation_s: Annotated[float, Field(ge=0)] = 0.0
    pops: Annotated[dict[str, PopTable], AfterValidator(_codes)]


def topology(table: TopologyTable | None) -> Topology:
    """The table as a value; one edge location without a regional edge cache where there is none."""
    if table is None:
        return ONE_LOCATION
    points = tuple(
        PointOfPresence(
            edge_location(code, pop.regional_edge_cache or EdgeLocation().regional_edge_cache),
            pop.regional_edge_cache,
            frozenset(pop.countries),
        )
        for code, pop in table.pops.items()
    )
    return Topology(points, table.pop_header, propagation_s=table.propagation_s)
