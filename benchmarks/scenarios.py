"""What is asked for: one kind of work each, with what a system must be set up to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SMALL_BYTES = 1_024
TEXT_BYTES = 64 * 1_024
BIG_BYTES = 10 * 1_024 * 1_024
REFRESHED_PATHS = 1_000


class Function(StrEnum):
    """What stands in the path of a request."""

    NONE = "none"
    ONE = "one CloudFront Function"
    TWO = "two CloudFront Functions"
    LAMBDA = "one Lambda@Edge function"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`path` is asked for over and over; with `unique` another path below it each time; with `paths` one of so many in
    turn. `beside` names the systems that do the same work; where there are none, edge is compared with its own hit.
    `event` is where a Lambda@Edge function runs; `connections` None leaves it to the command line; with several
    `workers` edge has as many cores, and the others have one."""

    name: str
    path: str = "/docs/index.html"
    beside: tuple[str, ...] = ()
    function: Function = Function.NONE
    event: str = ""
    unique: bool = False
    paths: int = 1
    headers: tuple[tuple[str, str], ...] = ()
    body_bytes: int = SMALL_BYTES
    compressed: bool = False
    refreshed: bool = False
    signed: bool = False
    protocol: str = ""
    connections: int | None = None
    workers: int = 1

    @property
    def tls(self) -> bool:
        """Whether viewers come over TLS."""
        return bool(self.protocol)


_GZIP = (("Accept-Encoding", "gzip"),)

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("hit", beside=("nginx", "nginx static", "varnish", "mitmproxy", "ministack")),
        Scenario("miss", "/", beside=("nginx", "varnish"), unique=True),
        Scenario("refresh", "/refresh/", beside=("varnish",), paths=REFRESHED_PATHS, refreshed=True),
        Scenario(
            "hit with a function",
            "/docs/",
            beside=("nginx", "node vm", "mitmproxy", "ministack"),
            function=Function.ONE,
        ),
        Scenario("hit, 2 workers", beside=("nginx",), workers=2),
        Scenario("hit with a function, 2 workers", "/docs/", beside=("nginx",), function=Function.ONE, workers=2),
        Scenario("hit with two functions", "/docs/", function=Function.TWO),
        Scenario("viewer request in Lambda@Edge", function=Function.LAMBDA, event="viewer-request"),
        Scenario("viewer response in Lambda@Edge", function=Function.LAMBDA, event="viewer-response"),
        Scenario("origin request in Lambda@Edge", "/", function=Function.LAMBDA, event="origin-request", unique=True),
        Scenario("origin response in Lambda@Edge", "/", function=Function.LAMBDA, event="origin-response", unique=True),
        Scenario("signed URL", signed=True),
        Scenario(
            "compressed hit",
            "/files/text.html",
            beside=("nginx", "varnish"),
            headers=_GZIP,
            body_bytes=TEXT_BYTES,
            compressed=True,
        ),
        Scenario("big body", "/files/big.bin", beside=("nginx", "varnish"), body_bytes=BIG_BYTES, connections=4),
        Scenario("TLS, HTTP/1.1", beside=("nginx",), protocol="http/1.1"),
        Scenario("TLS, HTTP/2", beside=("nginx",), protocol="h2"),
        Scenario("TLS, HTTP/3", protocol="h3"),
    )
}
USUAL = ("hit", "hit with a function", "miss")
