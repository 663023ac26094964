"""Real shells whose terminal changes its size while a long line is typed: what they draw again leaves nothing behind."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synk.pty.spawn import set_size
from synk.terminal.emulator import Emulator

PROMPT = "user@host:~/dir$ "
TITLE = "== the title of the prompt =="
COMMAND = "echo " + " ".join(f"{number:02}-word" for number in range(11))
STARTUP = {
    "bash": (".bash_profile", f"PS1='{PROMPT}'"),
    "zsh": (".zshrc", f"unsetopt prompt_sp\nPS1='{PROMPT}'"),
    "fish": (".config/fish/config.fish", f"set -g fish_greeting\nfunction fish_prompt; printf '%s' '{PROMPT}'; end"),
}
TWO_LINES = {
    "bash": (".bash_profile", rf"PS1='\[\e]133;A\a\]{TITLE}\n{PROMPT}\[\e]133;B\a\]'"),
    "zsh": (".zshrc", f"unsetopt prompt_sp\nPS1=$'%{{\\e]133;A\\a%}}{TITLE}\\n{PROMPT}%{{\\e]133;B\\a%}}'"),
}
LIMIT_S = 30.0


class Terminal:
    """A shell and the emulator it writes to."""

    def __init__(self, shell: Any, *, cols: int, rows: int) -> None:
        self._shell = shell
        self.emulator = Emulator(cols=cols, rows=rows, reply=lambda data: os.write(shell.master, data) and None)

    def type(self, text: str) -> None:
        os.write(self._shell.master, text.encode())

    def resize(self, cols: int, rows: int) -> None:
        self.emulator.resize(cols=cols, rows=rows)
        set_size(self._shell.master, cols=cols, rows=rows)

    def shows(self, lines: list[str]) -> None:
        """Return once these are all logical lines, and the shell has nothing more to draw."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            data = self._shell.read(0.2)
            self.emulator.feed(data)
            if not data and self.lines() == lines:
                return
            assert time.monotonic() < deadline, f"at {self.emulator.cols} columns: {self.lines()}"

    def lines(self) -> list[str]:
        """Scrollback and screen as the shell wrote them."""
        lines, line = [], ""
        for y in range(self.emulator.first_row(), self.emulator.rows):
            line += self.emulator.text(y)
            if not self.emulator.is_wrapped(y):
                lines.append(line.rstrip(" "))
                line = ""
        while lines and not lines[-1]:
            lines.pop()
        return lines


def started(shells: Any, home: Path, startup: tuple[str, str]) -> Terminal:
    name, text = startup
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")
    return Terminal(shells.by_hand(cols=60, rows=14), cols=60, rows=14)


SIZES = [(40, 14), (25, 14), (60, 14), (100, 14), (33, 9), (18, 14), (60, 14)]


@pytest.mark.parametrize("family", ["bash", "zsh", "fish"])
def test_a_long_line_is_drawn_again_at_every_width(start_shells: Callable[[str], Any], home: Path, family: str) -> None:
    terminal = started(start_shells(family), home, STARTUP[family])
    prompt = PROMPT.rstrip()
    terminal.shows([prompt])
    terminal.type("printf 'line %s of the output\\n' 1 2 3\r")
    before = [PROMPT + "printf 'line %s of the output\\n' 1 2 3", *(f"line {number} of the output" for number in (1, 2, 3))]
    terminal.shows([*before, prompt])
    terminal.type(COMMAND)
    for cols, rows in [(60, 14), *SIZES]:
        terminal.resize(cols, rows)
        terminal.shows([*before, PROMPT + COMMAND])
    terminal.type("\r")
    terminal.shows([*before, PROMPT + COMMAND, COMMAND.removeprefix("echo "), prompt])


@pytest.mark.parametrize("family", ["bash", "zsh"])
def test_a_prompt_of_two_lines_is_drawn_again_at_every_width(start_shells: Callable[[str], Any], home: Path, family: str) -> None:
    terminal = started(start_shells(family), home, TWO_LINES[family])
    terminal.shows([TITLE, PROMPT.rstrip()])
    terminal.type(COMMAND)
    for cols, rows in [(60, 14), *(size for size in SIZES if size[0] >= len(TITLE))]:
        terminal.resize(cols, rows)
        terminal.shows([TITLE, PROMPT + COMMAND])
    # bash draws only the last line again, so a narrower screen hides the end of the first one for a while.
    terminal.resize(20, 14)
    terminal.shows([TITLE[:20].rstrip() if family == "bash" else TITLE, PROMPT + COMMAND])
    terminal.resize(60, 14)
    terminal.shows([TITLE, PROMPT + COMMAND])
