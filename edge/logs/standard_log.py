"""The standard log, as files in a folder: version 1 (33 fields, tab-separated, gzip), or version 2 with the fields that
are chosen, as JSON, plain or W3C lines.

Source: CloudFront Developer Guide, "Standard logging (legacy)", "Standard log file fields", "Standard logging (v2)".
Requests that are refused for their size are not logged, as on AWS. Cookies are logged where the distribution, or
edge.toml, says so. Choices where nothing is documented: version 2's values are percent-encoded in plain and W3C lines
only, and plain lines are separated by spaces. Not modelled: raw and Parquet files.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import orjson

from edge.logs import log_fields
from edge.logs.function_logs import custom_data
from edge.logs.log_fields import STANDARD, VERSION_2, Finished, encode
from edge.logs.log_files import FILE_MAX_BYTES, LogFiles
from edge.model.access_log import NO_STANDARD_LOGGING
from edge.model.distribution import Distribution
from edge.model.served import Served

Format = Literal["v1", "json", "plain", "w3c"]

FIELDS = tuple(STANDARD)
"""Version 1's, in their order."""


def record(one: Finished, fields: tuple[str, ...] = FIELDS, *, with_cookies: bool = False) -> dict[str, str]:
    """One request as field -> text, "-" for what is empty."""
    found = {name: VERSION_2[name](one) or "-" for name in fields}
    if not with_cookies and "cs(Cookie)" in found:
        found["cs(Cookie)"] = "-"
    return found


class StandardLog:
    """Writes the standard logs of distributions; `distribution` is the one of a request that came to none.
    `include_cookies` is the distribution's setting unless it is given here; `fields` are for version 2."""

    def __init__(
        self,
        folder: Path,
        distribution: Callable[[], Distribution],
        now: Callable[[], float],
        *,
        format: Format = "v1",
        fields: tuple[str, ...] = (),
        include_cookies: bool | None = None,
        file_max_bytes: int = FILE_MAX_BYTES,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Raises OSError when the folder cannot be made, ValueError for a field that there is not."""
        unknown = [name for name in fields if name not in VERSION_2]
        if unknown or (fields and format == "v1"):
            wrong = f"no field {unknown[0]}" if unknown else "the fields of v1 are fixed"
            raise ValueError(f"{wrong}; version 2 (json, plain, w3c) has {', '.join(VERSION_2)}")
        self._fields = fields or FIELDS
        head = ""
        if format in ("v1", "w3c"):
            head = f"#Version: 1.0\n#Fields: {' '.join(self._fields)}\n"
        folder.mkdir(parents=True, exist_ok=True)
        self._make = partial(LogFiles, folder, head=head, file_max_bytes=file_max_bytes, say=say)
        self._files: dict[str, LogFiles] = {}
        self._distribution = distribution
        self._now = now
        self._format = format
        self._include_cookies = include_cookies

    def __call__(self, served: Served, body_bytes: int, complete: bool) -> None:
        """Log one answer after its last byte."""
        now = self._now()
        one = log_fields.finished(served, body_bytes, complete, now, self._distribution())
        if one is None:
            return
        distribution = one.distribution
        settings = distribution.standard_logging or NO_STANDARD_LOGGING
        cookies = settings.include_cookies if self._include_cookies is None else self._include_cookies
        found = record(one, self._fields, with_cookies=cookies)
        name = f"{settings.prefix.strip('/')}/{distribution.id}".lstrip("/")
        if name not in self._files:
            self._files[name] = self._make()
        self._files[name].write(name, self._line(found | custom_data(served) if self._format == "json" else found), now)

    def close(self) -> None:
        """Finish the files."""
        for files in self._files.values():
            files.close()

    def _line(self, found: dict[str, str]) -> bytes:
        if self._format == "json":
            return orjson.dumps(found)
        separator = " " if self._format == "plain" else "\t"
        return separator.join([encode(value) for value in found.values()]).encode("ascii", "replace")
