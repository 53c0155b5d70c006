"""Origin access controls: of the kind of their origin, and alone.

Source: CloudFront Developer Guide, "Restrict access to an Amazon S3 origin", "Restrict access to an AWS Lambda function
URL origin"; API Reference, OriginAccessControlConfig.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edge.configuration.finding import Finding, undeployable
from edge.configuration.positions import Place
from edge.configuration.shapes.distribution_config import OriginShape
from edge.model.origin import OriginAccessControl

_S3: Final = 'CloudFront Developer Guide, "Restrict access to an Amazon S3 origin"'
_LAMBDA: Final = 'CloudFront Developer Guide, "Restrict access to an AWS Lambda function URL origin"'


def check(shape: OriginShape, control: OriginAccessControl | None, here: Place) -> Iterator[Finding]:
    """One origin and its access control, as far as the domain name says what it is."""
    if control is None:
        return
    where = here.at("OriginAccessControlId")
    if shape.S3OriginConfig is not None and shape.S3OriginConfig.OriginAccessIdentity:
        message = "an origin has an access control or an origin access identity, not both: empty OriginAccessIdentity"
        yield undeployable("origins.two_identities", here.at("S3OriginConfig", "OriginAccessIdentity"), message, _S3)
    is_bucket, kind = shape.S3OriginConfig is not None, control.origin_type
    if is_bucket != (kind == "s3"):
        what = "a bucket" if is_bucket else "no bucket (S3OriginConfig)"
        message = f"the access control is for origins of the type {kind}, and {shape.Id} is {what}"
        yield undeployable("origins.access_control_type", where, message, _S3)
    elif kind == "lambda" and shape.DomainName.endswith((".amazonaws.com", ".cloudfront.net")):
        message = f"the access control is for function URLs, and {shape.DomainName} is none"
        yield undeployable("origins.access_control_type", where, message, _LAMBDA)
