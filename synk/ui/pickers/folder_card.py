"""The folder picker: type a path or walk through folders; nothing in it waits for a disk."""

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QSizePolicy

from synk.base.keypress import KeyPress
from synk.ui.card import Card, label
from synk.ui.pickers.card_line import CardLine
from synk.ui.pickers.pick_list import STEP_KEYS, Pick, PickList
from synk.ui.pickers.typed_folders import (
    FolderNames,
    TypedPath,
    as_typed,
    begun_anew,
    fitting,
    matched_places,
    shortened,
    take_apart,
)
from synk.ui.questions import Footer
from synk.ui.theme import Theme

ListFolder = Callable[[str, Callable[[FolderNames], None]], None]
"""Give the sub folders of a folder to the callback, now or later or never."""
FindRepositories = Callable[[Sequence[str], Callable[[Collection[str]], None]], None]
"""Give those of the folders that are git repositories to the callback, now or later or never."""

FOOTER = (("Enter", "open"), ("Tab", "go into"), ("Alt+Up", "up"), ("Esc", "cancel"))
REPOSITORY = "git"


class FolderCard(Card):
    """Enter opens the marked folder, Tab goes into it, and everything else is typed."""

    def __init__(
        self,
        theme: Theme,
        *,
        start: str,
        home: str,
        recent: Sequence[Pick],
        list_folder: ListFolder,
        find_repositories: FindRepositories,
        on_choice: Callable[[str], object],
    ) -> None:
        """`start`: where it begins and what relative paths are relative to. `recent`: shown while nothing is typed."""
        super().__init__(theme, "Open a folder", width=theme.sizes.picker_width)
        self._start = start
        self._home = home
        self._recent = recent
        self._list_folder = list_folder
        self._find_repositories = find_repositories
        self._on_choice = on_choice
        self._known: dict[str, FolderNames] = {}
        self._asked: set[str] = set()
        self._repositories: dict[str, bool] = {}
        self._typed = TypedPath(start, "")
        self._is_over = False
        """Closed: an answer that comes now is nobody's."""
        self.line = CardLine(self.take_key, self.pressed.emit, self)
        """The path so far."""
        self.line.setAccessibleName("Path")
        self.line.setPlaceholderText("A path, or a recent project")
        self.list = PickList(theme, name="Folders")
        """This folder, then what is in it."""
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.note = label(theme, "", theme.fonts.label(), "text-soft")
        """Why the list is empty, or that it is not there yet."""
        self.column.addWidget(self.line)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.note)
        self.column.addWidget(Footer(theme, FOOTER))
        self.setFocusProxy(self.line)
        self.finished.connect(self._end)
        self.list.picked.connect(self._choose)
        self.list.verticalScrollBar().valueChanged.connect(self._look_for_repositories)
        self.line.textChanged.connect(self._text_changed)
        self.line.setText(as_typed(start, home))

    def fit(self, width: int, height: int) -> None:
        """Always as large as the theme says, so that nothing jumps while typing; or as the room allows."""
        size = self.theme.sizes
        self.setFixedSize(min(size.picker_width, width), min(size.picker_height, height))
        self._look_for_repositories()

    def take_key(self, press: KeyPress) -> bool:
        """Walk, go in, go up, open."""
        name = press.name.removeprefix("kp_")
        if press.alt and name == "up":
            self._go_to(os.path.dirname(self._typed.folder))
        elif press.ctrl or press.alt or press.super_:
            return False
        elif name in STEP_KEYS:
            self.list.move_mark(STEP_KEYS[name])
        elif name == "tab" and not press.shift:
            self._go_into_marked()
        elif name == "tab":
            self._go_to(os.path.dirname(self._typed.folder))
        elif name == "enter":
            if not press.repeat:
                self._open_marked()
        else:
            return False
        return True

    def _open_marked(self) -> None:
        current = self.list.current
        if current is not None:
            self._choose(current.id)
        elif self.line.text().strip():
            # Not listed yet, or not there: whoever opens it looks, and says what is wrong.
            self._choose(os.path.join(self._typed.folder, self._typed.fragment))

    def _choose(self, path: str) -> None:
        self.finished.emit()
        self._on_choice(path)

    def _go_into_marked(self) -> None:
        current = self.list.current
        if current is not None:
            self._go_to(current.id)

    def _go_to(self, folder: str) -> None:
        self.line.setText(as_typed(folder, self._home))

    def _text_changed(self, text: str) -> None:
        if begun_anew(text) != text:
            self.line.setText(begun_anew(text))
            return
        self._typed = take_apart(text, start=self._start, home=self._home)
        folder = self._typed.folder
        if text.strip() and folder not in self._known and folder not in self._asked:
            self._asked.add(folder)
            self._list_folder(folder, self._listed)
        self._show(keep_mark=False)

    def _listed(self, found: FolderNames) -> None:
        self._known[found.folder] = found
        self._asked.discard(found.folder)
        if found.folder == self._typed.folder and not self._is_over:
            self._show(keep_mark=True)

    def _show(self, *, keep_mark: bool) -> None:
        """What fits the line, and why there is nothing if nothing does."""
        if not self.line.text().strip():
            self.list.show_picks(self._recent, keep_mark=keep_mark)
            self._say("" if self._recent else "No recent projects")
            return
        typed = self._typed
        found = self._known.get(typed.folder)
        picks = [] if typed.fragment else [self._this_folder(typed.folder)]
        if found is not None:
            picks += [self._pick(typed, name) for name in fitting(found.names, typed.fragment)]
        self.list.show_picks(picks, keep_mark=keep_mark)
        self._look_for_repositories()
        where = shortened(typed.folder, self._home)
        if found is None:
            self._say(f"Reading {where} \u2026")
        elif found.problem:
            self._say(f"{where}: {found.problem}")
        elif not picks:
            self._say(f'No folder in {where} has "{typed.fragment}" in its name')
        else:
            self._say("" if len(picks) > 1 else "No folders in it")

    def _say(self, text: str) -> None:
        self.note.setText(text)

    def _this_folder(self, path: str) -> Pick:
        name = os.path.basename(path) or path
        return self._with_mark(Pick(path, name, "this folder", icon="folder"))

    def _pick(self, typed: TypedPath, name: str) -> Pick:
        path = os.path.join(typed.folder, name)
        return self._with_mark(Pick(path, name, icon="folder", matched=matched_places(name, typed.fragment)))

    def _with_mark(self, pick: Pick) -> Pick:
        return replace(pick, icon="branch", tag=REPOSITORY) if self._repositories.get(pick.id) else pick

    def _look_for_repositories(self) -> None:
        """Only among the lines in sight: of ten thousand folders nobody wants to know."""
        picks = self.list.picks
        unknown = [picks[row].id for row in self.list.rows_in_sight() if picks[row].id not in self._repositories]
        if unknown and self.line.text().strip():
            self._repositories.update(dict.fromkeys(unknown, False))
            self._find_repositories(unknown, self._repositories_found)

    def _repositories_found(self, paths: Collection[str]) -> None:
        self._repositories.update(dict.fromkeys(paths, True))
        if self._is_over:
            return
        self.list.change_picks({pick.id: self._with_mark(pick) for pick in self.list.picks if pick.id in paths})

    def _end(self) -> None:
        self._is_over = True
