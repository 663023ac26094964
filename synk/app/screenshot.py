"""`synk --screenshot FILE`: a picture of a working window, made offscreen with a temporary profile."""

import argparse
import shutil
import sys
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from synk.app.launch import launch
from synk.base.errors import SynkError, UsageError
from synk.base.events import NoticeRaised
from synk.sessions.events import SessionChanged, SessionOutput
from synk.sessions.session import Status
from synk.ui.bridge import later

SESSIONS = 4
QUIET_MS = 700
"""Nothing printed for this long: the commands have drawn what there is to see."""
LIMIT_MS = 20_000
"""A command that never stops printing is photographed after this."""


def run(options: argparse.Namespace, version: str) -> int:
    """Open four sessions, type the `--run` commands into them, save the picture; 0, or 1 if that failed."""
    size = _size(options.size)
    file = Path(options.screenshot).absolute()
    if not file.parent.is_dir():
        raise SynkError(f"The folder {file.parent} does not exist")
    profile = tempfile.mkdtemp(prefix="synk-screenshot-")
    options.profile, options.safe = profile, True
    try:
        gui = import_module("synk.app.gui").Gui(launch(options, version), options)
        photographer = Photographer(gui, file, size, options.run)
        gui.run(lambda _gui: photographer.start())
    finally:
        shutil.rmtree(profile, ignore_errors=True)
    if photographer.problem:
        print(f"synk: {photographer.problem}", file=sys.stderr)
    return 1 if photographer.problem else 0


class Photographer:
    """Drives a window from its first session to the picture; everything on the GUI thread, by events."""

    def __init__(self, gui: Any, file: Path, size: tuple[int, int], commands: list[str]) -> None:
        self._gui = gui
        self._services = gui.services
        self._file = file
        self._size = size
        self._commands = commands
        self._typed: set[int] = set()
        self._turn = 0
        self._is_done = False
        self.problem = ""
        """Why there is no picture; "" if there is one."""

    def start(self) -> None:
        """Open the sessions; from here on events lead on."""
        services = self._services
        services.window.resize(*self._size)
        services.hub.subscribe(SessionChanged, lambda event: self._changed(event.session))
        services.hub.subscribe(SessionOutput, lambda _event: self._wait_for_quiet())
        services.hub.subscribe(NoticeRaised, self._noticed)
        for _ in range(max(SESSIONS, len(self._commands))):
            session = services.manager.create(select=False)
            services.tabs.open(session.project).workspace.opened(session.pane, by_user=False)
        services.tabs.workspace.select(1)
        services.window.show_workspace()
        later(LIMIT_MS, self._shoot)

    def _changed(self, number: int) -> None:
        session = self._services.manager.by_id(number)
        if session is None or session.status is not Status.IDLE or number in self._typed:
            return
        self._typed.add(number)
        index = session.pane - 1
        if index < len(self._commands):
            self._services.manager.write(session, self._commands[index].encode() + b"\r")
        self._wait_for_quiet()

    def _wait_for_quiet(self) -> None:
        self._turn += 1
        if len(self._typed) >= SESSIONS:
            later(QUIET_MS, partial(self._shoot_if_quiet, self._turn))

    def _shoot_if_quiet(self, turn: int) -> None:
        if turn == self._turn:
            self._shoot()

    def _noticed(self, notice: NoticeRaised) -> None:
        """A session that does not open will never be quiet."""
        if notice.level == "error" and not self._is_done:
            self._is_done = True
            self._saved(notice.title)

    def _shoot(self) -> None:
        if not self._is_done:
            self._is_done = True
            self._services.window.grab_to(str(self._file), None, self._saved)

    def _saved(self, problem: str) -> None:
        self.problem = problem
        self._gui.quit()


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 0 < int(width) <= 8000 and 0 < int(height) <= 8000):
        raise UsageError(f"--size {text}: write WIDTHxHEIGHT in pixels, for example 1280x800")
    return int(width), int(height)
