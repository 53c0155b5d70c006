"""Which functions a distribution has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edge.model.distribution import Behavior, Distribution
from edge.model.function import CloudFrontFunction, LambdaFunction


def cloudfront_functions(distribution: Distribution) -> list[CloudFrontFunction]:
    """The CloudFront Functions of a distribution, each once."""
    found = (function for behavior in distribution.behaviors for function in behavior.functions.values())
    return list(dict.fromkeys(function for function in found if isinstance(function, CloudFrontFunction)))


def lambda_functions(distribution: Distribution) -> list[LambdaFunction]:
    """The Lambda functions of a distribution, each once: those of behaviors, and those that are origins."""
    found = [function for behavior in distribution.behaviors for function in behavior.functions.values()]
    urls = (origin.function_url for origin in distribution.origins.values())
    functions = [*found, *(url.function for url in urls if url is not None)]
    return list(dict.fromkeys(function for function in functions if isinstance(function, LambdaFunction)))


def with_functions(distribution: Distribution, instead: Mapping[str, CloudFrontFunction]) -> Distribution:
    """The distribution with some CloudFront Functions replaced, by the name of their source."""
    if not instead:
        return distribution

    def patched(behavior: Behavior) -> Behavior:
        functions = {
            event_type: instead.get(function.source_name, function)
            if isinstance(function, CloudFrontFunction)
            else function
            for event_type, function in behavior.functions.items()
        }
        return replace(behavior, functions=functions)

    return replace(distribution, behaviors=tuple(patched(behavior) for behavior in distribution.behaviors))
