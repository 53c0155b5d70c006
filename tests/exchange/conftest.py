"""Distributions for dialogues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from edge.model.distribution import ALL_METHODS, Behavior, Distribution
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin


@pytest.fixture
def site() -> Callable[..., Distribution]:
    """A distribution in front of one origin; arguments change its default behavior or, by name, itself."""

    def make(behavior: dict[str, Any] | None = None, **changes: Any) -> Distribution:
        fields: dict[str, Any] = {
            "target_origin_id": "site",
            "allowed_methods": ALL_METHODS,
            "cache_policy": cache_policy("CachingOptimized"),
        }
        distribution = Distribution(
            id="E1EXAMPLE",
            domain_name="d1example.cloudfront.net",
            origins={"site": Origin("site", "site.example.org"), "spare": Origin("spare", "spare.example.org")},
            behaviors=(Behavior(**(fields | (behavior or {}))),),
        )
        return replace(distribution, **changes)

    return make
