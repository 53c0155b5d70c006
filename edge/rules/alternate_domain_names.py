"""Which Host names a distribution answers to.

Source: CloudFront Developer Guide, "Use custom URLs by adding alternate domain names (CNAMEs)", "Use wildcards in
alternate domain names"; an unknown name gets 403 (troubleshooting page for HTTP 403). Ours: the names of this machine
(localhost, *.localhost, any IP address) are answered too, because a laptop has no DNS entry for the site, and a phone
on the same network reaches it by address; a distribution made from flags has no name and answers to all. With one
distribution at hand it does not matter which wildcard is the most specific. Not modelled: 421 for a TLS name of
another distribution.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address

from edge.model.distribution import Distribution
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.request import Request

_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::\d*)?")


def check(request: Request, distribution: Distribution) -> Refusal | None:
    """Refuse a Host that is none of the distribution's names. The port does not count, nor does case."""
    host = request.headers.get("host") or ""
    if distribution.any_host or _answers(host, distribution.domain_name, distribution.aliases):
        return None
    note = Note(
        "alternate_domain_names.unknown_host",
        "the distribution does not answer to {!r}: add {!r} to its Aliases, or ask for http://localhost",
        (host, _name(host) or "the name"),
    )
    return Refusal(403, "Bad request.", note, "InvalidRequest")


@lru_cache(maxsize=1024)
def _answers(host: str, domain_name: str, aliases: tuple[str, ...]) -> bool:
    name = _name(host)
    if name in ("localhost", domain_name.lower()) or name.endswith(".localhost") or _is_address(name):
        return True
    return any(_is_alias(name, alias.lower()) for alias in aliases)


def _name(host: str) -> str:
    """The name in a Host header, "" where there is none."""
    match = _HOST.fullmatch(host)
    return match.group(1).lower().rstrip(".") if match else ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _is_alias(name: str, alias: str) -> bool:
    """`*.example.com` stands for every name below example.com, at any depth, but not for example.com."""
    if alias.startswith("*."):
        return name.endswith(alias[1:]) and len(name) >= len(alias)
    return name == alias
