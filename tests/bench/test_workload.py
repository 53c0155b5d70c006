"""A synthetic mix is the same for the same seed, and as uneven as the web."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from statistics import fmean

import pytest

from edge.bench.workload import Mix, synthetic
from edge.model.headers import Headers
from edge.model.request import Request

MIX = Mix(requests=5_000, urls=100)


def test_one_seed_gives_one_mix() -> None:
    assert synthetic(MIX) == synthetic(MIX)
    assert synthetic(MIX) != synthetic(replace(MIX, seed=2))


def test_popularity_follows_zipfs_law() -> None:
    counts = Counter(one.request.path for one in synthetic(MIX).asked)
    assert counts["/pages/1"] / counts["/pages/10"] == pytest.approx(10, rel=0.35)


def test_requests_come_at_the_rate_in_the_long_run() -> None:
    workload = synthetic(replace(MIX, rate=200))
    assert workload.seconds == pytest.approx(5_000 / 200, rel=0.1)


def test_pauses_let_environments_grow_cold() -> None:
    asked = synthetic(replace(MIX, requests=100, gap_every=10, gap_s=900)).asked
    pauses = [later.at_s - one.at_s for one, later in itertools.pairwise(asked)]
    assert sum(pause >= 900 for pause in pauses) == 9


def test_a_viewer_thinks_between_requests() -> None:
    """One viewer alone: the pauses are the thought."""
    asked = synthetic(replace(MIX, requests=400, rate=0.000_1, session=400, think_s=3.0)).asked
    pauses = [later.at_s - one.at_s for one, later in itertools.pairwise(asked)]
    assert fmean(pauses) == pytest.approx(3, rel=0.2)


def test_viewers_who_think_keep_to_the_rate_and_to_the_order() -> None:
    times = [one.at_s for one in synthetic(replace(MIX, rate=200, session=10, think_s=0.5)).asked]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(5_000 / 200, rel=0.15)


@pytest.mark.parametrize("name", ["requests", "urls", "rate", "session", "median_bytes"])
def test_a_mix_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is more than 0"):
        Mix(**{name: 0})  # type: ignore[arg-type]


def test_a_url_has_one_size_however_often_it_is_asked_for() -> None:
    sizes: dict[str, set[int]] = {}
    for one in synthetic(MIX).asked:
        sizes.setdefault(one.request.path, set()).add(one.body_bytes)
    assert all(len(each) == 1 for each in sizes.values())
    assert len({size for each in sizes.values() for size in each}) > 50


def test_all_requests_have_the_headers_of_the_template() -> None:
    template = Request("GET", "/account", "a=1", Headers((("Authorization", "Bearer x"),)))
    one = synthetic(replace(MIX, requests=1), template).asked[0].request
    assert one.headers == template.headers
    assert one.target.endswith("?a=1")
