"""Edge logic under test: functions, and exchanges in virtual time with a scripted origin, without sockets.

Also a pytest plugin (`edge.testing.plugin`), which pytest finds by itself once the package is installed. Names are
imported when they are used, so that a pytest run that has nothing to do with the edge pays nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge.testing.clock import VirtualClock
    from edge.testing.distributions import distribution
    from edge.testing.errors import HarnessError, UnexpectedResultError
    from edge.testing.fixtures import CloudFrontFunctionFixture, DistributionFixture, LambdaEdgeFixture
    from edge.testing.function_result import FunctionResult
    from edge.testing.function_under_test import FunctionUnderTest, cloudfront_function
    from edge.testing.lambdas.outbound import OutboundScript
    from edge.testing.lambdas.result import LambdaResult
    from edge.testing.lambdas.under_test import LambdaUnderTest, lambda_edge
    from edge.testing.origin_script import OriginScript, UnscriptedRequestError
    from edge.testing.playbook import Playbook, Talk
    from edge.testing.site import Site
    from edge.testing.site_response import SiteResponse
    from edge.testing.tokens import Issuer, token
    from edge.testing.verdict import Verdict

_WHERE = {
    "CloudFrontFunctionFixture": "fixtures",
    "DistributionFixture": "fixtures",
    "FunctionResult": "function_result",
    "FunctionUnderTest": "function_under_test",
    "HarnessError": "errors",
    "Issuer": "tokens",
    "LambdaEdgeFixture": "fixtures",
    "LambdaResult": "lambdas.result",
    "LambdaUnderTest": "lambdas.under_test",
    "OriginScript": "origin_script",
    "OutboundScript": "lambdas.outbound",
    "Playbook": "playbook",
    "Site": "site",
    "SiteResponse": "site_response",
    "Talk": "playbook",
    "UnexpectedResultError": "errors",
    "UnscriptedRequestError": "origin_script",
    "Verdict": "verdict",
    "VirtualClock": "clock",
    "cloudfront_function": "function_under_test",
    "distribution": "distributions",
    "lambda_edge": "lambdas.under_test",
    "token": "tokens",
}

__all__ = [
    "CloudFrontFunctionFixture",
    "DistributionFixture",
    "FunctionResult",
    "FunctionUnderTest",
    "HarnessError",
    "Issuer",
    "LambdaEdgeFixture",
    "LambdaResult",
    "LambdaUnderTest",
    "OriginScript",
    "OutboundScript",
    "Playbook",
    "Site",
    "SiteResponse",
    "Talk",
    "UnexpectedResultError",
    "UnscriptedRequestError",
    "Verdict",
    "VirtualClock",
    "cloudfront_function",
    "distribution",
    "lambda_edge",
    "token",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
