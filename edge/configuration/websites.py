"""The WebsiteConfiguration of a bucket, for an origin that is its website endpoint.

Source: CloudFormation User Guide, AWS::S3::Bucket WebsiteConfiguration.
"""

from __future__ import annotations

from edge.configuration.declared import Declared
from edge.configuration.finding import Finding
from edge.configuration.shapes.resource_configs import RoutingRuleShape, WebsiteConfigurationShape
from edge.configuration.shapes.shape import parse
from edge.model.website import RoutingRule, Website


def website(domain_name: str, declared: Declared, found: list[Finding]) -> Website | None:
    """How the bucket behind a website endpoint is served; None where the source does not say."""
    place = declared.websites.get(domain_name.lower()) if ".s3-website" in domain_name else None
    config = None if place is None else parse(WebsiteConfigurationShape, place, declared.form, found)
    if config is None:
        return None
    everything = config.RedirectAllRequestsTo
    return Website(
        config.IndexDocument,
        config.ErrorDocument,
        everything.HostName if everything is not None else "",
        (everything.Protocol or "") if everything is not None else "",
        tuple(_rule(one) for one in config.RoutingRules),
    )


def _rule(shape: RoutingRuleShape) -> RoutingRule:
    condition, rule = shape.RoutingRuleCondition, shape.RedirectRule
    return RoutingRule(
        condition.KeyPrefixEquals,
        condition.HttpErrorCodeReturnedEquals,
        rule.HostName,
        rule.Protocol,
        rule.HttpRedirectCode,
        rule.ReplaceKeyPrefixWith,
        rule.ReplaceKeyWith,
    )
