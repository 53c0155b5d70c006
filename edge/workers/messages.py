"""What an owner and its workers say to each other, as values.

Questions go from a worker to its owner, each on a channel of its own while it is worked on. Commands go from the owner
to all workers, each is answered with a Done, and the command of a user that made them is answered after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from edge.asks import FromOwner
from edge.cache.request_rates import Counted
from edge.configuration import Configuration
from edge.logs.metrics import Counts
from edge.model.body import StoredBody
from edge.model.cache_key import CacheKey
from edge.model.distribution import Behavior, Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.function import FunctionCall
from edge.model.origin import OriginTarget
from edge.model.request import Request
from edge.model.topology import Topology
from edge.model.trail import Trail
from edge.model.viewer import Viewer
from edge.reports import Reports

if TYPE_CHECKING:
    from edge.viewers.local_certificate import Certificate

# Questions, and their answers.


class Place(NamedTuple):
    """A behavior of a distribution in a version of the configuration, by its place there."""

    version: int
    distribution: int
    behavior: int


class Fill(NamedTuple):
    """Answer for a key, as AskOwner says. `place` is where the behavior stands; or, where the owner has no longer that
    version, the distribution and the behavior themselves. `has_body`: the request's body, so
    long if that is known, follows in pieces."""

    viewer: Viewer
    place: Place | tuple[Distribution, Behavior]
    edge: EdgeLocation
    request_id: str
    target: OriginTarget | None
    request: Request
    key: CacheKey
    trail: Trail
    has_body: bool = False
    body_bytes: int | None = None


class UnknownVersion(NamedTuple):
    """The owner has forgotten that version of the configuration."""


class Filled(NamedTuple):
    """What the owner found. The answer's body is empty here and comes as `body` says: it stands here, or follows in
    pieces (`bytes`: to be put together; `stream`: as it arrives, `length` where that is known). The body of `copy` is
    the answer's."""

    found: FromOwner
    body: Literal["here", "bytes", "stream"] = "here"
    held: bytes | StoredBody = b""
    length: int | None = None


class RunLambda(NamedTuple):
    """Run a Lambda function. With `streams` the pieces of its response come before the outcome."""

    call: FunctionCall
    streams: bool = False


class StreamPiece(NamedTuple):
    """A piece of a streamed response, with its Content-Type."""

    kind: str
    data: bytes


class Failed(NamedTuple):
    """The owner could not do it: a bug, with its traceback."""

    traceback: str


# Commands, and their answers.

Kind: TypeAlias = Literal["http", "https", "hypercorn"]


@dataclass(frozen=True, slots=True)
class Listening:
    """A listener of a worker: the addresses' sockets by their file descriptors, which the worker was born with."""

    kind: Kind
    host: str
    port: int
    tcp: tuple[int, ...]
    udp: tuple[int, ...] = ()
    certificate: Certificate | None = None


class Version(NamedTuple):
    """A version of the configuration, as it is served. `stores` is the file of the key value stores, None without."""

    number: int
    configuration: Configuration
    stores: Path | None


class Begin(NamedTuple):
    """The first thing that a worker hears: all that it needs. `topology` is where the owner's caches stand, whatever
    the configuration says by now; `owner` the socket for its questions, `copies_bytes` the budget of its copies, `lock`
    a file for whoever writes a line. With `admin` requests are counted and remembered."""

    version: Version
    engine: str
    explain_header: bool
    reports: Reports
    admin: bool
    listening: tuple[Listening, ...]
    topology: Topology
    owner: Path
    copies_bytes: int
    lock: Path


class TakeUp(NamedTuple):
    """Serve this version from now on."""

    version: Version


class Invalidate(NamedTuple):
    """Remove what these paths and tags name. `tag_headers` are the headers that list an object's tags, by the id of its
    distribution."""

    number: int
    paths: tuple[str, ...]
    tags: tuple[str, ...]
    tag_headers: dict[str, str]


class TakeCounts(NamedTuple):
    """Give what was counted since the last time. Done with Counts."""


class FindTrail(NamedTuple):
    """Done with the trail of a request as JSON, or None."""

    request_id: str


class News(NamedTuple):
    """What one worker has counted, for all others: requests for AWS WAF, each with the code of the edge location, and
    runs that throttling looks at (name, whether it failed)."""

    requests: tuple[tuple[str, Counted], ...] = ()
    runs: tuple[tuple[str, bool], ...] = ()


class Stop(NamedTuple):
    """End, in order. Done when the worker has ended."""


class Left(NamedTuple):
    """A worker's last words, if it ends in order: what it has counted and was not asked for."""

    counts: Counts


class Done(NamedTuple):
    """A command was carried out; a worker is ready once it has done its first, Begin."""

    result: Any = None
