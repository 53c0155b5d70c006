"""cf.cwt, on both engines, held against cbor2 and Python's hmac.

Source: CloudFront Developer Guide, "CWT support for CloudFront Functions"; RFC 8392; RFC 9052, section 6.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import cbor2
import pytest

from edge.model.function import FunctionOutcome, Returned, Threw

Run = Callable[..., FunctionOutcome]
KEY = b"a secret"


def token(
    payload: Any, *, headers: Any = None, key: bytes = KEY, unprotected: Any = None, cwt: bool = True, cose: int = 17
) -> bytes:
    """A token as others make it."""
    protected = cbor2.dumps({1: 5} if headers is None else headers)
    body = cbor2.dumps(payload)
    tag = hmac.new(key, cbor2.dumps(["MAC0", protected, b"", body]), hashlib.sha256).digest()
    mac0 = cbor2.CBORTag(cose, [protected, unprotected or {}, body, tag])
    return cbor2.dumps(cbor2.CBORTag(61, mac0) if cwt else mac0)


@pytest.fixture
def validate(run: Run) -> Callable[[bytes], FunctionOutcome]:
    """The outcome of a function that validates this token."""

    def outcome(data: bytes) -> FunctionOutcome:
        call = f"cf.cwt.validateToken(Buffer.from('{data.hex()}', 'hex'), {{ key: '{KEY.decode()}' }})"
        return run(f"import cf from 'cloudfront';\nfunction handler(event) {{ return {call}; }}")

    return outcome


CLAIMS: dict[Any, Any] = {
    1: "https://iss.example.com",
    2: "größe 😀",
    4: 1_444_064_944,
    -70_000: -5,
    "text": [1, -1, 23, 24, 255, 256, 65_536, 2**40, 1.5, True, False, None],
    401: {1: {2: ".cloudfront.net"}, 3: {3: [".m3u8", ".ts"]}},
}


@pytest.mark.parametrize("cwt", [True, False])
def test_a_token_of_others_is_read(validate: Callable[[bytes], FunctionOutcome], cwt: bool) -> None:
    """Labels become strings, as AWS says; the CWT tag may be missing."""
    outcome = validate(token(CLAIMS, unprotected={4: "kid"}, cwt=cwt))
    assert isinstance(outcome, Returned), outcome
    expected = {str(label): value for label, value in CLAIMS.items()}
    expected["401"] = {"1": {"2": ".cloudfront.net"}, "3": {"3": [".m3u8", ".ts"]}}
    assert outcome.value == {"protectedHeaders": {"1": 5}, "unprotectedHeaders": {"4": "kid"}, "payload": expected}


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("f93c00", 1), ("f9c400", -4), ("f90001", 2**-24), ("f97c00", None), ("fa3fc00000", 1.5),
        ("5f42010243030405ff", 5), ("7f61616162ff", "ab"),
        ("9f0102ff", [1, 2]), ("bf616101ff", {"a": 1}), ("c11a514b67b0", 1_363_896_240),
        ("1b0000000100000000", 2**32), ("3863", -100),
    ],
)  # fmt: skip
def test_every_form_of_cbor_is_read(run: Run, item: str, value: Any) -> None:
    """Half and single floats, lengths that an end mark tells, tags."""
    body = bytes.fromhex("a10a" + item)
    protected = cbor2.dumps({1: 5})
    tag = hmac.new(KEY, cbor2.dumps(["MAC0", protected, b"", body]), hashlib.sha256).digest()
    data = cbor2.dumps(cbor2.CBORTag(17, [protected, {}, body, tag]))
    call = f"cf.cwt.validateToken(Buffer.from('{data.hex()}', 'hex'), {{ key: '{KEY.decode()}' }}).payload[10]"
    shown = f"var v = {call}; return Buffer.isBuffer(v) ? v.length : v;"
    outcome = run(f"import cf from 'cloudfront';\nfunction handler(event) {{ {shown} }}")
    assert isinstance(outcome, Returned), outcome
    assert outcome.value == value


def _changed(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (token(CLAIMS, key=b"another"), "its tag does not match"),
        (_changed(token(CLAIMS)), "its tag does not match"),
        (token(CLAIMS, headers={1: 4}), "its algorithm is not HS256"),
        (token(CLAIMS, headers={}), "its algorithm is not HS256"),
        (token(CLAIMS, cose=18), "it is no COSE_Mac0"),
        (cbor2.dumps(CLAIMS), "it is no COSE_Mac0"),
        (token([1]), "its payload is no map"),
        (token(CLAIMS)[:-1], "it ends too early"),
        (token(CLAIMS) + b"\0", "there is something behind it"),
        (b"", "it ends too early"),
        (bytes.fromhex("d83dd1" + "9f" * 900), "it is nested too deep"),
        (bytes.fromhex("d11c"), "it is not CBOR"),
        (token({1: "x" * 1_000}), "it has more than 1024 bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_token_that_is_not_genuine_is_an_error(
    validate: Callable[[bytes], FunctionOutcome], data: bytes, why: str
) -> None:
    """It throws, and says why; claims are not judged."""
    outcome = validate(data)
    assert isinstance(outcome, Threw), outcome
    assert outcome.error == f"Error: invalid CWT: {why}"


def test_a_token_of_exactly_1_kb_is_read(validate: Callable[[bytes], FunctionOutcome]) -> None:
    """One byte more is too much."""
    spare = 1024 - len(token({1: "x" * 900})) + 900
    assert len(token({1: "x" * spare})) == 1024
    assert isinstance(validate(token({1: "x" * spare})), Returned)
    assert isinstance(validate(token({1: "x" * (spare + 1)})), Threw)


GENERATE = """
import cf from 'cloudfront';
const token = {
  protected: { 1: '5' },
  unprotected: {},
  payload: {
    1: 'cloudfront', 4: 1740000000, 401: { 1: { 2: '.net' } }, a: [1.5, -7, true, null, 'é'], b: Buffer.from('x'),
  },
};
const context = { cwtTag: true, coseTag: 'MAC0', key: 'a secret' };
function handler(event) {
  return cf.cwt.generateToken(ARGUMENTS).toString('base64url');
}
"""


@pytest.mark.parametrize("arguments", ["token, context", "context, token"])
def test_others_read_the_tokens_that_are_made_here(run: Run, arguments: str) -> None:
    """In the order of AWS's examples, and in that of its prose."""
    import base64

    outcome = run(GENERATE.replace("ARGUMENTS", arguments))
    assert isinstance(outcome, Returned), outcome
    assert isinstance(outcome.value, str)
    made = cbor2.loads(base64.urlsafe_b64decode(outcome.value + "=" * (-len(outcome.value) % 4)))
    assert (made.tag, made.value.tag) == (61, 17)
    protected, unprotected, body, tag = made.value.value
    assert (cbor2.loads(protected), unprotected) == ({1: 5}, {})
    assert cbor2.loads(body) == {
        1: "cloudfront",
        4: 1_740_000_000,
        401: {1: {2: ".net"}},
        "a": [1.5, -7, True, None, "é"],
        "b": b"x",
    }
    assert tag == hmac.new(KEY, cbor2.dumps(["MAC0", protected, b"", body]), hashlib.sha256).digest()


def test_a_token_is_renewed_from_what_validating_it_gave(run: Run) -> None:
    """protectedHeaders and unprotectedHeaders are taken as they come."""
    again = "cf.cwt.validateToken(cf.cwt.generateToken(old, context), context)"
    old = f"cf.cwt.validateToken(Buffer.from('{token({1: 'a', 4: 5}).hex()}', 'hex'), context)"
    context = "{ coseTag: 'MAC0', key: Buffer.from('a secret') }"
    code = f"import cf from 'cloudfront';\nfunction handler(event) {{ var context = {context};"
    outcome = run(f"{code} var old = {old}; old.payload[4] = 99; return {again}.payload; }}")
    assert isinstance(outcome, Returned), outcome
    assert outcome.value == {"1": "a", "4": 99}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("generateToken({ payload: {} }, { key: 'k' })", 'TypeError: coseTag must be "MAC0"'),
        ("generateToken({ payload: {} }, { coseTag: 'SIGN1', key: 'k' })", 'TypeError: coseTag must be "MAC0"'),
        ("generateToken({ payload: {} }, { coseTag: 'MAC0' })", "TypeError: key must be a string or a Buffer"),
        ("generateToken({}, { coseTag: 'MAC0', key: 'k' })", "TypeError: the token must be an object with a payload"),
        (
            "generateToken({ protected: { 1: 4 }, payload: {} }, { coseTag: 'MAC0', key: 'k' })",
            "TypeError: the algorithm must be 5, HS256",
        ),
        (
            "generateToken({ payload: { 1: 'x'.repeat(1000) } }, { coseTag: 'MAC0', key: 'k' })",
            "RangeError: the token has more than 1024 bytes",
        ),
        ("validateToken('text', { key: 'k' })", "TypeError: token must be a Buffer"),
        ("validateToken(Buffer.from('a'))", "TypeError: context must be an object with a key"),
    ],
)
def test_wrong_arguments(run: Run, call: str, error: str) -> None:
    """Each is told."""
    outcome = run(f"import cf from 'cloudfront';\nfunction handler(event) {{ return cf.cwt.{call}; }}")
    assert isinstance(outcome, Threw), outcome
    assert outcome.error == error
