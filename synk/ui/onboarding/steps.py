"""The pages of the first start: what Synk is, what is installed, keys and look, and the first folder."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from synk.base.keypress import KeyPress
from synk.ui.card import button, label
from synk.ui.home.parts import PartTitle
from synk.ui.icons import Icon, draw_icon
from synk.ui.marks import draw_keycap
from synk.ui.onboarding.choice_row import ChoiceRow
from synk.ui.onboarding.program_list import ProgramList
from synk.ui.pickers.pick_list import Pick, PickList
from synk.ui.questions import KeycapLabel
from synk.ui.theme import Theme

POINTS: tuple[tuple[Icon, str, str], ...] = (
    ("grid", "Many sessions at once", "Shells and coding agents side by side, each ready the moment you ask."),
    ("bell", "You see who needs you", "A mark, a count and one key: Space goes to the session that waits for an answer."),
    ("keyboard", "Everything from the keyboard", "Keys act on Synk until you type into a pane, and then on nothing but it."),
    ("terminal", "On this machine only", "No account, no server, no telemetry."),
)
EXIT_ANSWERS = (("double_escape", "Esc Esc"), ("ctrl_backslash", "Ctrl+\\"), ("ctrl_shift_escape", "Ctrl+Shift+Esc"))
THEME_ANSWERS = (("dark", "Dark"), ("light", "Light"), ("system", "As the desktop"))
BASICS = (
    ("n", "new session"),
    ("Enter", "type into the selected pane"),
    ("h j k l", "go to another pane"),
    ("Space", "go to the session that needs you"),
    ("/", "command bar"),
    ("?", "all keys"),
)
START, ANOTHER, NONE = "start", "another", "none"
"""What to begin with: the folder Synk was started in, another one, or the home screen."""


class Step(QWidget):
    """One page. It gets the keys the pages have no common meaning for."""

    title = ""
    line = ""
    """A sentence below the title."""

    def entered(self) -> None:
        """It is shown now."""

    def take_key(self, _press: KeyPress) -> bool:
        """Act on a key; False if it means nothing here."""
        return False


class WelcomeStep(Step):
    """What Synk is, in four points."""

    title = "Welcome to Synk"
    line = "Many shells and agents, side by side"

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.sizes.space_l)
        for icon, title, text in POINTS:
            column.addWidget(PointLine(theme, icon, title, text))
        column.addStretch(1)


class PointLine(QWidget):
    """Icon, a few words, a sentence."""

    def __init__(self, theme: Theme, icon: Icon, title: str, text: str) -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._title = title
        self._text = text
        self.setFixedHeight(theme.sizes.recent_row)
        self.setAccessibleName(f"{title}. {text}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The icon on a tile, two lines beside it."""
        theme = self._theme
        size, colors = theme.sizes, theme.colors
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tile = QRectF(0, (self.height() - size.tile) / 2, size.tile, size.tile)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.bg_tertiary)
        painter.drawRoundedRect(tile, size.button_radius, size.button_radius)
        inset = (size.tile - size.icon) / 2
        draw_icon(painter, self._icon, tile.adjusted(inset, inset, -inset, -inset), colors.blue)
        left = size.tile + size.space_l
        half = self.height() / 2
        painter.setFont(theme.fonts.body(QFont.Weight.DemiBold))
        painter.setPen(colors.text)
        painter.drawText(QRectF(left, 0, self.width() - left, half), Qt.AlignmentFlag.AlignBottom, self._title)
        painter.setFont(theme.fonts.body())
        painter.setPen(colors.text_dim)
        painter.drawText(QRectF(left, half + 1, self.width() - left, half), Qt.AlignmentFlag.AlignTop, self._text)


class ProgramsStep(Step):
    """Agents and tools on this machine."""

    title = "Agents and tools"
    line = "What is not installed is never in your way: a session with it is a plain terminal."

    def __init__(self, theme: Theme, look: Callable[[], None]) -> None:
        """`look()` begins to look; answers come to `programs`."""
        super().__init__()
        self._look = look
        self._has_looked = False
        size = theme.sizes
        self.programs = ProgramList(theme)
        """Filled in as answers come."""
        self.rescan = button("Rescan")
        """As the key `r`."""
        self.rescan.setAccessibleName("Rescan (r)")
        self.rescan.clicked.connect(self._look)
        self.note = label(theme, "", theme.fonts.label(), "text-soft")
        self.programs.copied.connect(lambda command: self.note.setText(f"Copied: {command}"))
        self._scroll = QScrollArea()
        self._scroll.setWidget(self.programs)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(size.space_s)
        column.addWidget(self._scroll, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, size.space_s)
        foot.setSpacing(size.space_s)
        foot.addWidget(KeycapLabel(theme, "r"))
        foot.addWidget(self.rescan)
        foot.addSpacing(size.space_s)
        foot.addWidget(self.note, 1)
        column.addLayout(foot)

    def entered(self) -> None:
        """Looks the first time it is shown."""
        if not self._has_looked:
            self._has_looked = True
            self._look()

    def take_key(self, press: KeyPress) -> bool:
        """`r` looks again, arrows scroll."""
        bar = self._scroll.verticalScrollBar()
        steps = {"up": -1, "down": 1, "pageup": -6, "pagedown": 6}
        if press.text == "r" and not press.ctrl:
            self._look()
        elif press.name in steps:
            bar.setValue(bar.value() + steps[press.name] * self.programs.sizeHint().height() // max(1, len(self.programs.lines)))
        else:
            return False
        return True


class KeysStep(Step):
    """Two choices, and the keys to begin with."""

    title = "Keys and look"
    line = "Both can be changed at any time in the settings."

    def __init__(self, theme: Theme, values: dict[str, str], choose: Callable[[str, str], None]) -> None:
        """`values`: settings in force by name; `choose(name, value)` changes one."""
        super().__init__()
        size = theme.sizes
        self.rows: list[ChoiceRow] = []
        """Top to bottom."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(size.space_m)
        for name, title, answers in (
            ("keyboard.terminal_exit_method", "Leave a terminal with", EXIT_ANSWERS),
            ("ui.theme", "Theme", THEME_ANSWERS),
        ):
            row = ChoiceRow(theme, title, answers, values.get(name, ""))
            row.chosen.connect(lambda value, name=name: choose(name, value))
            self.rows.append(row)
            column.addWidget(row)
        column.addSpacing(size.space_s)
        column.addWidget(PartTitle(theme, "To begin with"))
        column.addWidget(KeyLines(theme, BASICS))
        column.addStretch(1)
        self._marked = 0
        self._mark()

    def take_key(self, press: KeyPress) -> bool:
        """Up and Down go to the other choice, Left and Right choose."""
        match press.name:
            case "up" | "down":
                self._marked = min(max(self._marked + (1 if press.name == "down" else -1), 0), len(self.rows) - 1)
                self._mark()
            case "left" | "right":
                self.rows[self._marked].step(1 if press.name == "right" else -1)
            case _:
                return False
        return True

    def _mark(self) -> None:
        for index, row in enumerate(self.rows):
            row.show_marked(index == self._marked)


class KeyLines(QWidget):
    """Keycaps and what they do, in two columns."""

    def __init__(self, theme: Theme, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._theme = theme
        self._keys = keys
        self.setFixedHeight((len(keys) + 1) // 2 * theme.sizes.line_height)
        self.setAccessibleName("; ".join(f"{key}: {effect}" for key, effect in keys))

    def sizeHint(self) -> QSize:
        """As wide as the page."""
        return QSize(0, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Column by column."""
        theme = self._theme
        size = theme.sizes
        painter = QPainter(self)
        half = (len(self._keys) + 1) // 2
        for index, (key, effect) in enumerate(self._keys):
            x = float(self.width() // 2 * (index // half))
            y = index % half * size.line_height
            for cap in key.split(" "):
                x += draw_keycap(painter, theme, cap, x, y + size.line_height / 2) + size.space_xs
            painter.setFont(theme.fonts.body())
            painter.setPen(theme.colors.text_soft)
            place = QRectF(x + size.space_xs, y, self.width(), size.line_height)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, effect)


class FolderStep(Step):
    """What to begin with."""

    title = "First project"
    line = "A project is a folder; opening it writes nothing into it."

    def __init__(self, theme: Theme, folder: str, detail: str) -> None:
        """`folder`: name of the one Synk was started in; `detail`: its path."""
        super().__init__()
        self.list = PickList(theme, name="First project", is_tall=True)
        """Enter takes the marked line."""
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.list.show_picks(
            [
                Pick(START, f"Open {folder}", detail, icon="folder"),
                Pick(ANOTHER, "Open another folder \u2026", "Choose it next", icon="plus"),
                Pick(NONE, "Nothing yet", "Go to the home screen", icon="grid"),
            ]
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list, 1)

    def take_key(self, press: KeyPress) -> bool:
        """Up and Down."""
        if press.name in ("up", "down", "k", "j") and not press.ctrl:
            self.list.move_mark("next" if press.name in ("down", "j") else "previous")
            return True
        return False
