"""Continuous deployment policies, and what makes a distribution a template for tenants.

Source: CloudFront API Reference, ContinuousDeploymentPolicyConfig, TenantConfig, DistributionTenant; CloudFormation
User Guide, AWS::CloudFront::ContinuousDeploymentPolicy, AWS::CloudFront::DistributionTenant.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from edge.configuration.shapes.distribution_config import GeoRestrictionShape
from edge.configuration.shapes.shape import UNUSED, Many, NotModelled, Shape, Text


class SessionStickinessConfigShape(Shape):
    """How long a viewer stays with one distribution, in seconds."""

    IdleTTL: int
    MaximumTTL: int


class SingleWeightConfigShape(Shape):
    """The share of requests that the staging distribution gets."""

    Weight: float
    SessionStickinessConfig: SessionStickinessConfigShape | None = None


class SingleHeaderConfigShape(Shape):
    """The header that leads to the staging distribution."""

    Header: Text
    Value: Text


class TrafficConfigShape(Shape):
    """By weight or by header."""

    Type: Literal["SingleWeight", "SingleHeader"]
    SingleWeightConfig: SingleWeightConfigShape | None = None
    SingleHeaderConfig: SingleHeaderConfigShape | None = None


class ContinuousDeploymentPolicyConfigShape(Shape):
    """Which requests of a primary distribution go to its staging distribution. CloudFormation knows two forms of it."""

    Enabled: bool
    StagingDistributionDnsNames: Many[Text]
    TrafficConfig: TrafficConfigShape | None = None
    Type: Literal["SingleWeight", "SingleHeader"] | None = None
    SingleWeightPolicyConfig: SingleWeightConfigShape | None = None
    SingleHeaderPolicyConfig: SingleHeaderConfigShape | None = None


class ParameterShape(Shape):
    """A tenant's value of a parameter."""

    Name: Text
    Value: Text


class WebAclCustomizationShape(Shape):
    """Another web ACL for a tenant, or none."""

    Action: Literal["override", "disable"]
    Arn: Text = ""


class CustomizationsShape(Shape):
    """What a tenant has in place of the template's."""

    WebAcl: WebAclCustomizationShape | None = None
    Certificate: Annotated[Any, NotModelled("one local certificate has all names", "note")] = None
    GeoRestrictions: GeoRestrictionShape | None = None


class DistributionTenantShape(Shape):
    """A distribution tenant."""

    DistributionId: Text
    Name: Text
    Domains: Many[Any]
    Parameters: Many[ParameterShape] = ()
    Customizations: CustomizationsShape | None = None
    ConnectionGroupId: Text = ""
    Enabled: bool = True
    Tags: Annotated[Any, UNUSED] = None
    ManagedCertificateRequest: Annotated[Any, NotModelled("one local certificate has all names", "note")] = None
    Id: Annotated[Any, UNUSED] = None
    Arn: Annotated[Any, UNUSED] = None
    Status: Annotated[Any, UNUSED] = None
    CreatedTime: Annotated[Any, UNUSED] = None
    LastModifiedTime: Annotated[Any, UNUSED] = None
