"""What Synk remembers between starts, by subject: the one object through which the rest of the program uses `state.db`.

Writes only queue and return at once; each returns a future for whoever wants to know. Reads ask the database on the calling
thread: in a job, or at the start before the first paint.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from synk.storage import layouts, notices, projects, starts, statistics
from synk.storage.database import Database, StorageFailed, Write
from synk.storage.layouts import Layout
from synk.storage.notices import NotificationRecord
from synk.storage.projects import ProjectRecord, TabRecord
from synk.storage.starts import StartRecord
from synk.storage.statistics import SessionRecord, Totals

AUTOSAVE_DAYS = 7
"""So long a set of panes that was saved by itself can be loaded (04-persistence.md, section 8)."""
STARTS_DAYS = 30
_DAY_S = 86400.0
_WINDOW = "window"
_PARTS = "parts"
_TIPS = "tips"

T = TypeVar("T")


class Records:
    """The records of one profile; any thread."""

    def __init__(
        self, database: Database, *, on_problem: Callable[[str], None] = lambda _text: None, now: Callable[[], float] = time.time
    ) -> None:
        """`on_problem` is told, on the writer's thread, that a change was not stored: once until one is again."""
        self._database = database
        self._on_problem = on_problem
        self._now = now
        self._lock = threading.Lock()
        self._has_told = False
        self.start = 0
        """Id of this start of the program; 0 before `begin_start`."""

    @property
    def is_stored(self) -> bool:
        """False: everything is in memory only and gone at the end."""
        return self._database.opened.is_stored

    @property
    def is_new(self) -> bool:
        """Whether there was no database yet when this one was opened."""
        return self._database.opened.is_new

    @property
    def problem(self) -> str:
        """What was wrong with the file when it was opened, for the user to read; "" if nothing."""
        return self._database.opened.problem

    def close(self) -> None:
        """Write what is queued and close the file; gives up on one that stays locked."""
        self._database.close()

    def project_opened(self, path: str, name: str) -> "Future[None]":
        """A folder was opened as a project; `path` is resolved."""
        at = self._now()
        return self._write(lambda db: projects.put_project(db, path, name, at))

    def recent_projects(self, limit: int = 30) -> list[ProjectRecord]:
        """Pinned ones first, then newest first."""
        return self._database.read(lambda db: projects.recent_projects(db, limit))

    def forget_project(self, path: str) -> "Future[None]":
        """Take it off the list of recent ones; everything else about it stays."""
        return self._write(lambda db: projects.drop_project(db, path))

    def save_tabs(self, tabs: Sequence[TabRecord]) -> "Future[None]":
        """Remember the open tabs, left to right. A view state that is no JSON is an error of whoever put it there."""
        kept = tuple(tabs)
        return self._write(lambda db: projects.put_tabs(db, kept))

    def tabs(self) -> list[TabRecord]:
        """The tabs that were open, left to right."""
        return self._database.read(projects.all_tabs)

    def save_window(self, place: Mapping[str, Any]) -> "Future[None]":
        """Remember where the window is."""
        kept = dict(place)
        return self._write(lambda db: projects.put_fact(db, _WINDOW, kept))

    def save_parts(self, state: Mapping[str, Any]) -> "Future[None]":
        """Remember what the parts of the window are like in every tab: folded, open."""
        kept = dict(state)
        return self._write(lambda db: projects.put_fact(db, _PARTS, kept))

    def parts(self) -> dict[str, Any]:
        """What the parts of the window were like; {} at the first start."""
        return self._database.read(lambda db: projects.fact(db, _PARTS))

    def window(self) -> dict[str, Any]:
        """Where the window was; {} at the first start."""
        return self._database.read(lambda db: projects.fact(db, _WINDOW))

    def tips(self) -> list[str]:
        """Names of the tips the user has been shown."""
        return list(self._database.read(lambda db: projects.fact(db, _TIPS)))

    def tip_shown(self, name: str) -> "Future[None]":
        """The user has been shown this tip: never again."""
        return self._write(lambda db: projects.put_fact(db, _TIPS, {**projects.fact(db, _TIPS), name: True}))

    def begin_start(self, pid: int, boot_id: str, version: str) -> int:
        """Note that the program runs; returns the id of this start. Also forgets what has become too old."""
        now = self._now()
        with self._lock:
            number = self.start = max(int(now * 1_000_000), self.start + 1)
        start = StartRecord(number, now, pid, boot_id, version)

        def begin(db: Any) -> None:
            starts.put_start(db, start)
            starts.drop_old_starts(db, now - STARTS_DAYS * _DAY_S)
            layouts.drop_old_autosaves(db, now - AUTOSAVE_DAYS * _DAY_S)

        self._write(begin)
        return number

    def end_start(self, start: int) -> "Future[None]":
        """The program ends as the user wanted."""
        at = self._now()
        return self._write(lambda db: starts.put_end(db, start, at))

    def crashed_starts(self, is_running: Callable[[StartRecord], bool]) -> list[StartRecord]:
        """Other starts that ended unexpectedly and were not dismissed, newest first. `is_running`: its process is still there."""
        others = [start for start in self._database.read(starts.unclean_starts) if start.id != self.start]
        return [start for start in others if not is_running(start)]

    def dismiss_start(self, start: int) -> "Future[None]":
        """Never tell of this start again."""
        return self._write(lambda db: starts.put_dismissed(db, start))

    def save_layout(self, layout: Layout) -> "Future[None]":
        """Store a layout in place of the one of the same name; an autosave in place of this start's last one."""
        return self._write(lambda db: layouts.put_layout(db, layout), tells=layout.kind == "named")

    def autosave_holds(self, project: str) -> "Future[None]":
        """The project's panes are still as this start saved them last: they age from now on, and a crash came after this."""
        at, start = self._now(), self.start
        return self._write(lambda db: layouts.put_time(db, project, start, at), tells=False)

    def layouts(self, project: str | None = None) -> list[Layout]:
        """The layouts of one project, or all: named ones by name, then autosaves with panes, newest first."""
        found = self._database.read(lambda db: layouts.layouts_of(db, project))
        return [layout for layout in found if layout.kind == "named" or layout.panes]

    def layout(self, project: str, name: str) -> Layout | None:
        """The named layout; None if the project has none of that name."""
        return self._database.read(lambda db: layouts.named_layout(db, project, name))

    def last_autosave(self, project: str) -> Layout | None:
        """What the project had when it was last open; None if nothing is to be offered."""
        since = self._now() - AUTOSAVE_DAYS * _DAY_S
        return self._database.read(lambda db: layouts.last_autosave(db, project, since=since))

    def autosaves_of(self, start: int) -> list[Layout]:
        """What was open when that start of the program last saved, one layout per project the user has not seen to."""
        return self._database.read(lambda db: layouts.autosaves_of(db, start))

    def layout_settled(self, layout: Layout) -> "Future[None]":
        """The user opened an autosave again, or did not want to: it is not offered once more, but stays loadable."""
        return self._write(lambda db: layouts.put_settled(db, layout))

    def delete_layout(self, project: str, name: str) -> "Future[bool]":
        """Delete a named layout; the result is False if there was none."""
        return self._write(lambda db: layouts.drop_layout(db, project, name))

    def add_notification(self, record: NotificationRecord) -> "Future[None]":
        """Keep a notification; the oldest go when there are too many."""
        now = self._now()
        return self._write(lambda db: notices.put_notification(db, record, now))

    def count_again(self, id: int) -> "Future[None]":
        """The same notification came once more: it is unread, and of now."""
        at = self._now()
        return self._write(lambda db: notices.count_once_more(db, id, at))

    def notifications(self, limit: int = notices.KEPT_NOTIFICATIONS) -> list[NotificationRecord]:
        """Newest first."""
        return self._database.read(lambda db: notices.all_notifications(db, limit))

    def mark_read(self) -> "Future[None]":
        """The user has seen all notifications."""
        return self._write(notices.put_all_read)

    def clear_notifications(self) -> "Future[None]":
        """Forget all notifications."""
        return self._write(notices.drop_notifications)

    def add_line(self, text: str) -> "Future[None]":
        """Keep a line of the command bar."""
        return self._write(lambda db: notices.put_line(db, text))

    def lines(self, limit: int = notices.KEPT_LINES) -> list[str]:
        """The last lines, oldest first."""
        return list(self._database.read(lambda db: notices.last_lines(db, limit)))

    def session_opened(self, session: SessionRecord) -> "Future[None]":
        """A session began; one that is known is not counted twice."""
        day = self._today().isoformat()
        return self._write(lambda db: statistics.put_session(db, session, day))

    def session_ended(
        self, session: int, *, code: int | None = None, signal: int | None = None, worked_s: float = 0.0
    ) -> "Future[None]":
        """A session's program ended; `worked_s`: how long it worked since that was last noted."""
        at, day = self._now(), self._today().isoformat()
        return self._write(
            lambda db: statistics.put_session_end(
                db, session, at=at, code=code, signal=signal, worked_s=worked_s, day=day
            )
        )  # fmt: skip

    def task_done(self, project: str) -> "Future[None]":
        """Count a finished task."""
        day = self._today().isoformat()
        return self._write(lambda db: statistics.put_task_done(db, project, day))

    def add_cost(self, project: str, cost_usd: float) -> "Future[None]":
        """Add to what a project cost."""
        day = self._today().isoformat()
        return self._write(lambda db: statistics.put_cost(db, project, cost_usd, day))

    def totals(self, project: str | None = None) -> Totals:
        """The numbers of one project, or of all."""
        today = self._today()
        return self._database.read(lambda db: statistics.totals(db, project, today))

    def backup(self, target: Path) -> None:
        """Write a consistent copy while others write on. Blocks.

        Raises:
            StorageFailed: the copy could not be written.
        """
        self._database.backup(target)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._now()).date()

    def _write(self, change: Write[T], *, tells: bool = True) -> "Future[T]":
        future = self._database.write(change)
        future.add_done_callback(lambda done: self._note(done, tells=tells))
        return future

    def _note(self, done: "Future[Any]", *, tells: bool) -> None:
        """A disk that is full is told of once, not with every change that follows."""
        if done.cancelled():
            return
        problem = done.exception()
        with self._lock:
            is_news = isinstance(problem, StorageFailed) and tells and not self._has_told
            self._has_told = (self._has_told or is_news) if problem is not None else False
        if is_news and isinstance(problem, StorageFailed):
            self._on_problem(f"{problem.message} It is not remembered.")
