"""A Lambda function behind its function URL, as an origin.

Source: Lambda Developer Guide, "Creating and managing Lambda function URLs"; Lambda API Reference,
CreateFunctionUrlConfig, Cors; "Control access to Lambda function URLs".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edge.model.function import LambdaFunction

AuthType = Literal["NONE", "AWS_IAM"]
InvokeMode = Literal["BUFFERED", "RESPONSE_STREAM"]


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
    """A function URL. `auth_type` AWS_IAM answers 403 to a request that is not signed."""

    function: LambdaFunction
    auth_type: AuthType = "NONE"
    invoke_mode: InvokeMode = "BUFFERED"
    cors: FunctionUrlCors | None = None
