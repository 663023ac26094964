"""What a session was started with, as a form: agent, title, folder, variables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QWidget

from synk.actions.ports import TERMINAL, AgentChoice
from synk.base.keypress import KeyPress
from synk.sessions.session import Session
from synk.sessions.snapshots import masked
from synk.ui.card import Card, label
from synk.ui.keys import key_press
from synk.ui.marks import draw_badge
from synk.ui.pickers.card_line import CardLine
from synk.ui.questions import Footer
from synk.ui.theme import Theme

HIDDEN = "********"
"""Stands for a value that looks secret; left as it is, the value stays."""
VARIABLE_LINES = 4


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What can be changed of a session."""

    agent: str
    """Catalog id."""
    title: str
    """"" for the program's own."""
    folder: str
    variables: Mapping[str, str]
    """Those the user set; not those of the agent."""


class SessionCard(Card):
    """Enter applies, Tab goes on, Esc leaves all as it is."""

    def __init__(
        self,
        theme: Theme,
        session: Session,
        agents: Sequence[AgentChoice],
        *,
        on_apply: Callable[[SessionFacts, Callable[[str], None]], None],
    ) -> None:
        """`agents`: what can be started. `on_apply(facts, done)`: `done("")` closes the card, `done(problem)` shows it."""
        super().__init__(theme, f"Settings of pane {session.pane}", width=theme.sizes.card_width)
        self._on_apply = on_apply
        self._is_open = True
        choices = [choice for choice in agents if choice.is_found or choice.id == session.agent] or [TERMINAL]
        current = next((choice for choice in choices if choice.id == session.agent), None)
        if current is None:
            current = AgentChoice(session.agent, session.program or session.agent, TERMINAL.badge)
            choices.insert(0, current)
        self._own = {name: value for name, value in session.variables.items() if (name, value) not in current.variables}
        self.agent = AgentField(theme, choices, current.id, self._take_in_field)
        """Left and Right change it."""
        self.title_line = self._line(session.title, "Title", "the program's own")
        self.folder_line = self._line(session.working_dir, "Folder", "")
        self.variables = VariablesField(theme, shown_variables(self._own), self._take_in_field)
        """`NAME=value`, one a line."""
        self._fields: list[QWidget] = [self.agent, self.title_line, self.folder_line, self.variables]
        self._problem = label(theme, "", theme.fonts.label(), "red")
        self._problem.hide()
        self.column.addLayout(self._form())
        self.column.addWidget(self._problem)
        keys = (("Enter", "apply"), ("Tab", "next field"), ("Esc", "cancel"))
        self.column.addWidget(Footer(theme, keys))
        self.setFocusProxy(self.agent)
        self.finished.connect(self._closed)

    @property
    def facts(self) -> SessionFacts:
        """As the fields are now.

        Raises:
            ValueError: a line of the variables is no `NAME=value`.
        """
        variables = read_variables(self.variables.toPlainText(), self._own)
        return SessionFacts(self.agent.choice.id, self.title_line.text().strip(), self.folder_line.text().strip(), variables)

    @property
    def problem(self) -> str:
        """What was wrong when it was last applied."""
        return self._problem.text()

    def take_key(self, press: KeyPress) -> bool:
        """As in a field."""
        return self._take_in_field(press)

    def apply(self) -> None:
        """Hand over what the fields say."""
        try:
            facts = self.facts
        except ValueError as error:
            self.show_problem(str(error))
            return
        self._on_apply(facts, self._applied)

    def show_problem(self, text: str) -> None:
        """Why it cannot be applied; "" for nothing."""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        parent = self.parentWidget()
        if parent is not None:
            self.fit(self.width(), parent.height())

    def _applied(self, problem: str) -> None:
        if problem:
            self.show_problem(problem)
        elif self._is_open:
            self.finished.emit()

    def _closed(self) -> None:
        self._is_open = False

    def _take_in_field(self, press: KeyPress) -> bool:
        name = press.name.removeprefix("kp_")
        if name == "tab" and not (press.ctrl or press.alt):
            self._step(-1 if press.shift else 1)
        elif name == "enter" and not press.repeat and not (press.shift or press.alt):
            self.apply()
        else:
            return False
        return True

    def _step(self, step: int) -> None:
        index = next((index for index, field in enumerate(self._fields) if field.hasFocus()), 0)
        self._fields[(index + step) % len(self._fields)].setFocus(Qt.FocusReason.TabFocusReason)

    def _line(self, text: str, name: str, placeholder: str) -> CardLine:
        line = CardLine(self._take_in_field, self.pressed.emit, self)
        line.setText(text)
        line.setAccessibleName(name)
        line.setPlaceholderText(placeholder)
        return line

    def _form(self) -> QGridLayout:
        size, fonts = self.theme.sizes, self.theme.fonts
        form = QGridLayout()
        form.setContentsMargins(0, size.space_xs, 0, 0)
        form.setHorizontalSpacing(size.space_m)
        form.setVerticalSpacing(size.space_s)
        form.setColumnStretch(1, 1)
        for row, (name, field) in enumerate(zip(("Agent", "Title", "Folder", "Variables"), self._fields, strict=True)):
            words = label(self.theme, name, fonts.body(), "text-soft")
            words.setFixedHeight(size.button_height)
            words.setAlignment(Qt.AlignmentFlag.AlignVCenter)
            form.addWidget(words, row, 0, Qt.AlignmentFlag.AlignTop)
            form.addWidget(field, row, 1)
        return form


class AgentField(QWidget):
    """One of several agents, changed with Left and Right or by a click on an arrow."""

    changed = Signal()

    def __init__(
        self, theme: Theme, choices: Sequence[AgentChoice], current: str, take: Callable[[KeyPress], bool]
    ) -> None:
        """`take(press)`: a key for the card; False if it has no use for it."""
        super().__init__()
        self._theme = theme
        self._choices = list(choices)
        self._index = [choice.id for choice in choices].index(current)
        self._take = take
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(theme.sizes.button_height)
        self._tell()

    @property
    def choice(self) -> AgentChoice:
        """The one that is shown."""
        return self._choices[self._index]

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(self._theme.sizes.tab_max, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, and the first letter of a name."""
        press = key_press(event)
        steps = {"left": -1, "up": -1, "right": 1, "down": 1}
        if press is not None and press.name in steps:
            self._step(steps[press.name])
        elif press is not None and len(press.text) == 1 and press.text.isalnum():
            self._jump(press.text.lower())
        elif press is None or not self._take(press):
            event.ignore()
            return
        event.accept()

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab is a key of the card."""
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left half back, right half on."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._step(1 if event.position().x() > self.width() / 2 else -1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A field with an arrow at each end."""
        theme, size = self._theme, self._theme.sizes
        colors = theme.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colors.blue if self.hasFocus() else colors.border, size.border))
        painter.setBrush(colors.bg_primary)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), size.button_radius, size.button_radius)
        x: float = size.space_s
        token = "text-soft" if self.choice.color == "text-dim" else self.choice.color
        x += draw_badge(painter, theme, self.choice.badge, colors.token(token), x, self.height() / 2) + size.space_s
        painter.setFont(theme.fonts.body())
        painter.setPen(colors.text)
        room = int(self.width() - x - 3 * size.space_l)
        name = QFontMetrics(painter.font()).elidedText(self.choice.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(x, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, name)
        if len(self._choices) > 1:
            for middle, way in ((self.width() - 2 * size.space_l, -1), (self.width() - size.space_l, 1)):
                self._paint_arrow(painter, QPointF(middle, self.height() / 2), way)

    def _paint_arrow(self, painter: QPainter, middle: QPointF, way: int) -> None:
        reach = self._theme.sizes.space_xs - 1
        painter.setPen(QPen(self._theme.colors.text_soft, 1.3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        points = [QPointF(-way * reach / 2, -reach), QPointF(way * reach / 2, 0), QPointF(-way * reach / 2, reach)]
        painter.drawPolyline(QPolygonF([middle + point for point in points]))

    def _step(self, step: int) -> None:
        self._index = (self._index + step) % len(self._choices)
        self._tell()

    def _jump(self, letter: str) -> None:
        for step in range(1, len(self._choices) + 1):
            if self._choices[(self._index + step) % len(self._choices)].name.lower().startswith(letter):
                self._step(step)
                return

    def _tell(self) -> None:
        self.setAccessibleName(f"Agent, {self.choice.name}")
        self.update()
        self.changed.emit()


class VariablesField(QPlainTextEdit):
    """Lines of `NAME=value`. Enter applies, Shift+Enter begins a new line."""

    def __init__(self, theme: Theme, text: str, take: Callable[[KeyPress], bool]) -> None:
        """`take(press)`: a key for the card; False if it has no use for it."""
        super().__init__(text)
        self._take = take
        size = theme.sizes
        font = QFont(theme.fonts.mono())
        self.setFont(font)
        self.setPlaceholderText("NAME=value, one a line")
        self.setAccessibleName("Variables")
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.document().setDocumentMargin(size.space_s)
        self.setFixedHeight(QFontMetrics(font).lineSpacing() * VARIABLE_LINES + 2 * size.space_s)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The card first; what neither has a use for goes on to the card's keys."""
        press = key_press(event)
        if press is not None and self._take(press):
            event.accept()
        elif press is not None and press.name == "escape":
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab is a key of the card."""
        return False


def shown_variables(variables: Mapping[str, str]) -> str:
    """One a line, sorted; values that look secret are hidden."""
    return "\n".join(f"{name}={HIDDEN if value is None else value}" for name, value in sorted(masked(variables).items()))


def read_variables(text: str, before: Mapping[str, str]) -> dict[str, str]:
    """What the lines say; a hidden value is the one from before.

    Raises:
        ValueError: names the first line that is no `NAME=value`; never shows a value.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, is_there, value = line.partition("=")
        name = name.strip()
        if not is_there or not name:
            raise ValueError(f"Variables, line {number}: write NAME=value")
        found[name] = before[name] if value == HIDDEN and name in before else value
    return found
