"""The pseudo terminal of a kernel: the host opens it first, the kernel gets the other end as its controlling terminal."""

import contextlib
import fcntl
import os
import signal
import struct
import termios

COLS, ROWS = 120, 40
READ_BYTES = 1 << 16
TIOCSIG = 0x40045436
"""ioctl_tty(2): send a signal to the foreground group, from the master, without looking up a group that may be gone."""
TIOCGPTN = 0x80045430
TIOCSPTLCK = 0x40045431
IUTF8 = 0o40000


class Terminal:
    """A PTY master and what can be done through it. Main loop; nothing blocks."""

    def __init__(self, *, has_echo: bool = True) -> None:
        """Opens the PTY, 120 x 40, close-on-exec.

        Raises:
            OSError: no PTY or descriptor is free.
        """
        self.master = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC | os.O_NONBLOCK)
        fcntl.ioctl(self.master, TIOCSPTLCK, struct.pack("i", 0))
        number = struct.unpack("I", fcntl.ioctl(self.master, TIOCGPTN, bytes(4)))[0]
        self.path = f"/dev/pts/{number}"
        # Our own end stays open: without one the master would report an error until the kernel opens its end.
        self.slave = os.open(self.path, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        self.resize(cols=COLS, rows=ROWS)
        modes = termios.tcgetattr(self.slave)
        modes[0] |= IUTF8
        if not has_echo:
            modes[3] &= ~termios.ECHO
        termios.tcsetattr(self.slave, termios.TCSANOW, modes)

    def resize(self, *, cols: int, rows: int) -> None:
        """Set the size."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def let_go(self) -> None:
        """The kernel has its end: with ours closed, programs left behind see a hang-up when the kernel ends."""
        if self.slave >= 0:
            os.close(self.slave)
            self.slave = -1

    def read(self) -> bytes | None:
        """What is there; None if nothing is, empty after a hang-up.

        The kernel moves what was written before into our reach first (n_tty_read flushes the line's buffer), so after a
        kernel said "done" reading to the first empty answer gives everything it printed.
        """
        try:
            return os.read(self.master, READ_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def write(self, data: bytes) -> int:
        """Type; returns the bytes taken."""
        try:
            return os.write(self.master, data)
        except OSError:
            return 0

    def interrupt(self, number: int = signal.SIGINT) -> None:
        """Signal the foreground group, as Ctrl+C does."""
        with contextlib.suppress(OSError):
            fcntl.ioctl(self.master, TIOCSIG, number)

    def foreground(self) -> int:
        """The process group in the foreground; 0 if there is none."""
        try:
            return os.tcgetpgrp(self.master)
        except OSError:
            return 0

    def close(self) -> None:
        """Close both ends."""
        self.let_go()
        if self.master >= 0:
            os.close(self.master)
            self.master = -1
