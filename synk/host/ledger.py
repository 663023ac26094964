"""What outlives the host: the session counter, the ids of earlier hosts, and processes left running on purpose."""

import contextlib
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Left:
    """A process left running on purpose when its session closed: never swept by a later host."""

    pid: int
    start_time: int
    """Field 22 of `/proc/PID/stat`; with the pid it names one process of this boot."""


class Ledger:
    """Small JSON files in the state and runtime directories; the host is their only writer."""

    def __init__(self, *, state: str, runtime: str) -> None:
        self._sessions_path = os.path.join(state, "sessions.json")
        self._hosts_path = os.path.join(runtime, "hosts.json")
        self._next = int(_load(self._sessions_path).get("next", 1))
        self._used = self._next - 1
        known = _load(self._hosts_path)
        self.earlier_hosts: frozenset[str] = frozenset(str(host) for host in known.get("hosts", []))
        """Ids of hosts of this profile that are dead: we hold the lock."""
        self._left = [Left(int(pid), int(start)) for pid, start in known.get("left", [])]
        self.host_id = secrets.token_hex(4)
        self._save_hosts()

    def reserve(self, count: int) -> int:
        """The first of `count` session ids in a row never used before in this profile.

        Only ids that are used are written down, so an unused reservation costs no numbers after a restart.
        """
        first, self._next = self._next, self._next + count
        return first

    def use_session(self, session: int) -> None:
        """A session with this id exists: it is never given again, whatever happens to this host."""
        if session > self._used:
            self._used = session
            self._next = max(self._next, session + 1)
            _store(self._sessions_path, {"next": session + 1})

    @property
    def left(self) -> frozenset[Left]:
        """Everything that was left on purpose and not yet forgotten."""
        return frozenset(self._left)

    def leave(self, processes: Iterable[Left]) -> None:
        """Remember processes that stay when the host goes."""
        self._left = sorted(set(self._left) | set(processes), key=lambda left: (left.pid, left.start_time))[-200:]
        self._save_hosts()

    def _save_hosts(self) -> None:
        hosts = [*sorted(self.earlier_hosts), self.host_id][-50:]
        _store(self._hosts_path, {"hosts": hosts, "left": [[left.pid, left.start_time] for left in self._left]})


def _load(path: str) -> dict[str, Any]:
    """The object in the file; {} if it is missing or damaged (the counters then start anew, which only costs old numbers)."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _store(path: str, data: dict[str, Any]) -> None:
    temporary = f"{path}.new"
    with contextlib.suppress(OSError):  # a full or read-only disk must not stop a session
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(data, file)
        os.replace(temporary, path)
