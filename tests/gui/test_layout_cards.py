"""The cards of layouts: a name that is checked while it is typed, and a list that is searched."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from synk.storage.layouts import VERSION, Layout, LayoutPane
from synk.ui.card import Card
from synk.ui.cards import CardStack
from synk.ui.layout_card import NONE_YET, LayoutCard
from synk.ui.name_card import FREE, NameCard
from synk.ui.theme import Theme

NOW = 100_000.0
PANES = (LayoutPane(1, "claude", "/home/me/api"), LayoutPane(2, "terminal", "/"))
MINE = Layout("/home/me/api", "mine", "named", NOW - 300, PANES)
OTHER = replace(MINE, project="/home/me/web", name="Tests", saved_at=NOW - 7200, panes=MINE.panes[:1], cols=1)
NEWER = replace(MINE, name="newer", version=VERSION + 1)
AUTOSAVE = replace(MINE, name="autosave", kind="autosave")


def show(qtbot: QtBot, card: Card) -> None:
    """Open a card in a window of its own."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    CardStack(window).open(card)


@pytest.fixture
def names() -> list[str]:
    """What was asked to be saved."""
    return []


@pytest.fixture
def name_card(qtbot: QtBot, theme: Theme, names: list[str]) -> NameCard:
    card = NameCard(theme, "layout 1", [MINE], names.append, now=lambda: NOW)
    show(qtbot, card)
    return card


def test_enter_takes_the_name_that_is_suggested(name_card: NameCard, names: list[str]) -> None:
    assert name_card.line.selectedText() == "layout 1"
    assert name_card.note.text() == FREE
    QTest.keyClick(name_card.line, Qt.Key.Key_Return)
    assert names == ["layout 1"]


def test_typing_replaces_the_suggestion_and_says_what_it_would_replace(name_card: NameCard, names: list[str]) -> None:
    QTest.keyClicks(name_card.line, " mine ")
    assert name_card.note.text() == "Replaces the one saved 5m ago with 2 panes: claude, terminal."
    QTest.keyClick(name_card.line, Qt.Key.Key_Return)
    assert names == ["mine"]


@pytest.mark.parametrize("text", ["", "x" * 81, "autosave"])
def test_a_name_that_cannot_be_is_told_at_once_and_enter_does_nothing(
    name_card: NameCard, names: list[str], text: str
) -> None:
    name_card.line.setText(text)
    assert name_card.note.text() == name_card.problem != ""
    QTest.keyClick(name_card.line, Qt.Key.Key_Return)
    assert names == []


class Picked:
    """What was chosen in a list."""

    def __init__(self) -> None:
        self.chosen: list[Layout] = []
        self.deleted: list[Layout] = []


@pytest.fixture
def picked() -> Picked:
    return Picked()


@pytest.fixture
def make_list(qtbot: QtBot, theme: Theme, picked: Picked) -> Callable[..., LayoutCard]:
    def make(layouts: Sequence[Layout], *, names_projects: bool = False) -> LayoutCard:
        card = LayoutCard(
            theme, layouts, names_projects=names_projects, on_choice=picked.chosen.append, on_delete=picked.deleted.append,
            now=lambda: NOW,
        )  # fmt: skip
        show(qtbot, card)
        return card

    return make


def test_a_line_tells_name_time_shape_panes_and_agents(make_list: Callable[..., LayoutCard]) -> None:
    card = make_list([MINE, OTHER], names_projects=True)
    first, second = card.list.picks
    assert (first.name, first.detail, first.tag) == ("mine", "api  ·  2 panes  ·  1 x 1  ·  claude, terminal", "5m ago")
    assert (second.detail, second.tag) == ("web  ·  1 pane  ·  1 x 1  ·  claude", "2h ago")


def test_letters_find_and_enter_opens(make_list: Callable[..., LayoutCard], picked: Picked) -> None:
    card = make_list([MINE, OTHER])
    QTest.keyClicks(card.line, "te")
    assert [pick.name for pick in card.list.picks] == ["Tests"]
    QTest.keyClick(card.line, Qt.Key.Key_Return)
    assert picked.chosen == [OTHER]


def test_arrows_and_tab_walk_the_list(make_list: Callable[..., LayoutCard], picked: Picked) -> None:
    card = make_list([MINE, OTHER])
    QTest.keyClick(card.line, Qt.Key.Key_Down)
    assert card.current == OTHER
    QTest.keyClick(card.line, Qt.Key.Key_Up)
    assert card.current == MINE
    QTest.keyClick(card.line, Qt.Key.Key_Tab)
    QTest.keyClick(card.line, Qt.Key.Key_Return)
    assert picked.chosen == [OTHER]


def test_a_layout_of_a_newer_synk_says_so_and_does_not_open(make_list: Callable[..., LayoutCard], picked: Picked) -> None:
    card = make_list([NEWER])
    assert card.list.picks[0].problem == "saved by a newer Synk"
    QTest.keyClick(card.line, Qt.Key.Key_Return)
    assert picked.chosen == []


def test_delete_asks_to_delete_a_named_one_and_belongs_to_the_line_while_something_is_typed(
    make_list: Callable[..., LayoutCard], picked: Picked
) -> None:
    card = make_list([MINE])
    QTest.keyClicks(card.line, "mi")
    QTest.keyClick(card.line, Qt.Key.Key_Delete)
    assert picked.deleted == []
    card.line.clear()
    QTest.keyClick(card.line, Qt.Key.Key_Delete)
    assert picked.deleted == [MINE]
    QTest.keyClick(make_list([AUTOSAVE]).line, Qt.Key.Key_Delete)
    assert picked.deleted == [MINE]


def test_an_empty_list_says_how_to_fill_it(make_list: Callable[..., LayoutCard], picked: Picked) -> None:
    card = make_list([])
    assert card.note.text() == NONE_YET
    QTest.keyClick(card.line, Qt.Key.Key_Return)
    assert picked.chosen == []
    other = make_list([MINE])
    QTest.keyClicks(other.line, "zzz")
    assert other.note.text() == "No layout fits"
