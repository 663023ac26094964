"""How long commands took here before: an ETA for the next time, and hard limits that grow with what is usual."""

import contextlib
import fcntl
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from synk.base.files import replace_file

KEPT = 20
"""Durations of one command: the newest; a project changes (07-automation.md, section 4)."""
ENOUGH = 3
"""Fewer say nothing about the next time."""
LONGEST_FACTOR = 3.0
"""A command may take this many times its longest success before it counts as stuck."""
WORTH_KEEPING_S = 1.0
"""Nobody waits for an ETA of less, and short commands are spared the writing of a file."""
_NAME_CHARS = 40
_COMMANDS = 500
"""Of one project; the ones not used for longest are forgotten."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is known about a command; seconds, oldest first."""

    durations: tuple[float, ...] = ()

    @property
    def typical_s(self) -> float | None:
        """The median; None while too little is known."""
        # `statistics` would take 10 ms to import.
        return sorted(self.durations)[len(self.durations) // 2] if len(self.durations) >= ENOUGH else None

    def hard_limit(self, hard_s: float | None) -> float | None:
        """The class's limit, or three times the longest success if that is more; None: there is none."""
        if hard_s is None or len(self.durations) < ENOUGH:
            return hard_s
        return max(hard_s, LONGEST_FACTOR * max(self.durations))

    def eta_s(self, elapsed_s: float) -> float | None:
        """Seconds left, never below zero; None while too little is known."""
        typical = self.typical_s
        return None if typical is None else max(0.0, typical - elapsed_s)


class Durations:
    """The file of one project in the state directory; processes take turns by a lock beside it."""

    def __init__(self, state: Path, project: str) -> None:
        # Two projects with one name and one checksum would only share what they know; `hashlib` takes 4 ms to import.
        name = f"{os.path.basename(project)[:_NAME_CHARS]}-{zlib.crc32(os.fsencode(project)):08x}.json"
        self._path = state / "durations" / name

    def usual(self, cls: str, label: str) -> Usual:
        """What is known about this command; nothing if there is no file or it is damaged."""
        return Usual(tuple(self._read().get(_key(cls, label), ())))

    def add(self, cls: str, label: str, seconds: float) -> None:
        """Remember a success; one that was too short to matter, or that cannot be written, is not."""
        if seconds < WORTH_KEEPING_S:
            return
        # A full disk costs an ETA, nothing else.
        with contextlib.suppress(OSError), self._locked():
            known = self._read()
            key = _key(cls, label)
            # At the end again: what is first in the file was not used for longest.
            known[key] = [*known.pop(key, []), round(seconds, 3)][-KEPT:]
            for old in list(known)[:-_COMMANDS]:
                del known[old]
            replace_file(self._path, json.dumps(known).encode())

    def _read(self) -> dict[str, list[float]]:
        try:
            values = json.loads(self._path.read_bytes())
            return {str(key): [float(value) for value in row] for key, row in values.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)


def _key(cls: str, label: str) -> str:
    return f"{cls} {label}"
