"""Which Host names a distribution answers to.

Source: CloudFront Developer Guide, "Use custom URLs by adding alternate domain names (CNAMEs)", "Use wildcards in
alternate domain names"; an unknown name gets 403 (troubleshooting page for HTTP 403). Ours: the names of this machine
(localhost, *.localhost, any IP address) are answered too, because a laptop has no DNS entry for the site, and a phone
on the same network reaches it by address; a distribution made from flags has no name and answers to all. Of several
distributions NAME.localhost means the one of that id or logical id, and the first answers to all other names of this
machine. Near: the text of the 421 for a certificate of another distribution.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address

from edge.model.distribution import Distribution
from edge.model.note import Note
from edge.model.refusal import Refusal
from edge.model.request import Request
from edge.model.viewer import Viewer

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


def choose(request: Request, distributions: tuple[Distribution, ...]) -> Distribution:
    """The distribution that a request is for: by its exact name, or the most specific wildcard; the first when none of
    them has that name."""
    return _chosen(_name(request.host), distributions)


def check_certificate(
    request: Request, viewer: Viewer, distribution: Distribution, distributions: tuple[Distribution, ...]
) -> Refusal | None:
    """Refuse a request for one distribution on a connection that asked for the certificate of another."""
    name = "" if viewer.tls is None else viewer.tls.server_name.lower()
    if not name or _is_local(name) or _chosen(name, distributions) is distribution:
        return None
    template = "the connection is for {}, and Host names another distribution: {}"
    note = Note("alternate_domain_names.misdirected", template, (name, request.host))
    return Refusal(421, "Bad request.", note, "InvalidRequestCertificate")


def _chosen(name: str, distributions: tuple[Distribution, ...]) -> Distribution:
    reachable = [one for one in distributions if not one.staging] or list(distributions)
    best, length = reachable[0], 0
    for one in reachable:
        aliases = [alias.lower() for alias in one.aliases]
        if name == one.domain_name.lower() or name in aliases or name in _local_names(one):
            return one
        for alias in aliases:
            if len(alias) > length and _is_alias(name, alias):
                best, length = one, len(alias)
    return best


def _local_names(distribution: Distribution) -> list[str]:
    """NAME.localhost for whatever a distribution is called."""
    tenant = distribution.tenant
    called = (distribution.id, distribution.name) if tenant is None else (tenant.id, tenant.name)
    return [f"{one.lower()}.localhost" for one in called if one]


@lru_cache(maxsize=1024)
def _answers(host: str, domain_name: str, aliases: tuple[str, ...]) -> bool:
    name = _name(host)
    if name == domain_name.lower() or _is_local(name):
        return True
    return any(_is_alias(name, alias.lower()) for alias in aliases)


def _name(host: str) -> str:
    """The name in a Host header, "" where there is none."""
    match = _HOST.fullmatch(host)
    return match.group(1).lower().rstrip(".") if match else ""


def _is_local(name: str) -> bool:
    """Whether it is a name of this machine, or an address."""
    return name == "localhost" or name.endswith(".localhost") or _is_address(name)


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
