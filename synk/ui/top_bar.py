"""The top bar: name, project, mode, page and what waits for the user."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from synk.keys.modes import Mode
from synk.sessions.session import Session, Status
from synk.sessions.workspace import Workspace
from synk.ui.marks import draw_keycap, keycap_width
from synk.ui.theme import Theme, faded

HINTS = (("n", "new"), ("Enter", "type"), ("?", "keys"))
"""The keys worth knowing in navigation mode; in terminal mode it is the one that leaves."""


class TopBar(QWidget):
    """Paints one line; nothing in it takes the focus."""

    def __init__(self, theme: Theme, *, project: str, parent: QWidget | None = None) -> None:
        """`project`: name of the open project."""
        super().__init__(parent)
        self._theme = theme
        self._project = project
        self._mode = Mode.NAVIGATION
        self._leave_label = "Esc Esc"
        self.page_text = ""
        """`page 1 of 2`, "" with a single page."""
        self.counts_text = ""
        """`2 waiting, 1 done`, "" for none."""
        self._has_waiting_elsewhere = False
        self.setFixedHeight(theme.sizes.top_bar)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Top bar")

    @property
    def mode_text(self) -> str:
        """What the badge reads: NAV or TERM."""
        return self._mode.value

    def show_leave_key(self, label: str) -> None:
        """The keys that leave terminal mode, as the settings have them."""
        self._leave_label = label
        self.update()

    def show_workspace(self, workspace: Workspace, sessions: Sequence[Session]) -> None:
        """Mode, page and counts."""
        waiting = [session for session in sessions if session.status is Status.WAITING]
        done = sum(session.status is Status.DONE_UNSEEN for session in sessions)
        failed = sum(session.status is Status.FAILED for session in sessions)
        counts = ((len(waiting), "waiting"), (failed, "failed"), (done, "done"))
        pages = workspace.page_count
        state = (
            workspace.mode,
            f"page {workspace.page_position} of {pages}" if pages > 1 else "",
            ", ".join(f"{count} {word}" for count, word in counts if count),
            any(session.pane not in workspace.shown for session in waiting),
        )
        if state != (self._mode, self.page_text, self.counts_text, self._has_waiting_elsewhere):
            self._mode, self.page_text, self.counts_text, self._has_waiting_elsewhere = state
            words = (self._project, self._mode.value, self.page_text, self.counts_text)
            self.setAccessibleDescription(", ".join(filter(None, words)))
            self.update()

    def sizeHint(self) -> QSize:
        """As high as the theme says."""
        return QSize(0, self._theme.sizes.top_bar)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Left: name, project, mode. Right: page, counts, hints."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, size = self._theme.colors, self._theme.sizes
        painter.fillRect(self.rect(), colors.bg_sidebar)
        painter.setPen(QPen(faded(colors.border, 0.5), size.border))
        painter.drawLine(QPointF(0, self.height() - 0.5), QPointF(self.width(), self.height() - 0.5))
        right = self._paint_right(painter)
        self._paint_left(painter, right - size.space_l)

    def _paint_left(self, painter: QPainter, limit: float) -> None:
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        x = float(size.space_l)
        x = self._paint_mode(painter, x) + size.space_m
        x = self._text(painter, "Synk", x, theme.fonts.body(QFont.Weight.DemiBold), "text") + size.space_s
        x = self._text(painter, "/", x, theme.fonts.body(), "border") + size.space_s
        painter.setFont(theme.fonts.body())
        painter.setPen(colors.text_dim)
        name = painter.fontMetrics().elidedText(self._project, Qt.TextElideMode.ElideMiddle, max(0, int(limit - x)))
        self._text(painter, name, x, theme.fonts.body(), "text-dim")

    def _paint_mode(self, painter: QPainter, x: float) -> float:
        """The badge; as wide as the longest mode, so that nothing moves when it changes. Returns its right edge."""
        theme = self._theme
        size = theme.sizes
        color = theme.colors.green if self._mode is Mode.TERMINAL else theme.colors.blue
        painter.setFont(theme.fonts.label(QFont.Weight.DemiBold))
        width = max(painter.fontMetrics().horizontalAdvance(mode.value) for mode in Mode) + 2 * size.space_s
        area = QRectF(x, (self.height() - size.keycap_height) / 2, width, size.keycap_height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(color, theme.opacity.tint))
        painter.drawRoundedRect(area, size.keycap_radius, size.keycap_radius)
        painter.setPen(color)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._mode.value)
        return area.right()

    def _paint_right(self, painter: QPainter) -> float:
        """Hints, page and counts, from the right edge; returns where they begin."""
        theme = self._theme
        size = theme.sizes
        x = float(self.width() - size.space_l)
        hints = HINTS if self._mode is Mode.NAVIGATION else ((self._leave_label, "leave"),)
        for key, word in reversed(hints):
            painter.setFont(theme.fonts.label())
            x -= painter.fontMetrics().horizontalAdvance(word)
            self._text(painter, word, x, theme.fonts.label(), "text-dim")
            for cap in reversed(key.split(" ")):
                x -= keycap_width(theme, cap) + size.space_xs
                draw_keycap(painter, theme, cap, x, self.height() / 2)
            x -= size.space_m
        page_token = "orange" if self._has_waiting_elsewhere else "text-dim"
        for text, token in ((self.page_text, page_token), (self.counts_text, "orange")):
            if text:
                painter.setFont(theme.fonts.label())
                x -= painter.fontMetrics().horizontalAdvance(text) + size.space_m
                self._text(painter, text, x, theme.fonts.label(), token)
        return x

    def _text(self, painter: QPainter, text: str, x: float, font: QFont, token: str) -> float:
        """Draw a word on the middle line; returns its right edge."""
        painter.setFont(font)
        painter.setPen(self._theme.colors.token(token))
        width = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(QRectF(x, 0, width + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        return x + width
