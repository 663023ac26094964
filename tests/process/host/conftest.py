"""A real host process in temporary folders, windows and command lines that talk to it, and windows that can be killed."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from synk.base.errors import HostUnavailable
from synk.base.paths import resource_directory
from synk.base.wire import Message
from synk.hostclient import SyncHostClient
from synk.hoststart import HostAddress, host_argv
from synk.pty.processes import start_environment, table
from synk.pty.ring import Ring

LIMIT_S = 30.0
"""A loaded machine may need long; a test that waits this long has failed."""
PROMPT = "ready$ "
WINDOW_SCRIPT = Path(__file__).with_name("window_process.py")
SCRIPTED_HOST = (
    "import sys; sys.modules['ssl'] = None; import synk.host.server as server; import synk.host.process as process; "
    "{}; process.main()"
)


class Program:
    """A session as a window got it: process, terminal, ring, and what was read so far."""

    def __init__(self, result: Message, fds: tuple[int, ...]) -> None:
        self.result = result
        self.id = int(result["session"])
        self.pid = int(result["pid"])
        self.master, ring, self.pidfd = fds
        self.ring = Ring(ring)
        self.output = b""
        os.set_blocking(self.master, False)

    def read(self, timeout_s: float = 0.02) -> bytes:
        """What arrives within the time; b"" if nothing does or the terminal hung up."""
        if not select.select([self.master], [], [], timeout_s)[0]:
            return b""
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return b""
        self.output += data
        return data

    def read_until(self, text: str) -> None:
        """Return once the output contains the text."""
        deadline = time.monotonic() + LIMIT_S
        while text.encode() not in self.output:
            assert time.monotonic() < deadline, f"no {text!r} in {self.output[-2000:]!r}"
            self.read()

    def type(self, line: str) -> None:
        """Type a line and Enter."""
        os.write(self.master, line.encode() + b"\r")

    def run(self, line: str) -> None:
        """Type a line at the prompt."""
        self.read_until(PROMPT)
        self.type(line)

    @property
    def has_ended(self) -> bool:
        """True once its process is gone."""
        return bool(select.select([self.pidfd], [], [], 0)[0])

    def close(self) -> None:
        """Give the descriptors back; twice does no harm."""
        if self.pidfd >= 0:
            os.close(self.master)
            os.close(self.pidfd)
            self.ring.close()
            self.pidfd = -1


class Client:
    """A connection to the host, as the window or as a command line."""

    def __init__(self, address: HostAddress, kind: str, environment: Mapping[str, str]) -> None:
        self.connection = SyncHostClient(address, kind=kind, environment=environment)
        self.programs: list[Program] = []
        self._exits: dict[int, Message] = {}

    @property
    def welcome(self) -> Message:
        """The host's first answer."""
        return self.connection.welcome

    def call(self, do: str, **arguments: Any) -> Message:
        """One request and its result."""
        return self.connection.call(do, **arguments)

    def configure(self, *, kill_detached: str = "agents", keep_after_crash_minutes: float = 60, **pool: Any) -> None:
        """Set the pool up; without other wishes no shell is warm, each is started when asked for."""
        settings = {"initial_pool_size": 0, **pool}
        self.call(
            "configure", pool=settings, kill_detached=kill_detached, keep_after_crash_minutes=keep_after_crash_minutes
        )

    def start(self, number: int, argv: Sequence[str] = (), **arguments: Any) -> Program:
        """Start a program for a session; returns once it runs."""
        asked = {"session": number, "argv": list(argv), "directory": "/", "cols": 80, "rows": 24, **arguments}
        asked.setdefault("agent", "claude" if argv else "terminal")
        result, fds = self.connection.call_fds("session.start", timeout_s=LIMIT_S, **asked)
        return self._keep(Program(result, fds))

    def attach(self) -> list[Program]:
        """Take over what an earlier window left."""
        self.call("session.attach")
        found = []
        for _ in range(len(self.connection.events)):
            frame = self.connection.events.popleft()
            if (frame.message or {}).get("event") == "attached":
                found.append(self._keep(Program(frame.message or {}, frame.fds)))
            else:
                self.connection.events.append(frame)
        return found

    def event(self, name: str, **fields: Any) -> Message:
        """The next event of this name with these values; earlier ones are dropped."""
        while True:
            message = self.connection.next_event(LIMIT_S).message or {}
            if message.get("event") == name and fields.items() <= message.items():
                return message

    def exit_of(self, program: Program) -> tuple[int | None, int | None]:
        """Code and signal of a program, once the host reports them."""
        while program.id not in self._exits:
            message = self.event("exited")
            self._exits[message["session"]] = message["exit"]
        ended = self._exits.pop(program.id)
        return ended["code"], ended["signal"]

    def close(self) -> None:
        """Close the connection and everything that came through it."""
        for program in self.programs:
            program.close()
        self.connection.close()

    def _keep(self, program: Program) -> Program:
        self.programs.append(program)
        return program


class WindowProcess:
    """A window without a screen in a process of its own, which can be killed."""

    def __init__(self, profile: "Profile", *, sessions: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> None:
        task = {
            "runtime": profile.address.runtime, "state": profile.address.state, "resources": profile.address.resources,
            "argv": profile.address.argv, "environment": profile.environment, "sessions": sessions, "settings": settings,
            "project": str(profile.home),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(WINDOW_SCRIPT), json.dumps(task)], stdout=subprocess.PIPE, env=profile.environment
        )
        self._heard = b""
        self._last: Message = {}

    def hears(self, event: str) -> Message:
        """What the window printed of this kind: `ready`, `started`, `screen` ..."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + LIMIT_S
        while True:
            while b"\n" not in self._heard:
                is_readable = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]
                assert is_readable, f"no {event}; last heard: {self._last}"
                data = os.read(self.process.stdout.fileno(), 65536)
                assert data, f"the window ended before {event}; last heard: {self._last}"
                self._heard += data
            line, _, self._heard = self._heard.partition(b"\n")
            self._last = json.loads(line)
            if self._last["event"] == event:
                return self._last

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


class Profile:
    """Folders of one profile, the address of its host, and everybody who was started for it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.home, self.runtime, self.state = base / "home", base / "runtime", base / "state"
        self.home.mkdir()
        self.runtime.mkdir(mode=0o700)
        self.state.mkdir()
        (self.home / ".bash_profile").write_text(f"PS1='{PROMPT}'\n")
        self.environment = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "SHELL": "/bin/bash",
            "LANG": "C.UTF-8",
            "USER": "somebody",
        }
        self.argv = host_argv()
        self.clients: list[Client] = []
        self.windows: list[WindowProcess] = []

    @property
    def address(self) -> HostAddress:
        """Where the host is and how it is started."""
        return HostAddress(str(self.runtime), str(self.state), str(resource_directory()), "1.2.3", tuple(self.argv))

    def hasten(self, *assignments: str) -> None:
        """Later hosts start with other limits, e.g. `server.IDLE_EXIT_S = 0.2`, so that nobody waits for minutes."""
        self.argv = (sys.executable, "-P", "-c", SCRIPTED_HOST.format("; ".join(assignments)))

    def client(self, kind: str = "cli", environment: Mapping[str, str] | None = None) -> Client:
        """Connect; starts the host if there is none."""
        made = Client(self.address, kind, self.environment if environment is None else environment)
        self.clients.append(made)
        return made

    def window(self, **settings: Any) -> Client:
        """Connect as the window and configure the pool."""
        made = self.client("window")
        made.configure(**settings)
        return made

    def window_process(self, *sessions: Mapping[str, Any], **settings: Any) -> WindowProcess:
        """A window in a process of its own with these sessions (arguments of `SessionManager.create`)."""
        made = WindowProcess(self, sessions=sessions, settings=settings)
        self.windows.append(made)
        return made

    def raw(self) -> socket.socket:
        """A connected socket without a word said."""
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(LIMIT_S)
        sock.connect(str(self.runtime / "host-1.sock"))
        return sock

    def processes(self) -> dict[int, str]:
        """Every living process with this profile's home: pid to command line."""
        found = {}
        for pid, process in table().items():
            if process.is_alive and start_environment(pid, "HOME") == str(self.home):
                with contextlib.suppress(OSError):
                    found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def hosts(self) -> list[int]:
        """Living host processes of this profile.

        One that is being killed has no command line any more, and may hold its socket yet.
        """
        known = {client.welcome["pid"] for client in self.clients}
        found = []
        for pid, process in table().items():
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                is_host = b"--runtime" in words and str(self.runtime).encode() in words
                if process.is_alive and (is_host or pid in known):
                    found.append(pid)
        return found

    def log(self) -> str:
        """What the hosts wrote."""
        path = self.state / "log" / "host.log"
        return path.read_text() if path.exists() else ""

    def close(self) -> None:
        """End clients, hosts and whatever they started."""
        for window in self.windows:
            window.kill()
        for client in self.clients:
            client.close()
        for pid in {*self.hosts(), *self.processes()}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, 0)[0]:
                pass


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Profile]:
    """Empty folders; the first client starts the host."""
    made = Profile(tmp_path)
    yield made
    made.close()


@pytest.fixture
def host_ends(profile: Profile, wait_until: Callable[..., None]) -> Callable[[], None]:
    """`host_ends()`: wait until no host of the profile is left."""

    def ends() -> None:
        def is_over() -> bool:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(-1, os.WNOHANG)
            return not profile.hosts()

        wait_until(is_over, LIMIT_S)

    return ends


@pytest.fixture
def refused() -> Callable[[Callable[[], object]], str]:
    """`refused(call)`: the text of the HostUnavailable it raises."""

    def text_of(call: Callable[[], object]) -> str:
        with pytest.raises(HostUnavailable) as caught:
            call()
        return caught.value.message

    return text_of
