"""The profile's database `state.db`: one writer thread, readers anywhere, migrations forward, and a copy before each.

SQLite in WAL mode: readers never wait for the writer, and a process that is killed loses nothing it was told is written
(04-persistence.md, sections 4 and 10). The only importer of sqlite3.
"""

import contextlib
import logging
import os
import queue
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

from synk.base.errors import SynkError
from synk.storage.salvage import salvage
from synk.storage.texts import TextConnection

log = logging.getLogger(__name__)

BUSY_MS = 5000
"""Another program has the database locked: so long it is tried again."""
CLOSE_LIMIT_S = 6.0
"""A little more than one change waits for a lock."""
COPIES_KEPT = 3
"""Copies from before migrations."""
CHECKED_BYTES = 16 * 1024 * 1024
"""A larger file is not looked through at the start: 1.3 ms per MB, and a full profile has 1 MB."""
_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

T = TypeVar("T")
Step = Callable[[sqlite3.Connection], None]
"""One migration: from version n to n + 1, within a transaction."""
Write = Callable[[sqlite3.Connection], T]
"""Runs on the writer thread, within a transaction of its own."""


class StorageFailed(SynkError):
    """The change is not stored: disk full, database locked, or no database."""

    kind = "storage"


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of opening the file, for the user to read."""

    problem: str = ""
    """Empty if all is well."""
    is_stored: bool = True
    """False: everything is in memory only and gone at the end."""
    is_new: bool = False
    """There was no file yet."""


class _Reader:
    """The connection of one thread, closed with the thread; a bare connection is a cycle and would wait for the collector."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()


class _Damaged(Exception):
    """Pages of the file do not hold what they should."""


@dataclass(slots=True)
class _Job:
    write: Callable[[sqlite3.Connection], Any]
    is_durable: bool
    future: "Future[Any]"


class Database:
    """The open database; owns the thread `synk-db`. `close` ends it."""

    def __init__(self, path: Path | None, steps: Sequence[Step], *, now: Callable[[], float] = time.time) -> None:
        """Open, migrate, repair. `steps[n]` leads from version n to n + 1. Blocks: some ms, longer for a repair.

        Without a path everything stays in memory, as wanted. Never raises for what is wrong with the file: `opened` says it.
        """
        self._path = path if path is not None else Path()
        self._steps = tuple(steps)
        self._now = now
        self._source = str(path)
        self._is_uri = False
        self.opened = self._open() if path is not None else self._in_memory("")
        self._readers = threading.local()
        self._all_readers: WeakSet[_Reader] = WeakSet()
        self._lock = threading.Lock()
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="synk-db", daemon=True)
        self._thread.start()

    def write(self, change: Write[T], *, is_durable: bool = False) -> "Future[T]":
        """Queue a change; the future has its result once it is committed. Any thread, never waits.

        `is_durable`: synced to disk before it counts as committed (reviews, trash); else a power cut may take the last
        moments, a killed process never. The future's exception is `StorageFailed` if it could not be stored.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._is_closed:
                future.set_exception(StorageFailed("The database is closed."))
            else:
                self._jobs.put(_Job(change, is_durable, future))
        return future

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Ask the database from the calling thread, which has a connection of its own; sees all that was committed.

        Raises:
            StorageFailed: the file cannot be read.
        """
        try:
            return query(self._reader())
        except sqlite3.Error as error:
            raise StorageFailed(f"{self._path} cannot be read: {error}") from error

    def backup(self, target: Path) -> None:
        """Write a consistent copy to `target`, while others write on. Blocks.

        Raises:
            StorageFailed: the copy could not be written.
        """
        try:
            with contextlib.closing(sqlite3.connect(target)) as copy:
                self.read(lambda connection: connection.backup(copy))
        except sqlite3.Error as error:
            raise StorageFailed(f"No backup at {target}: {error}") from error

    def close(self) -> None:
        """Write what is queued, end the thread, close every connection; gives up on a file that is locked for too long."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._jobs.put(None)
        self._thread.join(CLOSE_LIMIT_S)
        if self._thread.is_alive():
            log.error("%s is locked: %d changes are not stored", self._path, self._jobs.qsize())
            return
        for reader in tuple(self._all_readers):
            reader.connection.close()
        self._writer.close()

    def _open(self) -> Opened:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return self._prepare()
        except _Damaged:
            return self._repaired()
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _CORRUPT:
                return self._in_memory(f"{self._path} cannot be used: {error}. Nothing is remembered this time.")
            return self._repaired()
        except OSError as error:
            return self._in_memory(f"{self._path} cannot be used: {error.strerror}. Nothing is remembered this time.")

    def _prepare(self) -> Opened:
        is_new = not self._path.exists()
        connection = self._connect()
        try:
            if is_new:
                os.chmod(self._path, 0o600)
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            # Also finds out whether the file is one: so far only its first page was looked at.
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if version <= len(self._steps) and self._path.stat().st_size <= CHECKED_BYTES:
                _check(connection)
            problem = self._migrate(connection, version)
        except BaseException:
            connection.close()
            raise
        if problem:
            connection.close()
            return self._in_memory(problem)
        self._writer = connection
        return Opened(is_new=is_new)

    def _migrate(self, connection: sqlite3.Connection, version: int) -> str:
        """Why the file cannot be used, "" if it can; it is as it was then."""
        if version > len(self._steps):
            newer = f"{self._path} was written by a newer Synk (version {version}, this one knows {len(self._steps)})."
            return f"{newer} It is left untouched, and nothing is remembered this time."
        if 0 < version < len(self._steps):
            self._copy_before(connection, version)
        for number in range(version, len(self._steps)):
            try:
                connection.execute("BEGIN IMMEDIATE")
                self._steps[number](connection)
                connection.execute(f"PRAGMA user_version={number + 1}")
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                connection.rollback()
                log.exception("migration step %d failed", number)
                self._put_back(connection, version)
                what = f"{self._path}: step {number} to {number + 1} failed: {error}."
                return f"{what} The database is as it was before, and nothing is remembered this time."
        return ""

    def _copy_before(self, connection: sqlite3.Connection, version: int) -> None:
        with contextlib.closing(sqlite3.connect(self._copy(version))) as target:
            connection.backup(target)
        copies = sorted(self._path.parent.glob(f"{self._path.name}.before-*"), key=lambda path: path.stat().st_mtime)
        for old in copies[:-COPIES_KEPT]:
            old.unlink(missing_ok=True)

    def _copy(self, version: int) -> Path:
        return self._path.with_name(f"{self._path.name}.before-{version}")

    def _put_back(self, connection: sqlite3.Connection, version: int) -> None:
        """Earlier steps of the same start may be committed: the copy has the database as it was before all of them."""
        connection.close()
        if self._copy(version).exists():
            self._forget_log()
            temporary = self._path.with_name(f"{self._path.name}.new")
            shutil.copyfile(self._copy(version), temporary)
            os.replace(temporary, self._path)

    def _forget_log(self) -> None:
        """The write-ahead log and its index belong to a file that is not there any more."""
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _repaired(self) -> Opened:
        """Keep the damaged file under another name, and take over what can be read of it."""
        when = time.strftime("%Y-%m-%d-%H%M%S", time.localtime(self._now()))
        damaged = self._path.with_name(f"{self._path.name}.damaged-{when}")
        os.replace(self._path, damaged)
        log_file = self._path.with_name(f"{self._path.name}-wal")
        if log_file.exists():  # the last changes are in there, and perhaps nowhere else
            os.replace(log_file, damaged.with_name(f"{damaged.name}-wal"))
        self._forget_log()
        opened = self._prepare()
        if not opened.is_stored:
            return opened
        rows = salvage(damaged, self._writer)
        return Opened(f"{self._path} was damaged: {rows} rows could be kept in a new one. The old file is {damaged}.")

    def _in_memory(self, problem: str) -> Opened:
        if problem:
            log.error("%s", problem)
        # Shared by name, so that readers see it too; the writer keeps it alive.
        self._source, self._is_uri = f"file:synk-{id(self)}?mode=memory&cache=shared", True
        connection = self._connect()
        for step in self._steps:
            # The step that failed on the file may fail here too; what can be remembered is.
            with contextlib.suppress(sqlite3.Error):
                step(connection)
        self._writer = connection
        return Opened(problem, is_stored=False)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._source,
            uri=self._is_uri,
            timeout=BUSY_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
            factory=TextConnection,
        )
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.Error:  # the file is no database
            connection.close()
            raise
        return connection

    def _reader(self) -> sqlite3.Connection:
        reader: _Reader | None = getattr(self._readers, "reader", None)
        if reader is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only=ON")
            if self._is_uri:
                # In memory there is no log to read from meanwhile: without this a reader fails while another one writes.
                connection.execute("PRAGMA read_uncommitted=ON")
            reader = self._readers.reader = _Reader(connection)
            with self._lock:
                self._all_readers.add(reader)
        return reader.connection

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.future.set_running_or_notify_cancel():
                self._carry_out(job)

    def _carry_out(self, job: _Job) -> None:
        try:
            if job.is_durable:
                self._writer.execute("PRAGMA synchronous=FULL")
            self._writer.execute("BEGIN IMMEDIATE")
            result = job.write(self._writer)
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            job.future.set_exception(StorageFailed(f"{self._path} could not be written: {error}."))
        except Exception as error:  # a mistake in a change must not end the thread that all others need
            self._roll_back()
            job.future.set_exception(error)
        else:
            job.future.set_result(result)
        finally:
            if job.is_durable:
                with contextlib.suppress(sqlite3.Error):
                    self._writer.execute("PRAGMA synchronous=NORMAL")

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")


def _check(connection: sqlite3.Connection) -> None:
    """Look through all pages; raises `_Damaged` for what only a read of that very table would have met."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _Damaged(found)


def copy_database(source: Path, target: Path) -> None:
    """Write a consistent copy of a database of any version, also while a window writes to it. Blocks.

    Raises:
        StorageFailed: there is none, it cannot be read, or the copy cannot be written.
    """
    try:
        # Not read-only: a database in WAL mode is read through an index that may have to be made first.
        address = f"{source.absolute().as_uri()}?mode=rw"
        with (
            contextlib.closing(sqlite3.connect(address, uri=True, timeout=BUSY_MS / 1000)) as opened,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            opened.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StorageFailed(f"{source} cannot be copied to {target}: {error}") from error
