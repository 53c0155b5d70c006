"""How much a viewer may send on a stream of HTTP/3: as much as is read, and a window more.

By itself aioquic doubles the limit of a stream as bytes arrive, read or not, so that an upload which nobody reads would
sit in memory. Source: RFC 9000, section 4.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aioquic.quic.connection import MAX_STREAM_DATA_FRAME_CAPACITY, QuicConnection
from aioquic.quic.packet import QuicFrameType

UPLOAD_WINDOW_BYTES = 262_144
_STEP_BYTES = UPLOAD_WINDOW_BYTES // 4


def limit_by_reading(quic: QuicConnection, unread_bytes: Callable[[int], int | None]) -> None:
    """Let a connection's limits follow what is read. `unread_bytes` knows, by the id of a stream, how many bytes of it
    have come and were not read; None leaves the stream to aioquic."""
    as_bytes_arrive = quic._write_stream_limits

    def write_limits(builder: Any, space: Any, stream: Any) -> None:
        unread = unread_bytes(stream.stream_id)
        if unread is None:
            as_bytes_arrive(builder=builder, space=space, stream=stream)
            return
        limit = stream.receiver.starting_offset() - unread + UPLOAD_WINDOW_BYTES
        if limit - stream.max_stream_data_local >= _STEP_BYTES:
            stream.max_stream_data_local = limit
        if stream.max_stream_data_local_sent != stream.max_stream_data_local:
            frame = builder.start_frame(
                QuicFrameType.MAX_STREAM_DATA,
                capacity=MAX_STREAM_DATA_FRAME_CAPACITY,
                handler=quic._on_max_stream_data_delivery,
                handler_args=(stream,),
            )
            frame.push_uint_var(stream.stream_id)
            frame.push_uint_var(stream.max_stream_data_local)
            stream.max_stream_data_local_sent = stream.max_stream_data_local

    quic._write_stream_limits = write_limits  # type: ignore[method-assign]
