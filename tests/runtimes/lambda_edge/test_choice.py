"""Choosing a provider by name."""

from __future__ import annotations

import pytest

from edge.runtimes.lambda_edge.providers.choice import PROVIDERS, make_provider
from edge.runtimes.lambda_edge.providers.provider import Unavailable


@pytest.mark.parametrize("name", PROVIDERS)
async def test_each_provider_has_its_name_and_says_what_it_lacks(name: str) -> None:
    try:
        provider = make_provider(name)
    except Unavailable as missing:
        pytest.skip(str(missing))
    assert provider.name == name
    assert provider.gives.lacks
    await provider.close()


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        Unavailable, match="there is no provider firecraker: take one of process, sandbox, microvm, fire"
    ):
        make_provider("firecraker")
