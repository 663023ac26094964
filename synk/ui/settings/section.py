"""The settings of one group as rows, with what else stands on its page; and how a value of a setting is read."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from synk.settings.check import Problem
from synk.settings.schema import Setting, Settings
from synk.ui.card import label
from synk.ui.settings.row import SettingRow
from synk.ui.settings.words import group_title
from synk.ui.theme import Theme, faded


class Section(QWidget):
    """Rows of one group under its title; a search shows those that match."""

    def __init__(
        self, theme: Theme, group: str, rows: Sequence[SettingRow], extras: Sequence[QWidget] = (), *, after: str = ""
    ) -> None:
        """`extras`: what else stands on the page, below the row of setting `after` or the last one; no search finds it."""
        super().__init__()
        self._theme = theme
        self.group = group
        self.rows = list(rows)
        """In the order of the schema."""
        self._extras = list(extras)
        self._title = label(theme, group_title(group), theme.fonts.title())
        self._title.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.sizes.space_xs)
        column.addWidget(self._title)
        last = next((index + 1 for index, row in enumerate(self.rows) if row.setting.name == after), len(self.rows))
        for widget in (*self.rows[:last], *self._extras, *self.rows[last:]):
            column.addWidget(widget)

    @property
    def changed_names(self) -> list[str]:
        """Settings that are not at their default."""
        return [row.setting.name for row in self.rows if not row.reset.isHidden()]

    def show_all(self) -> None:
        """The whole group, as a page of its own."""
        self._title.hide()
        for widget in (*self.rows, *self._extras):
            widget.show()
        self.show()

    def show_matching(self, needle: str) -> bool:
        """What a search in lower case finds, under the group's title; False if nothing."""
        is_group = all(word in group_title(self.group).lower() for word in needle.split())
        found = [row for row in self.rows if is_group or row.matches(needle)]
        for row in self.rows:
            row.setVisible(row in found)
        for widget in self._extras:
            widget.hide()
        self._title.setVisible(bool(found))
        self.setVisible(bool(found))
        return bool(found)

    def show_values(self, settings: Settings, pending: Mapping[str, Any], problems: Sequence[Problem]) -> None:
        """What is in force, with what the user just set on top, and what is wrong in the file."""
        for row in self.rows:
            name = row.setting.name
            wrong = [problem.text for problem in problems if any(is_about(key, name) for key in problem.keys)]
            row.show_value(value_of(settings, row.setting, pending))
            row.show_note("\n".join(wrong))

    def set_writable(self, is_writable: bool) -> None:
        """Whether the user can change anything."""
        for row in self.rows:
            row.widget.setEnabled(is_writable)
            row.reset.setEnabled(is_writable)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A hair line between the rows."""
        painter = QPainter(self)
        painter.setPen(QPen(faded(self._theme.colors.border, 0.6), self._theme.sizes.border))
        shown = [row for row in self.rows if row.isVisible()]
        for row in shown[1:]:
            y = row.geometry().top() - self._theme.sizes.space_xs // 2
            painter.drawLine(0, y, self.width(), y)


def value_of(settings: Settings, setting: Setting, pending: Mapping[str, Any]) -> Any:
    """The value a control shows, as it stands in the file; the default where `pending` says None."""
    if setting.name in pending:
        value = pending[setting.name]
        return setting.default if value is None else value
    value = getattr(getattr(settings, setting.group), setting.key)
    if isinstance(value, dict):
        return {key: inner if isinstance(inner, str) else inner.model_dump(exclude_unset=True) for key, inner in value.items()}
    return value


def is_about(key: str, name: str) -> bool:
    """Whether a problem's key is the setting or an entry of it."""
    return key == name or key.startswith(f"{name}.")


def caption(theme: Theme, text: str) -> QWidget:
    """A heading between parts of a page."""
    widget = label(theme, text, theme.fonts.title())
    widget.setContentsMargins(0, theme.sizes.space_l, 0, 0)
    widget.setAlignment(Qt.AlignmentFlag.AlignLeft)
    return widget
