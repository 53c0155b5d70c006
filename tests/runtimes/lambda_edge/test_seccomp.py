"""The filter for system calls."""

from __future__ import annotations

import struct

import pytest

from edge.runtimes.lambda_edge.providers.seccomp import REFUSED, program

ALLOWED, REFUSED_EPERM, KILLED = 0x7FFF0000, 0x00050001, 0x80000000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def verdict(machine: str, architecture: int, number: int) -> int:
    """Run the filter as the kernel would."""
    steps = list(struct.iter_unpack("=HBBI", program(machine)))
    at, loaded = 0, 0
    while True:
        code, if_equal, if_not, value = steps[at]
        if code == 0x20:
            loaded = number if value == 0 else architecture
            at += 1
        elif code == 0x15:
            at += 1 + (if_equal if loaded == value else if_not)
        else:
            assert code == 0x06
            return int(value)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_calls_in_the_table_are_refused_and_others_are_not(machine: str) -> None:
    column = list(ARCHITECTURES).index(machine)
    refused = {each[column] for each in REFUSED.values()}
    for number in range(460):
        expected = REFUSED_EPERM if number in refused else ALLOWED
        assert verdict(machine, ARCHITECTURES[machine], number) == expected


def test_calls_of_another_architecture_end_the_process() -> None:
    """32-bit calls would go around the numbers."""
    assert verdict("x86_64", 0x40000003, 0) == KILLED


def test_a_machine_that_is_not_known_has_no_filter() -> None:
    assert program("riscv64") == b""
