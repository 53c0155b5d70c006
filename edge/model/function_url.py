"""A Lambda function behind its function URL, as an origin.

Source: Lambda Developer Guide, "Creating and managing Lambda function URLs"; Lambda API Reference,
CreateFunctionUrlConfig, Cors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from edge.model.function import LambdaFunction


@dataclass(frozen=True, slots=True)
class FunctionUrlCors:
    """The CORS headers that a function URL adds by itself. `max_age_s` in seconds."""

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    max_age_s: int = 0


@dataclass(frozen=True, slots=True)
class FunctionUrl:
    """A function URL. `auth_type` AWS_IAM answers 403 to a request that is not signed; `environment` are the variables
    that the function sees, which a Lambda@Edge function has none of."""

    function: LambdaFunction
    auth_type: Literal["NONE", "AWS_IAM"]
    invoke_mode: Literal["BUFFERED", "RESPONSE_STREAM"] = "BUFFERED"
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    cors: FunctionUrlCors | None = None
