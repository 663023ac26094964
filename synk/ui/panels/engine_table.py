"""The upper table of the pool panel: runs, REPLs and engine sessions, each with what it costs and a way to end it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from synk.ui.panels.amounts import age_text, size_text
from synk.ui.theme import Theme, faded

HEADERS = ("id", "state", "age", "memory", "owner", "command")
SHARES = (0.09, 0.15, 0.09, 0.11, 0.13, 0.43)
"""Of the width left of the buttons."""
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


@dataclass(frozen=True, slots=True)
class _Button:
    """Where one of a row's buttons is."""

    index: int
    verb: str
    area: QRect


class EngineTable(QWidget):
    """One row per entry; Open and Stop stand at its end."""

    stop_clicked = Signal(str)
    open_clicked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.entries: list[Entry] = []
        """What is shown, top to bottom."""
        self._hot: _Button | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Runs, REPLs and engine sessions")
        self.hide()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Paint these."""
        if list(entries) != self.entries:
            self.entries = list(entries)
            self.setMinimumHeight(self._theme.sizes.table_row * (2 + len(entries)) if entries else 0)
            self.setVisible(bool(entries))
            self.setAccessibleDescription("; ".join(", ".join(entry.cells()) for entry in self.entries))
            self.update()

    def button_area(self, index: int, verb: str) -> QRect:
        """Of one row's button, `Open` or `Stop`; empty if the row has none."""
        return next((each.area for each in self._buttons(index) if each.verb == verb), QRect())

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(0, self.minimumHeight())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Header and rows."""
        if not self.entries:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, row = self._theme, self._theme.sizes.table_row
        self._paint_cells(painter, HEADERS, 0, theme.fonts.label(QFont.Weight.Medium), "text-dim", "text-dim")
        painter.setPen(QPen(faded(theme.colors.border, 0.5), theme.sizes.border))
        painter.drawLine(QPointF(0, row - 0.5), QPointF(self.width(), row - 0.5))
        for index, entry in enumerate(self.entries):
            token = "text" if entry.is_live else "text-dim"
            state = STATE_TOKENS.get(entry.state, token)
            self._paint_cells(painter, entry.cells(), self._top(index), theme.fonts.mono(), token, state)
            for button in self._buttons(index):
                self._paint_button(painter, button)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a button."""
        button = self._button_at(event.position().toPoint())
        if button is not None:
            signal = self.stop_clicked if button.verb == "Stop" else self.open_clicked
            signal.emit(self.entries[button.index].id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the button under the mouse."""
        self._light(self._button_at(event.position().toPoint()))

    def leaveEvent(self, _event: QEvent) -> None:
        """No button is under the mouse any more."""
        self._light(None)

    def _light(self, button: _Button | None) -> None:
        if button != self._hot:
            self._hot = button
            self.update()

    def _top(self, index: int) -> int:
        return self._theme.sizes.table_row * (1 + index)

    def _buttons(self, index: int) -> list[_Button]:
        entry, size = self.entries[index], self._theme.sizes
        metrics = QFontMetrics(self._theme.fonts.label())
        verbs = (["Stop"] if entry.is_live else []) + (["Open"] if entry.can_open else [])
        buttons, right = [], self.width() - size.space_s
        for verb in verbs:
            width = metrics.horizontalAdvance(verb) + 2 * size.space_s
            area = QRect(right - width, self._top(index) + 2, width, size.table_row - 4)
            buttons.append(_Button(index, verb, area))
            right = area.left() - size.space_xs
        return buttons

    def _button_at(self, place: QPoint) -> _Button | None:
        index = place.y() // self._theme.sizes.table_row - 1
        if not 0 <= index < len(self.entries):
            return None
        return next((each for each in self._buttons(index) if each.area.contains(place)), None)

    def _paint_cells(self, painter: QPainter, cells: Sequence[str], y: int, font: QFont, token: str, state: str) -> None:
        theme = self._theme
        painter.setFont(font)
        metrics = painter.fontMetrics()
        room = self.width() - 2 * theme.sizes.card_width // 5
        x = 0.0
        for index, (cell, share) in enumerate(zip(cells, SHARES, strict=True)):
            width = room * share
            painter.setPen(theme.colors.token(state if index == _STATE else token))
            where = Qt.TextElideMode.ElideRight if index == _COMMAND else Qt.TextElideMode.ElideMiddle
            text = metrics.elidedText(cell, where, int(width - theme.sizes.space_s))
            painter.drawText(QRect(int(x), y, int(width), theme.sizes.table_row), Qt.AlignmentFlag.AlignVCenter, text)
            x += width

    def _paint_button(self, painter: QPainter, button: _Button) -> None:
        theme = self._theme
        painter.setPen(QPen(theme.colors.border, theme.sizes.border))
        painter.setBrush(theme.colors.bg_hover if self._hot == button else theme.colors.bg_tertiary)
        painter.drawRoundedRect(button.area, theme.sizes.button_radius, theme.sizes.button_radius)
        painter.setFont(theme.fonts.label())
        painter.setPen(theme.colors.text)
        painter.drawText(button.area, Qt.AlignmentFlag.AlignCenter, button.verb)
