"""The words that X-Cache and the access log use for how a request was answered.

Source: CloudFront Developer Guide, "Standard log file fields" (x-edge-result-type), and X-Cache
values seen on the wire.
"""

from __future__ import annotations

from enum import StrEnum


class ResultType(StrEnum):
    """X-Cache is `<value> from cloudfront`."""

    HIT = "Hit"
    MISS = "Miss"
    REFRESH_HIT = "RefreshHit"
    ERROR = "Error"
    REDIRECT = "Redirect"
    FUNCTION_GENERATED_RESPONSE = "FunctionGeneratedResponse"
    FUNCTION_EXECUTION_ERROR = "FunctionExecutionError"
    FUNCTION_THROTTLED_ERROR = "FunctionThrottledError"
    FUNCTION_VALIDATION_ERROR = "FunctionValidationError"
    LAMBDA_GENERATED_RESPONSE = "LambdaGeneratedResponse"
    LAMBDA_EXECUTION_ERROR = "LambdaExecutionError"
    LAMBDA_LIMIT_EXCEEDED = "LambdaLimitExceeded"
    LAMBDA_VALIDATION_ERROR = "LambdaValidationError"
    LIMIT_EXCEEDED = "LimitExceeded"
    CAPACITY_EXCEEDED = "CapacityExceeded"
