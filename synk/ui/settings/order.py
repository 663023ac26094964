"""The order of the drawer's panels: a short list whose lines are moved up and down."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from synk.ui.theme import Theme


class PanelOrder(QWidget):
    """Shows the panels there are; ids without a panel keep their place in the value."""

    changed = Signal()

    def __init__(self, theme: Theme, panels: Sequence[tuple[str, str]]) -> None:
        """`panels`: id and title."""
        super().__init__()
        size = theme.sizes
        self._titles = dict(panels)
        self._order: list[str] = []
        self.list = _MovableList(self)
        """Alt+Up and Alt+Down move the chosen line."""
        self.list.setProperty("groups", True)
        self._height = size.button_height
        self.list.setFixedHeight(max(1, len(panels)) * self._height)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(size.space_s)
        row.addWidget(self.list, 1)
        column = QVBoxLayout()
        column.setSpacing(size.space_xs)
        self.buttons = [self._mover(theme, "↑", "Move up", -1), self._mover(theme, "↓", "Move down", 1)]
        for button in self.buttons if len(panels) > 1 else []:
            column.addWidget(button)
            button.show()
        column.addStretch(1)
        row.addLayout(column)
        self.setFocusProxy(self.list)

    @property
    def value(self) -> list[str]:
        """All ids, in the order shown."""
        return list(self._order)

    def show_value(self, value: Any) -> None:
        """See `Control`."""
        self._order = [*value, *(panel for panel in self._titles if panel not in value)]
        chosen = self.list.currentItem().data(Qt.ItemDataRole.UserRole) if self.list.currentItem() else None
        self.list.clear()
        for panel in self._order:
            if panel in self._titles:
                item = QListWidgetItem(self._titles[panel], self.list)
                item.setSizeHint(QSize(0, self._height))
                item.setData(Qt.ItemDataRole.UserRole, panel)
                if panel == chosen:
                    self.list.setCurrentItem(item)
        if self.list.currentItem() is None:
            self.list.setCurrentRow(0)

    def setAccessibleName(self, name: str) -> None:
        """The list is what a screen reader finds."""
        self.list.setAccessibleName(name)

    def move_chosen(self, step: int) -> None:
        """Swap the chosen panel with its neighbor."""
        shown = [panel for panel in self._order if panel in self._titles]
        row = self.list.currentRow()
        if not 0 <= row + step < len(shown) or row < 0:
            return
        first, second = self._order.index(shown[row]), self._order.index(shown[row + step])
        self._order[first], self._order[second] = self._order[second], self._order[first]
        self.show_value(self._order)
        self.changed.emit()

    def _mover(self, theme: Theme, text: str, name: str, step: int) -> QPushButton:
        button = QPushButton(text, self)
        button.hide()
        button.setProperty("compact", True)
        button.setFixedWidth(theme.sizes.button_height)
        button.setAccessibleName(name)
        button.setToolTip(f"{name} (Alt+{'Up' if step < 0 else 'Down'} in the list)")
        button.clicked.connect(lambda: self.move_chosen(step))
        return button


class _MovableList(QListWidget):
    """A list that gives Alt+Up and Alt+Down to its owner."""

    def __init__(self, owner: PanelOrder) -> None:
        super().__init__(owner)
        self._owner = owner

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class; Esc and the like are for the dialog."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._owner.move_chosen(step)
        elif step is not None:
            super().keyPressEvent(event)
        else:
            event.ignore()
