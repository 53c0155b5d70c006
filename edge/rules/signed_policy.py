"""The policy of a signed URL: which resource, until when, from when, from where.

Source: CloudFront Developer Guide, "Create a signed URL using a canned policy" and "... using a custom policy".
Wildcards work within a section of the URL (scheme, host, path, query). Choices where nothing is documented: when the
URL has a query, the first `?` of a resource begins the resource's; other members of a policy are ignored; a network
that is not IPv4 CIDR lets nobody in.
"""

from __future__ import annotations

import json
from ipaddress import IPv4Network, IPv6Address, ip_address
from typing import Any, NamedTuple

from edge.model import wildcards

_EPOCH_MAX_S = 2**63 - 1


class Policy(NamedTuple):
    """Times are epoch seconds; `resource` and `source_ip` None mean any."""

    resource: str | None
    before: int
    after: int | None = None
    source_ip: str | None = None


def canned(url: str, expires: str) -> str:
    """The text that a canned policy signs, byte for byte."""
    return '{"Statement":[{"Resource":"' + url + '","Condition":{"DateLessThan":{"AWS:EpochTime":' + expires + "}}}]}"


def parse(message: bytes) -> Policy | None:
    """A policy with exactly one statement and a DateLessThan; None for anything else."""
    try:
        statements: Any = json.loads(message)["Statement"]
        (statement,) = statements
        condition = statement["Condition"]
        resource = statement.get("Resource")
        before = condition["DateLessThan"]["AWS:EpochTime"]
        after = condition["DateGreaterThan"]["AWS:EpochTime"] if "DateGreaterThan" in condition else None
        source_ip = condition["IpAddress"]["AWS:SourceIp"] if "IpAddress" in condition else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    fits = (
        (resource is None or isinstance(resource, str))
        and _is_time(before)
        and (after is None or _is_time(after))
        and (source_ip is None or isinstance(source_ip, str))
    )
    return Policy(resource, before, after, source_ip) if fits else None


def time_of(text: str) -> int | None:
    """The epoch seconds of an Expires value, None for anything that is not a number of 64 bits."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_EPOCH_MAX_S))):
        return None
    return int(text) if int(text) <= _EPOCH_MAX_S else None


def _is_time(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _EPOCH_MAX_S


def denies(policy: Policy, url: str, ip: str, now: float) -> str | None:
    """Why the policy does not let this request in; None when it does."""
    if now >= policy.before:
        return f"it expired {int(now - policy.before)} s ago"
    if policy.after is not None and now <= policy.after:
        return f"it is not valid for another {int(policy.after - now)} s"
    if policy.source_ip is not None and not _is_from(policy.source_ip, ip):
        return f"the viewer {ip} is not in {policy.source_ip}"
    if policy.resource is not None and not matches(policy.resource, url):
        return f"{url} is not the signed resource {policy.resource}"
    return None


def _is_from(network: str, ip: str) -> bool:
    """Whether an address is in an IPv4 network. Policies know no IPv6."""
    try:
        address = ip_address(ip)
        if isinstance(address, IPv6Address):
            return address.ipv4_mapped is not None and address.ipv4_mapped in IPv4Network(network, strict=False)
        return address in IPv4Network(network, strict=False)
    except ValueError:
        return False


def matches(resource: str, url: str) -> bool:
    """Whether a URL is what a Resource names, section by section."""
    if resource == "*":
        return True
    if "://" not in resource and resource.startswith("*"):
        resource = f"*://{resource}"
    scheme, host, path, query = _sections(resource, splits_query="?" in url)
    if resource.endswith("*") and not query:
        path, query = path or "*", "*"
    parts = _sections(url, splits_query=True)
    wanted = (scheme, host, path, query)
    return all(wildcards.compiled(one).fullmatch(part) for one, part in zip(wanted, parts, strict=True))


def _sections(url: str, *, splits_query: bool) -> tuple[str, str, str, str]:
    """Scheme, host, path without its first slash, query."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    query = ""
    if splits_query:
        path, _, query = path.partition("?")
    return scheme, host, path, query
