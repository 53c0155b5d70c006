"""Certificates for every name that a handler may ask for, by an authority that only handlers under test trust."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.viewers import local_certificate


class Certificates:
    """Made when they are needed, in `folder`. `authority` is what clients must trust."""

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "authority.pem"
        self._folder = folder
        self._pair = local_certificate.make_authority(datetime.now(UTC))
        self.authority.write_bytes(self._pair.certificate_pem())
        self._contexts: dict[str, ssl.SSLContext] = {}

    def context(self, name: str = "localhost") -> ssl.SSLContext:
        """A server of this name, or of whichever name a client then asks for."""
        context = self._contexts.get(name)
        if context is None:
            leaf = local_certificate.make_leaf(self._pair, [name], datetime.now(UTC))
            file = self._folder / f"leaf-{len(self._contexts)}.pem"
            file.write_bytes(leaf.certificate_pem() + leaf.key_pem())
            context = self._contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
            context.set_alpn_protocols(["http/1.1"])
            context.sni_callback = self._named
        return context

    def _named(self, connection: Any, name: str | None, _: ssl.SSLContext) -> None:
        if name:
            connection.context = self.context(name)
