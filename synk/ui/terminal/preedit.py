"""Text of an input method that is still being composed: drawn at the cursor, underlined, with the method's own caret."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QInputMethodEvent, QPainter

from synk.ui.terminal.terminal_colors import Palette
from synk.ui.terminal.terminal_font import TerminalFont

LONGEST = 400
"""Characters shown; nobody composes more at a time."""


@dataclass(frozen=True, slots=True)
class Preedit:
    """What is being composed; false if nothing is."""

    text: str = ""
    caret: int | None = None
    """Where the method's caret is, in characters from 0; None: it shows none."""

    def __bool__(self) -> bool:
        return bool(self.text)

    @classmethod
    def of(cls, event: QInputMethodEvent) -> "Preedit":
        """What the event says."""
        text = event.preeditString()[:LONGEST]
        caret = len(text)
        is_shown = True
        for attribute in event.attributes():
            if attribute.type == QInputMethodEvent.AttributeType.Cursor:
                # Qt counts in UTF-16: an emoji before the caret is two.
                before = text.encode("utf-16-le")[: 2 * attribute.start]
                caret, is_shown = len(before.decode("utf-16-le", "ignore")), attribute.length > 0
        return cls(text, caret if is_shown else None)

    def area(self, font: TerminalFont, cursor: QRectF, width: float) -> QRectF:
        """Where it stands: from the cursor on, moved to the left if it would leave the view, which is `width` wide."""
        length = QFontMetricsF(font.faces[0]).horizontalAdvance(self.text)
        return QRectF(max(0.0, min(cursor.left(), width - length)), cursor.top(), length, cursor.height())

    def caret_area(self, font: TerminalFont, area: QRectF, thickness: float) -> QRectF:
        """Where its caret stands: the list of candidates belongs there. At the end if the method shows none."""
        before = self.text if self.caret is None else self.text[: self.caret]
        x = area.left() + QFontMetricsF(font.faces[0]).horizontalAdvance(before)
        return QRectF(min(x, area.right() - thickness), area.top(), thickness, area.height())

    def paint(self, painter: QPainter, palette: Palette, font: TerminalFont, area: QRectF, thickness: float) -> None:
        """Paint it over what stands there; `thickness` of the caret."""
        painter.setFont(font.faces[0])
        painter.fillRect(area, palette.background)
        painter.setPen(palette.foreground)
        painter.drawText(area.topLeft() + QPointF(0, font.baseline), self.text)
        painter.fillRect(QRectF(area.left(), area.bottom() - font.line_width, area.width(), font.line_width), palette.cursor)
        if self.caret is not None:
            painter.fillRect(self.caret_area(font, area, thickness), palette.cursor)
