"""A distribution in a few words of Python, or from the configuration that is deployed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from edge.model import managed_policies
from edge.model.distribution import ALL_METHODS, Behavior, CustomErrorResponse, Distribution
from edge.model.edge_location import EdgeLocation
from edge.model.function import CloudFrontFunction, EventType, Function, JavaScriptRuntime, LambdaFunction
from edge.model.origin import Origin, OriginGroup
from edge.model.path_pattern import DEFAULT_PATTERN, PathPattern
from edge.model.topology import ONE_LOCATION, Topology
from edge.runtimes.key_value_stores import MemoryStores
from edge.testing.clock import VirtualClock
from edge.testing.engine import NO_STORES, Pairs, pairs_from
from edge.testing.errors import HarnessError
from edge.testing.function_files import STORE, beside, find, function_from
from edge.testing.function_under_test import DISTRIBUTION_ID, DOMAIN_NAME
from edge.testing.lambdas.outbound import OutboundScript
from edge.testing.origin_script import OriginScript
from edge.testing.site import Site

P = TypeVar("P")
Settings = Mapping[str, Any]

_ORIGIN = "origin"
_FAILOVER_STATUSES = (500, 502, 503, 504)
_BEHAVIOR = {field.name for field in fields(Behavior)} - {"path_pattern", "functions", "target_origin_id"}
_POLICIES: dict[str, tuple[Callable[[str], Any], tuple[Any, ...]]] = {
    "cache_policy": (managed_policies.cache_policy, managed_policies.CACHE_POLICIES),
    "origin_request_policy": (managed_policies.origin_request_policy, managed_policies.ORIGIN_REQUEST_POLICIES),
    "response_headers_policy": (managed_policies.response_headers_policy, managed_policies.RESPONSE_HEADERS_POLICIES),
}
_EVENTS = {event_type.value.replace("-", "_"): event_type for event_type in EventType}
_OURS = {"origin", "runtime", "include_body", *_EVENTS}
_DISTRIBUTION = {field.name for field in fields(Distribution)} - {"behaviors", "origins"}


def distribution(
    source: str | Path | Distribution | None = None,
    *,
    kvs: Pairs | Mapping[str, Pairs] | None = None,
    behaviors: Mapping[str, Settings] | None = None,
    pop: str = "LAP50-P1",
    pops: Mapping[str, Any] | None = None,
    sockets: bool = False,
    clock: VirtualClock | None = None,
    origin: OriginScript | str | None = None,
    script: OriginScript | None = None,
    outbound: OutboundScript | None = None,
    folders: tuple[Path, ...] | None = None,
    **settings: Any,
) -> Site:
    """A distribution to test, in process, with a scripted origin and a clock that stands still.

    Without `source`: one behavior in front of one origin, with CachingOptimized, all methods and compression;
    `settings` are those of the default behavior and of the distribution (a name of an AWS-managed policy, the file of a
    function), `behaviors` further ones by path pattern, `kvs` the pairs of the functions' store. With a file (a
    template, or what `aws cloudfront get-distribution-config` prints), `settings` are arguments of
    `edge.configuration.load`, and `kvs` holds pairs by the name of the store. With `sockets`, requests go over
    real connections. `origin` is the id of the default behavior's origin, or a script for all of them. `pop`
    is the code of the edge location; with `pops` there are several, by their codes, each with the region of the
    regional edge cache behind it ("" for none), or with the settings that `[topology.pops]` of edge.toml has.
    Raises HarnessError.
    """
    __tracebackhide__ = True
    folders = folders if folders is not None else beside(sys._getframe(1))
    clock = clock if clock is not None else VirtualClock()
    if isinstance(origin, str):
        settings["origin"] = origin
    elif origin is not None:
        script = origin
    script = script if script is not None else OriginScript(clock)
    outbound = outbound if outbound is not None else OutboundScript(clock)
    stores: dict[str, dict[str, str]] = {}
    topology = None if pops is None else _topology(pops)
    if isinstance(source, Distribution):
        made = replace(source, **settings)
    elif source is not None:
        made, stores, local = _loaded(find(source, folders), settings)
        topology = local if topology is None and local != ONE_LOCATION else topology
    else:
        made = _built(behaviors or {}, settings, folders, with_store=kvs is not None)
    if kvs is not None:
        by_name: Mapping[str, Any] = {STORE: kvs} if source is None else kvs  # type: ignore[assignment]
        stores |= {name: pairs_from(pairs, folders[0]) for name, pairs in by_name.items()}
    edge = EdgeLocation(pop)
    return Site(
        made,
        MemoryStores(stores, clock.now()) if stores else NO_STORES,
        script,
        clock,
        edge,
        outbound,
        topology=topology,
        sockets=sockets,
    )


def _loaded(path: Path, settings: Settings) -> tuple[Distribution, dict[str, dict[str, str]], Topology]:
    """The first distribution of a file, the seeds of its stores, and the edge locations of its edge.toml."""
    from edge import configuration  # heavy, and not every distribution comes from a file

    __tracebackhide__ = True
    try:
        loaded = configuration.load(path, **settings)
    except configuration.ConfigurationError as error:
        told = "\n".join(f"{one.where}: {one.message} ({one.rule})" for one in error.findings)
        raise HarnessError(told) from None
    seeds = {name: dict(pairs) for name, pairs in loaded.stores.items()}
    return loaded.distributions[0], seeds, loaded.local.topology


def _topology(pops: Mapping[str, Any]) -> Topology:
    """Edge locations by their codes."""
    from edge.configuration import local_topology  # as heavy

    __tracebackhide__ = True
    tables = {code: {"regional_edge_cache": each} if isinstance(each, str) else each for code, each in pops.items()}
    try:
        return local_topology.topology(local_topology.TopologyTable.model_validate({"pops": tables}))
    except ValueError as error:
        raise HarnessError(f"pops: {error}") from None


def _nearest(name: str, known: Iterable[str]) -> str:
    """What may have been meant."""
    from edge.configuration.finding import nearest  # as heavy

    return nearest(name, known)


def _built(
    behaviors: Mapping[str, Settings], settings: Settings, folders: tuple[Path, ...], *, with_store: bool
) -> Distribution:
    __tracebackhide__ = True
    unknown = settings.keys() - _BEHAVIOR - _OURS - _DISTRIBUTION
    if unknown:
        name = min(unknown)
        raise HarnessError(f"no setting {name!r}; {_nearest(name, _BEHAVIOR | _OURS | _DISTRIBUTION)}")
    of_behavior = {name: value for name, value in settings.items() if name not in _DISTRIBUTION}
    of_distribution = {name: value for name, value in settings.items() if name in _DISTRIBUTION}
    made: list[Behavior] = []
    for pattern, given in (*behaviors.items(), (DEFAULT_PATTERN.text, of_behavior)):
        matched = DEFAULT_PATTERN if pattern == DEFAULT_PATTERN.text else PathPattern(pattern)
        made.append(_behavior(matched, given, folders, with_store))
    groups = {name: _group(name, given) for name, given in of_distribution.get("origin_groups", {}).items()}
    of_distribution["origin_groups"] = groups
    targets = [one.target_origin_id for one in made if one.target_origin_id not in groups]
    targets += [member for group in groups.values() for member in group.members]
    origins = {one: Origin(one, f"{one}.test") for one in targets}
    pages = of_distribution.get("custom_error_responses")
    if pages is not None:
        of_distribution["custom_error_responses"] = {code: _error_page(code, page) for code, page in pages.items()}
    ours: Settings = {"id": DISTRIBUTION_ID, "domain_name": DOMAIN_NAME, "origins": origins, "any_host": True}
    return Distribution(**{**ours, "behaviors": tuple(made), **of_distribution})


def _behavior(pattern: PathPattern, given: Settings, folders: tuple[Path, ...], with_store: bool) -> Behavior:
    __tracebackhide__ = True
    unknown = given.keys() - _BEHAVIOR - _OURS
    if unknown:
        name = min(unknown)
        raise HarnessError(f"a behavior has no {name!r}; {_nearest(name, _BEHAVIOR | _OURS)}")
    values: dict[str, Any] = {"allowed_methods": ALL_METHODS, "compress": True, "cache_policy": "CachingOptimized"}
    values |= {name: value for name, value in given.items() if name not in _OURS}
    for name, (find_policy, all_policies) in _POLICIES.items():
        if isinstance(values.get(name), str):
            values[name] = _policy(values[name], name, find_policy, all_policies)
    functions = {
        event_type: _function(given[name], event_type, given, folders, with_store)
        for name, event_type in _EVENTS.items()
        if given.get(name) is not None
    }
    return Behavior(given.get("origin", _ORIGIN), pattern, functions=functions, **values)


def _function(
    what: Any, event_type: EventType, given: Settings, folders: tuple[Path, ...], with_store: bool
) -> Function:
    """A function from a file, or one that is under test already. At viewer events a `.js` file is a CloudFront
    Function; `file.js:handler`, and what else Lambda runs, is a handler."""
    __tracebackhide__ = True
    if isinstance(what, CloudFrontFunction | LambdaFunction):
        return what
    if not isinstance(what, str | Path):
        made: Function = what.function
        return made
    at_viewer = event_type in (EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE)
    if at_viewer and str(what).endswith(".js"):
        runtime = given.get("runtime", JavaScriptRuntime.JS_2_0)
        return function_from(what, code=None, runtime=runtime, with_store=with_store, folders=folders)
    from edge.testing.lambdas.under_test import lambda_edge_function  # heavy, and not every distribution has handlers

    include_body = bool(given.get("include_body"))
    return lambda_edge_function(what, folders, event_type=event_type, include_body=include_body)


def _policy(name: str, what: str, find_policy: Callable[[str], Any], all_policies: tuple[Any, ...]) -> Any:
    __tracebackhide__ = True
    policy = find_policy(name)
    if policy is None:
        hint = _nearest(name, [one.name for one in all_policies])
        raise HarnessError(f"AWS manages no {what.replace('_', ' ')} called {name}; {hint}")
    return policy


def _group(name: str, given: OriginGroup | tuple[str, str] | tuple[str, str, Iterable[int]]) -> OriginGroup:
    """`("primary", "secondary")`, maybe with the statuses that make CloudFront ask the second."""
    __tracebackhide__ = True
    if isinstance(given, OriginGroup):
        return given
    if len(given) not in (2, 3):
        raise HarnessError(f"an origin group is ('primary', 'secondary') or ('primary', 'secondary', {{503}}): {name}")
    primary, secondary, *statuses = given
    return OriginGroup(name, (primary, secondary), frozenset(statuses[0] if statuses else _FAILOVER_STATUSES))


def _error_page(code: int, page: CustomErrorResponse | str | tuple[str, int]) -> CustomErrorResponse:
    """`"/404.html"`, or `("/index.html", 200)` with the status that viewers see."""
    if isinstance(page, CustomErrorResponse):
        return page
    path, status = (page, code) if isinstance(page, str) else page
    return CustomErrorResponse(code, path, status)
