"""Which JavaScript engine runs CloudFront Functions. Both speak the same protocol; only the first holds the limits."""

from __future__ import annotations

from edge.runtimes.runtime import FunctionRuntime, KeyValueStores

ENGINES = ("sealed", "native")


def make_engine(name: str, stores: KeyValueStores) -> FunctionRuntime:
    """The engine called `name`, one of ENGINES. The engines are heavy to import, so that waits until here."""
    if name == "native":
        from edge.runtimes.quickjs.native import NativeRuntime

        return NativeRuntime(stores)
    from edge.runtimes.quickjs.sealed import SealedRuntime

    return SealedRuntime(stores)
