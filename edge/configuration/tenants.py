"""Distribution tenants: a template, with the parameters and customizations of each.

A tenant is a distribution of its own, made of its template: its domains are the aliases, `{{name}}` in the domain name
and the path of origins is filled in, and its geo restriction and web ACL take the place of the template's.
Source: CloudFront Developer Guide, "Multi-tenant distributions"; API Reference, DistributionTenant, TenantConfig.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from edge.configuration import web_acls
from edge.configuration.declared import STAND_IN_DOMAIN_NAME, Declared
from edge.configuration.finding import Finding, error, nearest, warning
from edge.configuration.local import Local
from edge.configuration.positions import Place
from edge.configuration.shapes.deployment_configs import DistributionTenantShape
from edge.configuration.shapes.distribution_config import (
    DistributionConfigShape,
    GeoRestrictionShape,
    TenantConfigShape,
)
from edge.configuration.shapes.shape import parse
from edge.model.distribution import NO_GEO_RESTRICTION, Distribution, GeoRestriction
from edge.model.origin import Origin
from edge.model.tenant import Tenant
from edge.model.web_acl import WebAcl

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_-]+)\s*\}\}")


def geo_restriction(shape: GeoRestrictionShape | None) -> GeoRestriction:
    """A geo restriction, of a distribution or of a tenant."""
    if shape is None or shape.RestrictionType == "none":
        return NO_GEO_RESTRICTION
    return GeoRestriction(shape.RestrictionType, frozenset(country.upper() for country in shape.Items))


def review(config: DistributionConfigShape, place: Place, id: str, declared: Declared) -> list[Finding]:
    """What a template has that only tenants should have, and the other way round."""
    found: list[Finding] = []
    if config.Aliases:
        message = "a template has no Aliases: each tenant has its Domains"
        found.append(warning("tenants.template_aliases", place.at("Aliases"), message))
    definitions = () if config.TenantConfig is None else config.TenantConfig.ParameterDefinitions
    for index, definition in enumerate(definitions):
        schema = definition.Definition.StringSchema
        if schema.Required and schema.DefaultValue:
            keys = ("TenantConfig", "ParameterDefinitions", index, "Definition", "StringSchema", "DefaultValue")
            message = f"the default has no effect: each tenant must give the parameter {definition.Name} (Required)"
            found.append(warning("tenants.unused_default", place.at(*keys), message))
    if not any(tenant.child("DistributionId").tree == id for tenant in declared.tenants.values()):
        message = (
            "the distribution is a template without tenants here: it is served itself, its {{parameters}} unfilled"
        )
        found.append(warning("tenants.none", place.at("ConnectionMode"), message))
    return found


def with_tenants(
    made: Mapping[str, Distribution],
    templates: Mapping[str, TenantConfigShape],
    declared: Declared,
    local: Local,
    found: list[Finding],
) -> tuple[Distribution, ...]:
    """The distributions by id, each template followed by its tenants; a template that has some is not served itself."""
    tenants: dict[str, list[Distribution]] = {}
    for id, place in declared.tenants.items():
        shape = parse(DistributionTenantShape, place, declared.form, found)
        if shape is None or not shape.Enabled:
            continue
        template = made.get(shape.DistributionId)
        if template is None:
            known = nearest(shape.DistributionId, made)
            message = f"the template {shape.DistributionId} of the tenant {shape.Name} is not here; {known}"
            found.append(warning("tenants.unknown_distribution", place.at("DistributionId"), message))
            continue
        config = templates.get(shape.DistributionId)
        if config is None:
            message = (
                f"{shape.DistributionId} is no template: its ConnectionMode must be tenant-only, with a TenantConfig"
            )
            found.append(error("tenants.not_a_template", place.at("DistributionId"), message))
            continue
        made_of = _tenant(id, shape, template, config, place, found)
        if made_of is not None:
            acl = _web_acl(shape, template, place, declared, local, found)
            made_of = replace(made_of, web_acl=acl)
            tenants.setdefault(template.id, []).append(made_of)
    served: list[Distribution] = []
    for id, distribution in made.items():
        served += tenants.get(id, [distribution])
    return tuple(served)


def _tenant(
    id: str,
    shape: DistributionTenantShape,
    template: Distribution,
    config: TenantConfigShape,
    place: Place,
    found: list[Finding],
) -> Distribution | None:
    """A tenant's own distribution; None for a tenant that AWS would not create."""
    values = {one.Name: one.Definition.StringSchema.DefaultValue for one in config.ParameterDefinitions}
    required = {one.Name for one in config.ParameterDefinitions if one.Definition.StringSchema.Required}
    given = {one.Name: one.Value for one in shape.Parameters}
    for name in given.keys() - values.keys():
        message = f"the template has no parameter {name}; {nearest(name, values)}"
        found.append(error("tenants.unknown_parameter", place.at("Parameters"), message))
    values |= given
    missing = sorted(required - given.keys())
    for name in missing:
        message = f"the tenant {shape.Name} has no value for the parameter {name}, which the template requires"
        found.append(error("tenants.parameter_missing", place.at(), message))
    if missing:
        return None
    customized = None if shape.Customizations is None else shape.Customizations.GeoRestrictions
    return replace(
        template,
        origins={name: _filled(origin, template, values, place, found) for name, origin in template.origins.items()},
        aliases=tuple(_domain(one) for one in shape.Domains),
        name=shape.Name,
        geo_restriction=template.geo_restriction if customized is None else geo_restriction(customized),
        tenant=Tenant(id, shape.Name, tuple(sorted(values.items()))),
        endpoint=f"{shape.ConnectionGroupId.lower()}.cloudfront.net"
        if shape.ConnectionGroupId
        else STAND_IN_DOMAIN_NAME,
    )


def _web_acl(
    shape: DistributionTenantShape,
    template: Distribution,
    place: Place,
    declared: Declared,
    local: Local,
    found: list[Finding],
) -> WebAcl | None:
    """The template's web ACL, or what the tenant has in its place."""
    customized = None if shape.Customizations is None else shape.Customizations.WebAcl
    if customized is None:
        return template.web_acl
    arn = customized.Arn if customized.Action == "override" else ""
    return web_acls.web_acl(arn, place.child("Customizations", "WebAcl", "Arn"), declared, local, found)


def _domain(domain: object) -> str:
    """CloudFormation lists the names, the API {"Domain": name}."""
    return str(domain.get("Domain", "")) if isinstance(domain, dict) else str(domain)


def _filled(
    origin: Origin, template: Distribution, values: Mapping[str, str], place: Place, found: list[Finding]
) -> Origin:
    """An origin with the tenant's parameters in it."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            message = f"the origin {origin.id} needs the parameter {name}, which the template does not define"
            found.append(error("tenants.undefined_parameter", place.at("Parameters"), message))
        return values.get(name, "")

    domain, path = _PLACEHOLDER.sub(value, origin.domain_name), _PLACEHOLDER.sub(value, origin.path)
    if (domain, path) == (origin.domain_name, origin.path):
        return origin
    return replace(origin, domain_name=domain, path=path, local_url=template.local_urls.get(domain, origin.local_url))
