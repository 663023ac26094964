"""The theme in force: found by name, exchanged while widgets live, following the desktop and the user's own file."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from synk.ui.card import label
from synk.ui.look import Look, Reading, first_theme, theme_names
from synk.ui.schemes import bundled_scheme
from synk.ui.theme import Theme, load_theme, redress


class Worn:
    """A look whose jobs run when the test says so."""

    def __init__(self, application: QApplication, folder: Path | None) -> None:
        self.theme = load_theme()
        self.told: list[str] = []
        self.levels: list[str] = []
        self.repaints = 0
        self.jobs: list[Callable[[], None]] = []
        self.look = Look(
            application, self.theme, folder, submit=self._submit, tell=self._tell, repaint=self._count_repaint
        )

    def follow(self, name: str) -> None:
        self.look.follow(name)
        self.work()

    def work(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()

    def edit(self, path: Path, text: str) -> None:
        """As an editor does, some time ago."""
        path.write_text(text)
        os.utime(path, (1_700_000_000 + self.repaints, 1_700_000_000 + self.repaints))

    def _submit(self, work: Callable[[], Reading], done: Callable[[Reading], None]) -> None:
        self.jobs.append(lambda: done(work()))

    def _tell(self, text: str, level: str) -> None:
        self.told.append(text)
        self.levels.append(level)

    def _count_repaint(self) -> None:
        self.repaints += 1


@pytest.fixture
def worn(qapp: QApplication, theme: Theme, tmp_path: Path) -> Iterator[Worn]:
    yield Worn(qapp, tmp_path)
    redress(qapp, theme)


def test_another_theme_reaches_palette_labels_and_painters_at_once(worn: Worn, qapp: QApplication, qtbot: QtBot) -> None:
    text = label(worn.theme, "soft", worn.theme.fonts.body(), "text-soft")
    qtbot.addWidget(text)
    text.show()
    worn.follow("light")
    assert not worn.theme.is_dark
    assert worn.repaints == 1
    assert qapp.palette().color(QPalette.ColorRole.Base) == worn.theme.colors.bg_primary
    assert text.palette().color(QPalette.ColorRole.WindowText) == worn.theme.colors.text_soft
    worn.follow("dark")
    assert worn.theme.is_dark
    assert text.palette().color(QPalette.ColorRole.WindowText) == worn.theme.colors.text_soft


def test_the_same_theme_again_paints_nothing(worn: Worn) -> None:
    worn.follow("dark")
    worn.look.read()
    worn.work()
    assert worn.repaints == 0


def test_an_own_theme_is_followed_while_it_is_edited(worn: Worn, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    worn.edit(path, 'appearance = "light"\n')
    worn.follow("mine")
    assert not worn.theme.is_dark
    assert worn.look.poll() is None
    worn.edit(path, 'appearance = "dark"\n[colors]\nblue = "#0011ff"\n')
    assert worn.look.poll()
    worn.look.read()
    worn.work()
    assert worn.theme.is_dark
    assert worn.theme.colors.blue.name() == "#0011ff"
    assert worn.look.poll() is None


def test_a_broken_own_theme_changes_nothing_and_is_told_once(worn: Worn, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    worn.edit(path, 'appearance = "light"\n[colors]\nblue = "blau"\n')
    worn.follow("mine")
    assert worn.told == [
        f"ui.theme: {path} line 3: blue is a color such as #rrggbb, not 'blau'. The theme stays as it is."
    ]
    assert worn.theme.is_dark
    assert worn.look.poll() is None


def test_an_own_theme_that_is_hard_to_read_is_worn_and_told_once(worn: Worn, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    worn.edit(path, 'appearance = "light"\n[colors]\ntext-dim = "#c0c0c8"\n')
    worn.follow("mine")
    faint = "text-dim on bg-primary (1.8), text-dim on bg-sidebar (1.6)"
    assert worn.told == [f"ui.theme: mine is hard to read: {faint}; at least 4.5 is needed."]
    assert worn.levels == ["warning"]
    assert not worn.theme.is_dark
    worn.edit(path, 'appearance = "light"\n[colors]\ntext-dim = "#c0c0c8"\nblue = "#0000ff"\n')
    worn.look.read()
    worn.work()
    assert worn.theme.colors.blue.name() == "#0000ff"
    assert len(worn.told) == 1


def test_a_name_without_a_file_is_told_with_those_there_are(worn: Worn, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").touch()
    worn.follow("../mine")
    worn.follow("mne")
    there = "there are dark, light, system, mine. The theme stays as it is."
    assert worn.told == [f"ui.theme: There is no theme {name}; {there}" for name in ("'../mine'", "'mne'")]


def test_of_two_quick_changes_the_last_one_stays(worn: Worn) -> None:
    worn.look.follow("light")
    worn.look.follow("dark")
    worn.work()
    assert worn.theme.is_dark
    assert worn.repaints == 0


def test_system_is_what_the_desktop_prefers(worn: Worn, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    worn.follow("system")
    assert worn.theme.is_dark
    # The offscreen platform has no desktop that could be asked to change.
    monkeypatch.setattr("synk.ui.look.desktop_appearance", lambda _application: "light")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    worn.work()
    assert not worn.theme.is_dark


def test_the_first_theme_is_dark_where_the_chosen_one_cannot_be_used(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(bundled_scheme("light").read_text())
    (tmp_path / "bad.toml").write_text("[")
    assert not first_theme(qapp, "light", None).is_dark
    assert not first_theme(qapp, "mine", tmp_path).is_dark
    assert first_theme(qapp, "bad", tmp_path).is_dark
    assert first_theme(qapp, "mine", None).is_dark


def test_own_files_cannot_take_the_place_of_bundled_themes(tmp_path: Path) -> None:
    for name in ("dark", "zenburn", "acme"):
        (tmp_path / f"{name}.toml").touch()
    assert theme_names(tmp_path) == ["dark", "light", "system", "acme", "zenburn"]
    assert theme_names(tmp_path / "none") == ["dark", "light", "system"]
