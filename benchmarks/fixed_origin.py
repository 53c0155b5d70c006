"""An origin that answers every request with the same 1,024 bytes, cacheable for an hour, and says in X-Asked for what
path it was asked; for machines without nginx.

`python benchmarks/fixed_origin.py PORT`
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

BODY = b"x" * 1_024
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: public, max-age=3600\r\n"
    b"Content-Length: %d\r\nX-Asked: " % len(BODY)
)


class Fixed(asyncio.Protocol):
    """Counts the ends of request heads; requests have no bodies here."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client."""
        self._transport = cast("asyncio.Transport", transport)
        self._held = b""

    def data_received(self, data: bytes) -> None:
        """One answer for each complete head."""
        *heads, self._held = (self._held + data).split(b"\r\n\r\n")
        if heads:
            self._transport.write(b"".join(HEAD + path_of(head) + b"\r\n\r\n" + BODY for head in heads))


def path_of(head: bytes) -> bytes:
    """The path of a request, without its query."""
    return head.split(b" ", 2)[1].partition(b"?")[0]


async def serve(port: int) -> None:
    """Until it is ended."""
    server = await asyncio.get_running_loop().create_server(Fixed, "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    """Serve on the port that is given."""
    serving = serve(int(sys.argv[1]))
    try:
        import uvloop
    except ImportError:
        asyncio.run(serving)
    else:
        uvloop.run(serving)


if __name__ == "__main__":
    main()
