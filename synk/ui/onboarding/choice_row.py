"""One question with a few answers side by side, one of them chosen."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from synk.ui.theme import Theme, faded


class ChoiceRow(QWidget):
    """Painted; the card around it has the keyboard and says whether this row is the marked one."""

    chosen = Signal(str)
    """The value of the answer that is in force now."""

    def __init__(self, theme: Theme, title: str, answers: Sequence[tuple[str, str]], value: str) -> None:
        """`answers`: value and words; `value`: the one in force."""
        super().__init__()
        self._theme = theme
        self._title = title
        self._answers = list(answers)
        values = [each for each, _ in answers]
        self._index = values.index(value) if value in values else 0
        self._is_marked = False
        self.setFixedHeight(theme.sizes.line_height + theme.sizes.button_height)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._name()

    @property
    def value(self) -> str:
        """The one in force."""
        return self._answers[self._index][0]

    def show_marked(self, is_marked: bool) -> None:
        """Whether the arrows are its own."""
        self._is_marked = is_marked
        self.update()

    def step(self, step: int) -> None:
        """Choose the answer beside; stops at the ends."""
        self._choose(min(max(self._index + step, 0), len(self._answers) - 1))

    def _choose(self, index: int) -> None:
        if index != self._index:
            self._index = index
            self._name()
            self.update()
            self.chosen.emit(self.value)

    def _name(self) -> None:
        self.setAccessibleName(f"{self._title}: {self._answers[self._index][1]}")

    def _areas(self) -> list[QRectF]:
        size = self._theme.sizes
        metrics = QFontMetrics(self._theme.fonts.body(QFont.Weight.Medium))
        x = 0.0
        areas = []
        for _, words in self._answers:
            width = metrics.horizontalAdvance(words) + 2 * size.space_m
            areas.append(QRectF(x, size.line_height - size.space_xs, width, size.button_height))
            x += width + size.space_xs
        return areas

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Title, then the answers as buttons."""
        theme = self._theme
        size, colors = theme.sizes, theme.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.fonts.body())
        painter.setPen(colors.text if self._is_marked else colors.text_soft)
        title = QRectF(0, 0, self.width(), size.line_height - size.space_xs)
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setFont(theme.fonts.body(QFont.Weight.Medium))
        for index, (area, (_, words)) in enumerate(zip(self._areas(), self._answers, strict=True)):
            is_chosen = index == self._index
            ring = colors.blue if is_chosen and self._is_marked else faded(colors.border, 0.8)
            painter.setPen(QPen(ring, size.border_selected if is_chosen and self._is_marked else size.border))
            painter.setBrush(faded(colors.blue, theme.opacity.tint) if is_chosen else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), size.button_radius, size.button_radius)
            painter.setPen(colors.text if is_chosen else colors.text_soft)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        for index, area in enumerate(self._areas()):
            if area.contains(event.position()):
                self._choose(index)
