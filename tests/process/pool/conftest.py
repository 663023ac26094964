"""A stand-in for the host's main thread: reaps, runs the kill ladder, and collects what the pool reports."""

import contextlib
import ctypes
import os
import queue
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from synk.pty.children import Children
from synk.pty.gate import Lease
from synk.pty.ladder import Ended, KillLadder
from synk.pty.messages import PoolConfig, PoolEvent, PoolNotice, Refused, Retired, Started, StartRequest
from synk.pty.pool import ProcessPool
from synk.pty.processes import table

RESOURCES = str(Path(__file__).parents[3] / "resources" / "shell")
LIMIT_S = 30.0
"""A loaded machine may need long; a test that waits this long has failed."""
HOST_ID = "00c0ffee"
PR_SET_CHILD_SUBREAPER = 36


class Session:
    """A started session and what its program printed so far."""

    def __init__(self, event: Started, statuses: Mapping[int, int]) -> None:
        self.shell = event.shell
        self.pid = event.pid
        self.pidfd = event.pidfd
        self.master = event.master
        self.tty = event.tty
        self.is_warm = event.is_warm
        self.is_cold = event.is_cold
        self.claim_ms = event.claim_ms
        self.output = event.output
        self._statuses = statuses

    @property
    def status(self) -> int | None:
        """Wait status, once reaped."""
        return self._statuses.get(self.pid)

    def read(self) -> None:
        """Take what is there now."""
        with contextlib.suppress(OSError):
            while data := os.read(self.master, 65536):
                self.output += data

    def type(self, line: str) -> None:
        """Type a line and Enter."""
        os.write(self.master, line.encode() + b"\r")

    def close_fds(self) -> None:
        """As the host does when the pane is closed."""
        for fd in (self.pidfd, self.master):
            if fd >= 0:
                os.close(fd)
        self.pidfd = self.master = -1


class Host:
    """Runs a pool and does for it what the host's main thread does, in `until`."""

    def __init__(self, home: Path, gates: Path) -> None:
        self.home = home
        self.gates = gates
        self.environment = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "SHELL": "/bin/bash",
        }
        self.children = Children()
        self.ladder = KillLadder()
        self.events: list[PoolEvent] = []
        self.sessions: dict[int, Session] = {}
        self.ended: list[Ended] = []
        self.kill_detached = True
        self.available = 0.5
        self._incoming: queue.SimpleQueue[PoolEvent] = queue.SimpleQueue()
        self.on_event: Callable[[PoolEvent], None] = self._incoming.put
        self._retired: dict[int, Retired] = {}
        self._statuses: dict[int, int] = {}
        self._next_request = 1
        self._tick_at = 0.0
        self.pool: ProcessPool | None = None

    def start(self, **settings: object) -> ProcessPool:
        """Start a pool with these settings (fields of `PoolConfig`); the output is that of plain shells if not said otherwise."""
        self.config = PoolConfig(**{"shell_integration": False, **settings})
        self.pool = ProcessPool(
            config=self.config,
            environment=self.environment,
            home=str(self.home),
            host_id=HOST_ID,
            gate_directory=str(self.gates),
            resources=RESOURCES,
            on_event=self.on_event,
            children=self.children,
            memory=lambda: self.available,
        )
        self.pool.start()
        return self.pool

    @property
    def stats(self):
        """Counts of the pool."""
        assert self.pool is not None
        return self.pool.stats()

    def until(self, predicate: Callable[[], object], timeout_s: float = LIMIT_S) -> None:
        """Do the host's work until the predicate is true; fail after the time limit."""
        deadline = time.monotonic() + timeout_s
        while not predicate():
            assert time.monotonic() < deadline, f"still false after {timeout_s} s; {self.events[-5:]}"
            self.turn()
            select.select([], [], [], 0.002)

    def warm(self, idle: int = 2) -> None:
        """Wait for so many idle shells and until nothing is under way."""
        self.until(lambda: self.stats.idle == idle and self.is_calm)

    @property
    def is_calm(self) -> bool:
        """True if no shell starts, is run again or is being ended, and everything the pool said has been heard.

        The pool says first what happened and then shows the counts: hence this order.
        """
        stats = self.stats
        is_busy = stats.warming or stats.recycling or stats.ending or stats.waiting
        return not is_busy and self._incoming.empty() and not self._retired

    def turn(self) -> None:
        """One round of the host's main loop."""
        while not self._incoming.empty():
            self._take(self._incoming.get())
        self._reap()
        if len(self.ladder) and time.monotonic() >= self._tick_at:
            self._tick_at = time.monotonic() + 0.1
            for ended in self.ladder.tick(time.monotonic()):
                self.ended.append(ended)
                retired = self._retired.pop(ended.key, None)
                if retired is not None:
                    os.close(retired.pidfd)
                    os.close(retired.master)

    def claim(
        self,
        directory: str | Path | None = None,
        variables: Mapping[str, str] | None = None,
        *argv: str,
        environment: Mapping[str, str] | None = None,
        argv_only: bool = False,
        cols: int = 100,
        rows: int = 30,
    ) -> int:
        """Ask for a session; returns the request."""
        assert self.pool is not None
        request, self._next_request = self._next_request, self._next_request + 1
        lease = Lease(str(directory or self.home), variables or {}, (), argv)
        self.pool.claim(StartRequest(request, lease, cols, rows, environment, argv_only))
        return request

    def session(self, *arguments: object, **options: object) -> Session:
        """Ask for a session and wait until it runs."""
        request = self.claim(*arguments, **options)
        self.until(lambda: request in self.sessions or self.refusal(request))
        assert self.refusal(request) is None, self.refusal(request)
        return self.sessions[request]

    def refusal(self, request: int) -> Refused | None:
        """The refusal of a request, if it came."""
        return next((e for e in self.events if isinstance(e, Refused) and e.request == request), None)

    def refused(self, *arguments: object, **options: object) -> Refused:
        """Ask for a session that must be refused."""
        request = self.claim(*arguments, **options)
        self.until(lambda: request in self.sessions or self.refusal(request))
        refusal = self.refusal(request)
        assert refusal is not None
        return refusal

    def close(self, session: Session, reusable: bool = True) -> None:
        """Close a session as the host does."""
        assert self.pool is not None
        self.pool.release(session.shell, reusable=reusable)
        session.close_fds()

    def run(self, session: Session, line: str) -> str:
        """Type a line that prints, and return what stands between two marks it also prints."""
        session.type(f"echo '<''<'; {line}; echo '>''>'")
        self.until(lambda: session.read() or b">>" in session.output.partition(b"<<")[2])
        text = session.output.partition(b"<<\r\n")[2].partition(b">>")[0]
        session.output = b""
        return text.decode().replace("\r\n", "\n")

    def of(self, kind: type) -> list:
        """All events of one type so far."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def notices(self) -> list[str]:
        """Texts of the toasts so far."""
        return [event.text for event in self.of(PoolNotice)]

    def shut_down(self) -> None:
        """Close the pool, end every process below this one, and close all fds."""
        if self.pool is not None:
            self.pool.close()
            while self.pool.ident is not None and self.pool.is_alive():
                for pid in self.children.unregistered():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                self.pool.join(1)
        self.turn()
        for session in self.sessions.values():
            session.close_fds()
        deadline = time.monotonic() + LIMIT_S
        # Also those that have ended: the first thread of a fish can be a zombie while others still end.
        while remaining := [process for process in table().values() if process.ppid == os.getpid()]:
            assert time.monotonic() < deadline, remaining
            for process in remaining:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            self._reap()
            select.select([], [], [], 0.005)
        for retired in self._retired.values():
            os.close(retired.pidfd)
            os.close(retired.master)

    def _take(self, event: PoolEvent) -> None:
        self.events.append(event)
        if isinstance(event, Started):
            self.sessions[event.request] = Session(event, self._statuses)
        elif isinstance(event, Retired):
            self._retired[event.shell] = event
            self.ladder.add(
                event.shell,
                event.pid,
                f"{HOST_ID}.{event.shell}",
                kill_detached=self.kill_detached,
                now=time.monotonic(),
                pidfd=event.pidfd,
            )

    def _reap(self) -> None:
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None or (self.children.is_forking and ended.si_pid not in self.children):
                return
            _, status = os.waitpid(ended.si_pid, 0)
            self._statuses[ended.si_pid] = status
            if self.pool is not None:
                self.pool.exited(ended.si_pid)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A host without a pool; `host.start()` makes one. Fails if a thread, process or fd is left behind."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".bash_profile").write_text("PS1='$ '\n")
    libc = ctypes.CDLL(None)
    before = set(os.listdir("/proc/self/fd"))
    threads = threading.active_count()
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    made = Host(home, tmp_path / "gates")
    try:
        yield made
    finally:
        made.shut_down()
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    # What an earlier test left to the collector may have gone meanwhile; nothing may have come.
    assert set(os.listdir("/proc/self/fd")) <= before
    assert threading.active_count() == threads
    assert not list((tmp_path / "gates").glob("*"))
