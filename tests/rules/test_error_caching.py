"""How long errors are cached: one row for each row of the table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edge.model.distribution import Behavior, CustomErrorResponse, Distribution
from edge.model.headers import Headers
from edge.model.managed_policies import cache_policy
from edge.model.origin import Origin, OriginKind
from edge.model.response import Response
from edge.model.switches import Switches
from edge.rules import error_caching

BEHAVIOR = Behavior("site", cache_policy=cache_policy("CachingOptimized"))
CUSTOM = Origin("site", "site.example.org")
SITE = Distribution("E1", "d1.cloudfront.net", {"site": CUSTOM}, (BEHAVIOR,))


def cached_for(status: int, control: str | None = None, **changes: Any) -> float | None:
    headers = Headers() if control is None else Headers((("Cache-Control", control),))
    fields: dict[str, Any] = {"behavior": BEHAVIOR, "distribution": SITE, "origin": CUSTOM, "now": 0.0}
    verdict = error_caching.freshness(Response(status, headers), **(fields | changes))
    return verdict.ttl_s if verdict.storable else None


@pytest.mark.parametrize(
    ("status", "control", "expected"),
    [
        *((status, None, 10) for status in (404, 410, 414, 501, 500, 502, 503, 504)),
        *((status, "max-age=60", 60) for status in (404, 414, 501, 500, 502, 503, 504)),
        *((status, "max-age=5", 10) for status in (404, 500)),
        *((status, "no-store", None) for status in (404, 410, 414, 501)),
        *((status, "no-store", 10) for status in (500, 502, 503, 504)),
        *((status, None, None) for status in (400, 403, 405, 412, 415)),
        *((status, "max-age=60", 60) for status in (400, 403, 405, 412, 415)),
        *((status, "max-age=60", None) for status in (416, 401, 429)),
    ],
)
def test_the_table_of_cached_errors(status: int, control: str | None, expected: float | None) -> None:
    """Which errors are cached, for how long, and what the origin may say about it."""
    assert cached_for(status, control) == expected


def test_trap_0_no_store_keeps_a_404_out_of_the_cache_and_not_a_500() -> None:
    """A 500 is cached for ten seconds all the same."""
    assert cached_for(500, "no-store") == 10
    assert cached_for(404, "no-store") is None


def test_the_minimum_is_set_for_each_status() -> None:
    """ErrorCachingMinTTL of the custom error response for that status."""
    site = replace(SITE, custom_error_responses={404: CustomErrorResponse(404, error_caching_min_ttl_s=300)})
    assert cached_for(404, distribution=site) == 300
    assert cached_for(500, distribution=site) == 10
    none = replace(SITE, custom_error_responses={404: CustomErrorResponse(404, error_caching_min_ttl_s=0)})
    assert cached_for(404, distribution=none) is None


def test_for_s3_a_minimum_of_zero_is_a_second() -> None:
    """Only for S3 origins."""
    none = replace(SITE, custom_error_responses={404: CustomErrorResponse(404, error_caching_min_ttl_s=0)})
    assert cached_for(404, distribution=none, origin=replace(CUSTOM, kind=OriginKind.S3)) == 1


def test_trap_6_caching_disabled_keeps_no_errors() -> None:
    """With a maximum TTL of 0 nothing is cached."""
    disabled = Behavior("site", cache_policy=cache_policy("CachingDisabled"))
    assert cached_for(500, behavior=disabled) is None


def test_an_origin_that_cannot_be_reached() -> None:
    """The page is cached like an error; a switch turns that off."""
    assert error_caching.for_failure(502, BEHAVIOR, SITE).ttl_s == 10
    off = replace(SITE, switches=Switches(cache_unreachable_errors=False))
    assert not error_caching.for_failure(502, BEHAVIOR, off).storable
    assert error_caching.minimum_ttl_s(504, SITE) == 10
