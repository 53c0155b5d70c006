"""What goes wrong on the way to an origin, by its CloudFront name and in a sentence for people."""

from __future__ import annotations

import socket
import ssl

import aiohttp

from edge.model.body import BodyBroken
from edge.model.origin import OriginAttempt, OriginFailure, OriginFailureKind
from edge.origins.address import Address

_HOSTNAME_MISMATCH = 62  # X509_V_ERR_HOSTNAME_MISMATCH of OpenSSL
_IP_ADDRESS_MISMATCH = 64


def failure(error: Exception, address: Address, attempt: OriginAttempt) -> OriginFailure | None:
    """What an exception of aiohttp or of the system stands for; None for one that is not the network's doing."""
    where = address.url
    origin = attempt.origin
    kinds = OriginFailureKind
    match error:
        case aiohttp.ConnectionTimeoutError():
            return connect_timeout(address, attempt)
        case aiohttp.ServerTimeoutError():
            return read_timeout(address, attempt)
        case TimeoutError():
            limit_s = origin.response_completion_timeout_s or origin.read_timeout_s
            return OriginFailure(kinds.READ_TIMEOUT, f"{where} did not answer within {limit_s:g} s")
        case aiohttp.ClientConnectorDNSError() | socket.gaierror():
            return OriginFailure(kinds.DNS, f"the name {address.host} cannot be resolved")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return OriginFailure(kinds.TLS, _about_tls(error, address))
        case aiohttp.ClientConnectorError(os_error=ConnectionResetError() | ConnectionAbortedError() as cause):
            return OriginFailure(kinds.DROPPED, f"{where} broke the connection: {words(cause)}")
        case aiohttp.ClientConnectorError() | ConnectionRefusedError():
            return OriginFailure(kinds.CONNECT, f"nothing answers on {where}: is the site running?")
        case aiohttp.ServerDisconnectedError():
            return OriginFailure(kinds.DROPPED, f"{where} closed the connection without an answer")
        case aiohttp.ClientResponseError(message=message):
            if message.startswith(("Got more than", "Too many headers")):
                return header_too_big(address)
            return invalid_response(address, message)
        case BodyBroken():
            return OriginFailure(kinds.WRITE, f"the viewer did not send the whole body: {error}")
        case aiohttp.ClientConnectionError() if isinstance(error.__cause__, BodyBroken):
            return failure(error.__cause__, address, attempt)
        case aiohttp.ClientConnectionError() | OSError():
            return OriginFailure(kinds.DROPPED, f"{where} broke the connection: {words(error)}")
        case aiohttp.ClientError():
            return invalid_response(address, words(error))
        case _:
            return None


def connect_timeout(address: Address, attempt: OriginAttempt) -> OriginFailure:
    """The connection timeout of the origin's settings has passed."""
    limit_s = attempt.origin.connection_timeout_s
    detail = f"{address.url} did not accept a connection within {limit_s:g} s"
    return OriginFailure(OriginFailureKind.CONNECT_TIMEOUT, detail)


def read_timeout(address: Address, attempt: OriginAttempt) -> OriginFailure:
    """The response timeout of the origin's settings has passed."""
    detail = f"{address.url} did not answer within {attempt.origin.read_timeout_s:g} s"
    return OriginFailure(OriginFailureKind.READ_TIMEOUT, detail)


def header_too_big(address: Address) -> OriginFailure:
    """More header than CloudFront takes."""
    detail = f"{address.url} sent a header larger than CloudFront takes"
    return OriginFailure(OriginFailureKind.HEADER_TOO_BIG, detail)


def invalid_response(address: Address, why: str) -> OriginFailure:
    """Bytes that are not an HTTP response."""
    first_line = " ".join(why.split("\n", 1)[0].split())
    detail = f"{address.url} sent what is not an HTTP response: {first_line}"
    return OriginFailure(OriginFailureKind.INVALID_RESPONSE, detail)


def is_for_another_name(error: BaseException) -> bool:
    """Whether a certificate was good but for its name."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        error = error.certificate_error
    codes = (_HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH)
    return isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in codes


def words(error: BaseException) -> str:
    """What an exception says, or else its name."""
    return str(error) or type(error).__name__


def _about_tls(error: Exception, address: Address) -> str:
    cause: BaseException = error
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = error.certificate_error
    elif isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = cause.verify_message.rstrip(".")
        return f"{address.url} has no certificate that can be trusted: {why}"
    return f"{address.url} does not speak TLS as expected: {words(cause)}"
