"""Processes that outlived their session: listed for the pool panel, left alone or ended, and swept after a dead host."""

import os
import time
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from synk.base.errors import NoSuchTarget
from synk.host.ledger import Ledger, Left
from synk.host.runs.tree import host_of_tag, tagged_processes
from synk.pty.children import Children
from synk.pty.ladder import KillLadder, Outcome, Survivor
from synk.pty.processes import MARK, Proc, ProcessTree, command_line, orphans, start_environment, table


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
        return [
            {
                "pid": process.pid,
                "command": command_line(process.pid),
                "session": self._sessions.get(mark),
                "start_time": process.start_time,
            }
            for process, mark in self._find()
            if process.sid not in live
        ]

    def end(self, pid: int) -> None:
        """Put one of them on the kill ladder.

        Raises:
            NoSuchTarget: it is not listed (it ended, or never was one).
        """
        if pid not in [process.pid for process, _ in self._find()]:
            raise NoSuchTarget(f"No detached process {pid}")
        self._end(pid)

    def note_left(self, mark: str | None = None) -> None:
        """What still runs of the session with this mark, which is over, was left on purpose: no later host sweeps it.

        Without a mark that holds for all sessions: the host goes.
        """
        self._ledger.leave(Left(process.pid, process.start_time) for process, its in self._find() if mark in (None, its))

    def note_survivors(self, survivors: Iterable[Survivor]) -> None:
        """The ladder is done with a session, and left these."""
        kept = (survivor for survivor in survivors if survivor.outcome is Outcome.DETACHED)
        self._ledger.leave(Left(survivor.pid, survivor.start_time) for survivor in kept)

    def sweep(self, *, adopted: Collection[str]) -> int:
        """End what dead hosts of this profile left running by accident; `adopted` are marks of sessions a window holds.

        Returns how many processes were put on the ladder.
        """
        processes = table()
        left = {(left.pid, left.start_time) for left in self._ledger.left}
        # The shells in a tmux server that was left carry the mark as well.
        tree = ProcessTree(processes, host_pid=os.getpid())
        spared = tree.descendants(p.pid for p in processes.values() if (p.pid, p.start_time) in left)
        count = 0
        for process in processes.values():
            mark = start_environment(process.pid, MARK) if process.is_alive else None
            if mark is None or mark in adopted or process.pid in spared:
                continue
            if mark.partition(".")[0] in self._ledger.earlier_hosts:
                self._end(process.pid)
                count += 1
        return count + self._sweep_tagged(spared)

    def _sweep_tagged(self, spared: Collection[int]) -> int:
        """Of runs, engine sessions and REPLs also those that emptied their environment; the tag stays."""
        hosts = {int(host, 16) for host in self._ledger.earlier_hosts}
        found = [pid for tag, pids in tagged_processes().items() if host_of_tag(tag) in hosts for pid in pids]
        unmarked = [pid for pid in found if pid not in spared and start_environment(pid, MARK) is None]
        for pid in unmarked:
            self._end(pid)
        return len(unmarked)

    def _find(self) -> Iterator[tuple[Proc, str]]:
        """Processes that lost their parent and came to us, each with its mark, oldest first."""
        for process in sorted(orphans(table(), host_pid=os.getpid(), known=self._children), key=lambda p: p.start_time):
            mark = start_environment(process.pid, MARK)
            # Sessions have numbers; what the engine starts (`r12`, `k4`, `z1`) is its own to list and to end.
            if mark and mark.rpartition(".")[2].isdecimal():
                yield process, mark

    def _end(self, pid: int) -> None:
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            return
        self._next_key -= 1
        self._ladder.add(self._next_key, pid, "", kill_detached=False, now=time.monotonic(), pidfd=pidfd)
        os.close(pidfd)

