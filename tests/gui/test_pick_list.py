"""The list that all pickers share."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synk.ui.pickers.pick_list import Pick, PickList
from synk.ui.theme import Theme


@pytest.fixture
def make_list(qtbot: QtBot, theme: Theme) -> Callable[..., PickList]:
    def make(count: int = 50, *, rows: int = 5, is_tall: bool = False) -> PickList:
        made = PickList(theme, name="Things", is_tall=is_tall)
        qtbot.addWidget(made)
        made.show_picks([Pick(f"/p/{number}", f"thing {number}", "somewhere", "5m ago") for number in range(count)])
        made.resize(300, rows * made.row_height)
        made.show()
        return made

    return make


def marked(made: PickList) -> str:
    assert made.current is not None
    return made.current.name


def test_the_mark_walks_by_lines_and_pages_and_stops_at_the_ends(make_list: Callable[..., PickList]) -> None:
    made = make_list()
    names = [marked(made)]
    for step in ("previous", "next", "page-down", "page-up", "last", "next", "first"):
        made.move_mark(step)
        names.append(marked(made).removeprefix("thing "))
    assert names == ["thing 0", "0", "1", "5", "1", "49", "49", "0"]


def test_other_lines_keep_the_mark_where_its_line_is_still_there(make_list: Callable[..., PickList]) -> None:
    made = make_list()
    made.mark("/p/7")
    made.show_picks([Pick("/p/9", "nine"), Pick("/p/7", "seven")])
    assert marked(made) == "seven"
    made.show_picks([Pick("/p/9", "nine"), Pick("/p/7", "seven")], keep_mark=False)
    assert marked(made) == "nine"
    made.show_picks([])
    assert made.current is None
    made.move_mark("next")
    assert made.current is None


def test_a_click_marks_and_picks_and_one_that_slips_to_another_line_picks_nothing(
    make_list: Callable[..., PickList],
) -> None:
    made = make_list()
    picked: list[str] = []
    made.picked.connect(picked.append)
    place = QPoint(20, round(made.row_height * 2.5))
    QTest.mousePress(made.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert marked(made) == "thing 2"
    QTest.mouseRelease(made.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 5))
    QTest.mouseClick(made.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert picked == ["/p/2"]


@pytest.mark.parametrize("is_tall", [False, True])
def test_a_line_under_the_mouse_a_marked_one_and_one_with_a_problem_look_different(
    make_list: Callable[..., PickList], is_tall: bool
) -> None:
    made = make_list(3, is_tall=is_tall)
    plain = made.grab().toImage()
    QTest.mouseMove(made.viewport(), QPoint(30, round(made.row_height * 1.5)))
    hovered = made.grab().toImage()
    made.mark("/p/1")
    is_marked = made.grab().toImage()
    made.change_picks({"/p/2": Pick("/p/2", "thing 2", problem="not found"), "/p/nowhere": Pick("/p/nowhere", "x")})
    with_problem = made.grab().toImage()
    pictures = [plain, hovered, is_marked, with_problem]
    assert all(one != other for index, one in enumerate(pictures) for other in pictures[index + 1 :])
    assert len(made.picks) == 3


def test_only_what_is_in_sight_is_looked_at(make_list: Callable[..., PickList]) -> None:
    made = make_list(10_000)
    assert made.rows_in_sight() == range(7)
    made.move_mark("last")
    assert made.rows_in_sight().stop == 10_000
    assert len(made.rows_in_sight()) <= 7


def test_a_screen_reader_hears_all_words_of_a_line(make_list: Callable[..., PickList]) -> None:
    made = make_list(1)
    index = made.model().index(0, 0)
    assert made.model().data(index, Qt.ItemDataRole.AccessibleTextRole) == "thing 0, somewhere, 5m ago"
