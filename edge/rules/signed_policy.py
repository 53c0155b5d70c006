"""The policy of a signed URL: which resource, until when, from when, from where.

Source: CloudFront Developer Guide, "Create a signed URL using a canned policy" and "... using a custom policy".
Wildcards work within a section of the URL (scheme, host, path, query). Choice where AWS is silent: the first `?` of a
resource begins its query when the URL has one.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import Any, NamedTuple


class Policy(NamedTuple):
    """Times are epoch seconds; `resource` "" and `source_ip` "" mean any."""

    resource: str
    before: float
    after: float | None
    source_ip: str


def canned(url: str, expires: str) -> str:
    """The text that a canned policy signs, byte for byte."""
    return '{"Statement":[{"Resource":"' + url + '","Condition":{"DateLessThan":{"AWS:EpochTime":' + expires + "}}}]}"


def parse(message: bytes) -> Policy | None:
    """A policy with exactly one statement and a DateLessThan; None for anything else."""
    try:
        statements: Any = json.loads(message)["Statement"]
        (statement,) = statements
        condition = statement["Condition"]
        after = condition.get("DateGreaterThan")
        address = condition.get("IpAddress")
        return Policy(
            str(statement.get("Resource", "")),
            float(condition["DateLessThan"]["AWS:EpochTime"]),
            None if after is None else float(after["AWS:EpochTime"]),
            "" if address is None else str(address["AWS:SourceIp"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def denies(policy: Policy, url: str, ip: str, now: float) -> str | None:
    """Why the policy does not let this request in; None when it does."""
    if now >= policy.before:
        return f"the signature expired {int(now - policy.before)} s ago"
    if policy.after is not None and now <= policy.after:
        return f"the signature is not valid for another {int(policy.after - now)} s"
    if policy.source_ip and not _from(policy.source_ip, ip):
        return f"the viewer {ip} is not in {policy.source_ip}"
    if policy.resource and not matches(policy.resource, url):
        return f"{url} is not the signed resource {policy.resource}"
    return None


def _from(network: str, ip: str) -> bool:
    try:
        address = ip_address(ip)
        return isinstance(address, IPv4Address) and address in IPv4Network(network, strict=False)
    except ValueError:
        return False


def matches(resource: str, url: str) -> bool:
    """Whether a URL is what a Resource names, section by section."""
    if resource == "*":
        return True
    if "://" not in resource and resource.startswith("*"):
        resource = f"*://{resource}"
    wanted = _sections(resource, has_query="?" in url)
    return all(_wildcard(pattern).fullmatch(part) for pattern, part in zip(wanted, _sections(url, True), strict=True))


def _sections(url: str, has_query: bool) -> tuple[str, str, str, str]:
    """Scheme, host, path, query. A trailing `*` in one section stands for all that follow."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if not slash and host.endswith("*"):
        return scheme, host, "*", "*"
    query = ""
    if has_query:
        path, _, query = path.partition("?")
    if not query and path.endswith("*"):
        query = "*"
    return scheme, host, path, query


@lru_cache(maxsize=512)
def _wildcard(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern))
