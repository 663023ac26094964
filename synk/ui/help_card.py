"""The overlay: every binding in force, by mode and area, and every command, with a filter; made from their tables."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QWidget

from synk.base.keypress import KeyPress
from synk.commands.registry import Command
from synk.keys.chords import parse_chord
from synk.keys.keymap import OUTSIDE_DIALOGS, Binding, Keymap
from synk.ui.card import Card
from synk.ui.keys import key_press
from synk.ui.marks import draw_keycap, keycap_width
from synk.ui.theme import Theme

MOST_CAPS = 4
"""A row with more keys shows the first and the last: `1 … =`."""
WORDS = ("or", "…")
"""What stands between the keys of a row."""


@dataclass(frozen=True, slots=True)
class HelpRow:
    """One line of the overlay."""

    keys: tuple[str, ...]
    """Labels of the keycaps, in order."""
    effect: str
    command: str
    is_own: bool
    is_typed: bool = False
    """It is no key but what stands after the slash."""


@dataclass(frozen=True, slots=True)
class HelpGroup:
    """The lines of one area in one mode."""

    area: str
    where: str
    rows: tuple[HelpRow, ...]


def help_groups(keymap: Keymap, needle: str = "", commands: Iterable[Command] = ()) -> list[HelpGroup]:
    """What the overlay shows: bindings whose key, command or effect contains `needle`, in the order of the table.

    After them the commands whose name, arguments or summary contain it, those with a short name first.
    """
    found: dict[tuple[str, str], dict[str, list[Binding]]] = {}
    for binding in keymap.bindings:
        if _matches(binding, needle.lower().strip()):
            group = found.setdefault((binding.area, _where(binding)), {})
            group.setdefault(binding.effect, []).append(binding)
    groups = [
        HelpGroup(area, where, tuple(_row(effect, bindings) for effect, bindings in rows.items()))
        for (area, where), rows in found.items()
    ]
    shown = [command for command in commands if command.is_offered and _names(command, needle.lower().strip())]
    shown.sort(key=lambda command: (command.short is None, command.title))
    # All of them: their names. A few: how they are used.
    rows = tuple(
        HelpRow((each.usage if needle.strip() else f"/{each.title}",), each.summary, each.name, is_own=False, is_typed=True)
        for each in shown
    )
    return [*groups, HelpGroup("Commands", "command bar", rows)] if rows else groups


def key_labels(binding: Binding) -> tuple[str, ...]:
    """`("Ctrl+Shift+c",)`, `("Esc Esc",)`: what stands on the keycaps."""
    return tuple(" ".join(parse_chord(chord).label for chord in keys.split(" ")) for keys in binding.keys)


def _matches(binding: Binding, needle: str) -> bool:
    texts = (*key_labels(binding), *binding.keys, binding.command, binding.effect, binding.area, _where(binding))
    return any(needle in text.lower() for text in texts)


def _names(command: Command, needle: str) -> bool:
    return any(needle in text.lower() for text in (command.name, command.usage, command.summary))


def _where(binding: Binding) -> str:
    if set(binding.where) >= set(OUTSIDE_DIALOGS):
        return "anywhere"
    return " and ".join(place.value.lower() for place in binding.where)


def _row(effect: str, bindings: Iterable[Binding]) -> HelpRow:
    rows = list(bindings)
    keys = [label for binding in rows for label in key_labels(binding)]
    commands = list(dict.fromkeys(binding.command for binding in rows))
    command = commands[0] if len(commands) == 1 else f"{commands[0]} … {commands[-1].split(' ')[-1]}"
    return HelpRow(tuple(keys), effect, command, any(binding.is_own for binding in rows))


class HelpCard(Card):
    """All keys and commands. Typing filters; Esc or `?` closes."""

    def __init__(self, theme: Theme, keymap: Keymap, commands: Iterable[Command] = (), needle: str = "") -> None:
        """`needle`: what the filter holds at first."""
        super().__init__(theme, "Keys and commands", width=theme.sizes.overlay_width)
        self._keymap = keymap
        self._commands = tuple(commands)
        self.filter = FilterLine(self)
        """Over key, command and effect."""
        self.filter.setPlaceholderText("Filter by key, command or effect")
        self.filter.setAccessibleName("Filter")
        self.filter.textChanged.connect(self._show)
        self._table = HelpTable(theme)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._table)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.column.addWidget(self.filter)
        self.column.addWidget(self._scroll)
        self.setFocusProxy(self.filter)
        self.filter.setText(needle)
        self._show(needle)

    @property
    def groups(self) -> list[HelpGroup]:
        """What is shown now."""
        return self._table.groups

    def fit(self, width: int, height: int) -> None:
        """As large as the theme says, or the room allows."""
        size = self.theme.sizes
        self.setFixedSize(min(size.overlay_width, width), min(size.overlay_height, height))

    def take_key(self, press: KeyPress) -> bool:
        """`?` closes as Esc does; arrows and pages scroll."""
        if press.text == "?" and not press.ctrl:
            self.cancel()
            return True
        bar = self._scroll.verticalScrollBar()
        steps = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8}
        if press.name in steps:
            bar.setValue(bar.value() + steps[press.name] * self.theme.sizes.line_height)
            return True
        return False

    def _show(self, needle: str) -> None:
        self._table.show_groups(help_groups(self._keymap, needle, self._commands))


NOT_TEXT = {"escape", "enter", *(f"f{number}" for number in range(1, 25))}
"""Keys an edit line has no use for."""


class FilterLine(QLineEdit):
    """A line edit that leaves to the card what the card knows: closing and scrolling."""

    def __init__(self, card: HelpCard) -> None:
        super().__init__()
        self._card = card

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Text is for the filter, everything else for the card first."""
        press = key_press(event)
        if press is not None and self._card.take_key(press):
            event.accept()
        elif press is not None and press.name in NOT_TEXT:
            self._card.pressed.emit(press)
            event.accept()
        else:
            super().keyPressEvent(event)


class HelpTable(QWidget):
    """Paints the groups in two columns, or one where there is no room."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.groups: list[HelpGroup] = []
        """What is painted."""

    def show_groups(self, groups: list[HelpGroup]) -> None:
        """Replace the content."""
        self.groups = groups
        self.setAccessibleDescription("; ".join(f"{' '.join(r.keys)}: {r.effect}" for g in groups for r in g.rows))
        self.updateGeometry()
        self._fit_height()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as the longer column."""
        return QSize(0, max(self._heights(self._columns()), default=0))

    def resizeEvent(self, _event: object) -> None:
        """The number of columns may have changed."""
        self._fit_height()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Column by column."""
        painter = QPainter(self)
        size = self._theme.sizes
        if not self.groups:
            painter.setFont(self._theme.fonts.body())
            painter.setPen(self._theme.colors.text_soft)
            painter.drawText(QRect(0, 0, self.width(), size.line_height), Qt.AlignmentFlag.AlignVCenter, "No key does that")
            return
        columns = self._columns()
        width = (self.width() - size.space_xxl * (len(columns) - 1)) // len(columns)
        for index, column in enumerate(columns):
            y = 0
            for group in column:
                y = self._paint_group(painter, group, index * (width + size.space_xxl), y, width)

    def _fit_height(self) -> None:
        self.setMinimumHeight(self.sizeHint().height())

    def _columns(self) -> list[list[HelpGroup]]:
        """Groups in reading order, cut where the two columns come out most equal."""
        if self.width() < self._theme.sizes.overlay_width * 3 // 4 or len(self.groups) < 2:
            return [self.groups]
        cuts = [[self.groups[:cut], self.groups[cut:]] for cut in range(1, len(self.groups))]
        return min(cuts, key=lambda columns: max(self._heights(columns)))

    def _heights(self, columns: list[list[HelpGroup]]) -> list[int]:
        size = self._theme.sizes
        return [
            sum(len(group.rows) * (size.line_height - size.space_xs) + size.line_height + size.space_m for group in column)
            for column in columns
        ]

    def _paint_group(self, painter: QPainter, group: HelpGroup, x: int, y: int, width: int) -> int:
        theme = self._theme
        size = theme.sizes
        painter.setFont(theme.fonts.body(QFont.Weight.DemiBold))
        painter.setPen(theme.colors.text)
        place = QRect(x, y, width, size.line_height)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, group.area)
        if group.where != group.area.lower():
            indent = painter.fontMetrics().horizontalAdvance(group.area) + size.space_s
            painter.setFont(theme.fonts.label())
            painter.setPen(theme.colors.text_soft)
            painter.drawText(place.adjusted(indent, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, group.where)
        y += size.line_height
        indent = max(self._keys_width(row) for row in group.rows) + size.space_m
        for row in group.rows:
            self._paint_row(painter, row, QRect(x, y, width, size.line_height - size.space_xs), indent)
            y += size.line_height - size.space_xs
        return y + size.space_m

    def _paint_row(self, painter: QPainter, row: HelpRow, place: QRect, indent: int) -> None:
        """Keycaps on the left, what they do `indent` pixels from there."""
        theme = self._theme
        size = theme.sizes
        middle = place.center().y() + 0.5
        x = float(place.left())
        if row.is_typed:
            painter.setFont(theme.fonts.mono())
            painter.setPen(theme.colors.text)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, row.keys[0])
        for word in () if row.is_typed else key_words(row):
            if word in WORDS:
                painter.setFont(theme.fonts.label())
                painter.setPen(theme.colors.text_soft)
                area = QRect(round(x), place.top(), self._word_width(word), place.height())
                painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, word)
                x += self._word_width(word)
            else:
                x += draw_keycap(painter, theme, word, x, middle) + size.space_xs
        painter.setFont(theme.fonts.body())
        painter.setPen(theme.colors.blue if row.is_own else theme.colors.text_soft)
        room = place.adjusted(indent, 0, 0, 0)
        text = painter.fontMetrics().elidedText(row.effect, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def _keys_width(self, row: HelpRow) -> int:
        """Room the keycaps of a row take, with the words between them."""
        gap = self._theme.sizes.space_xs
        if row.is_typed:
            return QFontMetrics(self._theme.fonts.mono()).horizontalAdvance(row.keys[0])
        return round(
            sum(self._word_width(word) if word in WORDS else keycap_width(self._theme, word) + gap for word in key_words(row))
        )

    def _word_width(self, word: str) -> int:
        return QFontMetrics(self._theme.fonts.label()).horizontalAdvance(word) + self._theme.sizes.space_xs


def key_words(row: HelpRow) -> list[str]:
    """Keycaps to draw, and one of `WORDS` between two keys: all keys, or the first and the last."""
    keys = list(dict.fromkeys(row.keys))
    between = "or" if len(keys) <= MOST_CAPS else "…"
    words: list[str] = []
    for key in keys if len(keys) <= MOST_CAPS else (keys[0], keys[-1]):
        words += [between] * bool(words) + key.split(" ")
    return words
