"""CloudFront Functions at several edge locations."""

from __future__ import annotations

from edge.model.edge_location import EdgeLocation, edge_location
from edge.model.function import CloudFrontFunction, EventType, FunctionCall, Returned
from edge.runtimes.by_location import RuntimeByLocation
from edge.runtimes.engine import make_engine
from edge.runtimes.key_value_stores import MemoryStores

FRANKFURT, TOKYO = edge_location("FRA56-P4", "eu-central-1"), edge_location("NRT57-C1", "ap-northeast-1")
WHERE = CloudFrontFunction(
    "where",
    "import cf from 'cloudfront';\n"
    "function handler(event) { event.request.uri = '/' + cf.edgeLocation.name; return event.request; }",
)


def test_a_function_is_told_where_it_runs() -> None:
    """By its edge location's airport code; each location has one runtime, made when it is first needed."""
    made: list[EdgeLocation] = []

    def make(edge: EdgeLocation) -> object:
        made.append(edge)
        location = {"name": edge.iata, "serverIp": "127.0.0.1", "region": edge.regional_edge_cache}
        return make_engine("sealed", MemoryStores({}, 0), location)

    runtime = RuntimeByLocation(FRANKFURT, make)  # type: ignore[arg-type]
    assert runtime.check(WHERE) is None
    for edge, uri in ((TOKYO, "/NRT"), (FRANKFURT, "/FRA"), (TOKYO, "/NRT")):
        event = {"version": "1.0", "context": {"eventType": "viewer-request"}, "request": {"uri": "/", "headers": {}}}
        outcome = runtime.run(FunctionCall(WHERE, EventType.VIEWER_REQUEST, event, None, 0.0, 1, "id", edge))
        assert isinstance(outcome, Returned), outcome
        assert outcome.value["uri"] == uri  # type: ignore[index, call-overload]
    assert made == [FRANKFURT, TOKYO]
