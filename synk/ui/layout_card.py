"""The list of saved layouts: name, time, shape, panes and agents; found by a few letters."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QSizePolicy

from synk.base.ages import ago_text
from synk.base.fuzzy import ranked
from synk.base.keypress import KeyPress
from synk.storage.layouts import Layout
from synk.ui.card import Card, label
from synk.ui.pickers.card_line import CardLine
from synk.ui.pickers.pick_list import STEP_KEYS, Pick, PickList
from synk.ui.questions import Footer
from synk.ui.theme import Theme

TITLE = "Restore a layout"
FOOTER = (("Enter", "open its panes"), ("Delete", "delete"), ("Esc", "cancel"))
NONE_YET = "No layout is saved yet. In a project, s saves its panes under a name."
NEWER = "saved by a newer Synk"


class LayoutCard(Card):
    """Typing filters, Enter opens the panes of the marked layout, Delete (nothing typed) deletes it."""

    def __init__(
        self,
        theme: Theme,
        layouts: Sequence[Layout],
        *,
        names_projects: bool,
        on_choice: Callable[[Layout], object],
        on_delete: Callable[[Layout], object],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`layouts` in the order shown while nothing is typed; `now()` in seconds, for their age."""
        super().__init__(theme, TITLE, width=theme.sizes.picker_width)
        self._layouts = {str(number): layout for number, layout in enumerate(layouts)}
        self._picks = [self._pick(id, layout, names_projects, now()) for id, layout in self._layouts.items()]
        self._on_choice = on_choice
        self._on_delete = on_delete
        self.line = CardLine(self.take_key, self.pressed.emit, self)
        """Letters of a name."""
        self.line.setAccessibleName("Layout")
        self.line.setPlaceholderText("Letters of its name")
        self.list = PickList(theme, name="Layouts", is_tall=True, most_rows=8)
        """What fits, best first."""
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.note = label(theme, "", theme.fonts.label(), "text-soft")
        for widget in (self.line, self.list, self.note, Footer(theme, FOOTER)):
            self.column.addWidget(widget, 1 if widget is self.list else 0)
        self.setFocusProxy(self.line)
        self.list.picked.connect(self._choose)
        self.line.textChanged.connect(self._filter)
        self._filter("")

    @property
    def current(self) -> Layout | None:
        """The marked layout."""
        return self._layouts[self.list.current.id] if self.list.current is not None else None

    def fit(self, width: int, height: int) -> None:
        """Of one size, whatever is typed."""
        size = self.theme.sizes
        self.setFixedSize(min(size.picker_width, width), min(size.picker_height, height))

    def take_key(self, press: KeyPress) -> bool:
        """Walk, open, delete."""
        name = press.name.removeprefix("kp_")
        if press.ctrl or press.alt or press.super_:
            return False
        if name in STEP_KEYS:
            self.list.move_mark(STEP_KEYS[name])
        elif name == "tab":
            self.list.move_mark("previous" if press.shift else "next")
        elif name == "enter" and not press.repeat:
            if self.list.current is not None:
                self._choose(self.list.current.id)
        elif name == "delete" and not self.line.text():
            self._delete()
        else:
            return False
        return True

    def _choose(self, id: str) -> None:
        layout = self._layouts[id]
        if layout.is_loadable:
            self.finished.emit()
            self._on_choice(layout)

    def _delete(self) -> None:
        layout = self.current
        if layout is not None and layout.kind == "named":
            self.finished.emit()
            self._on_delete(layout)

    def _filter(self, text: str) -> None:
        needle = text.strip()
        found = self._picks
        if needle:
            found = [replace(pick, matched=match.places) for pick, match in ranked(needle, self._picks, lambda pick: pick.name)]
        self.list.show_picks(found, keep_mark=False)
        self.note.setText(NONE_YET if not self._picks else "" if found else "No layout fits")
        self.note.setVisible(bool(self.note.text()))

    @staticmethod
    def _pick(id: str, layout: Layout, names_project: bool, now: float) -> Pick:
        count = len(layout.panes)
        parts = [
            os.path.basename(layout.project) if names_project else "",
            f"{count} pane{'' if count == 1 else 's'}",
            f"{layout.cols} x {layout.rows}",
            ", ".join(layout.agents),
        ]
        return Pick(
            id,
            layout.name,
            detail="  \u00b7  ".join(filter(None, parts)),
            tag=ago_text(now - layout.saved_at),
            icon="restore" if layout.kind == "autosave" else "grid",
            problem="" if layout.is_loadable else NEWER,
        )
