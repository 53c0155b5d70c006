"""Run in a Python handler under test, before its own code: the time and all connections are the test's, and what runs
is counted where somebody wants to know.

It has nothing but the standard library, and coverage.py where it counts. `time.monotonic`, `time.perf_counter` and
timers go by the real time.
"""

from __future__ import annotations

import datetime
import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

_CLOCK = os.open(os.environ.pop("_EDGE_CLOCK"), os.O_RDONLY)
_OUTBOUND = ("127.0.0.1", int(os.environ.pop("_EDGE_OUTBOUND")))
_INTERNET = (socket.AF_INET, socket.AF_INET6)


def _now() -> float:
    now: float = struct.unpack("<d", os.pread(_CLOCK, 8, 0))[0]
    return now


# ---- The time.


def _with_now(real: Any) -> Any:
    """gmtime, localtime and ctime: the seconds may be left out."""

    def given_or_now(seconds: float | None = None) -> Any:
        return real(_now() if seconds is None else seconds)

    return given_or_now


_strftime, _gmtime, _localtime = time.strftime, time.gmtime, time.localtime
time.time = _now
time.time_ns = lambda: int(_now() * 1_000_000_000)
time.gmtime, time.localtime, time.ctime = _with_now(_gmtime), _with_now(_localtime), _with_now(time.ctime)
time.strftime = lambda form, at=None: _strftime(form, _localtime(_now()) if at is None else at)


class _AnyDatetime(type):
    """So that values made before, and by C code, are datetimes too."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__mro__[1])

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.__mro__[1])


class _Datetime(datetime.datetime, metaclass=_AnyDatetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return cls.fromtimestamp(_now(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return cls.fromtimestamp(_now(), datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        return cls.fromtimestamp(_now())


class _Date(datetime.date, metaclass=_AnyDatetime):
    @classmethod
    def today(cls) -> Any:
        return cls.fromtimestamp(_now())


_Datetime.__name__ = _Datetime.__qualname__ = "datetime"
_Date.__name__ = _Date.__qualname__ = "date"
datetime.datetime, datetime.date = _Datetime, _Date  # type: ignore[misc]


# ---- Connections. TLS goes on above them, with the name that was asked for and an authority that the test has made.

_connect, _connect_ex = socket.socket.connect, socket.socket.connect_ex


def _leads_to_the_test(real: Any) -> Any:
    def connect(self: socket.socket, address: Any) -> Any:
        return real(self, _OUTBOUND if self.family in _INTERNET else address)

    return connect


def _getaddrinfo(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> list[Any]:
    number = port if isinstance(port, int) else _OUTBOUND[1]
    return [(socket.AF_INET, type or socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (_OUTBOUND[0], number))]


socket.socket.connect = _leads_to_the_test(_connect)  # type: ignore[method-assign]
socket.socket.connect_ex = _leads_to_the_test(_connect_ex)  # type: ignore[method-assign]
socket.getaddrinfo = _getaddrinfo
socket.gethostbyname = lambda host: _OUTBOUND[0]


# ---- Coverage. The handler finds no more packages than without it.


def _counting(folder: str, packages: str, *, branch: bool) -> Callable[[], None]:
    """Begin to count what runs of the function's own files; what is returned writes it down."""
    sys.path.append(packages)
    from coverage import Coverage

    counts = Coverage(
        data_file=f"{folder}/.coverage",
        data_suffix=True,
        branch=branch,
        config_file=False,
        include=[f"{os.environ['LAMBDA_TASK_ROOT']}/*"],
        messages=False,
    )
    counts.set_option("run:disable_warnings", ["no-data-collected"])
    counts.start()
    counts.save()  # so that all that it imports is there
    sys.path.remove(packages)
    return counts.save


def after_event() -> None:
    """Called by the runtime after each event."""


_FOLDER, _PACKAGES = os.environ.pop("_EDGE_COVERAGE", ""), os.environ.pop("_EDGE_COVERAGE_PACKAGES", "")
_BRANCH = bool(os.environ.pop("_EDGE_COVERAGE_BRANCH", ""))
if _FOLDER:
    after_event = _counting(_FOLDER, _PACKAGES, branch=_BRANCH)
