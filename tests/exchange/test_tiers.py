"""Dialogues: edge locations, the regional edge caches behind them, and Origin Shield."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from edge.model.distribution import Distribution
from edge.model.edge_location import edge_location
from edge.model.function import EventType, FunctionCall, FunctionOutcome, LambdaFunction, Returned
from edge.model.managed_policies import cache_policy, response_headers_policy
from edge.model.origin import Origin, OriginFailureKind, OriginGroup, OriginKind
from edge.model.topology import Layer, PointOfPresence, Topology
from edge.model.viewer import Location
from edge.testing import Playbook
from edge.testing.playbook import Arriving, Talk

Site = Callable[..., Distribution]

FRANKFURT = PointOfPresence(edge_location("FRA56-P4", "eu-central-1"), "eu-central-1", frozenset({"DE", "AT"}))
MUNICH = PointOfPresence(edge_location("MUC50-P1", "eu-central-1"), "eu-central-1")
TOKYO = PointOfPresence(edge_location("NRT57-C1", "ap-northeast-1"), "ap-northeast-1", frozenset({"JP"}))
ALONE = PointOfPresence(edge_location("LAX3-C1", "us-west-2"))
WORLD = Topology((FRANKFURT, MUNICH, TOKYO, ALONE))
SHIELDED = {"site": Origin("site", "site.example.org", shield_region="us-east-1")}


def at(play: Playbook, pop: str, target: str = "/a", **headers: str) -> Talk:
    return play.get(target, {"X-Edge-Pop": pop, **{name.replace("_", "-"): value for name, value in headers.items()}})


def test_a_hit_in_frankfurt_is_a_miss_in_tokyo(site: Site) -> None:
    """Each edge location has a cache of its own, and so has each region."""
    play = Playbook(site(), topology=WORLD)
    assert at(play, "FRA").origin_answers(200, "x").x_cache == "Miss from cloudfront"
    again = at(play, "FRA")
    assert (again.x_cache, again.headers.get("x-amz-cf-pop")) == ("Hit from cloudfront", "FRA56-P4")
    tokyo = at(play, "NRT57-C1")
    tokyo.origin_answers(200, "x")
    assert (tokyo.x_cache, tokyo.headers.get("x-amz-cf-pop")) == ("Miss from cloudfront", "NRT57-C1")
    assert tokyo.served.trail.layer is Layer.REC


def test_the_country_of_the_viewer_chooses_where_no_header_does(site: Site) -> None:
    """A country that no edge location claims comes to the first."""
    play = Playbook(site(), topology=WORLD)
    for country, pop in (("JP", "NRT57-C1"), ("AT", "FRA56-P4"), ("BR", "FRA56-P4"), ("", "FRA56-P4")):
        talk = play.get(f"/{country}", location=Location(country=country))
        assert talk.origin_answers(200, "x").headers.get("x-amz-cf-pop") == pop


def test_the_header_that_chooses_an_edge_location_goes_no_further(site: Site) -> None:
    """Not to functions, not to the origin."""
    talk = at(Playbook(site(), topology=WORLD), "NRT")
    assert "x-edge-pop" not in talk.origin_request.request.headers
    talk.origin_answers(200, "x")
    assert "x-edge-pop" not in talk.served.request.headers


def test_a_regional_edge_cache_answers_for_its_edge_locations(site: Site) -> None:
    """Munich has what Frankfurt fetched, as a hit, with its age, and tells which layer had it."""
    policy = replace(response_headers_policy("SimpleCORS"), server_timing_rate=100.0)
    play = Playbook(site({"response_headers_policy": policy}), topology=WORLD)
    at(play, "FRA").origin_answers(200, "x", {"Cache-Control": "max-age=60"})
    play.advance(seconds=20)
    munich = at(play, "MUC")
    assert (munich.x_cache, munich.body, munich.headers.get("age")) == ("Hit from cloudfront", b"x", "20")
    assert 'cdn-hit-layer;desc="REC"' in (munich.headers.get("server-timing") or "")
    play.advance(seconds=20)
    again = at(play, "MUC")
    assert (again.headers.get("age"), again.served.trail.layer) == ("40", Layer.EDGE)
    play.advance(seconds=21)
    assert at(play, "MUC").asked is not None, "age counts from the origin, whichever cache it stood in"


def test_origin_shield_is_the_last_cache(site: Site) -> None:
    """One fetch for the whole world; the log says OriginShieldHit."""
    play = Playbook(site(origins=SHIELDED), topology=WORLD)
    assert at(play, "FRA").origin_answers(200, "x").served.trail.layer is Layer.ORIGIN_SHIELD
    tokyo = at(play, "NRT")
    assert tokyo.x_cache == "Hit from cloudfront"
    assert tokyo.served.trail.detailed_result == "OriginShieldHit"
    assert tokyo.served.trail.layer is Layer.ORIGIN_SHIELD
    assert at(play, "NRT").served.trail.detailed_result == ""


def test_without_a_topology_there_is_one_cache(site: Site) -> None:
    """Origin Shield included: the simple case stays simple."""
    play = Playbook(site(origins=SHIELDED))
    assert play.get("/a").origin_answers(200, "x").served.trail.layer is Layer.EDGE


def test_an_edge_location_without_a_regional_edge_cache_asks_the_origin(site: Site) -> None:
    play = Playbook(site(), topology=WORLD)
    assert at(play, "LAX").origin_answers(200, "x").served.trail.layer is Layer.EDGE


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_writing_methods_go_round_the_regional_edge_cache(site: Site, method: str) -> None:
    """From the edge location straight to the origin, by OPTIONS too when its answers are cached."""
    cached = {"cached_methods": frozenset({"GET", "HEAD", "OPTIONS"})}
    talk = Playbook(site(cached), topology=WORLD).request(method, "/a", {"X-Edge-Pop": "FRA"})
    assert talk.origin_answers(200, "x").served.trail.layer is Layer.EDGE
    assert ("regional_edge_caches.method" in talk.rules) == (method == "OPTIONS")


def test_what_is_not_cached_goes_round_it_too(site: Site) -> None:
    play = Playbook(site({"cache_policy": cache_policy("CachingDisabled")}), topology=WORLD)
    assert at(play, "FRA").origin_answers(200, "x").served.trail.layer is Layer.EDGE


def test_a_bucket_in_the_region_of_the_regional_edge_cache_is_asked_directly(site: Site) -> None:
    """A bucket elsewhere is not."""
    bucket = Origin("site", "b.s3.eu-central-1.amazonaws.com", OriginKind.S3)
    play = Playbook(site(origins={"site": bucket}), topology=WORLD)
    frankfurt, tokyo = at(play, "FRA").origin_answers(200, "x"), at(play, "NRT").origin_answers(200, "x")
    assert "regional_edge_caches.same_region" in frankfurt.rules
    assert (frankfurt.served.trail.layer, tokyo.served.trail.layer) == (Layer.EDGE, Layer.REC)


def test_each_cache_collapses_the_requests_that_reach_it(site: Site) -> None:
    """Viewers at two edge locations of a region, and in another region behind the same Origin Shield: one fetch."""
    play = Playbook(site(origins=SHIELDED), topology=WORLD)
    talks = [at(play, pop) for pop in ("FRA", "FRA", "MUC", "MUC", "NRT")]
    assert [talk.asked is not None for talk in talks] == [True, False, False, False, False]
    talks[0].origin_answers(200, "x")
    assert [talk.body for talk in talks] == [b"x"] * 5
    assert play.tiers is not None
    assert all(store.leases == 0 for store in play.tiers.stores)


def test_when_the_one_who_fetches_leaves_another_edge_location_takes_over(site: Site) -> None:
    play = Playbook(site(), topology=WORLD)
    frankfurt, munich = at(play, "FRA"), at(play, "MUC")
    frankfurt.leaves()
    munich.origin_answers(200, "x")
    assert munich.body == b"x"
    assert play.tiers is not None
    assert all(store.leases == 0 for store in play.tiers.stores)


def test_a_body_that_is_still_arriving_is_kept_by_every_cache_on_its_way(site: Site) -> None:
    """Once it has come to its end; and by none when it breaks off."""
    for whole in (True, False):
        play = Playbook(site(), topology=WORLD)
        talk = at(play, "FRA").origin_answers(200, Arriving(b"one ", b"two", length=7), {"Content-Length": "7"})
        assert at(play, "MUC").x_cache == "Hit from cloudfront"
        talk.body_ends(whole=whole)
        for pop in ("FRA", "MUC"):
            again = at(play, pop)
            assert (again.asked is None) is whole
            if whole:
                assert again.body == b"one two"
            else:
                again.leaves()


def test_an_expired_object_is_confirmed_through_the_caches(site: Site) -> None:
    """The regional edge cache asks the origin, and both have it fresh again."""
    play = Playbook(site(), topology=WORLD)
    at(play, "FRA").origin_answers(200, "x", {"ETag": '"1"', "Cache-Control": "max-age=10"})
    play.advance(seconds=20)
    again = at(play, "FRA")
    assert again.origin_request.request.headers.get("if-none-match") == '"1"'
    again.origin_answers(304, headers={"Cache-Control": "max-age=10"})
    assert (again.x_cache, again.body) == ("RefreshHit from cloudfront", b"x")
    assert at(play, "FRA").x_cache == at(play, "MUC").x_cache == "Hit from cloudfront"


def test_an_expired_object_at_the_edge_stands_in_when_the_caches_behind_have_nothing(site: Site) -> None:
    """The regional edge cache has dropped the object, and the origin is down."""
    play = Playbook(site(), topology=WORLD)
    at(play, "FRA").origin_answers(200, "old", {"Cache-Control": "max-age=10"})
    assert play.tiers is not None
    behind = play.tiers.stores[0].behind
    assert behind is not None
    behind.remove_where(lambda key, stored: True)
    play.advance(seconds=20)
    talk = at(play, "FRA")
    while talk.asked is not None:
        talk.origin_fails(OriginFailureKind.CONNECT)
    assert (talk.status, talk.body, talk.served.trail.detailed_result) == (200, b"old", "")
    assert at(play, "FRA").body == b"old", "and the origin is left alone for a while"


def test_the_page_for_an_origin_that_is_down_stays_at_its_edge_location(site: Site) -> None:
    """Another edge location asks again."""
    play = Playbook(site(), topology=WORLD)
    talk = at(play, "FRA")
    while talk.asked is not None:
        talk.origin_fails(OriginFailureKind.CONNECT)
    assert at(play, "FRA").status == 502
    assert at(play, "MUC").asked is not None


def test_each_origin_of_a_group_is_asked_through_its_own_shield(site: Site) -> None:
    """The first one's error is not taken for the answer of the second."""
    origins = {**SHIELDED, "spare": Origin("spare", "spare.example.org", shield_region="us-east-1")}
    group = OriginGroup("both", ("site", "spare"), frozenset({500, 503}))
    play = Playbook(site({"target_origin_id": "both"}, origins=origins, origin_groups={"both": group}), topology=WORLD)
    talk = at(play, "FRA")
    while talk.asked is not None and talk.asked.origin.id == "site":
        talk.origin_fails(OriginFailureKind.CONNECT)
    assert talk.origin_request.origin.id == "spare"
    assert talk.origin_answers(200, "fine").body == b"fine"
    assert "failover.next" in talk.rules


def test_an_invalidation_clears_every_cache(site: Site) -> None:
    play = Playbook(site(origins=SHIELDED), topology=WORLD)
    at(play, "FRA").origin_answers(200, "x")
    at(play, "NRT")
    assert play.tiers is not None
    assert play.tiers.remove_where(lambda key, stored: key.path == "/a") == 5
    assert len(play.tiers) == 0
    assert at(play, "NRT").asked is not None


def test_functions_at_the_origins_side_run_where_the_cache_that_asks_stands(site: Site) -> None:
    """In the region of Origin Shield, or of the regional edge cache; viewer functions in the edge location's region."""
    handler = LambdaFunction("greet", "1", "/code", "index.handler", "nodejs22.x")
    functions = {EventType.ORIGIN_REQUEST: handler, EventType.VIEWER_REQUEST: handler}
    regions: dict[str, list[tuple[str, str]]] = {}

    def run(call: FunctionCall) -> FunctionOutcome:
        regions.setdefault(call.edge.code, []).append((call.event_type.value, call.region))
        return Returned(call.event["Records"][0]["cf"]["request"])  # type: ignore[index, call-overload]

    for origins, region in ((SHIELDED, "us-east-1"), (None, "ap-northeast-1")):
        regions.clear()
        changes = {} if origins is None else {"origins": origins}
        play = Playbook(site({"functions": functions}, **changes), topology=WORLD, functions=run)
        at(play, "NRT").origin_answers(200, "x")
        assert regions == {"NRT57-C1": [("viewer-request", "ap-northeast-1"), ("origin-request", region)]}


def test_a_byte_range_is_kept_by_every_cache_on_its_way(site: Site) -> None:
    """Munich gets from the region the part that Frankfurt asked for."""
    play = Playbook(site(), topology=WORLD)
    headers = {"ETag": '"1"', "Content-Range": "bytes 2-5/10"}
    at(play, "FRA", Range="bytes=2-5").origin_answers(206, b"2345", headers)
    munich = at(play, "MUC", Range="bytes=3-4")
    assert (munich.status, munich.body, munich.served.trail.layer) == (206, b"34", Layer.REC)
    assert at(play, "MUC", Range="bytes=3-4").served.trail.layer is Layer.EDGE
    assert at(play, "MUC", Range="bytes=2-4").served.trail.layer is Layer.REC


def test_an_answer_for_one_viewer_is_for_one_viewer_in_every_cache(site: Site) -> None:
    """Those who waited, at either edge location, ask for themselves; nothing is kept."""
    play = Playbook(site({"cache_policy": cache_policy("Elemental-MediaPackage")}), topology=WORLD)
    talks = [at(play, pop) for pop in ("FRA", "FRA", "FRA", "FRA", "MUC", "MUC", "MUC")]
    talks[0].origin_answers(200, "for one", {"Cache-Control": "no-store"})
    assert [talk.asked is not None for talk in talks[1:]] == [True] * 6
    assert play.tiers is not None
    assert len(play.tiers) == 0


def test_an_error_that_is_not_cached_is_kept_by_no_cache(site: Site) -> None:
    """Those who waited for it have it."""
    play = Playbook(site(), topology=WORLD)
    frankfurt, munich = at(play, "FRA"), at(play, "MUC")
    frankfurt.origin_answers(401, "no")
    assert (munich.status, munich.body) == (401, b"no")
    assert play.tiers is not None
    assert len(play.tiers) == 0
