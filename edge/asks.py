"""Everything an exchange may await, and nothing else.

The core cannot wait, connect or run code. It awaits an Ask; the driver performs it and sends the answer back together
with the time at which it came. That pair is the only way in which time enters an exchange.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from edge.cache.store import Lease, LeaseEnd
from edge.model.answer import Answer
from edge.model.body import Body, BodyStream, SharedStream
from edge.model.cache_key import CacheKey
from edge.model.distribution import Behavior, Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.function import FunctionCall, FunctionOutcome
from edge.model.origin import Origin, OriginAttempt, OriginFailure, OriginResponse, OriginTarget
from edge.model.request import Request
from edge.model.stored_object import StoredObject
from edge.model.trail import Trail
from edge.model.viewer import Viewer

A = TypeVar("A")


class _Ask(Generic[A]):
    """`answer, now = await ask`."""

    __slots__ = ()

    def __await__(self) -> Generator[AnyAsk, tuple[Any, float], tuple[A, float]]:
        return (yield self)  # type: ignore[misc]


@dataclass(slots=True)  # not frozen: one is made for each run of a function, and freezing doubles its cost
class RunFunction(_Ask[FunctionOutcome]):
    """Run user code once."""

    call: FunctionCall


@dataclass(frozen=True, slots=True)
class ResolveOrigin(_Ask[OriginFailure | None]):
    """Look an origin's domain name up. None when it has an address."""

    origin: Origin


@dataclass(frozen=True, slots=True)
class FetchOrigin(_Ask[OriginResponse | OriginFailure]):
    """Make one attempt at one origin. The loop over attempts and origins is the core's."""

    attempt: OriginAttempt


@dataclass(frozen=True, slots=True)
class ReadBeginning(_Ask[tuple[bytes, Body]]):
    """Wait for the first `max_bytes` of a request's body, or for all of a shorter one. The answer is that beginning,
    and a body that is whole again."""

    body: Body
    max_bytes: int


@dataclass(frozen=True, slots=True)
class AwaitFill(_Ask[LeaseEnd]):
    """Wait until somebody else's fetch ends."""

    lease: Lease


@dataclass(frozen=True, slots=True)
class StartRefresh(_Ask[None]):
    """Run a refresh beside this exchange. The answer comes at once; the driver must run it, and read its body, to the
    end."""

    refresh: Coroutine[AnyAsk, Any, Body]


@dataclass(frozen=True, slots=True)
class ShareBody(_Ask[SharedStream]):
    """Let several viewers, and the caches on the way to them, have one origin body. It is kept unless it is longer than
    `keep_bytes_max`; with `in_memory` False it may be kept elsewhere."""

    body: BodyStream
    keep_bytes_max: int
    in_memory: bool = True


@dataclass(frozen=True, slots=True)
class Compress(_Ask[Body]):
    """Compress a body. Bytes come back as bytes, a stream as a stream of unknown length."""

    body: Body
    encoding: Literal["br", "gzip"]


@dataclass(frozen=True, slots=True)
class VerifySignature(_Ask[bool]):
    """Check a signature over `message` with a public key in PEM form (RSA PKCS #1 v1.5 or ECDSA, by the key)."""

    pem: str
    hash_algorithm: Literal["SHA1", "SHA256"]
    signature: bytes
    message: bytes


class FromOwner(NamedTuple):
    """What the owner of the cache has done: its answer, the trail of that, and the object that a worker may keep a copy
    of, if any, as it was after the invalidation of this number. `fills_cache` says that the body is on its way into the
    owner's cache while it is read."""

    answer: Answer
    trail: Trail
    copy: StoredObject | None = None
    invalidation: int = 0
    fills_cache: bool = False


@dataclass(frozen=True, slots=True)
class AskOwner(_Ask[FromOwner]):
    """Have the answer for a key from the process that owns the cache, or through it. `trail` goes on from the request's
    own."""

    viewer: Viewer
    distribution: Distribution
    behavior: Behavior
    edge: EdgeLocation
    request_id: str
    target: OriginTarget | None
    request: Request
    key: CacheKey
    trail: Trail


AnyAsk: TypeAlias = (
    RunFunction
    | ResolveOrigin
    | FetchOrigin
    | ReadBeginning
    | AwaitFill
    | StartRefresh
    | ShareBody
    | Compress
    | VerifySignature
    | AskOwner
)
