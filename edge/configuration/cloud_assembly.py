"""A CDK output folder (`cdk.out`): the templates of all its stacks, and the assets that they upload.

Source: AWS CDK Developer Guide, "Cloud assembly"; the schema of manifest.json and *.assets.json
(@aws-cdk/cloud-assembly-schema). Stacks are read in the order in which they would be deployed, so that what one takes
from another (exports, and the function versions that `experimental.EdgeFunction` hands on from us-east-1) is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

from edge.configuration import cloudformation, document
from edge.configuration.declared import Declared
from edge.configuration.finding import ConfigurationError, error, nearest
from edge.configuration.intrinsics import as_text
from edge.configuration.local import Local
from edge.configuration.positions import Block, Place, Unresolved
from edge.configuration.template import Assembly, Template

_MANIFEST = "manifest.json"
_STACK: Final = "aws:cloudformation:stack"
_NESTED: Final = "cdk:cloud-assembly"
_ASSETS: Final = "cdk:asset-manifest"


@dataclass(frozen=True, slots=True)
class _Stack:
    """A stack: `environment` is aws://ACCOUNT/REGION."""

    name: str
    template: Path
    environment: str
    dependencies: tuple[str, ...]


def read(folder: Path, local: Local, parameters: Mapping[str, str]) -> Declared:
    """What the stacks of a folder declare. Raises ConfigurationError."""
    if not (folder / _MANIFEST).is_file():
        message = "a folder is the output of cdk synth, and this one has no manifest.json; give a template, or the JSON"
        message += " of aws cloudfront get-distribution-config"
        raise ConfigurationError(error("document.folder", str(folder), message))
    stacks: dict[str, _Stack] = {}
    packages: dict[str, Path] = {}
    _manifest(folder, stacks, packages)
    given = {**local.parameters, **parameters}
    exports, ssm_parameters = dict(local.exports), dict[str, str]()
    declared = cloudformation.nothing()
    declared.watched.append(folder / _MANIFEST)
    used: set[str] = set()
    for stack in _in_order(stacks, folder):
        place = document.read(stack.template)
        if not cloudformation.is_template(place):
            continue
        own = {name: value for name, value in given.items() if _is_of(name, place)}
        used |= own.keys()
        assembly = Assembly(f"{stack.name}-", exports, ssm_parameters, packages)
        template = Template(place, {**_pseudo_parameters(stack), **own}, assembly, local.name)
        cloudformation.add(template, declared, stack.name)
        exports |= template.outputs()
        ssm_parameters |= _ssm_parameters(template)
    for name in given:
        if name not in used:
            message = f"no stack has a parameter {name}; {nearest(name, used)}"
            declared.findings.append(error("template.unknown_parameter", str(folder), message))
    return declared


def _is_of(name: str, template: Place) -> bool:
    """Whether a value that is given may be of use in a template: a parameter of its own, an attribute of one of its
    resources, or what all templates may refer to."""
    if name.startswith(("AWS::", "{{", "/")) or name in (template.tree.get("Parameters") or {}):
        return True
    return name.partition(".")[0] in template.tree["Resources"] and "." in name


def _manifest(folder: Path, stacks: dict[str, _Stack], packages: dict[str, Path]) -> None:
    """The stacks and assets of one manifest, and of those inside it (stages)."""
    for name, artifact in _blocks(document.read(folder / _MANIFEST).child("artifacts")):
        kind, properties = artifact.child("type").tree, artifact.child("properties")
        if kind == _STACK:
            template = folder / as_text(properties.child("templateFile").tree)
            depends = artifact.child("dependencies").tree
            stacks[name] = _Stack(
                as_text(properties.child("stackName").tree or name),
                template,
                as_text(artifact.child("environment").tree),
                tuple(as_text(one) for one in depends) if isinstance(depends, list) else (),
            )
        elif kind == _NESTED:
            _manifest(folder / as_text(properties.child("directoryName").tree), stacks, packages)
        elif kind == _ASSETS:
            packages |= _packages(folder / as_text(properties.child("file").tree))


def _packages(path: Path) -> dict[str, Path]:
    """Folders and files that would be uploaded, by the S3 key that they would get."""
    made: dict[str, Path] = {}
    for _, asset in _blocks(document.read(path).child("files")):
        source = asset.child("source", "path").tree
        for _, destination in _blocks(asset.child("destinations")):
            if isinstance(source, str):
                made[as_text(destination.child("objectKey").tree)] = path.parent / source
    return made


def _in_order(stacks: Mapping[str, _Stack], folder: Path) -> list[_Stack]:
    graph = {name: [one for one in stack.dependencies if one in stacks] for name, stack in stacks.items()}
    try:
        return [stacks[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as problem:
        names = ", ".join(problem.args[1])
        raise ConfigurationError(
            error("assembly.cycle", str(folder / _MANIFEST), f"stacks depend on each other: {names}")
        ) from None


def _pseudo_parameters(stack: _Stack) -> dict[str, str]:
    account, _, region = stack.environment.removeprefix("aws://").partition("/")
    found = {"AWS::StackName": stack.name, "AWS::AccountId": account, "AWS::Region": region}
    return {name: value for name, value in found.items() if value and not value.startswith("unknown-")}


def _ssm_parameters(template: Template) -> dict[str, str]:
    made: dict[str, str] = {}
    for resource in template.resources():
        if resource.type == "AWS::SSM::Parameter":
            properties = template.evaluated(resource.place.child("Properties"))
            name, value = properties.child("Name").tree, properties.child("Value").tree
            if isinstance(name, str) and isinstance(value, str) and not isinstance(value, Unresolved):
                made[name] = value
    return made


def _blocks(place: Place) -> Iterator[tuple[str, Place]]:
    """The mappings of a mapping."""
    for name in place.tree if isinstance(place.tree, Block) else ():
        child = place.child(name)
        if isinstance(child.tree, Block):
            yield name, child
