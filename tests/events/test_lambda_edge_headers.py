"""Headers in the events and results of Lambda@Edge."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from edge.events import lambda_edge_headers
from edge.events.lambda_edge_violations import BLACKLISTED, HEADER_ENTRY, READ_ONLY, Broken
from edge.model.function import EventType
from edge.model.headers import Headers

BEFORE = Headers(
    (
        ("host", "www.example.net"),
        ("Connection", "Keep-Alive"),
        ("aCCept", "text/html"),
        ("Cookie", "s=1; t=2"),
        ("Via", "1.1 x"),
        ("Cookie", "u=3"),
        ("Content-Length", "7"),
    )
)


def after(change: Callable[[Any], object], event_type: EventType = EventType.VIEWER_REQUEST) -> Headers:
    """The headers after a function that makes this change to them."""
    value: Any = copy.deepcopy(lambda_edge_headers.entries(BEFORE))
    change(value)
    return lambda_edge_headers.applied(lambda_edge_headers.parse(value), BEFORE, event_type)


def refusal(change: Callable[[Any], object], event_type: EventType = EventType.VIEWER_REQUEST) -> tuple[str, str]:
    """The sentence of the page and that of the log."""
    with pytest.raises(Broken) as refused:
        after(change, event_type)
    violation = refused.value.violation
    return violation.message, violation.note.sentence


def entry(value: object, **key: str) -> list[object]:
    return [{"value": value, **key}]


def test_trap_32_each_line_is_an_entry_of_its_own() -> None:
    """Cookies are not taken apart; Host and User-Agent have their usual case, other names that of the wire; headers
    that are hidden from functions are not there."""
    assert lambda_edge_headers.entries(BEFORE) == {
        "host": [{"key": "Host", "value": "www.example.net"}],
        "accept": [{"key": "aCCept", "value": "text/html"}],
        "cookie": [{"key": "Cookie", "value": "s=1; t=2"}, {"key": "Cookie", "value": "u=3"}],
        "via": [{"key": "Via", "value": "1.1 x"}],
        "content-length": [{"key": "Content-Length", "value": "7"}],
    }


def test_headers_left_alone_keep_their_bytes_and_places() -> None:
    """Read-only ones are no violation when their values are what they were."""
    assert after(lambda headers: None) is BEFORE
    assert after(lambda headers: [each[0].pop("key") for each in headers.values()]) is BEFORE


def test_a_changed_header_stands_in_its_place_and_a_new_one_at_the_end() -> None:
    """Hidden lines stay."""

    def change(headers: Any) -> None:
        headers["accept"] = entry("*/*")
        headers["cookie"] = entry("s=2", key="cookie")
        headers["x-new-one"] = [{"value": "1"}, {"value": ["2", "3"]}]

    assert after(change).lines == (
        ("host", "www.example.net"),
        ("Connection", "Keep-Alive"),
        ("Accept", "*/*"),
        ("cookie", "s=2"),
        ("Via", "1.1 x"),
        ("Content-Length", "7"),
        ("X-New-One", "1"),
        ("X-New-One", "2"),
        ("X-New-One", "3"),
    )


def test_a_deleted_header_goes() -> None:
    """And so does one whose array is empty."""
    assert "accept" not in after(lambda headers: headers.pop("accept"))
    assert "accept" not in after(lambda headers: headers.update(accept=[]))


def test_a_property_may_be_spelt_in_any_case() -> None:
    """Without `key` every word of the name gets a capital."""
    assert after(lambda headers: headers.update({"X-FOO-bar": entry("1")})).lines[-1] == ("X-Foo-Bar", "1")


def test_changed_text_goes_on_as_utf8() -> None:
    assert after(lambda headers: headers.update({"x-a": entry("é")})).get("x-a") == "é".encode().decode("latin-1")


@pytest.mark.parametrize(
    ("event_type", "name"),
    [
        (EventType.VIEWER_REQUEST, "host"),
        (EventType.VIEWER_REQUEST, "content-length"),
        (EventType.VIEWER_REQUEST, "cdn-loop"),
        (EventType.ORIGIN_REQUEST, "accept-encoding"),
        (EventType.ORIGIN_REQUEST, "if-none-match"),
        (EventType.ORIGIN_REQUEST, "content-length"),
        (EventType.ORIGIN_RESPONSE, "transfer-encoding"),
        (EventType.ORIGIN_RESPONSE, "via"),
        (EventType.VIEWER_RESPONSE, "warning"),
        (EventType.VIEWER_RESPONSE, "content-encoding"),
        (EventType.VIEWER_RESPONSE, "content-length"),
    ],
)
def test_trap_20_a_read_only_header_may_not_be_set(event_type: EventType, name: str) -> None:
    assert refusal(lambda headers: headers.update({name: entry("other")}), event_type)[0] == READ_ONLY


def test_the_host_may_be_set_at_origin_request() -> None:
    changed = after(lambda headers: headers.update(host=entry("o.example.org")), EventType.ORIGIN_REQUEST)
    assert changed.get("host") == "o.example.org"


def test_trap_4_a_read_only_header_may_not_be_deleted() -> None:
    """The log names it."""
    message, log = refusal(lambda headers: headers.pop("via"), EventType.ORIGIN_RESPONSE)
    assert message == READ_ONLY
    assert log == (
        "Lambda function result failed validation, the function tried to delete read-only header, headerName : Via."
    )


@pytest.mark.parametrize(
    "name", ["x-cache", "x-amz-cf-id", "connection", "keep-alive", "x-edge-foo", "x-forwarded-proto", "x-real-ip"]
)
def test_traps_5_and_6_a_blacklisted_header_may_not_be_added(name: str) -> None:
    """Such as those of a response that came from fetch(), or of a web framework."""
    message, log = refusal(lambda headers: headers.update({name: entry("1")}))
    assert message == BLACKLISTED
    assert "blacklisted header, headerName : " in log


def test_trap_21_the_country_may_not_be_added_at_viewer_request() -> None:
    """Other CloudFront- headers may."""
    assert refusal(lambda headers: headers.update({"cloudfront-viewer-country": entry("DE")}))[0] == BLACKLISTED
    assert after(lambda headers: headers.update({"cloudfront-is-mobile-viewer": entry("true")}))
    assert after(lambda headers: headers.update({"cloudfront-viewer-country": entry("DE")}), EventType.ORIGIN_REQUEST)


@pytest.mark.parametrize("value", ["text/html", {"key": "X-A", "value": "1"}, None])
def test_trap_7_an_entry_must_be_an_array(value: Any) -> None:
    assert refusal(lambda headers: headers.update({"x-a": value}))[0] == HEADER_ENTRY


@pytest.mark.parametrize("value", [1, True, {"a": 1}, ["a", 1], None])
def test_trap_8_a_value_must_be_a_string(value: Any) -> None:
    """Or an array of strings."""
    message, log = refusal(lambda headers: headers.update({"cookieSettings": entry(value)}))
    assert message == HEADER_ENTRY
    assert log == (
        "The Lambda function returned an invalid entry in the headers object, the value of each header value must be "
        "of string or array of string type, header :cookieSettings has one or more entries whose value is neither "
        "string nor array of strings."
    )


def test_trap_9_a_line_break_in_a_value_is_refused() -> None:
    """The log shows the character as on a URL."""
    _, log = refusal(lambda headers: headers.update(location=entry("/?a\r\nb")))
    assert log == (
        "Lambda function result validation failed, the function returned an invalid header, invalid character : '%0D' "
        "in header value, headerName : Location."
    )


@pytest.mark.parametrize("headers", [{"x a": entry("1")}, {"x-a": entry("1", key="X-B")}, ["x-a"], {"x-a": ["1"]}])
def test_headers_that_are_none(headers: Any) -> None:
    with pytest.raises(Broken):
        lambda_edge_headers.generated(lambda_edge_headers.parse(headers), EventType.VIEWER_REQUEST)


def test_a_generated_response_may_not_set_read_only_headers_of_its_trigger() -> None:
    generated = lambda_edge_headers.parse({"content-type": entry("text/html"), "content-length": entry("3")})
    with pytest.raises(Broken):
        lambda_edge_headers.generated(generated, EventType.ORIGIN_REQUEST)
    assert lambda_edge_headers.generated(
        {"content-type": [("Content-Type", "a")]}, EventType.ORIGIN_REQUEST
    ) == Headers((("Content-Type", "a"),))
