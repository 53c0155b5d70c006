"""`edge.toml`, read and checked: every key is known, or it is an error that names the nearest one that is.

[origins]            # id, domain name or logical id of an origin = where it runs on this machine
Api = "http://localhost:3000"
SiteBucket = "./dist"

[kvs.routes]         # a key value store, by name or logical id
file = "routes.json"
values = { beta = "on" }
propagation_s = 5    # an update is seen by functions so much later

[tenant]             # the distribution tenant that every request is for
id = "dt_example"
parameters = { brand = "blue" }

[viewer]             # who every viewer is taken for
country = "DE"
device = "mobile"
address = "198.51.100.7"
headers = { Accept-Language = "de" }
location = { city = "Berlin", time_zone = "Europe/Berlin" }

[parameters]         # of the template; pseudo parameters and {{resolve:...}} texts too
Stage = "dev"

[exports]            # values of Fn::ImportValue
network-vpc = "vpc-1"

[logs]               # access logs, as files in folders
folder = "logs"
format = "json"
fields = ["date", "time", "cs-uri-stem", "sc-status"]
real_time = "real-time"

[issuers]            # of tokens for HTTP APIs with a JWT authorizer = where they are played on this machine
"https://id.example.com" = "http://localhost:9000"

[signing]            # what origin access controls sign with: the credentials of an S3 API on this machine
access_key_id = "minio"
secret_access_key = "minio123"

[lambda], [listen], [quotas], [switches], [topology]
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator
from pydantic_core import ErrorDetails

from edge.configuration import document
from edge.configuration.finding import ConfigurationError, Finding, error, nearest
from edge.configuration.local import (
    WORKERS_MAX,
    Device,
    Listen,
    Local,
    LocalCache,
    LocalLambda,
    LocalLogs,
    LocalTenant,
    LocalViewer,
    LogFormat,
    QuotaProfile,
    Seed,
)
from edge.configuration.local_topology import PopTable, TopologyTable, topology
from edge.configuration.local_waf import WafRuleTable, WafTable, web_acl
from edge.model import quotas
from edge.model.origin import Credentials
from edge.model.switches import DEFAULT_SWITCHES, Switches
from edge.model.viewer import Location


def _country(value: str) -> str:
    if not re.fullmatch("[A-Z]{2}", value):
        raise ValueError('write the country as two capital letters, for example "DE"')
    return value


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError('write an IP address, for example "198.51.100.7"') from None


def _listener(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65_535:
        raise ValueError('write HOST:PORT, for example "127.0.0.1:8080"')
    return value


ListenerAddress = Annotated[str, AfterValidator(_listener)]


def _issuer(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError('write a URL, for example "http://localhost:9000"')
    return value.rstrip("/")


IssuerUrl = Annotated[str, AfterValidator(_issuer)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Kvs(_Table):
    file: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    propagation_s: Annotated[float, Field(ge=0, strict=False)] = 0.0


class _Tenant(_Table):
    id: str
    endpoint: str = ""
    parameters: dict[str, str] = Field(default_factory=dict)


_Location = create_model("_Location", __base__=_Table, **{field.name: (str, "") for field in fields(Location)})  # type: ignore[call-overload]


class _Viewer(_Table):
    country: Annotated[str, AfterValidator(_country)] = ""
    device: Device | None = None
    address: Annotated[str, AfterValidator(_address)] | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    geo_database: str | list[str] = Field(default_factory=list)
    override: bool = True
    location: _Location = Field(default_factory=_Location)  # type: ignore[valid-type]


class _Lambda(_Table):
    provider: str | None = None
    account_concurrency: Annotated[int, Field(ge=1)] | None = None
    reserved: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    provisioned: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    idle_expiry_s: Annotated[float, Field(gt=0)] | None = None
    environment_rps: Annotated[int, Field(ge=1)] | None = None
    network: bool | None = None
    firecracker: str | None = None


class _Listen(_Table):
    http: ListenerAddress | None = None
    https: ListenerAddress | None = None
    admin: ListenerAddress | None = None
    workers: Annotated[int, Field(ge=1, le=WORKERS_MAX)] | None = None


class _Logs(_Table):
    folder: str | None = None
    format: LogFormat = "v1"
    fields: list[str] = Field(default_factory=list)
    include_cookies: bool | None = None
    real_time: str | None = None


class _Cache(_Table):
    disk: str | None = None
    disk_max_bytes: Annotated[int, Field(ge=1)] = quotas.CACHE_DISK_MAX_BYTES
    memory_max_bytes: Annotated[int, Field(ge=1)] = quotas.CACHE_MEMORY_MAX_BYTES


class _Signing(_Table):
    access_key_id: str = ""
    secret_access_key: str = ""
    session_token: str = ""

    @model_validator(mode="after")
    def _both(self) -> _Signing:
        if bool(self.access_key_id) != bool(self.secret_access_key):
            raise ValueError("write both access_key_id and secret_access_key")
        return self


class _Quotas(_Table):
    profile: QuotaProfile = "current"


_CHOICES = {"serve_stale_x_cache": Literal["Error", "Hit"]}
"""Switches that are words, not true or false."""

_Switches = create_model(  # type: ignore[call-overload]
    "_Switches",
    __base__=_Table,
    **{
        name: (_CHOICES.get(name, hint), getattr(DEFAULT_SWITCHES, name))
        for name, hint in get_type_hints(Switches).items()
    },
)


class _File(_Table):
    origins: dict[str, str] = Field(default_factory=dict)
    kvs: dict[str, _Kvs] = Field(default_factory=dict)
    viewer: _Viewer = Field(default_factory=_Viewer)
    lambda_: Annotated[_Lambda, Field(alias="lambda")] = _Lambda()
    listen: _Listen = Field(default_factory=_Listen)
    quotas: _Quotas = Field(default_factory=_Quotas)
    switches: _Switches = Field(default_factory=_Switches)  # type: ignore[valid-type]
    topology: TopologyTable | None = None
    tenant: _Tenant | None = None
    exports: dict[str, str] = Field(default_factory=dict)
    parameters: dict[str, str] = Field(default_factory=dict)
    waf: WafTable | None = None
    cache: _Cache = Field(default_factory=_Cache)
    logs: _Logs = Field(default_factory=_Logs)
    issuers: dict[str, IssuerUrl] = Field(default_factory=dict)
    signing: _Signing = Field(default_factory=_Signing)


def read(path: Path) -> Local:
    """The settings of a file. Raises ConfigurationError with a finding for each key that is wrong."""
    text = document.read_text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigurationError(error("local.syntax", str(path), f"not TOML: {problem}")) from None
    try:
        table = _File.model_validate(data)
    except ValidationError as problems:
        raise ConfigurationError(*(_finding(path, text, problem) for problem in problems.errors())) from None
    _check_reserved(path, text, table.lambda_)
    return Local(
        origins=table.origins,
        kvs={name: _seed(path.parent, kvs) for name, kvs in table.kvs.items()},
        viewer=_viewer(path.parent, table.viewer),
        lambda_=_lambda(path.parent, table.lambda_),
        listen=Listen(**table.listen.model_dump()),
        quota_profile=table.quotas.profile,
        switches=Switches(**table.model_dump()["switches"]),
        topology=topology(table.topology),
        tenant=None if table.tenant is None else LocalTenant(**table.tenant.model_dump()),
        exports=table.exports,
        parameters=table.parameters,
        waf=web_acl(table.waf),
        cache=_cache(path.parent, table.cache),
        logs=_logs(path.parent, table.logs),
        signing=Credentials(**table.signing.model_dump()) if table.signing.access_key_id else None,
        issuers=table.issuers,
        file=path,
    )


def _check_reserved(path: Path, text: str, table: _Lambda) -> None:
    """What is reserved must fit into the account. Raises ConfigurationError."""
    most = table.account_concurrency or quotas.LAMBDA_ACCOUNT_CONCURRENCY
    reserved = sum(table.reserved.values())
    if reserved > most:
        where = f"{path}:{_line(text, ['lambda', 'reserved'])} lambda.reserved"
        message = f"{reserved} are reserved, and account_concurrency is {most}: reserve less, or raise it"
        raise ConfigurationError(error("local.value", where, message))


def _lambda(folder: Path, table: _Lambda) -> LocalLambda:
    made = LocalLambda(**table.model_dump())
    return made if made.firecracker is None else replace(made, firecracker=str(folder / made.firecracker))


def _seed(folder: Path, table: _Kvs) -> Seed:
    return Seed(None if table.file is None else folder / table.file, table.values, table.propagation_s)


def _cache(folder: Path, table: _Cache) -> LocalCache:
    disk = None if table.disk is None else folder / table.disk
    return LocalCache(disk, table.disk_max_bytes, table.memory_max_bytes)


def _logs(folder: Path, table: _Logs) -> LocalLogs:
    return LocalLogs(
        None if table.folder is None else folder / table.folder,
        table.format,
        tuple(table.fields),
        table.include_cookies,
        None if table.real_time is None else folder / table.real_time,
    )


def _viewer(folder: Path, table: _Viewer) -> LocalViewer:
    place = Location(**table.model_dump()["location"])
    databases = [table.geo_database] if isinstance(table.geo_database, str) else table.geo_database
    paths = tuple(folder / path for path in databases)
    return LocalViewer(table.country, table.device, table.address, table.headers, place, paths, table.override)


def _finding(path: Path, text: str, problem: ErrorDetails) -> Finding:
    keys = [str(key) for key in problem["loc"]]
    where = f"{path}:{_line(text, keys)} {'.'.join(keys)}"
    match problem["type"]:
        case "extra_forbidden":
            known = _known_keys(keys[:-1])
            return error(
                "local.unknown_key", where, f"{keys[-1]!r} is not a key of edge.toml; {nearest(keys[-1], known)}"
            )
        case "literal_error":
            wanted = problem.get("ctx", {}).get("expected", "")
            return error("local.value", where, f"{problem['input']!r} is not one of {wanted}")
        case "value_error":
            return error("local.value", where, str(problem["ctx"]["error"]))
        case _:
            return error("local.value", where, f"{problem['msg'].removeprefix('Input ')}, not {problem['input']!r}")


def _known_keys(keys: list[str]) -> list[str]:
    """The keys that a table may have. `[kvs.NAME]` and `[topology.pops.CODE]` are tables whose own name is free."""
    named: dict[str, Any] = {"kvs": _Kvs, "topology": TopologyTable, "pops": PopTable, "waf": WafTable}
    model: Any = _File
    for key in keys:
        if not hasattr(model, "model_fields"):
            continue
        names = {field.alias or name: field for name, field in model.model_fields.items()}
        model = named.get(key, names[key].annotation) if key in names else model
        if model == list[WafRuleTable]:
            model = WafRuleTable
    return [field.alias or name for name, field in model.model_fields.items()]


def _line(text: str, keys: list[str]) -> int:
    """The line (from 1) where the last of these keys is written: tomllib keeps none, so it is looked for below the
    header of its table."""
    lines = text.splitlines()
    start = 0
    for depth, key in enumerate(keys):
        header = re.compile(
            r"\s*\[\s*" + r"\s*\.\s*".join(f"[\"']?{re.escape(one)}[\"']?" for one in keys[: depth + 1])
        )
        own = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]")
        for number in range(start, len(lines)):
            if header.match(lines[number]) or own.match(lines[number]):
                start = number
                break
    return start + 1
