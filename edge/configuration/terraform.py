"""`terraform show -json` of a plan or a state: what its aws_cloudfront_* and Lambda resources declare.

Source: Terraform Registry, the resources of the AWS provider. The provider's own defaults are in the values already;
what it leaves out is the API's default.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from edge.configuration import terraform_http_apis, terraform_plan
from edge.configuration.declared import (
    API_DEFAULTS,
    Declared,
    DeclaredDistribution,
    DeclaredFunction,
    DeclaredFunctionUrl,
    DeclaredLambda,
    Kind,
)
from edge.configuration.finding import warning
from edge.configuration.positions import Block, Items, Place
from edge.configuration.shapes.distribution_config import DistributionConfigShape
from edge.configuration.shapes.policy_configs import (
    CachePolicyConfigShape,
    OriginRequestPolicyConfigShape,
    ResponseHeadersPolicyConfigShape,
)
from edge.configuration.shapes.resource_configs import (
    KeyGroupConfigShape,
    OriginAccessControlConfigShape,
    PublicKeyConfigShape,
)
from edge.configuration.shapes.shape import Shape
from edge.configuration.terraform_plan import Resource, listed
from edge.configuration.terraform_shapes import as_api, as_properties

_PREFIX = "aws_cloudfront_"
_REFERRED: Final[Mapping[str, tuple[Kind, type[Shape]]]] = {
    "aws_cloudfront_cache_policy": ("cache policy", CachePolicyConfigShape),
    "aws_cloudfront_origin_request_policy": ("origin request policy", OriginRequestPolicyConfigShape),
    "aws_cloudfront_response_headers_policy": ("response headers policy", ResponseHeadersPolicyConfigShape),
    "aws_cloudfront_origin_access_control": ("origin access control", OriginAccessControlConfigShape),
    "aws_cloudfront_key_group": ("key group", KeyGroupConfigShape),
}
_NOTHING_TO_READ = ("aws_cloudfront_origin_access_identity", "aws_cloudfront_log_delivery_canonical_user_id")
_ORIGIN_KINDS = ("s3_origin_config", "custom_origin_config", "vpc_origin_config")


def is_terraform(place: Place) -> bool:
    """Whether a document is a plan or a state."""
    tree = place.tree
    return isinstance(tree, Block) and "format_version" in tree and bool(tree.keys() & {"values", "planned_values"})


def read(place: Place) -> Declared:
    """What a plan or a state declares."""
    declared = Declared("api", API_DEFAULTS, _how_to_get)
    declared.watched.append(Path(place.file))
    resources = terraform_plan.resources(place)
    reader = _Reader(declared, resources, Path(place.file).parent)
    for resource in resources:
        declared.logical_ids[terraform_plan.domain_name(resource.address)] = resource.address
        reader.resource(resource)
    for resource in resources:
        if resource.type == "aws_lambda_function_url":
            reader.function_url(resource)
    terraform_http_apis.read(resources, declared)
    return declared


def _how_to_get(kind: str, id: str) -> str:
    return f"no {kind} of the plan or state is meant by it; read it with a data source, and show the state"


class _Reader:
    """Resources into `declared`."""

    def __init__(self, declared: Declared, resources: list[Resource], folder: Path) -> None:
        self._declared = declared
        self._resources = resources
        self._folder = folder
        self._types: dict[str, Callable[[Resource], None]] = {
            "aws_cloudfront_distribution": self._distribution,
            "aws_cloudfront_function": self._function,
            "aws_cloudfront_key_value_store": self._key_value_store,
            "aws_cloudfront_public_key": self._public_key,
            "aws_lambda_function": self._lambda,
            "aws_s3_bucket_policy": self._bucket_policy,
            **dict.fromkeys(_REFERRED, self._referred),
        }

    def resource(self, resource: Resource) -> None:
        """One resource."""
        read = self._types.get(resource.type)
        if read is not None:
            read(resource)
        elif resource.type.startswith(_PREFIX) and resource.type not in _NOTHING_TO_READ:
            message = f"not modelled: {resource.type}"
            self._declared.findings.append(warning("not_modelled", resource.place.at(), message))

    def _distribution(self, resource: Resource) -> None:
        values = resource.values
        for origin in listed(values.get("origin")):
            if isinstance(origin, Block):
                _say_bucket(origin)
        domain = values.get("domain_name")
        self._declared.distributions.append(
            DeclaredDistribution(
                resource.value("id"),
                domain if isinstance(domain, str) else terraform_plan.domain_name(resource.address),
                resource.address,
                _config(DistributionConfigShape, resource),
                (resource.name,),
            )
        )

    def _referred(self, resource: Resource) -> None:
        kind, shape = _REFERRED[resource.type]
        self._declared.add(kind, resource.value("id"), _config(shape, resource))

    def _public_key(self, resource: Resource) -> None:
        self._declared.public_keys[resource.value("id")] = _config(PublicKeyConfigShape, resource)

    def _key_value_store(self, resource: Resource) -> None:
        name = str(resource.values.get("name") or resource.name)
        self._declared.stores[resource.value("arn")] = name
        self._declared.store_places[name] = resource.place

    def _function(self, resource: Resource) -> None:
        values, stores = resource.values, Items()
        for arn in listed(values.get("key_value_store_associations")):
            store = Block()
            store.put("KeyValueStoreARN", arn, resource.place.line)
            stores.put(store, resource.place.line)
        config = Block()
        for name, value in (("Runtime", values.get("runtime")), ("KeyValueStoreAssociations", stores)):
            config.put(name, value, resource.place.line)
        self._declared.functions[resource.value("arn")] = DeclaredFunction(
            str(values.get("name") or resource.name),
            str(values.get("code") or ""),
            resource.address,
            _at(resource, config),
            published=values.get("publish") is not False,
            code_place=resource.place.child("code"),
        )

    def _lambda(self, resource: Resource) -> None:
        values = resource.values
        name, version = str(values.get("function_name") or resource.name), str(values.get("version") or "1")
        package = self._package(values.get("filename"))
        declared = DeclaredLambda(
            name, version, _at(resource, as_properties(values)), resource.place.child("metadata"), package
        )
        self._declared.lambdas[resource.value("qualified_arn")] = declared

    def _bucket_policy(self, resource: Resource) -> None:
        """`policy` is JSON in a text; in a plan it may not be known yet."""
        bucket, text = resource.values.get("bucket"), resource.values.get("policy")
        if isinstance(bucket, str) and isinstance(text, str):
            try:
                policy = json.loads(text)
            except ValueError:
                return
            place = Place(resource.place.file, f"{resource.address}.policy", policy, resource.place.line)
            self._declared.bucket_policies.setdefault(bucket.lower(), []).append(place)

    def function_url(self, resource: Resource) -> None:
        """`function_name` is a name or an ARN; in a plan, the stand-in for one of them."""
        named, values = str(resource.values.get("function_name") or ""), as_properties(resource.values)
        for old, new in (("AuthorizationType", "AuthType"), ("FunctionName", "TargetFunctionArn")):
            if old in values:
                values.put(new, values[old], values.lines[old])
        url = resource.value("function_url")
        host = url.split("/")[2] if "://" in url else url
        for arn, one in self._declared.lambdas.items():
            if named in (one.name, arn, arn.rpartition(":")[0]):
                self._declared.behind[host.lower()] = f"the function URL of {one.name}"
                self._declared.function_urls[host.lower()] = DeclaredFunctionUrl(arn, _at(resource, values))

    def _package(self, filename: object) -> Path | None:
        """A zip file, or what `archive_file` would make it of."""
        if not isinstance(filename, str):
            return None
        path = self._folder / filename
        if path.exists():
            return path
        for archive in self._resources:
            if archive.type == "archive_file" and archive.values.get("output_path") == filename:
                source = archive.values.get("source_dir") or archive.values.get("source_file")
                if isinstance(source, str) and (self._folder / source).exists():
                    return self._folder / source
        return None


def _config(shape: type[Shape], resource: Resource) -> Place:
    return _at(resource, as_api(shape, resource.values))


def _at(resource: Resource, tree: Block) -> Place:
    return Place(resource.place.file, resource.address, tree, resource.place.line)


def _say_bucket(origin: Block) -> None:
    """An origin without a configuration of its kind is a bucket."""
    if not any(origin.get(kind) for kind in _ORIGIN_KINDS):
        config = Items()
        config.put(Block(), 1)
        origin.put("s3_origin_config", config, origin.lines.get("origin_id", 1))
