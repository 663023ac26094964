"""The left side of the settings dialog: the search, and the list of groups, which lead to each other and to the settings."""

from typing import Protocol

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem

from synk.ui.keys import key_press


class Page(Protocol):
    """What both need of the dialog."""

    groups: "GroupList"

    def focusNextPrevChild(self, is_next: bool, /) -> bool:
        """Move the keyboard to the next control."""


class SearchField(QLineEdit):
    """A line edit whose arrows lead to the groups and Enter to the first setting found."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self.setPlaceholderText("Search settings")
        self.setAccessibleName("Search settings")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class; Esc is for the page."""
        press = key_press(event)
        if press is not None and press.name == "escape":
            event.ignore()
        elif press is not None and press.name == "down":
            self._page.groups.setFocus(Qt.FocusReason.OtherFocusReason)
        elif press is not None and press.name.removeprefix("kp_") == "enter":
            self._page.groups.setFocus(Qt.FocusReason.OtherFocusReason)
            self._page.focusNextPrevChild(True)
        else:
            super().keyPressEvent(event)


class GroupList(QListWidget):
    """Arrows and j, k choose; Enter and Right lead to the first control."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self.setProperty("groups", True)
        self.setAccessibleName("Groups of settings")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def add(self, name: str, *, height: int) -> None:
        """A group more, at the end."""
        item = QListWidgetItem(name, self)
        item.setSizeHint(QSize(0, height))

    def mark_current(self, is_shown: bool) -> None:
        """Whether the current group is what the page shows; while something is searched for it is not."""
        item = self.currentItem()
        if item is not None:
            item.setSelected(is_shown or self.hasFocus())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Where the keyboard is is seen."""
        super().focusInEvent(event)
        self.mark_current(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class; what means nothing here is for the page."""
        press = key_press(event)
        name = press.name.removeprefix("kp_") if press is not None else ""
        step = {"j": 1, "down": 1, "k": -1, "up": -1}.get(name)
        if step is not None:
            self.setCurrentRow(min(max(0, self.currentRow() + step), self.count() - 1))
        elif name in ("enter", "right", "l"):
            self._page.focusNextPrevChild(True)
        else:
            event.ignore()
