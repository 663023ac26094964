"""What stands above everything on the home screen after a crash: what was open, with Restore and Dismiss."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from synk.ui.questions import KeycapLabel
from synk.ui.theme import Theme, faded


@dataclass(frozen=True, slots=True)
class CrashNotice:
    """One project that was open when Synk ended unexpectedly."""

    project: str
    """Its path."""
    text: str
    """`Synk ended unexpectedly 5 minutes ago. 4 sessions in api`."""


class CrashBanner(QWidget):
    """One line with two buttons."""

    restored = Signal()
    dismissed = Signal()

    def __init__(
        self, theme: Theme, notice: CrashNotice, keys: tuple[str, str] = ("", ""), parent: QWidget | None = None
    ) -> None:
        """`keys`: those that restore and dismiss, as on their keycaps; "" for none."""
        super().__init__(parent)
        self._theme = theme
        self.notice = notice
        """What it says."""
        size = theme.sizes
        self.setFixedHeight(size.recent_row)
        self.restore_button = QPushButton("Restore")
        self.dismiss_button = QPushButton("Dismiss")
        self.restore_button.setProperty("primary", True)
        line = QHBoxLayout(self)
        line.setContentsMargins(size.space_l, 0, size.space_s, 0)
        line.setSpacing(size.space_s)
        line.addStretch(1)
        self._left_of_buttons: QWidget = self.restore_button
        buttons = ((self.restore_button, self.restored), (self.dismiss_button, self.dismissed))
        for (button, signal), key in zip(buttons, keys, strict=True):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(signal)
            if key:
                keycap = KeycapLabel(theme, key)
                line.addWidget(keycap)
                if button is self.restore_button:
                    self._left_of_buttons = keycap
            line.addWidget(button)
        self.show_notice(notice)

    def show_notice(self, notice: CrashNotice) -> None:
        """Other words for the same project: time goes on. The keyboard stays where it is."""
        self.notice = notice
        for button in (self.restore_button, self.dismiss_button):
            button.setAccessibleName(f"{button.text()}: {notice.text}")
        self.setAccessibleName(notice.text)
        self.setToolTip(notice.text)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A box tinted with the color of warnings."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(faded(theme.colors.orange, theme.opacity.primary_border), theme.sizes.border))
        painter.setBrush(faded(theme.colors.orange, theme.opacity.tint / 2))
        radius = theme.sizes.toast_radius
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        left = theme.sizes.space_l
        area = QRectF(left, 0, self._left_of_buttons.x() - 2 * left, self.height())
        painter.setFont(theme.fonts.body())
        painter.setPen(theme.colors.text)
        text = painter.fontMetrics().elidedText(self.notice.text, Qt.TextElideMode.ElideRight, round(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)
