"""Programs found on this machine, filled in as answers come: badge, name, path and version, or how to install it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from synk.ui.marks import draw_badge
from synk.ui.theme import Theme

ASKING = "\u2026"
"""Stands for a version that is still asked for."""


@dataclass(frozen=True, slots=True)
class ProgramLine:
    """One program."""

    id: str
    name: str
    badge: str
    color: str = "text-dim"
    """Token of the badge."""
    path: str = ""
    """Where it is; "" if it is not on PATH."""
    version: str = ASKING
    """As it says itself; "" if it does not say."""
    install: str = ""
    """The command that installs it."""


class ProgramList(QWidget):
    """Paints the lines; a click on one that is missing copies the command that installs it."""

    copied = Signal(str)
    """A command is on the clipboard."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: list[ProgramLine] = []
        self.setAccessibleName("Programs")

    @property
    def lines(self) -> Sequence[ProgramLine]:
        """Top to bottom."""
        return self._lines

    def show_programs(self, lines: Sequence[ProgramLine]) -> None:
        """Replace all."""
        self._lines = list(lines)
        self._changed()

    def show_version(self, id: str, version: str) -> None:
        """One program has answered, or has not in time (""); an id that is not shown means nothing."""
        self._lines = [replace(line, version=version) if line.id == id else line for line in self._lines]
        self._changed()

    def sizeHint(self) -> QSize:
        """High enough for all lines."""
        return QSize(0, len(self._lines) * self._theme.sizes.line_height)

    def _changed(self) -> None:
        self.setMinimumHeight(self.sizeHint().height())
        self.setAccessibleDescription("; ".join(_spoken(line) for line in self._lines))
        self.updateGeometry()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Line by line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = self._theme.sizes.line_height
        if not self._lines:
            painter.setFont(self._theme.fonts.body())
            painter.setPen(self._theme.colors.text_dim)
            painter.drawText(QRectF(0, 0, self.width(), height), Qt.AlignmentFlag.AlignVCenter, f"Looking {ASKING}")
        for index, line in enumerate(self._lines):
            self._paint_line(painter, line, QRectF(0, index * height, self.width(), height))

    def _paint_line(self, painter: QPainter, line: ProgramLine, area: QRectF) -> None:
        """Badge, name, path in the middle, version or install command at the right end."""
        theme = self._theme
        size, colors = theme.sizes, theme.colors
        middle = area.center().y()
        color = colors.text_dim if not line.path or line.color == "text-dim" else colors.token(line.color)
        draw_badge(painter, theme, line.badge, color, area.left(), middle)
        left = area.left() + size.space_xxl
        painter.setFont(theme.fonts.body(QFont.Weight.Medium))
        painter.setPen(colors.text if line.path else colors.text_dim)
        name_width = size.home_side // 2
        name = painter.fontMetrics().elidedText(line.name, Qt.TextElideMode.ElideRight, name_width)
        painter.drawText(QRectF(left, area.top(), name_width, area.height()), Qt.AlignmentFlag.AlignVCenter, name)
        left += name_width + size.space_m
        end, token = (line.version, "green") if line.path else (line.install or "not found", "text-soft")
        painter.setFont(theme.fonts.mono())
        painter.setPen(colors.token("text-dim" if end == ASKING else token))
        room = area.right() - left
        end = painter.fontMetrics().elidedText(end, Qt.TextElideMode.ElideRight, round(room))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, end)
        room -= painter.fontMetrics().horizontalAdvance(end) + size.space_m
        painter.setFont(theme.fonts.label())
        painter.setPen(colors.text_dim)
        path = painter.fontMetrics().elidedText(line.path or "not on PATH", Qt.TextElideMode.ElideMiddle, round(max(0, room)))
        painter.drawText(QRectF(left, area.top(), max(0, room), area.height()), Qt.AlignmentFlag.AlignVCenter, path)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On a missing program: copy how to install it."""
        row = int(event.position().y() // self._theme.sizes.line_height)
        if 0 <= row < len(self._lines) and not self._lines[row].path and self._lines[row].install:
            QGuiApplication.clipboard().setText(self._lines[row].install)
            self.copied.emit(self._lines[row].install)


def _spoken(line: ProgramLine) -> str:
    if not line.path:
        return f"{line.name}: not found" + (f", {line.install} installs it" if line.install else "")
    return f"{line.name}: {line.version}".removesuffix(f": {ASKING}")
