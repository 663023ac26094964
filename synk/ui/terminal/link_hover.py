"""The link under the mouse while Ctrl is held: underlined, and its target shown before anything opens."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from synk.sessions.session import Session
from synk.terminal.links import FoundLink, link_at, refusal
from synk.terminal.texts import plain
from synk.ui.overlays import Mark
from synk.ui.theme import Theme

LONGEST_TARGET = 2000
"""Characters of a target that are looked at for the label; what does not fit is cut in its middle."""


class Hovered(Protocol):
    """What is needed of the view."""

    session: Session

    def cell_at(self, place: QPointF) -> tuple[int, int]:
        """Line number and column of the cell under a point."""

    def is_on_cells(self, place: QPointF) -> bool:
        """Whether a point is on a cell, and not beside them."""

    def update(self) -> None:
        """Paint again."""


class LinkHover:
    """Remembers which link the mouse is on; the view asks for its marks."""

    def __init__(self, view: Hovered, label: "LinkLabel", theme: Theme) -> None:
        self._view = view
        self._label = label
        self._theme = theme
        self.link: FoundLink | None = None
        """The link that a click would open."""

    def look(self, place: QPointF, *, is_asked: bool) -> FoundLink | None:
        """The mouse is at a point; `is_asked`: with the keys held that make a click open a link."""
        link = None
        if is_asked and self._view.is_on_cells(place):
            link = link_at(self._view.session.emulator, *self._view.cell_at(place))
        if link != self.link:
            self.link = link
            self._label.show_text(describe(link) if link is not None else "")
            self._view.update()
        return link

    def forget(self) -> None:
        """The mouse left, or Ctrl was released."""
        if self.link is not None:
            self.link = None
            self._label.show_text("")
            self._view.update()

    def marks(self, first: int, last: int) -> Mapping[int, Iterable[Mark]]:
        """See `Overlay`."""
        found: dict[int, list[Mark]] = {}
        if self.link is not None:
            for line, start, end in self.link.spans:
                if first <= line <= last:
                    found.setdefault(line, []).append(Mark(start, end, self._theme.terminal.link, is_line=True))
        return found


def describe(link: FoundLink) -> str:
    """What is shown of a link before it is opened: where it leads, or why it leads nowhere."""
    if link.kind == "place":
        return link.target
    return refusal(link.target) or plain(link.target, LONGEST_TARGET)


class LinkLabel(QWidget):
    """One line in the lower left corner of a terminal."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.text = ""
        """What it reads, in full."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_text(self, text: str) -> None:
        """Show a text, or nothing for ""."""
        self.text = text
        self.setAccessibleName(f"Link to {text}" if text else "")
        self.place()
        self.setVisible(bool(text))
        self.update()

    def place(self) -> None:
        """Take the lower left corner of the parent."""
        parent = self.parentWidget()
        if parent is not None and self.text:
            size = self._theme.sizes
            wanted = round(QFontMetricsF(self._theme.fonts.mono()).horizontalAdvance(self.text)) + 2 * size.space_s + 2
            width = min(wanted, parent.width())
            self.setGeometry(0, parent.height() - size.chip_height, width, size.chip_height)
            self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text on a ground of its own."""
        painter = QPainter(self)
        colors, size = self._theme.colors, self._theme.sizes
        painter.fillRect(self.rect(), colors.bg_tertiary)
        painter.setFont(self._theme.fonts.mono())
        painter.setPen(colors.text)
        area = QRectF(self.rect()).adjusted(size.space_s, 0, -size.space_s, 0)
        shown = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideMiddle, int(area.width()) + 1)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)
