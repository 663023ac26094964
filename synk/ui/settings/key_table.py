"""The user's own keys: one line per key with the command it runs, and one to record another."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from synk.base.errors import UsageError
from synk.keys.chords import meanings, parse_chord
from synk.ui.card import label
from synk.ui.keys import key_press
from synk.ui.questions import KeycapLabel
from synk.ui.settings.row import say
from synk.ui.theme import Theme

RECORD = "Press to record a key"
RECORDING = "Press the key …"

CheckCommand = Callable[[str], None]
"""Raises UsageError for a line that names no command."""


class KeyTable(QWidget):
    """Keys as `parse_chord` reads them, each with a command line; an empty one frees the key."""

    changed = Signal()

    def __init__(self, theme: Theme, check: CheckCommand, effect_of: Callable[[str], str]) -> None:
        """`effect_of(chord)`: what the key does without own keys, "" for nothing."""
        super().__init__()
        self._theme = theme
        self._check = check
        self._effect_of = effect_of
        self._keys: dict[str, str] = {}
        self._name = ""
        self.lines: list[_KeyLine] = []
        """Those shown."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.sizes.space_xs)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.sizes.space_xs)
        column.addLayout(self._list)
        self.record = KeyRecorder(theme)
        """Takes the key of a new line."""
        self.record.recorded.connect(self._recorded)
        self.command = _CommandField("command, empty to free the key")
        """Takes the command of a new line; Enter adds it."""
        self.command.taken.connect(self.add)
        self.add_button = QPushButton("Add")
        self.add_button.clicked.connect(self.add)
        row = QHBoxLayout()
        row.setSpacing(theme.sizes.space_s)
        row.addWidget(self.record)
        row.addWidget(self.command, 1)
        row.addWidget(self.add_button)
        column.addLayout(row)
        self.message = label(theme, "", theme.fonts.label(), "text-soft")
        """What the recorded key does now, or why a line was not taken."""
        self.message.hide()
        column.addWidget(self.message)
        self.setFocusProxy(self.record)

    @property
    def value(self) -> dict[str, str]:
        """Key to command line."""
        return dict(self._keys)

    def show_value(self, value: Any) -> None:
        """See `Control`."""
        if dict(value) == self._keys and len(self.lines) == len(self._keys):
            return
        self._keys = dict(value)
        for line in self.lines:
            self._list.removeWidget(line)
            line.deleteLater()
        self.lines = [self._line(key, command) for key, command in self._keys.items()]
        for line in self.lines:
            self._list.addWidget(line)

    def setAccessibleName(self, name: str) -> None:
        """The parts say whose they are."""
        self._name = name
        self.record.setAccessibleName(f"{name}: record a key")
        self.command.setAccessibleName(f"{name}: command of the new key")
        self.add_button.setAccessibleName(f"{name}: add the key")

    def add(self) -> None:
        """Take the recorded key and its command, if both can be used."""
        chord, command = self.record.chord, self.command.text().strip().removeprefix("/")
        if not chord:
            self._say("Record a key first", is_error=True)
        elif self._is_fine(command):
            self._keys[chord] = command
            self.record.show_chord("")
            self.command.clear()
            self._say("")
            self._show_again()
            self.changed.emit()

    def _line(self, key: str, command: str) -> "_KeyLine":
        line = _KeyLine(self._theme, self._name, key, command)
        line.edited.connect(self._edited)
        line.removed.connect(self._removed)
        return line

    def _edited(self, key: str, command: str) -> None:
        if self._is_fine(command):
            self._keys[key] = command
            self._say("")
            self.changed.emit()

    def _removed(self, key: str) -> None:
        del self._keys[key]
        self.record.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_again()
        self.changed.emit()

    def _show_again(self) -> None:
        keys, self._keys = self._keys, {}
        self.show_value(keys)

    def _recorded(self, chord: str) -> None:
        taken = self._keys.get(chord)
        effect = self._effect_of(chord)
        if taken is not None:
            self._say(f"{chord} is bound to “{taken or 'nothing'}” above; Add replaces it")
        else:
            self._say(f"{chord} now: {effect}" if effect else "")
        self.command.setFocus(Qt.FocusReason.OtherFocusReason)

    def _is_fine(self, command: str) -> bool:
        try:
            if command:
                self._check(command)
        except UsageError as error:
            self._say(error.message, is_error=True)
            return False
        return True

    def _say(self, text: str, *, is_error: bool = False) -> None:
        say(self.message, text, is_error=is_error)


class KeyRecorder(QPushButton):
    """A button that, once pressed, takes the next key with its modifiers, also Tab and Enter; Esc pressed alone cancels."""

    recorded = Signal(str)
    """The chord, as `parse_chord` reads it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(RECORD)
        self.chord = ""
        """What was recorded, "" for nothing."""
        self.is_recording = False
        self.setFixedWidth(theme.sizes.control_width - theme.sizes.space_xxl)
        self.clicked.connect(self.start)

    def start(self) -> None:
        """Take the next key."""
        self.is_recording = True
        self.setText(RECORDING)

    def show_chord(self, chord: str) -> None:
        """Show a chord, or the invitation for ""."""
        self.chord = chord
        self.is_recording = False
        self.setText(parse_chord(chord).label if chord else RECORD)

    def event(self, event: QEvent) -> bool:
        """Before Qt makes Tab move the focus."""
        if self.is_recording and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._take(event)
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Whoever goes elsewhere does not want to record."""
        if self.is_recording:
            self.show_chord(self.chord)
        super().focusOutEvent(event)

    def _take(self, event: QKeyEvent) -> None:
        event.accept()
        press = key_press(event)
        if press is None or press.repeat:
            return
        chord = meanings(press)[0]
        if str(chord) == "escape":
            self.show_chord(self.chord)
            return
        self.show_chord(str(chord))
        self.recorded.emit(self.chord)


class _CommandField(QLineEdit):
    """A line edit whose Enter does not reach the dialog."""

    taken = Signal()

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes the line."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            self.taken.emit()
        else:
            super().keyPressEvent(event)


class _KeyLine(QWidget):
    """One own key."""

    edited = Signal(str, str)
    removed = Signal(str)

    def __init__(self, theme: Theme, name: str, key: str, command: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.sizes.space_s)
        holder = QWidget()
        holder.setFixedWidth(theme.sizes.control_width - theme.sizes.space_xxl)
        place = QHBoxLayout(holder)
        place.setContentsMargins(0, 0, 0, 0)
        place.addWidget(KeycapLabel(theme, key_label(key)), 0, Qt.AlignmentFlag.AlignVCenter)
        place.addStretch(1)
        self.command = _CommandField("nothing: the key is free")
        self.command.setText(command)
        self.command.setAccessibleName(f"{name}: command of {key}")
        self.command.editingFinished.connect(self._finished)
        self.command.taken.connect(self._finished)
        self.remove = QPushButton("×")
        self.remove.setProperty("compact", True)
        self.remove.setFixedWidth(theme.sizes.button_height)
        self.remove.setAccessibleName(f"{name}: remove {key}")
        self.remove.setToolTip("Remove")
        self.remove.clicked.connect(lambda: self.removed.emit(key))
        row.addWidget(holder)
        row.addWidget(self.command, 1)
        row.addWidget(self.remove)
        self._key = key
        self._known = command

    def _finished(self) -> None:
        text = self.command.text().strip().removeprefix("/")
        if text != self._known:
            self._known = text
            self.edited.emit(self._key, text)


def key_label(key: str) -> str:
    """`ctrl+n` -> `Ctrl+n`; as it is written where it cannot be read."""
    try:
        return parse_chord(key).label
    except UsageError:
        return key
