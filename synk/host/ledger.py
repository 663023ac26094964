"""What outlives the host: the session counter, the ids of earlier hosts, and processes left running on purpose."""

import contextlib
import json
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)

HOSTS_KEPT = 50
"""Ids of dead hosts; what the one before those left running was swept long ago."""
LEFT_KEPT = 200
"""Processes left on purpose, the newest; far more than anybody leaves running."""


@dataclass(frozen=True, slots=True)
class Left:
    """A process left running on purpose when its session closed: never swept by a later host."""

    pid: int
    start_time: int
    """Field 22 of `/proc/PID/stat`; with the pid it names one process of this boot."""


class Ledger:
    """Small JSON files in the state and runtime directories; the host is their only writer."""

    def __init__(self, *, state: str, runtime: str) -> None:
        self.problem = ""
        """Why the last thing to be remembered was not written, for the user to read; "" if it was."""
        self._sessions_path = os.path.join(state, "sessions.json")
        self._hosts_path = os.path.join(runtime, "hosts.json")
        stored = _load(self._sessions_path).get("next")
        self._next = stored if isinstance(stored, int) and stored > 0 else 1
        self._used = self._next - 1
        known = _load(self._hosts_path)
        self._hosts = [host for host in _list(known.get("hosts")) if isinstance(host, str)][-HOSTS_KEPT:]
        """Oldest first."""
        self._left = [Left(*pair) for pair in _list(known.get("left")) if _is_pair(pair)]
        # Not from `secrets`: it loads OpenSSL, 3.5 MB of the 25 the host may have (target M5).
        self.host_id = os.urandom(4).hex()
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
            self._save(self._sessions_path, {"next": session + 1})

    @property
    def earlier_hosts(self) -> frozenset[str]:
        """Ids of hosts of this profile that are dead: we hold the lock."""
        return frozenset(self._hosts)

    @property
    def left(self) -> frozenset[Left]:
        """Everything that was left on purpose and not yet forgotten."""
        return frozenset(self._left)

    def leave(self, processes: Iterable[Left]) -> None:
        """Remember processes that stay when the host goes."""
        known = dict.fromkeys((*self._left, *processes))
        if len(known) > len(self._left):
            self._left = list(known)[-LEFT_KEPT:]
            self._save_hosts()

    def _save_hosts(self) -> None:
        hosts = [*self._hosts, self.host_id]
        self._save(self._hosts_path, {"hosts": hosts, "left": [[left.pid, left.start_time] for left in self._left]})

    def _save(self, path: str, data: dict[str, Any]) -> None:
        problem = _store(path, data)
        if problem and not self.problem:
            log.warning("%s", problem)
        self.problem = problem


def _load(path: str) -> dict[str, Any]:
    """The object in the file; {} if it is missing or damaged (the counters then start anew, which only costs old numbers)."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(number, int) for number in value)


def _store(path: str, data: dict[str, Any]) -> str:
    """Replace the file; returns why that failed, "" if it did not. A full or read-only disk must not stop a session."""
    temporary = f"{path}.new"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(data, file)
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        return f"Cannot write {path}: {error.strerror or error}."
    return ""
