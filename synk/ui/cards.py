"""The cards over the window: the topmost has the keyboard, the ones below wait."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from synk.ui.card import Card, Scrim


class CardStack(QObject):
    """Opens and closes cards; what is below them never sees a key or a click meanwhile."""

    pressed = Signal(object)
    """A `KeyPress` the topmost card had no use for."""
    opened = Signal()
    """A card was put on top."""
    emptied = Signal()
    """The last card was closed: the keyboard is free."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._scrims: list[Scrim] = []

    @property
    def top(self) -> Card | None:
        """The card with the keyboard, None if there is none."""
        return self._scrims[-1].card if self._scrims else None

    def has(self, title: str) -> bool:
        """Whether a card with this title is open."""
        return any(scrim.card.title == title for scrim in self._scrims)

    def open(self, card: Card) -> None:
        """Show a card on top and give it the keyboard."""
        scrim = Scrim(card, self._window)
        card.pressed.connect(self.pressed)
        card.finished.connect(lambda: self._close(scrim))
        self._scrims.append(scrim)
        scrim.show()
        self.take_focus()
        self.opened.emit()

    def take_focus(self) -> bool:
        """The topmost card gets the keyboard; False if there is none."""
        if self._scrims:
            self._scrims[-1].card.setFocus(Qt.FocusReason.OtherFocusReason)
        return bool(self._scrims)

    def arrange(self) -> None:
        """The window has another size."""
        for scrim in self._scrims:
            scrim.arrange()

    def _close(self, scrim: Scrim) -> None:
        if scrim in self._scrims:
            self._scrims.remove(scrim)
            scrim.hide()
            scrim.deleteLater()
            if not self.take_focus():
                self.emptied.emit()
