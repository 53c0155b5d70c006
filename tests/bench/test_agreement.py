"""Twins are compared by what they make of the same requests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from edge.bench import agreement
from edge.bench.edge_under_test import EdgeUnderTest
from edge.bench.workload import Workload
from edge.model.function import CloudFrontFunction, EventType

MakeEdge = Callable[..., EdgeUnderTest]
REQUEST, RESPONSE = EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE


def function(body: str) -> CloudFrontFunction:
    return CloudFrontFunction("f", f"function handler(event) {{ {body} }}")


async def test_the_same_logic_agrees_on_every_request(edge: MakeEdge, workload: Workload) -> None:
    one = edge((REQUEST, function("event.request.uri = '/x'; return event.request;")))
    other = edge((REQUEST, function("var r = event.request; r.uri = '/' + 'x'; return r;")))
    same = await agreement.compare(one, other, workload.asked[:5])
    assert same == (5, 5, "")
    assert one.take_runs() == other.take_runs() == []


@pytest.mark.parametrize(
    ("event", "ours", "theirs", "difference"),
    [
        (REQUEST, "return {statusCode: 302};", "return {statusCode: 301};", "status 302 and 301"),
        (REQUEST, "event.request.uri = '/a'; return event.request;", "return event.request;", "goes on as /a and /"),
        (
            REQUEST,
            "event.request.headers['x-a'] = {value: '1'}; return event.request;",
            "return event.request;",
            "request header x-a: '1' and None",
        ),
        (
            RESPONSE,
            "event.response.headers['x-a'] = {value: '1'}; return event.response;",
            "event.response.headers['x-a'] = {value: '2'}; return event.response;",
            "response header x-a: '1' and '2'",
        ),
    ],
)
async def test_the_first_difference_is_told(
    edge: MakeEdge, workload: Workload, event: EventType, ours: str, theirs: str, difference: str
) -> None:
    same = await agreement.compare(edge((event, function(ours))), edge((event, function(theirs))), workload.asked[:3])
    assert same.alike == 0
    assert same.first_difference.startswith(f"{workload.asked[0].request.target}: {difference}")
