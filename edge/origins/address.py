"""Where an origin is on this machine or in the world."""

from __future__ import annotations

import re
import ssl
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from edge.model.origin import OriginAttempt

_PORT = re.compile(r":[0-9]*$")


class Address(NamedTuple):
    """`verify` says whether the certificate is checked; it must be for one of `server_names`, tried in this order."""

    scheme: str
    host: str
    port: int
    verify: bool
    server_names: tuple[str, ...]

    @property
    def url(self) -> str:
        """Scheme, host and port as a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def address_of(attempt: OriginAttempt) -> Address:
    """Where to connect: the local URL of the origin if it has one, else its real domain. A certificate may be for that
    domain or for the Host that is forwarded ("HTTP 502 status code", SSL/TLS negotiation failure). It is not checked on
    this machine, where nobody could sit in between and dev servers sign their own. Raises ValueError for a bad URL."""
    origin = attempt.origin
    if not origin.local_url:
        port = origin.https_port if attempt.scheme == "https" else origin.http_port
        forwarded = _PORT.sub("", attempt.request.headers.get("host") or "").strip("[]")
        names = dict.fromkeys(name for name in (forwarded, origin.domain_name) if name)
        return Address(attempt.scheme, origin.domain_name, port, True, tuple(names))
    parts = urlsplit(origin.local_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            f"the origin {origin.id} has the local URL {origin.local_url}, which is not http:// or https://"
        )
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Address(parts.scheme, parts.hostname, port, not is_local(parts.hostname), (parts.hostname,))


def is_local(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=2)
def tls_context(verify: bool) -> ssl.SSLContext:
    """TLS 1.2 and up, against the system's certificate authorities."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
