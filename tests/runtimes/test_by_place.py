"""CloudFront Functions at several edge locations, and for several tenants."""

from __future__ import annotations

import pytest

from edge.model.edge_location import EdgeLocation, edge_location
from edge.model.function import CloudFrontFunction, EventType, FunctionCall, Returned
from edge.model.tenant import Tenant
from edge.runtimes.by_place import RuntimeByPlace
from edge.runtimes.engine import make_engine
from edge.runtimes.key_value_stores import MemoryStores
from edge.runtimes.runtime import FunctionRuntime

FRANKFURT, TOKYO = edge_location("FRA56-P4", "eu-central-1"), edge_location("NRT57-C1", "ap-northeast-1")
ANNA, BERT = Tenant("dt_a", "anna", (("tier", "gold"),)), Tenant("dt_b", "bert", (("tier", "tin"),))
WHERE = CloudFrontFunction(
    "where",
    "import cf from 'cloudfront';\n"
    "function handler(event) { event.request.uri = '/' + cf.edgeLocation.name; return event.request; }",
)
WHOSE = CloudFrontFunction(
    "whose",
    "import cf from 'cloudfront';\nfunction handler(event) {\n"
    "  const tenant = cf.distributionTenant;\n"
    "  event.request.uri = '/' + tenant.id + '/' + tenant.parameters.get('tier');\n  return event.request;\n}",
)


@pytest.fixture
def made() -> list[tuple[EdgeLocation, Tenant | None]]:
    return []


@pytest.fixture
def runtime(made: list[tuple[EdgeLocation, Tenant | None]]) -> RuntimeByPlace:
    def make(edge: EdgeLocation, tenant: Tenant | None) -> FunctionRuntime:
        made.append((edge, tenant))
        return make_engine("sealed", MemoryStores({}, 0), edge.shown, None if tenant is None else tenant.shown)

    return RuntimeByPlace(FRANKFURT, make)


def uri(runtime: RuntimeByPlace, function: CloudFrontFunction, edge: EdgeLocation, tenant: Tenant | None) -> object:
    event = {"version": "1.0", "context": {"eventType": "viewer-request"}, "request": {"uri": "/", "headers": {}}}
    call = FunctionCall(function, EventType.VIEWER_REQUEST, event, None, 0.0, 1, "id", edge, tenant=tenant)
    outcome = runtime.run(call)
    assert isinstance(outcome, Returned), outcome
    assert isinstance(outcome.value, dict)
    return outcome.value["uri"]


def test_a_function_is_told_where_it_runs(
    runtime: RuntimeByPlace, made: list[tuple[EdgeLocation, Tenant | None]]
) -> None:
    """By its edge location's airport code; each location has one runtime, made when it is first needed."""
    assert runtime.check(WHERE) is None
    for edge, expected in ((TOKYO, "/NRT"), (FRANKFURT, "/FRA"), (TOKYO, "/NRT")):
        assert uri(runtime, WHERE, edge, None) == expected
    assert made == [(FRANKFURT, None), (TOKYO, None)]


def test_a_function_is_told_for_whom_it_runs(runtime: RuntimeByPlace) -> None:
    """Tenants of one template share its function, and none sees another's parameters."""
    assert uri(runtime, WHOSE, FRANKFURT, ANNA) == "/dt_a/gold"
    assert uri(runtime, WHOSE, FRANKFURT, BERT) == "/dt_b/tin"
    assert uri(runtime, WHOSE, FRANKFURT, ANNA) == "/dt_a/gold"
