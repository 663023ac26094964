"""A search in one terminal while its bar is open: keeps the hits up to date and the current one in sight."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from PySide6.QtCore import QObject, QTimer

from synk.actions.ports import Step
from synk.sessions.session import Session
from synk.terminal.matching import PatternInvalid
from synk.terminal.search import Hit, Search
from synk.ui.overlays import Mark
from synk.ui.terminal.find_bar import FindBar
from synk.ui.theme import Theme, faded

BUDGET_S = 0.006
"""Time of one bite; a long scrollback takes several, with the event loop in between (target L8)."""
AFTER_OUTPUT_MS = 120
"""Hits in new output are looked for this long after it, not at each line of a flood."""


class Searched(Protocol):
    """What a search needs of the view it marks."""

    session: Session

    @property
    def first_line(self) -> int:
        """Absolute number of the line in the first row shown."""

    @property
    def rows_shown(self) -> int:
        """Rows that fit."""

    def show_line(self, line: int, *, below_rows: int) -> None:
        """Scroll so that a line is seen, at least that many rows below the top."""

    def update(self) -> None:
        """Paint again."""


class Finder(QObject):
    """Belongs to a view; without an open bar it costs nothing."""

    def __init__(self, view: Searched, bar: FindBar, theme: Theme, rows_under_bar: int = 3) -> None:
        """`rows_under_bar`: hits are shown below that many rows of the view, which the bar covers."""
        super().__init__(bar)
        self._view = view
        self.bar = bar
        self._rows_under_bar = rows_under_bar
        self._theme = theme
        self._search: Search | None = None
        self._is_new = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._refresh)
        bar.changed.connect(self._pattern_changed)

    @property
    def is_open(self) -> bool:
        """Whether the bar is there."""
        return not self.bar.isHidden()

    @property
    def hits(self) -> int:
        """Hits known so far."""
        return len(self._search) if self._search is not None else 0

    @property
    def current(self) -> Hit | None:
        """The hit that is marked stronger."""
        return self._search.current if self._search is not None else None

    def open(self, text: str = "") -> None:
        """Show the bar with the keyboard in it; `text` replaces what was searched last."""
        if text:
            self.bar.field.setText(text)
        elif not self.is_open:
            self._pattern_changed()
        self.bar.place()
        self.bar.show()
        self.bar.raise_()
        self.bar.field.selectAll()
        self.bar.field.setFocus()

    def close(self) -> None:
        """Take bar and marks away; the view stays where it is."""
        self._again.stop()
        self._search = None
        self.bar.hide()
        self._view.update()

    def move(self, step: Step) -> None:
        """Go to another hit, around the end if need be."""
        if self._search is not None:
            hit = self._search.next() if step == "next" else self._search.previous()
            self._show(hit)

    def output(self) -> None:
        """The program printed: look at what is new soon."""
        search = self._search
        if search is not None and not search.is_too_slow and self.is_open and not self._again.isActive():
            self._again.start(AFTER_OUTPUT_MS)

    def marks(self, first: int, last: int) -> Mapping[int, Iterable[Mark]]:
        """See `Overlay`."""
        found: dict[int, list[Mark]] = {}
        if self._search is None or not self.is_open:
            return found
        current, color, opacity = self._search.current, self._theme.terminal.search, self._theme.opacity
        columns = self._view.session.emulator.cols
        for hit in self._search.hits(first, last):
            shade = faded(color, opacity.search_current if hit == current else opacity.search)
            for line in range(max(first, hit.line), min(last, hit.end_line) + 1):
                if (cols := hit.columns_in(line, columns)) is not None:
                    found.setdefault(line, []).append(Mark(*cols, shade))
        return found

    def _pattern_changed(self) -> None:
        """Search anew, from where the current hit is: typing on narrows down what is seen."""
        text = self.bar.field.text()
        try:
            search = self._view.session.emulator.search(text, is_regex=self.bar.is_regex) if text else None
        except PatternInvalid as error:
            self.bar.show_error(error.message)
            return  # the old hits stay
        self.bar.show_error("")
        old = self.current
        self._search = search
        if search is not None:
            line, col = (old.line, old.col + 1) if old else (self._view.first_line + self._view.rows_shown, 0)
            search.go_from(line, col)
        self._is_new = True
        self._refresh()

    def _refresh(self) -> None:
        search = self._search
        if search is None:
            self.bar.show_count(0, 0, is_complete=True)
            self._view.update()
            return
        is_complete = search.refresh(budget_s=BUDGET_S)
        if self._is_new and (len(search) or is_complete):
            # The newest hits are found first: the one above the place where the search began is among them.
            self._is_new = False
            self._show(search.previous())
        if search.is_too_slow:
            self.bar.show_error("Takes too long on this text; the search ended")
            is_complete = True
        self._tell()
        self._view.update()
        if not is_complete:
            self._again.start(0)

    def _show(self, hit: Hit | None) -> None:
        if hit is not None:
            self._view.show_line(hit.line, below_rows=self._rows_under_bar)
        self._tell()
        self._view.update()

    def _tell(self) -> None:
        if self._search is not None:
            # Without `is_complete` older hits are missing, and the number would be wrong.
            ordinal = self._search.ordinal if self._search.is_complete else 0
            self.bar.show_count(ordinal, len(self._search), is_complete=self._search.is_complete)
