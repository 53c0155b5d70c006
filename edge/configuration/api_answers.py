"""What the AWS command line prints: `get-distribution-config` or `get-distribution`, and the answers beside it.

A distribution names its policies, functions and keys by id. Their answers (`aws cloudfront get-cache-policy --id ...`)
are looked for in the other .json files of its folder, whatever those are called; the code of a function in NAME.js,
that of a Lambda function in the folder NAME or NAME.zip.
Source: CloudFront API Reference, the answers of the Get, Describe and List actions; Lambda API Reference, GetFunction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from edge.configuration import document, json_positions
from edge.configuration.declared import (
    API_DEFAULTS,
    STAND_IN_DOMAIN_NAME,
    STAND_IN_ID,
    Declared,
    DeclaredDistribution,
    DeclaredFunction,
    DeclaredLambda,
    Kind,
)
from edge.configuration.finding import ConfigurationError
from edge.configuration.positions import Block, Place

_FILE_MAX_BYTES = 4 * 1024 * 1024
"""Larger files are no answers of these actions."""

_KINDS: Final[Mapping[str, Kind]] = {
    "CachePolicy": "cache policy",
    "OriginRequestPolicy": "origin request policy",
    "ResponseHeadersPolicy": "response headers policy",
    "OriginAccessControl": "origin access control",
    "KeyGroup": "key group",
    "ContinuousDeploymentPolicy": "continuous deployment policy",
}
"""Things with an Id, by the key under which an answer holds them; their configuration is in `<key>Config`."""

_COMMANDS: Final[Mapping[str, str]] = {
    "cache policy": "aws cloudfront get-cache-policy --id {id} > {id}.json",
    "origin request policy": "aws cloudfront get-origin-request-policy --id {id} > {id}.json",
    "response headers policy": "aws cloudfront get-response-headers-policy --id {id} > {id}.json",
    "origin access control": "aws cloudfront get-origin-access-control --id {id} > {id}.json",
    "key group": "aws cloudfront get-key-group --id {id} > {id}.json",
    "continuous deployment policy": "aws cloudfront get-continuous-deployment-policy --id {id} > {id}.json",
    "real-time log configuration": "aws cloudfront get-realtime-log-config --arn {id} > real-time-log.json",
    "public key": "aws cloudfront get-public-key --id {id} > {id}.json",
    "function": "aws cloudfront get-function --name {id} --stage LIVE {id}.js; "
    "aws cloudfront describe-function --name {id} --stage LIVE > {id}.json",
    "key value store": "aws cloudfront describe-key-value-store --name {id} > {id}.json",
    "Lambda function": "aws lambda get-function --function-name {id} > {name}.json, and unpack its code into {name}/",
}


def is_answer(place: Place) -> bool:
    """Whether a document is the answer about a distribution, or the bare configuration of one."""
    return _distribution(place) is not None


def read(place: Place) -> Declared:
    """What a distribution's answer, and the answers beside it, declare."""
    file = Path(place.file)
    declared = Declared("api", API_DEFAULTS, _how_to_get(file))
    declared.watched.append(file)
    distribution = _distribution(place)
    assert distribution is not None
    declared.distributions.append(distribution)
    reader = _Reader(declared, file.parent)
    for path in sorted(file.parent.glob("*.json")):
        if path != file:
            reader.answer(path)
    reader.functions(distribution.config)
    return declared


def _how_to_get(file: Path) -> Callable[[str, str], str]:
    def how_to_get(kind: str, id: str) -> str:
        name = id.split(":")[6] if kind == "Lambda function" and id.count(":") >= 6 else id
        folder = file.parent.resolve()
        return f"in {folder}, run: {_COMMANDS[kind].format(id=id, name=name)}"

    return how_to_get


def _distribution(place: Place) -> DeclaredDistribution | None:
    tree, name = place.tree, Path(place.file).stem
    if not isinstance(tree, Block):
        return None
    if isinstance(whole := tree.get("Distribution"), Block) and "DistributionConfig" in whole:
        return _answered(place.child("Distribution"))
    if isinstance(tree.get("DistributionConfig"), Block):
        config = place.child("DistributionConfig")
    elif "DefaultCacheBehavior" in tree and "Origins" in tree:
        config = place
    else:
        return None
    return DeclaredDistribution(STAND_IN_ID, STAND_IN_DOMAIN_NAME, name, config)


def _answered(place: Place) -> DeclaredDistribution:
    """A distribution with its id and domain name."""
    id = str(place.tree.get("Id") or STAND_IN_ID)
    domain_name = str(place.tree.get("DomainName") or STAND_IN_DOMAIN_NAME)
    return DeclaredDistribution(id, domain_name, Path(place.file).stem, place.child("DistributionConfig"))


class _Reader:
    """Answers into `declared`."""

    def __init__(self, declared: Declared, folder: Path) -> None:
        self._declared = declared
        self._folder = folder
        self._summaries: dict[str, Place] = {}

    def answer(self, path: Path) -> None:
        """One file; files that are something else are passed over."""
        if path.stat().st_size > _FILE_MAX_BYTES:
            return
        try:
            tree = json_positions.read(document.read_text(path), str(path))
        except (ConfigurationError, RecursionError):
            return
        known = False
        for key, place in _things(Place(str(path), "", tree)):
            known |= self._thing(key, place)
        if known:
            self._declared.watched.append(path)

    def functions(self, config: Place) -> None:
        """The functions that are described, and those that behaviors name and whose code is here."""
        for behavior in (config.child("DefaultCacheBehavior"), *_elements(config.child("CacheBehaviors"))):
            for association in _elements(behavior.child("FunctionAssociations")):
                arn = association.child("FunctionARN").tree
                if isinstance(arn, str):
                    self._function(arn)
        for arn in self._summaries:
            self._function(arn)

    def _thing(self, key: str, place: Place) -> bool:
        """One policy, key, function... False when `key` is not one that is known."""
        id, config = place.tree.get("Id"), place.child(f"{key}Config")
        if config.tree is None:
            config = place  # lists of keys and access controls hold what is in the configuration directly
        if key in _KINDS and isinstance(id, str):
            self._declared.add(_KINDS[key], id, config)
        elif key == "DistributionTenant" and isinstance(id, str):
            self._declared.tenants[id] = place
        elif key == "Distribution" and place.child("DistributionConfig", "Staging").tree is True:
            self._declared.distributions.append(_answered(place))
        elif key == "PublicKey" and isinstance(id, str):
            self._declared.public_keys[id] = config
        elif key == "RealtimeLogConfig" and isinstance(place.tree.get("ARN"), str):
            self._declared.add("real-time log configuration", place.tree["ARN"], place)
        elif key in ("WebACL", "IPSet") and isinstance(place.tree.get("ARN"), str):
            things = self._declared.web_acls if key == "WebACL" else self._declared.ip_sets
            things[place.tree["ARN"]] = place
        elif key == "FunctionSummary":
            arn, stage = (place.child("FunctionMetadata", name).tree for name in ("FunctionARN", "Stage"))
            if isinstance(arn, str) and (stage == "LIVE" or arn not in self._summaries):
                self._summaries[arn] = place
        elif key == "KeyValueStore" and isinstance(place.tree.get("ARN"), str):
            name = str(place.tree.get("Name") or id)
            self._declared.stores[place.tree["ARN"]] = name
            self._declared.store_places[name] = place
        elif key == "Configuration" and isinstance(place.tree.get("FunctionArn"), str):
            self._lambda(place)
        else:
            return False
        return True

    def _function(self, arn: str) -> None:
        name = arn.rpartition("/")[2]
        path = self._folder / f"{name}.js"
        if arn in self._declared.functions or not path.is_file():
            return
        summary = self._summaries.get(arn)
        self._declared.functions[arn] = DeclaredFunction(
            name,
            document.read_text(path),
            str(path),
            Place(str(path), "", None) if summary is None else summary.child("FunctionConfig"),
            published=summary is None or summary.child("FunctionMetadata", "Stage").tree == "LIVE",
        )
        self._declared.watched.append(path)

    def _lambda(self, place: Place) -> None:
        arn, version = place.tree["FunctionArn"], str(place.tree.get("Version", "1"))
        name = str(place.tree.get("FunctionName") or arn.split(":")[6])
        here = (self._folder / name, self._folder / f"{name}.zip")
        package = next((path for path in here if path.exists()), None)
        numbered = arn if arn.endswith(f":{version}") else f"{arn}:{version}"
        self._declared.lambdas[numbered] = DeclaredLambda(name, version, place, place.child("Metadata"), package)


def _things(place: Place) -> Iterator[tuple[str, Place]]:
    """Each thing that an answer is about, with the key that says what it is: one, or those of a list."""
    if not isinstance(place.tree, Block):
        return
    for key in place.tree:
        child = place.child(key)
        if not isinstance(child.tree, Block):
            continue
        if not key.endswith("List"):
            yield key, child
            continue
        kind = {"FunctionList": "FunctionSummary"}.get(key, key.removesuffix("List"))
        for element in _elements(child):
            wrapped = element.child(kind)
            yield kind, wrapped if isinstance(wrapped.tree, Block) else element


def _elements(place: Place) -> Iterator[Place]:
    """The mappings of a {Quantity, Items}."""
    items: Any = place.tree.get("Items") if isinstance(place.tree, Block) else place.tree
    for index in range(len(items) if isinstance(items, list) else 0):
        element = place.child(index)
        if isinstance(element.tree, Block):
            yield element
