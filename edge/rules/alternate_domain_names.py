"""Which Host names a distribution answers to.

Source: CloudFront Developer Guide, "Use custom URLs by adding alternate domain names (CNAMEs)"; an unknown name gets
403 (troubleshooting page for HTTP 403). Ours: the names of this machine (localhost, *.localhost, IP addresses) are
answered too, because a laptop has no DNS entry for the site; and a distribution made from flags has no name, so it
answers to all.
"""

from __future__ import annotations

import re
from functools import lru_cache

from edge.model.distribution import Distribution
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.request import Request

_IP_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.]+\]")
_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::\d*)?")


def check(request: Request, distribution: Distribution) -> Refusal | None:
    """Refuse a Host that is none of the distribution's names."""
    if distribution.any_host or _answers(request.host, distribution.domain_name, distribution.aliases):
        return None
    note = Note(
        "alternate_domain_names.unknown_host",
        "{!r} is neither a name of this machine nor an alternate domain name (Aliases) of the distribution",
        (request.host,),
    )
    return Refusal(403, "Bad request.", note, "InvalidRequest")


@lru_cache(maxsize=1024)
def _answers(host: str, domain_name: str, aliases: tuple[str, ...]) -> bool:
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = match.group(1).lower().rstrip(".")
    if name in ("localhost", domain_name.lower()) or name.endswith(".localhost") or _IP_ADDRESS.fullmatch(name):
        return True
    return any(_is_alias(name, alias.lower()) for alias in aliases)


def _is_alias(name: str, alias: str) -> bool:
    """`*.example.com` stands for every name below example.com, at any depth, but not for example.com."""
    return name.endswith(alias[1:]) and len(name) > len(alias) - 1 if alias.startswith("*.") else name == alias
