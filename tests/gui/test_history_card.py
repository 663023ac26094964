"""The history: 500 entries, chosen by keys and mouse, the chosen one in full."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from synk.base.events import Level
from synk.ui.cards import CardStack
from synk.ui.notices.history_card import HistoryCard
from synk.ui.notices.history_list import HistoryRow
from synk.ui.theme import Theme

LEVELS: tuple[Level, ...] = ("info", "success", "warning", "error")


def row(number: int, body: str = "Pane 2 of api", *, is_unread: bool = False) -> HistoryRow:
    return HistoryRow(
        id=number, level=LEVELS[number % 4], title=f"news {number}", body=body, place="api", at=1000.0 - number, count=1,
        is_unread=is_unread, can_go=True,
    )  # fmt: skip


class Shown:
    """The card over a window."""

    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self.window = QWidget()
        self.window.resize(1280, 800)
        qtbot.addWidget(self.window)
        self.cards = CardStack(self.window)
        self.went: list[int] = []
        self.card = HistoryCard(theme, on_go=self.went.append, on_clear=lambda: None, now=lambda: 2000.0)
        self.list = self.card.list
        self.window.show()
        self.cards.open(self.card)

    def press(self, *keys: Qt.Key) -> None:
        for key in keys:
            QTest.keyClick(self.card, key)

    def is_in_sight(self, index: int) -> bool:
        return self.list.viewport().rect().contains(self.list.row_area(index))


@pytest.fixture
def shown(theme: Theme, qtbot: QtBot) -> Shown:
    return Shown(theme, qtbot)


def test_keys_walk_through_all_entries_and_keep_the_chosen_one_in_sight(shown: Shown) -> None:
    shown.card.show_rows([row(number) for number in range(500)])
    walked = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Home):
        shown.press(key)
        walked.append(shown.list.index)
        assert shown.is_in_sight(shown.list.index)
    page = shown.list.rows_per_page()
    assert walked == [1, 2, 1, 499, 498, 498 - page, 0]
    shown.press(Qt.Key.Key_Up)
    assert shown.list.index == 0


def test_the_chosen_entry_shows_all_of_its_text_and_the_next_one_stands_below_it(shown: Shown) -> None:
    shown.card.show_rows([row(0), row(1, "A long explanation. " * 40), row(2)])
    short = shown.list.row_area(1).height()
    shown.press(Qt.Key.Key_Down)
    chosen, below = shown.list.row_area(1), shown.list.row_area(2)
    assert chosen.height() > 2 * short
    assert below.top() == chosen.bottom() + 1
    assert "A long explanation." in shown.list.accessibleDescription()


def test_every_place_of_the_list_belongs_to_the_row_that_is_painted_there(shown: Shown) -> None:
    shown.card.show_rows([row(number, "words " * 60) for number in range(30)])
    shown.list.choose(5)
    shown.list.verticalScrollBar().setValue(70)
    for index in range(2, 12):
        area = shown.list.row_area(index)
        assert {shown.list._index_at(QPoint(4, y)) for y in (area.top(), area.bottom())} == {index}


def test_a_click_chooses_and_a_double_click_goes_there(shown: Shown) -> None:
    shown.card.show_rows([row(number) for number in range(5)])
    place = shown.list.row_area(3).center()
    QTest.mouseClick(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (shown.list.index, shown.went) == (3, [])
    QTest.mouseDClick(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=shown.list.row_area(3).center())
    assert shown.went == [3]
    assert shown.cards.top is None


def test_new_entries_come_in_above_without_moving_the_choice(shown: Shown) -> None:
    shown.card.show_rows([row(1), row(2)])
    shown.press(Qt.Key.Key_Down)
    shown.card.show_rows([row(0), row(1), row(2)])
    assert shown.list.rows[shown.list.index].id == 2


def test_an_unread_entry_is_told_from_a_read_one(shown: Shown) -> None:
    shown.card.show_rows([row(0, is_unread=True), row(0)])
    unread, read = (shown.list.viewport().grab(shown.list.row_area(index)).toImage() for index in (0, 1))
    shown.list.choose(1)
    assert unread != read
    assert "unread" in shown.list.rows[0].spoken
    assert "unread" not in shown.list.rows[1].spoken


def test_an_empty_history_says_so_and_has_nothing_to_go_to(shown: Shown) -> None:
    shown.card.show_rows([])
    assert shown.list.accessibleDescription() == "Nothing has happened yet"
    shown.press(Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Delete)
    assert shown.went == []


def test_the_key_that_opens_it_closes_it(shown: Shown) -> None:
    shown.press(Qt.Key.Key_A)
    assert shown.cards.top is None
