"""A line edit with the keys of a shell's line editor (GNU Readline manual, 8.4), and a table of keys before them."""

import re
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from synk.base.keypress import KeyPress
from synk.ui.keys import key_press

LONGEST_LINE = 32_768
"""Characters. A pasted text may be long; a pasted file is no command."""

STAYING = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason)
"""Reasons for which the keyboard comes back by itself."""


_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Line ends and other control characters, which a pasted text may hold."""


class OneLine(QValidator):
    """Makes blanks of what is no text: a command is one line, and what it sends holds no hidden keys (rule G7)."""

    def validate(self, text: str, cursor: int) -> tuple[QValidator.State, str, int]:
        """Everything else is right; the length stays."""
        return QValidator.State.Acceptable, _NO_TEXT.sub(" ", text), cursor


class LineEdit(QLineEdit):
    """What was cut with Ctrl+w, u, k or Alt+d comes back with Ctrl+y. Input methods and the clipboard work as in any field."""

    left = Signal()
    """The keyboard went to another part of the window."""

    def __init__(self, take: Callable[[KeyPress], bool], parent: QWidget | None = None) -> None:
        """`take(press)`: act on a key of the table; False if it means nothing there."""
        super().__init__(parent)
        self._take = take
        self._cut = ""
        self.setMaxLength(LONGEST_LINE)
        self.setValidator(OneLine(self))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The table first, then the editing keys, then what Qt makes of the rest."""
        press = key_press(event)
        if press is None or not (self._take(press) or self._edit(press)):
            super().keyPressEvent(event)
        event.accept()

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab does not leave the line."""
        return False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell who took the keyboard away, unless it comes back by itself."""
        super().focusOutEvent(event)
        if event.reason() not in STAYING:
            self.left.emit()

    def _edit(self, press: KeyPress) -> bool:
        held = (press.ctrl, press.alt, press.shift)
        keys = {
            (True, False, False): self._with_ctrl,
            (False, True, False): self._with_alt,
            (True, False, True): self._with_ctrl_shift,
        }.get(held)
        if keys is None or press.super_:
            return False
        act = keys().get(press.name)
        if act is not None:
            act()
        return act is not None

    def _with_ctrl(self) -> dict[str, Callable[[], None]]:
        return {
            "a": lambda: self.home(False),
            "e": lambda: self.end(False),
            "b": lambda: self.cursorBackward(False),
            "f": lambda: self.cursorForward(False),
            "h": self.backspace,
            "d": self.del_,
            "w": lambda: self._cut_between(self._word_start(), self.cursorPosition()),
            "u": lambda: self._cut_between(0, self.cursorPosition()),
            "k": lambda: self._cut_between(self.cursorPosition(), len(self.text())),
            "y": lambda: self.insert(self._cut),
        }

    def _with_alt(self) -> dict[str, Callable[[], None]]:
        return {
            "b": lambda: self.cursorWordBackward(False),
            "f": lambda: self.cursorWordForward(False),
            "d": lambda: self._cut_between(self.cursorPosition(), self._word_end()),
            "backspace": lambda: self._cut_between(self._word_start(), self.cursorPosition()),
        }

    def _with_ctrl_shift(self) -> dict[str, Callable[[], None]]:
        """As in the terminals beside it."""
        return {"c": self.copy, "v": self.paste}

    def _word_start(self) -> int:
        """Where the word before the cursor begins; words end at blanks."""
        before = self.text()[: self.cursorPosition()].rstrip()
        return max(map(before.rfind, " \t"), default=-1) + 1

    def _word_end(self) -> int:
        """Where the word after the cursor ends."""
        text, at = self.text(), self.cursorPosition()
        while at < len(text) and text[at].isspace():
            at += 1
        while at < len(text) and not text[at].isspace():
            at += 1
        return at

    def _cut_between(self, start: int, end: int) -> None:
        if start < end:
            self._cut = self.text()[start:end]
            self.setSelection(start, end - start)
            self.del_()
