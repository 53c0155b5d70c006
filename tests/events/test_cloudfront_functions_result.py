"""What a CloudFront Function returns, read and judged."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from edge.events.cloudfront_functions import viewer_request_event, viewer_response_event
from edge.events.cloudfront_functions_result import read_viewer_request, read_viewer_response
from edge.model.distribution import Behavior, Distribution
from edge.model.headers import Headers
from edge.model.request import Request
from edge.model.response import Response
from edge.model.violation import Violation

SITE = Distribution("E1EXAMPLE", "d1.cloudfront.net", {}, (Behavior("site"),))
REQUEST = Request(
    "GET",
    "/a",
    "x=1&y=2&x=3",
    Headers(
        (("Host", "example.org"), ("aCCept", "text/html"), ("X-Many", "1"), ("X-Many", "2"), ("Cookie", "a=1; b=2"))
    ),
)
RESPONSE = Response(
    200,
    Headers((("Content-Type", "text/html"), ("Via", "1.1 x"), ("Set-Cookie", "s=1; Path=/"))),
    b"<body>",
)


def on_request(change: Any) -> Request | Response | Violation:
    """The verdict on a viewer request function that makes this change to event.request, or returns something else."""
    event: Any = viewer_request_event(REQUEST, "203.0.113.7", SITE, "id==")
    request = copy.deepcopy(event["request"])
    result = change(request)
    return read_viewer_request(request if result is None else result, REQUEST, event)


def on_response(change: Any) -> Response | Violation:
    event: Any = viewer_response_event(REQUEST, RESPONSE, "203.0.113.7", SITE, "id==")
    response = copy.deepcopy(event["response"])
    result = change(response)
    return read_viewer_response(response if result is None else result, RESPONSE, event)


def changed(verdict: object) -> Request:
    assert isinstance(verdict, Request), verdict
    return verdict


def answered(verdict: object) -> Response:
    assert isinstance(verdict, Response), verdict
    return verdict


def test_what_is_left_alone_goes_on_as_it_was() -> None:
    """Case and order of the wire are kept."""
    assert changed(on_request(lambda request: None)) == REQUEST
    assert answered(on_response(lambda response: None)) == RESPONSE


def test_a_changed_header_is_written_with_capitals_in_its_place() -> None:
    """Every word of the name gets a capital; other lines stay as they were."""
    verdict = changed(
        on_request(lambda request: request["headers"].update(accept={"value": "*/*"}, **{"x-new-one": {"value": "n"}}))
    )
    assert verdict.headers.lines[1] == ("Accept", "*/*")
    assert verdict.headers.lines[-1] == ("X-New-One", "n")
    assert ("X-Many", "1") in verdict.headers.lines


def test_a_deleted_header_goes() -> None:
    """`delete request.headers.accept`."""
    verdict = changed(on_request(lambda request: request["headers"].pop("accept") and None))
    assert "accept" not in verdict.headers


def test_trap_12_a_changed_value_stands_before_the_later_ones() -> None:
    """Editing `.value` of a repeated name changes the first only; editing multiValue changes all."""

    def first(request: Any) -> None:
        request["headers"]["x-many"]["value"] = "9"

    def every(request: Any) -> None:
        request["headers"]["x-many"]["multiValue"] = [{"value": "7"}, {"value": "8"}, {"value": "9"}]

    assert changed(on_request(first)).headers.all("x-many") == ("9", "2")
    assert changed(on_request(every)).headers.all("x-many") == ("7", "8", "9")


def test_trap_12_the_same_holds_for_parameters_and_cookies() -> None:
    """And for the cookies of a response, attributes and all."""

    def parameter(request: Any) -> None:
        request["querystring"]["x"]["value"] = "9"

    assert changed(on_request(parameter)).query == "x=9&x=3&y=2"

    response = Response(200, Headers((("Set-Cookie", "s=1; Path=/"), ("Set-Cookie", "s=2"))), b"")
    event: Any = viewer_response_event(REQUEST, response, "203.0.113.7", SITE, "id==")
    value = copy.deepcopy(event["response"])
    value["cookies"]["s"]["value"] = "9"
    verdict = answered(read_viewer_response(value, response, event))
    assert verdict.headers.all("set-cookie") == ("s=9; Path=/", "s=2")
    value["cookies"]["s"]["multiValue"] = [{"value": "7"}]
    verdict = answered(read_viewer_response(value, response, event))
    assert verdict.headers.all("set-cookie") == ("s=7",)


def test_the_query_string_as_an_object_or_as_text() -> None:
    """Trap 14: a plain string is taken as it is."""
    assert changed(on_request(lambda request: request.update(querystring="b=2&a=1"))).query == "b=2&a=1"
    verdict = changed(on_request(lambda request: request["querystring"].pop("y") and None))
    assert verdict.query == "x=1&x=3"
    assert changed(on_request(lambda request: request.update(querystring={}))).query is None


def test_cookies_are_written_as_one_header() -> None:
    """Names and values of request.cookies."""
    verdict = changed(on_request(lambda request: request["cookies"].update(c={"value": "3"})))
    assert verdict.headers.get("cookie") == "a=1; b=2; c=3"


def test_changed_text_goes_on_as_utf8() -> None:
    """A changed value is UTF-8 on the wire."""
    verdict = changed(on_request(lambda request: request.update(uri="/é")))
    assert verdict.path == "/é".encode().decode("latin-1")


LOWER = "The CloudFront function returned an invalid value: {} must have header names in lower case."
READ_ONLY = "The CloudFront function tried to add, delete, or change a read-only header."
DISALLOWED = "The CloudFront function tried to add a disallowed header."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda request: request["headers"].update({"X-Foo": {"value": "1"}}), LOWER.format("request.headers")),
        (lambda request: request["headers"].update(host={"value": "other"}), READ_ONLY),
        (lambda request: request["headers"].pop("host") and None, READ_ONLY),
        (lambda request: request["headers"].update(via={"value": "1"}), READ_ONLY),
        (lambda request: request["headers"].update({"content-length": {"value": "1"}}), READ_ONLY),
        (lambda request: request["headers"].update({"cdn-loop": {"value": "1"}}), READ_ONLY),
        (lambda request: request["headers"].update({"x-forwarded-proto": {"value": "1"}}), DISALLOWED),
        (lambda request: request["headers"].update({"x-real-ip": {"value": "1"}}), DISALLOWED),
        (lambda request: request["headers"].update({"x-edge-foo": {"value": "1"}}), DISALLOWED),
        (lambda request: request["headers"].update(connection={"value": "close"}), DISALLOWED),
    ],
    ids=["trap-6", "trap-8-host", "trap-8-delete", "via", "length", "cdn-loop", "trap-9", "real-ip", "edge", "hop"],
)
def test_header_rules_of_viewer_requests(change: Any, message: str) -> None:
    """Lower case, read-only, disallowed: each with CloudFront's sentence."""
    verdict = on_request(change)
    assert isinstance(verdict, Violation)
    assert verdict.message == message


def test_x_forwarded_host_may_be_set() -> None:
    """Trap 9: it is not among the disallowed ones."""
    verdict = changed(on_request(lambda request: request["headers"].update({"x-forwarded-host": {"value": "a"}})))
    assert verdict.headers.get("x-forwarded-host") == "a"


@pytest.mark.parametrize(
    "change",
    [
        lambda request: "text",
        lambda request: request["headers"].update(x="v"),
        lambda request: request["headers"].update(x={"value": 1}),
        lambda request: request["headers"].update(x={"value": "a\r\nb: c"}),
        lambda request: request["headers"].update({"x y": {"value": "a"}}),
        lambda request: request.update(uri="no-slash"),
        lambda request: request.update(uri="/with space"),
        lambda request: request.update(querystring="a b"),
        lambda request: request.update(querystring="a#b"),
        lambda request: request.update(uri="/" + "x" * 8192),
        lambda request: request.update(method="POST"),
        lambda request: {"statusCode": "200"},
        lambda request: {"statusCode": 99},
        lambda request: {"statusCode": 200, "body": {"data": "x", "encoding": "utf8"}},
        lambda request: {"statusCode": 200, "body": {"data": "***", "encoding": "base64"}},
        lambda request: {"statusCode": 200, "body": 5},
    ],
    ids=[
        "not-an-object",
        "trap-7",
        "number",
        "line-break",
        "name",
        "trap-20",
        "space",
        "query-space",
        "query-hash",
        "too-long",
        "method",
        "status-text",
        "status-99",
        "trap-23-encoding",
        "trap-23-base64",
        "body-number",
    ],
)
def test_invalid_values(change: Any) -> None:
    """Each is a violation whose note names what is wrong."""
    verdict = on_request(change)
    assert isinstance(verdict, Violation), verdict
    assert verdict.message.startswith("The CloudFront function returned an invalid value: ")
    assert verdict.note.rule.startswith("cloudfront_functions.")
    assert verdict.note.sentence


def test_a_generated_response() -> None:
    """Status, reason phrase verbatim (trap 21), headers, cookies, text and base64 bodies."""
    made = {
        "statusCode": 308,
        "statusDescription": "Found",
        "headers": {"location": {"value": "/b"}},
        "cookies": {"a": {"value": "1", "attributes": "Path=/"}},
        "body": {"encoding": "base64", "data": "aGk="},
    }
    verdict = answered(on_request(lambda request: made))
    assert (verdict.status, verdict.phrase, verdict.body) == (308, "Found", b"hi")
    assert verdict.headers.lines == (("Location", "/b"), ("Set-Cookie", "a=1; Path=/"))
    assert answered(on_request(lambda request: {"statusCode": 200, "body": "é"})).body == "é".encode()


def test_the_body_of_a_viewer_response() -> None:
    """Absent keeps it, set replaces it, empty removes it."""
    assert answered(on_response(lambda response: None)).body == b"<body>"
    assert answered(on_response(lambda response: response.update(body="new"))).body == b"new"
    assert answered(on_response(lambda response: response.update(body=""))).body == b""


def test_a_viewer_response_changes_status_headers_and_cookies() -> None:
    """The status may change; via may not."""

    def change(response: Any) -> None:
        response["statusCode"] = 203
        response["headers"]["x-a"] = {"value": "1"}
        response["cookies"]["t"] = {"value": "2"}

    verdict = answered(on_response(change))
    assert verdict.status == 203
    assert verdict.headers.get("x-a") == "1"
    assert verdict.headers.all("set-cookie") == ("s=1; Path=/", "t=2")
    refused = on_response(lambda response: response["headers"].pop("via") and None)
    assert isinstance(refused, Violation)
    assert refused.message == READ_ONLY


def test_members_that_are_missing_from_a_viewer_response_stay() -> None:
    """As in a response that the function makes anew, with nothing but a status."""
    verdict = answered(on_response(lambda response: {"statusCode": 201}))
    assert (verdict.status, verdict.headers, verdict.body) == (201, RESPONSE.headers, b"<body>")


@pytest.mark.parametrize("result", [None, "x", {"headers": {}}, []])
def test_a_viewer_response_must_be_a_response(result: Any) -> None:
    """Anything else is a violation."""
    event: Any = viewer_response_event(REQUEST, RESPONSE, "203.0.113.7", SITE, "id==")
    assert isinstance(read_viewer_response(result, RESPONSE, event), Violation)
