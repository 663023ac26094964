"""The terminal `synk exec` was typed into: its size, raw mode for a program that takes it over, and silence while it asks."""

import contextlib
import os
import termios

_IFLAG, _OFLAG, _CFLAG, _LFLAG, _CC = 0, 1, 2, 3, 6


class OwnTerminal:
    """Changes the modes of a terminal and puts them back (`restore`), whatever was done in between."""

    def __init__(self, fd: int = 0) -> None:
        self._fd = fd
        self._saved = _attributes(fd)
        self._is_changed = False

    @property
    def is_ours(self) -> bool:
        """It is a terminal, and we may read it: in the background (`synk exec ... &`) the kernel would stop us for it."""
        try:
            return self._saved is not None and os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:
            return False

    def make_raw(self) -> None:
        """Every key goes to the program, Ctrl+C too, as `cfmakeraw(3)` says; what it prints is not touched either."""
        if self._saved is None:
            return
        modes = _copy(self._saved)
        modes[_IFLAG] &= ~(
            termios.IGNBRK | termios.BRKINT | termios.PARMRK | termios.ISTRIP
            | termios.INLCR | termios.IGNCR | termios.ICRNL | termios.IXON
        )  # fmt: skip
        modes[_OFLAG] &= ~termios.OPOST
        modes[_CFLAG] = modes[_CFLAG] & ~(termios.CSIZE | termios.PARENB) | termios.CS8
        modes[_LFLAG] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
        modes[_CC][termios.VMIN], modes[_CC][termios.VTIME] = 1, 0
        self._set(modes)

    def hide_typing(self) -> None:
        """A line is typed for a program that shows it itself, or does not because it is a password."""
        if self._saved is None:
            return
        modes = _copy(self._saved)
        modes[_LFLAG] &= ~termios.ECHO
        self._set(modes)

    def restore(self) -> None:
        """As it was."""
        if self._saved is not None and self._is_changed:
            self._set(self._saved)
            self._is_changed = False

    def _set(self, modes: list[int | list[bytes | int]]) -> None:
        self._is_changed = True
        # It may have been closed in the meantime: nothing is left to set. Not after output was drained: Ctrl+S would hold us.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._fd, termios.TCSANOW, modes)


def size_of(*fds: int) -> tuple[int, int] | None:
    """Columns and rows of the first of these descriptors that is a terminal of known size; None if there is none."""
    for fd in fds:
        with contextlib.suppress(OSError):
            size = os.get_terminal_size(fd)
            if size.columns > 0 and size.lines > 0:
                return size.columns, size.lines
    return None


def _attributes(fd: int) -> list | None:  # type: ignore[type-arg]
    """As `termios` gives them: five numbers, speeds and a list; None if it is no terminal."""
    try:
        return termios.tcgetattr(fd)
    except termios.error:
        return None


def _copy(attributes: list) -> list:  # type: ignore[type-arg]
    return [*attributes[:_CC], list(attributes[_CC])]
