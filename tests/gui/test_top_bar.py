"""The top bar: tabs, buttons, and what gives way when there is little room."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from synk.keys.modes import Mode
from synk.sessions.workspace import Workspace
from synk.ui.theme import Theme
from synk.ui.top_bar.bar import TopBar
from synk.ui.top_bar.tab_button import TabItem
from synk.ui.top_bar.tab_strip import Fade


def tab_items(count: int, *, active: int = 0) -> list[TabItem]:
    return [TabItem(f"/home/user/project{n}", f"project{n}", is_active=n == active) for n in range(count)]


class Bar:
    """A top bar that records what it asks for."""

    def __init__(self, bar: TopBar) -> None:
        self.bar = bar
        self.lines: list[str] = []
        bar.asked.connect(self.lines.append)

    def press(self, key: Qt.Key) -> None:
        target = self.bar.focusWidget()
        assert target is not None
        QTest.keyClick(target, key)


@pytest.fixture
def make_bar(qtbot: QtBot, theme: Theme) -> Callable[..., Bar]:
    def make(*, width: int = 1280, count: int = 3, active: int = 0) -> Bar:
        bar = TopBar(theme)
        qtbot.addWidget(bar)
        bar.resize(width, theme.sizes.top_bar)
        keys = {"history.open": "a", "session.new": "n", "pane.type": "Enter", "help.open": "?"}
        bar.show_keys(lambda command: keys.get(command, ""))
        bar.show_tabs(tab_items(count, active=active))
        bar.show()
        return Bar(bar)

    return make


def names(bar: TopBar) -> list[str]:
    return [button.item.name for button in bar.tabs.buttons]


def test_a_click_on_a_tab_shows_it_and_a_middle_click_closes_it(make_bar: Callable[..., Bar]) -> None:
    made = make_bar()
    second = made.bar.tabs.buttons[1]
    QTest.mouseClick(second, Qt.MouseButton.LeftButton, pos=QPoint(10, 20))
    QTest.mouseClick(second, Qt.MouseButton.MiddleButton, pos=QPoint(10, 20))
    assert made.lines == ["tab.select 2", "tab.close 2"]


def test_a_dragged_tab_asks_for_its_new_place_when_it_is_dropped(make_bar: Callable[..., Bar]) -> None:
    made = make_bar()
    first, last = made.bar.tabs.buttons[0], made.bar.tabs.buttons[2]
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=QPoint(10, 20))
    over_last = first.mapFromGlobal(last.mapToGlobal(QPoint(last.width() - 4, 20)))
    QTest.mouseMove(first, QPoint(40, 20))
    QTest.mouseMove(first, over_last)
    assert names(made.bar) == ["project1", "project2", "project0"]
    assert made.lines == []
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=QPoint(10, 20))
    assert made.lines == ["tab.place 1 3"]


def test_a_tab_dragged_back_to_its_place_asks_for_nothing(make_bar: Callable[..., Bar]) -> None:
    made = make_bar()
    first = made.bar.tabs.buttons[0]
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=QPoint(10, 20))
    QTest.mouseMove(first, QPoint(34, 20))
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=QPoint(12, 20))
    assert made.lines == []


def test_the_menu_of_a_tab_closes_it_the_others_or_all(make_bar: Callable[..., Bar]) -> None:
    made = make_bar()
    menu = made.bar.tabs.menu_of(made.bar.tabs.buttons[1])
    for action in menu.actions():
        action.trigger()
    menu.deleteLater()
    assert made.lines == ["tab.close 2", "tab.close-others 2", "tab.close-all"]


def test_arrows_walk_along_the_bar_and_enter_presses(make_bar: Callable[..., Bar]) -> None:
    made = make_bar(active=1)
    made.bar.take_focus()
    made.press(Qt.Key.Key_Right)
    made.press(Qt.Key.Key_Return)
    made.press(Qt.Key.Key_Delete)
    made.press(Qt.Key.Key_Right)
    made.press(Qt.Key.Key_Space)
    made.press(Qt.Key.Key_End)
    made.press(Qt.Key.Key_Return)
    made.press(Qt.Key.Key_Home)
    made.press(Qt.Key.Key_Return)
    assert made.lines == ["tab.select 3", "tab.close 3", "tab.open", "settings.open", "home.show"]


def test_a_held_delete_closes_one_tab(make_bar: Callable[..., Bar]) -> None:
    made = make_bar()
    made.bar.take_focus()
    made.press(Qt.Key.Key_Delete)
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, "\x7f", autorep=True)
    QApplication.sendEvent(made.bar.tabs.buttons[0], held)
    assert made.lines == ["tab.close 1"]


def test_keys_the_bar_has_no_use_for_are_passed_on_and_tab_leaves_it(make_bar: Callable[..., Bar]) -> None:
    made = make_bar()
    passed: list[str] = []
    left: list[bool] = []
    made.bar.pressed.connect(lambda press: passed.append(press.name))
    made.bar.focus_left.connect(left.append)
    made.bar.take_focus()
    made.press(Qt.Key.Key_Escape)
    made.press(Qt.Key.Key_Tab)
    assert (passed, left) == (["escape"], [True])


def test_hints_go_first_then_the_field_then_the_names_of_tabs(make_bar: Callable[..., Bar], theme: Theme) -> None:
    wide, narrow, crowded = make_bar(width=1920, count=3), make_bar(width=800, count=4), make_bar(width=800, count=12)
    assert wide.bar.line_area.width() == theme.sizes.line_field
    assert narrow.bar.line_area.width() >= theme.sizes.line_field_min
    assert crowded.bar.line_area.width() == 0
    assert crowded.bar.tabs.least_width > crowded.bar.tabs.width()
    for made in (wide, narrow, crowded):
        bar = made.bar
        assert bar.plus.geometry().right() < bar.bell.geometry().left() < bar.gear.geometry().right() <= bar.width()


def test_the_active_tab_of_many_is_in_sight(make_bar: Callable[..., Bar]) -> None:
    made = make_bar(width=800, count=12)
    for active in (11, 0, 7):
        made.bar.show_tabs(tab_items(12, active=active))
        button = made.bar.tabs.buttons[active]
        assert 0 <= button.x() <= made.bar.tabs.width() - button.width()


def test_where_tabs_go_on_beyond_the_strip_they_fade(make_bar: Callable[..., Bar]) -> None:
    made = make_bar(width=800, count=12, active=8)
    strip = made.bar.tabs
    left, right = strip.findChildren(Fade)
    assert (left.isVisible(), right.isVisible()) == (True, True)
    made.bar.show_tabs(tab_items(12, active=11))
    assert (left.isVisible(), right.isVisible()) == (True, False)
    made.bar.show_tabs(tab_items(2))
    assert (left.isVisible(), right.isVisible()) == (False, False)


def test_a_click_on_the_field_opens_the_command_bar(make_bar: Callable[..., Bar]) -> None:
    made = make_bar()
    QTest.mouseClick(made.bar, Qt.MouseButton.LeftButton, pos=made.bar.line_area.center())
    assert made.lines == ["line.open"]


def test_everything_in_the_bar_has_a_name_for_screen_readers(make_bar: Callable[..., Bar]) -> None:
    made = make_bar(count=2)
    bar = made.bar
    bar.show_tabs([TabItem("/a", "api", attention=1, is_active=True), TabItem("/b", "web", attention=2, token="orange")])
    bar.show_unread(3)
    bar.show_broadcast(4)
    bar.show_workspace(Workspace(mode=Mode.TERMINAL), [])
    assert [button.accessibleName() for button in bar.tabs.buttons] == ["Tab api, 1 needs you, shown", "Tab web, 2 need you"]
    assert bar.bell.accessibleName() == "Notifications (a), 3 unread"
    assert all(button.accessibleName() for button in (bar.title, bar.plus, bar.gear))
    assert bar.accessibleDescription() == "TERM, BROADCAST -> 4"


def test_a_tab_that_stays_keeps_its_button_and_the_keyboard(make_bar: Callable[..., Bar]) -> None:
    made = make_bar()
    made.bar.take_focus()
    first = made.bar.tabs.buttons[0]
    made.bar.show_tabs(tab_items(2, active=1))
    assert (made.bar.tabs.buttons[0], made.bar.focusWidget()) == (first, first)


def test_the_badge_of_the_bell_changes_the_picture(make_bar: Callable[..., Bar]) -> None:
    made = make_bar()
    without = made.bar.bell.grab().toImage()
    made.bar.show_unread(7)
    assert made.bar.bell.grab().toImage() != without
    made.bar.show_unread(0)
    assert made.bar.bell.grab().toImage() == without


def test_keys_that_were_changed_are_shown_as_they_are_now(make_bar: Callable[..., Bar]) -> None:
    made = make_bar()
    assert (made.bar.bell.toolTip(), made.bar.gear.toolTip()) == ("Notifications (a)", "Settings")
    before = made.bar.grab().toImage()
    made.bar.show_keys(lambda command: {"settings.open": "Ctrl+,", "help.open": "F1"}.get(command, ""))
    assert (made.bar.bell.accessibleName(), made.bar.gear.accessibleName()) == ("Notifications", "Settings (Ctrl+,)")
    assert made.bar.grab().toImage() != before
