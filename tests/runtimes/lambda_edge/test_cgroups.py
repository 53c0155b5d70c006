"""Control groups of both versions, on a folder that looks like them."""

from __future__ import annotations

from pathlib import Path

from edge.runtimes.lambda_edge.providers import cgroups
from edge.runtimes.lambda_edge.providers.cgroups import Cgroups


def test_version_1_has_a_folder_for_each_controller(tmp_path: Path) -> None:
    """CPU is held back when the first event comes, not before."""
    for controller in ("memory", "cpu", "pids"):
        (tmp_path / controller).mkdir()
    groups = Cgroups("one", 256, tmp_path)
    assert groups.folders == [str(tmp_path / each / "one") for each in ("memory", "cpu", "pids")]
    assert groups.limits_memory
    assert not (tmp_path / "cpu/one/cpu.cfs_quota_us").exists()
    groups.limit_cpu()
    assert (tmp_path / "cpu/one/cpu.cfs_quota_us").read_text() == "2894"
    assert (tmp_path / "cpu/one/cpu.cfs_period_us").read_text() == "20000"


def test_version_2_has_one_folder(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids")
    groups = Cgroups("one", 1769, tmp_path)
    assert groups.folders == [str(tmp_path / "one")]
    groups.limit_cpu()
    assert (tmp_path / "one/cpu.max").read_text() == "20000 20000"


def test_the_peak_of_memory_is_the_kernels(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    groups = Cgroups("one", 128, tmp_path)
    assert groups.memory_peak_bytes() == 0
    (tmp_path / "memory/one/memory.max_usage_in_bytes").write_text("1048576\n")
    assert groups.memory_peak_bytes() == 1_048_576


def test_groups_are_found_by_name_in_either_version(tmp_path: Path) -> None:
    for place in ("one-a", "memory/one-b", "cpu/one-b", "other"):
        (tmp_path / place).mkdir(parents=True)
    assert {str(each.relative_to(tmp_path)) for each in cgroups.named("one-*", tmp_path)} == {
        "one-a",
        "memory/one-b",
        "cpu/one-b",
    }


def test_where_groups_cannot_be_made_there_are_none(tmp_path: Path) -> None:
    groups = Cgroups("one", 128, tmp_path / "nothing")
    assert (groups.folders, groups.limits_memory, groups.limits_cpu) == ([], False, False)
    groups.limit_cpu()
