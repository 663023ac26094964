"""The history of notices as a card: read it, go to a cause, or clear it."""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer

from synk.base.keypress import KeyPress
from synk.ui.card import Card
from synk.ui.notices.history_list import HistoryList, HistoryRow
from synk.ui.questions import Footer
from synk.ui.theme import Theme

AGES_MS = 30_000
"""Ages are told in whole minutes."""


class HistoryCard(Card):
    """Newest first. Enter goes to the cause, Delete clears all, Esc or `a` closes."""

    def __init__(
        self,
        theme: Theme,
        *,
        on_go: Callable[[int], object],
        on_clear: Callable[[], object],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`on_go` gets the id of an entry whose cause can be gone to; `now()`: Unix time in seconds."""
        super().__init__(theme, "Notifications", width=theme.sizes.overlay_width)
        self._on_go = on_go
        self._on_clear = on_clear
        self.list = HistoryList(theme, now=now)
        """The entries."""
        self.list.chosen.connect(self._go)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(Footer(theme, (("Enter", "go there"), ("Del", "clear all"), ("Esc", "close"))))
        self._ages = QTimer(self)
        self._ages.setInterval(AGES_MS)
        self._ages.timeout.connect(self.list.viewport().update)
        self._ages.start()

    def show_rows(self, rows: Sequence[HistoryRow]) -> None:
        """Newest first; also while it is open."""
        self.list.show_rows(rows)

    def fit(self, width: int, height: int) -> None:
        """As high as its entries, at least half of what the theme says and at most all of it, if the room allows."""
        size = self.theme.sizes
        others = self.column.sizeHint().height() - self.list.sizeHint().height()
        wanted = min(max(others + self.list.wanted_height, size.overlay_height // 2), size.overlay_height)
        self.setFixedSize(min(size.overlay_width, width), min(wanted, height))

    def take_key(self, press: KeyPress) -> bool:
        """Choose, go, clear or close."""
        name = press.name.removeprefix("kp_")
        if press.ctrl or press.alt or press.super_:
            return False
        page, last = self.list.rows_per_page(), len(self.list.rows) - 1
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "pagedown": page, "home": -last, "end": last}
        if name in steps:
            self.list.choose(self.list.index + steps[name])
        elif name == "enter" and not press.repeat:
            self._go(self.list.index)
        elif name == "delete" and not press.repeat and self.list.rows:
            self._on_clear()
        elif name == "a" and not press.repeat:
            self.cancel()
        else:
            return False
        return True

    def _go(self, index: int) -> None:
        if index < len(self.list.rows) and self.list.rows[index].can_go:
            number = self.list.rows[index].id
            self.finished.emit()
            self._on_go(number)
