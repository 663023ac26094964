"""The top bar: name, tabs, room for the command bar, mode, what waits for the user, bell and settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from synk.base.keypress import KeyPress
from synk.keys.modes import Mode
from synk.sessions.attention import attention_of
from synk.sessions.session import Session, Status
from synk.sessions.workspace import Workspace
from synk.ui.icon_button import IconButton
from synk.ui.keys import key_press
from synk.ui.marks import draw_keycap, keycap_width
from synk.ui.tab_button import TabButton, TabItem
from synk.ui.tab_strip import TabStrip
from synk.ui.theme import Theme, faded
from synk.ui.title_button import TitleButton

HINTS = (("n", "new"), ("Enter", "type"), ("?", "keys"))
"""The keys worth knowing in navigation mode; in terminal mode it is the one that leaves."""
HOME_HINTS = (("?", "keys"),)
"""On the home screen, where no pane is to be typed into."""
LINE_HINTS = (("Enter", "run"), ("Esc", "cancel"))
"""While a command is typed."""
MODE_TOKENS = {Mode.NAVIGATION: "blue", Mode.TERMINAL: "green", Mode.LINE: "purple"}
LINE_HINT = "Command"
"""What the place of the command bar says while it is closed."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One of the words on the right: mode, counts, broadcast, page, hints."""

    kind: str
    text: str
    token: str = "text-dim"


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
        self._leave_label = "Esc Esc"
        self.page_text = ""
        """`page 1 of 2`, "" with a single page."""
        self.counts_text = ""
        """`2 waiting, 1 done`, "" for none."""
        self._has_waiting_elsewhere = False
        self._broadcast = 0
        self._line_area = QRect()
        self._is_line_open = False
        self._items: tuple[TabItem, ...] = ()
        self._pieces: list[tuple[Piece, float]] = []
        self._hints_left = -1.0
        self._status_left = 0.0
        self._told_left = 0
        self.title = TitleButton(theme, "Synk", "Home", self)
        """Leads to the home screen."""
        self.tabs = TabStrip(theme, self)
        self.plus = IconButton(theme, "plus", "Open a folder (Ctrl+t)", self)
        self.bell = IconButton(theme, "bell", "Notifications (a)", self)
        self.gear = IconButton(theme, "gear", "Settings (Ctrl+,)", self)
        for button, line in (
            (self.title, "home.show"),
            (self.plus, "tab.open"),
            (self.bell, "history.open"),
            (self.gear, "settings.open"),
        ):
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

    def show_leave_key(self, label: str) -> None:
        """The keys that leave terminal mode, as the settings have them."""
        self._leave_label = label
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
        status = self._status_pieces()
        hints = self._hints_width()
        tabs = self.tabs.natural_width
        gap = size.space_l
        room = right - left - self.plus.width() - size.space_xs - sum(self._width(piece) + size.space_m for piece in status)
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
        self._place_pieces(status, self._hints_left if self._hints_left >= 0 else right)
        self._place_field(field)
        words = (self.mode_text, self.page_text, self.counts_text, self._broadcast_text())
        self.setAccessibleDescription(", ".join(filter(None, words)))
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

    def _place_pieces(self, pieces: Sequence[Piece], right: float) -> None:
        x = right
        self._pieces = []
        for piece in reversed(pieces):
            x -= self._width(piece)
            self._pieces.append((piece, x))
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

    def _status_pieces(self) -> list[Piece]:
        color = MODE_TOKENS[self._mode_shown]
        page = "orange" if self._has_waiting_elsewhere else "text-dim"
        pieces = [
            Piece("badge", self.mode_text, color),
            Piece("text", self.counts_text, "orange"),
            Piece("badge", self._broadcast_text(), "red"),
            Piece("text", self.page_text, page),
        ]
        return [piece for piece in pieces if piece.text]

    def _broadcast_text(self) -> str:
        return f"BROADCAST -> {self._broadcast}" if self._broadcast else ""

    def _width(self, piece: Piece) -> int:
        fonts = self._theme.fonts
        if piece.kind == "badge":
            # The mode's badge is as wide as its longest word, so that nothing moves when it changes.
            metrics = QFontMetrics(fonts.label(QFont.Weight.DemiBold))
            words = [mode.value for mode in Mode] if piece.text == self.mode_text else [piece.text]
            return max(metrics.horizontalAdvance(word) for word in words) + 2 * self._theme.sizes.space_s
        return QFontMetrics(fonts.label()).horizontalAdvance(piece.text)

    def _hints(self) -> Sequence[tuple[str, str]]:
        if self._is_line_open:
            return LINE_HINTS
        if self._mode is Mode.TERMINAL:
            return ((self._leave_label, "leave"),)
        return HINTS if any(item.is_active for item in self._items) else HOME_HINTS

    def _hints_width(self) -> int:
        metrics = QFontMetrics(self._theme.fonts.label())
        size = self._theme.sizes
        widths = (
            sum(round(keycap_width(self._theme, cap)) + size.space_xs for cap in key.split(" "))
            + metrics.horizontalAdvance(word)
            + size.space_m
            for key, word in self._hints()
        )
        return sum(widths)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """What is no button: the field's place, the words on the right, the line below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, size = self._theme.colors, self._theme.sizes
        painter.fillRect(self.rect(), colors.bg_sidebar)
        painter.setPen(QPen(faded(colors.border, 0.5), size.border))
        painter.drawLine(QPointF(0, self.height() - 0.5), QPointF(self.width(), self.height() - 0.5))
        if not self._line_area.isEmpty() and not self._is_line_open:
            self._paint_field(painter)
        for piece, x in self._pieces:
            self._paint_piece(painter, piece, x)
        if self._hints_left >= 0:
            self._paint_hints(painter, self._hints_left + size.space_m)

    def _paint_field(self, painter: QPainter) -> None:
        """The closed command bar: a quiet field that says which key opens it."""
        theme = self._theme
        colors, size = theme.colors, theme.sizes
        area = QRectF(self._line_area)
        painter.setPen(QPen(faded(colors.border, 0.7), size.border))
        painter.setBrush(faded(colors.bg_primary, 0.6))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), size.button_radius, size.button_radius)
        x = area.left() + size.space_xs - 1
        x += draw_keycap(painter, theme, "/", x, self.height() / 2) + size.space_s
        painter.setFont(theme.fonts.label())
        painter.setPen(colors.text_dim)
        painter.drawText(QRectF(x, 0, area.right() - x, self.height()), Qt.AlignmentFlag.AlignVCenter, LINE_HINT)

    def _paint_piece(self, painter: QPainter, piece: Piece, x: float) -> None:
        theme = self._theme
        size = theme.sizes
        color = theme.colors.token(piece.token)
        area = QRectF(x, 0, self._width(piece) + 1, self.height())
        if piece.kind == "badge":
            area = QRectF(x, (self.height() - size.keycap_height) / 2, self._width(piece), size.keycap_height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faded(color, theme.opacity.tint))
            painter.drawRoundedRect(area, size.keycap_radius, size.keycap_radius)
        painter.setFont(theme.fonts.label(QFont.Weight.DemiBold if piece.kind == "badge" else QFont.Weight.Normal))
        painter.setPen(color)
        align = Qt.AlignmentFlag.AlignCenter if piece.kind == "badge" else Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, align, piece.text)

    def _paint_hints(self, painter: QPainter, x: float) -> None:
        theme = self._theme
        size = theme.sizes
        for key, word in self._hints():
            for cap in key.split(" "):
                x += draw_keycap(painter, theme, cap, x, self.height() / 2) + size.space_xs
            painter.setFont(theme.fonts.label())
            painter.setPen(theme.colors.text_dim)
            width = painter.fontMetrics().horizontalAdvance(word)
            painter.drawText(QRectF(x, 0, width + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, word)
            x += width + size.space_m

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
