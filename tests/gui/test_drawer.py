"""The drawer: its tabs, what is remembered of it, and a panel that fails."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from synk.ui.drawer import Drawer
from synk.ui.theme import Theme


class FakePanel:
    """A panel that counts what it is told, and fails where the test wants it."""

    def __init__(self, name: str, *, fails: bool = False) -> None:
        self.id = name
        self.title = name.capitalize()
        self.fails = fails
        self.updates = 0
        self.is_active = False
        self.widget: QWidget = QLabel(f"content of {name}")

    @property
    def summary(self) -> str:
        return f"{len(self.id)} things"

    def show_active(self, is_active: bool) -> None:
        if self.fails and is_active:
            raise RuntimeError("no such table")
        self.is_active = is_active

    def update(self) -> None:
        self.updates += 1
        if self.fails:
            raise RuntimeError("no such table")


class Shown:
    """A drawer with four panels, and what it says the user did."""

    def __init__(self, theme: Theme, qtbot: QtBot, *, failing: str = "") -> None:
        self.panels = [FakePanel(name, fails=name == failing) for name in ("cost", "git", "tasks", "pool")]
        self.window = QWidget()
        self.window.resize(900, 800)
        self.drawer = Drawer(theme, self.panels, height=250, parent=self.window)
        self.drawer.resize(900, self.drawer.height())
        qtbot.addWidget(self.window)
        self.window.show()
        self.orders: list[list[str]] = []
        self.heights: list[int] = []
        self.toggles = 0
        self.drawer.reordered.connect(self.orders.append)
        self.drawer.dragged.connect(self.heights.append)
        self.drawer.toggled.connect(self._toggled)

    def _toggled(self) -> None:
        self.toggles += 1

    def tab(self, name: str) -> QPoint:
        """The middle of a tab."""
        return next(area.center() for panel, area in self.drawer._tab_areas() if panel.id == name)

    def drag(self, start: QPoint, *ways: QPoint) -> None:
        QTest.mousePress(self.drawer, Qt.MouseButton.LeftButton, pos=start)
        for place in ways:
            QTest.mouseMove(self.drawer, place)
        QTest.mouseRelease(self.drawer, Qt.MouseButton.LeftButton, pos=ways[-1])


@pytest.fixture
def make_shown(theme: Theme, qtbot: QtBot) -> Callable[..., Shown]:
    return lambda **options: Shown(theme, qtbot, **options)


@pytest.fixture
def shown(make_shown: Callable[..., Shown]) -> Shown:
    return make_shown()


def test_a_tab_is_dragged_to_another_place(shown: Shown) -> None:
    beyond = shown.tab("pool") + QPoint(30, 0)
    shown.drag(shown.tab("cost"), shown.tab("git"), beyond)
    assert shown.orders == [["git", "tasks", "pool", "cost"]]
    assert (shown.drawer.is_open, shown.toggles) == (False, 0)
    shown.drag(shown.tab("cost"), shown.tab("git") - QPoint(30, 0))
    assert shown.drawer.order == ["cost", "git", "tasks", "pool"]


def test_a_click_that_trembles_is_still_a_click(shown: Shown) -> None:
    shown.drag(shown.tab("git"), shown.tab("git") + QPoint(3, 0))
    assert (shown.drawer.is_open, shown.drawer.front, shown.orders) == (True, "git", [])
    QTest.mouseClick(shown.drawer, Qt.MouseButton.LeftButton, pos=shown.tab("git"))
    assert not shown.drawer.is_open


def test_unknown_panels_are_dropped_from_an_order_and_missing_ones_come_last(shown: Shown) -> None:
    shown.drawer.set_order(["pool", "planner", "git"])
    assert shown.drawer.order == ["pool", "git", "cost", "tasks"]


def test_what_was_open_comes_back_and_a_panel_that_is_gone_leaves_another_in_front(shown: Shown) -> None:
    shown.drawer.show_state(is_open=True, front="tasks")
    assert (shown.drawer.is_open, shown.drawer.front, shown.toggles) == (True, "tasks", 0)
    shown.drawer.show_state(is_open=True, front="planner")
    assert (shown.drawer.is_open, shown.drawer.front) == (True, "tasks")


def test_a_double_click_on_the_strip_opens_and_folds(shown: Shown) -> None:
    free = QPoint(shown.drawer.width() - 20, 20)
    QTest.mouseDClick(shown.drawer, Qt.MouseButton.LeftButton, pos=free)
    assert (shown.drawer.is_open, shown.toggles) == (True, 1)
    QTest.mouseDClick(shown.drawer, Qt.MouseButton.LeftButton, pos=free)
    assert not shown.drawer.is_open


def test_a_new_height_is_told_once_the_drag_is_over(shown: Shown) -> None:
    shown.drawer.show_state(is_open=True, front=None)
    start = QPoint(shown.drawer.width() - 20, 10)
    QTest.mousePress(shown.drawer, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(shown.drawer, start - QPoint(0, 50))
    assert shown.heights == []
    QTest.mouseRelease(shown.drawer, Qt.MouseButton.LeftButton, pos=start)
    assert shown.heights == [300]
    QTest.mouseClick(shown.drawer, Qt.MouseButton.LeftButton, pos=start)
    assert shown.heights == [300]


def test_a_panel_that_fails_shows_its_error_in_its_own_place(make_shown: Callable[..., Shown]) -> None:
    shown = make_shown(failing="git")
    shown.drawer.toggle_panel("git")
    sign = shown.drawer._broken["git"]
    assert sign.isVisible()
    assert "Something went wrong in Git" in sign.text()
    assert not shown.panels[1].widget.isVisible()
    shown.drawer.update_panels()
    assert [panel.updates for panel in shown.panels] == [1, 0, 1, 1]
    shown.drawer.toggle_panel("tasks")
    assert shown.panels[2].widget.isVisible()
    assert not sign.isVisible()
    shown.drawer.grab()


def test_only_the_panel_in_front_of_an_open_drawer_is_active(shown: Shown) -> None:
    shown.drawer.toggle_panel("git")
    assert [panel.is_active for panel in shown.panels] == [False, True, False, False]
    shown.window.hide()
    assert not any(panel.is_active for panel in shown.panels)
    shown.window.show()
    assert [panel.is_active for panel in shown.panels] == [False, True, False, False]
    shown.drawer.toggle()
    assert not any(panel.is_active for panel in shown.panels)


def test_the_button_of_a_folded_sidebar_pushes_the_tabs_aside(shown: Shown) -> None:
    before = shown.tab("cost")
    shown.drawer.show_sidebar_button(True)
    assert shown.tab("cost").x() > before.x()
    assert not shown.drawer.sidebar_button.geometry().contains(shown.tab("cost"))
    shown.drawer.show_sidebar_button(False)
    assert shown.tab("cost") == before
