"""One viewer's HTTP/3 connection: aioquic does QUIC and the protocol, this runs one task for each stream.

A task is cancelled when the viewer resets its stream, stops reading it, or leaves. A viewer who is silent altogether is
QUIC's own business. One who sends a body that nobody reads is held back (`quic_windows.py`).
Sources: RFC 9114; CloudFront Developer Guide, "Supported HTTP versions".
"""

from __future__ import annotations

from functools import partial
from typing import Any

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import ErrorCode, H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.connection import NetworkAddress, QuicConnection
from aioquic.quic.events import (
    ConnectionTerminated,
    HandshakeCompleted,
    QuicEvent,
    StopSendingReceived,
    StreamDataReceived,
    StreamReset,
)

from edge.model.viewer import Tls, Viewer
from edge.viewers.connection import Listener, once_more
from edge.viewers.header_fields import Field
from edge.viewers.multiplexed import Multiplexed
from edge.viewers.quic_windows import limit_by_reading
from edge.viewers.stream import Stream

_UNSENT_MAX_BYTES = 262_144
_PIECE_MAX_BYTES = 65_536


class Http3Connection(Multiplexed["Http3Stream"], QuicConnectionProtocol):
    """Made by aioquic's server for each viewer that connects over QUIC."""

    _viewer: Viewer

    def __init__(self, listener: Listener, quic: QuicConnection, **options: Any) -> None:
        Multiplexed.__init__(self, listener)
        QuicConnectionProtocol.__init__(self, quic, **options)
        self.quic = quic
        self.h3 = H3Connection(quic)
        limit_by_reading(quic, self._unread_bytes)
        self._address: NetworkAddress = ("", 0)

    # What aioquic tells.

    def datagram_received(self, data: bytes | str, addr: NetworkAddress) -> None:
        self._address = addr
        super().datagram_received(data, addr)
        self._wake()

    def quic_event_received(self, event: QuicEvent) -> None:
        match event:
            case HandshakeCompleted():
                self._begin()
            case StreamReset(stream_id=stream_id) | StopSendingReceived(stream_id=stream_id):
                if stream_id in self._streams:
                    self._streams[stream_id].viewer_left()
            case ConnectionTerminated():
                self.viewer_left()
            case StreamDataReceived():
                self.heard()
        for received in self.h3.handle_event(event):
            self._handle(received)

    # What the listener tells.

    def finish(self) -> None:
        """Close as soon as the streams that are open have their answers."""
        if not self._streams:
            self.abort()

    def abort(self) -> None:
        """Close now."""
        self.close(error_code=ErrorCode.H3_NO_ERROR)

    # What streams need.

    async def room(self, stream_id: int) -> None:
        """Wait while the viewer is slow to take what was sent on a stream."""
        while self._unsent_bytes(stream_id) > _UNSENT_MAX_BYTES:
            await self._wait()
            if self._unsent_bytes(stream_id) <= _UNSENT_MAX_BYTES:
                self.heard()

    def _unsent_bytes(self, stream_id: int) -> int:
        """What aioquic keeps of a stream until the viewer has it; it has no public name for that."""
        stream = self.quic._streams.get(stream_id)
        return 0 if stream is None else len(stream.sender._buffer)

    def _unread_bytes(self, stream_id: int) -> int | None:
        stream = self._streams.get(stream_id)
        return None if stream is None else stream.unread_bytes

    # Frames.

    def _begin(self) -> None:
        schedule = self.quic.tls.key_schedule
        cipher = "" if schedule is None else f"TLS_{schedule.cipher_suite.name}"
        ip, port = self._address[:2]
        self._viewer = Viewer(ip, port, "https", "3.0", Tls("TLSv1.3", cipher), self._listener.front.location)
        self._listener.connections.add(self)
        if self._listener.closing:
            self.abort()

    def _handle(self, event: H3Event) -> None:
        match event:
            case HeadersReceived(headers=fields, stream_id=stream_id, stream_ended=ended) if _begins(fields):
                stream = self._request(stream_id, fields)
            case DataReceived(data=data, stream_id=stream_id, stream_ended=ended) if stream_id in self._streams:
                stream = self._streams[stream_id]
                stream.unread_bytes += len(data)
                stream.body.feed(data)
            case HeadersReceived(stream_id=stream_id, stream_ended=ended) if stream_id in self._streams:
                stream = self._streams[stream_id]  # trailers
            case _:
                return
        if ended:
            stream.body.end()

    def _request(self, stream_id: int, fields: list[Field]) -> Http3Stream:
        stream = self._streams[stream_id] = Http3Stream(self, stream_id, partial(self._over, stream_id))
        stream.start(self._listener.front, self._viewer, fields)
        self._viewer = once_more(self._viewer)
        return stream


def _begins(fields: list[Field]) -> bool:
    """Whether a header section begins a request, and is not its trailers."""
    return any(name == b":method" for name, _ in fields)


class Http3Stream(Stream):
    """A stream of an HTTP/3 connection."""

    def __init__(self, connection: Http3Connection, stream_id: int, over: partial[None]) -> None:
        super().__init__(over)
        self._connection = connection
        self._id = stream_id
        self.unread_bytes = 0

    def send_head(self, fields: list[Field], *, last: bool) -> None:
        """Send a header section."""
        self._connection.h3.send_headers(self._id, fields, end_stream=last)
        self._connection.transmit()

    async def send_piece(self, data: bytes, *, last: bool) -> None:
        """Send bytes, never far ahead of the viewer."""
        at = 0
        while at < len(data) or last:
            await self._connection.room(self._id)
            part = data[at : at + _PIECE_MAX_BYTES]
            at += len(part)
            ends = last and at == len(data)
            self._connection.h3.send_data(self._id, part, end_stream=ends)
            self._connection.transmit()
            if ends:
                return

    def open_window(self, size: int) -> None:
        """Let the viewer send so many bytes more."""
        self.unread_bytes -= size
        self._connection.transmit()

    def stop_viewer(self) -> None:
        """RFC 9114, section 4.1: ask for no more, after the complete answer."""
        self._connection.quic.stop_stream(self._id, ErrorCode.H3_NO_ERROR)
        self._connection.transmit()

    def reset(self) -> None:
        """End the stream with an error."""
        self._connection.quic.reset_stream(self._id, ErrorCode.H3_INTERNAL_ERROR)
        self._connection.transmit()
