"""Reads the streams of a run at full speed, in bites, so that no flood keeps the loop from its other clients."""

import asyncio
import os
import re
from collections.abc import Callable

BITE_BYTES = 256 << 10
"""Read at once from a pipe: 0.2 ms with the spool. Smaller bites cost speed, larger ones make others wait."""
TERMINAL_BITES = 16
"""A terminal gives at most 4 KiB at a time: so many in a row, for one turn of the loop is as dear as eight of them."""
_SWITCHES = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_ALTERNATE = {b"47", b"1047", b"1049"}
_BRACKETED_PASTE = b"2004"
_CURSOR_KEYS = b"1"


class StreamReader:
    """One stream from the first byte to its end; the loop's thread. Owns `fd`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        fd: int,
        *,
        is_terminal: bool,
        on_data: Callable[[bytes], None],
        on_end: Callable[[], None],
    ) -> None:
        """`on_end` once, when nobody has the other end open any more."""
        self._loop = loop
        self._fd = fd
        self.is_terminal = is_terminal
        self._on_data = on_data
        self._on_end = on_end
        self.is_at_end = False
        loop.add_reader(fd, self._readable)

    def drain(self, limit_bytes: int) -> bool:
        """Read on until there is nothing more now, or `limit_bytes` were read; True unless there may be more."""
        left = limit_bytes
        while left > 0 and not self.is_at_end:
            count = self._read()
            if count == 0:
                return True
            left -= count
        return self.is_at_end

    def pause(self) -> None:
        """Read no more for now: the program waits in its next `write` once the pipe is full. `drain` reads all the same."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)

    def resume(self) -> None:
        """Read on after `pause`."""
        if self._fd >= 0:
            self._loop.add_reader(self._fd, self._readable)

    def close(self) -> None:
        """Stop reading; who still writes is told so by the kernel."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1
        self.is_at_end = True

    def _readable(self) -> None:
        for _ in range(TERMINAL_BITES if self.is_terminal else 1):
            if not self._read():
                return

    def _read(self) -> int:
        """Bytes read: 0 if there is nothing now, or at the end."""
        if self.is_at_end:
            return 0
        try:
            data = os.read(self._fd, BITE_BYTES)
        except BlockingIOError:
            return 0
        except OSError:
            # EIO: the last program has closed the terminal.
            data = b""
        if not data:
            self.close()
            self._on_end()
            return 0
        self._on_data(data)
        return len(data)


class ScreenModes:
    """What a program has switched on in its terminal, as far as it tells what kind of input it waits for."""

    def __init__(self) -> None:
        self.is_alternate = False
        """The alternate screen is on: an editor, a pager."""
        self.is_bracketed_paste = False
        """A line editor is at work."""
        self.is_painting = False
        """Cursor keys are in application mode, as terminfo's smkx sets them: `top` uses no alternate screen."""
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Look through output, in chunks of any size."""
        text = self._rest + data
        if b"\x1b[?" in text:
            for match in _SWITCHES.finditer(text):
                is_on = match[2] == b"h"
                numbers = match[1].split(b";")
                if not _ALTERNATE.isdisjoint(numbers):
                    self.is_alternate = is_on
                if _CURSOR_KEYS in numbers:
                    self.is_painting = is_on
                if _BRACKETED_PASTE in numbers:
                    self.is_bracketed_paste = is_on
        at = text.rfind(b"\x1b", -16)
        self._rest = text[at:] if at >= 0 and not _SWITCHES.match(text, at) else b""


class InputWriter:
    """Writes input to a pipe or terminal as fast as it is taken; the loop's thread. Does not own the descriptor."""

    def __init__(self, loop: asyncio.AbstractEventLoop, fd: int) -> None:
        self._loop = loop
        self._fd = fd
        self._queue = bytearray()
        self._is_writing = False
        self._then: Callable[[], None] | None = None

    def write(self, data: bytes) -> None:
        """Queue; never blocks, never fails: what the program no longer takes is dropped."""
        self._queue += data
        self._flush()

    def when_written(self, then: Callable[[], None]) -> None:
        """Call `then` once all that is queued was taken (closing a pipe must not cut its end off)."""
        self._then = then
        self._flush()

    def close(self) -> None:
        """Forget what is queued."""
        self._queue.clear()
        self._then = None
        self._stop()

    def _flush(self) -> None:
        while self._queue:
            try:
                written = os.write(self._fd, self._queue[: BITE_BYTES])
            except BlockingIOError:
                if not self._is_writing:
                    self._is_writing = True
                    self._loop.add_writer(self._fd, self._flush)
                return
            except OSError:
                self._queue.clear()
                break
            del self._queue[:written]
        self._stop()
        if self._then is not None:
            then, self._then = self._then, None
            then()

    def _stop(self) -> None:
        if self._is_writing:
            self._is_writing = False
            self._loop.remove_writer(self._fd)
