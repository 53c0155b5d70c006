"""From what a source declares to distributions: everything that is referred to by id, ARN or name is looked up.

Source: CloudFront API Reference, DistributionConfig, CacheBehavior.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TypeVar

from edge.configuration import (
    access_logs,
    aws_lambda,
    continuous_deployments,
    function_urls,
    http_api_origins,
    keys,
    origins,
    policies,
    tenants,
    web_acls,
)
from edge.configuration.checks import aws_lambda as lambda_checks
from edge.configuration.checks import behaviors as behavior_checks
from edge.configuration.checks import cache_use, path_patterns
from edge.configuration.checks import distribution as distribution_checks
from edge.configuration.checks import origins as origin_checks
from edge.configuration.declared import Declared, DeclaredDistribution, Kind
from edge.configuration.finding import Finding, error, warning
from edge.configuration.functions import functions
from edge.configuration.local import Local
from edge.configuration.local_urls import LocalUrls
from edge.configuration.positions import Place, Unresolved
from edge.configuration.shapes.distribution_config import (
    CacheBehaviorShape,
    DefaultCacheBehaviorShape,
    DistributionConfigShape,
    ForwardedValuesShape,
    TenantConfigShape,
)
from edge.configuration.shapes.shape import Form, parse
from edge.model import managed_policies, quotas
from edge.model.distribution import (
    Behavior,
    CustomErrorResponse,
    Distribution,
    PublicKey,
    ViewerProtocolPolicy,
)
from edge.model.function import CloudFrontFunction, EventType, Function, LambdaFunction
from edge.model.function_url import FunctionUrl
from edge.model.http_api import HttpApi
from edge.model.path_pattern import DEFAULT_PATTERN, PathPattern
from edge.model.policies import (
    CachePolicy,
    ForwardedValues,
    Names,
    OriginRequestPolicy,
    ResponseHeadersPolicy,
    Selection,
)

P = TypeVar("P", CachePolicy, OriginRequestPolicy, ResponseHeadersPolicy)


class Resolver:
    """Makes distributions. `found` collects what is wrong; a distribution that was made with errors is of no use."""

    def __init__(self, declared: Declared, local: Local, origin_urls: Mapping[str, str], found: list[Finding]) -> None:
        self._declared = declared
        self._local = local
        self._found = found
        urls: dict[str, FunctionUrl | HttpApi] = {
            **function_urls.function_urls(declared, found),
            **http_api_origins.http_apis(declared, local, origin_urls, found),
        }
        self._urls = LocalUrls(local, origin_urls, declared.logical_ids, declared.behind, found, urls)
        self._functions = functions(declared, found)
        self._lambdas: dict[str, LambdaFunction | None] = {}
        self._templates: dict[str, TenantConfigShape] = {}
        self._key_groups = keys.key_groups(declared, found)
        self._real_time_logs = access_logs.real_time_logs(declared, found)
        self._controls = keys.origin_access_controls(declared, found)
        self._cache_policies = _by_id(managed_policies.CACHE_POLICIES) | self._read(
            "cache policy", policies.cache_policy
        )
        self._origin_request_policies = _by_id(managed_policies.ORIGIN_REQUEST_POLICIES) | self._read(
            "origin request policy", policies.origin_request_policy
        )
        self._response_headers_policies = _by_id(managed_policies.RESPONSE_HEADERS_POLICIES) | self._read(
            "response headers policy", policies.response_headers_policy
        )

    def distributions(self, chosen: list[DeclaredDistribution]) -> tuple[Distribution, ...]:
        """The distributions that could be made: tenants in place of their templates, primaries with their staging
        distributions."""
        read = {one.id: made for one in chosen if (made := self._distribution(one)) is not None}
        for one in chosen:
            if one.id in read:
                read[one.id] = self._with_staging(one, read)
        if len(read) == len(self._declared.distributions):
            self._found += self._urls.unused()
        return tenants.with_tenants(read, self._templates, self._declared, self._local, self._found)

    def _with_staging(self, one: DeclaredDistribution, read: Mapping[str, Distribution]) -> Distribution:
        """A primary distribution with its continuous deployment policy, if it has one that is enabled."""
        id = one.config.child("ContinuousDeploymentPolicyId")
        policy = continuous_deployments.policy(id, self._declared, self._found)
        if policy is None:
            return read[one.id]
        staging = {
            other.domain_name.lower(): made
            for other in self._declared.distributions
            if other.id != one.id and (made := read.get(other.id) or self._distribution(other)) and made.staging
        }
        deployment = continuous_deployments.resolved(*policy, staging, self._found)
        return replace(read[one.id], continuous_deployment=deployment)

    @property
    def functions(self) -> tuple[CloudFrontFunction, ...]:
        """All CloudFront Functions of the source, used or not."""
        return tuple(self._functions.values())

    def _read(self, kind: Kind, read: Callable[[str, Place, Form, list[Finding]], P | None]) -> dict[str, P]:
        made: dict[str, P] = {}
        for id, place in self._declared.resources.get(kind, {}).items():
            policy = read(id, place, self._declared.form, self._found)
            if policy is not None:
                made[id] = policy
        return made

    def _distribution(self, one: DeclaredDistribution) -> Distribution | None:
        place = one.config
        config = parse(DistributionConfigShape, place, self._declared.form, self._found)
        if config is None:
            return None
        self._found += distribution_checks.check(config, place)
        self._found += origin_checks.check(config, place)
        self._found += behavior_checks.check(config, place)
        self._found += path_patterns.check(config, place)
        behaviors = [
            self._behavior(shape, place.child("CacheBehaviors", index))
            for index, shape in enumerate(config.CacheBehaviors)
        ]
        behaviors.append(self._behavior(config.DefaultCacheBehavior, place.child("DefaultCacheBehavior")))
        if config.ConnectionMode == "tenant-only":
            self._templates[one.id] = config.TenantConfig or TenantConfigShape()
            self._found += tenants.review(config, place, one.id, self._declared)
        made = origins.origins(config, place, self._declared, self._controls, self._urls, self._local, self._found)
        places = [place.child("CacheBehaviors", index) for index in range(len(config.CacheBehaviors))]
        for behavior, where in zip(behaviors, (*places, place.child("DefaultCacheBehavior")), strict=True):
            self._found += cache_use.check(behavior, made, where)
        return Distribution(
            one.id,
            one.domain_name,
            made,
            tuple(behaviors),
            origins.origin_groups(config),
            one.name,
            config.Aliases,
            enabled=config.Enabled,
            default_root_object=config.DefaultRootObject,
            custom_error_responses=self._error_responses(config),
            geo_restriction=tenants.geo_restriction(
                None if config.Restrictions is None else config.Restrictions.GeoRestriction
            ),
            http_version=config.HttpVersion or self._declared.defaults.http_version,
            cache_tag_header="" if config.CacheTagConfig is None else config.CacheTagConfig.HeaderName.lower(),
            local_urls=self._urls.by_name,
            switches=self._local.switches,
            lambda_quotas=quotas.LAMBDA_PROFILES[self._local.quota_profile],
            staging=config.Staging,
            standard_logging=access_logs.standard_logging(config, place, self._local, self._found),
            web_acl=web_acls.web_acl(
                config.WebACLId, place.child("WebACLId"), self._declared, self._local, self._found
            ),
        )

    def _behavior(self, shape: DefaultCacheBehaviorShape, place: Place) -> Behavior:
        access_logs.check_real_time(shape, place, self._real_time_logs, self._local, self._found)
        # In the API the cached methods are inside the allowed ones, in CloudFormation beside them.
        cached = shape.AllowedMethods.CachedMethods or shape.CachedMethods or ("GET", "HEAD")
        return Behavior(
            shape.TargetOriginId,
            PathPattern(shape.PathPattern) if isinstance(shape, CacheBehaviorShape) else DEFAULT_PATTERN,
            ViewerProtocolPolicy(shape.ViewerProtocolPolicy),
            frozenset(shape.AllowedMethods.Items),
            frozenset(cached),
            self._policy(shape.CachePolicyId, "cache policy", self._cache_policies, place.child("CachePolicyId")),
            None if shape.CachePolicyId else _forwarded_values(shape, shape.ForwardedValues),
            self._policy(
                shape.OriginRequestPolicyId,
                "origin request policy",
                self._origin_request_policies,
                place.child("OriginRequestPolicyId"),
            ),
            self._policy(
                shape.ResponseHeadersPolicyId,
                "response headers policy",
                self._response_headers_policies,
                place.child("ResponseHeadersPolicyId"),
            ),
            shape.Compress,
            self._associations(shape, place),
            self._trusted_keys(shape, place),
            self._real_time_logs.get(shape.RealtimeLogConfigArn),
        )

    def _policy(self, id: str, kind: Kind, known: Mapping[str, P], place: Place) -> P | None:
        policy = known.get(id)
        if policy is None and self._is_missing(place, kind):
            name = id.lower().removeprefix("managed-")
            named = next((key for key, one in known.items() if one.name.lower() == name), None)
            similar = get_close_matches(id, known, 1, 0.8)
            if named is not None:
                how = f"AWS wants the id here, which is {named}"
            elif similar:
                how = f"did you mean {similar[0]} ({known[similar[0]].name})?"
            else:
                how = f"AWS manages none of this id; {self._declared.how_to_get(kind, id)}"
            self._found.append(error("behaviors.unknown_policy", place.at(), f"the {kind} {id} is not here: {how}"))
        return policy

    def _is_missing(self, place: Place, kind: Kind) -> bool:
        """Whether the id at a place is one of nothing that is declared. An id that is not known, and a thing that is
        here and does not read, have been reported already."""
        id = place.tree
        return bool(id) and not isinstance(id, Unresolved) and id not in self._declared.resources.get(kind, {})

    def _associations(self, shape: DefaultCacheBehaviorShape, place: Place) -> dict[EventType, Function]:
        made: dict[EventType, Function] = {}
        for index, one in enumerate(shape.FunctionAssociations):
            function = self._functions.get(one.FunctionARN)
            named = place.child("FunctionAssociations", index, "FunctionARN")
            if function is not None:
                made[one.EventType] = function
            elif not (
                one.FunctionARN in self._declared.functions
                or one.FunctionARN in self._declared.unread
                or isinstance(named.tree, Unresolved)
            ):
                name = one.FunctionARN.rpartition("/")[2]
                message = f"the function {one.FunctionARN} is not here; {self._declared.how_to_get('function', name)}"
                self._found.append(error("functions.unknown", named.at(), message))
        for index, edge_function in enumerate(shape.LambdaFunctionAssociations):
            named = place.child("LambdaFunctionAssociations", index, "LambdaFunctionARN")
            handler = self._lambda(edge_function.LambdaFunctionARN, edge_function.EventType, named)
            if handler is not None:
                made[edge_function.EventType] = replace(handler, include_body=edge_function.IncludeBody)
        return made

    def _lambda(self, arn: str, event_type: EventType, named: Place) -> LambdaFunction | None:
        """The function of an association, made the first time that one names it."""
        declared = self._declared.lambdas.get(arn)
        if declared is None:
            if not isinstance(named.tree, Unresolved):
                message = f"not modelled: the code of {arn} is not here, so nothing runs at {event_type}"
                how = self._declared.how_to_get("Lambda function", arn)
                self._found.append(warning("not_modelled", named.at(), f"{message}; {how}"))
            return None
        if arn not in self._lambdas:
            self._lambdas[arn] = aws_lambda.function(declared, self._declared, self._found)
        function = self._lambdas[arn]
        if function is not None:
            profile = quotas.LAMBDA_PROFILES[self._local.quota_profile]
            self._found += lambda_checks.check(declared, function, arn, event_type, profile)
        return function

    def _trusted_keys(self, shape: DefaultCacheBehaviorShape, place: Place) -> dict[str, PublicKey]:
        made: dict[str, PublicKey] = {}
        for index, id in enumerate(shape.TrustedKeyGroups):
            if id in self._key_groups:
                made |= self._key_groups[id]
            elif self._is_missing(place.child("TrustedKeyGroups", index), "key group"):
                message = f"the key group {id} is not here; {self._declared.how_to_get('key group', id)}"
                self._found.append(error("behaviors.unknown_key_group", place.at("TrustedKeyGroups", index), message))
        return made

    def _error_responses(self, config: DistributionConfigShape) -> dict[int, CustomErrorResponse]:
        default = self._declared.defaults.error_caching_min_ttl_s
        return {
            one.ErrorCode: CustomErrorResponse(
                one.ErrorCode,
                one.ResponsePagePath or None,
                one.ResponseCode,
                default if one.ErrorCachingMinTTL is None else one.ErrorCachingMinTTL,
            )
            for one in config.CustomErrorResponses
        }


def _by_id(policies: Iterable[P]) -> dict[str, P]:
    return {policy.id: policy for policy in policies}


def _forwarded_values(shape: DefaultCacheBehaviorShape, legacy: ForwardedValuesShape | None) -> ForwardedValues:
    if legacy is None:
        return ForwardedValues(min_ttl_s=shape.MinTTL, default_ttl_s=shape.DefaultTTL, max_ttl_s=shape.MaxTTL)
    cookies = Names()
    if legacy.Cookies is not None:
        selection = Selection(legacy.Cookies.Forward)
        cookies = Names(selection, legacy.Cookies.WhitelistedNames if selection is Selection.WHITELIST else ())
    return ForwardedValues(
        legacy.QueryString,
        legacy.QueryStringCacheKeys,
        tuple(name.lower() for name in legacy.Headers),
        cookies,
        shape.MinTTL,
        shape.DefaultTTL,
        shape.MaxTTL,
    )
