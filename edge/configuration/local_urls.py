"""Where origins are on this machine, so that the real ones are left alone: at a URL, in a folder, or a function."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from edge.configuration import lambda_addresses
from edge.configuration.finding import Finding, error, nearest, warning
from edge.configuration.local import Local
from edge.model.function_url import FunctionUrl
from edge.model.http_api import HttpApi

NO_FUNCTIONS: Mapping[str, FunctionUrl | HttpApi] = MappingProxyType({})
UNMAPPED = "unmapped:"
"""The local URL of an origin that nothing on this machine plays."""
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


class LocalUrls:
    """Where origins are on this machine: `[origins]` of edge.toml, and `--origin ID=URL`, which wins."""

    def __init__(
        self,
        local: Local,
        given: Mapping[str, str],
        logical_ids: Mapping[str, str],
        behind: Mapping[str, str],
        found: list[Finding],
        functions: Mapping[str, FunctionUrl | HttpApi] = NO_FUNCTIONS,
    ) -> None:
        self._behind = behind
        self._given = given
        self._local = local
        self._logical_ids = logical_ids
        self._found = found
        self.functions: dict[str, FunctionUrl | HttpApi] = {
            f"{lambda_addresses.SCHEME}{host}": url for host, url in functions.items()
        }
        """The functions that play origins, by the local URL of the origin."""
        self._used: set[str] = set()
        self._seen: set[str] = set()
        named = {name: (value, local.folder) for name, value in local.origins.items()}
        named |= {name: (value, Path()) for name, value in given.items()}
        self.by_name = {name: self._url(name, value, folder) for name, (value, folder) in named.items()}
        """The local URLs, by what they were given for: the id, domain name or logical id of an origin."""

    def find(self, id: str, domain_name: str, where: str, *, is_s3: bool) -> str:
        """The local URL of an origin, "" for its real domain. One without an address on this machine has UNMAPPED if
        its real domain does not exist, or holds what only AWS may read."""
        logical_id = self._logical_ids.get(domain_name.lower())
        names = [name for name in (id, domain_name, logical_id) if name is not None]
        self._seen.update(names)
        for name in names:
            if name in self.by_name:
                self._used.add(name)
                return self.by_name[name]
        function = f"{lambda_addresses.SCHEME}{domain_name.lower()}"
        if function in self.functions:
            return function
        self._found.append(self._unmapped(id, domain_name, where, logical_id, is_s3=is_s3))
        return UNMAPPED if is_s3 or logical_id is not None else ""

    def unused(self) -> list[Finding]:
        """Names that are no origin's: an error where they were given for this configuration, while the file may serve
        several. A domain name may be that of an origin which a function chooses."""
        return [
            (error if name in self._given else warning)(
                "origins.unknown_name", self._where(name), f"no origin has the name {name}; {nearest(name, self._seen)}"
            )
            for name in self.by_name
            if name not in self._used and "." not in name
        ]

    def _unmapped(self, id: str, domain_name: str, where: str, logical_id: str | None, *, is_s3: bool) -> Finding:
        name = logical_id or id
        key = name if _BARE_KEY.fullmatch(name) else f'"{name}"'
        if is_s3:
            message = f"the origin {id} is an S3 bucket, and requests to it get 502: it has no local URL"
        elif logical_id is not None:
            what = self._behind.get(domain_name.lower(), "a resource of this template that is not deployed")
            message = f"the origin {id} is {what}; requests to it get 502: it has no local URL"
        else:
            message = f"the origin {id} has no local URL: the real {domain_name} is asked"
        line = f'{key} = "./FOLDER" or {key}' if is_s3 else key
        message += f'; add under [origins] in {self._local.name}: {line} = "http://localhost:PORT"'
        return warning("origins.unmapped", where, message)

    def _where(self, name: str) -> str:
        return f"--origin {name}" if name in self._given else f"{self._local.name} origins.{name}"

    def _url(self, name: str, value: str, folder: Path) -> str:
        if value.startswith(lambda_addresses.SCHEME):
            url = lambda_addresses.given(value, folder, self._where(name), self._found)
            if url is None:
                return UNMAPPED
            self.functions[value] = url
            return value
        scheme = urlsplit(value).scheme
        if scheme in ("http", "https"):
            parts = urlsplit(value)
            if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
                message = f"{value!r} must be scheme, host and port; a path belongs into the origin's OriginPath"
                self._found.append(error("origins.local_url", self._where(name), message))
            return f"{scheme}://{parts.netloc}"
        path = (folder / value).expanduser().resolve()
        if path.is_dir():
            return path.as_uri()
        message = f"{value!r} is neither http://HOST:PORT, nor lambda:FILE, nor a folder that exists ({path})"
        self._found.append(error("origins.local_url", self._where(name), message))
        return UNMAPPED
