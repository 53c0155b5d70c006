"""A Lambda function behind a URL of its own, as an origin.

Source: Lambda Developer Guide, "Creating and managing Lambda function URLs", "Control access to Lambda function URLs".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edge.model.function import LambdaFunction

AuthType = Literal["NONE", "AWS_IAM"]
InvokeMode = Literal["BUFFERED", "RESPONSE_STREAM"]


@dataclass(frozen=True, slots=True)
class FunctionUrl:
    """The function, who may call it, and whether its response is streamed."""

    function: LambdaFunction
    auth_type: AuthType = "NONE"
    invoke_mode: InvokeMode = "BUFFERED"
