"""The log of one process: a file a day in the state directory, 7 kept, known secrets replaced by ***."""

import logging
import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import TracebackType

from synk.base.errors import SynkError
from synk.base.paths import make_private

FILES_KEPT = 7
"""One per day; 04-persistence.md, section 1."""

MASK = "***"

SHORTEST_SECRET = 4
"""Shorter texts are not masked: they turn up inside ordinary words."""


class Redaction:
    """The secrets that must not be logged. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: tuple[str, ...] = ()

    def learn(self, secrets: Iterable[str]) -> None:
        """Mask these from now on, in addition to those known."""
        with self._lock:
            known = {*self._secrets, *(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)}
            # Longest first: a secret may be part of another one.
            self._secrets = tuple(sorted(known, key=len, reverse=True))

    def masked(self, text: str) -> str:
        """`text` with every known secret replaced."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text


class DailyFile(logging.Handler):
    """Appends to `NAME.log`; on the first record of a new day the old file becomes `NAME.YYYY-MM-DD.log`.

    Not the standard library's handler: several processes may write one file (lines are appended whole, the
    first process of a day renames, the others open anew), it is private, and it never raises.
    """

    def __init__(self, directory: Path, name: str, redaction: Redaction) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(process)d %(threadName)s %(name)s: %(message)s"))
        self._path = directory / f"{name}.log"
        self._redaction = redaction
        self._fd = -1
        self._day = date.min

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; logging calls it with the handler's lock held. A full disk loses the record, nothing else."""
        try:
            line = self._redaction.masked(self.format(record)) + "\n"
            self._follow_day(date.fromtimestamp(record.created))
            if self._fd >= 0:
                os.write(self._fd, line.encode("utf-8", "backslashreplace"))
        except OSError:
            self._close_file()
        except Exception:
            # Bad arguments of a log call: a bug worth seeing while developing, never worth a crash.
            self.handleError(record)

    def close(self) -> None:
        """Close the file."""
        self._close_file()
        super().close()

    def _follow_day(self, day: date) -> None:
        if self._fd >= 0 and day == self._day:
            return
        self._close_file()
        self._rotate(day)
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._day = day

    def _rotate(self, day: date) -> None:
        stem = self._path.stem
        with suppress(FileNotFoundError):  # no log yet, or another process was first
            written = date.fromtimestamp(self._path.stat().st_mtime)
            kept = self._path.with_name(f"{stem}.{written.isoformat()}.log")
            if written < day and not kept.exists():
                self._path.rename(kept)
        old = sorted(self._path.parent.glob(f"{stem}.????-??-??.log"))
        for path in old[: max(0, len(old) - (FILES_KEPT - 1))]:
            path.unlink(missing_ok=True)

    def _close_file(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class ProcessLog:
    """Sends everything this process logs to one place until `close`; one per process, made before other threads start.

    Exceptions that reach the top of a thread are logged, too. Without a usable directory the start goes on
    and errors go to stderr only.
    """

    def __init__(self, directory: Path, *, name: str = "synk", debug: bool = False) -> None:
        self.redaction = Redaction()
        """Knows what must not be logged; `redaction.learn` adds to it."""
        self.problem = _why_unusable(directory)
        """Why nothing is kept, for the user to read; "" if it is."""
        self._handler: logging.Handler
        if self.problem:
            self._handler = logging.StreamHandler(sys.stderr)
            self._handler.setLevel(logging.ERROR)
        else:
            self._handler = DailyFile(directory, name, self.redaction)
        root = logging.getLogger()
        self._level_before = root.level
        root.setLevel(logging.DEBUG if debug else logging.INFO)
        root.addHandler(self._handler)
        self._hooks_before = (sys.excepthook, threading.excepthook)
        sys.excepthook = _log_exception
        threading.excepthook = _log_thread_exception

    def close(self) -> None:
        """Close the file, and put logging and the exception hooks back as they were."""
        root = logging.getLogger()
        root.removeHandler(self._handler)
        root.setLevel(self._level_before)
        self._handler.close()
        sys.excepthook, threading.excepthook = self._hooks_before


def _why_unusable(directory: Path) -> str:
    try:
        make_private(directory)
    except SynkError as error:
        return f"{error.message}. The log is not kept."
    if not os.access(directory, os.W_OK | os.X_OK):
        return f"The folder {directory} cannot be written. The log is not kept."
    return ""


def _log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("synk").critical("an exception reached the top", exc_info=(kind, error, trace))


def _log_thread_exception(details: threading.ExceptHookArgs) -> None:
    if details.exc_value is not None:
        _log_exception(details.exc_type, details.exc_value, details.exc_traceback)
