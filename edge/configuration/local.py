"""What is only local and has no place in a template, as values: `edge.toml`, once it is read.

Plain values, so that a start without an `edge.toml` loads nothing to read one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from edge.model import quotas
from edge.model.distribution import Distribution
from edge.model.origin import Credentials
from edge.model.switches import DEFAULT_SWITCHES, Switches
from edge.model.tenant import Tenant
from edge.model.topology import ONE_LOCATION, Topology
from edge.model.viewer import NOWHERE, Location
from edge.model.web_acl import WebAcl

NAME = "edge.toml"
WORKERS_MAX = 64
"""More processes than any laptop has cores."""

Device = Literal["desktop", "mobile", "tablet", "smarttv", "ios", "android"]
QuotaProfile = Literal["current", "classic-2023"]


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LocalViewer:
    """Who every viewer is taken for, `[viewer]`: `country` is ISO 3166-1 alpha-2, `address` an IP address, `place` the
    rest of `[viewer.location]`; `headers` are added to each request that lacks them. `geo_databases` tell the rest from
    the address; `override` lets a request say who its viewer is (X-Edge-Viewer)."""

    country: str = ""
    device: Device | None = None
    address: str | None = None
    headers: Mapping[str, str] = field(default_factory=_nothing)
    place: Location = NOWHERE
    geo_databases: tuple[Path, ...] = ()
    override: bool = True

    def location(self) -> Location:
        """The place, country included."""
        return replace(self.place, country=self.country) if self.country else self.place


@dataclass(frozen=True, slots=True)
class LocalLambda:
    """`[lambda]`: which provider makes execution environments, and the limits of the account; None for the default.
    `reserved` is by the name of a function, `provisioned` by name and version (`name:1`), `network` whether functions
    reach one, `firecracker` the program of that provider."""

    provider: str | None = None
    account_concurrency: int | None = None
    reserved: Mapping[str, int] = field(default_factory=dict)
    provisioned: Mapping[str, int] = field(default_factory=dict)
    idle_expiry_s: float | None = None
    environment_rps: int | None = None
    network: bool | None = None
    firecracker: str | None = None

    def limits(self) -> dict[str, Any]:
        """What is set of the account's limits."""
        names = ("account_concurrency", "reserved", "provisioned", "idle_expiry_s", "environment_rps")
        return {name: value for name in names if (value := getattr(self, name)) not in (None, {})}


@dataclass(frozen=True, slots=True)
class Listen:
    """`[listen]`: addresses as HOST:PORT, and how many processes serve viewers; None for the default."""

    http: str | None = None
    https: str | None = None
    admin: str | None = None
    workers: int | None = None


LogFormat = Literal["v1", "json", "plain", "w3c"]


@dataclass(frozen=True, slots=True)
class LocalCache:
    """`[cache]`: the folder that keeps objects over restarts and holds large ones, None for memory alone; and
    budgets."""

    disk: Path | None = None
    disk_max_bytes: int = quotas.CACHE_DISK_MAX_BYTES
    memory_max_bytes: int = quotas.CACHE_MEMORY_MAX_BYTES


@dataclass(frozen=True, slots=True)
class LocalLogs:
    """`[logs]`: where access logs are written, and in what form. `folder` is for the standard log, `real_time` for
    real-time logs; None for none. `include_cookies` None leaves it to the distribution."""

    folder: Path | None = None
    format: LogFormat = "v1"
    fields: tuple[str, ...] = ()
    include_cookies: bool | None = None
    real_time: Path | None = None


@dataclass(frozen=True, slots=True)
class Seed:
    """`[kvs.NAME]`: the file that a key value store starts from, and values given in place (which win). An update is
    seen by functions `propagation_s` seconds later."""

    file: Path | None = None
    values: Mapping[str, str] = field(default_factory=_nothing)
    propagation_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LocalTenant:
    """`[tenant]`: the distribution tenant that every request is for. `endpoint` is its connection group's domain."""

    id: str
    endpoint: str = ""
    parameters: Mapping[str, str] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Local:
    """All of edge.toml. `signing` is what origin access controls sign with, `issuers` the URLs on this
    machine that play issuers of tokens, by the issuer. `file` is where it was read from, None
    without one; paths in it are relative to its folder."""

    origins: Mapping[str, str] = field(default_factory=_nothing)
    kvs: Mapping[str, Seed] = field(default_factory=lambda: MappingProxyType({}))
    viewer: LocalViewer = field(default_factory=LocalViewer)
    lambda_: LocalLambda = LocalLambda()
    listen: Listen = Listen()
    quota_profile: QuotaProfile = "current"
    switches: Switches = DEFAULT_SWITCHES
    topology: Topology = ONE_LOCATION
    tenant: LocalTenant | None = None
    exports: Mapping[str, str] = field(default_factory=_nothing)
    parameters: Mapping[str, str] = field(default_factory=_nothing)
    signing: Credentials | None = None
    logs: LocalLogs = LocalLogs()
    waf: WebAcl | None = None
    cache: LocalCache = LocalCache()
    issuers: Mapping[str, str] = field(default_factory=_nothing)
    file: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder that paths are relative to."""
        return Path() if self.file is None else self.file.parent

    def as_asked(self, distribution: Distribution) -> Distribution:
        """A distribution as this file wants it: for the tenant that it names."""
        tenant = self.tenant
        if tenant is None:
            return distribution
        who = Tenant(tenant.id, tenant.id, tuple(tenant.parameters.items()))
        return replace(distribution, tenant=who, endpoint=tenant.endpoint)

    def with_stores(self, files: Iterable[tuple[str, Path]]) -> Local:
        """With more seeds, by the name of the store: they take the place of those of the same name."""
        return replace(self, kvs={**self.kvs, **{name: Seed(file) for name, file in files}})

    @property
    def name(self) -> str:
        """What messages call the file."""
        return NAME if self.file is None else str(self.file)


def read(path: Path | None, beside: Path) -> Local:
    """The local settings, from `path`, or from an edge.toml in the folder `beside`; the defaults when there is none.
    Raises ConfigurationError."""
    if path is None:
        path = beside / NAME
        if not path.is_file():
            return Local()
    from edge.configuration import local_toml

    return local_toml.read(path)
