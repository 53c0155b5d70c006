"""A function may do with its event whatever it likes: the objects in it are objects like any other.

The sealed engine makes them in ways of its own: from shapes that it knows, and when somebody asks for them. An engine
that does nothing of the kind says what must come of it.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from edge.model.function import CloudFrontFunction, EventType, FunctionCall, FunctionOutcome
from edge.runtimes.engine import make_engine
from edge.runtimes.runtime import FunctionRuntime
from edge.testing.engine import NO_STORES

EVENT = {
    "version": "1.0",
    "context": {
        "distributionDomainName": "d1.cloudfront.net",
        "distributionId": "E1",
        "eventType": "viewer-request",
        "requestId": "q1==",
    },
    "viewer": {"ip": "192.0.2.1"},
    "request": {
        "method": "GET",
        "uri": "/index.html",
        "querystring": {
            "a": {"value": "1"},
            "b": {"value": "x", "multiValue": [{"value": "x"}, {"value": "y"}]},
            "": {"value": ""},
        },
        "headers": {
            "host": {"value": "www.example.com"},
            "user-agent": {"value": 'Mozilla "é" \\'},
            "accept": {"value": "text/html", "multiValue": [{"value": "text/html"}, {"value": "*/*"}]},
        },
        "cookies": {"id": {"value": "1", "attributes": "Secure"}, "theme": {"value": "dark"}},
    },
}
PLACES = (
    "event",
    "event.context",
    "event.viewer",
    "event.request",
    "event.request.headers",
    "event.request.headers.host",
    "event.request.headers.accept.multiValue",
    "event.request.cookies",
    "event.request.cookies.id",
    "event.request.querystring",
    "event.request.querystring.b",
    "event.request.querystring.b.multiValue[1]",
)
DOINGS = (
    "console.log(JSON.stringify(HERE));",
    "console.log(Object.keys(HERE).join());",
    "console.log(Object.getOwnPropertyNames(HERE).length, Object.getPrototypeOf(HERE) === Object.prototype);",
    "console.log(HERE === HERE, typeof HERE, Array.isArray(HERE), String(HERE));",
    "console.log('value' in HERE, 'host' in HERE);",
    "console.log(JSON.stringify(Object.getOwnPropertyDescriptor(HERE, 'value')));",
    "console.log(Object.isExtensible(HERE), Object.isFrozen(HERE));",
    "for (var k in HERE) console.log(k);",
    "Object.entries(HERE).forEach(function (e) { console.log(e[0], typeof e[1]); });",
    "delete HERE.host;",
    "delete HERE.value;",
    "HERE.value = 'changed';",
    "HERE.x = { value: '1' };",
    "HERE['x-new'] = { value: 'n', attributes: 'a' };",
    "HERE.multiValue = [{ value: 'm' }];",
    "HERE.toJSON = function () { return 1; };",
    "HERE = HERE;",
    "Object.defineProperty(HERE, 'value', { value: 'defined', enumerable: true });",
    "Object.defineProperty(HERE, 'host', { get: function () { return { value: 'g' }; }, enumerable: true });",
    "Object.freeze(HERE);",
    "Object.seal(HERE);",
    "Object.setPrototypeOf(HERE, { value: 'inherited' });",
    "try { HERE.push({ value: 'p' }); } catch (e) { console.log(e.name); }",
    "var o = HERE; Object.keys(o).reverse().forEach(function (k) { var v = o[k]; delete o[k]; o[k] = v; });",
    "event.request.headers = Object.assign({}, HERE);",
    "event.request.querystring = HERE;",
    "event.request.uri = '/' + Object.keys(HERE).length;",
    "event = JSON.parse(JSON.stringify(event));",
)
ENDS = (
    "return event.request;",
    "return event;",
    "return Object.assign({}, event.request);",
    "return { statusCode: 302, headers: event.request.headers };",
    "return { statusCode: 200, body: JSON.stringify(event) };",
    "return { uri: '/x', cookies: event.request.cookies, headers: event.request.headers };",
)


@cache
def engine_of(name: str) -> FunctionRuntime:
    return make_engine(name, NO_STORES)


def ran(engine: str, code: str) -> tuple[Any, ...]:
    """How a run ended, to the order of keys; of an error its kind, because engines word them differently."""
    call = FunctionCall(
        CloudFrontFunction("f", code), EventType.VIEWER_REQUEST, json.loads(json.dumps(EVENT)), "a=1", 1.7e9, 7, "q1=="
    )
    outcome: FunctionOutcome = engine_of(engine).run(call)
    error = getattr(outcome, "error", "").partition(":")[0]
    return type(outcome).__name__, json.dumps(getattr(outcome, "value", None)), getattr(outcome, "logs", ()), error


@pytest.mark.parametrize("change", ["HERE.attributes = 'one';", "HERE.own = 'one';", "delete HERE.value;"])
def test_what_is_done_to_one_entry_is_not_done_to_the_others(change: str) -> None:
    """Though all of {value: ...} look alike."""
    code = "function handler(event) { var entry = event.request.headers.host; CHANGE return event.request; }"
    kind, value, _, _ = ran("sealed", code.replace("CHANGE", change.replace("HERE", "entry")))
    request = json.loads(value)
    assert kind == "Returned"
    assert request["headers"].pop("host") != EVENT["request"]["headers"]["host"]  # type: ignore[index]
    expected = json.loads(json.dumps(EVENT["request"]))
    del expected["headers"]["host"]
    assert request == expected


@given(
    some.lists(some.tuples(some.sampled_from(DOINGS), some.sampled_from(PLACES)), min_size=1, max_size=6),
    some.sampled_from(ENDS),
)
@settings(max_examples=250, deadline=None)
def test_objects_of_an_event_are_objects_like_any_other(doings: list[tuple[str, str]], end: str) -> None:
    """Looked at, changed, frozen, moved about, and returned, in any order."""
    body = "".join(doing.replace("HERE", place) for doing, place in doings)
    code = f"function handler(event) {{ {body}{end} }}"
    assert ran("sealed", code) == ran("native", code)
