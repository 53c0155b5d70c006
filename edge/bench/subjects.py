"""What is compared with what: a baseline without functions, and the same logic in each tier in which it exists.

A CONFIG is compared with itself without its functions. Function files stand in a distribution with one behavior.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edge import configuration
from edge.bench import function_files, sample_event
from edge.bench.edge_under_test import Variant, tier_of, without_functions
from edge.bench.function_files import Found, FunctionFileError
from edge.bench.recommendation import Tier
from edge.configuration import Configuration
from edge.model.distribution import ALL_METHODS, Behavior, Distribution
from edge.model.function import EventType, Function, JavaScriptRuntime, LambdaFunction
from edge.model.request import Request

BASELINE = "without functions"
CONFIGURED = "as configured"
_ORIGIN = "http://origin.test"
_TEMPLATE_SUFFIXES = (".json", ".yaml", ".yml", ".template")


@dataclass(frozen=True, slots=True)
class Subjects:
    """`variants` begins with the baseline. `stores` are key value stores by name, `template` what requests have beside
    their URL, `told` what was found, in sentences."""

    variants: tuple[Variant, ...]
    stores: Mapping[str, Mapping[str, str]]
    template: Request
    told: tuple[str, ...] = ()

    @property
    def lambdas(self) -> tuple[tuple[EventType, LambdaFunction], ...]:
        """Every Lambda@Edge function with its event, each once."""
        pairs = dict.fromkeys(pair for variant in self.variants for pair in variant.functions)
        return tuple((event, function) for event, function in pairs if isinstance(function, LambdaFunction))


@dataclass(frozen=True, slots=True)
class Settings:
    """How function files are taken. `event_type` None is guessed, `event` None is looked for beside the files."""

    runtime: JavaScriptRuntime = JavaScriptRuntime.JS_2_0
    stores: Mapping[str, Mapping[str, str]] | None = None
    memory_mb: int = 128
    event_type: EventType | None = None
    event: Path | None = None
    cache_policy: str | None = None
    local_file: Path | None = None


def is_config(given: str) -> bool:
    """Whether an argument names a configuration, not a function."""
    path = Path(given)
    return path.suffix in _TEMPLATE_SUFFIXES or (path / "manifest.json").is_file()


def of_config(loaded: Configuration, settings: Settings) -> Subjects:
    """A distribution as it is configured."""
    distribution = loaded.distributions[0]
    if not Variant(CONFIGURED, distribution).functions:
        raise FunctionFileError(f"{distribution.name or distribution.id}: no behavior has a function to measure")
    variants = (Variant(BASELINE, without_functions(distribution)), Variant(CONFIGURED, distribution))
    template = sample_event.BROWSER if settings.event is None else sample_event.read(settings.event)
    stores = {**loaded.stores, **(settings.stores or {})}
    return Subjects(variants, stores, _with_host(template, distribution))


def of_files(given: Sequence[str], settings: Settings) -> Subjects:
    """Function files and folders, each with its twin. Raises FunctionFileError."""
    made = configuration.from_flags(_ORIGIN, local_file=settings.local_file, cache_policy=settings.cache_policy)
    given_stores = settings.stores or {}
    stores = {**made.stores, **given_stores}
    store = next(iter(given_stores or stores), None)
    found = [
        one
        for each in given
        for one in function_files.find(each, settings.runtime, store, settings.memory_mb, settings.event_type)
    ]
    whole = made.distributions[0]
    variants = [Variant(BASELINE, whole)]
    for tier in Tier:
        functions = _of_tier(found, tier)
        if functions:
            variants.append(Variant(tier.value, _with(whole, functions)))
    event = settings.event or next((beside for one in found if (beside := sample_event.beside(one.path))), None)
    template = sample_event.BROWSER if event is None else sample_event.read(event)
    told = [f"{tier_of(one.function).value} at {one.event_type}: {one.path}" for one in found]
    if event is not None:
        told.append(f"requests are like the one in {event}")
    return Subjects(tuple(variants), stores, template, tuple(told))


def _of_tier(found: Sequence[Found], tier: Tier) -> dict[EventType, Function]:
    functions: dict[EventType, Function] = {}
    for one in found:
        if tier_of(one.function) is not tier:
            continue
        if one.event_type in functions:
            raise FunctionFileError(
                f"{one.path}: there are two functions for {tier.value} at {one.event_type}; a behavior has one: "
                "give --event-type, or measure them one after the other"
            )
        functions[one.event_type] = one.function
    return functions


def _with(distribution: Distribution, functions: Mapping[EventType, Function]) -> Distribution:
    def associated(behavior: Behavior) -> Behavior:
        return replace(behavior, allowed_methods=ALL_METHODS, functions=functions)

    return replace(distribution, behaviors=tuple(associated(behavior) for behavior in distribution.behaviors))


def _with_host(template: Request, distribution: Distribution) -> Request:
    """A request for the distribution: one with another Host is refused."""
    host = next(iter(distribution.aliases), distribution.domain_name)
    return template if distribution.any_host else template._replace(headers=template.headers.replaced("Host", host))
