"""One setting in the dialog: title, help and bounds on the left, its control on the right, Reset while it is changed."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from synk.settings.schema import Setting
from synk.ui.card import label, recolor
from synk.ui.settings.controls import Control
from synk.ui.theme import Theme


class SettingRow(QWidget):
    """Shows what it is told and says what the user sets; it writes nothing."""

    edited = Signal(str, object)
    """Name and value; None for back to the default."""

    def __init__(self, theme: Theme, setting: Setting, control: Control, *, is_wide: bool = False) -> None:
        """`is_wide`: the control stands below the words and has the whole width."""
        super().__init__()
        self.setting = setting
        self.control = control
        self.widget = _widget(control)
        """The control as a widget."""
        size = theme.sizes
        self.reset = QPushButton("Reset")
        """Shown while the setting is not its default."""
        self.reset.setProperty("quiet", True)
        self.reset.setAccessibleName(f"Reset {setting.title}")
        self.reset.setToolTip(f"Back to {default_text(setting)}")
        self.reset.setCursor(Qt.CursorShape.PointingHandCursor)
        self.reset.clicked.connect(lambda: self.edited.emit(setting.name, None))
        # Its place stays while it is hidden: a row must not jump when its switch is turned.
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.note = label(theme, "", theme.fonts.label(), "red")
        """What is wrong with the value."""
        self.note.hide()
        self.widget.setAccessibleName(setting.title)
        self.widget.setAccessibleDescription(help_text(setting))
        title = label(theme, setting.title, theme.fonts.body(QFont.Weight.Medium))
        title.setWordWrap(False)
        title.setToolTip(f"{setting.name} in settings.toml")
        head = QHBoxLayout()
        head.setSpacing(size.space_xs)
        head.addWidget(title)
        head.addWidget(self.reset)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addLayout(head)
        words.addWidget(label(theme, help_text(setting), theme.fonts.label(), "text-soft"))
        words.addWidget(self.note)
        words.addStretch(1)
        outer = QVBoxLayout(self) if is_wide else QHBoxLayout(self)
        outer.setContentsMargins(0, size.space_s, 0, size.space_s)
        outer.setSpacing(size.space_s if is_wide else size.space_xl)
        outer.addLayout(words, 1)
        if is_wide:
            outer.addWidget(self.widget)
        else:
            place = QVBoxLayout()
            place.addWidget(self.widget, 0, Qt.AlignmentFlag.AlignLeft)
            place.addStretch(1)
            holder = QWidget()
            holder.setFixedWidth(size.control_width)
            place.setContentsMargins(0, size.space_xs, 0, 0)
            holder.setLayout(place)
            outer.addWidget(holder)
        control.changed.connect(self._control_changed)

    def show_value(self, value: Any) -> None:
        """The value in force, or the one the user just set."""
        self.control.show_value(value)
        self.reset.setVisible(value != self.setting.default)

    def show_note(self, text: str, *, is_error: bool = True) -> None:
        """What is wrong with the setting, or worth knowing; "" for nothing."""
        say(self.note, text, is_error=is_error)

    def matches(self, needle: str) -> bool:
        """Whether title, name or help contain each word of a search, in lower case."""
        text = f"{self.setting.title} {self.setting.name} {self.setting.help} {' '.join(self.setting.choices)}".lower()
        return all(word in text for word in needle.split())

    def _control_changed(self) -> None:
        value = self.control.value
        self.reset.setVisible(value != self.setting.default)
        self.show_note("")
        self.edited.emit(self.setting.name, value)


def say(note: QLabel, text: str, *, is_error: bool) -> None:
    """Show a line of text in the color of an error or of a hint; "" hides it."""
    recolor(note, "red" if is_error else "text-soft")
    note.setText(text)
    note.setVisible(bool(text))


def help_text(setting: Setting) -> str:
    """What it does and what it may be, without the marks of code."""
    return f"{setting.help} {bounds_text(setting)}".replace("`", "").strip()


def bounds_text(setting: Setting) -> str:
    """`50 to 1200 ms.`, or "" for what has no bounds."""
    if setting.low is None or setting.high is None:
        return ""
    unit = f" {setting.unit}" if setting.unit else ""
    return f"{setting.low:g} to {setting.high:.10g}{unit}."


def default_text(setting: Setting) -> str:
    """The default as the tip of Reset names it."""
    match setting.default:
        case bool():
            return "on" if setting.default else "off"
        case "" | {} | []:
            return "empty"
        case list():
            return ", ".join(setting.default)
        case _:
            return f"{setting.default} {setting.unit}".strip()


def _widget(control: Control) -> QWidget:
    if not isinstance(control, QWidget):
        raise TypeError(f"{type(control).__name__} is no widget")
    return control
