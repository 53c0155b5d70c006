"""Cache behaviors: targets, methods, policies that go together, TTLs, functions.

Source: CloudFront Developer Guide, "All distribution settings reference" (cache behavior settings), "Restrictions on
all edge functions", "Understand how origin request policies and cache policies work together"; "Quotas".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edge.configuration.finding import Finding, error, nearest, undeployable, warning
from edge.configuration.positions import Place
from edge.configuration.shapes.distribution_config import DefaultCacheBehaviorShape, DistributionConfigShape
from edge.model import quotas
from edge.model.distribution import ALL_METHODS, READ_METHODS, READ_METHODS_AND_OPTIONS
from edge.model.function import EventType

_SETTINGS = 'CloudFront Developer Guide, "All distribution settings reference"'
_FUNCTIONS = 'CloudFront Developer Guide, "Restrictions on all edge functions"'
_LAMBDA = 'CloudFront Developer Guide, "Restrictions on Lambda@Edge"'
_POLICIES = 'CloudFront Developer Guide, "Understand how origin request policies and cache policies work together"'

_VIEWER_EVENTS = (EventType.VIEWER_REQUEST, EventType.VIEWER_RESPONSE)


def check(config: DistributionConfigShape, place: Place) -> Iterator[Finding]:
    """Every behavior."""
    for index, behavior in enumerate(config.CacheBehaviors):
        yield from _behavior(behavior, config, place.child("CacheBehaviors", index))
    yield from _behavior(config.DefaultCacheBehavior, config, place.child("DefaultCacheBehavior"))


def _behavior(behavior: DefaultCacheBehaviorShape, config: DistributionConfigShape, here: Place) -> Iterator[Finding]:
    yield from _target(behavior, config, here)
    yield from _methods(behavior, config, here)
    yield from _cache_settings(behavior, here)
    yield from _associations(behavior, here)
    if len(behavior.TrustedKeyGroups) > quotas.KEY_GROUPS_PER_BEHAVIOR_MAX:
        message = (
            f"{len(behavior.TrustedKeyGroups)} are too many: at most {quotas.KEY_GROUPS_PER_BEHAVIOR_MAX} are allowed"
        )
        yield error("quotas.key_groups", here.at("TrustedKeyGroups"), message, 'CloudFront Developer Guide, "Quotas"')


def _target(behavior: DefaultCacheBehaviorShape, config: DistributionConfigShape, here: Place) -> Iterator[Finding]:
    ids = {one.Id for one in config.Origins} | {one.Id for one in config.OriginGroups}
    id = behavior.TargetOriginId
    if id not in ids:
        message = f"there is no origin and no origin group {id}; {nearest(id, ids)}"
        yield error("behaviors.unknown_origin", here.at("TargetOriginId"), message, _SETTINGS)


def _methods(behavior: DefaultCacheBehaviorShape, config: DistributionConfigShape, here: Place) -> Iterator[Finding]:
    allowed = frozenset(behavior.AllowedMethods.Items)
    if allowed not in (READ_METHODS, READ_METHODS_AND_OPTIONS, ALL_METHODS):
        message = "must be GET and HEAD; or GET, HEAD and OPTIONS; or all seven methods"
        yield error("behaviors.allowed_methods", here.at("AllowedMethods"), message, _SETTINGS)
    cached = behavior.AllowedMethods.CachedMethods or behavior.CachedMethods
    where = here.at("CachedMethods") if behavior.CachedMethods else here.at("AllowedMethods", "CachedMethods")
    if cached is not None and frozenset(cached) not in (READ_METHODS, READ_METHODS_AND_OPTIONS):
        yield error("behaviors.cached_methods", where, "must be GET and HEAD; or GET, HEAD and OPTIONS", _SETTINGS)
    elif cached is not None and not frozenset(cached) <= allowed:
        missing = ", ".join(sorted(frozenset(cached) - allowed))
        yield error("behaviors.cached_methods", where, f"{missing} is cached and not allowed", _SETTINGS)
    groups = {one.Id for one in config.OriginGroups}
    if behavior.TargetOriginId in groups and not allowed <= READ_METHODS_AND_OPTIONS:
        message = "a behavior in front of an origin group may allow GET, HEAD and OPTIONS only"
        source = 'CloudFront Developer Guide, "Optimize high availability with origin failover"'
        yield error("behaviors.group_methods", here.at("AllowedMethods"), message, source)


def _cache_settings(behavior: DefaultCacheBehaviorShape, here: Place) -> Iterator[Finding]:
    if behavior.CachePolicyId:
        ignored = [
            name for name in ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL") if name in behavior.model_fields_set
        ]
        for name in ignored:
            if name == "ForwardedValues":
                message = "ForwardedValues cannot stand beside a CachePolicyId; remove one of the two"
                yield error("behaviors.two_cache_settings", here.at(name), message, _POLICIES)
                continue
            message = f"{name} does nothing beside a CachePolicyId; remove one of the two"
            yield warning("behaviors.ignored", here.at(name), message, _SETTINGS)
        return
    if behavior.ForwardedValues is None:
        message = "needs a CachePolicyId (CachingOptimized is 658327ea-f89d-4fab-a63d-7e88639e58f6), or ForwardedValues"
        yield undeployable("behaviors.no_cache_policy", here.at(), message, _SETTINGS)
    if behavior.OriginRequestPolicyId:
        message = "an origin request policy needs a cache policy: add a CachePolicyId"
        yield error("behaviors.policy_alone", here.at("OriginRequestPolicyId"), message, _POLICIES)
    if not 0 <= behavior.MinTTL <= behavior.DefaultTTL <= behavior.MaxTTL:
        numbers = f"{behavior.MinTTL}, {behavior.DefaultTTL}, {behavior.MaxTTL}"
        message = f"MinTTL, DefaultTTL and MaxTTL must rise; they are {numbers}"
        yield error("behaviors.ttl_order", here.at("MinTTL"), message, _SETTINGS)


def _associations(behavior: DefaultCacheBehaviorShape, here: Place) -> Iterator[Finding]:
    for index, one in enumerate(behavior.FunctionAssociations):
        if one.EventType not in _VIEWER_EVENTS:
            message = f"a CloudFront Function cannot run at {one.EventType}: viewer-request and viewer-response only"
            yield error(
                "functions.event_type", here.at("FunctionAssociations", index, "EventType"), message, _FUNCTIONS
            )
    for index, edge in enumerate(behavior.LambdaFunctionAssociations):
        where = here.child("LambdaFunctionAssociations", index)
        version = edge.LambdaFunctionARN.rpartition(":")[2]
        if edge.LambdaFunctionARN.startswith("arn:") and not version.isdigit():
            message = "must name a numbered version (...:function:NAME:1), neither $LATEST nor an alias"
            yield error("functions.version", where.at("LambdaFunctionARN"), message, _FUNCTIONS)
        region = edge.LambdaFunctionARN.split(":")[3] if edge.LambdaFunctionARN.count(":") >= 6 else "us-east-1"
        if region != "us-east-1":
            message = f"the function is in {region}, and Lambda@Edge takes functions of us-east-1 only"
            yield error("lambda_edge.region", where.at("LambdaFunctionARN"), message, _LAMBDA)
        if edge.IncludeBody and not edge.EventType.endswith("request"):
            message = f"there is no request body at {edge.EventType}; IncludeBody is for request events"
            yield error("functions.include_body", where.at("IncludeBody"), message, _FUNCTIONS)
    javascript = [one.EventType for one in behavior.FunctionAssociations]
    lambdas = [one.EventType for one in behavior.LambdaFunctionAssociations]
    for event_type, count in Counter(javascript + lambdas).items():
        if count > 1:
            message = f"{count} functions at {event_type}, and there may be one"
            yield error("functions.one_per_event", here.at("FunctionAssociations"), message, _FUNCTIONS)
    mixed = [event_type for event_type in lambdas if event_type in _VIEWER_EVENTS]
    if mixed and any(event_type in _VIEWER_EVENTS for event_type in javascript):
        message = (
            "CloudFront Functions and Lambda@Edge cannot share the viewer events of a behavior; move the Lambda "
            "function to origin-request or origin-response, or make both of one kind"
        )
        yield error("functions.mixed", here.at("LambdaFunctionAssociations"), message, _FUNCTIONS)
