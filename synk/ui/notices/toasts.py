"""Toasts: short messages in a corner of the window. They never take a key or the focus."""

import re
from collections import deque
from collections.abc import Hashable
from typing import Literal

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from synk.base.events import NoticeRaised
from synk.ui.marks import draw_cross
from synk.ui.notices.level_marks import draw_level
from synk.ui.theme import Theme

MOST_SHOWN = 4
"""The rest wait until one is gone (target S11)."""
DURATION_MS = 5000

Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]

WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop

MAX_BODY_LINES = 8
"""What is longer is cut; the log has it all."""


LONGEST_WORD = 24
"""Characters of the label font that fit into a line whatever they are."""


def breakable(text: str) -> str:
    """The text with places to break: in paths after "/", and anywhere in words that are longer than a line."""
    text = re.sub(r"(?<=[^/\s])/(?=[^/\s])", "/\u200b", text)
    return re.sub(f"[^\\s\u200b]{{{LONGEST_WORD}}}(?=[^\\s\u200b])", "\\g<0>\u200b", text)


class Toast(QWidget):
    """One message. Gone after its time, which stops under the mouse; an error stays until it is closed."""

    closed = Signal()
    chosen = Signal()
    """Clicked: show what it is about."""

    def __init__(self, notice: NoticeRaised, theme: Theme, *, duration_ms: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        self._title, self._body = breakable(notice.title), breakable(notice.body)
        self._theme = theme
        self._count = 1
        self._is_action_hot = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(duration_ms)
        self._timer.timeout.connect(self.closed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._name()
        self.setFixedSize(theme.sizes.toast_width, self._wanted_height())

    @property
    def count(self) -> int:
        """How often the same message came."""
        return self._count

    def start(self) -> None:
        """It is on the screen now: its time runs, unless it is an error."""
        if self.notice.level != "error":
            self._timer.start()

    def count_again(self, notice: NoticeRaised) -> None:
        """The same thing once more, perhaps in other words: counted, and its time starts anew."""
        self._count += 1
        self.notice = notice
        self._title, self._body = breakable(notice.title), breakable(notice.body)
        self._name()
        if self._timer.isActive():
            self._timer.start()
        self.setFixedHeight(self._wanted_height())
        self.update()

    def _name(self) -> None:
        self.setAccessibleName(f"{self.notice.level}: {self.notice.title} {self.notice.body}".strip())

    @property
    def _title_shown(self) -> str:
        return self._title + (f"  ×{self._count}" if self._count > 1 else "")

    def _text_width(self) -> int:
        size = self._theme.sizes
        return size.toast_width - self._text_left() - size.space_l - size.close_button - size.space_s

    def _text_left(self) -> int:
        size = self._theme.sizes
        return size.space_m + size.mark + size.space_s

    def _title_area(self) -> QRect:
        size = self._theme.sizes
        metrics = QFontMetrics(self._title_font())
        bounds = metrics.boundingRect(QRect(0, 0, self._text_width(), 10**4), WRAPPED, self._title_shown)
        return QRect(self._text_left(), size.space_m, self._text_width(), bounds.height())

    def _body_area(self) -> QRect:
        title = self._title_area()
        metrics = QFontMetrics(self._theme.fonts.label())
        bounds = metrics.boundingRect(QRect(0, 0, self._text_width(), 10**4), WRAPPED, self._body)
        height = min(bounds.height(), MAX_BODY_LINES * metrics.lineSpacing()) if self.notice.body else 0
        return QRect(title.left(), title.bottom() + 1 + self._theme.sizes.space_xs, title.width(), height)

    def _title_font(self) -> QFont:
        return self._theme.fonts.body(QFont.Weight.Medium)

    def _text_bottom(self) -> int:
        return self._body_area().bottom() + 1 if self.notice.body else self._title_area().bottom() + 1

    def _wanted_height(self) -> int:
        size = self._theme.sizes
        action = size.space_s + size.chip_height if self.notice.action else 0
        return self._text_bottom() + action + size.space_m

    def action_area(self) -> QRect:
        """Its button; empty if it has none."""
        if not self.notice.action:
            return QRect()
        size = self._theme.sizes
        metrics = QFontMetrics(self._theme.fonts.label(QFont.Weight.Medium))
        width = metrics.horizontalAdvance(self.notice.action) + 2 * size.space_s
        return QRect(self._text_left(), self._text_bottom() + size.space_s, width, size.chip_height)

    def _mark_area(self) -> QRect:
        size = self._theme.sizes
        line = QFontMetrics(self._title_font()).height()
        return QRect(size.space_m, size.space_m + (line - size.mark) // 2, size.mark, size.mark)

    def _close_area(self) -> QRect:
        size = self._theme.sizes
        return QRect(self.width() - size.space_m - size.close_button, size.space_m, size.close_button, size.close_button)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card with the mark of its level."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        painter.setPen(QPen(colors.border, size.border))
        painter.setBrush(colors.bg_secondary)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), size.toast_radius, size.toast_radius)
        draw_level(painter, theme, self.notice.level, QRectF(self._mark_area()))
        painter.setFont(self._title_font())
        painter.setPen(colors.text)
        painter.drawText(self._title_area(), WRAPPED, self._title_shown)
        painter.setFont(theme.fonts.label())
        painter.setPen(colors.text_soft)
        painter.drawText(self._body_area(), WRAPPED, self._body)
        draw_cross(painter, QRectF(self._close_area()), colors.text_soft)
        self._paint_action(painter)

    def _paint_action(self, painter: QPainter) -> None:
        theme, area = self._theme, QRectF(self.action_area())
        if area.isEmpty():
            return
        radius = theme.sizes.button_radius
        painter.setPen(QPen(theme.colors.border, theme.sizes.border))
        painter.setBrush(theme.colors.bg_hover if self._is_action_hot else theme.colors.bg_tertiary)
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setFont(theme.fonts.label(QFont.Weight.Medium))
        painter.setPen(theme.colors.text)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.notice.action)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close on the cross, else go to what it is about."""
        if not self._close_area().contains(event.position().toPoint()):
            self.chosen.emit()
        self.closed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the button."""
        self._heat_action(self.action_area().contains(event.position().toPoint()))

    def enterEvent(self, _event: object) -> None:
        """Its time stops under the mouse."""
        self._timer.stop()

    def leaveEvent(self, _event: object) -> None:
        """And starts anew."""
        self._heat_action(False)
        self.start()

    def _heat_action(self, is_hot: bool) -> None:
        if is_hot != self._is_action_hot:
            self._is_action_hot = is_hot
            self.update(self.action_area())


class ToastStack(QWidget):
    """The toasts of a window, newest on top; it lies over the window only where toasts are."""

    chosen = Signal(object)
    """The `NoticeRaised` whose toast was clicked."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._theme = theme
        self._shown: list[Toast] = []
        self._keys: dict[Toast, Hashable] = {}
        self._queue: deque[tuple[Hashable, NoticeRaised]] = deque()
        self.corner: Corner = "top-right"
        self.duration_ms = DURATION_MS
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Messages")
        self.hide()

    @property
    def shown(self) -> list[Toast]:
        """Toasts on the screen, newest first."""
        return list(self._shown)

    @property
    def waiting(self) -> int:
        """Messages that wait for a place."""
        return len(self._queue)

    def add(self, notice: NoticeRaised, key: Hashable | None = None) -> None:
        """Show a message, or queue it if there is no room; one that is shown already is counted.

        `key` names what it is about: a later message with the same one takes its place. None: only the same words do.
        """
        key = notice if key is None else key
        same = next((toast for toast, known in self._keys.items() if known == key), None)
        if same is not None:
            same.count_again(notice)
            self.arrange()
        elif any(known == key for known, _ in self._queue):
            self._queue = deque((known, notice if known == key else waiting) for known, waiting in self._queue)
        elif self._queue or not self._show(notice, key):
            self._queue.append((key, notice))

    def take_back(self, notice: NoticeRaised) -> None:
        """Close a message, also one that still waits."""
        self._queue = deque((key, waiting) for key, waiting in self._queue if waiting != notice)
        for toast in [toast for toast in self._shown if toast.notice == notice]:
            toast.closed.emit()

    def close_all(self) -> None:
        """Take all of them away, also those that wait: the user reads them in the history."""
        self._queue.clear()
        for toast in self.shown:
            toast.closed.emit()

    def close_newest(self) -> bool:
        """Close the toast on top; False if there is none."""
        if not self._shown:
            return False
        self._shown[0].closed.emit()
        return True

    def arrange(self) -> None:
        """Put the stack into its corner of the parent, below the top bar."""
        size = self._theme.sizes
        parent = self._window
        gap = size.space_s
        height = sum(toast.height() + gap for toast in self._shown) - gap
        x = size.space_m if "left" in self.corner else parent.width() - size.toast_width - size.space_m
        y = size.top_bar + size.space_m if "top" in self.corner else parent.height() - size.drawer_folded - size.space_m - height
        self.setGeometry(x, y, size.toast_width, max(0, height))
        top = 0
        for toast in self._shown:
            toast.move(0, top)
            top += toast.height() + gap
        self.setVisible(bool(self._shown))
        self.raise_()

    def _show(self, notice: NoticeRaised, key: Hashable) -> bool:
        """False if four are shown, or the window is too low for one more."""
        if len(self._shown) >= MOST_SHOWN:
            return False
        toast = Toast(notice, self._theme, duration_ms=self.duration_ms, parent=self)
        if self._shown and toast.height() > self._room():
            toast.deleteLater()
            return False
        toast.closed.connect(lambda: self._drop(toast))
        toast.chosen.connect(lambda: self.chosen.emit(toast.notice))
        self._shown.insert(0, toast)
        self._keys[toast] = key
        toast.show()
        toast.start()
        self.arrange()
        return True

    def _room(self) -> int:
        """Height left for one more toast."""
        size = self._theme.sizes
        taken = sum(toast.height() + size.space_s for toast in self._shown)
        return self._window.height() - size.top_bar - size.drawer_folded - 2 * size.space_m - taken

    def _drop(self, toast: Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
            del self._keys[toast]
            toast.hide()
            toast.deleteLater()
            while self._queue and self._show(self._queue[0][1], self._queue[0][0]):
                self._queue.popleft()
            self.arrange()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Between two toasts the click belongs to what lies below."""
        event.ignore()
