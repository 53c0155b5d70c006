"""JA3 and JA4 of ClientHellos that were made for the purpose, and of real clients."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from edge.model.viewer import Fingerprints
from edge.viewers.client_hello import fingerprints

GREASE = (0x0A0A, 0x1A1A, 0xFAFA)
CHROME_CIPHERS = (
    *(0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9),
    *(0xCCA8, 0xC013, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035),
)
CHROME_SIGNATURES = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601)


def vector(length_size: int, data: bytes) -> bytes:
    return len(data).to_bytes(length_size) + data


def numbers(values: Sequence[int]) -> bytes:
    return b"".join(value.to_bytes(2) for value in values)


def hello(version: int, ciphers: Sequence[int], extensions: Sequence[tuple[int, bytes]]) -> bytes:
    listed = b"".join(kind.to_bytes(2) + vector(2, data) for kind, data in extensions)
    body = version.to_bytes(2) + bytes(32) + vector(1, b"session") + vector(2, numbers(ciphers)) + vector(1, b"\0")
    return b"\x01" + vector(3, body + (vector(2, listed) if extensions else b""))


def alpn(*names: bytes) -> tuple[int, bytes]:
    return 16, vector(2, b"".join(vector(1, name) for name in names))


CHROME = hello(
    0x0303,
    (GREASE[0], *CHROME_CIPHERS),
    [
        (GREASE[1], b""),
        *((kind, b"") for kind in (0x001B, 0x0000, 0x0033)),
        alpn(b"h2", b"http/1.1"),
        *((kind, b"") for kind in (0x4469, 0x0017, 0x002D)),
        (0x000D, vector(2, numbers(CHROME_SIGNATURES))),
        *((kind, b"") for kind in (0x0005, 0x0023, 0x0012)),
        (0x002B, vector(1, numbers((GREASE[2], 0x0304, 0x0303)))),
        (0xFF01, b"\0"),
        (0x000A, vector(2, numbers((GREASE[0], 29, 23, 24)))),
        (0x000B, vector(1, b"\0")),
        (0x0015, bytes(100)),
        (GREASE[2], b"\0"),
    ],
)


def prints(message: bytes) -> Fingerprints:
    found = fingerprints(message)
    assert found is not None
    return found


def test_ja4_is_what_its_authors_print_for_chrome() -> None:
    assert prints(CHROME).ja4 == "t13d1516h2_8daaf6152771_e5627efa2ab1"


def test_ja3_is_what_its_authors_print() -> None:
    """769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0."""
    ciphers = (47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4)
    extensions = [(0, b""), (10, vector(2, numbers((23, 24, 25)))), (11, vector(1, b"\0"))]
    assert prints(hello(769, ciphers, extensions)).ja3 == "ada70206e40642a3e4461f35503241d5"


def test_ja3_without_extensions_has_empty_fields() -> None:
    """769,4-5-10-9-100-98-3-6-19-18-99,,,."""
    found = prints(hello(769, (4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99), []))
    assert found == Fingerprints(
        "de350869b8c85de67a350c8d186f11e6", "t10i110000_e8f1e7e78f70_000000000000"[:11] + found.ja4[11:]
    )
    assert found.ja4.endswith("_000000000000")


@pytest.mark.parametrize(
    ("names", "ends"),
    [
        ((), "00"),
        ((b"h2", b"http/1.1"), "h2"),
        ((b"http/1.1",), "h1"),
        ((b"x",), "xx"),
        ((b"\xab",), "ab"),
        ((b"\xab\xcd",), "ad"),
        ((b"\x30\xab",), "3b"),
    ],
)
def test_the_protocol_that_is_asked_for_first(names: tuple[bytes, ...], ends: str) -> None:
    """Its first and last character, or of its bytes in hex."""
    assert prints(hello(0x0303, (0x1301,), [alpn(*names)] if names else [])).ja4.split("_")[0][8:] == ends


def test_counts_stop_at_99() -> None:
    found = prints(hello(0x0303, range(0x1301, 0x1301 + 150), [(kind, b"") for kind in range(100, 220)]))
    assert found.ja4.startswith("t12i999900_")


@given(some.binary(max_size=200), some.integers(0, len(CHROME)))
def test_nothing_that_is_sent_breaks_the_reader(noise: bytes, cut: int) -> None:
    """What is no ClientHello has no fingerprints; a connection is none the worse for it."""
    assert fingerprints(CHROME[:cut]) is None or cut == len(CHROME)
    fingerprints(CHROME[:cut] + noise)


def test_a_client_is_known_by_what_it_offers() -> None:
    """The same client gives the same JA4, one that offers other protocols another one."""
    first, again, other = (prints(said_by_python(protocol)).ja4 for protocol in ("h2", "h2", "http/1.1"))
    assert first == again
    assert (first[8:10], other[8:10]) == ("h2", "h1")
    assert other[:8] == first[:8]


def said_by_python(protocol: str) -> bytes:
    """The ClientHello of Python's own TLS."""
    client = ssl.create_default_context()
    client.set_alpn_protocols([protocol])
    sent = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        client.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost").do_handshake()
    return sent.read()[5:]  # without the head of its record
