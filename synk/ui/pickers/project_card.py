"""The project switcher: open tabs and recent projects, found by a few letters."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QSizePolicy

from synk.base.fuzzy import ranked
from synk.base.keypress import KeyPress
from synk.ui.card import Card, label
from synk.ui.pickers.card_line import CardLine
from synk.ui.pickers.pick_list import STEP_KEYS, Pick, PickList
from synk.ui.questions import Footer
from synk.ui.theme import Theme

FOOTER = (("Enter", "switch"), ("Esc", "cancel"))
FOLDER = Pick("", "Open another folder \u2026", icon="plus")
"""The last line; its id is no path."""


class ProjectCard(Card):
    """Typing filters, Enter goes to the marked project."""

    def __init__(
        self,
        theme: Theme,
        projects: Sequence[Pick],
        *,
        on_choice: Callable[[str], object],
        on_folder: Callable[[], object],
    ) -> None:
        """`projects`: in the order shown while nothing is typed; `on_choice(path)`; `on_folder()`: another folder."""
        super().__init__(theme, "Switch project", width=theme.sizes.picker_width)
        self._projects = projects
        self._on_choice = on_choice
        self._on_folder = on_folder
        self.line = CardLine(self.take_key, self.pressed.emit, self)
        """Letters of a name."""
        self.line.setAccessibleName("Project")
        self.line.setPlaceholderText("Letters of its name")
        self.list = PickList(theme, name="Projects", most_rows=10)
        """What fits, best first."""
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.note = label(theme, "", theme.fonts.label(), "text-soft")
        self.column.addWidget(self.line)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.note)
        self.column.addWidget(Footer(theme, FOOTER))
        self.setFocusProxy(self.line)
        self.list.picked.connect(self._choose)
        self.line.textChanged.connect(self._filter)
        self._filter("")

    def fit(self, width: int, height: int) -> None:
        """High enough for ten projects, whatever is typed."""
        size = self.theme.sizes
        self.setFixedSize(min(size.picker_width, width), min(size.picker_height, height))

    def take_key(self, press: KeyPress) -> bool:
        """Walk and choose; Tab is another Down, as where `Ctrl+p` is pressed again."""
        name = press.name.removeprefix("kp_")
        if press.ctrl and name == "p":
            self.list.move_mark("previous" if press.shift else "next")
        elif press.ctrl or press.alt or press.super_:
            return False
        elif name in STEP_KEYS:
            self.list.move_mark(STEP_KEYS[name])
        elif name == "tab":
            self.list.move_mark("previous" if press.shift else "next")
        elif name == "enter" and not press.repeat:
            if self.list.current is not None:
                self._choose(self.list.current.id)
        else:
            return False
        return True

    def _filter(self, text: str) -> None:
        needle = text.strip()
        if needle:
            by_name = ranked(needle, self._projects, lambda pick: pick.name)
            found = [replace(pick, matched=match.places) for pick, match in by_name]
            names = {pick.id for pick in found}
            # A letter of the path finds it too, after those whose name fits.
            by_path = ranked(needle, [pick for pick in self._projects if pick.id not in names], lambda pick: pick.detail)
            found += [pick for pick, _ in by_path]
        else:
            found = list(self._projects)
        self.list.show_picks([*found, FOLDER], keep_mark=False)
        self.note.setText("" if found else "No project fits" if needle else "No projects yet")

    def _choose(self, path: str) -> None:
        self.finished.emit()
        if path:
            self._on_choice(path)
        else:
            self._on_folder()
