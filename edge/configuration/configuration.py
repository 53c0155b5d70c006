"""What a configuration comes to, in whatever form it was kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from edge.configuration.finding import Finding
from edge.configuration.local import Local
from edge.model.distribution import Distribution


class Configuration(NamedTuple):
    """`distributions` in the order of the file; `watched` are the files that it was made from, `stores` the seeds of
    the key value stores by name. Findings here are no errors: those are raised."""

    distributions: tuple[Distribution, ...]
    findings: tuple[Finding, ...]
    watched: tuple[Path, ...]
    local: Local
    stores: Mapping[str, Mapping[str, str]]
