"""The list of notices: painted, so that 500 of them cost as much as the dozen that is seen; the chosen one in full."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from synk.base.ages import ago_text
from synk.base.events import Level
from synk.ui.notices.level_marks import draw_level
from synk.ui.notices.toasts import WRAPPED, breakable
from synk.ui.terminal.accessible import say
from synk.ui.theme import Theme

EMPTY_TITLE = "Nothing has happened yet"
EMPTY_TEXT = "Messages stand here for 30 days, also those whose toast is off."


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One entry as the list shows it."""

    id: int
    level: Level
    title: str
    body: str
    place: str
    """Name of the project; "" for none."""
    at: float
    """Unix time in seconds."""
    count: int
    is_unread: bool
    can_go: bool
    """Its cause can be gone to."""

    @property
    def spoken(self) -> str:
        """For a screen reader, without its age."""
        words = (self.level, self.title, self.body, self.place, f"{self.count} times" if self.count > 1 else "")
        return ", ".join(filter(None, words)) + (", unread" if self.is_unread else "")


class HistoryList(QAbstractScrollArea):
    """Rows of one height, but for the chosen one, which shows all of its text. Keys belong to the card around it."""

    chosen = Signal(int)
    """Clicked twice: the index of the row."""

    def __init__(self, theme: Theme, *, now: Callable[[], float] = time.time, parent: QWidget | None = None) -> None:
        """`now()`: Unix time in seconds, for the ages."""
        super().__init__(parent)
        self._theme = theme
        self._now = now
        self.rows: list[HistoryRow] = []
        """Top to bottom."""
        self._index = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName("Notifications")
        # Not 20 px a step: a notch of the wheel is three rows.
        self.verticalScrollBar().setSingleStep(theme.sizes.recent_row)

    @property
    def index(self) -> int:
        """The chosen row."""
        return self._index

    def show_rows(self, rows: Sequence[HistoryRow]) -> None:
        """Replace the content; the chosen entry stays chosen while it is there."""
        before = self.rows[self._index].id if self._index < len(self.rows) else None
        self.rows = list(rows)
        ids = [row.id for row in self.rows]
        self._index = ids.index(before) if before in ids and self._index > 0 else 0
        self._fit()

    def choose(self, index: int) -> None:
        """Mark a row and bring it into sight; beyond the ends: the first or last one."""
        if self.rows:
            self._index = min(max(index, 0), len(self.rows) - 1)
            self._fit()
            self._reveal()
            say(self, self.rows[self._index].spoken)

    def rows_per_page(self) -> int:
        """How many rows of the usual height are in sight."""
        return max(1, self.viewport().height() // self._row_height())

    def row_area(self, index: int) -> QRect:
        """Where a row is in the viewport."""
        top = index * self._row_height() + (self._extra() if index > self._index else 0)
        height = self._row_height() + (self._extra() if index == self._index else 0)
        return QRect(0, top - self.verticalScrollBar().value(), self.viewport().width(), height)

    def sizeHint(self) -> QSize:
        """The card decides."""
        return QSize(0, 0)

    def resizeEvent(self, _event: object) -> None:
        """The chosen text wraps elsewhere."""
        self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        index = self._index_at(event.position().toPoint())
        if index is not None:
            self.choose(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click goes to the cause."""
        index = self._index_at(event.position().toPoint())
        if index is not None:
            self.chosen.emit(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows in sight."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.rows:
            self._paint_empty(painter)
            return
        first = self._index_at(QPoint(0, event.rect().top())) or 0
        now = self._now()
        for index in range(first, len(self.rows)):
            area = self.row_area(index)
            if area.top() > event.rect().bottom():
                break
            self._paint_row(painter, self.rows[index], area, index == self._index, now)

    def _paint_row(self, painter: QPainter, row: HistoryRow, area: QRect, is_chosen: bool, now: float) -> None:
        theme, size = self._theme, self._theme.sizes
        colors = theme.colors
        if is_chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.bg_hover)
            painter.drawRoundedRect(QRectF(area), size.button_radius, size.button_radius)
        if row.is_unread:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.blue)
            dot = size.space_s / 2
            painter.drawEllipse(QRectF(area.left() + size.space_xs, area.top() + self._mark_top(row) + dot, dot, dot))
        mark = QRectF(area.left() + size.space_l, area.top() + self._mark_top(row), size.mark, size.mark)
        draw_level(painter, theme, row.level, mark)
        text = self._text_area(area).adjusted(0, self._inset(row), 0, 0)
        right = self._paint_side(painter, row, text, now)
        painter.setFont(self._title_font(row))
        painter.setPen(colors.text)
        title = row.title + (f"  ×{row.count}" if row.count > 1 else "")
        self._paint_text(painter, title, text.adjusted(0, 0, right - text.right() - size.space_m, 0), is_chosen)
        if row.body:
            painter.setFont(theme.fonts.label())
            painter.setPen(colors.text_soft)
            top = self._title_height(row, is_chosen) + size.space_xs // 2
            self._paint_text(painter, row.body, text.adjusted(0, top, 0, 0), is_chosen)

    def _paint_side(self, painter: QPainter, row: HistoryRow, text: QRect, now: float) -> int:
        """Project and age at the right; returns where they begin."""
        painter.setFont(self._theme.fonts.label())
        metrics = painter.fontMetrics()
        place = metrics.elidedText(row.place, Qt.TextElideMode.ElideMiddle, text.width() // 4)
        words = "   ".join(filter(None, (place, ago_text(now - row.at))))
        painter.setPen(self._theme.colors.text_soft)
        line = QRect(text.left(), text.top(), text.width(), metrics.height() + 1)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        return text.right() - metrics.horizontalAdvance(words)

    def _paint_text(self, painter: QPainter, text: str, area: QRect, is_whole: bool) -> None:
        if is_whole:
            painter.drawText(area, WRAPPED, breakable(text))
        else:
            metrics = painter.fontMetrics()
            line = metrics.elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, line)

    def _paint_empty(self, painter: QPainter) -> None:
        theme, size = self._theme, self._theme.sizes
        area = self.viewport().rect()
        middle = area.height() // 2 - size.space_xl
        painter.setFont(theme.fonts.title())
        painter.setPen(theme.colors.text)
        painter.drawText(QRect(0, middle, area.width(), size.space_xl), Qt.AlignmentFlag.AlignCenter, EMPTY_TITLE)
        painter.setFont(theme.fonts.body())
        painter.setPen(theme.colors.text_soft)
        below = QRect(0, middle + size.space_xl + size.space_xs, area.width(), size.space_xl)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, EMPTY_TEXT)

    def _row_height(self) -> int:
        """Of a title and one line below it, on the grid of 4 pixels."""
        size = self._theme.sizes
        title = QFontMetrics(self._theme.fonts.body(QFont.Weight.DemiBold)).height()
        text = 2 * size.space_s + title + size.space_xs // 2 + QFontMetrics(self._theme.fonts.label()).height()
        return -(-text // size.space_xs) * size.space_xs

    @property
    def wanted_height(self) -> int:
        """At which all rows are in sight."""
        return len(self.rows) * self._row_height() + self._extra()

    def _inset(self, row: HistoryRow) -> int:
        """A title without a body stands in the middle."""
        return 0 if row.body else (QFontMetrics(self._theme.fonts.label()).height() + self._theme.sizes.space_xs // 2) // 2

    def _mark_top(self, row: HistoryRow) -> int:
        size = self._theme.sizes
        return self._inset(row) + size.space_s + (QFontMetrics(self._theme.fonts.body()).height() - size.mark) // 2

    def _text_area(self, area: QRect) -> QRect:
        size = self._theme.sizes
        return area.adjusted(size.space_l + size.mark + size.space_s, size.space_s, -size.space_m, 0)

    def _title_font(self, row: HistoryRow) -> QFont:
        return self._theme.fonts.body(QFont.Weight.DemiBold if row.is_unread else QFont.Weight.Medium)

    def _title_height(self, row: HistoryRow, is_whole: bool) -> int:
        metrics = QFontMetrics(self._title_font(row))
        return self._wrapped(metrics, row.title, self._title_width(row)) if is_whole else metrics.height()

    def _title_width(self, row: HistoryRow) -> int:
        """Of the chosen row's title: what the side leaves."""
        text = self._text_area(QRect(0, 0, self.viewport().width(), 0))
        metrics = QFontMetrics(self._theme.fonts.label())
        place = metrics.elidedText(row.place, Qt.TextElideMode.ElideMiddle, text.width() // 4)
        words = "   ".join(filter(None, (place, ago_text(self._now() - row.at))))
        return text.width() - metrics.horizontalAdvance(words) - self._theme.sizes.space_m

    def _extra(self) -> int:
        """How much higher the chosen row is than the others."""
        if not self._index < len(self.rows):
            return 0
        row, size = self.rows[self._index], self._theme.sizes
        height = 2 * (size.space_s + self._inset(row)) + self._title_height(row, True)
        if row.body:
            width = self._text_area(QRect(0, 0, self.viewport().width(), 0)).width()
            height += size.space_xs // 2 + self._wrapped(QFontMetrics(self._theme.fonts.label()), row.body, width)
        return max(0, height - self._row_height())

    @staticmethod
    def _wrapped(metrics: QFontMetrics, text: str, width: int) -> int:
        return metrics.boundingRect(QRect(0, 0, width, 10**4), WRAPPED, breakable(text)).height()

    def _index_at(self, place: QPoint) -> int | None:
        y = place.y() + self.verticalScrollBar().value()
        below = (self._index + 1) * self._row_height() + self._extra()
        past = (y - below) // self._row_height() + 1
        index = self._index + past if past > 0 else min(y // self._row_height(), self._index)
        return index if 0 <= index < len(self.rows) else None

    def _fit(self) -> None:
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setRange(0, max(0, len(self.rows) * self._row_height() + self._extra() - self.viewport().height()))
        self.setAccessibleDescription(self.rows[self._index].spoken if self.rows else EMPTY_TITLE)
        self.viewport().update()

    def _reveal(self) -> None:
        area, bar = self.row_area(self._index), self.verticalScrollBar()
        if area.top() < 0:
            bar.setValue(bar.value() + area.top())
        elif area.bottom() >= self.viewport().height():
            bar.setValue(bar.value() + min(area.top(), area.bottom() + 1 - self.viewport().height()))
