"""Broadcast into real shells on real terminals: what is typed, pasted and interrupted once happens in each of them."""

import os
import subprocess
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from synk.sessions.session import Session
from tests.gui.desk import Desk

LIMIT_MS = 30_000
PROMPT = "ready$ "


class Shells:
    """A bash on a terminal of its own for each pane of a desk."""

    def __init__(self, desk: Desk, count: int) -> None:
        self._desk = desk
        self._masters: dict[int, int] = {}
        self._programs: dict[int, subprocess.Popen[bytes]] = {}
        desk.open(count)
        for session in desk.manager.sessions:
            master, slave = os.openpty()
            os.set_blocking(master, False)
            command = ["setsid", "-c", "bash", "--noprofile", "--norc", "-i"]
            environment = {"PS1": PROMPT, "TERM": "xterm-256color", "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
            self._programs[session.pane] = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
            os.close(slave)
            self._masters[session.pane] = master

    def write(self, session: Session, data: bytes) -> bool:
        os.write(self._masters[session.pane], data)
        return True

    def pump(self) -> None:
        """Show what the shells printed."""
        for pane, master in self._masters.items():
            try:
                self._desk.manager.prints(pane, os.read(master, 65536))
            except (BlockingIOError, OSError):  # nothing yet, or the shell is gone
                continue
        self._desk.hub.deliver()

    def lines(self, pane: int) -> list[str]:
        """What a pane shows."""
        emulator = self._desk.pane(pane).session.emulator
        return [emulator.text(row).rstrip() for row in range(emulator.rows)]

    def all_show(self, line: str, times: int = 1) -> Callable[[], bool]:
        """Whether each pane has the line so often by now."""

        def look() -> bool:
            self.pump()
            return all(self.lines(pane).count(line) == times for pane in self._masters)

        return look

    def all_ended(self) -> bool:
        self.pump()
        return all(program.poll() is not None for program in self._programs.values())

    def close(self) -> None:
        for program in self._programs.values():
            program.kill()
            program.wait()
        for master in self._masters.values():
            os.close(master)


@pytest.fixture
def shells(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shells]:
    made = Shells(desk, 3)
    monkeypatch.setattr(desk.manager, "write", made.write)
    yield made
    made.close()


def test_a_line_an_interrupt_a_paste_and_the_end_reach_all_shells_in_order(desk: Desk, shells: Shells, qtbot: QtBot) -> None:
    qtbot.waitUntil(shells.all_show(PROMPT.rstrip()), timeout=LIMIT_MS)
    desk.press("ctrl+b", "enter")
    desk.type("echo one $((6*7))")
    desk.press("enter")
    qtbot.waitUntil(shells.all_show("one 42"), timeout=LIMIT_MS)
    desk.type("echo as''leep; sleep 1000")  # what is typed is shown as well, before it runs
    desk.press("enter")
    qtbot.waitUntil(shells.all_show("asleep"), timeout=LIMIT_MS)
    desk.press("ctrl+c")
    QGuiApplication.clipboard().setText("echo pasted\necho twice")
    qtbot.waitUntil(shells.all_show(PROMPT.rstrip()), timeout=LIMIT_MS)
    desk.press("ctrl+shift+v", "enter")
    qtbot.waitUntil(shells.all_show("twice"), timeout=LIMIT_MS)
    desk.press("ctrl+d")
    qtbot.waitUntil(shells.all_ended, timeout=LIMIT_MS)
