"""All runs of the profile: their numbers, their folders below `runs/`, and which of the old ones may stay on disk."""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from synk.base.errors import NoSuchTarget, NotAllowed, UsageError
from synk.base.spool import FREE_BYTES, RUN_BYTES, SpoolReader, SpoolWriter, lock_folder
from synk.base.wire import Message
from synk.host.runs.run import Change, Run

log = logging.getLogger(__name__)

RECORD = "record.json"
NUMBERS_AT_ONCE = 64
"""Written down in blocks, so that a run needs no file for its number; a restart leaves a hole of at most this many."""
STORE_AFTER_S = 0.05
"""A run that still goes on then gets a record on disk; most are over, and need only the last one."""
RECORDS_IN_MEMORY = 64
"""Ended runs whose record is kept in memory; those before are read from their folder."""
CLEAN_AFTER_S = 60.0
"""Old runs are looked for this long after the host started, then each time this many seconds have passed with runs in them."""
CLEAN_BYTES = 64 << 20
"""They are looked for at once when this much was written since, or an eighth of the quota."""
CLEAN_LEAST_BYTES = 1 << 20
"""However small the quota is."""
SLICE_S = 0.005
"""Cleaning takes the loop at most so long at a stretch, and then rests as long."""


@dataclass(slots=True)
class RunSettings:
    """The settings `automation.*` that concern runs."""

    max_runs: int = 64
    run_quota_bytes: int = RUN_BYTES
    all_runs_quota_bytes: int = 2 << 30
    retention_days: float = 7.0
    free_bytes: int = FREE_BYTES


class RunRegistry:
    """Makes runs and finds them again; the main loop only. Runs of earlier hosts are known by their folders."""

    def __init__(self, loop: asyncio.AbstractEventLoop, state: str, *, on_problem: Callable[[str], None]) -> None:
        """`on_problem` gets a text once when output cannot be kept for want of disk."""
        self._loop = loop
        self._on_problem = on_problem
        self._root = os.path.join(state, "runs")
        self._next = self._reserved = 0
        self._live: dict[str, Run] = {}
        self._ended: dict[str, Message] = {}
        """Records, oldest first."""
        self._usage: dict[str, tuple[int, float]] = {}
        """Of ended runs, as far as it was looked at: bytes on disk, and when they were written last."""
        self._is_problem_told = False
        self._written_since = 0
        self._clean_timer: asyncio.TimerHandle | None = None
        self.settings = RunSettings()

    def create(
        self,
        *,
        kind: str,
        command: str,
        owner: str,
        cwd: str,
        class_name: str = "generic",
        normal_codes: tuple[int, ...] = (0,),
    ) -> Run:
        """A new run with its folder, running; there is no process yet.

        Raises:
            NotAllowed: `max_runs` are running.
        """
        if len(self._live) >= self.settings.max_runs:
            raise NotAllowed(
                f"{len(self._live)} runs are going on, and automation.max_runs is {self.settings.max_runs}: stop one, or wait."
            )
        number = self._number()
        spool = SpoolWriter(
            os.path.join(self._root, number),
            quota_bytes=self.settings.run_quota_bytes,
            free_bytes=self.settings.free_bytes,
        )
        run = Run(number, kind, command, owner, cwd, spool, class_name, normal_codes)
        self._live[run.id] = run
        run.watch(self._changed)
        self._loop.call_later(STORE_AFTER_S, self._store_running, run)
        self._schedule_cleaning()
        return run

    @property
    def live(self) -> tuple[Run, ...]:
        """Runs that are not over, oldest first."""
        return tuple(self._live.values())

    def get(self, number: object) -> Run:
        """A run that is not over.

        Raises:
            NoSuchTarget: "No run r99", or that it is over.
        """
        run = self._live.get(str(number))
        if run is None:
            record = self.record(number)
            raise NoSuchTarget(f"Run {number} is over: {record['status']}")
        return run

    def find(self, number: object) -> Run | None:
        """The run if it is not over."""
        return self._live.get(str(number))

    def record(self, number: object) -> Message:
        """The record of a run, live or ended.

        Raises:
            NoSuchTarget: "No run r99".
        """
        name = str(number)
        run = self._live.get(name)
        if run is not None:
            return run.record()
        record = self._ended.get(name) or (self._load(name) if _number_of(name) else None)
        if record is None:
            raise NoSuchTarget(f"No run {name}")
        return record

    def records(self) -> Iterator[Message]:
        """Of all runs that are kept, newest first; those of earlier hosts are read from disk as they are asked for."""
        for name in sorted({*self._folders(), *self._live}, key=_number_of, reverse=True):
            with contextlib.suppress(NoSuchTarget):
                yield self.record(name)

    def prune(self, done: Callable[[int], None], *, everything: bool) -> None:
        """Remove ended runs by the quotas, or all of them, a few at a time; `done` gets how many went."""
        self._in_slices(self._remove_all() if everything else self._clean(), done)

    def forget(self, number: object) -> int:
        """Remove one ended run; 0 if somebody is just reading it, else 1.

        Raises:
            NoSuchTarget: "No run r99".
            UsageError: it is not over.
        """
        name = str(number)
        self.record(name)
        if name in self._live:
            raise UsageError(f"Run {name} is not over")
        return self._remove(name)

    def close(self) -> None:
        """The host ends: no timer stays."""
        if self._clean_timer is not None:
            self._clean_timer.cancel()
            self._clean_timer = None

    def _number(self) -> str:
        if self._next >= self._reserved:
            self._reserve()
        self._next += 1
        return f"r{self._next}"

    def _reserve(self) -> None:
        """Numbers nobody has used: also not those of folders that are there although the counter was lost."""
        path = os.path.join(self._root, "next")
        os.makedirs(self._root, mode=0o700, exist_ok=True)
        known = self._next
        if not known:
            with contextlib.suppress(OSError, ValueError), open(path, encoding="ascii") as file:
                known = int(file.read())
            known = max([known, *map(_number_of, self._folders())])
        self._next, self._reserved = known, known + NUMBERS_AT_ONCE
        try:
            _write(path, str(self._reserved))
        except OSError as error:
            log.warning("%s: %s", path, error)

    def _changed(self, run: Run, change: Change) -> None:
        if change == "exit":
            del self._live[run.id]
            self._ended[run.id] = run.record()
            # After the answers to those who wait for it.
            self._loop.call_soon(self._store, run)
            if len(self._ended) > RECORDS_IN_MEMORY:
                del self._ended[next(iter(self._ended))]
            self._written_since += run.spool.disk_bytes
            if self._written_since > max(CLEAN_LEAST_BYTES, min(CLEAN_BYTES, self.settings.all_runs_quota_bytes // 8)):
                self._schedule_cleaning(0.0)
        elif run.spool.problem:
            if not self._is_problem_told:
                self._is_problem_told = True
                log.warning("%s", run.spool.problem)
                self._on_problem(run.spool.problem)
        elif self._is_problem_told and change == "output":
            self._is_problem_told = False

    def _store_running(self, run: Run) -> None:
        if not run.is_over:
            self._store(run)

    def _store(self, run: Run) -> None:
        """Write the record beside the spool: a later host, or one after a crash, knows how it ended."""
        record = run.record()
        try:
            _write(run.file(RECORD), json.dumps(record, separators=(",", ":")))
        except (OSError, ValueError) as error:
            log.warning("record of %s: %s", run.id, error)

    def _load(self, name: str) -> Message | None:
        """A record from disk; a run that had not ended when its host died ended with it."""
        folder = os.path.join(self._root, name)
        try:
            with open(os.path.join(folder, RECORD), encoding="utf-8") as file:
                record: Any = json.load(file)
        except (OSError, ValueError):
            return None
        if not isinstance(record, dict) or record.get("run") != name:
            return None
        if record.get("status") in ("running", "awaiting_input", "ready"):
            sizes = {stream: {**record.get(stream, {}), "bytes": _size(folder, stream)} for stream in ("out", "err")}
            record = {**record, **sizes, "status": "crashed", "reason": "host_lost", "waiting": None}
        return {**record, "folder": folder}

    def _folders(self) -> list[str]:
        try:
            return [name for name in os.listdir(self._root) if _number_of(name)]
        except OSError:
            return []

    def _schedule_cleaning(self, after_s: float = CLEAN_AFTER_S) -> None:
        if self._clean_timer is not None and after_s:
            return
        if self._clean_timer is not None:
            self._clean_timer.cancel()
        self._clean_timer = self._loop.call_later(after_s, self._clean_now)

    def _clean_now(self) -> None:
        self._clean_timer = None
        self._written_since = 0

        def done(count: int) -> None:
            if count:
                log.info("%d old runs removed", count)

        self.prune(done, everything=False)

    def _in_slices(self, steps: Iterator[int], done: Callable[[int], None], count: int = 0) -> None:
        """Run a long work on the disk without keeping the loop: thousands of runs may be kept."""
        until = time.monotonic() + SLICE_S
        for step in steps:
            count += step
            if time.monotonic() > until:
                self._loop.call_later(SLICE_S, self._in_slices, steps, done, count)
                return
        done(count)

    def _remove_all(self) -> Iterator[int]:
        for name in self._folders():
            if name not in self._live:
                yield self._remove(name)

    def _clean(self) -> Iterator[int]:
        """Too old ones, then the oldest until all fit. Yields 1 for each that went."""
        names = [name for name in sorted(self._folders(), key=_number_of) if name not in self._live]
        for name in names:
            if name not in self._usage:
                self._usage[name] = _usage(os.path.join(self._root, name))
            yield 0
        limit = time.time() - self.settings.retention_days * 86400
        total = sum(self._usage[name][0] for name in names if name in self._usage)
        total += sum(run.spool.disk_bytes for run in self._live.values())
        for name in names:
            size, changed_at = self._usage.get(name, (0, limit))
            if changed_at < limit or total > self.settings.all_runs_quota_bytes:
                gone = self._remove(name)
                total -= size * gone
                yield gone

    def _remove(self, name: str) -> int:
        """1, or 0 if somebody is just reading it."""
        folder = os.path.join(self._root, name)
        lock = lock_folder(folder, fcntl.LOCK_EX)
        if lock < 0 and os.path.isdir(folder):
            return 0
        self._ended.pop(name, None)
        self._usage.pop(name, None)
        shutil.rmtree(folder, ignore_errors=True)
        if lock >= 0:
            os.close(lock)
        return 1


def _number_of(name: str) -> int:
    """12 of `r12`; 0 if it is no name of a run."""
    return int(name[1:]) if name[:1] == "r" and name[1:].isascii() and name[1:].isdigit() else 0


def _usage(folder: str) -> tuple[int, float]:
    """Bytes on disk of a run's folder, and when it was last written to."""
    size, changed_at = 0, 0.0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            size += status.st_blocks * 512
            changed_at = max(changed_at, status.st_mtime)
    return size, changed_at


def _size(folder: str, stream: str) -> int:
    with SpoolReader(folder) as reader:
        return reader.size(stream)


def _write(path: str, text: str) -> None:
    """Replace a file's content; 0600, never through a link."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        file.write(text)
