"""Lambda functions, for Lambda@Edge: where their code is, and how it runs.

Source: CloudFormation User Guide, AWS::Lambda::Function; SAM Developer Guide, AWS::Serverless::Function. Code that AWS
keeps is looked for where it came from: the path that `aws cloudformation package` would upload, the asset of a CDK
stack, the zip file that the Serverless Framework puts beside its template.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edge.configuration import packages, references
from edge.configuration.declared import Declared, DeclaredLambda
from edge.configuration.finding import Finding, error, warning
from edge.configuration.intrinsics import as_text
from edge.configuration.positions import Block, Place
from edge.configuration.shapes.resource_configs import LambdaConfigShape
from edge.configuration.shapes.shape import parse
from edge.configuration.template import Resource, Template
from edge.model.function import LambdaFunction

_VERSION = "1"


def from_resource(
    template: Template, resource: Resource, properties: Place, metadata: Place, declared: Declared
) -> None:
    """One AWS::Lambda::Function or AWS::Serverless::Function into `declared`, if it is one that an edge may run."""
    if not isinstance(properties.tree, Block):
        return
    arn = f"{references.lambda_arn(template, resource.logical_id)}:{_VERSION}"
    package = template.assembly.packages.get(as_text(properties.child("Code", "S3Key").tree))
    declared.lambdas[arn] = DeclaredLambda(
        references.physical_name(template, resource.logical_id),
        _VERSION,
        properties,
        metadata,
        package,
        _trust(template, resource),
    )


def _trust(template: Template, resource: Resource) -> Any:
    """The trust policy of a function's role, where the role is in the template too; SAM makes one where none is named,
    of which the function itself may say the policy."""
    written = resource.place.child("Properties", "Role").tree
    if resource.type == "AWS::Serverless::Function" and written is None:
        return template.property_of(resource.logical_id, "AssumeRolePolicyDocument")
    got = written.get("Fn::GetAtt") if isinstance(written, Block) else None
    role = got.partition(".")[0] if isinstance(got, str) else got[0] if isinstance(got, list) and got else None
    if isinstance(role, str) and template.type_of(role) == "AWS::IAM::Role":
        return template.property_of(role, "AssumeRolePolicyDocument")
    return None


def function(one: DeclaredLambda, declared: Declared, found: list[Finding]) -> LambdaFunction | None:
    """A function that a behavior is associated with; None when it cannot be made, with the reasons in `found`.
    It is made when it is needed, because most Lambda functions of a template have nothing to do with CloudFront."""
    config = parse(LambdaConfigShape, one.config, declared.form, found)
    if config is None:
        return None
    folder = _code(one, config.Runtime, declared, found)
    if folder is None:
        return None
    return LambdaFunction(
        one.name, one.version, str(folder), config.Handler, config.Runtime, config.MemorySize, config.Timeout
    )


def _code(one: DeclaredLambda, runtime: str, declared: Declared, found: list[Finding]) -> Path | None:
    """The folder of the unpacked package."""
    if one.package is not None:
        declared.watched += packages.watched(one.package)
        return packages.unpacked(one.package)
    key, code = _source(one)
    where, base = one.config.at(*key), Path(one.config.file).parent
    if isinstance(code, str):
        path = base / code
        if path.exists():
            declared.watched += packages.watched(path)
            return packages.unpacked(path)
        message = f"the code of {one.name} is not here: {path} does not exist"
        found.append(error("functions.no_code", where, message))
        return None
    uploaded = base / Path(as_text(code.get("S3Key"))).name if isinstance(code, dict) and "S3Key" in code else None
    if uploaded is not None and uploaded.is_file():  # as the Serverless Framework packages it, beside the template
        declared.watched.append(uploaded)
        return packages.unpacked(uploaded)
    inline = code.get("ZipFile") if isinstance(code, dict) else None
    if isinstance(inline, str):
        return packages.inline(inline, runtime)
    message = f"not modelled: the code of {one.name} is in AWS only, so it does not run; give the path of its folder"
    found.append(warning("not_modelled", where, message))
    return None


def _source(one: DeclaredLambda) -> tuple[tuple[str, ...], Any]:
    """The property that says where the code is, and what it says: a path, or a mapping."""
    properties = one.config.tree
    asset = one.metadata.tree.get("aws:asset:path") if isinstance(one.metadata.tree, Block) else None
    if "InlineCode" in properties:
        return ("InlineCode",), {"ZipFile": properties["InlineCode"]}
    key = "CodeUri" if "CodeUri" in properties else "Code"
    code = properties.get(key)
    return (key,), asset if isinstance(asset, str) and not isinstance(code, str) else code
