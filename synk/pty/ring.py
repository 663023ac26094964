"""The ring of a pane: shared memory that keeps the last bytes a program printed, and how to turn them into a screen again.

The window writes every byte it reads into the ring before anything else. Host and window hold
the same memory, so after `kill -9` of the window the host goes on writing where it stopped, and the next window
rebuilds screen and modes: it takes the oldest *checkpoint* (a serialized emulator) that the ring still reaches back
to and feeds the bytes after it, resizing where the pane was resized.

Layout (little endian): a 4 KiB header (magic, capacity, bytes written since the start, checkpoint table, resize
table), the ring's bytes, and one 2 MiB area per checkpoint. Memory that was never touched costs nothing.
"""

import mmap
import os
import struct
import zlib
from dataclasses import dataclass
from typing import Self

CAPACITY = 1 << 20
CHECKPOINTS = 4
CHECKPOINT_EVERY = CAPACITY // CHECKPOINTS
"""Bytes between two checkpoints: the oldest of four then lies at most one step above the ring's oldest byte."""
CHECKPOINT_BYTES = 2 << 20
"""Largest serialized emulator; a 200 x 60 screen of random colors takes about 100 KiB."""
RESIZES = 128

_HEADER = 4096
_MAGIC = b"SYNKRNG1"
_FIXED = struct.Struct("<8sQQQ")
_WRITTEN_AT = 16
_WRITTEN = struct.Struct("<Q")
_SLOT = struct.Struct("<QII")
_SLOTS_AT = 64
_RESIZE_COUNT_AT = 192
_RESIZE_COUNT = struct.Struct("<Q")
_RESIZE = struct.Struct("<QHH")
_RESIZES_AT = 256
_EMPTY = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Replay:
    """How to rebuild a screen: start from `state` (None: a fresh emulator), then apply `steps` in order."""

    state: bytes | None
    cols: int
    rows: int
    """Size of the fresh emulator when `state` is None."""
    steps: tuple[bytes | tuple[int, int], ...]
    """Bytes to feed, or (columns, rows) to resize to."""


class Ring:
    """One pane's ring. One process writes at a time; handing over the PTY hands over the right to write."""

    def __init__(self, fd: int) -> None:
        """Map the memory behind `fd`, which the ring owns from here on.

        Raises:
            ValueError: the memory is no ring.
        """
        self.fd = fd
        size = os.fstat(fd).st_size
        if size < _HEADER:
            raise ValueError("no ring: too small")
        self._memory = mmap.mmap(fd, size)
        magic, capacity, written, floor = _FIXED.unpack_from(self._memory)
        self.capacity: int = capacity
        if magic != _MAGIC or size != _total_bytes(self.capacity):
            self._memory.close()
            raise ValueError("no ring: wrong header")
        self._written: int = written
        self._floor: int = floor
        """Bytes before this offset were gone when the ring grew, although its capacity would reach further back."""
        self._newest = max((offset for offset, _, _ in self._slots() if offset != _EMPTY), default=0)

    @classmethod
    def create(cls, *, cols: int, rows: int, capacity: int = CAPACITY) -> Self:
        """A new, empty ring for a pane of this size."""
        fd = os.memfd_create("synk-ring", os.MFD_CLOEXEC)
        os.ftruncate(fd, _total_bytes(capacity))
        os.pwrite(fd, _FIXED.pack(_MAGIC, capacity, 0, 0), 0)
        os.pwrite(fd, _SLOT.pack(_EMPTY, 0, 0) * CHECKPOINTS, _SLOTS_AT)
        ring = cls(fd)
        ring.note_resize(0, cols=cols, rows=rows)
        return ring

    @property
    def written(self) -> int:
        """Bytes written since the ring was made; the offset of the next byte."""
        return self._written

    @property
    def newest_checkpoint(self) -> int:
        """Offset of the newest checkpoint, 0 without one."""
        return self._newest

    @property
    def room(self) -> int:
        """Bytes that may be written before a byte after the newest checkpoint would be lost."""
        return self.capacity - (self._written - self._newest)

    def write(self, data: bytes) -> None:
        """Append bytes; the caller asked `room` first."""
        at = self._written % self.capacity
        first = min(len(data), self.capacity - at)
        base = _HEADER + at
        self._memory[base : base + first] = data[:first]
        if first < len(data):
            self._memory[_HEADER : _HEADER + len(data) - first] = data[first:]
        # The count goes up after the bytes are there: a writer killed in between loses nothing it had announced.
        self._written += len(data)
        _WRITTEN.pack_into(self._memory, _WRITTEN_AT, self._written)

    def checkpoint(self, offset: int, state: bytes) -> bool:
        """Store the emulator's state after byte `offset`; False if it is too large to keep.

        Then there is room for more bytes all the same, at the price of the oldest: without it the pane would never be read again.
        """
        if len(state) > CHECKPOINT_BYTES:
            self._newest = max(self._newest, offset)
            return False
        slots = self._slots()
        index = min(range(CHECKPOINTS), key=lambda i: -1 if slots[i][0] == _EMPTY else slots[i][0])
        slot_at, area = _SLOTS_AT + index * _SLOT.size, self._area(index)
        _SLOT.pack_into(self._memory, slot_at, _EMPTY, 0, 0)
        self._memory[area : area + len(state)] = state
        _SLOT.pack_into(self._memory, slot_at, offset, len(state), zlib.crc32(state))
        self._newest = max(self._newest, offset)
        return True

    def note_resize(self, offset: int, *, cols: int, rows: int) -> bool:
        """Remember that the emulator had this size from byte `offset` on; True if a checkpoint is due for it."""
        count = self._resize_count()
        _RESIZE.pack_into(self._memory, _RESIZES_AT + (count % RESIZES) * _RESIZE.size, offset, cols, rows)
        _RESIZE_COUNT.pack_into(self._memory, _RESIZE_COUNT_AT, count + 1)
        return (count + 1) % (RESIZES // 2) == 0

    def replay(self) -> Replay:
        """The way from the oldest state the ring still has to its newest byte."""
        resizes = self._resizes()
        oldest_byte = self._oldest
        # Once the resize table has wrapped, what lies before its first entry would be replayed at a wrong size.
        oldest_usable = max(oldest_byte, resizes[0][0] if len(resizes) == RESIZES else 0)
        states: dict[int, bytes | None] = {0: None, **dict(self._valid_states())}
        start = min((offset for offset in states if offset >= oldest_usable), default=oldest_byte)
        state = states.get(start)
        _, cols, rows = [(0, 80, 24), *(size for size in resizes if size[0] <= start)][-1]
        # A resize at the checkpoint's own byte may have come after it; if not, it changes nothing.
        steps: list[bytes | tuple[int, int]] = [(cols, rows)] if state is not None else []
        at = start
        for offset, next_cols, next_rows in (size for size in resizes if size[0] > start):
            steps += [self._bytes(at, offset), (next_cols, next_rows)]
            at = offset
        steps.append(self._bytes(at, self._written))
        return Replay(state, cols, rows, tuple(step for step in steps if step))

    def reload(self) -> None:
        """Take over as the writer: read back what the other process wrote."""
        self._written = _WRITTEN.unpack_from(self._memory, _WRITTEN_AT)[0]
        self._newest = max((offset for offset, _ in self._valid_states()), default=0)

    def grown(self) -> Self:
        """A ring of twice the capacity with the same content; this one is closed."""
        other = type(self)(_copy_of(self, self.capacity * 2))
        self.close()
        return other

    def close(self) -> None:
        """Unmap the memory and close the descriptor."""
        if not self._memory.closed:
            self._memory.close()
            os.close(self.fd)

    @property
    def _oldest(self) -> int:
        return max(self._floor, self._written - self.capacity)

    def _bytes(self, start: int, end: int) -> bytes:
        start = max(start, self._oldest)
        at, length = start % self.capacity, end - start
        first = min(length, self.capacity - at)
        return self._memory[_HEADER + at : _HEADER + at + first] + self._memory[_HEADER : _HEADER + length - first]

    def _area(self, index: int) -> int:
        return _HEADER + self.capacity + index * CHECKPOINT_BYTES

    def _slots(self) -> list[tuple[int, int, int]]:
        return [_SLOT.unpack_from(self._memory, _SLOTS_AT + i * _SLOT.size) for i in range(CHECKPOINTS)]

    def _valid_states(self) -> list[tuple[int, bytes]]:
        """Checkpoints whose checksum holds: one half written when its writer was killed does not count."""
        states = []
        for index, (offset, length, checksum) in enumerate(self._slots()):
            if offset == _EMPTY or length > CHECKPOINT_BYTES:
                continue
            state = self._memory[self._area(index) : self._area(index) + length]
            if zlib.crc32(state) == checksum:
                states.append((offset, state))
        return states

    def _resize_count(self) -> int:
        return int(_RESIZE_COUNT.unpack_from(self._memory, _RESIZE_COUNT_AT)[0])

    def _resizes(self) -> list[tuple[int, int, int]]:
        count = self._resize_count()
        kept = range(max(0, count - RESIZES), count)
        return [_RESIZE.unpack_from(self._memory, _RESIZES_AT + (i % RESIZES) * _RESIZE.size) for i in kept]


def _total_bytes(capacity: int) -> int:
    return _HEADER + capacity + CHECKPOINTS * CHECKPOINT_BYTES


def _copy_of(ring: Ring, capacity: int) -> int:
    """A new memory of another capacity with the ring's header, bytes and checkpoints."""
    fd = os.memfd_create("synk-ring", os.MFD_CLOEXEC)
    os.ftruncate(fd, _total_bytes(capacity))
    os.pwrite(fd, ring._memory[:_HEADER], 0)
    oldest = ring._oldest
    os.pwrite(fd, _FIXED.pack(_MAGIC, capacity, ring.written, oldest), 0)
    while oldest < ring.written:
        length = min(ring.written - oldest, capacity - oldest % capacity)
        os.pwrite(fd, ring._bytes(oldest, oldest + length), _HEADER + oldest % capacity)
        oldest += length
    for index, (offset, length, _) in enumerate(ring._slots()):
        if offset != _EMPTY:
            area = ring._area(index)
            os.pwrite(fd, ring._memory[area : area + length], _HEADER + capacity + index * CHECKPOINT_BYTES)
    return fd
