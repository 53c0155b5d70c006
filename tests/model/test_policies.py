"""Policies as values."""

from __future__ import annotations

import pytest

from edge.model.policies import ALL_NAMES, NO_NAMES, CachePolicy, ForwardedValues, Selection


@pytest.mark.parametrize(
    ("bounds", "disables"), [((0, 0, 0), True), ((0, 0, 1), False), ((0, 1, 1), False), ((1, 1, 1), False)]
)
def test_three_zeros_switch_the_cache_off(bounds: tuple[int, int, int], disables: bool) -> None:
    """And nothing less."""
    assert CachePolicy("id", "name", *bounds).disables_caching is disables


def test_defaults_are_those_of_the_api() -> None:
    """A day, a year, and nothing forwarded; the same for legacy settings."""
    for settings in (CachePolicy("id", "name"), ForwardedValues()):
        assert (settings.min_ttl_s, settings.default_ttl_s, settings.max_ttl_s) == (0, 86_400, 31_536_000)
        assert settings.cookies is NO_NAMES


def test_selections_are_in_the_apis_words() -> None:
    """Templates hold them."""
    assert [str(selection) for selection in Selection] == [
        "none",
        "whitelist",
        "allExcept",
        "all",
        "allViewer",
        "allViewerAndWhitelistCloudFront",
    ]
    assert (NO_NAMES.selection, ALL_NAMES.selection) == (Selection.NONE, Selection.ALL)
