"""An empty grid says what can be done, and what Enter brings back."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from synk.actions.navigation import NavigationActions
from synk.keys.modes import Mode
from synk.ui.theme import Theme
from tests.gui.desk import Desk


@pytest.fixture
def desk(qtbot: QtBot, theme: Theme) -> Iterator[Desk]:
    made = Desk(theme)
    qtbot.addWidget(made.window.widget)
    made.window.show()
    yield made
    made.close()


def test_what_enter_does_is_shown_read_out_and_taken_back(desk: Desk) -> None:
    grid = desk.window.widget.grid
    plain = grid.grab().toImage()
    grid.show_offer("restore the 4 sessions that were open here")
    assert grid.accessibleDescription() == "Enter: restore the 4 sessions that were open here"
    assert grid.grab().toImage() != plain
    grid.show_offer("")
    assert grid.accessibleDescription() == ""
    assert grid.grab().toImage() == plain


def test_enter_in_an_empty_grid_opens_what_was_there_and_with_panes_it_types(desk: Desk) -> None:
    opened: list[str] = []
    actions = NavigationActions(desk.tabs, desk.window, on_empty=lambda: opened.append("again"))
    actions.type_into_pane()
    assert (opened, desk.tabs.workspace.mode) == (["again"], Mode.NAVIGATION)
    desk.open(1)
    actions.type_into_pane()
    assert (opened, desk.tabs.workspace.mode) == (["again"], Mode.TERMINAL)
