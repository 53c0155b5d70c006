"""What the policy of a bucket lets CloudFront do: read objects, and list them.

A bucket that CloudFront may not read answers every request with 403, and one that it may not list answers 403 for what
is not there, where it could say 404.
Source: CloudFront Developer Guide, "Restrict access to an Amazon S3 origin"; S3 User Guide, "Bucket policies". Near:
conditions of a statement, and its Deny statements, are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from edge.configuration.declared import Declared
from edge.configuration.finding import Finding, warning
from edge.configuration.intrinsics import as_text
from edge.configuration.shapes.distribution_config import OriginShape
from edge.model.origin import OriginAccessControl

_SERVICE: Final = "cloudfront.amazonaws.com"
_SOURCE: Final = 'CloudFront Developer Guide, "Restrict access to an Amazon S3 origin"'


def lists(shape: OriginShape, declared: Declared) -> bool:
    """Whether CloudFront may list the bucket of an origin."""
    policies = declared.bucket_policies.get(_bucket(shape), ())
    return any(_allows(place.tree, "s3:ListBucket", shape) for place in policies)


def check(shape: OriginShape, control: OriginAccessControl | None, declared: Declared) -> Iterator[Finding]:
    """A bucket of the source, asked with a signature, whose policy does not let CloudFront in."""
    signs = control is not None and control.signing_behavior != "never"
    identity = shape.S3OriginConfig is not None and bool(shape.S3OriginConfig.OriginAccessIdentity)
    policies = declared.bucket_policies.get(_bucket(shape), ())
    if not policies or not (signs or identity):
        return
    if not any(_allows(place.tree, "s3:GetObject", shape) for place in policies):
        who = f"the service {_SERVICE}" if signs else "the origin access identity"
        message = f"nothing in the bucket's policy lets {who} do s3:GetObject, so requests get 403"
        yield warning("origins.bucket_policy", policies[0].at(), message, _SOURCE)


def _bucket(shape: OriginShape) -> str:
    """The name of the bucket behind a REST endpoint."""
    name, found, _ = shape.DomainName.lower().partition(".s3.")
    return name if found else ""


def _allows(policy: Any, action: str, shape: OriginShape) -> bool:
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    for one in statements if isinstance(statements, list) else [statements]:
        if isinstance(one, dict) and one.get("Effect") == "Allow" and _is_cloudfront(one.get("Principal"), shape):
            actions = one.get("Action")
            named = [as_text(name) for name in (actions if isinstance(actions, list) else [actions])]
            if any(fnmatchcase(action.lower(), name.lower()) for name in named):
                return True
    return False


def _is_cloudfront(principal: Any, shape: OriginShape) -> bool:
    """Whether a principal is CloudFront, or everybody. Which origin access identity is meant is not told apart."""
    if principal == "*":
        return True
    if not isinstance(principal, dict):
        return False
    services = principal.get("Service")
    if _SERVICE in (services if isinstance(services, list) else [services]):
        return True
    if "CanonicalUser" in principal:
        return shape.S3OriginConfig is not None and bool(shape.S3OriginConfig.OriginAccessIdentity)
    accounts = principal.get("AWS")
    named = [as_text(one) for one in (accounts if isinstance(accounts, list) else [accounts])]
    return "*" in named or any("CloudFront Origin Access Identity" in one for one in named)
