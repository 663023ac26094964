"""The last line of a shell that did not become ready, fit for a toast."""

import os

import pytest

from synk.pty.diagnosis import last_line, why_not_ready
from synk.pty.gate import StartupOutput
from synk.pty.held import HeldShell


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (b"", "(none)"),
        (b"\r\n \x1b[0m\r\n", "(none)"),
        (b"first\r\nsecond\r\n", "second"),
        (b"\x1b[1;31mred\x1b[0m \x1b]0;title\x07text\x1b(B", "red text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"password: \x07", "password:"),
        (b"bad \xff byte", "bad \ufffd byte"),
        (b"x" * 300, "x" * 200),
        (b"50%\r100%", "100%"),
    ],
)
def test_last_line_is_the_last_with_something_to_read(output: bytes, line: str) -> None:
    assert last_line(output) == line


def held(program: str, output: bytes = b"") -> HeldShell:
    startup = StartupOutput("0123456789abcdef")
    startup.feed(output)
    return HeldShell(1, os.getpid(), -1, -1, "/dev/pts/0", [], program, "pooled", 0.0, output=startup)


def test_another_program_in_the_place_of_the_shell_is_named() -> None:
    program = os.path.realpath("/proc/self/exe")
    text = why_not_ready(held("/bin/bash"), has_ended=False)
    assert text.startswith(f"Your start-up files replace bash by {os.path.basename(program)},")
    assert f"Set performance.shell to {program} " in text


def test_hanging_shell_is_reported_with_its_last_output() -> None:
    same = os.path.realpath("/proc/self/exe")
    assert why_not_ready(held(same, b"waiting for vpn\r\n"), has_ended=False) == (
        "Your shell did not become ready in 5 s. Last output: waiting for vpn"
    )
    assert why_not_ready(held(same), has_ended=True) == "Your shell ended before it was ready. Last output: (none)"
