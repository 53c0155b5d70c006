"""The guest's memory: images of it, and how it becomes again what it was when an image was taken.

Behind each of its stores the guest marks the block that it wrote to (store_marks.py). On the way back to the image that
was restored last, only the marked blocks count, and to another one those besides where the two differ: the guest copies
them from a second memory, which nothing else in it reaches. An image that was not restored before is written back from
here, and so is any after a call that was stopped, together with the engine's constants, which its code never writes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from edge.runtimes.quickjs.store_marks import BLOCK_SHIFT, COPIED, IMAGES_BYTES, STACK_END_MAX

_CONSTANTS_START = STACK_END_MAX
"""Where the guest's data begin (the linker's --global-base). Below are its stack and the areas that the host writes."""

_GROUP_BYTES = 8 << BLOCK_SHIFT
"""Marks are looked at by eights."""


_PAIRS_MAX = 256

Place = tuple[int, int, int]
"""Where an image is, as the guest's `restore` wants to know it: how far behind the memory's own addresses it stands in
the second memory, and its first and last marks."""


class Image:
    """What memory held, from the start of what may be written to the end of what was ever used."""

    __slots__ = ("data", "restored")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.restored = False


class GuestMemory:
    """`memory` and `images` are the guest's two memories. `variables` is the address where its constants end.
    `copy_marked` is the guest's `restore`."""

    def __init__(
        self, memory: memoryview, images: memoryview, variables: int, copy_marked: Callable[[Place], None]
    ) -> None:
        self._memory, self._images, self._copy_marked = memory, images, copy_marked
        self._base = ctypes.addressof(ctypes.c_ubyte.from_buffer(memory))
        self._start = variables // _GROUP_BYTES * _GROUP_BYTES
        self._constants = bytes(memory[_CONSTANTS_START : self._start])
        self._high = len(memory)  # everything from here on is zero
        self._high = self._start + len(bytes(memory[self._start :]).rstrip(b"\0"))
        self._current: Image | None = None
        self._places: dict[Image, Place] = {}
        self._pairs: dict[tuple[Image, Image], int | None] = {}
        self._images_end = self._first_place = -(-(len(memory) >> BLOCK_SHIFT) // 16) * 16
        self._stopped = False

    def used_to(self, highest: int) -> None:
        """Say how far a call has used memory."""
        if highest > self._high:
            self._high = highest

    def stopped(self) -> None:
        """Say that a call was stopped: who knows what it did."""
        self._stopped = True

    def image(self) -> Image:
        """The memory as it is now."""
        image = self._current = Image(bytes(self._memory[self._start : self._high]))
        self._forget_marks(self._high)
        return image

    def restore(self, image: Image) -> None:
        """Make the memory what it was when the image was taken."""
        end = self._start + len(image.data)
        high = self._high
        place = self._places.get(image)
        if place is None or self._stopped or (image is not self._current and not self._mark_differences(image)):
            self._write_back(image, end)
        else:
            self._copy_marked(place)
        if high > end:
            ctypes.memset(self._base + end, 0, high - end)
        self._high = end
        self._current = image

    def _write_back(self, image: Image, end: int) -> None:
        self._memory[self._start : end] = image.data
        if self._stopped:
            self._memory[_CONSTANTS_START : self._start] = self._constants
            self._stopped = False
        self._forget_marks(max(self._high, end))
        if image.restored and image not in self._places:
            self._place(image, end)
        image.restored = True

    def _mark_differences(self, image: Image) -> bool:
        """Mark where an image differs from the current one. It is worked out when the two follow one another for the
        second time; False before that."""
        current = self._current
        assert current is not None
        pair = (current, image)
        if pair not in self._pairs:
            if len(self._pairs) == _PAIRS_MAX:
                self._pairs.clear()
            self._pairs[pair] = None
            return False
        marks = self._pairs[pair]
        if marks is None:
            marks = self._pairs[pair] = int.from_bytes(_differences(current.data, image.data), "little")
        first = self._start >> BLOCK_SHIFT
        last = first + (max(len(current.data), len(image.data)) >> BLOCK_SHIFT) + 1
        both = int.from_bytes(self._images[first:last], "little") | marks
        self._images[first:last] = both.to_bytes(last - first, "little")
        return True

    def _forget_marks(self, end: int) -> None:
        first, last = self._start >> BLOCK_SHIFT, (end >> BLOCK_SHIFT) + 1
        self._images[first:last] = bytes(last - first)

    def _place(self, image: Image, end: int) -> None:
        """Put an image where the guest can copy from it. When there is no room, those that are there make it."""
        end = -(-end // _GROUP_BYTES) * _GROUP_BYTES
        size = end - self._start + COPIED
        if self._images_end + size > IMAGES_BYTES:
            self._places.clear()
            self._images_end = self._first_place
        at = self._images_end
        if at + size > IMAGES_BYTES:
            return
        self._images[at : at + size] = image.data.ljust(size, b"\0")
        self._images_end = at + -(-size // 16) * 16
        self._places[image] = (at - self._start, self._start >> BLOCK_SHIFT, end >> BLOCK_SHIFT)


def _differences(one: bytes, other: bytes) -> bytes:
    """A mark for each block: 1 where the two differ. What is shorter goes on in zeros."""
    size = 1 << BLOCK_SHIFT
    length = max(len(one), len(other))
    one, other = one.ljust(length, b"\0"), other.ljust(length, b"\0")
    return bytes(one[at : at + size] != other[at : at + size] for at in range(0, length, size))
