"""One viewer's HTTP/2 connection: h2 does the protocol, this moves bytes, and runs one task for each stream.

A task is cancelled when the viewer resets its stream or leaves. A viewer who sends a body that nobody reads is held
back on that stream alone: the window of the connection opens as bytes arrive, that of the stream as they are read.
Sources: RFC 9113; CloudFront Developer Guide, "Supported HTTP versions". Not modelled: priorities, server push, and
WebSocket over HTTP/2, which CloudFront does not offer either.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import cast

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hpack import NeverIndexedHeaderTuple

from edge.model.quotas import MIB, REQUEST_HEAD_MAX_BYTES
from edge.model.viewer import Viewer
from edge.viewers.connection import Listener, once_more, viewer_of
from edge.viewers.header_fields import Field
from edge.viewers.multiplexed import Multiplexed
from edge.viewers.stream import Stream

_HEADER_LIST_MAX_BYTES = 4 * REQUEST_HEAD_MAX_BYTES  # beyond this the connection ends; below, the edge answers 494
_UPLOAD_WINDOW_BYTES = 262_144
_CONFIG = H2Configuration(
    client_side=False,
    header_encoding=None,
    # What is sent was made by `header_fields.write`, which h2's own looks would only repeat, field by field.
    validate_outbound_headers=False,
    normalize_outbound_headers=False,
)
_NEVER_THE_SAME = frozenset({b"x-amz-cf-id", b"age"})
"""Fields that differ from answer to answer: in HPACK's table they would push out those that repeat."""
_UNREAD_MAX_BYTES = 4 * MIB
_SIGNS = (events.RequestReceived, events.DataReceived, events.StreamEnded, events.WindowUpdated)
_SETTINGS = {
    SettingCodes.MAX_CONCURRENT_STREAMS: 128,
    SettingCodes.MAX_HEADER_LIST_SIZE: _HEADER_LIST_MAX_BYTES,
    SettingCodes.INITIAL_WINDOW_SIZE: _UPLOAD_WINDOW_BYTES,
}


class Http2Connection(Multiplexed["Http2Stream"], asyncio.Protocol):
    """Made by the listener for each viewer whose TLS handshake chose h2."""

    _transport: asyncio.Transport
    _viewer: Viewer

    def __init__(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(listener)
        self.h2 = H2Connection(_CONFIG)
        self.h2.local_settings = Settings(client=False, initial_values=_SETTINGS)
        self.h2.decoder.max_header_list_size = _HEADER_LIST_MAX_BYTES
        self._slow = False

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._viewer = viewer_of(transport, self._listener.front.location, "2.0")
        self._listener.connections.add(self)
        self.h2.initiate_connection()
        self.flush()
        if self._listener.closing:
            transport.close()

    def data_received(self, data: bytes) -> None:
        try:
            received = self.h2.receive_data(data)
        except ProtocolError:
            self.flush()  # h2 has written why
            self._transport.close()
            return
        for event in received:
            self._handle(event)
        self.flush()

    def pause_writing(self) -> None:
        self._slow = True

    def resume_writing(self) -> None:
        self.heard()
        self._slow = False
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.viewer_left()

    # What the listener tells.

    def finish(self) -> None:
        """Close as soon as the streams that are open have their answers."""
        if not self._streams and not self._transport.is_closing():
            self.h2.close_connection()
            self.flush()
            self._transport.close()

    def abort(self) -> None:
        """Close now."""
        self._transport.abort()

    # What streams need.

    def flush(self) -> None:
        """Send what h2 has ready. Answers wait for slow viewers; what has to be said besides (PING, SETTINGS) piles up
        for one who asks and asks and does not read: that is where the connection ends."""
        data = self.h2.data_to_send()
        if data and not self._transport.is_closing():
            self._transport.write(data)
            if self._transport.get_write_buffer_size() > _UNREAD_MAX_BYTES:
                self._transport.abort()

    async def room(self, stream_id: int) -> int:
        """The number of bytes that may be sent now, waiting until there are any."""
        while self._slow or self.h2.local_flow_control_window(stream_id) <= 0:
            await self._wait()
        return min(self.h2.local_flow_control_window(stream_id), self.h2.max_outbound_frame_size)

    # Frames.

    def _handle(self, event: events.Event) -> None:
        if isinstance(event, _SIGNS):
            self.heard()
        match event:
            case events.RequestReceived():
                self._request(event)
            case events.DataReceived():
                self._data(event)
            case events.StreamEnded(stream_id=stream_id) if stream_id in self._streams:
                self._streams[stream_id].body.end()
            case events.StreamReset(stream_id=stream_id) if stream_id in self._streams:
                self._streams[stream_id].viewer_left()
            case events.WindowUpdated() | events.RemoteSettingsChanged():
                self._wake()
            case events.ConnectionTerminated():
                self._transport.close()

    def _request(self, event: events.RequestReceived) -> None:
        if self._listener.closing:
            self.h2.reset_stream(event.stream_id, ErrorCodes.REFUSED_STREAM)
            return
        stream = self._streams[event.stream_id] = Http2Stream(
            self, event.stream_id, partial(self._over, event.stream_id)
        )
        stream.start(self._listener.front, self._viewer, event.headers)
        self._viewer = once_more(self._viewer)

    def _data(self, event: events.DataReceived) -> None:
        length = event.flow_controlled_length
        if length:
            self.h2.increment_flow_control_window(length)
        stream = self._streams.get(event.stream_id)
        if stream is not None:
            stream.taken(length - len(event.data))  # padding
            stream.body.feed(event.data)


class Http2Stream(Stream):
    """A stream of an HTTP/2 connection."""

    def __init__(self, connection: Http2Connection, stream_id: int, over: partial[None]) -> None:
        super().__init__(over)
        self._connection = connection
        self._id = stream_id

    def send_head(self, fields: list[Field], *, last: bool) -> None:
        """Send a header section."""
        section = [NeverIndexedHeaderTuple(*field) if field[0] in _NEVER_THE_SAME else field for field in fields]
        self._connection.h2.send_headers(self._id, section, end_stream=last)
        self._connection.flush()

    async def send_piece(self, data: bytes, *, last: bool) -> None:
        """Send bytes, in frames as large as the viewer's windows allow."""
        at = 0
        while at < len(data):
            part = data[at : at + await self._connection.room(self._id)]
            at += len(part)
            self._connection.h2.send_data(self._id, part, end_stream=last and at == len(data))
            self._connection.flush()
        if last and not data:
            self._connection.h2.end_stream(self._id)
            self._connection.flush()

    def open_window(self, size: int) -> None:
        """Let the viewer send so many bytes more."""
        self._connection.h2.increment_flow_control_window(size, self._id)
        self._connection.flush()

    def stop_viewer(self) -> None:
        """RFC 9113, section 8.1: a reset without an error, after the complete answer."""
        self._connection.h2.reset_stream(self._id, ErrorCodes.NO_ERROR)
        self._connection.flush()

    def reset(self) -> None:
        """End the stream with an error."""
        self._connection.h2.reset_stream(self._id, ErrorCodes.INTERNAL_ERROR)
        self._connection.flush()
