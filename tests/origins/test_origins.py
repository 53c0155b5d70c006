"""Names of origins, looked up before anybody is asked."""

from __future__ import annotations

import pytest

from edge.model.origin import Origin, OriginFailureKind
from edge.origins.origins import Origins


@pytest.mark.parametrize(
    ("origin", "resolves"),
    [
        (Origin("site", "localhost"), True),
        (Origin("site", f"{'a' * 64}.example.org"), False),
        (Origin("site", f"{'a' * 64}.example.org", local_url="http://127.0.0.1:3000"), True),
    ],
)
async def test_a_name_resolves_or_the_failure_says_which_does_not(origin: Origin, resolves: bool) -> None:
    """Where something on this machine plays the origin, no name is needed."""
    origins = Origins()
    failure = await origins.resolve(origin)
    await origins.close()
    if resolves:
        assert failure is None
    else:
        assert failure is not None
        assert failure.kind is OriginFailureKind.DNS
        assert origin.domain_name in failure.detail
