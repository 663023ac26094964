"""The two questions of the workspace: confirm something, and choose an agent for a new session."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from synk.actions.ports import AgentChoice, Question
from synk.base.keypress import KeyPress
from synk.ui.card import Card, button, label
from synk.ui.marks import draw_badge, draw_keycap, keycap_width
from synk.ui.theme import Theme


class QuestionCard(Card):
    """Enter confirms, Esc keeps everything as it is."""

    def __init__(self, theme: Theme, question: Question, on_confirm: Callable[[], object]) -> None:
        super().__init__(theme, question.title, width=theme.sizes.card_width)
        self._on_confirm = on_confirm
        if question.body:
            self.column.addWidget(label(theme, question.body, theme.fonts.body(), "text-soft"))
        self.keep_button = button(question.keep)
        """Esc."""
        self.confirm_button = button(question.confirm, is_primary=True)
        """Enter."""
        self.keep_button.clicked.connect(self.cancel)
        self.confirm_button.clicked.connect(self.confirm)
        line = QHBoxLayout()
        line.setContentsMargins(0, theme.sizes.space_s, 0, 0)
        line.addStretch()
        line.setSpacing(theme.sizes.space_s)
        for key, widget in (("Esc", self.keep_button), ("Enter", self.confirm_button)):
            line.addSpacing(theme.sizes.space_s)
            line.addWidget(KeycapLabel(theme, key))
            line.addWidget(widget)
        self.column.addLayout(line)

    def take_key(self, press: KeyPress) -> bool:
        """Enter, also on the keypad; a held key from before does not count."""
        if press.name.removeprefix("kp_") == "enter" and not press.repeat:
            self.confirm()
            return True
        return False

    def confirm(self) -> None:
        """Do it."""
        self.finished.emit()
        self._on_confirm()


class AgentCard(Card):
    """Which agent? Arrows or the first letter choose, Enter starts it, Esc cancels."""

    def __init__(
        self, theme: Theme, choices: Sequence[AgentChoice], last: str, on_choice: Callable[[AgentChoice], object]
    ) -> None:
        super().__init__(theme, "New session", width=theme.sizes.card_width)
        self._choices = list(choices)
        self._on_choice = on_choice
        ids = [choice.id for choice in self._choices]
        self._index = ids.index(last) if last in ids else 0
        self._lines = [AgentLine(theme, choice, self) for choice in self._choices]
        self.column.addSpacing(theme.sizes.space_xs)
        self.column.setSpacing(theme.sizes.space_xs)
        for index, line in enumerate(self._lines):
            line.chosen.connect(lambda index=index: self._choose(index))
            self.column.addWidget(line)
        self.column.addWidget(Footer(theme, (("Enter", "open"), ("Esc", "cancel"))))
        self._mark()

    @property
    def choice(self) -> AgentChoice:
        """The one Enter would start."""
        return self._choices[self._index]

    def take_key(self, press: KeyPress) -> bool:
        """Move, jump to a letter, or start."""
        if press.ctrl or press.alt or press.super_:
            return False
        name = press.name.removeprefix("kp_")
        if name == "enter" and not press.repeat:
            self._choose(self._index)
        elif name in ("up", "down"):
            self._index = (self._index + (1 if name == "down" else -1)) % len(self._choices)
            self._mark()
        elif len(press.text) == 1 and press.text.isalnum():
            self._jump(press.text.lower())
        else:
            return False
        return True

    def _jump(self, letter: str) -> None:
        """The next choice that begins with the letter, after the one marked."""
        count = len(self._choices)
        for step in range(1, count + 1):
            index = (self._index + step) % count
            if self._choices[index].name.lower().startswith(letter):
                self._index = index
                self._mark()
                return

    def _mark(self) -> None:
        for index, line in enumerate(self._lines):
            line.show_marked(index == self._index)

    def _choose(self, index: int) -> None:
        choice = self._choices[index]
        self.finished.emit()
        self._on_choice(choice)


class AgentLine(QWidget):
    """One agent: badge, name, and a note if its command is not there."""

    chosen = Signal()

    def __init__(self, theme: Theme, choice: AgentChoice, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._choice = choice
        self._is_marked = False
        self.setFixedHeight(theme.sizes.line_height)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(choice.name)

    def show_marked(self, is_marked: bool) -> None:
        """Whether Enter would take it."""
        self._is_marked = is_marked
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The line, with a ground of its own if marked."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, choice = self._theme, self._choice
        colors, size = theme.colors, theme.sizes
        if self._is_marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.bg_hover)
            painter.drawRoundedRect(QRectF(self.rect()), size.button_radius, size.button_radius)
        token = "text-soft" if choice.color == "text-dim" else choice.color
        x = size.space_s + draw_badge(painter, theme, choice.badge, colors.token(token), size.space_s, self.height() / 2)
        painter.setFont(theme.fonts.body())
        painter.setPen(colors.text if choice.is_found else colors.text_soft)
        area = QRectF(self.rect()).adjusted(x + size.space_s, 0, -size.space_s, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, choice.name)
        if not choice.is_found:
            painter.setFont(theme.fonts.label())
            painter.setPen(colors.orange)
            note = f"{choice.command or choice.id} is not on PATH"
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, note)

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """A click starts it."""
        self.chosen.emit()


class KeycapLabel(QWidget):
    """One keycap as a widget."""

    def __init__(self, theme: Theme, key: str) -> None:
        super().__init__()
        self._theme = theme
        self.key = key
        """What stands on it."""
        self.setFixedSize(round(keycap_width(theme, key)) + 1, theme.sizes.keycap_height + 1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The keycap."""
        draw_keycap(QPainter(self), self._theme, self.key, 0, self.height() / 2)


class Footer(QWidget):
    """The keys of a card, in its last line."""

    def __init__(self, theme: Theme, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._theme = theme
        self._keys = keys
        self.setFixedHeight(theme.sizes.line_height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Key and word, left to right."""
        painter = QPainter(self)
        size = self._theme.sizes
        x = 0.0
        middle = self.height() - size.keycap_height / 2 - 1
        for key, word in self._keys:
            x += draw_keycap(painter, self._theme, key, x, middle) + size.space_s
            painter.setFont(self._theme.fonts.label())
            painter.setPen(self._theme.colors.text_soft)
            width = painter.fontMetrics().horizontalAdvance(word)
            place = QRectF(x, middle - size.keycap_height / 2, width + 1, size.keycap_height)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, word)
            x += width + size.space_l
