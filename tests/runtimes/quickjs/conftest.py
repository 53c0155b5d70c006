"""Whenever a guest's memory is restored in these tests, all of it is compared with the image."""

from __future__ import annotations

import pytest

from edge.runtimes.quickjs.guest_memory import GuestMemory, Image


@pytest.fixture(autouse=True)
def restored_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one byte may be left of a call, whatever it was and however it ended."""
    restore = GuestMemory.restore

    def restored(kept: GuestMemory, image: Image) -> None:
        restore(kept, image)
        whole = kept._constants + image.data
        start = kept._start - len(kept._constants)
        assert bytes(kept._memory[start:]) == whole.ljust(len(kept._memory) - start, b"\0")

    monkeypatch.setattr(GuestMemory, "restore", restored)
