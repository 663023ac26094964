"""A whole Synk in its own processes: profile and home in temporary folders, window offscreen, driven by `synk ctl`."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from synk.pty.processes import MARK, start_environment, table

PROMPT = "ready$ "


class App:
    """One profile: start its window, talk to it, look at its processes."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.home = base / "home"
        self.profile = base / "profile"
        self.project = base / "project"
        for folder in (self.home, self.project):
            folder.mkdir(parents=True)
        (self.home / ".bash_profile").write_text(f"PS1='{PROMPT}'\nHISTFILE=~/.bash_history\n")
        self.window: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What the window and every ctl call are started with."""
        return {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "SHELL": "/bin/bash",
            "LANG": "C.UTF-8",
            "QT_QPA_PLATFORM": "offscreen",
            "USER": os.environ.get("USER", "root"),
        }

    def start(self, *arguments: str, shows_project: bool = True) -> "App":
        """Start the window; `answers` waits for it. Without `shows_project` it shows what it showed last, or the home screen."""
        command = [sys.executable, "-P", "-m", "synk", "--profile", str(self.profile), *arguments]
        command += [str(self.project)] if shows_project else []
        with (self.base / "stderr").open("ab") as errors:
            self.window = subprocess.Popen(command, env=self.environment, stderr=errors)
        return self

    def answers(self) -> "App":
        """Wait until the window answers; each try takes about 60 ms."""
        deadline = time.monotonic() + 60
        while self.run("ctl", "list").returncode != 0:
            assert time.monotonic() < deadline, f"no answer: {(self.base / 'stderr').read_text()}"
        return self

    def end(self) -> None:
        """End the window, the host and whatever they started."""
        if self.window is not None and self.window.poll() is None:
            self.window.kill()
            self.window.wait()
        self.run("host", "stop")
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def run(self, *arguments: str, text: str | None = None, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run `synk ARGUMENTS` for this profile."""
        command = [sys.executable, "-P", "-m", "synk", "--profile", str(self.profile), *arguments]
        return subprocess.run(
            command, env=self.environment, input=text, capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def ctl(self, *arguments: str, text: str | None = None) -> dict[str, Any]:
        """Run `synk ctl ARGUMENTS --json`; fails the test if it fails."""
        verb, *rest = arguments
        done = self.run("ctl", verb, "--json", *rest, text=text)
        assert done.returncode == 0, f"synk ctl {' '.join(arguments)}: {done.returncode} {done.stdout} {done.stderr}"
        return dict(json.loads(done.stdout))

    def new(self, *arguments: str) -> int:
        """Open a session and wait for its prompt; returns its id."""
        session = int(self.ctl("new", *arguments)["session"])
        self.ctl("wait-for", f"session:{session}", "status=idle")
        return session

    def send(self, session: int, line: str) -> None:
        """Type a line and Enter."""
        self.ctl("send-text", f"session:{session}", line, "--enter")

    def text(self, session: int, what: str = "screen") -> str:
        """What a session shows."""
        return str(self.ctl("get-text", f"session:{session}", what)["text"])

    def stats(self) -> dict[str, Any]:
        """Counts of the pool."""
        return self.ctl("pool-stats")

    def processes(self) -> dict[int, str]:
        """Living processes that this profile's hosts ever started, and the hosts: pid to mark."""
        marks = {pid: start_environment(pid, "HOME") for pid in table()}
        found = {pid: start_environment(pid, MARK) or "" for pid, home in marks.items() if home == str(self.home)}
        alive = table()
        return {pid: mark for pid, mark in found.items() if pid in alive and alive[pid].is_alive}

    def quit(self) -> int:
        """SIGTERM to the window, as a desktop does at logout; returns its exit status."""
        assert self.window is not None
        self.window.send_signal(signal.SIGTERM)
        return self.window.wait(30)


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[Callable[..., App]]:
    """`make_app("bash_profile lines")` gives an app that is not started yet; everything is ended after the test."""
    made: list[App] = []

    def make(start_up: Sequence[str] = ()) -> App:
        app = App(tmp_path / f"app{len(made)}")
        if start_up:
            with (app.home / ".bash_profile").open("a") as file:
                file.write("\n".join(start_up) + "\n")
        made.append(app)
        return app

    yield make
    for app in made:
        app.end()


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """A running window that answers."""
    return make_app().start().answers()


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One window for all tests of a file; each closes the sessions it opened."""
    made = App(tmp_path_factory.mktemp("shared")).start().answers()
    yield made
    made.end()
