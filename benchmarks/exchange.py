"""What a cache hit costs inside `exchange()`, without sockets: `python benchmarks/exchange.py --help`.

The clock is virtual, the objects are asked for at random, each by a request that was not used before: it is made a
moment before, as it is when it comes from a socket. One cache of each size stands in memory, and they take turns. Also
how much memory an object takes beside its body: all objects share one body.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge import configuration
from edge.cache.store import Store
from edge.exchange import exchange
from edge.model.distribution import Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.result_type import ResultType
from edge.model.served import Served
from edge.model.stored_object import StoredObject
from edge.model.viewer import Viewer
from edge.rules import cache_key

NOW = 1_800_000_000.0
BODY = b"x" * 1_024
VIEWER = Viewer("127.0.0.1")
EDGE = EdgeLocation()
REQUEST_ID = "x" * 56
HEAD = """Content-Type: text/html; charset=utf-8\r
Cache-Control: public, max-age=3600\r
ETag: "{:016x}"\r
Last-Modified: Wed, 25 Nov 2026 03:42:37 GMT\r
Date: Wed, 25 Nov 2026 03:51:31 GMT\r
Server: nginx"""
SIZES = (1_000, 10_000, 100_000, 1_000_000)
BATCH = 100
"""Requests made at a time: few enough to be in the processor's cache still when they are used."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure at each size, and print."""
    parser = argparse.ArgumentParser(prog="python benchmarks/exchange.py", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="OBJECTS", help="default: %(default)s")
    parser.add_argument("--requests", type=int, default=10_000, help="at each size and round; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=9, help="the best one counts; default: %(default)s")
    parser.add_argument("--json", dest="as_json", action="store_true")
    options = parser.parse_args(arguments)
    rows = measure(sorted(options.sizes), options.requests, options.rounds)
    if options.as_json:
        print(json.dumps(rows, indent=2))
        return 0
    print("| objects | µs per hit | hits/s | bytes per object, without its body |\n|---|---|---|---|")
    for row in rows:
        hit_us = row["hit_us"]
        print(f"| {row['objects']:,} | {hit_us:.1f} | {1e6 / hit_us:,.0f} | {row['object_bytes']:,.0f} |")
    least, most = rows[0], rows[-1]
    print(f"\n{most['objects']:,} objects against {least['objects']:,}: {most['hit_us'] / least['hit_us']:.2f}")
    return 0


def measure(sizes: list[int], requests: int, rounds: int) -> list[dict[str, Any]]:
    """One row for each size: {"objects", "hit_us", "object_bytes"}."""
    distribution = configuration.from_flags("http://localhost:3000").distributions[0]
    rows, stores = [], []
    for size in sizes:
        store, empty_bytes = Store(max_bytes=1 << 50), resident_bytes()
        for number in range(size):
            put(store, distribution, number)
        gc.collect()
        gc.freeze()
        stores.append(store)
        rows.append({"objects": size, "hit_us": math.inf, "object_bytes": (resident_bytes() - empty_bytes) / size})
    for seed in range(rounds):
        for row, store in zip(rows, stores, strict=True):
            row["hit_us"] = min(row["hit_us"], round_us(store, distribution, requests, seed))
    return rows


def put(store: Store, distribution: Distribution, number: int) -> None:
    """One object, as a dev server's answer is stored, served once, so that it holds all it will ever hold."""
    lines = HEAD.format(number).split("\r\n")
    name_and_value = (line.partition(": ") for line in lines)
    headers = Headers((sys.intern(name), value) for name, _, value in name_and_value)  # as http_origins makes them
    asked = request(number)
    key = cache_key.build(distribution.id, distribution.behaviors[-1], asked)
    store.put(key, StoredObject(200, headers, BODY, NOW, NOW + 3600))
    hit(asked, distribution, store)


def request(number: int) -> Request:
    """A browser's request for an object."""
    headers = Headers(
        (
            ("Host", "localhost:8080"),
            ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            ("Accept", "text/html,application/xhtml+xml"),
        )
    )
    return Request("GET", f"/pages/{number}/index.html", None, headers)


def round_us(store: Store, distribution: Distribution, count: int, seed: int) -> float:
    """Microseconds of CPU time per hit."""
    chance = random.Random(seed)
    assert hit(request(0), distribution, store).result_type is ResultType.HIT
    spent = 0.0
    for _ in range(max(1, count // BATCH)):
        asked = [request(chance.randrange(len(store))) for _ in range(BATCH)]
        began = time.process_time()
        for one in asked:
            hit(one, distribution, store)
        spent += time.process_time() - began
    return spent / (max(1, count // BATCH) * BATCH) * 1e6


def hit(asked: Request, distribution: Distribution, store: Store) -> Served:
    """An exchange that asks nothing ends in its first step."""
    running = exchange(asked, VIEWER, distribution, store, edge=EDGE, now=NOW + 60, request_id=REQUEST_ID)
    try:
        running.send(None)
    except StopIteration as done:
        served: Served = done.value
        return served
    running.close()
    raise AssertionError("a hit had to wait")


def resident_bytes() -> int:
    """Memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
