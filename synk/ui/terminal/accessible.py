"""A terminal for screen readers: the text that is shown, the caret, and new output announced politely."""

from itertools import accumulate
from typing import Protocol, cast

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleInterface,
    QAccessibleTextCursorEvent,
    QAccessibleTextInterface,
)
from PySide6.QtWidgets import QAccessibleWidget, QWidget
from shiboken6 import Shiboken

from synk.sessions.session import Session
from synk.terminal.texts import plain

SETTLE_MS = 250
"""Output is announced when it has paused for this long: a reader cannot follow a flood."""
MOST_LINES = 20
"""Lines of one announcement: the newest ones. A reader goes through the rest with its own keys."""


class ReadableTerminal(Protocol):
    """What a screen reader is told of a view."""

    session: Session

    @property
    def first_line(self) -> int:
        """Absolute number of the line in the first row shown."""

    @property
    def rows_shown(self) -> int:
        """Rows that fit."""

    def cell_at(self, place: QPointF) -> tuple[int, int]:
        """Line number and column of the cell under a point."""

    def place_of(self, line: int, col: int) -> QPointF:
        """Upper left corner of a cell."""

    @property
    def cell_size(self) -> tuple[float, float]:
        """Width and height in logical pixels."""

    def mapToGlobal(self, place: QPoint, /) -> QPoint: ...
    def mapFromGlobal(self, place: QPoint, /) -> QPoint: ...


class TerminalText(QAccessibleTextInterface):
    """The rows that are shown as one text, lines separated by newlines. Offsets count characters, not cells."""

    def __init__(self, view: ReadableTerminal) -> None:
        super().__init__()
        self._view = view

    def text(self, start: int, end: int, /) -> str:
        """Characters `start` to `end` (excluded)."""
        return self._whole()[max(0, start) : max(0, end)]

    def characterCount(self) -> int:
        """Of the whole text."""
        return len(self._whole())

    def cursorPosition(self) -> int:
        """Where the caret is; at the end of the text while it is out of sight."""
        emulator = self._view.session.emulator
        cursor = emulator.cursor
        return self._offset(emulator.scrolled_total + cursor.y, cursor.x)

    def selectionCount(self) -> int:
        """0: PySide 6.11 has no way to tell where a selection is, a reader would get two random numbers."""
        return 0

    def characterRect(self, offset: int, /) -> QRect:
        """Where a character is on the desktop."""
        line, col = self._place(offset)
        corner = self._view.mapToGlobal(self._view.place_of(line, col).toPoint())
        width, height = self._view.cell_size
        return QRect(corner.x(), corner.y(), round(width), round(height))

    def offsetAtPoint(self, point: QPoint, /) -> int:
        """The character at a place of the desktop."""
        return self._offset(*self._view.cell_at(QPointF(self._view.mapFromGlobal(point))))

    def addSelection(self, start: int, end: int, /) -> None:
        """Selecting belongs to the mouse."""

    def removeSelection(self, index: int, /) -> None:
        """As `addSelection`."""

    def setSelection(self, index: int, start: int, end: int, /) -> None:
        """As `addSelection`."""

    def setCursorPosition(self, position: int, /) -> None:
        """The caret belongs to the program."""

    def scrollToSubstring(self, start: int, end: int, /) -> None:
        """All of the text is in sight."""

    def _rows(self) -> list[tuple[str, ...]]:
        emulator = self._view.session.emulator
        first = self._view.first_line - emulator.scrolled_total
        last = min(first + self._view.rows_shown, emulator.rows)
        return [emulator.cells(y) for y in range(first, last)]

    def _whole(self) -> str:
        return "\n".join("".join(cells).rstrip(" ") for cells in self._rows())

    def _offset(self, line: int, col: int) -> int:
        """The offset of a cell; that of the end of its line if there is no text."""
        rows = self._rows()
        lines = ["".join(cells).rstrip(" ") for cells in rows]
        number = line - self._view.first_line
        if not 0 <= number < len(rows):
            return len("\n".join(lines))
        before = sum(len(text) + 1 for text in lines[:number])
        return before + min(len("".join(rows[number][:col])), len(lines[number]))

    def _place(self, offset: int) -> tuple[int, int]:
        """Line and column of a character."""
        for number, cells in enumerate(self._rows()):
            length = len("".join(cells).rstrip(" "))
            if offset <= length:
                ends = list(accumulate(len(cell) for cell in cells))
                return self._view.first_line + number, sum(end <= offset for end in ends)
            offset -= length + 1
        return self._view.first_line, 0


class AccessibleTerminal(QAccessibleWidget):
    """A view as Qt's accessibility bridge sees it: a terminal with a text."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view, QAccessible.Role.Terminal, view.accessibleName())
        self._text = TerminalText(cast(ReadableTerminal, view))

    # PySide's stub says int, because C++ returns a pointer; what it takes is the interface.
    def interface_cast(self, kind: QAccessible.InterfaceType, /) -> object:  # type: ignore[override]
        """The text for who asks for one; else what any widget has.

        `None` for an interface that is not there ends the process with SIGSEGV (PySide 6.11): it must be an empty pointer.
        Screen readers ask for every interface of every widget.
        """
        if kind == QAccessible.InterfaceType.TextInterface:
            return self._text
        found = cast(object, super().interface_cast(kind))
        return Shiboken.VoidPtr(0) if found is None else found


class Announcer(QObject):
    """Tells a screen reader of new output and of the caret; costs nothing while there is none."""

    def __init__(self, view: QWidget, session: Session) -> None:
        super().__init__(view)
        self._view = view
        self._session = session
        emulator = session.emulator
        self._caret = (emulator.scrolled_total + emulator.cursor.y, emulator.cursor.x)
        self._heard = self._caret[0]
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLE_MS)
        self._settled.timeout.connect(self._announce)

    def output(self) -> None:
        """The program printed into the view with the keyboard."""
        emulator = self._session.emulator
        caret = (emulator.scrolled_total + emulator.cursor.y, emulator.cursor.x)
        if not self._settled.isActive():
            self._heard = min(caret[0], self._caret[0])
        if caret != self._caret:
            self._caret = caret
            text = TerminalText(cast(ReadableTerminal, self._view))
            QAccessible.updateAccessibility(QAccessibleTextCursorEvent(self._view, text.cursorPosition()))
        self._settled.start()

    def new_text(self) -> str:
        """Lines that were printed since the last announcement, the newest at most."""
        emulator = self._session.emulator
        top = emulator.scrolled_total
        last = top + emulator.cursor.y
        first = max(self._heard, last - MOST_LINES + 1, top + emulator.first_row())
        lines = [plain(emulator.text(line - top)).strip() for line in range(first, last + 1)]
        return "\n".join(line for line in lines if line)

    def _announce(self) -> None:
        text = self.new_text()
        if text:
            event = QAccessibleAnnouncementEvent(self._view, text)
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
            QAccessible.updateAccessibility(event)


def say(widget: QWidget, text: str) -> None:
    """Have a screen reader speak: which row of a painted list has the keyboard now. Nothing happens while there is none."""
    if QAccessible.isActive():
        event = QAccessibleAnnouncementEvent(widget, text)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)


def install(view_type: type[QWidget]) -> None:
    """Have Qt ask us about widgets of this type. Once; a second time changes nothing but the order of asking."""

    def make(_name: str, thing: QObject) -> QAccessibleInterface | None:
        return AccessibleTerminal(thing) if isinstance(thing, view_type) else None

    QAccessible.installFactory(make)
