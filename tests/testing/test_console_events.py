"""Events of the AWS console as requests and responses."""

from __future__ import annotations

from typing import Any

import pytest

from edge.testing import HarnessError
from edge.testing.console_events import is_event, request_of, response_of, viewer_ip_of

EVENT: dict[str, Any] = {
    "version": "1.0",
    "context": {"eventType": "viewer-response"},
    "viewer": {"ip": "2001:db8::5"},
    "request": {
        "method": "POST",
        "uri": "/käse",
        "querystring": {"a": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]}, "flag": {"value": ""}},
        "headers": {"accept": {"value": "x", "multiValue": [{"value": "x"}, {"value": "y"}]}, "host": {"value": "h"}},
        "cookies": {"s": {"value": "1"}, "t": {"value": "2"}},
    },
    "response": {
        "statusCode": 203,
        "statusDescription": "Nearly",
        "headers": {"content-type": {"value": "text/html"}},
        "cookies": {"s": {"value": "n", "attributes": "Path=/"}},
    },
}


def test_a_request_comes_out_of_its_event() -> None:
    """Repeated names become several lines and parameters, cookies one line, text UTF-8."""
    request = request_of(EVENT)
    assert request.method == "POST"
    assert request.path.encode("iso-8859-1").decode() == "/käse"
    assert request.query == "a=1&a=2&flag="
    assert request.headers.lines == (("accept", "x"), ("accept", "y"), ("host", "h"), ("cookie", "s=1; t=2"))


def test_a_response_comes_out_of_its_event() -> None:
    """With its cookies as Set-Cookie lines."""
    response = response_of(EVENT)
    assert response is not None
    assert (response.status, response.phrase) == (203, "Nearly")
    assert response.headers.lines == (("content-type", "text/html"), ("set-cookie", "s=n; Path=/"))


def test_nearly_everything_may_be_missing() -> None:
    """As in the events that people keep."""
    request = request_of({"request": {"uri": "/a"}})
    assert (request.method, request.target, request.headers.lines) == ("GET", "/a", ())
    assert response_of({"request": {}}) is None
    assert viewer_ip_of({"request": {}}) == ""
    assert viewer_ip_of(EVENT) == "2001:db8::5"


def test_trap_13_multivalue_with_a_small_v_is_dropped() -> None:
    """AWS's own samples misspell it."""
    entry = {"value": "1", "multivalue": [{"value": "1"}, {"value": "2"}]}
    assert request_of({"request": {"querystring": {"a": entry}}}).query == "a=1"


@pytest.mark.parametrize("value", [{}, {"Records": []}, {"request": "x"}, [], "x"])
def test_what_is_no_event_is_refused(value: Any) -> None:
    """With what an event must have."""
    assert not is_event(value)
    with pytest.raises(HarnessError, match='an object with "version", "context", "viewer" and "request"'):
        request_of(value)
