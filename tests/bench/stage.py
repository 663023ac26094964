"""A whole Synk for a benchmark: a home, a profile and a project of its own, a window on a private X server, and its processes."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lived_in
from measure import NotMeasured
from xserver import Point, XServer

from synk.app.launch import host_address
from synk.base.errors import HostUnavailable
from synk.base.paths import find_directories
from synk.hostclient import SyncHostClient
from synk.pty.processes import MARK, start_environment, table

PROMPT_COLOR = "#01fe25"
"""Two cells of this color begin each prompt, and nothing else on the screen has it."""
PROMPT = "ready$ "
STARTUP_S = 0.3
"""What the start-up file of the benchmarks takes, as nvm, conda or a prompt theme do."""
ANSWER_LIMIT_S = 30.0
ROOT = Path(__file__).resolve().parents[2]


STUBBORN = ("bash", "-c", "trap '' TERM HUP; printf 'deaf\\n'; while :; do sleep 1000; done")
"""An agent that ignores SIGTERM and SIGHUP."""


class Stage:
    """Folders and processes of one benchmark; everything is gone after `close`."""

    def __init__(
        self, *, startup_s: float = STARTUP_S, settings: Mapping[str, object] | None = None, shell: str = "/bin/bash"
    ) -> None:
        """`settings`: `performance.max_active` and so on, written to settings.toml."""
        memory = Path("/dev/shm")
        self.base = Path(tempfile.mkdtemp(prefix="synk-bench-", dir=memory if os.access(memory, os.W_OK) else None))
        self.home, self.profile, self.project = (self.base / name for name in ("home", "profile", "project"))
        for folder in (self.home, self.project, self.profile / "config"):
            folder.mkdir(parents=True)
        lived_in.make(self.profile / "data")
        self._shell = shell
        self.first_on_path = ""
        """A folder with programs to be found before all others."""
        self.write_startup(startup_s)
        self.write_settings(settings or {})
        self.screen: XServer | None = None
        self.window: subprocess.Popen[bytes] | None = None
        self.window_id = 0
        self._client: SyncHostClient | None = None

    def write_startup(self, seconds: float) -> None:
        """The login shell's start-up file: it sleeps, sets the prompt and keeps no history.

        It sleeps and does not compute, so that a bare shell, tmux and Synk get exactly the same on a noisy machine.
        """
        red, green, blue = (int(PROMPT_COLOR[at : at + 2], 16) for at in (1, 3, 5))
        color = rf"\[\e[48;2;{red};{green};{blue}m\]  \[\e[0m\]"
        lines = [f"sleep {seconds}" if seconds else ":", f"PS1='{color}{PROMPT}'", "unset HISTFILE PROMPT_COMMAND"]
        (self.home / ".bash_profile").write_text("\n".join(lines) + "\n")

    def write_settings(self, settings: Mapping[str, object]) -> None:
        """Write settings.toml; a running window follows within a second."""
        tables: dict[str, list[str]] = {}
        for name, value in settings.items():
            part, _, key = name.rpartition(".")
            tables.setdefault(part, []).append(f"{key} = {json.dumps(value)}")
        text = "\n".join(f"[{part}]\n" + "\n".join(lines) for part, lines in tables.items())
        (self.profile / "config" / "settings.toml").write_text(text + "\n")

    @property
    def environment(self) -> dict[str, str]:
        """What everything of this stage is started with."""
        return {
            "HOME": str(self.home),
            "PATH": f"{self.first_on_path}:{os.environ['PATH']}" if self.first_on_path else os.environ["PATH"],
            "SHELL": self._shell,
            "LANG": "C.UTF-8",
            "USER": os.environ.get("USER", "root"),
            "TERM": "xterm-256color",
            "DISPLAY": self.screen.name if self.screen is not None else "",
            "QT_QPA_PLATFORM": "xcb",
            # The window must be the Synk that this process imports.
            **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
        }

    def open_screen(self, *, width: int = 1920, height: int = 1080) -> XServer:
        """Start the X server."""
        folder = self.base / "screen"
        folder.mkdir(exist_ok=True)
        self.screen = XServer(folder, width=width, height=height)
        return self.screen

    def launch(self, *, script: str = "", at_home: bool = False, **streams: Any) -> subprocess.Popen[bytes]:
        """Start the window's process and return at once; `script`: a file of this folder instead of `-m synk`.

        `at_home`: without a folder, which shows the home screen.
        """
        program = [str(ROOT / "tests" / "bench" / script)] if script else ["-P", "-m", "synk"]
        with (self.base / "stderr").open("ab") as errors:
            self.window = subprocess.Popen(
                [sys.executable, *program, "--profile", str(self.profile), *([] if at_home else [str(self.project)])],
                env=self.environment, cwd=self.project, stderr=errors, **streams,
            )  # fmt: skip
        return self.window

    def open_window(self, *, script: str = "", **streams: Any) -> XServer:
        """Start screen and window; returns once it fills the screen, has the keyboard and its pool is warm."""
        screen = self.screen or self.open_screen()
        self.launch(script=script, **streams)
        self.take_window()
        self.wait_warm()
        screen.settle()
        return screen

    def ask(self, do: str, **arguments: Any) -> Any:
        """A command of `inside.Instruments`; the window must have been opened with `open_instrumented`."""
        assert self.window is not None
        assert self.window.stdin is not None
        assert self.window.stdout is not None
        self.window.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        self.window.stdin.flush()
        is_answered = select.select([self.window.stdout], [], [], ANSWER_LIMIT_S)[0]
        line = self.window.stdout.readline() if is_answered else b""
        if not line:
            raise NotMeasured(f"the window with instruments does not answer: {self.errors()}")
        return json.loads(line)

    def open_instrumented(self) -> XServer:
        """As `open_window`, with `inside.py` instead of `-m synk`."""
        screen = self.open_window(script="inside.py", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ask("ping")
        return screen

    def take_window(self) -> None:
        """Find the window, make it fill the screen, give it the keyboard."""
        assert self.screen is not None
        try:
            self.window_id = self.screen.window(20)
        except NotMeasured as error:
            raise NotMeasured(f"{error}: {self.errors()}") from error
        self.screen.place(self.window_id)
        self.screen.focus(self.window_id)

    def errors(self) -> str:
        """The last line the window wrote to stderr or, if it wrote none, to its log."""
        for file in (self.base / "stderr", *(self.profile / "state" / "log").glob("synk*.log")):
            if file.exists() and (lines := file.read_text(errors="replace").strip().splitlines()):
                return lines[-1]
        return "it printed nothing"

    @property
    def client(self) -> SyncHostClient:
        """A connection to this profile's host."""
        if self._client is None:
            address = host_address(find_directories(self.profile), "bench")
            self._client = until(lambda: _connected(address), 20, "a host")
        return self._client

    def ctl(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """A verb of `synk ctl`, without the cost of starting a process."""
        return dict(self.client.call("ctl", timeout_s=60, verb=verb, args=arguments))

    def stats(self) -> dict[str, Any]:
        """Counts of the pool and of the host."""
        result = self.client.call("pool.stats")
        return {**result.pop("stats"), "host": result}

    def wait_warm(self, idle: int | None = None, limit_s: float = 30) -> None:
        """Wait until the pool is at rest with `idle` shells or more (default: its target; recycled ones come on top)."""

        def is_warm() -> bool:
            stats = self.stats()
            if "idle" not in stats:
                return False
            wanted = stats["targets"]["initial_pool_size"] if idle is None else idle
            return stats["idle"] >= wanted and not stats["warming"] and not stats["recycling"]

        until(is_warm, limit_s, "a warm pool", every_s=0.02)

    def new(self, **arguments: Any) -> int:
        """Open a session and wait for its prompt, or its program; returns its id."""
        session = int(self.ctl("new", **arguments)["session"])
        if not arguments.get("argv"):
            self.ctl("wait-for", target=f"session:{session}", until="status", status="idle", timeout_s=30)
        return session

    def send(self, session: int, line: str) -> None:
        """Type a line and Enter."""
        self.ctl("send-text", target=f"session:{session}", text=line, enter=True)

    def wait_text(self, session: int, pattern: str, limit_s: float = 60) -> None:
        """Wait until a session shows this."""
        self.ctl("wait-for", target=f"session:{session}", until="text", pattern=pattern, timeout_s=limit_s)

    def prompts(self) -> list[Point]:
        """The place of each prompt on the screen: the first pixel line of its color, left to right, top to bottom."""
        assert self.screen is not None
        points = set(self.screen.find(PROMPT_COLOR))
        return sorted((p for p in points if (p[0], p[1] - 1) not in points and (p[0] - 1, p[1]) not in points), key=_reading)

    @property
    def host_pid(self) -> int:
        """The host's process."""
        return int(self.client.welcome["pid"])

    @property
    def window_pid(self) -> int:
        """The window's process."""
        assert self.window is not None
        return self.window.pid

    def processes(self) -> list[int]:
        """Living processes of this stage: window, host, shells and what they started."""
        alive = [process.pid for process in table().values() if process.is_alive]
        return [pid for pid in alive if start_environment(pid, "HOME") == str(self.home)]

    def quit(self) -> None:
        """End the window as a logout does, and wait."""
        if self._client is not None:
            self._client.close()
            self._client = None
        if self.window is not None and self.window.poll() is None:
            self.window.send_signal(signal.SIGTERM)
            self.window.wait(15)

    def close(self) -> None:
        """End whatever still runs and remove the folders."""
        try:
            self.quit()
        finally:
            for pid in self.processes():
                if start_environment(pid, MARK) or pid != os.getpid():
                    os.kill(pid, signal.SIGKILL)
            if self.window is not None:
                self.window.wait(15)
                for stream in (self.window.stdin, self.window.stdout):
                    if stream is not None:
                        stream.close()
            if self.screen is not None:
                self.screen.close()
            shutil.rmtree(self.base, ignore_errors=True)


@contextmanager
def staged(**arguments: Any) -> Iterator[Stage]:
    """A `Stage` that is closed in any case."""
    stage = Stage(**arguments)
    try:
        yield stage
    finally:
        stage.close()


def until(look: Callable[[], Any], limit_s: float, what: str, *, every_s: float = 0.01) -> Any:
    """Call `look` until it gives something true, and return that.

    Raises:
        NotMeasured: not within `limit_s`.
    """
    deadline = time.monotonic() + limit_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise NotMeasured(f"{what}: not within {limit_s:g} s")
        time.sleep(every_s)


def _reading(point: Point) -> tuple[int, int]:
    return point[1], point[0]


def _connected(address: Any) -> SyncHostClient | None:
    try:
        return SyncHostClient(address, start=False)
    except HostUnavailable:
        return None
