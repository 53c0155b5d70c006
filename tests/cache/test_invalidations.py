"""Promises of edge/cache/invalidations.py."""

from __future__ import annotations

import pytest

from edge.cache.invalidations import Batch, BatchExists, Invalidation, Invalidations, TooMany
from edge.model import quotas

BATCH = Batch(("/a", "/b/*"))


def test_a_caller_reference_makes_a_request_sent_twice_one_invalidation() -> None:
    done: list[Batch] = []
    invalidations = Invalidations()

    def remove(batch: Batch) -> int:
        done.append(batch)
        return 2

    first = invalidations.create(BATCH, "ref", 100.0, "I1", remove)
    assert first == Invalidation("I1", "ref", 100.0, BATCH, 2)
    assert invalidations.create(BATCH, "ref", 200.0, "I2", remove) is first
    assert done == [BATCH]
    with pytest.raises(BatchExists, match="ref was used for another batch"):
        invalidations.create(Batch(("/c",)), "ref", 300.0, "I3", remove)


def test_what_was_refused_leaves_no_trace() -> None:
    invalidations = Invalidations()

    def refuse(batch: Batch) -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        invalidations.create(BATCH, "ref", 0.0, "I1", refuse)
    assert invalidations.all() == ()


@pytest.mark.parametrize(
    ("paths", "fits"),
    [
        (["/a"] * quotas.INVALIDATION_PATHS_MAX, True),
        (["/a"] * (quotas.INVALIDATION_PATHS_MAX + 1), False),
        (["/a*"] * quotas.INVALIDATION_WILDCARDS_MAX, True),
        (["/a*"] * (quotas.INVALIDATION_WILDCARDS_MAX + 1), False),
        (["/*.jpg"] * (quotas.INVALIDATION_WILDCARDS_MAX + 1), True),
    ],
)
def test_how_many_paths_may_be_in_progress(paths: list[str], fits: bool) -> None:
    """3,000, or 15 with a wildcard; a star that is not at the end is none."""
    invalidations = Invalidations()
    batch = Batch(tuple(paths))
    if fits:
        assert invalidations.create(batch, "ref", 0.0, "I1", len) is not None
    else:
        with pytest.raises(TooMany, match="at a time"):
            invalidations.create(batch, "ref", 0.0, "I1", len)


def test_they_are_listed_the_newest_first_and_found_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "INVALIDATIONS_KEPT_MAX", 2)
    invalidations = Invalidations()
    for number in range(3):
        invalidations.create(BATCH, f"ref{number}", float(number), f"I{number}", len)
    assert [one.id for one in invalidations.all()] == ["I2", "I1"]
    assert invalidations.get("I1") is not None
    assert invalidations.get("I0") is None
