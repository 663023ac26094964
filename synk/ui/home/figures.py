"""The dashboard of the home screen: what was done with Synk so far, in six numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from synk.ui.theme import Theme, faded

NOTHING = "\u2013"
"""Stands for a number that is not known, or still nothing."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all projects or of one; 0 and "" are shown as a dash."""

    sessions: int = 0
    """Opened ever."""
    cost_usd: float = 0.0
    tasks_done: int = 0
    hours_saved: float = 0.0
    most_used_agent: str = ""
    """Its name."""
    streak_days: int = 0
    """Days in a row with a session, up to today."""


def figure_texts(figures: Figures) -> Sequence[tuple[str, str]]:
    """Label and value of each card."""
    hours = f"{figures.hours_saved:.1f}".rstrip("0").rstrip(".")
    days = "1 day" if figures.streak_days == 1 else f"{figures.streak_days} days"
    return (
        ("Sessions", f"{figures.sessions:,}" if figures.sessions else NOTHING),
        ("Total cost", f"${figures.cost_usd:,.2f}" if figures.cost_usd else NOTHING),
        ("Tasks done", f"{figures.tasks_done:,}" if figures.tasks_done else NOTHING),
        ("Hours saved", hours if figures.hours_saved else NOTHING),
        ("Most used", figures.most_used_agent or NOTHING),
        ("Streak", days if figures.streak_days else NOTHING),
    )


class FigureCards(QWidget):
    """Six cards in a row. It takes no key."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._texts = figure_texts(Figures())
        self.setFixedHeight(theme.sizes.figure_height)
        self.setAccessibleName("Numbers")

    @property
    def texts(self) -> Sequence[tuple[str, str]]:
        """Label and value of each card."""
        return self._texts

    def show_figures(self, figures: Figures) -> None:
        """Replace the numbers."""
        self._texts = figure_texts(figures)
        self.setAccessibleDescription(", ".join(f"{label}: {value}" for label, value in self._texts))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(0, self._theme.sizes.figure_height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Equal cards, value over label."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        gap = self._theme.sizes.space_s
        width = (self.width() - gap * (len(self._texts) - 1)) / len(self._texts)
        for index, (label, value) in enumerate(self._texts):
            left, right = round(index * (width + gap)), round(index * (width + gap) + width)
            self._paint_card(painter, QRectF(left, 0, right - left, self.height()), label, value)

    def _paint_card(self, painter: QPainter, area: QRectF, label: str, value: str) -> None:
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        painter.setPen(QPen(faded(colors.border, 0.6), size.border))
        painter.setBrush(faded(colors.bg_primary, 0.7))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), size.toast_radius, size.toast_radius)
        inner = area.adjusted(size.space_m, size.space_m, -size.space_s, -size.space_m)
        painter.setFont(theme.fonts.title())
        painter.setPen(colors.text_dim if value == NOTHING else colors.text)
        shown = painter.fontMetrics().elidedText(value, Qt.TextElideMode.ElideRight, round(inner.width()))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, shown)
        painter.setFont(theme.fonts.label(QFont.Weight.Normal))
        painter.setPen(colors.text_dim)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, label)
