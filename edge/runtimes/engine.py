"""Which JavaScript engine runs CloudFront Functions."""

from __future__ import annotations

from edge.model.json_value import JsonObject
from edge.runtimes.runtime import FunctionRuntime, KeyValueStores

ENGINES = ("sealed", "native")
"""The first is the default."""


def make_engine(
    name: str, stores: KeyValueStores, edge_location: JsonObject | None = None, tenant: JsonObject | None = None
) -> FunctionRuntime:
    """The engine called `name`, one of ENGINES. `edge_location` is what `cf.edgeLocation` answers: {"name", "serverIp",
    "region"}; `tenant` what `cf.distributionTenant` does: {"id", "parameters"}, None in a standard distribution. An
    engine is heavy to import, so that waits until here."""
    if name == "native":
        from edge.runtimes.quickjs.native import NativeRuntime

        return NativeRuntime(stores, edge_location, tenant)
    from edge.runtimes.quickjs.sealed import SealedRuntime

    return SealedRuntime(stores, edge_location, tenant)
