"""Continuous deployment policies, and the staging distributions that they lead to.

Source: CloudFront API Reference, ContinuousDeploymentPolicyConfig; Developer Guide, "Quotas and other considerations
for continuous deployment".
"""

from __future__ import annotations

from collections.abc import Mapping

from edge.configuration.declared import Declared
from edge.configuration.finding import Finding, error, nearest, warning
from edge.configuration.positions import Place, Unresolved
from edge.configuration.shapes.deployment_configs import (
    ContinuousDeploymentPolicyConfigShape,
    SingleHeaderConfigShape,
    SingleWeightConfigShape,
)
from edge.configuration.shapes.shape import parse
from edge.model import quotas
from edge.model.distribution import ContinuousDeployment, Distribution

_PAGE = 'CloudFront Developer Guide, "Quotas and other considerations for continuous deployment"'


def policy(
    place: Place, declared: Declared, found: list[Finding]
) -> tuple[Place, ContinuousDeploymentPolicyConfigShape] | None:
    """The policy that the ContinuousDeploymentPolicyId at a place names, and where it stands; None without one, and for
    one that is not enabled."""
    id = place.tree
    if not id or isinstance(id, Unresolved):
        return None
    where = declared.resources.get("continuous deployment policy", {}).get(str(id))
    if where is None:
        how = declared.how_to_get("continuous deployment policy", str(id))
        found.append(
            error(
                "continuous_deployment.unknown", place.at(), f"the continuous deployment policy {id} is not here; {how}"
            )
        )
        return None
    shape = parse(ContinuousDeploymentPolicyConfigShape, where, declared.form, found)
    return (where, shape) if shape is not None and shape.Enabled else None


def resolved(
    place: Place,
    shape: ContinuousDeploymentPolicyConfigShape,
    staging: Mapping[str, Distribution],
    found: list[Finding],
) -> ContinuousDeployment | None:
    """The policy with its staging distribution, out of those by domain name (in lower case)."""
    names = [name.lower() for name in shape.StagingDistributionDnsNames]
    target = next((staging[name] for name in names if name in staging), None)
    if target is None:
        message = (
            f"no staging distribution has the name {', '.join(names) or '(none is given)'}; {nearest('', staging)}"
        )
        found.append(error("continuous_deployment.no_staging", place.at("StagingDistributionDnsNames"), message))
        return None
    _review(shape, place, found)
    traffic = shape.TrafficConfig
    weight = (traffic.SingleWeightConfig if traffic else None) or shape.SingleWeightPolicyConfig
    header = (traffic.SingleHeaderConfig if traffic else None) or shape.SingleHeaderPolicyConfig
    kind = (traffic.Type if traffic else None) or shape.Type
    if kind == "SingleHeader" and header is not None:
        return _by_header(target, header, place, found)
    if kind == "SingleWeight" and weight is not None:
        return _by_weight(target, weight, place, found)
    message = "write a TrafficConfig with its Type and the SingleWeightConfig or SingleHeaderConfig that belongs to it"
    found.append(error("continuous_deployment.no_traffic", place.at(), message))
    return None


def _review(shape: ContinuousDeploymentPolicyConfigShape, place: Place, found: list[Finding]) -> None:
    """What stands in a policy beside what counts."""
    traffic = shape.TrafficConfig
    beside: list[tuple[str, ...]] = []
    if traffic is not None:
        beside += [("Type",), ("SingleWeightPolicyConfig",), ("SingleHeaderPolicyConfig",)]
        beside.append(
            ("TrafficConfig", "SingleHeaderConfig" if traffic.Type == "SingleWeight" else "SingleWeightConfig")
        )
    else:
        beside.append(("SingleHeaderPolicyConfig" if shape.Type == "SingleWeight" else "SingleWeightPolicyConfig",))
    for keys in beside:
        if place.child(*keys).tree is not None:
            message = f"{keys[-1]} has no effect beside what else the policy says"
            found.append(warning("continuous_deployment.unused", place.at(*keys), message))


def _by_header(
    target: Distribution, header: SingleHeaderConfigShape, place: Place, found: list[Finding]
) -> ContinuousDeployment:
    if not header.Header.lower().startswith(quotas.CONTINUOUS_DEPLOYMENT_HEADER_PREFIX):
        message = f"the header {header.Header} must begin with {quotas.CONTINUOUS_DEPLOYMENT_HEADER_PREFIX}"
        found.append(error("continuous_deployment.header", place.at("TrafficConfig"), message, _PAGE))
    return ContinuousDeployment(target, (header.Header.lower(), header.Value))


def _by_weight(
    target: Distribution, weight: SingleWeightConfigShape, place: Place, found: list[Finding]
) -> ContinuousDeployment:
    if not 0 <= weight.Weight <= quotas.CONTINUOUS_DEPLOYMENT_WEIGHT_MAX:
        message = f"a Weight of {weight.Weight} is not between 0 and {quotas.CONTINUOUS_DEPLOYMENT_WEIGHT_MAX}"
        found.append(error("continuous_deployment.weight", place.at("TrafficConfig"), message, _PAGE))
    sticky = weight.SessionStickinessConfig
    if sticky is None:
        return ContinuousDeployment(target, None, weight.Weight)
    least, most = quotas.SESSION_STICKINESS_MIN_S, quotas.SESSION_STICKINESS_MAX_S
    if not least <= sticky.IdleTTL <= sticky.MaximumTTL <= most:
        message = (
            f"IdleTTL {sticky.IdleTTL} and MaximumTTL {sticky.MaximumTTL} must be between {least} and {most} seconds, "
            "and the first no longer than the second"
        )
        found.append(error("continuous_deployment.stickiness", place.at("TrafficConfig"), message, _PAGE))
    return ContinuousDeployment(target, None, weight.Weight, sticky.IdleTTL, sticky.MaximumTTL)
