"""Which interpreters wait warm: one line per language with count, bounds, modules and memory."""

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from synk.settings.schema import WarmLanguage
from synk.ui.card import label
from synk.ui.settings.controls import Choices, Number, TextLine
from synk.ui.theme import Theme

HEADERS = ("Language", "Warm", "At most", "Modules", "Memory")
DEFAULTS = WarmLanguage.model_validate({})
_MEMORY = re.compile(r"(\d+(\.\d+)?[KMGT]?)?")


class LanguageTable(QWidget):
    """The value is what the file says: language to count, max, preload and memory, without what is left at its default."""

    changed = Signal()

    def __init__(self, theme: Theme, languages: Sequence[str]) -> None:
        """`languages`: those that can be added."""
        super().__init__()
        self._theme = theme
        self._languages = list(languages)
        self._values: dict[str, dict[str, Any]] = {}
        self._name = ""
        self._table = QWidget()
        self.lines: dict[str, _LanguageLine] = {}
        """Those shown."""
        self.message = label(theme, "", theme.fonts.label(), "red")
        """Why a value was not taken."""
        self.message.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.sizes.space_s)
        self.choice = Choices(theme, [])
        """The language that Add adds."""
        self.add_button = QPushButton("Add")
        self.add_button.clicked.connect(self.add)
        row = QHBoxLayout()
        row.setSpacing(theme.sizes.space_s)
        row.addWidget(self.choice)
        row.addWidget(self.add_button)
        row.addStretch(1)
        self._column.addWidget(self._table)
        self._column.addLayout(row)
        self._column.addWidget(self.message)
        self.setFocusProxy(self.choice)
        self._show_lines()

    @property
    def value(self) -> dict[str, dict[str, Any]]:
        """See the class."""
        return {language: dict(values) for language, values in self._values.items()}

    def show_value(self, value: Any) -> None:
        """See `Control`."""
        values = {language: dict(inner) for language, inner in value.items()}
        if values != self._values:
            self._values = values
            self._show_lines()

    def setAccessibleName(self, name: str) -> None:
        """The parts say whose they are."""
        self._name = name
        self.choice.setAccessibleName(f"{name}: language to add")
        self.add_button.setAccessibleName(f"{name}: add the language")

    def add(self) -> None:
        """A line for the language chosen, with the defaults."""
        language = self.choice.value
        if self.choice.count():
            self._values[language] = {"count": DEFAULTS.count}
            self._show_lines()
            self.changed.emit()

    def _show_lines(self) -> None:
        size, fonts = self._theme.sizes, self._theme.fonts
        old, self._table = self._table, QWidget()
        grid = QGridLayout(self._table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(size.space_s)
        grid.setVerticalSpacing(size.space_xs)
        if self._values:
            for column, header in enumerate(HEADERS):
                grid.addWidget(label(self._theme, header, fonts.label(QFont.Weight.Medium), "text-soft"), 0, column)
        self.lines = {}
        for row, (language, values) in enumerate(self._values.items(), start=1):
            line = _LanguageLine(self, self._theme, language, values)
            self.lines[language] = line
            for column, widget in enumerate(line.widgets):
                grid.addWidget(widget, row, column)
        grid.setColumnMinimumWidth(0, size.number_width)
        grid.setColumnStretch(HEADERS.index("Modules"), 1)
        self._column.replaceWidget(old, self._table)
        old.deleteLater()
        self.choice.clear()
        for language in self._languages:
            if language not in self._values:
                self.choice.addItem(language, language)
        self.add_button.setEnabled(self.choice.count() > 0)

    def take(self, language: str, values: dict[str, Any]) -> None:
        """A line was edited."""
        if not _MEMORY.fullmatch(values.get("memory", "")):
            self._say(f"{language}: memory is a size as 512M or 2G, not {values['memory']!r}")
            return
        self._say("")
        if values != self._values[language]:
            self._values[language] = values
            self.changed.emit()

    def drop(self, language: str) -> None:
        """Remove a line."""
        del self._values[language]
        self._show_lines()
        self.choice.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))


class _LanguageLine:
    """The widgets of one language."""

    def __init__(self, table: LanguageTable, theme: Theme, language: str, values: dict[str, Any]) -> None:
        self._table = table
        self._language = language
        fields = WarmLanguage.model_fields
        known = WarmLanguage.model_validate(values)
        self.count = Number(theme, low=0, high=32, is_whole=True, has_buttons=False)
        self.most = Number(theme, low=1, high=32, is_whole=True, has_buttons=False)
        self.modules = TextLine(theme, placeholder="as usual")
        self.memory = TextLine(theme, placeholder="no limit")
        self.count.show_value(known.count)
        self.most.show_value(known.max)
        self.modules.show_value(" ".join(known.preload or ()))
        self.memory.show_value(known.memory)
        self.modules.setMinimumWidth(theme.sizes.number_width)
        self.modules.setMaximumWidth(theme.sizes.settings_width)
        self.memory.setFixedWidth(theme.sizes.number_width)
        for number in (self.count, self.most):
            number.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        named = ((self.count, "count"), (self.most, "max"), (self.modules, "preload"), (self.memory, "memory"))
        for widget, key in named:
            widget.setAccessibleName(f"{language}: {fields[key].title}")
            widget.setToolTip(fields[key].description or "")
            widget.changed.connect(self._edited)
        self.remove = QPushButton("×")
        self.remove.setProperty("compact", True)
        self.remove.setFixedWidth(theme.sizes.button_height)
        self.remove.setAccessibleName(f"{language}: remove")
        self.remove.clicked.connect(lambda: table.drop(language))
        name = label(theme, language, theme.fonts.body())
        self.widgets: tuple[QWidget, ...] = (name, self.count, self.most, self.modules, self.memory, self.remove)

    def _edited(self) -> None:
        """What differs from the defaults; the count always, so that the line stays."""
        values: dict[str, Any] = {"count": self.count.value}
        if self.most.value != DEFAULTS.max:
            values["max"] = self.most.value
        if modules := re.split(r"[\s,]+", self.modules.value.strip()):
            values |= {"preload": modules} if modules != [""] else {}
        if self.memory.value:
            values["memory"] = self.memory.value
        self._table.take(self._language, values)
