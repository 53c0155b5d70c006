"""Several distributions, served together: which functions they have, and the same with some functions replaced.

A distribution tenant is a distribution of its own here, and so is a staging distribution; the primary leads to it
(`Distribution.continuous_deployment`). So what is served is a tuple of distributions, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from edge.model.distribution import Behavior, Distribution
from edge.model.function import CloudFrontFunction, Function, LambdaFunction


def with_staging(distributions: tuple[Distribution, ...]) -> tuple[Distribution, ...]:
    """The distributions, and the staging distributions that they lead to."""
    led_to = (one.continuous_deployment.staging for one in distributions if one.continuous_deployment is not None)
    return (*distributions, *led_to)


def choices(distributions: tuple[Distribution, ...]) -> tuple[Distribution, ...]:
    """What Host chooses from: nothing where there is no choice."""
    return distributions if len(distributions) > 1 else ()


def _functions(distributions: tuple[Distribution, ...]) -> Iterator[Function]:
    for distribution in with_staging(distributions):
        for behavior in distribution.behaviors:
            yield from behavior.functions.values()


def functions_of(distributions: tuple[Distribution, ...]) -> list[CloudFrontFunction]:
    """The CloudFront Functions of distributions, each once."""
    found = _functions(distributions)
    return list(dict.fromkeys(function for function in found if isinstance(function, CloudFrontFunction)))


def lambda_functions_of(distributions: tuple[Distribution, ...]) -> list[LambdaFunction]:
    """The Lambda functions of distributions, at behaviors and as origins, each once."""
    found = [function for function in _functions(distributions) if isinstance(function, LambdaFunction)]
    for one in with_staging(distributions):
        for origin in one.origins.values():
            found += [] if origin.function_url is None else [origin.function_url.function]
            found += () if origin.http_api is None else origin.http_api.functions
    return list(dict.fromkeys(found))


def with_functions(distribution: Distribution, instead: Mapping[str, CloudFrontFunction]) -> Distribution:
    """The distribution with some functions replaced, by the name of their source."""
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

    policy = distribution.continuous_deployment
    return replace(
        distribution,
        behaviors=tuple(patched(behavior) for behavior in distribution.behaviors),
        continuous_deployment=policy and replace(policy, staging=with_functions(policy.staging, instead)),
    )
