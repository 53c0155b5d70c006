"""What runs the CloudFront Functions of a configuration: an engine for each place and tenant, behind a throttle."""

from __future__ import annotations

from edge.configuration import Configuration
from edge.model.edge_location import EdgeLocation
from edge.model.tenant import Tenant
from edge.model.topology import Topology
from edge.runtimes.by_place import RuntimeByPlace
from edge.runtimes.engine import make_engine
from edge.runtimes.runtime import FunctionRuntime, KeyValueStores
from edge.runtimes.throttling import Throttle, ThrottlingRuntime


def runtime_for(
    configuration: Configuration, engine: str, stores: KeyValueStores, topology: Topology, throttle: Throttle
) -> FunctionRuntime:
    """A runtime with engines of this name. Requests come in where `topology` says, which may be an older one than the
    configuration's."""

    def at(edge: EdgeLocation, tenant: Tenant | None) -> FunctionRuntime:
        who = None if tenant is None else tenant.shown
        return make_engine(engine, stores, edge.shown, who)

    first = topology.points[0].edge
    many = len(topology.points) > 1 or any(one.tenant for one in configuration.distributions)
    runtime = RuntimeByPlace(first, at) if many else at(first, None)
    throttles = configuration.distributions[0].switches.function_throttling
    return ThrottlingRuntime(runtime, throttle) if throttles else runtime
