"""The screen of one session as a widget: paints dirty rows, follows or keeps its place, takes keys, text and the mouse."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QShowEvent,
    QWheelEvent,
    qt_set_sequence_auto_mnemonic,
)
from PySide6.QtWidgets import QWidget

from synk.actions.ports import ScrollStep
from synk.base.keypress import KeyPress
from synk.sessions.session import Session
from synk.terminal.key_flags import ALL_KEYS
from synk.terminal.keyboard import encode_focus
from synk.terminal.pictures import Picture
from synk.ui.frames import Frames
from synk.ui.keys import KeyReader
from synk.ui.terminal.accessible import Announcer
from synk.ui.terminal.cursor_blink import CursorBlink, TextBlink
from synk.ui.terminal.finder import Finder
from synk.ui.terminal.link_hover import LinkHover, LinkLabel
from synk.ui.terminal.new_lines import NewLinesChip
from synk.ui.terminal.preedit import Preedit
from synk.ui.terminal.scroll_position import ScrollPosition
from synk.ui.terminal.terminal_colors import numbered_colors
from synk.ui.terminal.terminal_images import PictureClock
from synk.ui.terminal.terminal_mouse import TerminalMouse
from synk.ui.terminal.terminal_paint import RowPainter
from synk.ui.terminal.terminal_picture import TerminalPicture

KEY_CONTROL = Qt.Key.Key_Control.value
SYNCHRONIZED_MS = 150
"""A program that begins a frame (2026) and does not end it is shown after this."""


class TerminalView(QWidget):
    """Shows one session. It never changes the session itself; everything it wants goes out as a signal."""

    committed = Signal(str)
    """Text from an input method."""
    wrote = Signal(bytes)
    """Bytes for the program that are not keys: mouse and focus reports, a paste."""
    clicked = Signal()
    """A mouse button went down in the body."""
    middle_clicked = Signal()
    """Paste the primary selection here."""
    dropped = Signal(object)
    """The `QMimeData` of files or a text that was dropped here."""
    link_clicked = Signal(object)
    """A `FoundLink` was clicked with Ctrl held."""

    def __init__(
        self, session: Session, rows: RowPainter, parent: QWidget | None = None, *, frames: Frames | None = None
    ) -> None:
        """`frames` grants the paints of all views of a window; without it the view is on its own."""
        super().__init__(parent)
        self.session = session
        self.mouse = TerminalMouse(self, self)
        self._rows = rows
        self.scroll_position = ScrollPosition(session.emulator)
        self._is_keyboard_here = False
        self._keys = KeyReader()
        self.on_press: Callable[[KeyPress], None] = lambda _press: None
        """Gets a key, or its release, while this view has the focus; modifiers by themselves if the program wants them.

        No signal: by way of Qt a key would be with its program 0.04 ms later.
        """
        self.preedit = Preedit()
        """What an input method composes."""
        self.paint_count = 0
        """Paint events so far; tests and benchmarks read it."""
        self._frames = frames or Frames(self)
        self._synchronized = self._single_shot(self.flush)
        self.blink = CursorBlink(self)
        """Of the cursor, while this view has the keyboard."""
        self.blink.toggled.connect(self._show_blink)
        self.text_blink = TextBlink(self)
        self.text_blink.toggled.connect(self._show_text_blink)
        self._picture_clock = PictureClock(self, self._show_frame)
        self._picture = TerminalPicture(self, rows, self._picture_clock)
        rows.pictures.cache.loaded.connect(self._show_loaded)
        self._announcer = Announcer(self, session)
        self._link_label = LinkLabel(rows.theme, self)
        self.links = LinkHover(self, self._link_label, rows.theme)
        """The link under the mouse."""
        self.finder: Finder | None = None
        """The search of this view, once there was one."""
        self._pointer = Qt.CursorShape.IBeamCursor
        self._chip = NewLinesChip(rows.theme, self)
        self._chip.clicked.connect(self.follow)
        # No "a&b" on some button takes Alt+B from the program, and nothing in Synk has a shortcut of Qt's. To refuse those key by
        # key, `event` has to be overridden, and is called on the way of every key and paint: 0.05 ms of an echo.
        qt_set_sequence_auto_mnemonic(False)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setAccessibleName(f"Terminal of pane {session.pane}")
        self._describe()

    @property
    def font_cells(self) -> RowPainter:
        """The painter with its font: cell size in logical pixels."""
        return self._rows

    def use_rows(self, rows: RowPainter) -> None:
        """Paint with another font or theme from now on."""
        self._rows = rows
        self._picture.use_rows(rows)
        self._describe()
        self.update()

    @property
    def rows_shown(self) -> int:
        """Whole rows that fit."""
        return max(1, int((self.height() + 0.5) / self._rows.font.cell_height))

    @property
    def first_line(self) -> int:
        """Number of the line in the first row shown."""
        return self.scroll_position.first_line(self.rows_shown)

    @property
    def is_following(self) -> bool:
        """False while the user has scrolled up."""
        return self.scroll_position.is_following

    def scroll_by(self, lines: int) -> None:
        """Move the view, negative is back; at the newest line it follows the output again."""
        self._show_scrolled(self.scroll_position.move(lines))

    def scroll_to(self, step: ScrollStep) -> None:
        """Move by a page (one row less, so that the eye finds its place), or to one of the ends."""
        page = max(1, self.rows_shown - 1)
        match step:
            case "page-up":
                self.scroll_by(-page)
            case "page-down":
                self.scroll_by(page)
            case "top":
                self._show_scrolled(self.scroll_position.move_to_oldest())
            case "bottom":
                self.follow()

    def follow(self) -> None:
        """Show the newest line and stay there."""
        self._show_scrolled(self.scroll_position.follow())

    def show_line(self, line: int, *, below_rows: int = 0) -> None:
        """Scroll so that a line is seen, at least that many rows below the top; not at all if it is."""
        first = self.first_line
        if not first + below_rows <= line < first + self.rows_shown:
            self._show_scrolled(self.scroll_position.move_to(line - max(below_rows, self.rows_shown // 3)))

    def show_first(self, line: int) -> None:
        """Scroll so that a line is the first one shown, as far as there is something below it."""
        self._show_scrolled(self.scroll_position.move_to(line))

    def place_of(self, line: int, col: int) -> QPointF:
        """Upper left corner of a cell, which may be out of sight."""
        font = self._rows.font
        return QPointF(col * font.cell_width, (line - self.first_line) * font.cell_height)

    def show_keyboard(self, is_here: bool) -> None:
        """Whether keys go to this program now: the cursor is filled and blinks."""
        if is_here != self._is_keyboard_here:
            self._is_keyboard_here = is_here
            self._restart_blink()
            self.update(self._picture.cursor_area().toAlignedRect())

    def show_dimmed(self, by: float) -> None:
        """How much of the picture is taken away, 0 to 1."""
        if self._picture.dim(by):
            self.update()

    def output(self) -> None:
        """The program printed: paint soon, at most once per frame, and not in the middle of a synchronized one."""
        if not self.isVisible():
            return
        if self.session.emulator.is_synchronized:
            if not self._synchronized.isActive():
                self._synchronized.start(SYNCHRONIZED_MS)
            return
        if self._synchronized.isActive():
            self._synchronized.stop()
        self._frames.ask(self)

    @property
    def is_frame_open(self) -> bool:
        """See `Framed`: in a synchronized frame (2026) that is not overdue. What is seen is the frame before."""
        return self._synchronized.isActive() and self.session.emulator.is_synchronized

    def flush(self) -> None:
        """Paint everything that changed, now; in the middle of a synchronized frame nothing has."""
        changed = self._take_changed()
        if changed is None:
            return
        self._picture.is_fresh = True
        # Not `update`, which lets the next turn of parsing come before the paint: an echo would wait for it.
        self.repaint(changed)
        self._picture.is_fresh = False
        if self._is_keyboard_here:
            self._restart_blink()
        if self.hasFocus():
            self.updateMicroFocus()
            if QAccessible.isActive():
                self._announcer.output()

    def mark(self) -> None:
        """See `Framed`."""
        changed = self._take_changed()
        if changed is not None:
            self.update(changed)

    def _take_changed(self) -> QRect | QRegion | None:
        """What output changed of the picture since this was called last; None for nothing that is in sight."""
        if self.is_frame_open:
            return None
        emulator, scroll, picture = self.session.emulator, self.scroll_position, self._picture
        dirty = emulator.take_dirty()
        is_recolored = picture.recolor()
        if self.finder is not None and dirty:
            self.finder.output()
        rows = self.rows_shown
        if self.text_blink.lines:
            first = scroll.first_line(rows)
            self.text_blink.keep(first, first + rows)
        was_following = scroll.is_following
        if not was_following:
            scroll.catch_up()
            self._chip.show_count(scroll.new_lines)
        if not (is_recolored or was_following) and scroll.is_untouched(rows):
            return None
        before, skip = picture.cursor, picture.skip
        picture.look(rows)
        if is_recolored or not was_following or picture.skip != skip or len(dirty) >= emulator.rows:
            return self.rect()
        return picture.area_of(dirty, before)

    @property
    def cell_size(self) -> tuple[float, float]:
        """Width and height in logical pixels."""
        return self._rows.font.cell_width, self._rows.font.cell_height

    @property
    def paints_first(self) -> bool:
        """See `Framed`."""
        return self._is_keyboard_here

    @property
    def is_typed_into(self) -> bool:
        """Whether keys go to this program now, and to nothing that lies over it."""
        return self._is_keyboard_here and self.hasFocus()

    @property
    def cell_pixels(self) -> tuple[int, int]:
        """Width and height in device pixels, as programs are told: a picture as large as they mean it is not scaled."""
        font = self._rows.font
        return round(font.cell_width * font.ratio), round(font.cell_height * font.ratio)

    @property
    def is_keyboard_here(self) -> bool:
        """Whether keys go to this program now."""
        return self._is_keyboard_here

    def cell_at(self, place: QPointF) -> tuple[int, int]:
        """Line number and column of the cell under a point, clamped to what is shown."""
        font = self._rows.font
        row = min(max(int(place.y() // font.cell_height), 0), self.rows_shown - 1)
        return self.first_line + row, min(max(int(place.x() // font.cell_width), 0), self.session.emulator.cols - 1)

    def gap_at(self, place: QPointF) -> tuple[int, int]:
        """Line number and the boundary between two cells that is nearest, 0 to the number of columns."""
        line, _ = self.cell_at(place)
        return line, min(max(round(place.x() / self._rows.font.cell_width), 0), self.session.emulator.cols)

    def is_on_cells(self, place: QPointF) -> bool:
        """Whether a point is on a cell, and not beside them."""
        font, emulator = self._rows.font, self.session.emulator
        rows = min(self.rows_shown, emulator.rows)
        return 0 <= place.x() < emulator.cols * font.cell_width and 0 <= place.y() < rows * font.cell_height

    def pixel_at(self, place: QPointF) -> tuple[int, int]:
        """Pixels from the left and top edge of the program's screen, in the size of a cell that it was told; clamped."""
        font, emulator = self._rows.font, self.session.emulator
        width, height = self.cell_pixels
        top = (emulator.scrolled_total - self.first_line) * font.cell_height
        x, y = int(place.x() * width / font.cell_width), int((place.y() - top) * height / font.cell_height)
        return min(max(x, 0), emulator.cols * width - 1), min(max(y, 0), emulator.rows * height - 1)

    def rows_beyond(self, place: QPointF) -> int:
        """How many rows above (negative) or below the view a point is; 0 inside."""
        height = self._rows.font.cell_height
        if place.y() < 0:
            return int(place.y() // height)
        return max(0, int((place.y() - self.height()) // height) + 1)

    def mark_selection(self) -> None:
        """The selection changed: paint it."""
        self.update()

    def take_click(self) -> None:
        """A button went down in the body."""
        self.clicked.emit()

    def take_middle_click(self) -> None:
        """The primary selection is to be pasted."""
        self.middle_clicked.emit()

    def look_for_link(self, place: QPointF, *, is_asked: bool) -> bool:
        """The mouse is at a point, with the keys that open links or not; True if it is on a link that a click would open."""
        is_on_link = self.links.look(place, is_asked=is_asked) is not None
        shape = Qt.CursorShape.PointingHandCursor if is_on_link else self._pointer
        if self.cursor().shape() != shape:
            self.setCursor(shape)
        return is_on_link

    def use_pointer(self, shape: Qt.CursorShape) -> None:
        """Show the mouse in this shape from now on, where it is on no link."""
        self._pointer = shape
        self.setCursor(shape)

    def take_link_click(self) -> None:
        """The link under the mouse is to be opened."""
        if self.links.link is not None:
            self.link_clicked.emit(self.links.link)

    def report(self, data: bytes) -> None:
        """Bytes for the program from the mouse."""
        self.wrote.emit(data)

    def _single_shot(self, call: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(call)
        return timer

    def _describe(self) -> None:
        """Tell the emulator what programs may ask: cell size and the colors of the theme."""
        emulator = self.session.emulator
        width, height = self.cell_pixels
        emulator.describe_window(cell_width=width, cell_height=height, is_dark=self._rows.theme.is_dark)
        emulator.pictures.flatten = self._rows.pictures.cache.flatten
        emulator.colors.base = numbered_colors(self._rows.theme)

    def _show_scrolled(self, is_moved: bool) -> None:
        if is_moved:
            self._chip.show_count(self.scroll_position.new_lines)
            self.update()

    def _show_blink(self) -> None:
        """Not in the middle of a synchronized frame, which is shown whole or not at all."""
        if not self.session.emulator.is_synchronized:
            self.update(self._picture.cursor_rect)

    def _show_loaded(self) -> None:
        """A picture was decoded that may be one of these."""
        if self._picture.pictures:
            self.update()

    def _show_frame(self, picture: Picture) -> None:
        """An animation goes on."""
        if not self.session.emulator.is_synchronized:
            first = self.first_line - self.session.emulator.scrolled_total
            for each in self._picture.pictures:
                if each.placement.picture is picture:
                    self.update(self._rows.pictures.area(each, first).toAlignedRect())

    def _show_text_blink(self) -> None:
        """As `_show_blink`, for the rows with blinking text."""
        if not self.session.emulator.is_synchronized:
            height, first = self._rows.font.cell_height, self.first_line
            for line in self.text_blink.lines:
                self.update(QRectF(0, (line - first) * height, self.width(), height).toAlignedRect())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what the region covers: background, rows, selection, cursor, and the veil of an unfocused pane."""
        self.paint_count += 1
        painter = QPainter(self)
        try:
            self._picture.paint(painter, event)
        finally:
            # Also after an error, whose traceback keeps the painter: Qt ends the process at the next paint if one is open.
            painter.end()

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab is a key like any other here."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand the key over; a key without a meaning of its own (a dead key, mostly a modifier) is dropped."""
        press = self._keys.read(event, is_release=False)
        if press is not None and (not press.is_modifier or self.session.emulator.modes.kitty_keyboard & ALL_KEYS):
            self.on_press(press)
            # What follows is done while the program makes its echo.
            self._restart_blink()
        if event.key() == KEY_CONTROL:
            self.mouse.hold_link_key(event.modifiers() | Qt.KeyboardModifier.ControlModifier)
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Hand the release over: the program that got the press may want to know."""
        if event.key() == KEY_CONTROL:
            self.mouse.hold_link_key(event.modifiers() & ~Qt.KeyboardModifier.ControlModifier)
        press = self._keys.read(event, is_release=True)
        if press is not None:
            self.on_press(press)
        event.accept()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Show what is being composed; commit what is done, once."""
        preedit = Preedit.of(event)
        if preedit != self.preedit:
            self.preedit = preedit
            self.update()
            self.updateMicroFocus()
        if event.commitString():
            self.committed.emit(event.commitString())
        event.accept()

    def inputMethodQuery(self, query: Qt.InputMethodQuery) -> object:
        """Tell the input method where the cursor is."""
        if query == Qt.InputMethodQuery.ImCursorRectangle:
            area = self._picture.cursor_area()
            if self.preedit:
                place = self.preedit.area(self._rows.font, area, self.width())
                area = self.preedit.caret_area(self._rows.font, place, self._rows.theme.sizes.cursor_bar)
            return area.toAlignedRect()
        if query == Qt.InputMethodQuery.ImEnabled:
            return self._is_keyboard_here
        return super().inputMethodQuery(query)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Report the focus to a program that asked for it (mode 1004)."""
        super().focusInEvent(event)
        self._show_focus()
        self._report_focus(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The other half of `focusInEvent`; a text being composed is dropped by the input method itself."""
        super().focusOutEvent(event)
        self._show_focus()
        self._keys.forget()
        self._report_focus(False)

    def showEvent(self, event: QShowEvent) -> None:
        """What was printed while hidden is painted now, all of it."""
        super().showEvent(event)
        self.session.emulator.take_dirty()
        if self.finder is not None:
            self.finder.output()
        self._chip.show_count(self.scroll_position.new_lines)

    def hideEvent(self, _event: object) -> None:
        """A hidden view has no timers."""
        self._frames.forget(self)
        self._synchronized.stop()
        self.blink.stop()
        self.text_blink.forget()
        self._picture_clock.stop()

    def resizeEvent(self, _event: object) -> None:
        """Keep what lies over it in its corners."""
        self._link_label.place()
        if self.finder is not None:
            self.finder.bar.place()
        space = self._rows.theme.sizes.space_s
        self._chip.place(self.width() - space, self.height() - space)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Selection, reporting, focus: see `TerminalMouse`."""
        self.mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """As `mousePressEvent`."""
        self.mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """As `mousePressEvent`."""
        self.mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """As `mousePressEvent`."""
        self.mouse.press(event)

    def leaveEvent(self, _event: QEvent) -> None:
        """No link is under the mouse any more."""
        self.links.forget()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and text can be dropped on a program."""
        if self.session.is_live and (event.mimeData().hasUrls() or event.mimeData().hasText()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """As if it were pasted."""
        event.acceptProposedAction()
        self.dropped.emit(event.mimeData())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """As `mousePressEvent`."""
        self.mouse.wheel(event)

    def _show_focus(self) -> None:
        """The cursor is hollow while a search or a card has the keyboard."""
        self._restart_blink()
        self.update(self._picture.cursor_area().toAlignedRect())

    def _report_focus(self, has_focus: bool) -> None:
        data = encode_focus(has_focus, self.session.emulator.modes)
        if data and self.session.is_live:
            self.wrote.emit(data)

    def _restart_blink(self) -> None:
        is_typed_into = self._is_keyboard_here and self.hasFocus() and self.isVisible()
        self.blink.restart(blinks=is_typed_into and self.session.emulator.cursor.blinks)

