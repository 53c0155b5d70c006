"""Which JavaScript engine runs CloudFront Functions."""

from __future__ import annotations

from edge.runtimes.runtime import FunctionRuntime, KeyValueStores

ENGINES = ("native",)


def make_engine(name: str, stores: KeyValueStores) -> FunctionRuntime:
    """The engine called `name`, one of ENGINES. An engine is heavy to import, so that waits until here."""
    from edge.runtimes.quickjs.native import NativeRuntime

    return NativeRuntime(stores)
