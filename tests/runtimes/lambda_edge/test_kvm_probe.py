"""Whether hardware runs virtual machines here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edge.runtimes.lambda_edge.providers import kvm_probe

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="KVM is Linux's")


def test_a_machine_without_the_device_emulates(tmp_path: Path) -> None:
    assert kvm_probe.why_not(tmp_path / "kvm") == f"there is no {tmp_path / 'kvm'}"


def test_a_device_that_is_no_kvm_proves_nothing(tmp_path: Path) -> None:
    """Something of that name is there, and does not run a virtual processor."""
    (tmp_path / "kvm").touch()
    assert kvm_probe.why_not(tmp_path / "kvm").startswith(f"{tmp_path / 'kvm'} does not work: ")


def test_the_machine_is_given_what_the_probe_found() -> None:
    """An emulated one is told the rate of its clock: without it the kernel hangs."""
    found = kvm_probe.acceleration()
    if found.is_hardware:
        assert found.arguments[:2] == ("-accel", "kvm")
    else:
        assert found.reason
        assert found.arguments[:2] == ("-accel", "tcg,thread=single")
        assert found.kernel_arguments[0].startswith("tsc_early_khz=")
