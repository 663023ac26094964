"""The first start: four pages over the whole window, with Back and Skip; nothing on them has to be waited for."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from synk.base.keypress import KeyPress
from synk.ui.card import Card, button, label
from synk.ui.onboarding.steps import NONE, FolderStep, KeysStep, ProgramsStep, Step, WelcomeStep
from synk.ui.questions import KeycapLabel
from synk.ui.theme import Theme


class OnboardingCard(Card):
    """Enter goes on, Backspace back, Esc skips the rest."""

    fills_window = True

    def __init__(
        self,
        theme: Theme,
        *,
        folder: str,
        folder_path: str,
        values: dict[str, str],
        look: Callable[[], None],
        choose: Callable[[str, str], None],
        on_end: Callable[[str], None],
    ) -> None:
        """`folder`: name of the one Synk was started in. `values`: settings in force by name, `choose(name, value)` changes one.

        `look()` begins to look for programs; answers come to `programs`. `on_end(choice)`: see `onboarding_steps.START`.
        """
        super().__init__(theme, "Welcome", width=theme.sizes.picker_width)
        self._on_end = on_end
        self._is_over = False
        size = theme.sizes
        programs = ProgramsStep(theme, look)
        self.programs = programs.programs
        """What was found."""
        self.folder_step = FolderStep(theme, folder, folder_path)
        self.steps: list[Step] = [WelcomeStep(theme), programs, KeysStep(theme, values, choose), self.folder_step]
        """In the order they are shown."""
        self._index = 0
        self._pages = QStackedWidget()
        for step in self.steps:
            self._pages.addWidget(step)
        self._dots = Dots(theme, len(self.steps))
        self._line = label(theme, "", theme.fonts.body(), "text-soft")
        self.back_button, self.skip_button = button("Back"), button("Skip")
        self.next_button = button("Next", is_primary=True)
        self.back_button.clicked.connect(lambda: self._go(-1))
        self.skip_button.clicked.connect(self.cancel)
        self.next_button.clicked.connect(lambda: self._go(1))
        self.folder_step.list.picked.connect(self._end)
        self.heading.setFont(theme.fonts.hero())
        self.column.insertWidget(0, self._dots)
        self.column.addWidget(self._line)
        self.column.addSpacing(size.space_m)
        self.column.addWidget(self._pages, 1)
        self.column.addLayout(self._foot())
        self._show()

    @property
    def step(self) -> Step:
        """The page that is shown."""
        return self.steps[self._index]

    def fit(self, width: int, height: int) -> None:
        """All of the window, with the pages in the middle."""
        size = self.theme.sizes
        side = max(size.space_xl, (width - size.picker_width) // 2)
        free = max(0, height - size.picker_height - size.picker_height // 3)
        top = max(size.space_xl, free * 2 // 5)
        self.column.setContentsMargins(side, top, side, max(size.space_xl, free - top))
        self.setFixedSize(width, height)

    def take_key(self, press: KeyPress) -> bool:
        """On, back, or what the page does with it; Esc comes as `cancel`."""
        name = press.name.removeprefix("kp_")
        if press.alt or press.super_ or press.repeat:
            return False
        if name == "enter":
            self._go(1)
        elif name == "backspace":
            self._go(-1)
        else:
            return self.step.take_key(press)
        return True

    def cancel(self) -> None:
        """Skip the rest."""
        self._end(NONE)

    def _go(self, by: int) -> None:
        if self._index + by == len(self.steps):
            current = self.folder_step.list.current
            self._end(current.id if current is not None else NONE)
        elif self._index + by >= 0:
            self._index += by
            self._show()

    def _show(self) -> None:
        step = self.step
        self._pages.setCurrentWidget(step)
        self.heading.setText(step.title)
        self._line.setText(step.line)
        self._dots.show_at(self._index)
        self.back_button.setEnabled(self._index > 0)
        is_last = self._index == len(self.steps) - 1
        self.next_button.setText("Begin" if is_last else "Next")
        self.setAccessibleName(f"{step.title}, step {self._index + 1} of {len(self.steps)}")
        step.entered()

    def _end(self, choice: str) -> None:
        if not self._is_over:
            self._is_over = True
            self.finished.emit()
            self._on_end(choice)

    def _foot(self) -> QHBoxLayout:
        line = QHBoxLayout()
        size = self.theme.sizes
        line.setSpacing(size.space_s)
        line.addWidget(KeycapLabel(self.theme, "Esc"))
        line.addWidget(self.skip_button)
        line.addStretch(1)
        line.addWidget(KeycapLabel(self.theme, "Backspace"))
        line.addWidget(self.back_button)
        line.addSpacing(size.space_s)
        line.addWidget(KeycapLabel(self.theme, "Enter"))
        line.addWidget(self.next_button)
        return line

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground of the whole window."""
        QPainter(self).fillRect(event.rect(), self.theme.colors.bg_sidebar)


class Dots(QWidget):
    """How far one is."""

    def __init__(self, theme: Theme, count: int) -> None:
        super().__init__()
        self._theme = theme
        self._count = count
        self._at = 0
        self.setFixedHeight(theme.sizes.mark)

    def show_at(self, index: int) -> None:
        """From 0."""
        self._at = index
        self.setAccessibleName(f"Step {index + 1} of {self._count}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Short bars; those behind and the one shown are blue."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        size, colors = self._theme.sizes, self._theme.colors
        for index in range(self._count):
            painter.setBrush(colors.blue if index <= self._at else colors.border)
            left, top = index * (size.space_xl + size.space_xs), (self.height() - size.grip_height) / 2
            area = QRectF(left, top, size.space_xl, size.grip_height)
            painter.drawRoundedRect(area, size.grip_height / 2, size.grip_height / 2)
