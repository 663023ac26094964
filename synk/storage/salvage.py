"""Takes over what can still be read of a damaged database."""

import contextlib
import logging
import sqlite3
from pathlib import Path

from synk.storage.texts import TextConnection

log = logging.getLogger(__name__)


def salvage(damaged: Path, target: sqlite3.Connection) -> int:
    """Copy every row that can be read into the tables of the same name; returns how many. Never raises for damage."""
    count = 0
    tables = [row[0] for row in target.execute("SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite%'")]
    target.execute("PRAGMA foreign_keys=OFF")
    try:
        with contextlib.closing(_opened(damaged)) as source:
            for table in tables:
                count += _table(source, target, table)
    except sqlite3.Error as error:
        log.warning("nothing more can be read of %s: %s", damaged, error)
    finally:
        target.execute("PRAGMA foreign_keys=ON")
        _tidy(damaged)
    return count


def _opened(damaged: Path) -> sqlite3.Connection:
    """The file with its write-ahead log, or as it stands if that cannot be read either."""
    address = f"{damaged.absolute().as_uri()}?mode=ro"
    source = sqlite3.connect(address, uri=True, factory=TextConnection)
    try:
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        source.close()
        return sqlite3.connect(f"{address}&immutable=1", uri=True, factory=TextConnection)
    return source


def _tidy(damaged: Path) -> None:
    """Reading has made an index of the log, and an empty log if there was none."""
    damaged.with_name(f"{damaged.name}-shm").unlink(missing_ok=True)
    log_file = damaged.with_name(f"{damaged.name}-wal")
    if log_file.exists() and not log_file.stat().st_size:
        log_file.unlink()


def _table(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> int:
    known = {row[1] for row in target.execute(f'PRAGMA table_info("{table}")')}
    count = 0
    try:
        columns = [row[1] for row in source.execute(f'PRAGMA table_info("{table}")') if row[1] in known]
        if not columns:
            return 0
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" for _ in columns)
        for row in source.execute(f'SELECT {names} FROM "{table}"'):
            with contextlib.suppress(sqlite3.IntegrityError):
                target.execute(f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({marks})', tuple(row))
                count += 1
    except sqlite3.DatabaseError as error:
        log.warning("table %s is damaged after %d rows: %s", table, count, error)
    return count
