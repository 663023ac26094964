"""The upper table of the pool panel: runs, REPLs and engine sessions, each with what it costs and a way to end it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen

from synk.ui.panels.amounts import age_text, size_text
from synk.ui.panels.table import PanelTable
from synk.ui.theme import Theme, faded

HEADERS = ("id", "state", "age", "memory", "owner", "command")
STATE_TOKENS = {
    "running": "blue", "busy": "blue", "active": "blue", "ready": "green", "idle": "green", "completed": "green",
    "awaiting_input": "orange", "warming": "orange", "failed": "red", "crashed": "red", "timeout": "red",
}  # fmt: skip
_STATE, _COMMAND = HEADERS.index("state"), HEADERS.index("command")


@dataclass(frozen=True, slots=True)
class Entry:
    """A run, a REPL or an engine session as the table shows it."""

    id: str
    """`r12`, `k4`, `s7`."""
    state: str
    age_s: float | None
    memory_bytes: float | None
    owner: str
    text: str
    """The command, or the language and name."""
    progress: str = ""
    """`45 %, 2 min left`; "" if nothing is known."""
    is_live: bool = True
    """It can be stopped."""
    can_open: bool = False
    """It can be shown as a pane."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Entry":
        """From the JSON of the source; unknown keys are left out."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__ if name in row})

    def cells(self) -> tuple[str, ...]:
        """In the order of `HEADERS`."""
        state = self.state.replace("_", " ")
        # How far it is stands first: long commands are cut at their end.
        text = f"{self.progress}   {self.text}" if self.progress else self.text
        return (self.id, state, age_text(self.age_s), size_text(self.memory_bytes), self.owner, text)


class EngineTable(PanelTable):
    """One row per entry; Open and Stop stand at its end."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.entries: list[Entry] = []
        """What is shown, top to bottom."""
        self.setAccessibleName("Runs, REPLs and engine sessions")
        self.hide()

    @property
    def row_count(self) -> int:
        """One per entry."""
        return len(self.entries)

    def verbs(self, row: int) -> Sequence[str]:
        """Stop what lives, open what can be a pane."""
        if not 0 <= row < len(self.entries):
            return ()
        entry = self.entries[row]
        return (*(("Stop",) if entry.is_live else ()), *(("Open",) if entry.can_open else ()))

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Paint these; the mark stays at its entry."""
        if list(entries) == self.entries:
            return
        marked = self.entries[self.marked].id if self.entries else ""
        self.entries = list(entries)
        ids = [entry.id for entry in entries]
        self.marked = ids.index(marked) if marked in ids else self.marked
        self.setMinimumHeight(self.theme.sizes.table_row * (2 + len(entries)) if entries else 0)
        self.setAccessibleDescription("; ".join(", ".join(entry.cells()) for entry in self.entries))
        self.keep_mark()
        self.setVisible(bool(entries))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Header and rows."""
        if not self.entries:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, line = self.theme, self.theme.sizes.table_row
        rows = [entry.cells() for entry in self.entries]
        room = self.width() - 2 * theme.sizes.card_width // 5
        widths = self.column_widths(HEADERS, rows, wide=_COMMAND, room=room)
        self._paint_cells(painter, HEADERS, widths, 0, theme.fonts.label(QFont.Weight.Medium), "text-dim", "text-dim")
        painter.setPen(QPen(faded(theme.colors.border, 0.5), theme.sizes.border))
        painter.drawLine(QPointF(0, line - 0.5), QPointF(self.width(), line - 0.5))
        for row, (entry, cells) in enumerate(zip(self.entries, rows, strict=True)):
            token = "text" if entry.is_live else "text-dim"
            self.paint_row(painter, row)
            state = STATE_TOKENS.get(entry.state, token)
            self._paint_cells(painter, cells, widths, self.top(row), theme.fonts.mono(), token, state)

    def _paint_cells(
        self, painter: QPainter, cells: Sequence[str], widths: Sequence[int], y: int, font: QFont, token: str, state: str
    ) -> None:
        theme = self.theme
        painter.setFont(font)
        metrics = painter.fontMetrics()
        x = theme.sizes.space_xs
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            painter.setPen(theme.colors.token(state if index == _STATE else token))
            text = metrics.elidedText(cell, Qt.TextElideMode.ElideRight, width - theme.sizes.space_s)
            painter.drawText(QRect(x, y, width, theme.sizes.table_row), Qt.AlignmentFlag.AlignVCenter, text)
            x += width
