"""What the shapes are made of, and the reading of a tree into one.

Source: CloudFront API Reference (structures); CloudFormation User Guide, AWS::CloudFront resource types. Lists are
{Quantity, Items} in the API and plain in CloudFormation; CloudFormation turns numbers and booleans in texts around as
needed, so texts are read leniently. Nothing that stands in a source is dropped without a finding: unknown properties,
and those that have no model here, are listed with their path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from edge.configuration.finding import Finding, Level, error, nearest, warning
from edge.configuration.positions import SPELLINGS, Key, Place, Ungiven, Unresolved, first_unresolved

Form = Literal["api", "cloudformation"]


class Shape(BaseModel):
    """A structure of the API. Unknown properties are kept, for the review to find. `cloudformation_requires` are
    properties that the API does without, and CloudFormation does not."""

    cloudformation_requires: ClassVar[tuple[str, ...]] = ()
    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True, frozen=True)


@dataclass(frozen=True, slots=True)
class NotModelled:
    """Marks a property that has no effect here. `why` says what that means."""

    why: str
    level: Level = "warning"


@dataclass(frozen=True, slots=True)
class _Wrapped:
    """Marks a list that the API wraps. `always` for those that CloudFormation wraps too, `counted` for those where it
    wants the Quantity."""

    always: bool = False
    counted: bool = False


@dataclass(frozen=True, slots=True)
class _MayBe:
    """Marks a value that need not be known, because AWS knows it. Where `said`, a stand-in of its reason is worth a
    warning; elsewhere nothing depends on it, or the reader says what becomes of it."""

    said: bool = False


UNUSED: Final = NotModelled("", "note")
"""For properties that only describe, or count what stands beside them: nothing is reported."""


def _items(value: Any) -> Any:
    """The elements of {Quantity, Items}; a plain list as it is."""
    if isinstance(value, dict) and value.keys() <= {"Quantity", "Items", "Enabled"}:
        return value.get("Items") or ()
    return value


def _text(value: Any) -> Any:
    return ("true" if value else "false") if isinstance(value, bool) else value


def _ungiven_is_none(value: Any) -> Any:
    return None if isinstance(value, Ungiven) else value


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


T = TypeVar("T")
Text = Annotated[str, BeforeValidator(_text)]
Many = Annotated[tuple[T, ...], BeforeValidator(_items), _Wrapped()]
"""{Quantity, Items} in the API, a plain list in CloudFormation."""
ManyPassed = Annotated[tuple[Text, ...], BeforeValidator(_items), _Wrapped(), _MayBe(said=True)]
"""Many texts that are handed on as they are."""
WrappedMany = Annotated[tuple[T, ...], BeforeValidator(_items), _Wrapped(always=True)]
"""{Quantity, Items} in the API, {Items} in CloudFormation."""
CountedMany = Annotated[tuple[T, ...], BeforeValidator(_items), _Wrapped(always=True, counted=True)]
"""{Quantity, Items} in both."""
Choice = Annotated[T | None, BeforeValidator(_ungiven_is_none)]
"""One of some words, where nothing depends on which: it need not be known."""
Maybe = Annotated[T | None, BeforeValidator(_empty_is_none)]
"""The API prints an empty text for what is not set."""


HostName = Annotated[str, BeforeValidator(_text), _MayBe()]
"""A domain name, which origins have under another name too."""
Description = Annotated[str, BeforeValidator(_text), _MayBe()]
"""A text that has no effect here."""
Passed = Annotated[str, BeforeValidator(_text), _MayBe(said=True)]
"""A text that is handed on as it is."""


def spelled(name: str, default: Any = ...) -> Any:
    """A field that CloudFormation spells in another way."""
    return Field(default, validation_alias=AliasChoices(name, SPELLINGS[name]))


S = TypeVar("S", bound=Shape)


def parse(model: type[S], place: Place, form: Form, found: list[Finding]) -> S | None:
    """The tree of a place as a shape; None when it does not fit, with the reasons in `found`."""
    if not isinstance(place.tree, dict):
        reason = "is required, and is not there" if place.tree is None else "must be a mapping"
        reason = place.tree.reason if isinstance(place.tree, Unresolved) else reason
        found.append(error("schema.type", place.at(), reason))
        return None
    try:
        shape = model.model_validate(place.tree)
    except ValidationError as problems:
        found += [_finding(place, problem) for problem in problems.errors()]
        return None
    found += _review(shape, place, form, ())
    return shape


def _finding(place: Place, problem: ErrorDetails) -> Finding:
    keys: tuple[Key, ...] = problem["loc"]
    where = place.at(*keys)
    if isinstance(problem["input"], Unresolved):
        return error("schema.unresolved", where, problem["input"].reason)
    match problem["type"]:
        case "missing":
            return _missing(place, keys)
        case "literal_error":
            wanted = problem.get("ctx", {}).get("expected", "")
            return error("schema.value", where, f"{problem['input']!r} is not one of {wanted}")
        case "tuple_type":
            return error("schema.type", where, f"must be a list, not {_shown(problem['input'])}")
        case "model_type" | "model_attributes_type":
            return error("schema.type", where, f"must be a mapping, not {_shown(problem['input'])}")
        case "value_error":
            return error("schema.value", where, str(problem["ctx"]["error"]))
        case kind:
            message = _TYPES.get(kind.partition("_")[0]) or problem["msg"].removeprefix("Input should be ")
            return error("schema.value", where, f"must be {message}, not {_shown(problem['input'])}")


_TYPES: Final = {"bool": "true or false", "int": "a whole number", "float": "a number", "string": "a text"}
"""What a value must be, by the first word of pydantic's name for what is wrong with it."""


def _missing(place: Place, keys: tuple[Key, ...]) -> Finding:
    """A property that is not there. One whose name is nearly the same is the likely cause."""
    name, there = str(keys[-1]), place.child(*keys[:-1])
    names = list(there.tree) if isinstance(there.tree, dict) else []
    similar = get_close_matches(name, names, 1, _SIMILAR)
    if similar:
        message = f"{similar[0]} is not a property that is known here; did you mean {name}, which is required?"
        return error("schema.required", there.at(similar[0]), message)
    return error("schema.required", place.at(*keys), f"{name} is required, and is not there")


_SIMILAR: Final = 0.75
"""How like each other two names are (difflib) when one is taken for a misspelling of the other."""


def _shown(value: Any) -> str:
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)


def _review(shape: Shape, place: Place, form: Form, keys: tuple[Key, ...]) -> Iterator[Finding]:
    """What is in the tree and not in the model."""
    raw = place.child(*keys).tree
    for name in shape.cloudformation_requires if form == "cloudformation" else ():
        if name not in raw:
            message = f"{name} is required by CloudFormation, and is not there"
            yield error("schema.required", place.at(*keys, name), message)
    for name, field in type(shape).model_fields.items():
        spelling = _spelling(name, field, raw)
        if spelling is None:
            continue
        here = (*keys, spelling)
        value, read = raw[spelling], getattr(shape, name)
        yield from _other_form(name, field, value, place, form, here)
        marker = _marker(field, NotModelled)
        if marker is not None:
            unknown = first_unresolved(value)
            if unknown is not None and not isinstance(unknown, Ungiven):
                yield error("schema.unresolved", place.at(*here), unknown.reason)
            if marker != UNUSED and not _is_off(value):
                yield Finding(marker.level, "not_modelled", place.at(*here), f"not modelled: {marker.why}")
        elif isinstance(read, Shape):
            yield from _review(read, place, form, here)
        elif isinstance(read, tuple):
            for index, element in enumerate(read):
                if isinstance(element, Shape):
                    yield from _review(element, place, form, (*here, index))
                else:
                    yield from _known(field, place, (*here, index))
        else:
            yield from _known(field, place, here)
    known = [
        name for name in type(shape).model_fields if _marker(type(shape).model_fields[name], NotModelled) != UNUSED
    ]
    for name in shape.model_extra or {}:
        message = f"{name} is not a property that is known here, and has no effect; {nearest(name, known)}"
        yield warning("schema.unknown_property", place.at(*keys, name), message)


def _known(field: FieldInfo, place: Place, keys: tuple[Key, ...]) -> Iterator[Finding]:
    """A value that counts must be known, to AWS at least."""
    value, may_be = place.child(*keys).tree, _marker(field, _MayBe)
    if not isinstance(value, Unresolved):
        return
    if may_be is None or not isinstance(value, Ungiven):
        yield error("schema.unresolved", place.at(*keys), value.reason)
    elif may_be.said:
        yield warning("schema.not_given", place.at(*keys), f"stays {str(value)!r} here: {value.reason}")


def _spelling(name: str, field: FieldInfo, raw: Mapping[str, Any]) -> str | None:
    """The name under which a field stands in the tree, if it does."""
    if not isinstance(field.validation_alias, AliasChoices):
        return name if name in raw else None
    return next((str(choice) for choice in field.validation_alias.choices if choice in raw), None)


def _other_form(
    name: str, field: FieldInfo, value: Any, place: Place, form: Form, keys: tuple[Key, ...]
) -> Iterator[Finding]:
    """What CloudFormation, or the API, writes in another way. Both are understood here, but AWS takes its own only."""
    if form == "cloudformation" and isinstance(field.validation_alias, AliasChoices) and keys[-1] == name:
        yield error("schema.spelling", place.at(*keys), f"CloudFormation calls this {SPELLINGS[name]}")
    wrapped = _marker(field, _Wrapped)
    if wrapped is None or isinstance(value, Unresolved):
        return
    if form == "cloudformation" and isinstance(value, dict) and not wrapped.always:
        yield error(
            "schema.list", place.at(*keys), "CloudFormation takes a plain list here, without Quantity and Items"
        )
    if form == "cloudformation" and isinstance(value, dict) and wrapped.always:
        for key in ("Quantity", "Items") if wrapped.counted else ("Items",):
            if key not in value and value.get("Quantity") != 0:
                message = f"{key} is required by CloudFormation, and is not there"
                yield error("schema.required", place.at(*keys, key), message)
    if isinstance(value, dict) and "Quantity" in value:
        count = len(value.get("Items") or ())
        if str(value["Quantity"]) != str(count):
            message = f"Quantity says {value['Quantity']}, and there are {count} Items"
            yield error("schema.quantity", place.at(*keys), message)


M = TypeVar("M")


def _marker(field: FieldInfo, kind: type[M]) -> M | None:
    return next((one for one in field.metadata if isinstance(one, kind)), None)


def _is_off(value: Any) -> bool:
    """Whether a value is how the API prints that something is not used."""
    if isinstance(value, dict):
        return value.get("Enabled") is False or all(_is_off(one) for one in value.values())
    if isinstance(value, list):
        return not value
    return value in (None, "", False, 0, "false", "none", "None", "PriceClass_All")
