"""Origins and origin groups from their configurations.

Source: CloudFront API Reference, Origin, OriginGroup; Developer Guide, "All distribution settings reference".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from edge.configuration import bucket_policies, lambda_addresses, websites
from edge.configuration.checks import access_controls
from edge.configuration.declared import Declared, Defaults
from edge.configuration.finding import Finding, error
from edge.configuration.local import Local
from edge.configuration.local_urls import LocalUrls
from edge.configuration.positions import Place, Undeployed, Ungiven, Unresolved
from edge.configuration.shapes.distribution_config import DistributionConfigShape, OriginShape
from edge.model.function_url import FunctionUrl
from edge.model.http_api import HttpApi
from edge.model.origin import Origin, OriginAccessControl, OriginGroup, OriginKind

_TLS_1_2 = ("TLSv1.2",)
_S3_DOMAIN = re.compile(r"[a-z0-9.-]+\.s3[.-](?:[a-z0-9.-]+\.)?amazonaws\.com(?:\.cn)?", re.IGNORECASE)


def origins(
    config: DistributionConfigShape,
    place: Place,
    declared: Declared,
    controls: Mapping[str, OriginAccessControl],
    urls: LocalUrls,
    local: Local,
    found: list[Finding],
) -> dict[str, Origin]:
    """The origins of a distribution, by id."""
    made: dict[str, Origin] = {}
    for index, shape in enumerate(config.Origins):
        control = controls.get(shape.OriginAccessControlId)
        named = place.child("Origins", index, "OriginAccessControlId").tree
        if control is None and shape.OriginAccessControlId and not isinstance(named, Unresolved):
            id = shape.OriginAccessControlId
            message = f"the origin access control {id} is not here; {declared.how_to_get('origin access control', id)}"
            found.append(
                error("origins.unknown_access_control", place.at("Origins", index, "OriginAccessControlId"), message)
            )
        domain = place.child("Origins", index, "DomainName").tree
        if isinstance(domain, Ungiven):
            shape = _standing_in(shape, domain, declared)
        is_s3 = shape.S3OriginConfig is not None or bool(_S3_DOMAIN.fullmatch(shape.DomainName))
        found += access_controls.check(shape, control, place.child("Origins", index))
        found += bucket_policies.check(shape, control, declared)
        url = urls.find(shape.Id, shape.DomainName, place.at("Origins", index), is_s3=is_s3)
        function = urls.functions.get(url)
        origin = _origin(shape, control, url if function is None else lambda_addresses.SCHEME, declared.defaults)
        made[shape.Id] = replace(
            origin,
            credentials=local.signing,
            lists_bucket=local.switches.cloudfront_may_list_bucket or bucket_policies.lists(shape, declared),
            function_url=function if isinstance(function, FunctionUrl) else None,
            http_api=function if isinstance(function, HttpApi) else None,
            website=websites.website(shape.DomainName, declared, found),
        )
    return made


def _standing_in(shape: OriginShape, domain: Ungiven, declared: Declared) -> OriginShape:
    """An origin whose domain name AWS knows, or will know, under a name that exists nowhere."""
    known = domain.logical_id if isinstance(domain, Undeployed) else shape.Id
    made = shape.model_copy(update={"DomainName": f"{re.sub('[^a-z0-9]+', '-', known.lower()).strip('-')}.invalid"})
    declared.logical_ids[made.DomainName] = known
    if not isinstance(domain, Undeployed):
        why = domain.reason.partition(";")[0]
        declared.behind[made.DomainName] = f"at a domain name that is not known here ({why})"
    return made


def _origin(shape: OriginShape, control: OriginAccessControl | None, local_url: str, defaults: Defaults) -> Origin:
    kind, protocol = _kind(shape, control)
    custom, own = shape.CustomOriginConfig, shape.CustomOriginConfig or shape.VpcOriginConfig
    shield = shape.OriginShield
    read_timeout = (
        own.OriginReadTimeout if own else shape.S3OriginConfig.OriginReadTimeout if shape.S3OriginConfig else 30
    )
    return Origin(
        shape.Id,
        shape.DomainName,
        kind,
        shape.OriginPath,
        protocol,
        custom.HTTPPort if custom else 80,
        custom.HTTPSPort if custom else 443,
        tuple((one.HeaderName, one.HeaderValue) for one in shape.CustomHeaders),
        shape.ConnectionAttempts,
        shape.ConnectionTimeout,
        read_timeout,
        own.OriginKeepaliveTimeout if own else 5,
        shape.ResponseCompletionTimeout,
        shield.OriginShieldRegion if shield is not None and shield.Enabled else "",
        control,
        local_url,
        # Only a web server has a say in it; buckets and VPC origins are asked over TLS 1.2.
        ssl_protocols=(custom.OriginSslProtocols or defaults.origin_ssl_protocols) if custom else _TLS_1_2,
        origin_access_identity=shape.S3OriginConfig.OriginAccessIdentity if shape.S3OriginConfig else "",
    )


def _kind(
    shape: OriginShape, control: OriginAccessControl | None
) -> tuple[OriginKind, Literal["http-only", "https-only", "match-viewer"]]:
    """S3 is asked as the viewer asked, but over HTTPS when requests are signed."""
    if shape.VpcOriginConfig is not None:
        return OriginKind.VPC, "match-viewer"
    if shape.CustomOriginConfig is not None:
        return OriginKind.CUSTOM, shape.CustomOriginConfig.OriginProtocolPolicy
    signs = control is not None and control.signing_behavior != "never"
    return OriginKind.S3, "https-only" if signs else "match-viewer"


def origin_groups(config: DistributionConfigShape) -> dict[str, OriginGroup]:
    """The origin groups of a distribution that have two members, by id."""
    made: dict[str, OriginGroup] = {}
    for shape in config.OriginGroups:
        if len(shape.Members) == 2:
            first, second = (member.OriginId for member in shape.Members)
            made[shape.Id] = OriginGroup(shape.Id, (first, second), frozenset(shape.FailoverCriteria.StatusCodes))
    return made
