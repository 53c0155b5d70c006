"""A whole distribution under test: requests in, answers with their trail out, in one process and in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from edge.cache.store import Fresh, Store
from edge.cache.tiers import Tiers
from edge.model.body import Body
from edge.model.cache_key import CacheKey
from edge.model.distribution import Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.function import LambdaFunction
from edge.model.origin import OriginFailure
from edge.model.request import Request
from edge.model.served import Served
from edge.model.topology import ONE_LOCATION, Topology
from edge.model.viewer import Viewer
from edge.rules import invalidation
from edge.runtimes.runtime import KeyValueStores
from edge.testing import record
from edge.testing.clock import VirtualClock
from edge.testing.errors import HarnessError
from edge.testing.lambdas.outbound import OutboundScript
from edge.testing.messages import CookieValues, HeaderValues, request_from
from edge.testing.origin_script import OriginScript
from edge.testing.playbook import Playbook, Talk
from edge.testing.site_functions import SiteFunctions
from edge.testing.site_response import SiteResponse
from edge.testing.verdict import Verdict
from edge.testing.viewers import viewer_from

if TYPE_CHECKING:
    from edge.testing.over_sockets import OverSockets

_BEFORE_S = 0.001


class Site:
    """A distribution with a cache, key value stores, a scripted origin and a clock of its own.

    `play` is the same edge location as a Playbook, for tests in which several viewers ask at the same time.
    """

    def __init__(
        self,
        distribution: Distribution,
        stores: KeyValueStores,
        origin: OriginScript,
        clock: VirtualClock,
        edge: EdgeLocation,
        outbound: OutboundScript,
        *,
        topology: Topology | None = None,
        sockets: bool = False,
    ) -> None:
        self.distribution = distribution
        self.origin = origin
        self.clock = clock
        self.store = Store()
        self.outbound = outbound
        self._functions = SiteFunctions(stores, clock, outbound)
        self.play = Playbook(
            distribution, store=self.store, functions=self._functions.run, clock=clock, edge=edge, topology=topology
        )
        self._sockets: OverSockets | None = None
        if sockets:
            from edge.testing.over_sockets import OverSockets  # heavy, and few tests want it

            if any(
                isinstance(one, LambdaFunction) for each in distribution.behaviors for one in each.functions.values()
            ):
                self._functions.environments()  # here, since the background cannot wait for itself
            self._sockets = OverSockets(self, self._functions, clock)

    def get(
        self,
        target: str = "/",
        *,
        headers: HeaderValues | None = None,
        cookies: CookieValues | None = None,
        viewer: Mapping[str, Any] | Viewer | None = None,
        pop: str | None = None,
    ) -> SiteResponse:
        """A viewer asks with GET, at the edge location `pop` where there are several."""
        __tracebackhide__ = True
        return self.request("GET", target, headers=headers, cookies=cookies, viewer=viewer, pop=pop)

    def head(self, target: str = "/", **rest: Any) -> SiteResponse:
        """A viewer asks with HEAD. The rest is as for `get`."""
        __tracebackhide__ = True
        return self.request("HEAD", target, **rest)

    def post(self, target: str = "/", body: bytes | str = b"", **rest: Any) -> SiteResponse:
        """A viewer sends something. The rest is as for `get`."""
        __tracebackhide__ = True
        return self.request("POST", target, body=body.encode() if isinstance(body, str) else body, **rest)

    def request(
        self,
        method: str,
        target: str = "/",
        *,
        headers: HeaderValues | None = None,
        cookies: CookieValues | None = None,
        viewer: Mapping[str, Any] | Viewer | None = None,
        body: Body = b"",
        pop: str | None = None,
    ) -> SiteResponse:
        """A viewer asks, over HTTPS unless `viewer` says otherwise, and the origin answers by its script. `pop` is the
        code of an edge location, or its beginning; without it, that of the viewer's country counts, or the first."""
        __tracebackhide__ = True
        request = request_from(target, method, headers, cookies, body, self.distribution.domain_name)
        who = viewer_from(viewer)
        tiers = self.play.tiers
        if pop is not None:
            request = _at(request, pop, tiers)
        store = self.store if tiers is None else tiers.arrive(request, who).store
        runs = self._functions.runs = []
        at = self.clock.now()
        served = self._served(request, who)
        response = SiteResponse(served, tuple(runs), _fresh_for(store, served.trail.cache_key, at))
        record.add(response)
        return response

    @contextmanager
    def never_calls_origin(self) -> Iterator[None]:
        """`with site.never_calls_origin(): ...` fails the test when an origin is asked within."""
        __tracebackhide__ = True
        before = len(self.origin.requests)
        yield
        asked = self.origin.requests[before:]
        if asked:
            raise AssertionError(f"the origin was asked: {', '.join(f'{one.method} {one.target}' for one in asked)}")

    def same_cache_key(self, one: str | SiteResponse, other: str | SiteResponse) -> Verdict:
        """Whether two requests are the same object in the cache. A text is the target of a plain GET."""
        __tracebackhide__ = True
        return _same(self._key(one), self._key(other))

    def invalidate(self, *paths: str, tags: Iterable[str] = ()) -> int:
        """Remove objects by path (`"/a*"`) and by cache tag from all caches; how many there were. Raises HarnessError
        for a path that AWS refuses."""
        __tracebackhide__ = True
        wrong = next((fault for path in paths if (fault := invalidation.fault(path))), None)
        if wrong is not None:
            raise HarnessError(wrong)
        header, named = self.distribution.cache_tag_header.lower(), tuple(tags)
        caches = self.store if self.play.tiers is None else self.play.tiers
        return caches.remove_where(
            lambda key, stored: (
                any(invalidation.by_path(path, key) for path in paths)
                or any(invalidation.by_tag(tag, header, stored) for tag in named)
            )
        )

    def _key(self, asked: str | SiteResponse) -> CacheKey | None:
        """The key of an answer, or of a request that is not made: it sees neither the cache nor the origin."""
        if isinstance(asked, SiteResponse):
            return asked.cache_key
        play = Playbook(self.distribution, functions=self._functions.run, clock=self.clock, edge=self.play.edge)
        talk = play.begin(request_from(asked, "GET", None, None, b"", self.distribution.domain_name), viewer_from(None))
        while talk.asked is not None:
            talk.origin_answers(204)
        return talk.served.trail.cache_key

    def _served(self, request: Request, viewer: Viewer) -> Served:
        __tracebackhide__ = True
        if self._sockets is not None:
            served = self._sockets.request(request, viewer)
            self._functions.complain()
            return served
        talk = self.play.begin(request, viewer)
        self._to_the_end(talk)
        while self.play.refreshes:
            self._to_the_end(self.play.refreshes.pop(0))
        return talk.served

    def close(self) -> None:
        """End what runs beside the test. The fixture does this after the test."""
        if self._sockets is not None:
            self._sockets.close()
        self._functions.close()

    def _to_the_end(self, talk: Talk) -> None:
        __tracebackhide__ = True
        while talk.asked is not None:
            answer = self.origin.answer(talk.asked)
            if isinstance(answer, OriginFailure):
                talk.origin_fails(answer.kind, answer.detail)
            else:
                talk.origin_answers(answer.status, answer.body, answer.headers.lines, reason=answer.reason)

    def __repr__(self) -> str:
        return f"<Site {self.distribution.id} with {len(self.distribution.behaviors)} behaviors>"


def _at(request: Request, pop: str, tiers: Tiers | None) -> Request:
    """The request at an edge location."""
    __tracebackhide__ = True
    topology = ONE_LOCATION if tiers is None else tiers.topology
    codes = [point.edge.code for point in topology.points]
    if tiers is None or not any(code.startswith(pop.upper()) for code in codes):
        there = f"there are {', '.join(codes)}" if tiers is not None else "there is one: say distribution(pops={...})"
        raise HarnessError(f"no edge location {pop!r}; {there}")
    return request._replace(headers=request.headers.plus(((topology.pop_header, pop),)))


def _fresh_for(store: Store, key: CacheKey | None, at: float) -> Callable[[float], bool]:
    """Tells whether the object of a key is still fresh some seconds after `at`."""

    def fresh_for(seconds: float) -> bool:
        if key is None:
            return False
        return isinstance(store.lookup(key, at + seconds - _BEFORE_S, collapse=False), Fresh)

    return fresh_for


def _same(one: CacheKey | None, other: CacheKey | None) -> Verdict:
    if one is None or other is None:
        return Verdict(False, "a request that the cache has no part in has no cache key")
    differ = [
        f"{field} {mine!r} and {theirs!r}"
        for field, mine, theirs in zip(one._fields, one, other, strict=True)
        if mine != theirs
    ]
    if differ:
        return Verdict(False, f"the cache keys differ: {', '.join(differ)}")
    return Verdict(True, f"both have the cache key of {one.path}" + (f"?{one.query}" if one.query else ""))
