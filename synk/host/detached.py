"""Processes that outlived their session: listed for the pool panel, left alone or ended, and swept after a dead host."""

import os
import time
from collections.abc import Collection
from typing import Any

from synk.base.errors import NoSuchTarget
from synk.host.ledger import Ledger, Left
from synk.pty.children import Children
from synk.pty.ladder import KillLadder
from synk.pty.processes import MARK, command_line, orphans, start_environment, table


class DetachedProcesses:
    """Finds them by `SYNK_HOST` in their start environment; runs on the main loop, a scan takes about 20 us a process."""

    def __init__(self, ledger: Ledger, children: Children, ladder: KillLadder) -> None:
        self._ledger = ledger
        self._children = children
        self._ladder = ladder
        self._sessions: dict[str, int] = {}
        self._next_key = -1_000_000

    def note_start(self, mark: str, session: int) -> None:
        """Processes with this mark came from that session."""
        self._sessions[mark] = session

    def list(self, *, live: Collection[int] = ()) -> list[dict[str, Any]]:
        """Detached processes, oldest first; those in the terminal session of a `live` session's process are not detached."""
        processes = table()
        rows = []
        for process in sorted(orphans(processes, host_pid=os.getpid(), known=self._children), key=lambda p: p.start_time):
            mark = start_environment(process.pid, MARK)
            if mark and process.sid not in live:
                rows.append(
                    {
                        "pid": process.pid,
                        "command": command_line(process.pid),
                        "session": self._sessions.get(mark),
                        "start_time": process.start_time,
                    }
                )
        return rows

    def end(self, pid: int) -> None:
        """Put one of them on the kill ladder.

        Raises:
            NoSuchTarget: it is not listed (it ended, or never was one).
        """
        if pid not in [row["pid"] for row in self.list()]:
            raise NoSuchTarget(f"No detached process {pid}")
        self._end(pid)

    def note_left(self) -> None:
        """The host goes: what still runs was left on purpose, and a later host must not sweep it."""
        self._ledger.leave(Left(row["pid"], row["start_time"]) for row in self.list())

    def sweep(self, *, adopted: Collection[str]) -> int:
        """End what dead hosts of this profile left running by accident; `adopted` are marks of sessions a window holds.

        Returns how many processes were put on the ladder.
        """
        spared = {(left.pid, left.start_time) for left in self._ledger.left}
        count = 0
        for process in table().values():
            mark = start_environment(process.pid, MARK) if process.is_alive else None
            if mark is None or mark in adopted or (process.pid, process.start_time) in spared:
                continue
            if mark.partition(".")[0] in self._ledger.earlier_hosts:
                self._end(process.pid)
                count += 1
        return count

    def _end(self, pid: int) -> None:
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            return
        self._next_key -= 1
        self._ladder.add(self._next_key, pid, "", kill_detached=False, now=time.monotonic(), pidfd=pidfd)
        os.close(pidfd)

