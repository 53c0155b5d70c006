"""Request bodies with IncludeBody."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from edge.events.lambda_body import ShownBody, body_object, read_replacement, shown
from edge.events.lambda_edge_violations import BODY, Broken
from edge.model.function import EventType
from edge.model.quotas import LAMBDA_CLASSIC_2023, LAMBDA_CURRENT

VIEWER = EventType.VIEWER_REQUEST
ORIGIN = EventType.ORIGIN_REQUEST
KB, MB = 1024, 1024 * 1024


def test_a_function_sees_base64_and_a_read_only_action() -> None:
    """Text bodies too."""
    assert body_object(shown(b"x=1&y=2", VIEWER)) == {
        "inputTruncated": False,
        "action": "read-only",
        "encoding": "base64",
        "data": "eD0xJnk9Mg==",
    }


@pytest.mark.parametrize(("event_type", "limit"), [(VIEWER, 40 * KB), (ORIGIN, 1 * MB)])
def test_trap_26_what_a_function_sees_is_cut_at_the_limit(event_type: EventType, limit: int) -> None:
    """And it is told so; a body of exactly the limit is whole."""
    assert shown(b"a" * limit, event_type) == ShownBody(b"a" * limit, False)
    assert shown(b"a" * (limit + 1), event_type) == ShownBody(b"a" * limit, True)


@pytest.mark.parametrize("body", [None, {"data": "eA=="}, {"action": "read-only", "data": "eA==", "encoding": "text"}])
def test_trap_27_an_edit_without_the_action_replace_is_ignored(body: Any) -> None:
    """The viewer's body goes on."""
    assert read_replacement(body, VIEWER) is None


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ({"action": "replace", "data": "eA=="}, b"x"),
        ({"action": "replace", "encoding": "base64", "data": "eA=="}, b"x"),
        ({"action": "replace", "encoding": "text", "data": "é"}, "é".encode()),
        ({"action": "replace", "encoding": "text"}, b""),
    ],
)
def test_a_replaced_body_is_base64_unless_it_says_text(body: Any, sent: bytes) -> None:
    assert read_replacement(body, VIEWER) == sent


@pytest.mark.parametrize(
    "body",
    [
        "text",
        {"action": "append", "data": ""},
        {"action": "replace", "data": {"a": 1}},
        {"action": "replace", "data": "x", "encoding": "gzip"},
        {"action": "replace", "data": "not base64!"},
    ],
)
def test_a_body_of_another_shape_is_refused(body: Any) -> None:
    with pytest.raises(Broken) as refused:
        read_replacement(body, VIEWER)
    assert refused.value.violation.message == BODY


@pytest.mark.parametrize(
    ("event_type", "encoding", "limit"),
    [(VIEWER, "text", 40 * KB), (VIEWER, "base64", 54_476), (ORIGIN, "text", MB), (ORIGIN, "base64", 1_394_606)],
)
def test_a_replaced_body_over_the_limit(event_type: EventType, encoding: str, limit: int) -> None:
    """It is refused today; in 2023 it was cut in silence."""
    fits = {"action": "replace", "encoding": encoding, "data": "A" * (limit - limit % 4)}
    assert read_replacement(fits, event_type, LAMBDA_CURRENT) is not None
    long = {"action": "replace", "encoding": encoding, "data": "A" * (limit + 4 - limit % 4)}
    with pytest.raises(Broken):
        read_replacement(long, event_type, LAMBDA_CURRENT)
    cut = read_replacement(long, event_type, LAMBDA_CLASSIC_2023)
    whole = limit if encoding == "text" else limit // 4 * 3
    assert cut is not None
    assert len(cut) == whole if encoding == "text" else base64.b64encode(cut) == b"A" * (limit - limit % 4)
