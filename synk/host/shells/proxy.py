"""The terminal a person sees of an engine session: a second PTY in front of the shell's own, so that the host stays the only
reader of that one, whether a window shows the session or not."""

import asyncio
import contextlib
import os
import struct
import tty
from collections.abc import Callable
from fcntl import ioctl
from termios import TIOCGWINSZ, TIOCSWINSZ

READ_BYTES = 1 << 16
QUEUE_BYTES = 1 << 20
"""What a window is behind with; beyond that it misses output of which every byte is in the run's spool."""


class ViewTerminal:
    """Bytes go to the window through `show`, and what a person types comes through `on_input`; the main loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, cols: int, rows: int, on_input: Callable[[bytes], None]) -> None:
        self._loop = loop
        self._on_input = on_input
        self.master, self._slave = os.openpty()
        """The end for the window; whoever takes it owns it."""
        tty.setraw(self._slave)
        for fd in (self.master, self._slave):
            os.set_blocking(fd, False)
        ioctl(self.master, TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        self._queue = bytearray()
        self._is_writing = False
        loop.add_reader(self._slave, self._readable)

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows) as the window set them last."""
        rows, cols, _, _ = struct.unpack("HHHH", ioctl(self._slave, TIOCGWINSZ, bytes(8)))
        return cols, rows

    def show(self, data: bytes) -> None:
        """Have it seen, if anybody looks; never waits."""
        if self._slave >= 0 and len(self._queue) + len(data) <= QUEUE_BYTES:
            self._queue += data
            self._flush()

    def close(self) -> None:
        """The shell has ended: the window sees the end of its output."""
        if self._slave >= 0:
            self._flush()
            self._loop.remove_reader(self._slave)
            self._loop.remove_writer(self._slave)
            os.close(self._slave)
            self._slave = -1

    def _readable(self) -> None:
        try:
            data = os.read(self._slave, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._on_input(data)
        else:
            self._loop.remove_reader(self._slave)

    def _flush(self) -> None:
        with contextlib.suppress(OSError):
            try:
                while self._queue:
                    del self._queue[: os.write(self._slave, self._queue)]
            except BlockingIOError:
                if not self._is_writing:
                    self._is_writing = True
                    self._loop.add_writer(self._slave, self._flush)
                return
        self._queue.clear()
        if self._is_writing:
            self._is_writing = False
            self._loop.remove_writer(self._slave)
