"""The notices of a window: which kinds there are, which are one entry, and the history of the last 500."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from synk.base.events import Event, Level, NoticeRaised

MOST_KEPT = 500
KEPT_S = 30 * 86400.0
"""30 days."""
SAME_WITHIN_S = 10.0
"""The same event of one session again within this time is the same entry, counted."""


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """Something that can happen, as the table of 03-workspace.md, section 9 has it."""

    id: str
    """As in `NoticeRaised.event`."""
    title: str
    """What the switch in the settings says."""
    is_on: bool
    """Whether it is shown as a toast unless the settings say otherwise."""
    level: Level
    goes_to_desktop: bool = False
    """While the window is inactive the desktop shows it as well."""

    @property
    def setting(self) -> str:
        """Its switch, a key of the group `notifications`."""
        return self.id.replace(".", "_")


NOTICE_KINDS: tuple[NoticeKind, ...] = (
    NoticeKind("session.waits", "Session waits for you", True, "warning", goes_to_desktop=True),
    NoticeKind("agent.failed", "Agent failed or crashed", True, "error", goes_to_desktop=True),
    NoticeKind("agent.finished", "Agent finished, unseen", True, "info"),
    NoticeKind("pool.exhausted", "Pool exhausted, no session free", True, "warning"),
    NoticeKind("layout.restored", "Layout restored", True, "info"),
)
"""The kinds whose subject exists; a later part adds its row here and its switch in the settings."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One entry of the history."""

    id: int
    """Ascending with time."""
    event: str
    """Id of its kind, or ""."""
    level: Level
    title: str
    body: str
    session: int | None
    project: str | None
    """Path of the project it is about."""
    at: float
    """Unix time of the last occurrence, in seconds."""
    count: int = 1
    is_read: bool = False
    command: str = ""
    """What goes to the cause, of those that have another one than their session. Not kept over restarts."""


@dataclass(frozen=True, slots=True)
class NoticesChanged(Event):
    """The history has other entries, or the number of unread ones changed."""

    unread: int


class NoticeStore(Protocol):
    """Where the history is kept over restarts. No call waits."""

    def add(self, notice: Notice) -> None:
        """A new entry."""

    def change(self, notice: Notice) -> None:
        """It happened again: count, time and words of a known entry."""

    def mark_read(self) -> None:
        """All of them."""

    def clear(self) -> None:
        """Remove all of them."""


class Unkept:
    """A store that keeps nothing: `synk --safe`, and until the database is there."""

    def add(self, notice: Notice) -> None: ...
    def change(self, notice: Notice) -> None: ...
    def mark_read(self) -> None: ...
    def clear(self) -> None: ...


class Notices:
    """The history, newest first, and the number of unread entries. GUI thread."""

    def __init__(self, store: NoticeStore | None = None, *, now: Callable[[], float] = time.time) -> None:
        """`now()`: Unix time in seconds."""
        self._store: NoticeStore = store or Unkept()
        self._now = now
        self._entries: list[Notice] = []
        self._last_id = 0

    @property
    def entries(self) -> Sequence[Notice]:
        """Newest first."""
        return self._entries

    @property
    def unread(self) -> int:
        """How many the user has not seen in the history."""
        return sum(not notice.is_read for notice in self._entries)

    def load(self, kept: Sequence[Notice]) -> None:
        """What an earlier window left, in any order; what came meanwhile stays."""
        known = {notice.id for notice in self._entries}
        self._entries += [notice for notice in kept if notice.id not in known]
        self._entries.sort(key=lambda notice: (notice.at, notice.id), reverse=True)
        self._last_id = max([self._last_id, *(notice.id for notice in self._entries)])
        self._drop_old()

    def add(self, raised: NoticeRaised, *, project: str | None, is_read: bool = False) -> Notice:
        """Enter it into the history; the entry has a count above 1 if it is one that was there already.

        `project`: path of the project it is about.
        """
        now = self._now()
        for index, known in enumerate(self._entries):
            if now - known.at >= SAME_WITHIN_S:
                break
            if _is_same(known, raised):
                again = replace(
                    known, level=raised.level, title=raised.title, body=raised.body, at=now, count=known.count + 1,
                    is_read=is_read, command=raised.command,
                )  # fmt: skip
                del self._entries[index]
                self._entries.insert(0, again)
                self._store.change(again)
                return again
        # Microseconds since 1970: no two windows of a profile, one after the other, give the same number.
        self._last_id = max(self._last_id + 1, int(now * 1e6))
        notice = Notice(
            id=self._last_id, event=raised.event, level=raised.level, title=raised.title, body=raised.body,
            session=raised.session, project=project, at=now, is_read=is_read, command=raised.command,
        )  # fmt: skip
        self._entries.insert(0, notice)
        self._drop_old()
        self._store.add(notice)
        return notice

    def mark_read(self) -> bool:
        """The user looks at the history; False if nothing was unread."""
        if not self.unread:
            return False
        self._entries = [notice if notice.is_read else replace(notice, is_read=True) for notice in self._entries]
        self._store.mark_read()
        return True

    def clear(self) -> None:
        """Forget all of them, for good."""
        self._entries = []
        self._store.clear()

    def _drop_old(self) -> None:
        oldest = self._now() - KEPT_S
        self._entries = [notice for notice in self._entries[:MOST_KEPT] if notice.at > oldest]


def _is_same(known: Notice, raised: NoticeRaised) -> bool:
    if (known.event, known.session) != (raised.event, raised.session):
        return False
    is_one_of_a_session = bool(raised.event) and raised.session is not None
    return is_one_of_a_session or (known.level, known.title, known.body) == (raised.level, raised.title, raised.body)


def kind_of(event: str) -> NoticeKind | None:
    """The row of the table; None for "" and for kinds of another version."""
    return next((kind for kind in NOTICE_KINDS if kind.id == event), None)
