"""The terminal behind a session: its size, whose keyboard it is, and when its program reads keys."""

import os
import pty
import struct
import termios
import tty
from collections.abc import Iterator
from fcntl import ioctl

import pytest

from synk.pty.reader import Channel
from synk.pty.ring import Ring
from synk.sessions.terminals import READY_AFTER_S, Terminal


@pytest.fixture
def terminal_and_slave() -> Iterator[tuple[Terminal, int]]:
    master, slave = pty.openpty()
    ring = Ring.create(cols=80, rows=24)
    made = Terminal(Channel(1, master, ring), os.pidfd_open(os.getpid()), os.getpid(), "cafe.1")
    yield made, slave
    made.close_pidfd()
    ring.close()
    os.close(master)
    os.close(slave)


def test_a_size_reaches_the_terminal(terminal_and_slave: tuple[Terminal, int]) -> None:
    terminal, slave = terminal_and_slave
    terminal.set_size(cols=101, rows=33, pixels=(808, 528))
    assert struct.unpack("HHHH", ioctl(slave, termios.TIOCGWINSZ, b"\0" * 8)) == (33, 101, 808, 528)
    terminal.repaint(cols=101, rows=1, pixels=(70000, 16))
    assert struct.unpack("HHHH", ioctl(slave, termios.TIOCGWINSZ, b"\0" * 8)) == (1, 101, 65535, 16)


def test_a_program_that_printed_nothing_is_not_ready(terminal_and_slave: tuple[Terminal, int]) -> None:
    terminal, slave = terminal_and_slave
    tty.setraw(slave)
    assert not terminal.has_prompt()


def test_a_line_editor_is_ready_with_its_first_output(terminal_and_slave: tuple[Terminal, int]) -> None:
    terminal, slave = terminal_and_slave
    terminal.first_output_at = 100.0
    assert not terminal.has_prompt(now=100.0)
    tty.setraw(slave)
    assert terminal.has_prompt(now=100.0)


def test_a_program_that_stays_in_line_mode_is_ready_after_a_moment(terminal_and_slave: tuple[Terminal, int]) -> None:
    terminal, _ = terminal_and_slave
    terminal.first_output_at = 100.0
    assert not terminal.has_prompt(now=100.0 + READY_AFTER_S / 2)
    assert terminal.has_prompt(now=100.0 + 2 * READY_AFTER_S)


def test_a_line_read_without_echo_is_a_secret(terminal_and_slave: tuple[Terminal, int]) -> None:
    terminal, slave = terminal_and_slave
    assert not terminal.asks_for_secret()
    modes = termios.tcgetattr(slave)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    assert terminal.asks_for_secret()
    tty.setraw(slave)
    assert not terminal.asks_for_secret(), "a line editor shows what it likes"


def test_a_process_is_forgotten_once(terminal_and_slave: tuple[Terminal, int]) -> None:
    terminal, _ = terminal_and_slave
    fd = terminal.pidfd
    terminal.close_pidfd()
    terminal.close_pidfd()
    assert not os.path.exists(f"/proc/self/fd/{fd}")
