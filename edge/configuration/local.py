"""`edge.toml`: what is only local and has no place in a template.

    [origins]            # id, domain name or logical id = where it runs on this machine
    Api = "http://localhost:3000"

Every key is checked; an unknown one is an error that names the nearest valid key.
"""

from __future__ import annotations

import tomllib
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from edge.configuration.finding import ConfigurationError, Finding, error
from edge.model.switches import Switches
from edge.model.viewer import Location

NAME = "edge.toml"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ViewerTable(_Table):
    """Who the viewers are taken for: `location` in CloudFront's terms."""

    country: str = ""
    country_name: str = ""
    region: str = ""
    region_name: str = ""
    city: str = ""
    latitude: str = ""
    longitude: str = ""
    metro_code: str = ""
    postal_code: str = ""
    time_zone: str = ""
    asn: str = ""

    def location(self) -> Location:
        """The place as a value."""
        return Location(**self.model_dump())


class ListenTable(_Table):
    """Addresses: `http` as HOST:PORT."""

    http: str | None = None


class KvsTable(_Table):
    """The seed of a key value store: a file in AWS's import format or a plain JSON object, or values given here."""

    file: str | None = None
    data: dict[str, str] = Field(default_factory=dict)


class Local(_Table):
    """All of edge.toml."""

    origins: dict[str, str] = Field(default_factory=dict)
    kvs: dict[str, KvsTable] = Field(default_factory=dict)
    viewer: ViewerTable = ViewerTable()
    listen: ListenTable = ListenTable()
    parameters: dict[str, str] = Field(default_factory=dict)
    exports: dict[str, str] = Field(default_factory=dict)
    switches: dict[str, Annotated[bool | Literal["Error", "Hit"], Field(union_mode="left_to_right")]] = Field(
        default_factory=dict
    )

    def switch_values(self, path: str) -> Switches:
        """The switches, with what edge.toml sets."""
        known = [field.name for field in fields(Switches)]
        for name, value in self.switches.items():
            where = f"{path} [switches] {name}"
            if name not in known:
                raise ConfigurationError(error("local.unknown_key", where, _unknown(name, known)))
            wanted = bool if name != "serve_stale_x_cache" else str
            if not isinstance(value, wanted):
                words = "true or false" if wanted is bool else '"Error" or "Hit"'
                raise ConfigurationError(error("local.value", where, f"must be {words}"))
        return Switches(**self.switches)  # type: ignore[arg-type]


def read(path: Path | None, beside: Path) -> tuple[Local, Path | None]:
    """The local settings, from `path` or from an edge.toml in the folder `beside`; the defaults when there is none.
    Raises ConfigurationError."""
    if path is None:
        path = beside / NAME
        if not path.is_file():
            return Local(), None
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise ConfigurationError(error("local.unreadable", str(path), f"cannot be read: {problem.strerror}")) from None
    except tomllib.TOMLDecodeError as problem:
        raise ConfigurationError(error("local.syntax", str(path), f"not TOML: {problem}")) from None
    try:
        return Local.model_validate(data), path
    except ValidationError as problems:
        raise ConfigurationError(*(_finding(path, problem) for problem in problems.errors())) from None


def _finding(path: Path, problem: ErrorDetails) -> Finding:
    location = [str(part) for part in problem["loc"]]
    where = f"{path} {'.'.join(location)}"
    if problem["type"] != "extra_forbidden":
        return error("local.value", where, problem["msg"])
    model: Any = Local
    for part in location[:-1]:
        annotation = model.model_fields[part].annotation if part in getattr(model, "model_fields", {}) else None
        model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else KvsTable
    return error("local.unknown_key", where, _unknown(location[-1], list(model.model_fields)))


def _unknown(name: str, known: list[str]) -> str:
    nearest = get_close_matches(name, known, 1, 0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known are {', '.join(known)}"
    return f"{name!r} is not a key of edge.toml; {hint}"
