"""What a Lambda@Edge function returns, read and judged."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from edge.events.lambda_edge import (
    origin_request_event,
    origin_response_event,
    viewer_request_event,
    viewer_response_event,
)
from edge.events.lambda_edge_result import (
    read_origin_request,
    read_origin_response,
    read_viewer_request,
    read_viewer_response,
)
from edge.events.lambda_edge_violations import BODY, HEADER_ENTRY, NOT_AN_OBJECT, ORIGIN_HEADERS
from edge.model.distribution import Behavior, Distribution
from edge.model.headers import Headers
from edge.model.origin import Origin, OriginAttempt, OriginRequest
from edge.model.request import Request
from edge.model.response import Response
from edge.model.switches import Switches
from edge.model.violation import Violation

IP = "198.51.100.23"
SITE = Distribution("E1", "d1.cloudfront.net", {}, (Behavior("app"),))
REQUEST = Request("POST", "/form", "a=1", Headers((("Host", "www.example.net"), ("Content-Length", "5"))), b"hello")
ORIGIN = Origin("app", "app.example.org", path="/base", custom_headers=(("X-Secret", "1"),))
HEADERS = Headers((("Host", "app.example.org"), ("X-Amz-Cf-Id", "q1=="), ("X-Secret", "1")))
ATTEMPT = OriginAttempt(ORIGIN, OriginRequest("GET", "/base/p?v=2", HEADERS, b""), "https")
RESPONSE = Response(200, Headers((("Content-Type", "text/html"), ("Content-Length", "6"))), b"<html>", "Fine")

Change = Callable[[Any], Any]


def change(event: Any, kind: str, edit: Change) -> Any:
    """What a handler returns that edits the event's request or response, or returns something else."""
    value = copy.deepcopy(event["Records"][0]["cf"][kind])
    result = edit(value)
    return value if result is None else result


def viewer_request(edit: Change, site: Distribution = SITE) -> Any:
    event = viewer_request_event(REQUEST, IP, SITE, "q1==")
    return read_viewer_request(change(event, "request", edit), REQUEST, IP, site)


def origin_request(edit: Change, attempt: OriginAttempt = ATTEMPT) -> Any:
    event = origin_request_event(attempt, IP, SITE, "q1==")
    return read_origin_request(change(event, "request", edit), attempt, IP, SITE)


def origin_response(edit: Change, site: Distribution = SITE, response: Response = RESPONSE) -> Any:
    event = origin_response_event(ATTEMPT, response, IP, SITE, "q1==")
    return read_origin_response(change(event, "response", edit), response, site)


def viewer_response(edit: Change, site: Distribution = SITE) -> Any:
    event = viewer_response_event(REQUEST, RESPONSE, IP, SITE, "q1==")
    return read_viewer_response(change(event, "response", edit), RESPONSE, site)


TRIGGERS = [viewer_request, origin_request, origin_response, viewer_response]


def message(verdict: object) -> str:
    assert isinstance(verdict, Violation), verdict
    return verdict.message


def test_what_is_left_alone_goes_on_as_it_was() -> None:
    """Byte for byte, whatever the trigger."""
    assert viewer_request(lambda request: None) == REQUEST
    assert origin_request(lambda request: None) == ATTEMPT
    assert origin_response(lambda response: None) == RESPONSE
    assert viewer_response(lambda response: None) == RESPONSE


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("value", ["text", 1, True, [{"status": "200"}]])
def test_traps_11_and_13_a_result_must_be_an_object(trigger: Callable[[Change], Any], value: Any) -> None:
    assert message(trigger(lambda given: value)) == NOT_AN_OBJECT


def test_traps_11_and_13_a_handler_that_returns_nothing() -> None:
    """Without `return request`, or with a plain function that returns where a callback is expected."""
    assert message(read_viewer_request(None, REQUEST, IP, SITE)) == NOT_AN_OBJECT
    assert message(read_origin_response(None, RESPONSE, SITE)) == NOT_AN_OBJECT


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_trap_10_the_shape_of_api_gateway_is_no_response(trigger: Callable[[Change], Any]) -> None:
    """{statusCode, headers: {a: "b"}, body}."""
    gateway = {"statusCode": 200, "headers": {"a": "b"}, "body": "{}"}
    assert "must return a" in message(trigger(lambda given: gateway))


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_trap_7_headers_of_the_wrong_shape(trigger: Callable[[Change], Any]) -> None:
    assert message(trigger(lambda given: given["headers"].update({"x-a": "1"}))) == HEADER_ENTRY


def test_uri_and_query_string_may_change() -> None:
    """At the request triggers; an empty query string takes the mark away."""
    changed = viewer_request(lambda request: request.update(uri="/é", querystring="b=2"))
    assert (changed.path, changed.query) == ("/é".encode().decode("latin-1"), "b=2")
    assert viewer_request(lambda request: request.update(querystring="")).query is None
    assert origin_request(lambda request: request.update(uri="/q")).request.target == "/base/q?v=2"
    assert origin_request(lambda request: request.update(querystring="")).request.target == "/base/p"


@pytest.mark.parametrize(
    "edit",
    [
        {"uri": "/with space"},
        {"uri": "no-slash"},
        {"uri": "/a?b=1"},
        {"uri": "/a#b"},
        {"uri": 1},
        {"uri": "/" + "a" * 8_192},
        {"querystring": "a b"},
        {"querystring": "a#b"},
        {"querystring": {"a": "1"}},
    ],
)
def test_trap_24_a_uri_must_be_one(edit: dict[str, Any]) -> None:
    assert isinstance(viewer_request(lambda request: request.update(edit)), Violation)


@pytest.mark.parametrize("edit", [{"method": "GET"}, {"clientIp": "192.0.2.1"}])
def test_method_and_client_ip_are_read_only(edit: dict[str, Any]) -> None:
    assert "read-only member" in message(viewer_request(lambda request: request.update(edit)))


def test_a_replaced_body_gets_its_length() -> None:
    """Content-Length is read-only for the function; CloudFront sets it."""
    body = {"action": "replace", "encoding": "text", "data": "hi"}
    changed = viewer_request(lambda request: request.update(body=body))
    assert (changed.body, changed.headers.get("content-length")) == (b"hi", "2")
    assert origin_request(lambda request: request.update(body=body)).request.body == b"hi"


def test_trap_19_another_domain_does_not_change_the_host() -> None:
    """The origin sees the old Host unless the function sets it too."""

    def edit(request: Any) -> None:
        request["origin"]["custom"].update(domainName="other.example.org", path="")

    attempt = origin_request(edit)
    assert attempt.origin.domain_name == "other.example.org"
    assert attempt.request.target == "/p?v=2"
    assert attempt.request.headers == HEADERS

    def edit_both(request: Any) -> None:
        edit(request)
        request["headers"]["host"] = [{"value": "o"}]

    both = origin_request(edit_both)
    assert both.request.headers.get("host") == "o"


def test_custom_headers_of_the_origin_follow_what_the_function_says() -> None:
    changed = origin_request(
        lambda request: request["origin"]["custom"].update(customHeaders={"x-other": [{"value": "2"}]})
    )
    assert changed.request.headers.lines == (("Host", "app.example.org"), ("X-Amz-Cf-Id", "q1=="), ("X-Other", "2"))


def test_trap_38_a_custom_header_may_not_be_a_header_of_the_request_too() -> None:
    edit = {"x-secret": [{"value": "2"}]}
    assert message(origin_request(lambda request: request["headers"].update(edit))) == ORIGIN_HEADERS


def test_a_function_may_answer_at_a_request_trigger() -> None:
    """Only `status` is required; a number does too, as in AWS's samples."""
    redirect = {"status": 302, "headers": {"location": [{"key": "Location", "value": "/new"}]}}
    assert viewer_request(lambda request: redirect) == Response(302, Headers((("Location", "/new"),)))
    page = {"status": "404", "statusDescription": "Gone fishing", "bodyEncoding": "base64", "body": "aGk="}
    assert origin_request(lambda request: page) == Response(404, Headers(), b"hi", "Gone fishing")


@pytest.mark.parametrize("status", ["abc", "20", 199, 600, "199", 200.5, True, None, ""])
def test_a_status_is_a_number_from_200_to_599(status: Any) -> None:
    for trigger in (viewer_request, origin_request, origin_response):
        assert "status" in message(trigger(lambda given: {"status": status}))


def test_a_status_that_the_origin_gave_may_stay_whatever_it_is() -> None:
    odd = Response(999, Headers(), b"", "Odd")
    assert origin_response(lambda response: None, response=odd) == odd


@pytest.mark.parametrize("body", [{"a": 1}, 1, ["a"]])
def test_trap_14_a_body_must_be_a_string(body: Any) -> None:
    for trigger in (viewer_request, origin_request, origin_response):
        assert message(trigger(lambda given: {"status": "200", "body": body})) == BODY


@pytest.mark.parametrize("edit", [{"bodyEncoding": "gzip"}, {"bodyEncoding": "base64", "body": "no base64!"}])
def test_a_body_is_text_or_good_base64(edit: dict[str, Any]) -> None:
    assert message(origin_request(lambda request: {"status": "200", "body": "x", **edit})) == BODY


@pytest.mark.parametrize(
    ("trigger", "limit"), [(viewer_request, 40 * 1024), (origin_request, 1 << 20), (origin_response, 1 << 20)]
)
def test_trap_15_headers_and_body_have_a_limit_together(trigger: Callable[[Change], Any], limit: int) -> None:
    """40 KB for viewers, 1 MB for origins."""
    made = {"status": "200", "headers": {"x-a": [{"value": "12345"}]}, "body": "a" * (limit - 8)}
    assert isinstance(trigger(lambda given: made), Response)
    assert message(trigger(lambda given: {**made, "body": made["body"] + "a"})) == BODY


def test_trap_16_base64_counts_as_it_was_returned() -> None:
    """Or decoded, by a switch: AWS does not say."""
    image = {"status": "200", "bodyEncoding": "base64", "body": base64.b64encode(b"\0" * 900_000).decode()}
    assert message(origin_response(lambda response: image)) == BODY
    decoded = replace(SITE, switches=Switches(lambda_limit_counts_base64=False))
    assert isinstance(origin_response(lambda response: image, decoded), Response)


def test_no_content_has_no_body() -> None:
    assert message(viewer_request(lambda request: {"status": "204", "body": "x"})) == BODY
    assert viewer_request(lambda request: {"status": "204"}).status == 204


def test_an_origin_response_gets_another_status_and_body() -> None:
    """Content-Length follows the body; without `body` the origin's stays, with "" it goes."""

    def edit(response: Any) -> None:
        response.update(status=302, statusDescription="Found", body="")
        response["headers"]["location"] = [{"value": "/login"}]

    assert origin_response(edit) == Response(
        302, Headers((("Content-Type", "text/html"), ("Content-Length", "0"), ("Location", "/login"))), b"", "Found"
    )
    kept = origin_response(lambda response: response.update(status="404", statusDescription="Not Found"))
    assert (kept.status, kept.body) == (404, b"<html>")


def test_trap_39_a_text_body_under_a_content_encoding_is_not_noticed() -> None:
    """Viewers fail to decode it, as on CloudFront."""
    zipped = RESPONSE._replace(headers=Headers((("Content-Encoding", "gzip"),)))
    changed = origin_response(lambda response: response.update(body="plain"), response=zipped)
    assert changed.headers.get("content-encoding") == "gzip"


def test_trap_25_a_viewer_response_keeps_its_status() -> None:
    assert "change the status" in message(viewer_response(lambda response: response.update(status="404")))
    assert viewer_response(lambda response: response.update(statusDescription="Great")).reason == "Great"


def test_a_body_at_viewer_response_is_a_switch() -> None:
    """Ignored, unless it is said that it is used, or refused."""

    def edit(response: Any) -> None:
        response["body"] = "mine"

    def site(choice: Any) -> Distribution:
        return replace(SITE, switches=Switches(lambda_viewer_response_body=choice))

    assert viewer_response(edit) == RESPONSE
    assert viewer_response(edit, site("used")).body == b"mine"
    assert message(viewer_response(edit, site("refused"))) == BODY


@pytest.mark.parametrize("text", [1, "a\nb"])
def test_a_status_description_is_text(text: Any) -> None:
    assert isinstance(origin_response(lambda response: response.update(statusDescription=text)), Violation)
