"""Under the sliders of the pool: how much memory these sizes need, what there is, and the sizes that suit the machine."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from synk.settings.memory import IDLE_SHELL_BYTES, SESSION_BYTES, Machine, PoolSizes, estimated_bytes, recommended
from synk.ui.card import label
from synk.ui.panels.amounts import size_text
from synk.ui.theme import Theme, faded


class MemoryNote(QWidget):
    """Follows the sliders while they move."""

    chosen = Signal(object)
    """The `PoolSizes` recommended, by the button."""

    def __init__(self, theme: Theme, request: Callable[[Callable[[Machine], None]], None]) -> None:
        """`request(done)`: have memory and cores measured; answered later, or never."""
        super().__init__()
        self._theme = theme
        self._request = request
        self._machine: Machine | None = None
        self._sizes = (0, 0)
        size = theme.sizes
        self.estimate = label(theme, "", theme.fonts.body())
        """What these sizes need."""
        self.basis = label(theme, "", theme.fonts.label(), "text-soft")
        """Per shell and session, and what the machine has."""
        self.bar = _Bar(theme)
        self.button = QPushButton("Recommended")
        self.button.setEnabled(False)
        self.button.clicked.connect(self._choose)
        words = QVBoxLayout()
        words.setSpacing(size.space_xs)
        words.addWidget(self.estimate)
        words.addWidget(self.bar)
        words.addWidget(self.basis)
        row = QHBoxLayout(self)
        row.setContentsMargins(size.space_l, size.space_m, size.space_l, size.space_m)
        row.setSpacing(size.space_xl)
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._show()

    def measure(self) -> None:
        """Ask for numbers; meanwhile the last ones stand."""
        self._request(self._measured)

    def show_sizes(self, initial_pool_size: int, max_active: int) -> None:
        """The sizes as the sliders stand."""
        self._sizes = (initial_pool_size, max_active)
        self._show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A box around it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colors.border)
        painter.setBrush(self._theme.colors.bg_secondary)
        radius = self._theme.sizes.button_radius
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _measured(self, machine: Machine) -> None:
        self._machine = machine
        sizes = recommended(machine)
        self.button.setEnabled(True)
        self.button.setToolTip(f"{sizes.initial_pool_size} warm shells, {sizes.max_pool_size} at most")
        self.button.setAccessibleDescription(self.button.toolTip())
        self._show()

    def _show(self) -> None:
        initial, active = self._sizes
        machine = self._machine or Machine(0, 0, 0)
        needed = estimated_bytes(initial, active, machine)
        self.estimate.setText(f"About {size_text(needed)} with all shells and sessions running")
        each = (
            f"{size_text(int(machine.idle_shell_bytes or IDLE_SHELL_BYTES))} per idle shell, "
            f"{size_text(int(machine.session_bytes or SESSION_BYTES))} per session"
        )
        measured = "measured" if machine.idle_shell_bytes or machine.session_bytes else "assumed"
        has = f" {size_text(machine.used_bytes)} of {size_text(machine.installed_bytes)} in use now." if self._machine else ""
        self.basis.setText(f"{each} ({measured}).{has}")
        self.bar.show_shares(machine.used_bytes, needed, machine.installed_bytes)

    def _choose(self) -> None:
        if self._machine is not None:
            sizes: PoolSizes = recommended(self._machine)
            self.chosen.emit(sizes)


class _Bar(QWidget):
    """Memory in use, and on top of it what the sizes need; orange where that is more than there is."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shares = (0.0, 0.0)
        self.setFixedHeight(theme.sizes.space_s)

    def show_shares(self, used: int, needed: int, installed: int) -> None:
        """All in bytes; nothing is painted while `installed` is not known."""
        self._shares = (used / installed, needed / installed) if installed else (0.0, 0.0)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Left to right: in use, needed, free."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        colors = self._theme.colors
        area = QRectF(self.rect())
        used, needed = self._shares
        is_tight = used + needed > 1
        radius = area.height() / 2
        for share, color in (
            (1.0, colors.border),
            (min(1.0, used + needed), colors.orange if is_tight else colors.blue),
            (min(1.0, used), faded(colors.text_soft, 1.0)),
        ):
            painter.setBrush(color)
            if share > 0:
                painter.drawRoundedRect(QRectF(0, 0, max(area.height(), area.width() * share), area.height()), radius, radius)
