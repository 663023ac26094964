"""What waits to be written to a socket or pipe: pieces of data, with descriptors that ride on them, as fast as they are taken."""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence

JOINED_BYTES = 1 << 16
"""Pieces that wait are written together, about so much at once."""

Send = Callable[[memoryview, Sequence[int]], int]
"""Writes without blocking, returns the bytes taken; raises BlockingIOError, or OSError if there is nobody any more."""


class SendQueue:
    """One direction of one descriptor; main loop only. Descriptors in it are its own, and closed once they are sent."""

    def __init__(self, loop: asyncio.AbstractEventLoop, fd: int, send: Send, *, on_broken: Callable[[], None]) -> None:
        """`on_broken`: the other end is gone; what waits is dropped."""
        self._loop = loop
        self._fd = fd
        self._send = send
        self._on_broken = on_broken
        self._pieces: deque[tuple[memoryview, tuple[int, ...]]] = deque()
        self.bytes = 0
        """That wait."""
        self._is_waiting = False

    def __bool__(self) -> bool:
        """True while something waits."""
        return bool(self._pieces)

    def put(self, data: bytes, fds: tuple[int, ...] = ()) -> None:
        """Behind all that waits; written by the next `flush`."""
        self._pieces.append((memoryview(data), fds))
        self.bytes += len(data)

    def flush(self) -> None:
        """Write what is taken now; the rest follows by itself."""
        if not self._is_waiting:
            self._write()

    def close(self) -> None:
        """Drop all that waits."""
        if self._is_waiting:
            self._loop.remove_writer(self._fd)
            self._is_waiting = False
        for _, fds in self._pieces:
            close_all(fds)
        self._pieces.clear()
        self.bytes = 0

    def _write(self) -> None:
        while self._pieces:
            self._join()
            data, fds = self._pieces[0]
            try:
                sent = self._send(data, fds)
            except BlockingIOError:
                break
            except OSError:
                self.close()
                self._on_broken()
                return
            close_all(fds)
            self.bytes -= sent
            if sent < len(data):
                self._pieces[0] = (data[sent:], ())
            else:
                self._pieces.popleft()
        if bool(self._pieces) != self._is_waiting:
            self._is_waiting = bool(self._pieces)
            if self._is_waiting:
                self._loop.add_writer(self._fd, self._write)
            else:
                self._loop.remove_writer(self._fd)

    def _join(self) -> None:
        """Make one piece of the first ones, as far as no descriptors ride on them."""
        if len(self._pieces) < 2:
            return
        pieces: list[memoryview] = []
        size = 0
        while self._pieces and not self._pieces[0][1] and size < JOINED_BYTES:
            pieces.append(self._pieces.popleft()[0])
            size += len(pieces[-1])
        if pieces:
            self._pieces.appendleft((memoryview(b"".join(pieces)), ()))


def close_all(fds: Sequence[int]) -> None:
    """Close descriptors."""
    for fd in fds:
        os.close(fd)
