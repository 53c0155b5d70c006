"""CloudFormation and SAM templates: what their resources declare.

Source: CloudFormation User Guide, "AWS::CloudFront resource types". Every AWS::CloudFront type is read, or listed as
not modelled; of other types only those are looked at that a distribution leans on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from edge.configuration import document, http_apis, references, sam_http_apis
from edge.configuration.aws_lambda import from_resource
from edge.configuration.declared import (
    CLOUDFORMATION_DEFAULTS,
    Declared,
    DeclaredDistribution,
    DeclaredFunction,
    DeclaredFunctionUrl,
    Kind,
)
from edge.configuration.finding import ConfigurationError, error, nearest, warning
from edge.configuration.intrinsics import as_text
from edge.configuration.local import Local
from edge.configuration.positions import Block, Place, Unresolved
from edge.configuration.shapes.deployment_configs import DistributionTenantShape
from edge.configuration.shapes.resource_configs import KeyValueStoreShape, OriginAccessIdentityConfigShape
from edge.configuration.shapes.shape import parse
from edge.configuration.template import NESTED, Assembly, Resource, Template

_PREFIX = "AWS::CloudFront::"
_RESOURCES: Final[Mapping[str, tuple[Kind, str]]] = {
    "CachePolicy": ("cache policy", "CachePolicyConfig"),
    "OriginRequestPolicy": ("origin request policy", "OriginRequestPolicyConfig"),
    "ResponseHeadersPolicy": ("response headers policy", "ResponseHeadersPolicyConfig"),
    "OriginAccessControl": ("origin access control", "OriginAccessControlConfig"),
    "KeyGroup": ("key group", "KeyGroupConfig"),
    "ContinuousDeploymentPolicy": ("continuous deployment policy", "ContinuousDeploymentPolicyConfig"),
}
"""Types that distributions refer to by id, and the property that holds all of them."""

_PROPERTIES: Final[Mapping[str, tuple[str, ...]]] = {
    **{name: (config, "Tags") for name, (_, config) in _RESOURCES.items()},
    "CloudFrontOriginAccessIdentity": ("CloudFrontOriginAccessIdentityConfig",),
    "Distribution": ("DistributionConfig", "Tags"),
    "DistributionTenant": tuple(DistributionTenantShape.model_fields),
    "Function": ("Name", "FunctionCode", "FunctionConfig", "FunctionMetadata", "AutoPublish", "Tags"),
    "KeyValueStore": ("Name", "Comment", "ImportSource", "Tags"),
    "PublicKey": ("PublicKeyConfig", "Tags"),
    "RealtimeLogConfig": ("Name", "SamplingRate", "Fields", "EndPoints"),
}
"""The properties of the types that are read."""

_NOT_MODELLED: Final[Mapping[str, str]] = {
    "AnycastIpList": "viewers reach this machine by its own address",
    "ConnectionFunction": "the function does not run: there is no TLS handshake of CloudFront here",
    "ConnectionGroup": "only its id counts, for the endpoint that functions see",
    "FieldLevelEncryptionConfig": "fields of POST bodies go to the origin in clear text",
    "FieldLevelEncryptionProfile": "fields of POST bodies go to the origin in clear text",
    "MonitoringSubscription": "there are no CloudWatch metrics",
    "StreamingDistribution": "RTMP distributions ended in 2020",
    "TrustStore": "viewers are not asked for a certificate",
    "VpcOrigin": "give the origin that uses it a local URL",
}
_WAF = ("AWS::WAFv2::WebACL", "AWS::WAFv2::IPSet")
_LAMBDA = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_CODE_FILE = re.compile(r"(?:file://)?([^\n;{}()]+\.[cm]?js)")


def is_template(place: Place) -> bool:
    """Whether a document is a template, and not another kind of configuration."""
    return isinstance(place.tree, Block) and isinstance(place.tree.get("Resources"), Block)


def read(place: Place, local: Local, parameters: Mapping[str, str]) -> Declared:
    """What a template declares. `parameters` win over those of edge.toml."""
    declared = nothing()
    assembly = Assembly(exports=local.exports)
    add(Template(place, {**local.parameters, **parameters}, assembly, local.name), declared)
    return declared


def nothing() -> Declared:
    """What no template declares, to be added to."""
    return Declared("cloudformation", CLOUDFORMATION_DEFAULTS, _how_to_get)


def add(template: Template, declared: Declared, stack: str = "") -> None:
    """What one template declares, and those of its nested stacks; `stack` is the name under which it is deployed."""
    declared.watched += template.watched
    reader = _Reader(template, declared, stack)
    resources = list(template.resources())
    for resource in resources:
        reader.resource(resource)
    http_apis.read(template, resources, declared)
    sam_http_apis.read(template, resources, declared)
    declared.findings += template.findings
    declared.findings += template.dangling()


def _how_to_get(kind: str, id: str) -> str:
    return f"no {kind} of the template is meant by it; add one, and refer to it with !Ref or !GetAtt"


class _Reader:
    """Resources into `declared`."""

    def __init__(self, template: Template, declared: Declared, stack: str) -> None:
        self._template = template
        self._stack = stack
        self._declared = declared
        self._folder = Path(template.place.file).parent
        self._types: dict[str, Callable[[Resource, Place], None]] = {
            "Distribution": self._distribution,
            "DistributionTenant": self._tenant,
            "Function": self._function,
            "KeyValueStore": self._key_value_store,
            "PublicKey": self._public_key,
            "RealtimeLogConfig": self._real_time_log,
            "CloudFrontOriginAccessIdentity": self._origin_access_identity,
            **dict.fromkeys(_RESOURCES, self._referred),
        }

    def resource(self, resource: Resource) -> None:
        """One resource."""
        name = resource.type.removeprefix(_PREFIX)
        if resource.type in _LAMBDA:
            properties = self._template.evaluated(resource.place.child("Properties"))
            metadata = self._template.evaluated(resource.place.child("Metadata"))
            from_resource(self._template, resource, properties, metadata, self._declared)
        elif resource.type == "AWS::Lambda::Version":
            self._lambda_version(resource)
        elif resource.type == "AWS::S3::BucketPolicy":
            self._bucket_policy(resource)
        elif resource.type == "AWS::Lambda::Url":
            self._function_url(resource)
        elif resource.type in _WAF:
            arn = references.waf_arn(self._template, resource.logical_id, resource.type)
            things = self._declared.web_acls if resource.type.endswith("WebACL") else self._declared.ip_sets
            things[arn] = self._template.evaluated(resource.place.child("Properties"))
        elif resource.type in NESTED:
            self._nested(resource)
        elif name != resource.type:
            self._cloudfront(resource, name)
        for host in references.hosts(self._template, resource.logical_id, resource.type):
            if resource.type != f"{_PREFIX}Distribution":
                self._declared.logical_ids[host.lower()] = resource.logical_id
                if resource.type == "AWS::S3::Bucket":
                    self._website(resource, host.lower())

    def _website(self, resource: Resource, host: str) -> None:
        """How a bucket is served as a website, if it is."""
        place = self._template.evaluated(resource.place.child("Properties", "WebsiteConfiguration"))
        if place.tree is not None:
            self._declared.websites[host] = place

    def _bucket_policy(self, resource: Resource) -> None:
        properties = self._template.evaluated(resource.place.child("Properties"))
        bucket = as_text(properties.child("Bucket").tree).lower()
        self._declared.bucket_policies.setdefault(bucket, []).append(properties.child("PolicyDocument"))

    def _nested(self, resource: Resource) -> None:
        where = resource.place.at("Properties", NESTED[resource.type])
        try:
            nested = self._template.nested(resource.logical_id)
        except ConfigurationError as problem:
            for one in problem.findings:
                self._declared.findings.append(error("template.nested", where, f"{one.where}: {one.message}"))
            return
        if isinstance(nested, Unresolved):
            message = f"not modelled: what is in the nested stack is not read: {nested.reason}"
            self._declared.findings.append(warning("not_modelled", where, message))
            return
        add(nested, self._declared, resource.logical_id)

    def _cloudfront(self, resource: Resource, name: str) -> None:
        if name in _NOT_MODELLED:
            message = f"not modelled: {_NOT_MODELLED[name]}"
            self._declared.findings.append(warning("not_modelled", resource.place.at(), message))
        elif name not in self._types:
            known = nearest(resource.type, [f"{_PREFIX}{one}" for one in self._types])
            message = f"not modelled: {resource.type} is not a type that is known here; {known}"
            self._declared.findings.append(warning("not_modelled", resource.place.at("Type"), message))
        else:
            properties = self._template.evaluated(resource.place.child("Properties"))
            if not isinstance(properties.tree, Block):
                reason = properties.tree.reason if isinstance(properties.tree, Unresolved) else "must be a mapping"
                self._declared.findings.append(error("schema.type", properties.at(), reason))
                return
            for key in properties.tree.keys() - _PROPERTIES[name]:
                message = f"{key} is not a property of {resource.type}; {nearest(key, _PROPERTIES[name])}"
                self._declared.findings.append(warning("schema.unknown_property", properties.at(key), message))
            self._types[name](resource, properties)

    def _distribution(self, resource: Resource, properties: Place) -> None:
        id = self._template.id_of(resource.logical_id)
        domain_name = as_text(references.attribute(self._template, resource.logical_id, "DomainName"))
        config, also = properties.child("DistributionConfig"), (resource.logical_id, self._stack)
        self._declared.distributions.append(DeclaredDistribution(id, domain_name, id, config, also))

    def _tenant(self, resource: Resource, properties: Place) -> None:
        self._declared.tenants[self._template.id_of(resource.logical_id)] = properties

    def _referred(self, resource: Resource, properties: Place) -> None:
        kind, config = _RESOURCES[resource.type.removeprefix(_PREFIX)]
        self._declared.add(kind, self._template.id_of(resource.logical_id), properties.child(config))

    def _public_key(self, resource: Resource, properties: Place) -> None:
        self._declared.public_keys[self._template.id_of(resource.logical_id)] = properties.child("PublicKeyConfig")

    def _real_time_log(self, resource: Resource, properties: Place) -> None:
        arn = references.real_time_log_arn(self._template, resource.logical_id)
        self._declared.add("real-time log configuration", arn, properties)

    def _key_value_store(self, resource: Resource, properties: Place) -> None:
        parse(KeyValueStoreShape, properties, "cloudformation", self._declared.findings)
        name = references.physical_name(self._template, resource.logical_id)
        self._declared.stores[references.store_arn(self._template, resource.logical_id)] = name
        self._declared.store_places.setdefault(name, properties)

    def _origin_access_identity(self, resource: Resource, properties: Place) -> None:
        config = properties.child("CloudFrontOriginAccessIdentityConfig")
        parse(OriginAccessIdentityConfigShape, config, "cloudformation", self._declared.findings)

    def _function(self, resource: Resource, properties: Place) -> None:
        arn = references.function_arn(self._template, resource.logical_id)
        code, id = properties.child("FunctionCode"), self._template.id_of(resource.logical_id)
        text, source_name = self._code(code, id)
        if text is None:
            self._declared.unread.add(arn)
            return
        self._declared.functions[arn] = DeclaredFunction(
            arn.rpartition("/")[2],
            text,
            source_name,
            properties.child("FunctionConfig"),
            published=as_text(properties.tree.get("AutoPublish", False)).lower() == "true",
            published_at=properties.at("AutoPublish"),
            code_place=code if source_name == id else None,
        )

    def _code(self, place: Place, id: str) -> tuple[str | None, str]:
        """The code of a function and what messages call it: inline, or in a file beside the template."""
        code: Any = place.tree
        if isinstance(code, Unresolved) or not isinstance(code, str):
            reason = code.reason if isinstance(code, Unresolved) else "is required: the code, or the path of a .js file"
            self._declared.findings.append(error("functions.no_code", place.at(), reason))
            return None, id
        named = _CODE_FILE.fullmatch(code.strip())
        if named is None:
            return code, id
        path = self._folder / named.group(1)
        self._declared.watched.append(path)
        try:
            return document.read_text(path), str(path)
        except ConfigurationError as problem:
            message = f"{path} {problem.findings[0].message}"
            self._declared.findings.append(error("functions.no_code", place.at(), message))
            return None, id

    def _function_url(self, resource: Resource) -> None:
        """The function is named by its name or ARN, with the alias in it or beside it: there is one version here."""
        config = self._template.evaluated(resource.place.child("Properties"))
        target = config.child("TargetFunctionArn").tree
        if not isinstance(target, str) or isinstance(target, Unresolved):
            return
        for host in references.hosts(self._template, resource.logical_id, resource.type):
            arn = references.lambda_arn_of(self._template, target)
            self._declared.behind[host.lower()] = f"the function URL of {arn.rpartition(':')[2]}"
            self._declared.function_urls[host.lower()] = DeclaredFunctionUrl(f"{arn}:1", config)

    def _lambda_version(self, resource: Resource) -> None:
        """A numbered version is its function: there is one of each here."""
        arn = references.lambda_version_arn(self._template, resource.logical_id)
        if isinstance(arn, Unresolved):
            where = resource.place.at("Properties", "FunctionName")
            self._declared.findings.append(error("functions.version", where, arn.reason))
