"""What CloudFront's JavaScript lacks, though the engines behind this proxy may have it, as tables.

Source: CloudFront Developer Guide, "JavaScript runtime 1.0 features for CloudFront Functions" and "JavaScript runtime
2.0 features for CloudFront Functions": what these pages do not list is absent.
Not modelled: which methods of typed arrays runtime 1.0 lacks.
"""

from __future__ import annotations

from edge.model.function import JavaScriptRuntime


def _per_runtime(both: str, only_1_0: str, only_2_0: str = "") -> dict[JavaScriptRuntime, frozenset[str]]:
    return {
        JavaScriptRuntime.JS_1_0: frozenset(both.split() + only_1_0.split()),
        JavaScriptRuntime.JS_2_0: frozenset(both.split() + only_2_0.split()),
    }


ABSENT_GLOBALS = _per_runtime(
    """AggregateError Atomics BigInt FinalizationRegistry Intl Map Proxy Reflect Set SharedArrayBuffer URL
    URLSearchParams WeakMap WeakRef WeakSet XMLHttpRequest clearImmediate clearInterval clearTimeout escape fetch
    process queueMicrotask setImmediate setInterval setTimeout structuredClone unescape window""",
    "Buffer DataView TextDecoder TextEncoder atob btoa",
)
"""Global names."""

ABSENT_METHODS = _per_runtime(
    "at findLast findLastIndex flat flatMap localeCompare matchAll normalize toReversed toSorted toSpliced",
    "replaceAll",
    "toBytes toUTF8 fromBytes fromUTF8",
)
"""Methods of strings and arrays, known by their names only."""

ABSENT_STATICS = _per_runtime(
    "Array.from Object.fromEntries Object.groupBy Object.hasOwn String.raw",
    """Object.getOwnPropertyDescriptors Promise.all Promise.allSettled Promise.any Promise.race Symbol.for
    Symbol.keyFor""",
    "String.bytesFrom",
)
"""Members of the built-in constructors."""
