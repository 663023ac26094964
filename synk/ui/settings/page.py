"""The settings dialog: a page over the whole window with groups, search and a row per setting, made from the schema."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from synk.actions.ports import Question
from synk.base.keypress import KeyPress
from synk.settings.check import LoadedSettings
from synk.settings.memory import PoolSizes
from synk.settings.schema import Setting, all_settings
from synk.ui.card import Card, label
from synk.ui.help_card import HelpTable, help_groups
from synk.ui.questions import Footer
from synk.ui.settings.about import AboutView
from synk.ui.settings.banner import Banner
from synk.ui.settings.edits import Edits
from synk.ui.settings.memory_note import MemoryNote
from synk.ui.settings.navigation import GroupList, SearchField
from synk.ui.settings.row import SettingRow
from synk.ui.settings.rows import POOL_SIZES, RowMaker
from synk.ui.settings.section import Section, caption, value_of
from synk.ui.settings.surroundings import SettingsSource, Surroundings
from synk.ui.settings.words import ABOUT, GROUPS, group_title
from synk.ui.theme import Theme


class SettingsPage(Card):
    """Everything by keyboard: type to search, arrows choose a group, Tab walks the controls, Esc closes."""

    fills_window = True

    def __init__(self, theme: Theme, source: SettingsSource, around: Surroundings) -> None:
        super().__init__(theme, "Settings", width=0)
        self._source = source
        self._around = around
        self._sections: dict[str, Section] = {}
        self._group = ""
        self._is_left = False
        self._refused: dict[str, str] = {}
        """Why a value was not taken, until another is set."""
        self._settings: dict[str, list[Setting]] = {}
        for setting in all_settings():
            self._settings.setdefault(setting.group, []).append(setting)
        known = [group for group in GROUPS if group in self._settings]
        self._groups = [*known, *(group for group in self._settings if group not in known), ABOUT]
        self._rows = RowMaker(theme, around, on_edited=self._edited, on_moved=self._show_sizes)
        self._edits = Edits(source.change, source.tell, self)
        self._edits.failed.connect(self._change_failed)
        self._edits.written.connect(self.refresh)
        self.finished.connect(self._leave)
        self._build()
        self.show_group(self._groups[0])
        self.setFocusProxy(self.search)

    @property
    def group(self) -> str:
        """The group shown; "" while a search shows several."""
        return "" if self.search.text().strip() else self._group

    @property
    def pending(self) -> Mapping[str, Any]:
        """What was set and is not in force yet."""
        return self._edits.pending

    @property
    def last_group(self) -> str:
        """The group shown last, also during a search."""
        return self._group

    def row(self, name: str) -> SettingRow:
        """The row of `group.key`; it is built if it was not shown yet."""
        group = name.partition(".")[0]
        return next(row for row in self._section(group).rows if row.setting.name == name)

    def show_group(self, group: str) -> None:
        """Show the page of a group; "" or an unknown one changes nothing."""
        if group in self._groups:
            self.search.clear()
            self.groups.setCurrentRow(self._groups.index(group))
            self._show_group(group)

    def refresh(self) -> None:
        """Something changed: the settings, or what could be written of them."""
        loaded = self._source.loaded
        for section in self._sections.values():
            if section.group != ABOUT:
                section.show_values(loaded.settings, self._edits.pending, loaded.problems)
                section.set_writable(loaded.is_writable)
        for name, error in self._refused.items():
            self.row(name).show_note(error)
        if "keyboard" in self._sections:
            self._keys.show_groups(help_groups(self._around.keymap()))
        self._show_notes()
        self._show_banner(loaded)
        self._show_reset()
        self._show_sizes()

    def fit(self, width: int, height: int) -> None:
        """All of the window; the settings in the middle of what the groups leave."""
        self.setFixedSize(width, height)
        self.move(0, 0)
        size = self.theme.sizes
        beside = (width - size.settings_groups - size.settings_width) // 2
        self._right.setContentsMargins(max(size.space_xl, beside), size.space_l, size.space_s, 0)

    def take_key(self, press: KeyPress) -> bool:
        """Esc in a search clears it; Ctrl+f and `/` search."""
        if press.name == "escape" and self.search.text():
            self.search.clear()
            return True
        if (press.ctrl and press.name == "f") or press.text == "/":
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search.selectAll()
            return True
        return False

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab goes round inside the page."""
        stops = self._tab_stops()
        focused = self.window().focusWidget()
        if not stops:
            return False
        at = next((index for index, stop in enumerate(stops) if stop is focused), -1 if is_next else 0)
        stop = stops[(at + (1 if is_next else -1)) % len(stops)]
        reason = Qt.FocusReason.TabFocusReason if is_next else Qt.FocusReason.BacktabFocusReason
        stop.setFocus(reason)
        self._scroll.ensureWidgetVisible(stop, 0, 2 * self.theme.sizes.space_xxl)
        return True

    def showEvent(self, event: QShowEvent) -> None:
        """What the machine has may have changed since the last time."""
        super().showEvent(event)
        self.refresh()
        self._measure()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Two grounds: groups, settings."""
        painter = QPainter(self)
        colors, size = self.theme.colors, self.theme.sizes
        painter.fillRect(self.rect(), colors.bg_primary)
        painter.fillRect(0, 0, size.settings_groups, self.height(), colors.bg_sidebar)
        painter.fillRect(size.settings_groups, 0, size.border, self.height(), colors.border)

    def _build(self) -> None:
        self.column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._left_side())
        row.addLayout(self._right_side(), 1)
        self.column.addLayout(row)

    def _left_side(self) -> QWidget:
        size = self.theme.sizes
        self.search: SearchField = SearchField(self)
        """Over titles, names and help of all groups."""
        self.groups: GroupList = GroupList(self)
        """The pages."""
        for group in self._groups:
            self.groups.add(group_title(group), height=size.button_height)
        self.groups.currentRowChanged.connect(self._group_chosen)
        self.search.textChanged.connect(self._searched)
        self.heading.setContentsMargins(size.space_s, 0, 0, 0)
        side = QWidget()
        side.setFixedWidth(size.settings_groups)
        column = QVBoxLayout(side)
        column.setContentsMargins(size.space_m, size.space_l, size.space_m, size.space_m)
        column.setSpacing(size.space_m)
        column.addWidget(self.heading)
        column.addWidget(self.search)
        column.addWidget(self.groups, 1)
        column.addWidget(Footer(self.theme, (("Esc", "close"),)))
        return side

    def _right_side(self) -> QLayout:
        theme, size = self.theme, self.theme.sizes
        self.page_title = label(theme, "", theme.fonts.hero())
        """The group shown."""
        self.page_title.setWordWrap(False)
        self.reset_page = QPushButton("Reset page")
        """All settings of the group back to their defaults."""
        self.reset_page.clicked.connect(self._ask_reset)
        self.banner = Banner(theme)
        """What is wrong with the file."""
        self.banner.asked.connect(self._act_on_banner)
        head = QHBoxLayout()
        head.addWidget(self.page_title, 1)
        head.addWidget(self.reset_page)
        top = QWidget()
        top.setMaximumWidth(size.settings_width)
        above = QVBoxLayout(top)
        above.setContentsMargins(0, 0, size.space_l, 0)
        above.setSpacing(size.space_m)
        above.addLayout(head)
        above.addWidget(self.banner)
        self._nothing = label(theme, "Nothing is called that", theme.fonts.body(), "text-soft")
        content = QWidget()
        content.setMaximumWidth(size.settings_width)
        self._list = QVBoxLayout(content)
        self._list.setContentsMargins(0, 0, size.space_l, size.space_xl)
        self._list.setSpacing(size.space_xl)
        self._list.addWidget(self._nothing)
        self._list.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(content)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._right = QVBoxLayout()
        self._right.setSpacing(size.space_m)
        self._right.addWidget(top)
        self._right.addWidget(self._scroll, 1)
        return self._right

    def _section(self, group: str) -> Section:
        section = self._sections.get(group)
        if section is None:
            section = self._sections[group] = self._made_section(group)
            order = self._groups.index
            self._list.insertWidget(sum(order(other) < order(group) for other in self._sections), section)
            section.hide()
            if group != ABOUT:
                loaded = self._source.loaded
                section.show_values(loaded.settings, self._edits.pending, loaded.problems)
                section.set_writable(loaded.is_writable)
        return section

    def _made_section(self, group: str) -> Section:
        if group == ABOUT:
            return Section(self.theme, group, (), (AboutView(self.theme, self._around.about),))
        rows = [self._rows.make(setting) for setting in self._settings[group]]
        extras: list[QWidget] = []
        if group == "performance":
            self.memory = MemoryNote(self.theme, self._around.request_machine)
            """Below the pool's sizes; there once their page was shown."""
            self.memory.chosen.connect(self._take_recommended)
            return Section(self.theme, group, rows, [self.memory], after=POOL_SIZES[-1])
        if group == "keyboard":
            self._keys = HelpTable(self.theme)
            extras += [caption(self.theme, "Keys in force"), self._keys]
        return Section(self.theme, group, rows, extras)

    def _group_chosen(self, index: int) -> None:
        if index >= 0:
            self.search.clear()
            self._show_group(self._groups[index])

    def _show_group(self, group: str) -> None:
        self._group = group
        shown = self._section(group)
        for section in self._sections.values():
            section.setVisible(section is shown)
        shown.show_all()
        self._nothing.hide()
        self.page_title.setText(group_title(group))
        self._scroll.verticalScrollBar().setValue(0)
        self.refresh()
        self._measure()

    def _searched(self, text: str) -> None:
        needle = text.strip().lower()
        self.groups.mark_current(not needle)
        if not needle:
            self._show_group(self._group)
            return
        found = False
        for group in self._groups:
            if group != ABOUT:
                found |= self._section(group).show_matching(needle)
            elif group in self._sections:
                self._sections[group].hide()
        self._nothing.setVisible(not found)
        self.page_title.setText("Search")
        self._scroll.verticalScrollBar().setValue(0)
        self._show_reset()

    def _edited(self, name: str, value: Any) -> None:
        values = {name: value, **self._pool_sizes_beside(name, value)}
        for each in values:
            self._refused.pop(each, None)
        self._edits.put(values)
        self.refresh()

    def _pool_sizes_beside(self, name: str, value: Any) -> dict[str, Any]:
        """The pool's maximum is never below what it keeps waiting: the one raises the other along."""
        least, most = POOL_SIZES[:2]
        if name not in (least, most):
            return {}
        initial, highest = (int(self._value(each, {name: value})) for each in (least, most))
        return {most: initial} if highest < initial else {}

    def _value(self, name: str, newer: Mapping[str, Any]) -> Any:
        setting = next(each for each in self._settings[name.partition(".")[0]] if each.name == name)
        return value_of(self._source.loaded.settings, setting, {**self._edits.pending, **newer})

    def _take_recommended(self, sizes: PoolSizes) -> None:
        self._edits.put({POOL_SIZES[0]: sizes.initial_pool_size, POOL_SIZES[1]: sizes.max_pool_size})
        self.refresh()

    def _show_sizes(self) -> None:
        """The estimate as the sliders stand, which may be on their way."""
        if "performance" in self._sections:
            initial, _, active = (int(self.row(name).control.value) for name in POOL_SIZES)
            self.memory.show_sizes(initial, active)

    def _measure(self) -> None:
        if self._group == "performance" and self.isVisible():
            self.memory.measure()

    def _show_notes(self) -> None:
        for name, note in {**self._around.notes, "ui.font_family": self._font_note}.items():
            section = self._sections.get(name.partition(".")[0])
            row = next((row for row in section.rows if row.setting.name == name), None) if section else None
            if row is not None and row.note.isHidden() and (text := note()):
                row.show_note(text, is_error=False)

    def _font_note(self) -> str:
        family = str(self._value("ui.font_family", {}))
        known = {each.lower() for each in QFontDatabase.families()}
        return "" if family.lower() in known else f"{family or 'No font'} is not installed; {self.theme.fonts.terminal} is used."

    def _show_banner(self, loaded: LoadedSettings) -> None:
        if not loaded.is_writable:
            self.banner.say(loaded.problems[0].text if loaded.problems else "", "Open file", token="red")
        elif self._source.unsaved and self._source.path:
            names = ", ".join(self._source.unsaved)
            why = self._source.unsaved_because
            self.banner.say(f"Not saved: {names}. {self._source.path} cannot be written: {why}.", "Retry")
        elif not self._source.path:
            self.banner.say("Started with --safe: changes hold until Synk ends.")
        else:
            self.banner.say("")

    def _act_on_banner(self) -> None:
        if self._source.loaded.is_writable:
            self._source.retry(lambda _error: None if self._is_left else self.refresh())
        else:
            self.finished.emit()
            self._around.open_file()

    def _show_reset(self) -> None:
        section = self._sections.get(self._group)
        is_there = not self.search.text().strip() and section is not None and bool(section.changed_names)
        self.reset_page.setVisible(is_there and self._source.loaded.is_writable)

    def _ask_reset(self) -> None:
        names = self._section(self._group).changed_names
        count = f"{len(names)} settings" if len(names) > 1 else "one setting"
        body = f"Back to their defaults: {', '.join(name.partition('.')[2] for name in names)}"
        question = Question(f"Reset {count} of {group_title(self._group)}?", body, "Reset", "Keep")

        def reset() -> None:
            self._edits.put(dict.fromkeys(names))
            self.refresh()

        self._around.ask(question, reset)

    def _change_failed(self, names: Sequence[str], error: str) -> None:
        self._refused.update(dict.fromkeys(names, error))
        self.refresh()

    def _leave(self) -> None:
        """A number that is being typed counts, and nothing waits for a timer of a page that is gone."""
        self._is_left = True
        focused = self.window().focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            focused.clearFocus()
        self._edits.close()

    def _tab_stops(self) -> list[QWidget]:
        stops: list[QWidget] = []
        widget = self.nextInFocusChain()
        while widget is not None and widget is not self:
            can = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
            if can and self.isAncestorOf(widget) and widget.isVisible() and widget.isEnabled():
                stops.append(widget)
            widget = widget.nextInFocusChain()
        order = {id(self.search): -2, id(self.groups): -1}
        return sorted(stops, key=lambda stop: order.get(id(stop), self._height_of(stop)))

    def _height_of(self, widget: QWidget) -> int:
        """Tab goes from top to bottom, however rows came to be."""
        return max(0, widget.mapTo(self, widget.rect().topLeft()).y() + self._scroll.verticalScrollBar().value())
