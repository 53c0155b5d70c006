"""What a configuration comes to, in whatever form it was kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from edge.configuration.finding import Finding
from edge.configuration.local import Local
from edge.configuration.positions import Place
from edge.model.distribution import Distribution
from edge.model.function import CloudFrontFunction


class StoreFacts(NamedTuple):
    """What is known of a key value store besides its pairs: its id as functions say it, "" when unknown, and after how
    many seconds they see an update."""

    id: str
    propagation_s: float


NO_FACTS = StoreFacts("", 0.0)


class Configuration(NamedTuple):
    """`distributions` in the order of the file; `watched` are the files that it was made from, `stores` the seeds of
    the key value stores by name, `store_facts` the rest of them. `functions` are all CloudFront Functions, those that
    no behavior uses included; `inline_code` says where code stands that is in no file of its own, by the function's
    `source_name`. What is loaded has no errors among its `findings`: those are raised; what is inspected may have
    them."""

    distributions: tuple[Distribution, ...]
    findings: tuple[Finding, ...]
    watched: tuple[Path, ...]
    local: Local
    stores: Mapping[str, Mapping[str, str]]
    functions: tuple[CloudFrontFunction, ...] = ()
    inline_code: Mapping[str, Place] = MappingProxyType({})
    store_facts: Mapping[str, StoreFacts] = MappingProxyType({})
