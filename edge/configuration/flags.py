"""A distribution from flags: `edge serve --origin http://localhost:3000 --viewer-request rewrite.js`.

The origin is a URL, or a folder that plays an S3 bucket behind its website endpoint, so that index documents work. One
default behavior with the managed policy CachingOptimized, all seven methods, and compression, as the console
suggests for a new distribution. Where it differs, it is for the sake of a dev site: the viewer's Host is not
forwarded, every Host is answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from edge.configuration import handlers, key_value_stores, local, packages
from edge.configuration.checks.function_code import check_size
from edge.configuration.configuration import Configuration
from edge.configuration.declared import STAND_IN_DOMAIN_NAME, STAND_IN_ID
from edge.configuration.finding import ConfigurationError, Finding, error, nearest
from edge.configuration.handlers import name_of
from edge.configuration.local_urls import LocalUrls
from edge.model import managed_policies, quotas
from edge.model.distribution import ALL_METHODS, Behavior, Distribution
from edge.model.function import CloudFrontFunction, EventType, Function, JavaScriptRuntime, LambdaFunction
from edge.model.origin import Origin
from edge.model.policies import CachePolicy, OriginRequestPolicy, ResponseHeadersPolicy

P = TypeVar("P", CachePolicy, OriginRequestPolicy, ResponseHeadersPolicy)

DEFAULT_CACHE_POLICY = "CachingOptimized"
_ORIGIN_ID = "origin"
_WEBSITE_ENDPOINT = ".s3-website-us-east-1.amazonaws.com"


def from_flags(
    origin: str,
    *,
    local_file: Path | None = None,
    viewer_request: Path | None = None,
    viewer_response: Path | None = None,
    origin_request: str | None = None,
    origin_response: str | None = None,
    runtime: JavaScriptRuntime = JavaScriptRuntime.JS_2_0,
    cache_policy: str | None = None,
    origin_request_policy: str | None = None,
    response_headers_policy: str | None = None,
    kvs: Mapping[str, Path] | None = None,
) -> Configuration:
    """One distribution in front of one `origin`: a URL, or the path of a folder. Files at viewer events hold CloudFront
    Functions; at origin events FILE[:handler] names a Lambda@Edge handler. `kvs` are import files by the name of a key
    value store; functions read the first store. Raises ConfigurationError."""
    settings = local.read(local_file, Path()).with_stores((kvs or {}).items())
    stores, seed_files = key_value_stores.seeds(settings)
    files = {EventType.VIEWER_REQUEST: viewer_request, EventType.VIEWER_RESPONSE: viewer_response}
    functions: dict[EventType, Function] = {
        event_type: _function(path, runtime, next(iter(stores), None))
        for event_type, path in files.items()
        if path is not None
    }
    at_origin = {EventType.ORIGIN_REQUEST: origin_request, EventType.ORIGIN_RESPONSE: origin_response}
    profile = quotas.LAMBDA_PROFILES[settings.quota_profile]
    functions |= {
        event_type: handlers.function(text, event_type, profile) for event_type, text in at_origin.items() if text
    }
    policies = _Policies(cache_policy, origin_request_policy, response_headers_policy)
    found: list[Finding] = []
    distribution = Distribution(
        id=STAND_IN_ID,
        domain_name=STAND_IN_DOMAIN_NAME,
        origins={_ORIGIN_ID: _origin(origin)},
        behaviors=(_behavior(policies, functions),),
        any_host=True,
        local_urls=LocalUrls(settings, {}, {}, {}, found).by_name,
        switches=settings.switches,
        lambda_quotas=profile,
        web_acl=settings.waf,
    )
    if any(finding.level == "error" for finding in found):
        raise ConfigurationError(*found)
    own = [path for path in (viewer_request, viewer_response, settings.file) if path is not None]
    watched = tuple(dict.fromkeys((*own, *_packages(functions), *seed_files)))
    facts = key_value_stores.facts_of_seeds(settings)
    asked = settings.as_asked(distribution)
    return Configuration((asked,), tuple(found), watched, settings, stores, store_facts=facts)


class _Policies(NamedTuple):
    """Names or ids of AWS-managed policies."""

    cache: str | None
    origin_request: str | None
    response_headers: str | None


def _behavior(names: _Policies, functions: Mapping[EventType, Function]) -> Behavior:
    return Behavior(
        _ORIGIN_ID,
        allowed_methods=ALL_METHODS,
        cache_policy=_named(
            names.cache or DEFAULT_CACHE_POLICY,
            "cache policy",
            managed_policies.cache_policy,
            managed_policies.CACHE_POLICIES,
        ),
        origin_request_policy=_named(
            names.origin_request,
            "origin request policy",
            managed_policies.origin_request_policy,
            managed_policies.ORIGIN_REQUEST_POLICIES,
        ),
        response_headers_policy=_named(
            names.response_headers,
            "response headers policy",
            managed_policies.response_headers_policy,
            managed_policies.RESPONSE_HEADERS_POLICIES,
        ),
        compress=True,
        functions=functions,
    )


def _packages(functions: Mapping[EventType, Function]) -> Iterator[Path]:
    for function in functions.values():
        if isinstance(function, LambdaFunction):
            yield from packages.watched(Path(function.code_path))


def _origin(url: str) -> Origin:
    folder = Path(url).expanduser()
    if "://" not in url and folder.is_dir():
        return _bucket(folder.resolve())
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
        message = f"{url!r} is neither the URL of a site (http://localhost:3000) nor a folder"
        raise ConfigurationError(error("flags.origin", "--origin", message))
    if parts.query or parts.fragment:
        raise ConfigurationError(error("flags.origin", "--origin", f"{url!r}: an origin has no query string"))
    domain = parts.hostname if port is None else f"{parts.hostname}:{port}"
    return Origin(_ORIGIN_ID, domain, path=parts.path.rstrip("/"), local_url=f"{parts.scheme}://{parts.netloc}")


def _bucket(folder: Path) -> Origin:
    """A folder as a bucket of its name; CloudFront speaks plain HTTP to website endpoints."""
    name = re.sub(r"[^a-z0-9-]+", "-", folder.name.lower()).strip("-") or "bucket"
    return Origin(_ORIGIN_ID, f"{name}{_WEBSITE_ENDPOINT}", protocol_policy="http-only", local_url=folder.as_uri())


def _function(path: Path, runtime: JavaScriptRuntime, store: str | None) -> CloudFrontFunction:
    try:
        code = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationError(error("function.unreadable", str(path), f"cannot be read: {problem}")) from None
    wrong = tuple(check_size(code, str(path)))
    if wrong:
        raise ConfigurationError(*wrong)
    return CloudFrontFunction(name_of(path), code, runtime, str(path), store)


def _named(name: str | None, what: str, find: Callable[[str], P | None], all_policies: Iterable[P]) -> P | None:
    if name is None:
        return None
    policy = find(name)
    if policy is None:
        hint = nearest(name, (one.name for one in all_policies))
        where = f"--{what.replace(' ', '-')} {name}"
        raise ConfigurationError(error("flags.policy", where, f"AWS manages no {what} of this name; {hint}"))
    return policy
