"""Quotas, aliases, the default root object, error pages and countries of a distribution.

Source: CloudFront Developer Guide, "Quotas", "Use custom URLs by adding alternate domain names (CNAMEs)", "Specify a
default root object", "Generate custom error responses"; API Reference, CustomErrorResponse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from edge.configuration.finding import Finding, error, note, undeployable
from edge.configuration.positions import Place, Unresolved
from edge.configuration.shapes.distribution_config import DistributionConfigShape
from edge.model import quotas

_QUOTAS = 'CloudFront Developer Guide, "Quotas"'
_ROOT = 'CloudFront Developer Guide, "Specify a default root object"'
_ERRORS = 'CloudFront Developer Guide, "Generate custom error responses"'
_ALIASES = 'CloudFront Developer Guide, "Use custom URLs by adding alternate domain names (CNAMEs)"'
_CERTIFICATES = 'CloudFront Developer Guide, "Requirements for using SSL/TLS certificates with CloudFront"'

ERROR_CODES = frozenset({400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504})
_ALIAS = re.compile(r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]+", re.IGNORECASE)


def check(config: DistributionConfigShape, place: Place) -> Iterator[Finding]:
    """Everything about the distribution as a whole."""
    yield from _counts(config, place)
    yield from _aliases(config, place)
    yield from _default_root_object(config, place)
    yield from _error_responses(config, place)
    yield from _countries(config, place)
    yield from _certificate(config, place)


def _counts(config: DistributionConfigShape, place: Place) -> Iterator[Finding]:
    for name, count, most in (
        ("Origins", len(config.Origins), quotas.ORIGINS_MAX),
        ("OriginGroups", len(config.OriginGroups), quotas.ORIGIN_GROUPS_MAX),
        ("CacheBehaviors", len(config.CacheBehaviors), quotas.BEHAVIORS_MAX),
        ("Aliases", len(config.Aliases), quotas.ALIASES_MAX),
    ):
        if count > most:
            yield undeployable(
                "quotas.distribution", place.at(name), f"{count} are too many: at most {most} are allowed", _QUOTAS
            )
    if not config.Origins:
        yield error("distribution.no_origins", place.at("Origins"), "a distribution needs at least one origin")


def _aliases(config: DistributionConfigShape, place: Place) -> Iterator[Finding]:
    for index, alias in enumerate(config.Aliases):
        unknown = isinstance(place.child("Aliases", index).tree, Unresolved)
        if not unknown and not _ALIAS.fullmatch(alias):
            message = f"{alias!r} is not a domain name; a wildcard stands for the whole left-most label (*.example.com)"
            yield error("distribution.alias", place.at("Aliases", index), message, _ALIASES)


def _default_root_object(config: DistributionConfigShape, place: Place) -> Iterator[Finding]:
    name, where = config.DefaultRootObject, place.at("DefaultRootObject")
    if name.startswith("/"):
        message = f"must not begin with a slash; write {name.lstrip('/')!r}"
        yield error("distribution.default_root_object", where, message, _ROOT)
    if len(name) > quotas.DEFAULT_ROOT_OBJECT_MAX_CHARS:
        message = f"has {len(name)} characters, and at most {quotas.DEFAULT_ROOT_OBJECT_MAX_CHARS} are allowed"
        yield error("distribution.default_root_object", where, message, _ROOT)


def _error_responses(config: DistributionConfigShape, place: Place) -> Iterator[Finding]:
    seen: set[int] = set()
    for index, one in enumerate(config.CustomErrorResponses):
        here = place.child("CustomErrorResponses", index)
        if one.ErrorCode not in ERROR_CODES:
            codes = ", ".join(str(code) for code in sorted(ERROR_CODES))
            message = f"{one.ErrorCode} cannot have a custom response; {codes} can"
            yield error("error_pages.code", here.at("ErrorCode"), message, _ERRORS)
        if one.ErrorCode in seen:
            yield error("error_pages.twice", here.at("ErrorCode"), f"{one.ErrorCode} is there twice", _ERRORS)
        seen.add(one.ErrorCode)
        if one.ResponseCode is not None and one.ResponseCode not in ERROR_CODES | {200}:
            message = f"{one.ResponseCode} is not a code that CloudFront can answer with: 200 or one of the error codes"
            yield error("error_pages.response_code", here.at("ResponseCode"), message, _ERRORS)
        if bool(one.ResponsePagePath) != (one.ResponseCode is not None):
            message = "ResponsePagePath and ResponseCode go together: give both, or neither"
            yield error("error_pages.pair", here.at(), message, _ERRORS)
        if one.ResponsePagePath and not one.ResponsePagePath.startswith("/"):
            message = f"must begin with a slash; write '/{one.ResponsePagePath}'"
            yield error("error_pages.path", here.at("ResponsePagePath"), message, _ERRORS)


def _countries(config: DistributionConfigShape, place: Place) -> Iterator[Finding]:
    if config.Restrictions is None:
        return
    restriction = config.Restrictions.GeoRestriction
    where = place.child("Restrictions", "GeoRestriction")
    if restriction.RestrictionType != "none" and not restriction.Items:
        yield error("geo_restriction.empty", where.at("Items"), f"a {restriction.RestrictionType} needs countries")
    for index, country in enumerate(restriction.Items):
        if not re.fullmatch("[A-Za-z]{2}", country):
            message = f"{country!r} is not a country code of two letters (ISO 3166-1 alpha-2)"
            yield error("geo_restriction.country", where.at("Items", index), message)


def _certificate(config: DistributionConfigShape, place: Place) -> Iterator[Finding]:
    certificate, where = config.ViewerCertificate, place.child("ViewerCertificate")
    own = certificate is not None and bool(certificate.ACMCertificateArn or certificate.IAMCertificateId)
    if config.Aliases and not own:
        message = (
            "alternate domain names need a certificate that covers them: give ViewerCertificate an ACM certificate"
        )
        yield undeployable("distribution.certificate", place.at("Aliases"), message, _ALIASES)
    if certificate is None:
        return
    if own and not certificate.SSLSupportMethod:
        message = "SSLSupportMethod is required beside a certificate of your own: sni-only, as a rule"
        yield undeployable("distribution.ssl_support_method", where.at(), message, _CERTIFICATES)
    if own:
        message = "not modelled: viewers see a certificate of this machine, over any version of TLS that it speaks"
        yield note("not_modelled", where.at(), message)
    arn = certificate.ACMCertificateArn
    region = arn.split(":")[3] if arn.count(":") >= 5 else "us-east-1"
    if region != "us-east-1":
        message = f"the certificate is in {region}, and CloudFront takes certificates of us-east-1 only"
        yield undeployable("distribution.certificate_region", where.at("ACMCertificateArn"), message, _CERTIFICATES)
