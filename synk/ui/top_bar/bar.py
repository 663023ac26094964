"""The top bar: name, tabs, room for the command bar, mode, what waits for the user, bell and settings."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from synk.base.keypress import KeyPress
from synk.keys.modes import Mode
from synk.sessions.attention import attention_of
from synk.sessions.session import Session, Status
from synk.sessions.workspace import Workspace
from synk.ui.keys import key_press
from synk.ui.theme import Theme, faded
from synk.ui.top_bar.icon_button import IconButton
from synk.ui.top_bar.tab_button import TabButton, TabItem
from synk.ui.top_bar.tab_strip import TabStrip
from synk.ui.top_bar.title_button import TitleButton
from synk.ui.top_bar.words import BarWord, Hints, hints_width, paint_field, paint_hints, paint_word, word_width

HINTS = (("session.new", "new"), ("pane.type", "type"), ("help.open", "keys"))
"""Commands whose keys are worth knowing in navigation mode; in terminal mode it is the one that leaves."""
HOME_HINTS = (("help.open", "keys"),)
"""On the home screen, where no pane is to be typed into."""
LINE_HINTS = (("Enter", "run"), ("Esc", "cancel"))
"""Keys while a command is typed."""
MODE_TOKENS = {Mode.NAVIGATION: "blue", Mode.TERMINAL: "green", Mode.LINE: "purple"}
MODES = tuple(mode.value for mode in Mode)


class TopBar(QWidget):
    """One line. Its buttons are reached with Tab; every gesture is a command line (`asked`)."""

    asked = Signal(str)
    """A command line to run."""
    pressed = Signal(object)
    """A `KeyPress` the bar has no use for."""
    focus_left = Signal(bool)
    """Tab (True) or Shift+Tab (False) was pressed."""
    arranged = Signal()
    """`line_area` or `words_left` changed."""

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mode = Mode.NAVIGATION
        self._key_of: Callable[[str], str] = lambda _command: ""
        self.page_text = ""
        """`page 1 of 2`, "" with a single page."""
        self.counts_text = ""
        """`2 waiting, 1 done`, "" for none."""
        self._has_waiting_elsewhere = False
        self._broadcast = 0
        self._line_area = QRect()
        self._is_line_open = False
        self._items: tuple[TabItem, ...] = ()
        self._words: list[tuple[BarWord, float]] = []
        self._hints_left = -1.0
        self._status_left = 0.0
        self._told_left = 0
        self.title = TitleButton(theme, "Synk", "Home", self)
        """Leads to the home screen."""
        self.tabs = TabStrip(theme, self)
        self.plus = IconButton(theme, "plus", "Open a folder", self)
        self.bell = IconButton(theme, "bell", "Notifications", self)
        self.gear = IconButton(theme, "gear", "Settings", self)
        self._commands = {
            self.title: "home.show",
            self.plus: "tab.open",
            self.bell: "history.open",
            self.gear: "settings.open",
        }
        for button, line in self._commands.items():
            button.clicked.connect(lambda _checked=False, line=line: self.asked.emit(line))
        self.tabs.asked.connect(self.asked)
        self.setFixedHeight(theme.sizes.top_bar)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Top bar")

    @property
    def mode_text(self) -> str:
        """What the badge reads: NAV, TERM or LINE."""
        return self._mode_shown.value

    @property
    def _mode_shown(self) -> Mode:
        return Mode.LINE if self._is_line_open else self._mode

    @property
    def words_left(self) -> int:
        """Where the words on the right begin, the mode first: nothing may lie over them."""
        return round(self._status_left)

    @property
    def line_area(self) -> QRect:
        """Where the command bar has its place, in this widget; narrow or empty where there is no room for it."""
        return QRect(self._line_area)

    def show_tabs(self, items: Sequence[TabItem]) -> None:
        """The open projects, left to right."""
        if tuple(items) != self._items:
            self._items = tuple(items)
            self.tabs.show_tabs(items)
            self._arrange()

    def show_keys(self, key_of: Callable[[str], str]) -> None:
        """The keys in force: `key_of(command)` as on its keycap, "" for none."""
        self._key_of = key_of
        for button in (self.plus, self.bell, self.gear):
            button.show_key(key_of(self._commands[button]))
        self._arrange()

    def show_broadcast(self, count: int) -> None:
        """How many sessions get what is typed; 0: broadcast is off."""
        if count != self._broadcast:
            self._broadcast = count
            self._arrange()

    def show_unread(self, count: int) -> None:
        """Notifications since the history was last opened."""
        self.bell.show_count(count)

    def show_line(self, is_open: bool) -> None:
        """Whether the command bar lies over its place; while it does nothing is painted there."""
        if is_open != self._is_line_open:
            self._is_line_open = is_open
            self._arrange()

    def show_workspace(self, workspace: Workspace, sessions: Sequence[Session]) -> None:
        """Mode, page and counts."""
        waiting = [session for session in sessions if session.status is Status.WAITING]
        pages = workspace.page_count
        state = (
            workspace.mode,
            f"page {workspace.page_position} of {pages}" if pages > 1 else "",
            attention_of(sessions).text,
            any(session.pane not in workspace.shown for session in waiting),
        )
        if state != (self._mode, self.page_text, self.counts_text, self._has_waiting_elsewhere):
            self._mode, self.page_text, self.counts_text, self._has_waiting_elsewhere = state
            self._arrange()

    def take_focus(self) -> None:
        """The keyboard comes here: to the active tab, else to the first button."""
        if not self.tabs.focus_active():
            self.title.setFocus(Qt.FocusReason.TabFocusReason)

    @property
    def has_keyboard(self) -> bool:
        """Whether one of its buttons has the focus."""
        focused = self.window().focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    def sizeHint(self) -> QSize:
        """As high as the theme says."""
        return QSize(0, self._theme.sizes.top_bar)

    def resizeEvent(self, _event: object) -> None:
        """Other room."""
        self._arrange()

    def _arrange(self) -> None:
        """From both ends inwards; what gives way first: hints, then the command bar's field, then the names of tabs."""
        size = self._theme.sizes
        right = self._place_icons()
        left = self._place_title()
        status = self._status_words()
        hints = hints_width(self._theme, self._hints())
        tabs = self.tabs.natural_width
        gap = size.space_l
        words = sum(word_width(self._theme, word) + size.space_m for word in status)
        room = right - left - self.plus.width() - size.space_xs - words
        self._hints_left = -1.0
        if room - tabs - size.line_field_min - 2 * gap >= hints:
            room -= hints
            self._hints_left = right - hints
        field = room - tabs - 2 * gap
        if field < size.line_field_min:
            # The strip becomes narrower, down to its least width; after that there is no field.
            field = room - self.tabs.least_width - 2 * gap
            field = size.line_field_min if field >= size.line_field_min else 0
        tabs = max(0, min(tabs, room - (field + 2 * gap if field else 0)))
        self.tabs.setGeometry(left, 0, tabs, self.height())
        self.plus.move(left + tabs + (size.space_xs if tabs else 0), (self.height() - self.plus.height()) // 2)
        self._place_words(status, self._hints_left if self._hints_left >= 0 else right)
        self._place_field(field)
        spoken = (self.mode_text, self.page_text, self.counts_text, self._broadcast_text())
        self.setAccessibleDescription(", ".join(filter(None, spoken)))
        self.update()

    def _place_icons(self) -> int:
        """Gear and bell at the right end; returns where the room for words ends."""
        size = self._theme.sizes
        x = self.width() - size.space_s
        for button in (self.gear, self.bell):
            x -= button.width()
            button.move(x, (self.height() - button.height()) // 2)
            x -= size.space_xs
        return x - size.space_xs

    def _place_title(self) -> int:
        size = self._theme.sizes
        self.title.setGeometry(size.space_xs, 0, self.title.sizeHint().width(), self.height())
        return self.title.geometry().right() + 1 + size.space_xs

    def _place_words(self, words: Sequence[BarWord], right: float) -> None:
        x = right
        self._words = []
        for word in reversed(words):
            x -= word_width(self._theme, word)
            self._words.append((word, x))
            x -= self._theme.sizes.space_m
        self._status_left = x

    def _place_field(self, width: float) -> None:
        size = self._theme.sizes
        start = self.plus.geometry().right() + 1 + size.space_l
        room = round(self._status_left) - size.space_xs - start
        width = min(size.line_field, max(0, room)) if width else 0
        middle = (self.width() - width) // 2
        x = min(max(start, middle), start + max(0, room - round(width)))
        area = QRect(x, (self.height() - size.button_height) // 2, round(width), size.button_height if width else 0)
        if (area, self.words_left) != (self._line_area, self._told_left):
            self._line_area, self._told_left = area, self.words_left
            self.arranged.emit()

    def _status_words(self) -> list[BarWord]:
        page = "orange" if self._has_waiting_elsewhere else "text-dim"
        words = [
            BarWord(self.mode_text, MODE_TOKENS[self._mode_shown], is_badge=True, widest=MODES),
            BarWord(self.counts_text, "orange"),
            BarWord(self._broadcast_text(), "red", is_badge=True),
            BarWord(self.page_text, page),
        ]
        return [word for word in words if word.text]

    def _broadcast_text(self) -> str:
        return f"BROADCAST -> {self._broadcast}" if self._broadcast else ""

    def _hints(self) -> Hints:
        if self._is_line_open:
            return LINE_HINTS
        if self._mode is Mode.TERMINAL:
            commands: Sequence[tuple[str, str]] = (("pane.leave", "leave"),)
        else:
            commands = HINTS if any(item.is_active for item in self._items) else HOME_HINTS
        return [(key, word) for command, word in commands if (key := self._key_of(command))]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """What is no button: the field's place, the words on the right, the line below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        painter.fillRect(self.rect(), colors.bg_sidebar)
        painter.setPen(QPen(faded(colors.border, 0.5), size.border))
        painter.drawLine(QPointF(0, self.height() - 0.5), QPointF(self.width(), self.height() - 0.5))
        if not self._line_area.isEmpty() and not self._is_line_open:
            paint_field(painter, theme, self._line_area, self._key_of("line.open"))
        for word, x in self._words:
            paint_word(painter, theme, word, x, self.height())
        if self._hints_left >= 0:
            paint_hints(painter, theme, self._hints(), self._hints_left + size.space_m, self.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On the field: open the command bar."""
        if self._line_area.contains(event.position().toPoint()) and not self._is_line_open:
            self.asked.emit("line.open")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk along the buttons, Enter and Space press, Delete closes a tab; the rest is not the bar's."""
        press = key_press(event)
        if press is not None and not self._take_key(press):
            self.pressed.emit(press)
        event.accept()

    def _take_key(self, press: KeyPress) -> bool:
        buttons = self._buttons()
        focused = self.focusWidget()
        name = press.name.removeprefix("kp_")
        if press.ctrl or press.alt or not isinstance(focused, QAbstractButton) or focused not in buttons:
            return False
        index, button = buttons.index(focused), focused
        targets = {"left": index - 1, "right": index + 1, "home": 0, "end": len(buttons) - 1}
        if name in targets:
            target = buttons[targets[name] % len(buttons)]
            target.setFocus(Qt.FocusReason.TabFocusReason)
            if isinstance(target, TabButton):
                self.tabs.reveal(target)
        elif name in ("enter", "space"):
            if not press.repeat:
                button.click()
        elif name == "delete" and isinstance(button, TabButton):
            if not press.repeat:  # a held key would close tab after tab
                self.tabs.ask("tab.close", button)
        else:
            return False
        return True

    def _buttons(self) -> list[QAbstractButton]:
        """Left to right."""
        return [self.title, *self.tabs.buttons, self.plus, self.bell, self.gear]

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab leaves the bar; arrows move between its buttons."""
        self.focus_left.emit(forward)
        return True
