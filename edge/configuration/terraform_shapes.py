"""Terraform's spelling of the API's structures: snake_case, single blocks as lists of one, lists in `items` blocks.

Source: Terraform Registry, the aws_cloudfront_* resources of the AWS provider. Names follow from those of the API but
for a few; properties that are not known stay as they are, and are listed like those of any other source.
"""

from __future__ import annotations

import re
from typing import Any, Final, get_args, get_origin

from edge.configuration.positions import Block, Items
from edge.configuration.shapes.shape import Shape

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_RENAMED: Final = {
    ("DistributionConfigShape", "Origins"): "origin",
    ("DistributionConfigShape", "OriginGroups"): "origin_group",
    ("DistributionConfigShape", "CacheBehaviors"): "ordered_cache_behavior",
    ("DistributionConfigShape", "CustomErrorResponses"): "custom_error_response",
    ("DistributionConfigShape", "Logging"): "logging_config",
    ("OriginShape", "Id"): "origin_id",
    ("OriginShape", "CustomHeaders"): "custom_header",
    ("OriginCustomHeaderShape", "HeaderName"): "name",
    ("OriginCustomHeaderShape", "HeaderValue"): "value",
    ("OriginGroupShape", "Id"): "origin_id",
    ("OriginGroupShape", "Members"): "member",
    ("GeoRestrictionShape", "Items"): "locations",
    ("ViewerCertificateShape", "CloudFrontDefaultCertificate"): "cloudfront_default_certificate",
    ("LambdaFunctionAssociationShape", "LambdaFunctionARN"): "lambda_arn",
    **{
        (shape, f"{kind}Associations"): snake
        for shape in ("DefaultCacheBehaviorShape", "CacheBehaviorShape")
        for kind, snake in (("Function", "function_association"), ("LambdaFunction", "lambda_function_association"))
    },
}
"""Fields that Terraform calls otherwise."""

_ONLY_TERRAFORM: Final = frozenset(
    "arn caller_reference domain_name etag hosted_zone_id id in_progress_validation_batches last_modified_time "
    "logging_v1_enabled region retain_on_delete status tags tags_all wait_for_deployment".split()
)
"""What a resource has besides the structure of the API: what AWS gave it, and how Terraform deals with it."""

_FREE_MAPS: Final = ("tags", "variables", "stage_variables")
"""Mappings whose keys are the user's own."""
_TTLS: Final = ("min_ttl", "default_ttl", "max_ttl")


def as_api(model: type[Shape], values: Block, *, top: bool = True) -> Block:
    """The values of a resource, or of a block in it, by the API's names and in its shape."""
    made, known = Block(), set[str]()
    for name, field in model.model_fields.items():
        key = _RENAMED.get((model.__name__, name)) or _WORDS.sub("_", name).lower()
        known.add(key)
        value = values.get(key)
        if not _is_unset(key, value, values):
            made.put(name, _value(field.annotation, value), values.lines[key])
    for key, value in values.items():
        if key not in known and not (top and key in _ONLY_TERRAFORM) and not _is_unset(key, value, values):
            made.put(key, value, values.lines[key])
    return made


def as_properties(values: Block) -> Block:
    """The values of a resource by CloudFormation's names, whatever they are."""
    made = Block()
    for key, value in values.items():
        if not _is_unset(key, value, values):
            block = value[0] if _is_block(value) else value
            name = "".join(word.capitalize() for word in key.split("_"))
            is_structure = isinstance(block, Block) and key not in _FREE_MAPS
            made.put(name, as_properties(block) if is_structure else block, values.lines[key])
    return made


def _value(annotation: Any, value: Any) -> Any:
    shape, many = _shape_of(annotation), _is_many(annotation)
    if _is_block(value) and value[0].keys() == {"items"} and (many or shape is None):
        value = value[0]["items"] or Items()
    if shape is None and not many and _is_block(value):
        return as_properties(value[0])
    if shape is None or not isinstance(value, Items):
        return value
    if not many:
        return as_api(shape, value[0], top=False) if _is_block(value) else value
    made = Items()
    for element, line in zip(value, value.lines, strict=True):
        made.put(as_api(shape, element, top=False) if isinstance(element, Block) else element, line)
    return made


def _is_unset(key: str, value: Any, values: Block) -> bool:
    """Whether a value is how Terraform shows that nothing was set. Where a policy says how long, TTLs are zeros."""
    if value is None or value == []:
        return True
    if value == 0 and not isinstance(value, bool):
        return key in ("response_code", "response_completion_timeout") or (
            key in _TTLS and bool(values.get("cache_policy_id"))
        )
    return False


def _is_block(value: Any) -> bool:
    return isinstance(value, Items) and len(value) == 1 and isinstance(value[0], Block)


def _shape_of(annotation: Any) -> type[Shape] | None:
    """The shape in X, X | None or tuple[X, ...]."""
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return annotation
    return next((shape for one in get_args(annotation) if (shape := _shape_of(one)) is not None), None)


def _is_many(annotation: Any) -> bool:
    return get_origin(annotation) is tuple or any(get_origin(one) is tuple for one in get_args(annotation))
