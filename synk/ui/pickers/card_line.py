"""The line edit of a card with a list below: text is for the line, keys that walk the list for the card."""

from collections.abc import Callable

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from synk.base.keypress import KeyPress
from synk.ui.keys import key_press

NOT_TEXT = frozenset({"escape", "enter", *(f"f{number}" for number in range(1, 25))})
"""Keys an edit line has no use for."""


class CardLine(QLineEdit):
    """Offers each key to the card first; what neither can use goes on as the card's own unknown key."""

    def __init__(self, take: Callable[[KeyPress], bool], pass_on: Callable[[KeyPress], None], parent: QWidget) -> None:
        """`take(press)`: True if the card acted on it; `pass_on(press)`: a key for nobody here."""
        super().__init__(parent)
        self._take = take
        self._pass_on = pass_on

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Card, line, nobody."""
        press = key_press(event)
        if press is not None and self._take(press):
            event.accept()
        elif press is not None and press.name.removeprefix("kp_") in NOT_TEXT:
            self._pass_on(press)
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, _forward: bool) -> bool:
        """Tab is a key of the card."""
        return False
