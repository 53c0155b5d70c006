"""From a file to a Configuration: which kind of file it is, and all that is found wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from edge.configuration import api_answers, cloud_assembly, cloudformation, document, key_value_stores, local, terraform
from edge.configuration.configuration import Configuration
from edge.configuration.declared import Declared, DeclaredDistribution
from edge.configuration.finding import ConfigurationError, error, nearest, note
from edge.configuration.local import Local
from edge.configuration.resolve import Resolver

_WANTED = (
    "neither a CloudFormation template (a mapping with Resources), nor the JSON of terraform show -json, nor that of "
    "aws cloudfront get-distribution-config or get-distribution"
)


def read(
    path: Path,
    local_file: Path | None,
    distribution: str | None,
    parameters: Mapping[str, str],
    origins: Mapping[str, str],
    kvs: Mapping[str, Path],
) -> Configuration:
    """What `inspect` gives."""
    settings = local.read(local_file, path.parent).with_stores(kvs.items())
    declared = _read(path, settings, parameters)
    found = declared.findings
    chosen = _chosen(declared, distribution, str(path))
    resolver = Resolver(declared, settings, origins, found)
    distributions = tuple(settings.as_asked(one) for one in resolver.distributions(chosen))
    seeds, seed_files = key_value_stores.seeds(settings)
    stores = key_value_stores.stores(declared, settings, seeds, found)
    watched = [*declared.watched, *seed_files]
    if settings.file is not None:
        watched.append(settings.file)
    return Configuration(
        distributions,
        tuple(dict.fromkeys(found)),
        tuple(dict.fromkeys(watched)),
        settings,
        stores,
        resolver.functions,
        {one.source_name: one.code_place for one in declared.functions.values() if one.code_place is not None},
        key_value_stores.facts(declared, settings),
    )


def _read(path: Path, settings: Local, parameters: Mapping[str, str]) -> Declared:
    if path.is_dir():
        return cloud_assembly.read(path, settings, parameters)
    place = document.read(path)
    if cloudformation.is_template(place):
        return cloudformation.read(place, settings, parameters)
    if parameters:
        raise ConfigurationError(error("document.parameters", str(path), "only a template has parameters"))
    if terraform.is_terraform(place):
        return terraform.read(place)
    if api_answers.is_answer(place):
        return api_answers.read(place)
    raise ConfigurationError(
        error("document.unknown", str(path), "the file is empty" if place.tree is None else _WANTED)
    )


def _chosen(declared: Declared, name: str | None, where: str) -> list[DeclaredDistribution]:
    """The distributions that are meant: all, without a name."""
    known = declared.distributions
    names = [one.name for one in known]
    if not known:
        raise ConfigurationError(
            *declared.findings, error("distribution.none", where, "there is no CloudFront distribution in it")
        )
    chosen = known if name is None else [one for one in known if name in _names(one)]
    if not chosen:
        message = f"there is no distribution {name}; {nearest(name or '', names)}"
        raise ConfigurationError(error("distribution.unknown", where, message))
    if len(chosen) > 1:
        addresses = ", ".join(f"{one.name.lower()}.localhost" for one in chosen)
        message = f"{len(chosen)} distributions are served, each under its own names and as {addresses}; "
        message += f"other names of this machine are for {chosen[0].name}; --distribution NAME serves one alone"
        declared.findings.append(note("distribution.several", where, message))
    return chosen


def _names(one: DeclaredDistribution) -> list[str]:
    """All that a distribution may be called by."""
    aliases = one.config.child("Aliases").tree
    items = aliases.get("Items") if isinstance(aliases, dict) else aliases
    return [one.name, one.id, one.domain_name, *one.also, *(items if isinstance(items, list) else ())]
