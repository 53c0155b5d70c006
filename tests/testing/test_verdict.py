"""Yes or no, with the reason."""

from __future__ import annotations

from edge.testing import Verdict


def test_a_verdict_is_true_or_false_and_says_why() -> None:
    """pytest shows it as `assert <no: ...>`."""
    yes, no = Verdict(True, "it is so"), Verdict(False, "it is not so")
    assert yes
    assert not no
    assert (repr(yes), repr(no), no.why) == ("<yes: it is so>", "<no: it is not so>", "it is not so")
