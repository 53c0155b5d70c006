"""Function URLs as origins: the function behind one, with its code and its variables.

Source: CloudFormation User Guide, AWS::Lambda::Url; SAM Developer Guide, FunctionUrlConfig; Terraform Registry,
aws_lambda_function_url; CloudFront Developer Guide, "Use a Lambda function URL".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import ConfigDict

from edge.configuration import aws_lambda
from edge.configuration.declared import Declared, DeclaredFunctionUrl, DeclaredLambda
from edge.configuration.finding import Finding, warning
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Place, Unresolved
from edge.configuration.shapes.shape import UNUSED, Shape, Text, parse
from edge.model.function import LambdaFunction
from edge.model.function_url import FunctionUrl, FunctionUrlCors


class _CorsShape(Shape):
    """The CORS part of a function URL."""

    AllowCredentials: bool = False
    AllowHeaders: tuple[Text, ...] = ()
    AllowMethods: tuple[Text, ...] = ()
    AllowOrigins: tuple[Text, ...] = ()
    ExposeHeaders: tuple[Text, ...] = ()
    MaxAge: int = 0


class _UrlShape(Shape):
    """A function URL. Which function it is, the reader of the source says."""

    AuthType: Literal["AWS_IAM", "NONE"]
    InvokeMode: Literal["BUFFERED", "RESPONSE_STREAM"] = "BUFFERED"
    Cors: _CorsShape | None = None
    TargetFunctionArn: Annotated[Any, UNUSED] = None
    Qualifier: Annotated[Any, UNUSED] = None


class _OfTerraform(_UrlShape):
    """What Terraform knows of a function URL besides."""

    model_config = ConfigDict(extra="ignore")


def function_urls(declared: Declared, found: list[Finding]) -> dict[str, FunctionUrl]:
    """The function URLs whose code is here, by the host of the URL."""
    made = {host: function_url(one, declared, found) for host, one in declared.function_urls.items()}
    return {host: url for host, url in made.items() if url is not None}


def function_url(one: DeclaredFunctionUrl, declared: Declared, found: list[Finding]) -> FunctionUrl | None:
    """The function URL, as far as its code is here; what is not is in `found`."""
    shape = _UrlShape if declared.form == "cloudformation" else _OfTerraform
    config = parse(shape, one.config, declared.form, found)
    code = declared.lambdas.get(one.function_arn)
    if config is None:
        return None
    if code is None:
        message = f"not modelled: the code of {one.function_arn} is not here, so nothing runs behind its function URL"
        found.append(warning("not_modelled", one.config.at("TargetFunctionArn"), message))
        return None
    function = in_its_region(code, declared, found)
    return None if function is None else FunctionUrl(function, config.AuthType, config.InvokeMode, _cors(config.Cors))


def in_its_region(code: DeclaredLambda, declared: Declared, found: list[Finding]) -> LambdaFunction | None:
    """A function that runs as itself, with its variables, and not as a replica at the edge."""
    function = aws_lambda.function(code, declared, found)
    return None if function is None else replace(function, is_replica=False, environment=_environment(code.config))


def _environment(config: Place) -> tuple[tuple[str, str], ...]:
    """The variables. One that is not known is left out: the function finds out by itself whether it needs it."""
    variables = config.child("Environment", "Variables").tree
    if not isinstance(variables, Block):
        return ()
    return tuple((name, as_text(value)) for name, value in variables.items() if not isinstance(value, Unresolved))


def _cors(config: _CorsShape | None) -> FunctionUrlCors | None:
    if config is None:
        return None
    return FunctionUrlCors(
        config.AllowOrigins,
        config.AllowMethods,
        config.AllowHeaders,
        config.ExposeHeaders,
        config.AllowCredentials,
        config.MaxAge,
    )
