"""Where notices end up: the history, toasts, the desktop; and how the user gets from them to their cause."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from synk.actions.ports import Question
from synk.base.events import Hub, NoticeRaised
from synk.sessions.notices import Notice, Notices, NoticesChanged, kind_of
from synk.sessions.session import Session
from synk.ui.cards import CardStack
from synk.ui.notices.history_card import HistoryCard
from synk.ui.notices.history_list import HistoryRow
from synk.ui.notices.toasts import ToastStack
from synk.ui.theme import Theme


class Desktop(Protocol):
    """The desktop's own notifications. No call waits."""

    def show(self, notice: Notice) -> None:
        """Show it, in the place of an earlier one of the same id."""

    def withdraw(self) -> None:
        """Take all of them back: the user looks at the window."""


class NoDesktop:
    """A desktop without notifications."""

    def show(self, notice: Notice) -> None: ...
    def withdraw(self) -> None: ...


@dataclass(frozen=True, slots=True)
class NoticeOptions:
    """What the settings say."""

    switches: Mapping[str, bool] = field(default_factory=dict)
    """By the id of the kind whether it is shown as a toast; a kind that is not named has its default."""
    to_desktop: bool = True

    def is_on(self, event: str) -> bool:
        """Whether this kind is shown; what has no kind always is."""
        kind = kind_of(event)
        return kind is None or self.switches.get(event, kind.is_on)


class NoticeBoard:
    """Takes every notice of the hub. GUI thread; no call waits."""

    def __init__(
        self,
        theme: Theme,
        *,
        hub: Hub,
        notices: Notices,
        toasts: ToastStack,
        cards: CardStack,
        session: Callable[[int | None], Session | None],
        is_active: Callable[[], bool],
        is_typed_into: Callable[[Session], bool],
        run: Callable[[str], None],
        ask: Callable[[Question, Callable[[], object]], None],
    ) -> None:
        """`session(id)`: the open session, if it is open; `is_active()`: the window has the keyboard.

        `is_typed_into(session)`: the user types into it at this moment; `run(line)`: a command line.
        """
        self._theme = theme
        self._hub = hub
        self._notices = notices
        self._toasts = toasts
        self._cards = cards
        self._session = session
        self._is_active = is_active
        self._is_typed_into = is_typed_into
        self._run = run
        self._ask = ask
        self._card: HistoryCard | None = None
        self._fresh: set[int] = set()
        """Ids of what was unread when the history was opened, or came since: marked for as long as it is open."""
        self.options = NoticeOptions()
        """Follow the settings."""
        self.desktop: Desktop = NoDesktop()
        """Given once there is one."""
        toasts.chosen.connect(self._go)
        hub.subscribe(NoticeRaised, self._raised)

    @property
    def unread(self) -> int:
        """What the bell shows."""
        return self._notices.unread

    def window_activated(self) -> None:
        """The user looks at the window: what the desktop still shows is no news."""
        if self._is_active():
            self.desktop.withdraw()

    def toggle_history(self) -> None:
        """Open the history, or close it; opening it makes all entries read."""
        if self._card is not None:
            self._card.cancel()
            return
        card = HistoryCard(self._theme, on_go=self.go_to, on_clear=self._ask_to_clear)
        card.finished.connect(self._closed)
        self._card = card
        self._fresh = {notice.id for notice in self._notices.entries if not notice.is_read}
        card.show_rows(self._rows())
        self._toasts.close_all()
        self._cards.open(card)
        if self._notices.mark_read():
            self._tell()

    def clear(self) -> int:
        """Forget all entries; how many there were."""
        count = len(self._notices.entries)
        self._notices.clear()
        self._tell()
        return count

    def go_to(self, number: int) -> None:
        """Go to the cause of an entry, also in another tab; nothing happens if it is gone."""
        notice = next((notice for notice in self._notices.entries if notice.id == number), None)
        if notice is not None:
            self._follow(notice.command, notice.session)

    def loaded(self) -> None:
        """The entries of earlier windows are there."""
        self._tell()

    def _raised(self, raised: NoticeRaised) -> None:
        session = self._session(raised.session)
        project = raised.project or (session.project if session is not None else None)
        kind = kind_of(raised.event)
        # Who types into it sees it wait: a toast over the very question would only be in the way.
        is_seen = raised.event == "session.waits" and session is not None and self._is_typed_into(session)
        notice = self._notices.add(raised, project=project, is_read=self._card is not None or is_seen)
        if self._card is not None:
            self._fresh.add(notice.id)
            # It is read in the list below; an error stays until it is closed, wherever the user looks.
            is_seen = is_seen or raised.level != "error"
        if self.options.is_on(raised.event) and not is_seen:
            self._toasts.add(raised, key=notice.id)
            if kind is not None and kind.goes_to_desktop and self.options.to_desktop and not self._is_active():
                self.desktop.show(notice)
        self._tell()

    def _tell(self) -> None:
        if self._card is not None:
            self._card.show_rows(self._rows())
        self._hub.publish(NoticesChanged(self._notices.unread))

    def _rows(self) -> list[HistoryRow]:
        return [self._row(notice) for notice in self._notices.entries]

    def _row(self, notice: Notice) -> HistoryRow:
        place = os.path.basename(notice.project or "") or (notice.project or "")
        can_go = bool(notice.command) or self._session(notice.session) is not None
        return HistoryRow(
            id=notice.id, level=notice.level, title=notice.title, body=notice.body, place=place, at=notice.at,
            count=notice.count, is_unread=notice.id in self._fresh, can_go=can_go,
        )  # fmt: skip

    def _go(self, raised: NoticeRaised) -> None:
        self._follow(raised.command, raised.session)

    def _follow(self, command: str, session: int | None) -> None:
        if command:
            self._run(command)
        elif self._session(session) is not None:
            self._run(f"pane.select session:{session}")

    def _ask_to_clear(self) -> None:
        count = len(self._notices.entries)
        what = "the notification" if count == 1 else f"all {count} notifications"
        question = Question(f"Clear {what}?", "They cannot be brought back.", confirm="Clear", keep="Keep")
        self._ask(question, self.clear)

    def _closed(self) -> None:
        self._card = None
