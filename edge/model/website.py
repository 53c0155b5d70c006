"""How a bucket is served as a website: index and error documents, and redirects.

Source: Amazon S3 API Reference, WebsiteConfiguration, RoutingRule.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """A redirect: for keys that begin with `key_prefix` (all when ""), before the object is looked for, or after an
    error with the status `error_code` when there is one. None keeps that part of the request's URL."""

    key_prefix: str = ""
    error_code: int | None = None
    host_name: str | None = None
    protocol: str | None = None
    redirect_code: int = 301
    replace_prefix: str | None = None
    replace_key: str | None = None


@dataclass(frozen=True, slots=True)
class Website:
    """A WebsiteConfiguration. With `redirect_host` everything is redirected there, in `redirect_protocol` if it has
    one."""

    index_document: str = "index.html"
    error_document: str = ""
    redirect_host: str = ""
    redirect_protocol: str = ""
    routing_rules: tuple[RoutingRule, ...] = ()


DEFAULT_WEBSITE = Website()
