"""A point of presence, as far as responses show one."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from edge.model.json_value import JsonValue


@dataclass(frozen=True, slots=True)
class EdgeLocation:
    """`code` is what X-Amz-Cf-Pop says (`FRA56-P4`), `via_host` the host name in Via (32 hex digits and a domain).

    `regional_edge_cache` is the AWS region behind this location.
    """

    code: str = "LAP50-P1"
    via_host: str = "0123456789abcdef0123456789abcdef.cloudfront.net"
    regional_edge_cache: str = "us-east-1"

    @property
    def iata(self) -> str:
        """The airport code at the front of `code`."""
        return self.code[:3]

    @property
    def shown(self) -> dict[str, JsonValue]:
        """What cf.edgeLocation shows to a function."""
        return {"name": self.iata, "serverIp": "127.0.0.1", "region": self.regional_edge_cache}


def edge_location(code: str, region: str) -> EdgeLocation:
    """The edge location of a code, with a host name of its own."""
    return EdgeLocation(code, f"{blake2b(code.encode(), digest_size=16).hexdigest()}.cloudfront.net", region)


DEFAULT_EDGE_LOCATION = EdgeLocation()
