"""The fingerprints JA3 and JA4 of a viewer's TLS ClientHello, as CloudFront gives them in request headers.

Sources: CloudFront Developer Guide, "Add CloudFront request headers" (CloudFront-Viewer-JA3-Fingerprint,
CloudFront-Viewer-JA4-Fingerprint); RFC 8446, section 4.1.2; JA3 by Salesforce (MD5); JA4 by FoxIO, "JA4 technical
details". Values that a client sends to keep servers open for new ones (GREASE, RFC 8701) never count.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from hashlib import md5, sha256

from edge.model.viewer import Fingerprints

_SERVER_NAME, _GROUPS, _POINT_FORMATS, _SIGNATURE_ALGORITHMS, _ALPN, _VERSIONS = 0, 10, 11, 13, 16, 43
_HASH_CHARS = 12
_VERSION_NAMES = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3"}


def fingerprints(message: bytes) -> Fingerprints | None:
    """Of a ClientHello, with its handshake header; None for what is none."""
    try:
        hello = _read(message)
    except (struct.error, IndexError):
        return None
    return Fingerprints(_ja3(hello), _ja4(hello))


@dataclass(slots=True)
class _Hello:
    version: int
    ciphers: tuple[int, ...]
    extensions: list[int] = field(default_factory=list)
    groups: tuple[int, ...] = ()
    point_formats: bytes = b""
    signature_algorithms: tuple[int, ...] = ()
    versions: tuple[int, ...] = ()
    protocol: bytes = b""  # the first one of ALPN


def _read(message: bytes) -> _Hello:
    """Raises struct.error or IndexError when it ends too early."""
    reader = _Reader(_Reader(message[1:]).vector(3))
    version = reader.number(2)
    reader.skip(32)
    reader.vector(1)
    hello = _Hello(version, _genuine(reader.vector(2)))
    reader.vector(1)
    extensions = _Reader(reader.vector(2) if reader.left else b"")
    while extensions.left:
        kind, data = extensions.number(2), extensions.vector(2)
        if _is_grease(kind):
            continue
        hello.extensions.append(kind)
        inside = _Reader(data)
        if kind == _GROUPS:
            hello.groups = _genuine(inside.vector(2))
        elif kind == _POINT_FORMATS:
            hello.point_formats = inside.vector(1)
        elif kind == _SIGNATURE_ALGORITHMS:
            hello.signature_algorithms = _genuine(inside.vector(2))
        elif kind == _VERSIONS:
            hello.versions = _genuine(inside.vector(1))
        elif kind == _ALPN:
            hello.protocol = _Reader(inside.vector(2)).vector(1)
    return hello


class _Reader:
    """Numbers and vectors, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def skip(self, size: int) -> None:
        self._at += size

    def number(self, size: int) -> int:
        if self.left < size:
            raise IndexError
        self._at += size
        return int.from_bytes(self._data[self._at - size : self._at])

    def vector(self, length_size: int) -> bytes:
        """Bytes behind their length."""
        length = self.number(length_size)
        if self.left < length:
            raise IndexError
        self._at += length
        return self._data[self._at - length : self._at]


def _genuine(data: bytes) -> tuple[int, ...]:
    numbers: tuple[int, ...] = struct.unpack(f">{len(data) // 2}H", data)
    return tuple(one for one in numbers if not _is_grease(one))


def _is_grease(number: int) -> bool:
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF


def _ja3(hello: _Hello) -> str:
    lists = (hello.ciphers, hello.extensions, hello.groups, hello.point_formats)
    text = ",".join((str(hello.version), *("-".join(map(str, one)) for one in lists)))
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def _ja4(hello: _Hello) -> str:
    version = _VERSION_NAMES.get(max(hello.versions, default=hello.version), "00")
    name = "d" if _SERVER_NAME in hello.extensions else "i"
    counts = "".join(f"{min(len(one), 99):02}" for one in (hello.ciphers, hello.extensions))
    rest = sorted(kind for kind in hello.extensions if kind not in (_SERVER_NAME, _ALPN))
    behind = f"_{_hex(hello.signature_algorithms)}" if hello.signature_algorithms else ""
    digests = _digest(_hex(sorted(hello.ciphers))), _digest(_hex(rest) + behind if rest else "")
    return "_".join((f"t{version}{name}{counts}{_ends(hello.protocol)}", *digests))


def _ends(protocol: bytes) -> str:
    """The first and the last character of a protocol's name; of its bytes in hex where one is not a letter or digit."""
    if not protocol:
        return "00"
    first, last = protocol[:1], protocol[-1:]
    if not (first.isalnum() and last.isalnum()):
        return first.hex()[0] + last.hex()[1]
    return (first + last).decode()


def _hex(numbers: tuple[int, ...] | list[int]) -> str:
    return ",".join(f"{one:04x}" for one in numbers)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_HASH_CHARS] if text else "0" * _HASH_CHARS
