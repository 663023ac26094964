"""What stands behind a live session in the window: its PTY, its ring, its place in the reader, and whether it takes keys yet."""

import fcntl
import os
import struct
import termios
import time
from dataclasses import dataclass

from synk.pty.reader import Channel
from synk.sessions.session import Exit

LOCAL_MODES = 3
"""Index of the local modes in what `tcgetattr` returns."""
READY_AFTER_S = 0.3
"""A program that printed something but never leaves line mode (`cat`) is taken as ready after this long."""


@dataclass(slots=True, eq=False)
class Terminal:
    """The running program of one session. GUI thread; none of the calls blocks."""

    channel: Channel
    pidfd: int
    pid: int
    key: str
    """Its `SYNK_HOST`: the host that started it, and the start number."""
    is_ready: bool = False
    """Keys go straight to the program. Before that they are held, or the line discipline would echo them twice."""
    start_up_bytes: int = 0
    """What the start-up files printed before the program was asked for: no sign that it is ready now."""
    first_output_at: float | None = None
    exit: Exit | None = None
    """What the host reported; the session shows it once every byte was read."""
    is_drained: bool = False

    def set_size(self, *, cols: int, rows: int, pixels: tuple[int, int]) -> None:
        """Tell the kernel, which sends SIGWINCH to the foreground program if the size changed. `pixels`: width, height."""
        _winsize(self.channel.master, cols=cols, rows=rows, pixels=pixels)

    def repaint(self, *, cols: int, rows: int, pixels: tuple[int, int]) -> None:
        """Make the program draw anew although its size is the same: one row less, then the real size."""
        _winsize(self.channel.master, cols=cols, rows=max(1, rows - 1), pixels=pixels)
        _winsize(self.channel.master, cols=cols, rows=rows, pixels=pixels)

    def foreground_group(self) -> int | None:
        """The process group that has the keyboard; None when the terminal is gone."""
        try:
            return os.tcgetpgrp(self.channel.master)
        except OSError:
            return None

    def asks_for_secret(self) -> bool:
        """A whole line is read and none of it is shown: what `getpass(3)`, ssh and sudo do."""
        try:
            modes = termios.tcgetattr(self.channel.master)[LOCAL_MODES]
        except termios.error:
            return False
        return bool(modes & termios.ICANON) and not modes & termios.ECHO

    def has_prompt(self, now: float | None = None) -> bool:
        """True once the program is ready for keys: a line editor is on, or it has been printing for `READY_AFTER_S`."""
        if self.first_output_at is None:
            return False
        now = time.monotonic() if now is None else now
        try:
            is_line_mode = bool(termios.tcgetattr(self.channel.master)[LOCAL_MODES] & termios.ICANON)
        except termios.error:
            return True
        return not is_line_mode or now - self.first_output_at >= READY_AFTER_S

    def close_pidfd(self) -> None:
        """Forget the process; channel and ring are closed by the reader."""
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1


def _winsize(master: int, *, cols: int, rows: int, pixels: tuple[int, int]) -> None:
    width, height = (min(size, 0xFFFF) for size in pixels)
    try:
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, width, height))
    except OSError:
        return  # the program is gone and its terminal with it
