"""Deterministic simulation: many viewers, origins that fail, hang up and change their mind, functions that throw.

Odd seeds play one edge location; even ones three, with regional edge caches and Origin Shield behind them, where
viewers come and go at any of them. Invalidations come in between. One seed gives one run, step for step. After every
step the invariants hold; when one does not, the failure prints the line that replays it:

    SIMULATION_SEED=17 pytest tests/simulation -k replay
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from edge.model.distribution import ALL_METHODS, Behavior, Distribution
from edge.model.edge_location import edge_location
from edge.model.function import CloudFrontFunction, EventType, FunctionCall, FunctionOutcome, Returned, Threw
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin, OriginFailureKind, OriginGroup
from edge.model.path_pattern import PathPattern
from edge.model.policies import CachePolicy, Names, Selection
from edge.model.response import Response
from edge.model.topology import ONE_LOCATION, PointOfPresence, Topology
from edge.rules import invalidation
from edge.testing import Playbook
from edge.testing.playbook import Arriving, Talk

REQUESTS = 500
SEEDS = range(20)
MAX_TTL_S = 120
PAGES = 6
VIEWERS = ("ann", "bob", "cid")

SHORT = CachePolicy("short", "short", 0, 30, MAX_TTL_S, query_strings=Names(Selection.ALL))
PERSONAL = CachePolicy(
    "personal", "personal", 0, 30, MAX_TTL_S, cookies=Names(Selection.WHITELIST, ("who",)), query_strings=Names()
)
THROWING = {EventType.VIEWER_REQUEST: CloudFrontFunction("throws-now-and-then", "")}

DISTRIBUTION = Distribution(
    "E1",
    "d1.cloudfront.net",
    origins={
        name: Origin(name, f"{name}.example.org", connection_attempts=2, shield_region="us-east-1")
        for name in ("first", "second")
    },
    origin_groups={"group": OriginGroup("group", ("first", "second"), frozenset({500, 503, 504}))},
    behaviors=(
        Behavior("first", PathPattern("/mine/*"), cache_policy=PERSONAL),
        Behavior("group", PathPattern("/group/*"), cache_policy=SHORT),
        Behavior(
            "first", PathPattern("/never/*"), cache_policy=cache_policy("CachingDisabled"), allowed_methods=ALL_METHODS
        ),
        Behavior("first", PathPattern("/function/*"), cache_policy=SHORT, functions=THROWING),
        Behavior("first", cache_policy=SHORT),
    ),
)
AREAS = ("/", "/mine/", "/group/", "/never/", "/function/", "/steady/", "/part/")
"""Below /steady/ the origin always lets its answers be cached, so that nothing but one fetch is ever right; below
/part/ viewers ask for byte ranges."""

WORLD = Topology(
    (
        PointOfPresence(edge_location("FRA56-P4", "eu-central-1"), "eu-central-1"),
        PointOfPresence(edge_location("MUC50-P1", "eu-central-1"), "eu-central-1"),
        PointOfPresence(edge_location("NRT57-C1", "ap-northeast-1"), "ap-northeast-1"),
    )
)
PART_BYTES = 40


class Asked(NamedTuple):
    """One viewer's request: what it asked for, who asked, and when."""

    talk: Talk
    path: str
    who: str


class Simulation:
    """One run. `steps` yields after each step, so that the invariants can be looked at."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        topology = WORLD if seed % 2 == 0 else ONE_LOCATION
        self.play = Playbook(DISTRIBUTION, functions=self._function, topology=topology)
        assert self.play.tiers is not None
        self.tiers = self.play.tiers
        self.open: list[Asked] = []
        self.arriving: list[Talk] = []
        self.served: list[Asked] = []
        self.versions: dict[str, int] = {}

    def steps(self, requests: int) -> Iterator[None]:
        """All viewers come, and then the origin answers whoever still waits."""
        asked = 0
        while asked < requests or self.open:
            doing = self.chance.random()
            if doing < 0.45 and asked < requests:
                self._somebody_asks()
                asked += 1
            elif doing < 0.85 and self.open:
                self._the_origin_does_something()
            elif doing < 0.90 and self.open:
                self._somebody_leaves()
            elif doing < 0.95 and self.arriving:
                self._a_body_ends()
            elif doing < 0.96:
                self._an_invalidation_comes()
            else:
                self.play.advance(seconds=self.chance.choice((0, 1, 10, 31, 200)))
            self._sort_out()
            yield
        while self.arriving:
            self._a_body_ends()
            yield

    def _function(self, call: FunctionCall) -> FunctionOutcome:
        return Threw("Error: now") if self.chance.random() < 0.2 else Returned(call.event["request"])

    def _somebody_asks(self) -> None:
        who = self.chance.choice(VIEWERS)
        path = f"{self.chance.choice(AREAS)}{self.chance.randrange(PAGES)}"
        headers, method = {"Cookie": f"who={who}"}, "GET"
        if len(self.tiers.topology.points) > 1:
            headers["X-Edge-Pop"] = self.chance.choice(self.tiers.topology.points).edge.code
        if path.startswith("/part/"):
            first = self.chance.randrange(PART_BYTES)
            headers["Range"] = f"bytes={first}-{self.chance.randrange(first, PART_BYTES)}"
        elif not path.startswith("/steady/"):
            if self.chance.random() < 0.1:
                headers["If-None-Match"] = '"1"'
            method = self.chance.choice(("GET", "GET", "GET", "HEAD"))
        self.open.append(Asked(self.play.request(method, path, headers), path, who))

    def _the_origin_does_something(self) -> None:
        waiting = [one for one in self.open if one.talk.asked is not None] + [
            Asked(talk, talk.asked.request.target, "") for talk in self.play.refreshes if talk.asked is not None
        ]
        if not waiting:
            return
        one = self.chance.choice(waiting)
        talk, request = one.talk, one.talk.origin_request.request
        doing = self.chance.random()
        if one.path.startswith("/steady/") and doing >= 0.15:
            self._the_origin_answers_well(talk, request.target, "", "max-age=20")
            return
        if doing < 0.15:
            talk.origin_fails(self.chance.choice(list(OriginFailureKind)))
        elif doing < 0.25:
            talk.origin_answers(self.chance.choice((401, 404, 500, 503)), b"error")
        elif doing < 0.5 and "if-none-match" in request.headers:
            talk.origin_answers(304, headers={"Cache-Control": self._control()})
        else:
            self._the_origin_answers_well(talk, request.target, request.headers.get("cookie") or "", self._control())

    def _the_origin_answers_well(self, talk: Talk, target: str, cookie: str, control: str) -> None:
        if target.startswith("/part/"):
            self._the_origin_sends_a_part(talk, target)
            return
        version = self.versions[target] = self.versions.get(target, 0) + 1
        body = content(target, version, cookie, self.play.now)
        headers = {"ETag": f'"{version}"', "Cache-Control": control}
        if self.chance.random() < 0.5:
            talk.origin_answers(200, body, headers)
        else:
            half = len(body) // 2
            talk.origin_answers(200, Arriving(body[:half], body[half:], length=len(body)), headers)
            if talk.shared:
                self.arriving.append(talk)

    def _the_origin_sends_a_part(self, talk: Talk, target: str) -> None:
        """A range of the object as it is now; now and then all of it, or a new version."""
        if self.chance.random() < 0.2:
            self.versions[target] = self.versions.get(target, 0) + 1
        version = self.versions.setdefault(target, 1)
        whole, control = part_content(target, version), "max-age=20"
        wanted = talk.origin_request.request.headers.get("range")
        if wanted is None or self.chance.random() < 0.1:
            talk.origin_answers(200, whole, {"ETag": f'"{version}"', "Cache-Control": control})
            return
        first, last = (int(number) for number in wanted.removeprefix("bytes=").split("-"))
        body = whole[first : last + 1]
        headers = {
            "ETag": f'"{version}"',
            "Cache-Control": control,
            "Content-Range": f"bytes {first}-{last}/{PART_BYTES}",
        }
        if self.chance.random() < 0.5:
            talk.origin_answers(206, body, headers)
            return
        talk.origin_answers(206, Arriving(body, length=len(body)), headers)
        if talk.shared:
            self.arriving.append(talk)

    def _an_invalidation_comes(self) -> None:
        path = f"{self.chance.choice(AREAS)}{self.chance.randrange(PAGES)}"
        self.tiers.remove_where(lambda key, stored: invalidation.by_path(path, key))

    def _control(self) -> str:
        return self.chance.choice(
            (
                "max-age=20",
                "max-age=1000",
                "max-age=5, stale-while-revalidate=20",
                "max-age=0",
                "no-store",
                "private",
                "x",
            )
        )

    def _somebody_leaves(self) -> None:
        one = self.chance.choice(self.open)
        one.talk.leaves()
        self.open.remove(one)

    def _a_body_ends(self) -> None:
        talk = self.chance.choice(self.arriving)
        talk.body_ends(whole=self.chance.random() < 0.8)
        self.arriving.remove(talk)

    def _sort_out(self) -> None:
        done = [one for one in self.open if one.talk.result is not None]
        self.open = [one for one in self.open if one.talk.result is None]
        self.served += done

    def check(self) -> None:
        """What holds after every step."""
        fetched = [one.path for one in self.open if one.talk.asked is not None and one.path.startswith("/steady/")]
        assert len(fetched) == len(set(fetched)), f"two fetches for one object: {fetched}"
        for one in self.served:
            self._check_answer(one)
        self.served.clear()

    def _check_answer(self, one: Asked) -> None:
        served = one.talk.served
        age = one.talk.headers.get("age")
        assert age is None or int(age) >= 0
        if one.path.startswith("/part/"):
            self._check_part(one.path, served.response)
            return
        if served.response.status != 200:
            return
        body = whole(served.response.body)
        target, version, cookie, made = body.decode().split("|")[0].split(" ", 3)
        assert body == content(target, int(version), cookie, float(made)), "bytes are missing"
        assert target == one.path
        if one.path.startswith("/mine/"):
            assert cookie == f"who={one.who}", "an answer for somebody else"
        assert age is None or int(age) <= MAX_TTL_S, "older than the maximum TTL"

    def _check_part(self, path: str, response: Response) -> None:
        """All bytes are of one version, the one that ETag names."""
        if response.status not in (200, 206):
            return
        version = int((response.headers.get("etag") or "").strip('"'))
        expected = part_content(path, version)
        if response.status == 206:
            span = (response.headers.get("content-range") or "").removeprefix("bytes ").partition("/")[0]
            first, last = (int(number) for number in span.split("-"))
            expected = expected[first : last + 1]
        assert whole(response.body) == expected, "bytes of another version, or not those that were asked for"


def part_content(path: str, version: int) -> bytes:
    """Bytes that tell which object, which version and which offset they are of."""
    return bytes((sum(path.encode()) + version * 53 + offset * 7) % 256 for offset in range(PART_BYTES))


def content(target: str, version: int, cookie: str, now: float) -> bytes:
    """A body that says what it is: anybody can check that it is whole and meant for its reader."""
    text = f"{target} {version} {cookie} {now}|"
    return (text + "x" * (version * 37 % 200)).encode()


def whole(body: object) -> bytes:
    return body if isinstance(body, bytes) else b"".join(body.pieces)  # type: ignore[attr-defined]


def run(seed: int) -> Simulation:
    """One run with its invariants. Raises AssertionError with the line that replays it."""
    simulation = Simulation(seed)
    step = 0
    try:
        for _ in simulation.steps(REQUESTS):
            step += 1
            simulation.check()
        stores = simulation.tiers.stores
        assert not any(talk.asked for talk in simulation.play.refreshes) or any(store.leases for store in stores)
        for talk in simulation.play.refreshes:
            talk.leaves()
        assert not any(store.leases for store in stores), "a lease was never ended"
    except AssertionError as error:
        replay = f"SIMULATION_SEED={seed} pytest tests/simulation -k replay"
        raise AssertionError(f"{error}\nseed {seed}, step {step}; replay: {replay}") from error
    finally:
        for talk in (*(one.talk for one in simulation.open), *simulation.play.refreshes):
            talk.leaves()
    return simulation


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_thousand_requests_keep_the_invariants(seed: int) -> None:
    """Never two fetches for one object, no lease left, no answer for somebody else, no negative Age."""
    run(seed)


def test_one_seed_is_one_run() -> None:
    """The same answers in the same order."""
    first, second = run(3), run(3)
    assert first.versions == second.versions
    assert first.play.now == second.play.now


@pytest.mark.skipif("SIMULATION_SEED" not in os.environ, reason="SIMULATION_SEED names the run to replay")
def test_replay() -> None:
    """A run that failed, again."""
    run(int(os.environ["SIMULATION_SEED"]))
