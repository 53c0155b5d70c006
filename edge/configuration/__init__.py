"""The deployed configuration is the configuration: templates, API JSON and flags become Distribution values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from edge.configuration.configuration import Configuration
from edge.configuration.finding import ConfigurationError, Finding
from edge.configuration.flags import from_flags

__all__ = ["Configuration", "ConfigurationError", "Finding", "from_flags", "inspect", "load"]


def load(
    path: Path,
    *,
    local_file: Path | None = None,
    distribution: str | None = None,
    parameters: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
    kvs: Mapping[str, Path] | None = None,
) -> Configuration:
    """The configuration that a file holds, ready to be served. `local_file` is read instead of the edge.toml beside it;
    `distribution` is the logical id, id, domain name or alias of the one to take; `parameters` are a template's;
    `origins` are local URLs by the id, domain name or logical id of an origin, `kvs` are import files by the name of a
    key value store. Raises ConfigurationError with all that
    was found, when that holds an error with which nothing can be served."""
    made = inspect(
        path, local_file=local_file, distribution=distribution, parameters=parameters, origins=origins, kvs=kvs
    )
    if any(finding.level == "error" and not finding.usable for finding in made.findings):
        raise ConfigurationError(*made.findings)
    return made


def inspect(
    path: Path,
    *,
    local_file: Path | None = None,
    distribution: str | None = None,
    parameters: Mapping[str, str] | None = None,
    origins: Mapping[str, str] | None = None,
    kvs: Mapping[str, Path] | None = None,
) -> Configuration:
    """As `load`, for looking at: errors are among the findings, and what they are about may be missing. Raises
    ConfigurationError when there is nothing to look at, because the file cannot be read."""
    from edge.configuration.sources import read  # heavy, and a start from flags alone has no file to read

    return read(path, local_file, distribution, parameters or {}, origins or {}, kvs or {})
