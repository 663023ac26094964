"""The search bar of a pane: the field, how many hits, plain or regular expression, and what is wrong with it."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from synk.base.keypress import KeyPress
from synk.ui.card import button, label
from synk.ui.keys import key_press
from synk.ui.theme import Theme

LONGEST_PATTERN = 1000
"""Nobody types more, and a pasted file is not a pattern."""


class FindField(QLineEdit):
    """A line edit that offers each key to the table of keys first."""

    def __init__(self, take: Callable[[KeyPress], bool]) -> None:
        super().__init__()
        self._take = take
        self.setMaxLength(LONGEST_PATTERN)
        self.setAccessibleName("Search")
        self.setPlaceholderText("Search")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Text and editing keys are for the field, the rest for the table."""
        press = key_press(event)
        if press is None or not self._take(press):
            super().keyPressEvent(event)
        event.accept()

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab does not leave the search."""
        return False


class FindBar(QWidget):
    """Lies over the upper right corner of a terminal. It knows no terminal: it says what is wanted and shows what is told."""

    changed = Signal()
    """Another text, or taken another way."""
    asked = Signal(str)
    """A command line, for a click on one of the buttons."""

    def __init__(self, theme: Theme, take: Callable[[KeyPress], bool], parent: QWidget) -> None:
        """`take(press)`: act on a key of the table; False if it means nothing there."""
        super().__init__(parent)
        self._theme = theme
        size = theme.sizes
        self.field = FindField(take)
        self.count = label(theme, "", theme.fonts.label(), "text-soft")
        """"3 of 12"."""
        self.count.setWordWrap(False)
        self.error = label(theme, "", theme.fonts.label(), "red")
        """What is wrong with the regular expression, under the field."""
        self.error.hide()
        self.regex_button = button(".*")
        self.regex_button.setCheckable(True)
        self.regex_button.setProperty("compact", True)
        self.regex_button.setFixedWidth(size.button_height)
        self.regex_button.setToolTip("Regular expression")
        self.regex_button.setAccessibleName("Regular expression")
        line = QHBoxLayout()
        line.setSpacing(size.space_xs)
        line.addWidget(self.field, 1)
        line.addWidget(self.count)
        line.addWidget(self.regex_button)
        buttons = (("↑", "Previous hit", "find.move previous"), ("↓", "Next hit", "find.move next"), ("×", "Close", "find.close"))
        for text, name, command in buttons:
            line.addWidget(self._command_button(text, name, command))
        column = QVBoxLayout(self)
        column.setContentsMargins(size.find_margin, size.find_margin, size.find_margin, size.find_margin)
        column.setSpacing(size.space_xs)
        column.addLayout(line)
        column.addWidget(self.error)
        self.field.textChanged.connect(self.changed)
        self.regex_button.clicked.connect(lambda: self.asked.emit("find.regex"))
        self.setFocusProxy(self.field)
        self.setAccessibleName("Search in the terminal")
        self.hide()

    @property
    def is_regex(self) -> bool:
        """Whether the text is a regular expression."""
        return self.regex_button.isChecked()

    def toggle_regex(self) -> None:
        """Take the text the other way."""
        self.regex_button.setChecked(not self.is_regex)
        self.changed.emit()

    def show_count(self, ordinal: int, total: int, *, is_complete: bool) -> None:
        """Which of how many hits; not complete: there may be more."""
        more = "" if is_complete else "+"
        if not self.field.text():
            text = ""
        elif not total:
            text = "no hits" if is_complete else "searching"
        else:
            text = f"{ordinal} of {total}{more}" if ordinal else f"{total}{more}"
        self.count.setText(text)

    def show_error(self, text: str) -> None:
        """Say what is wrong, "" for nothing."""
        if text != self.error.text():
            self.error.setText(text)
            self.error.setVisible(bool(text))
            self.place()

    def place(self) -> None:
        """Take the upper right corner of the parent, as wide as there is room."""
        parent = self.parentWidget()
        if parent is not None:
            size = self._theme.sizes
            width = min(size.find_width, max(0, parent.width() - 2 * size.space_xs))
            layout = self.layout()
            height = layout.sizeHint().height() if layout is not None else 0
            if not self.error.isHidden() and layout is not None:
                height = layout.totalHeightForWidth(width)
            self.setGeometry(parent.width() - width - size.space_xs, size.space_xs, width, height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A box like that of a card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, size = self._theme.colors, self._theme.sizes
        painter.setPen(QPen(colors.red if self.error.text() else colors.border, size.border))
        painter.setBrush(colors.bg_secondary)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, size.button_radius, size.button_radius)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the buttons is not for the terminal below."""
        event.accept()

    def _command_button(self, text: str, name: str, command: str) -> QPushButton:
        widget = button(text)
        widget.setProperty("compact", True)
        widget.setToolTip(name)
        widget.setAccessibleName(name)
        widget.setFixedWidth(self._theme.sizes.button_height)
        widget.clicked.connect(lambda: self.asked.emit(command))
        return widget
