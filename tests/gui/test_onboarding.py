"""The pages of the first start, from the keyboard alone."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from synk.app import onboarding
from synk.app.onboarding import Onboarding, is_first_start, line_of, write_template
from synk.app.programs import Program
from synk.settings.check import check
from synk.settings.schema import Settings
from synk.settings.store import SettingsStore
from synk.settings.template import template
from synk.ui.onboarding.card import OnboardingCard
from synk.ui.onboarding.program_list import ASKING
from synk.ui.onboarding.steps import ANOTHER, NONE, START, FolderStep, KeysStep, ProgramsStep, WelcomeStep
from synk.ui.theme import Theme
from tests.gui.desk import Desk

PROGRAMS = [
    Program("claude", "Claude Code", "CL", "purple", "/usr/bin/claude", "get claude"),
    Program("gemini", "Gemini CLI", "GM", "blue", "", "get gemini"),
]


class Pages:
    """The card in a real window."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        self.desk = desk
        self.looked = 0
        self.chosen: list[tuple[str, str]] = []
        self.ends: list[str] = []
        self.card = OnboardingCard(
            theme,
            folder="api",
            folder_path="~/api",
            values={"ui.theme": "dark", "keyboard.terminal_exit_method": "double_escape"},
            look=self._look,
            choose=lambda name, value: self.chosen.append((name, value)),
            on_end=self.ends.append,
        )
        desk.cards.open(self.card)

    def _look(self) -> None:
        self.looked += 1


@pytest.fixture
def pages(desk: Desk, theme: Theme) -> Pages:
    return Pages(desk, theme)


def test_four_times_enter_leads_to_the_folder(pages: Pages) -> None:
    shown = []
    for _ in range(4):
        shown.append(type(pages.card.step))
        pages.desk.press("enter")
    assert shown == [WelcomeStep, ProgramsStep, KeysStep, FolderStep]
    assert (pages.ends, pages.desk.cards.top) == ([START], None)


def test_escape_skips_from_every_page_once(desk: Desk, theme: Theme) -> None:
    for steps in range(4):
        pages = Pages(desk, theme)
        desk.press(*["enter"] * steps, "escape")
        assert (pages.ends, desk.cards.top) == ([NONE], None)


def test_backspace_goes_back_and_not_beyond_the_first_page(pages: Pages) -> None:
    pages.desk.press("enter", "enter", "backspace")
    assert isinstance(pages.card.step, ProgramsStep)
    pages.desk.press("backspace", "backspace", "backspace")
    assert isinstance(pages.card.step, WelcomeStep)
    assert not pages.card.back_button.isEnabled()


def test_programs_are_looked_for_when_their_page_comes_and_on_r(pages: Pages) -> None:
    assert pages.looked == 0
    pages.desk.press("enter", "enter", "backspace")
    assert pages.looked == 1
    pages.desk.press("r")
    assert pages.looked == 2
    pages.desk.press("enter")
    assert isinstance(pages.card.step, KeysStep), "nothing has to be waited for"


def test_versions_fill_in_as_they_come(pages: Pages) -> None:
    programs = pages.card.programs
    programs.show_programs([line_of(program) for program in PROGRAMS])
    assert [line.version for line in programs.lines] == [ASKING, ASKING]
    programs.show_version("claude", "2.1.4")
    programs.show_version("unknown", "1")
    assert programs.lines[0].version == "2.1.4"
    assert programs.accessibleDescription() == "Claude Code: 2.1.4; Gemini CLI: not found, get gemini installs it"


def test_a_click_on_a_missing_program_copies_how_to_install_it(pages: Pages, theme: Theme) -> None:
    pages.desk.press("enter")
    programs = pages.card.programs
    programs.show_programs([line_of(program) for program in PROGRAMS])
    QGuiApplication.clipboard().clear()
    QTest.mouseClick(programs, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert QGuiApplication.clipboard().text() == ""
    QTest.mouseClick(programs, Qt.MouseButton.LeftButton, pos=QPoint(20, theme.sizes.line_height + 10))
    assert QGuiApplication.clipboard().text() == "get gemini"


def test_arrows_choose_how_a_terminal_is_left_and_the_theme(pages: Pages) -> None:
    pages.desk.press("enter", "enter", "right", "down", "down", "right", "right", "right", "up", "left")
    assert pages.chosen == [
        ("keyboard.terminal_exit_method", "ctrl_backslash"),
        ("ui.theme", "light"),
        ("ui.theme", "system"),
        ("keyboard.terminal_exit_method", "double_escape"),
    ]
    step = pages.card.step
    assert isinstance(step, KeysStep)
    assert [row.accessibleName() for row in step.rows] == ["Leave a terminal with: Esc Esc", "Theme: As the desktop"]


def test_a_click_chooses_too(pages: Pages) -> None:
    pages.desk.press("enter", "enter")
    step = pages.card.step
    assert isinstance(step, KeysStep)
    QTest.mouseClick(step.rows[1], Qt.MouseButton.LeftButton, pos=QPoint(90, step.rows[1].height() - 14))
    assert pages.chosen == [("ui.theme", "light")]


@pytest.mark.parametrize(("downs", "end"), [(0, START), (1, ANOTHER), (2, NONE), (9, NONE)])
def test_the_last_page_asks_what_to_begin_with(pages: Pages, downs: int, end: str) -> None:
    pages.desk.press("enter", "enter", "enter", *["down"] * downs, "enter")
    assert pages.ends == [end]


@pytest.mark.parametrize(("width", "height"), [(800, 600), (1280, 800), (2560, 1440)])
def test_every_page_fits(pages: Pages, width: int, height: int) -> None:
    pages.desk.window.resize(width, height)
    for step in pages.card.steps:
        assert pages.card.step is step
        assert pages.card.width() == pages.desk.window.widget.width()
        for button in (pages.card.back_button, pages.card.next_button, pages.card.skip_button):
            corner = button.mapTo(pages.card, button.rect().bottomRight())
            assert corner.x() < pages.card.width()
            assert corner.y() < pages.card.height()
        if step is not pages.card.steps[-1]:
            pages.desk.press("enter")


class Session:
    """An `Onboarding` with a settings file of its own; jobs run at once."""

    def __init__(self, desk: Desk, theme: Theme, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk = desk
        self.path = folder / "config" / "settings.toml"
        self.changes: list[object] = []
        self.opened: list[str] = []
        self.rounds: list[Any] = []
        store = SettingsStore(self.path)
        launched: Any = SimpleNamespace(
            settings=store,
            hub=desk.hub,
            start_folder=str(folder),
            directories=SimpleNamespace(config=folder / "config"),
        )
        monkeypatch.setattr(onboarding, "find_programs", lambda _reader, _environment: PROGRAMS)
        monkeypatch.setattr(onboarding, "VersionRound", self._round)
        self.onboarding = Onboarding(
            theme,
            launched,
            window=desk.window,
            jobs=SimpleNamespace(submit=lambda work, done, **_failed: done(work())),  # type: ignore[arg-type]
            change=self.changes.append,
            open_folder=self.opened.append,
            profile=None,
        )
        self.onboarding.open()

    def _round(self, _programs: Any, told: Callable[[str, str], None], **_options: Any) -> Any:
        made = SimpleNamespace(told=told, closed=0, close=lambda: setattr(made, "closed", made.closed + 1))
        self.rounds.append(made)
        return made


@pytest.fixture
def session(desk: Desk, theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    return Session(desk, theme, tmp_path, monkeypatch)


def test_the_end_writes_the_commented_settings_and_opens_the_folder(session: Session, tmp_path: Path) -> None:
    session.desk.press("enter", "enter", "enter", "enter")
    assert session.path.read_text() == template()
    assert session.opened == [str(tmp_path)]
    loaded = check(session.path.read_bytes(), "settings.toml")
    assert (loaded.settings, loaded.problems) == (Settings(), ())


def test_a_choice_finds_the_file_already_there(session: Session) -> None:
    session.desk.press("enter", "enter", "right")
    assert session.path.exists()
    assert session.changes == [{"keyboard.terminal_exit_method": "ctrl_backslash"}]


def test_rescan_and_the_end_stop_asking_and_late_answers_mean_nothing(session: Session) -> None:
    session.desk.press("enter", "r")
    first, second = session.rounds
    assert (first.closed, second.closed) == (1, 0)
    second.told("claude", "2.1.4")
    card = session.desk.cards.top
    assert isinstance(card, OnboardingCard)
    assert card.programs.lines[0].version == "2.1.4"
    session.desk.press("escape")
    assert second.closed == 1
    second.told("claude", "9.9.9")
    assert session.opened == []


def test_a_settings_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("# mine\n")
    write_template(path)
    assert path.read_text() == "# mine\n"


def test_only_a_profile_with_neither_settings_nor_records_is_new(tmp_path: Path) -> None:
    def is_first(*, is_new: bool = True, is_stored: bool = True, path: Path | None = tmp_path / "settings.toml") -> bool:
        launched: Any = SimpleNamespace(
            settings=SettingsStore(path), records=SimpleNamespace(is_new=is_new, is_stored=is_stored)
        )
        return is_first_start(launched)

    assert is_first()
    assert not is_first(is_new=False)
    assert not is_first(is_stored=False)
    assert not is_first(path=None)
    (tmp_path / "settings.toml").touch()
    assert not is_first()
