"""A session as the host holds it: its process, a duplicate of its PTY master, its ring, and how it ended."""

import asyncio
import contextlib
import errno
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from synk.host.reaper import exit_of
from synk.pty.ring import Ring

log = logging.getLogger(__name__)

RING_LIMIT_BYTES = 16 << 20
"""Without a window a ring grows up to here (two hours of a spinner); then the program waits in `write`: nothing is lost."""
READ_BYTES = 64 * 1024


@dataclass(slots=True, eq=False)
class HeldSession:
    """One session; made when its start is asked for, dropped when its pane is closed."""

    id: int
    meta: dict[str, Any] = field(default_factory=dict)
    """What a window needs to show it again (pane, agent, project, working_dir, title ...); the host does not look inside."""
    is_agent: bool = False
    shell: int = 0
    """The pool's number of its process, 0 while none runs."""
    pid: int = 0
    pidfd: int = -1
    master: int = -1
    ring: Ring | None = None
    exit: tuple[int | None, int | None] | None = None
    """(code, signal), both None when unknown; None while it runs."""
    started_at: float = 0.0
    ended_at: float = 0.0
    is_adopted: bool = False
    """Taken over from a dead host: not our child, so its exit status cannot be known."""
    adopted_key: str = ""
    """Its `SYNK_HOST`, `<dead host's id>.<start number>`."""
    is_engine: bool = False
    """An engine session: it has no pane until a window asks for it."""
    is_shown: bool = False
    """A window asked for it."""

    @property
    def is_live(self) -> bool:
        """True while its process runs."""
        return self.pid > 0 and self.exit is None

    def set_exit(self, status: int | None) -> None:
        """Note how it ended; `status` is the raw wait status, None if nobody could reap it."""
        self.exit = (None, None) if status is None else exit_of(status)
        self.ended_at = time.time()

    def describe(self) -> dict[str, Any]:
        """The session as clients see it."""
        return {
            "session": self.id,
            "pid": self.pid,
            "start": self.shell,
            "meta": self.meta,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "exit": None if self.exit is None else {"code": self.exit[0], "signal": self.exit[1]},
        }

    def drop_process(self) -> None:
        """Close everything of the current process; a restart or the end of the session follows."""
        for fd in (self.master, self.pidfd):
            if fd >= 0:
                os.close(fd)
        self.master = self.pidfd = -1
        if self.ring is not None:
            self.ring.close()
            self.ring = None
        self.pid = self.shell = 0


class RingKeeper:
    """Reads the PTYs of sessions no window holds into their rings, so that not a byte is lost until one comes back."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._reading: dict[int, HeldSession] = {}

    def take(self, session: HeldSession) -> None:
        """Start reading; the window that held it is gone."""
        if session.ring is None or session.master < 0 or session.id in self._reading:
            return
        os.set_blocking(session.master, False)
        session.ring.reload()
        self._reading[session.id] = session
        self._loop.add_reader(session.master, self._read, session)

    def give_back(self, session: HeldSession) -> None:
        """Stop reading; a window takes over (or the session ends)."""
        if self._reading.pop(session.id, None) is not None:
            self._loop.remove_reader(session.master)

    def drain(self, session: HeldSession) -> None:
        """Its program ended: read what is there now."""
        while session.id in self._reading and self._read(session):
            pass

    def _read(self, session: HeldSession) -> bool:
        ring = session.ring
        assert ring is not None
        if ring.room < READ_BYTES:
            if ring.capacity >= RING_LIMIT_BYTES:
                log.info("session %d printed %d bytes with no window: it waits", session.id, ring.written)
                self.give_back(session)
                return False
            session.ring = ring = ring.grown()
        try:
            data = os.read(session.master, READ_BYTES)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno != errno.EIO:
                log.warning("reading session %d: %s", session.id, error)
            data = b""
        if not data:
            self.give_back(session)
            return False
        ring.write(data)
        return True


def watch_exit(loop: asyncio.AbstractEventLoop, session: HeldSession, on_exit: Callable[[HeldSession], None]) -> None:
    """Call `on_exit` once when the process behind the session's pidfd is gone (an adopted one is not ours to wait for)."""
    pidfd = session.pidfd

    def fired() -> None:
        with contextlib.suppress(ValueError, OSError):
            loop.remove_reader(pidfd)
        on_exit(session)

    loop.add_reader(pidfd, fired)
