"""The sidebar: sections and their rows, by mouse and keys; folding, width, and a section that fails."""

from collections.abc import Sequence
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from synk.sessions.session import Status
from synk.ui.sidebar.rows import HeadRow, PlaceRow, ProjectRow, Row, SessionRow, TextRow
from synk.ui.sidebar.sidebar import Sidebar
from synk.ui.theme import Theme

NONE, CTRL, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def card(number: int, *, status: Status = Status.IDLE, is_selected: bool = False) -> SessionRow:
    return SessionRow(number, number, ">_", "text-dim", f"session {number}", "root · main", "", status, is_selected)


class FakeSection:
    def __init__(self, name: str, rows: Sequence[Row]) -> None:
        self.id = name
        self.title = name.capitalize()
        self.note = ""
        self.is_calling = False
        self.content = list(rows)
        self.asked = 0
        self.fails = False

    def rows(self) -> Sequence[Row]:
        self.asked += 1
        if self.fails:
            raise RuntimeError("broken")
        return self.content


class Shown:
    """A sidebar in a window, and what it asks for."""

    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self.window = QWidget()
        self.window.resize(1280, 800)
        self.window.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.sidebar = Sidebar(theme, width=280, parent=self.window)
        self.sidebar.resize(280, 700)
        others = (ProjectRow("/web", "web", "open", True), ProjectRow("/old", "old", "5m ago", False))
        self.project = FakeSection("project", [PlaceRow("api", "~/api", "main"), *others])
        self.sessions = FakeSection("sessions", [card(number) for number in (1, 2, 3)])
        self.sidebar.use_sections([self.project, self.sessions])
        self.view: dict[str, Any] = {}
        self.sidebar.use_view(self.view)
        self.commands: list[str] = []
        self.menus: list[int] = []
        self.unused: list[str] = []
        self.sidebar.asked.connect(self.commands.append)
        self.sidebar.menu_asked.connect(lambda session, _place: self.menus.append(session))
        self.sidebar.pressed.connect(lambda press: self.unused.append(press.name))
        qtbot.addWidget(self.window)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.list = self.sidebar.list
        self.window.setFocus()

    @property
    def keys(self) -> list[str]:
        return [row.key for row in self.list.rows]

    def press(self, *keys: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
        for key in keys:
            QTest.keyClick(self.list, key, modifier)

    def click(self, key: str, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        place = self.list.row_area(self.keys.index(key)).center()
        QTest.mouseClick(self.list.viewport(), button, pos=place)


@pytest.fixture
def shown(theme: Theme, qtbot: QtBot) -> Shown:
    return Shown(theme, qtbot)


ALL = ["head project", "place", "project /web", "project /old", "head sessions", "session 1", "session 2", "session 3"]


def test_each_section_stands_below_its_head(shown: Shown) -> None:
    assert shown.keys == ALL


def test_a_click_selects_a_session_and_switches_to_a_project(shown: Shown) -> None:
    shown.click("session 2")
    shown.click("project /web")
    shown.click("place")
    assert shown.commands == ["pane.select session:2", "tab.open /web"]
    assert not shown.list.hasFocus()


def test_keys_walk_over_what_can_be_chosen_and_enter_chooses(shown: Shown) -> None:
    shown.sidebar.take_focus()
    walked = []
    for _ in range(6):
        row = shown.list.current
        assert row is not None
        walked.append(row.key)
        shown.press(Qt.Key.Key_J)
    assert walked == [key for key in ALL if key != "place"][:6]
    shown.press(Qt.Key.Key_Return, Qt.Key.Key_Up, Qt.Key.Key_K, Qt.Key.Key_Return)
    assert shown.commands == ["pane.select session:3", "pane.select session:1"]
    shown.press(Qt.Key.Key_Home)
    assert shown.list.current == shown.list.rows[0]
    shown.press(Qt.Key.Key_End)
    assert shown.list.current == shown.list.rows[-1]


def test_what_the_list_has_no_use_for_goes_on(shown: Shown) -> None:
    shown.sidebar.take_focus()
    shown.press(Qt.Key.Key_Escape, Qt.Key.Key_Question, Qt.Key.Key_Z)
    shown.press(Qt.Key.Key_E, modifier=CTRL)
    assert shown.unused == ["escape", "?", "z", "e"]
    assert shown.commands == []


def test_tab_leaves_it(shown: Shown, qtbot: QtBot) -> None:
    shown.sidebar.take_focus()
    with qtbot.waitSignal(shown.sidebar.focus_left) as left:
        shown.press(Qt.Key.Key_Tab)
    assert left.args == [True]
    with qtbot.waitSignal(shown.sidebar.focus_left) as left:
        shown.press(Qt.Key.Key_Backtab, modifier=SHIFT)
    assert left.args == [False]


def test_delete_closes_a_session_and_takes_a_closed_project_off_the_list_only(shown: Shown) -> None:
    shown.sidebar.take_focus()
    for key in ("session 2", "project /old", "project /web", "head sessions"):
        shown.list.choose(key)
        shown.press(Qt.Key.Key_Delete)
    assert shown.commands == ["session.close session:2", "recent.remove /old"]


def test_a_section_folds_by_click_and_by_keys_and_every_tab_keeps_its_own(shown: Shown) -> None:
    shown.click("head project")
    assert shown.keys == ["head project", *ALL[4:]]
    shown.sidebar.take_focus()
    shown.list.choose("head sessions")
    shown.press(Qt.Key.Key_Left)
    assert shown.keys == ["head project", "head sessions"]
    assert shown.view["sidebar.folded"] == ["project", "sessions"]
    shown.press(Qt.Key.Key_Right)
    other: dict[str, Any] = {}
    shown.sidebar.use_view(other)
    assert shown.keys == ALL
    shown.sidebar.use_view(shown.view)
    assert shown.keys == ["head project", *ALL[4:]]


def test_a_folded_section_is_not_asked_for_its_rows(shown: Shown) -> None:
    shown.click("head sessions")
    asked = shown.sessions.asked
    shown.sidebar.refresh_now()
    assert shown.sessions.asked == asked


def test_a_view_from_another_version_is_no_harm(shown: Shown) -> None:
    shown.sidebar.use_view({"sidebar.folded": "all", "sidebar.scroll": "top"})
    assert shown.keys == ALL


def test_a_section_that_fails_shows_it_in_its_place_and_the_others_go_on(shown: Shown) -> None:
    shown.project.fails = True
    shown.sidebar.refresh_now()
    head, words, *others = shown.list.rows
    assert isinstance(head, HeadRow)
    assert isinstance(words, TextRow)
    assert words.is_error
    assert "Something went wrong in Project" in words.text
    assert [row.key for row in others] == ALL[4:]
    shown.project.fails = False
    shown.sidebar.refresh_now()
    assert shown.keys == ALL


def test_the_keyboard_stays_on_its_session_when_rows_come_and_go(shown: Shown) -> None:
    shown.sidebar.take_focus()
    shown.list.choose("session 2")
    shown.sessions.content = [card(3), card(2), card(1), card(4)]
    shown.sidebar.refresh_now()
    assert shown.list.current == card(2)
    shown.sessions.content = [card(3), card(1)]
    shown.sidebar.refresh_now()
    assert shown.list.current == card(1)


def test_a_changed_session_is_shown_in_the_next_frame(shown: Shown, qtbot: QtBot) -> None:
    shown.sessions.content = [card(1, status=Status.WAITING)]
    shown.sidebar.refresh()
    shown.sidebar.refresh()
    asked = shown.sessions.asked
    qtbot.waitUntil(lambda: shown.keys[-1] == "session 1")
    assert shown.sessions.asked == asked + 1


def test_hidden_it_asks_nobody_and_is_up_to_date_when_it_comes_back(shown: Shown) -> None:
    shown.sidebar.toggle()
    asked = shown.sessions.asked
    shown.sessions.content = [card(7)]
    shown.sidebar.refresh()
    shown.sidebar.refresh_now()
    assert shown.sessions.asked == asked
    shown.sidebar.toggle()
    assert shown.keys[-1] == "session 7"


def test_marks_turn_only_while_somebody_works_and_may_be_still(shown: Shown) -> None:
    turning = shown.list._turning
    assert not turning.is_running
    shown.sessions.content = [card(1, status=Status.WORKING)]
    shown.sidebar.refresh_now()
    assert turning.is_running
    shown.sidebar.show_moves(False)
    assert not turning.is_running
    shown.sidebar.show_moves(True)
    shown.sidebar.toggle()
    assert not turning.is_running


def test_it_folds_by_itself_where_the_grid_needs_the_room_and_comes_back(shown: Shown, theme: Theme) -> None:
    least = theme.sizes.sidebar_room + theme.sizes.sidebar_min
    for width, is_open in ((least, True), (least - 1, False), (800, False), (least, True)):
        shown.sidebar.fit(width)
        assert shown.sidebar.isVisible() == is_open
    shown.sidebar.fit(800)
    shown.sidebar.toggle()
    assert shown.sidebar.isVisible()
    shown.sidebar.fit(810)
    assert shown.sidebar.isVisible()
    shown.sidebar.fit(least)
    shown.sidebar.toggle()
    for width in (800, least):
        shown.sidebar.fit(width)
        assert not shown.sidebar.isVisible()


def test_it_becomes_narrower_before_it_folds(shown: Shown, theme: Theme) -> None:
    size = theme.sizes
    shown.sidebar.set_width(400)
    for left, width in ((600, 400), (300, 300), (size.sidebar_min, size.sidebar_min), (600, 400)):
        shown.sidebar.fit(size.sidebar_room + left)
        assert (shown.sidebar.width(), shown.sidebar.isVisible()) == (width, True)


def test_its_edge_is_dragged_between_its_bounds(shown: Shown, theme: Theme) -> None:
    edge, widths = shown.sidebar._edge, []
    shown.sidebar.dragged.connect(widths.append)
    for to_x in (400, 100, 900):
        QTest.mousePress(edge, Qt.MouseButton.LeftButton, pos=QPoint(2, 300))
        QTest.mouseMove(edge, edge.mapFromParent(QPoint(to_x, 300)))
        QTest.mouseRelease(edge, Qt.MouseButton.LeftButton)
    assert widths[0] in range(398, 404)
    assert widths[1:] == [theme.sizes.sidebar_min, theme.sizes.sidebar_max]
    assert edge.geometry().right() == shown.sidebar.width() - 1


def test_the_menu_key_and_the_right_button_open_the_sessions_menu(shown: Shown) -> None:
    shown.sidebar.take_focus()
    shown.list.choose("session 3")
    shown.press(Qt.Key.Key_Menu)
    assert shown.menus == [3]


def test_the_menu_of_a_project_removes_closed_ones_from_the_list_only(shown: Shown) -> None:
    for path, texts in (("/web", ["Switch to it"]), ("/old", ["Open", "Remove from Synk"])):
        row = next(row for row in shown.list.rows if isinstance(row, ProjectRow) and row.path == path)
        menu = shown.sidebar.row_menu(row)
        assert [action.text() for action in menu.actions()] == texts
        menu.actions()[-1].trigger()
        menu.close()
    assert shown.commands == ["tab.open /web", "recent.remove /old"]


def test_the_menu_of_a_section_reads_its_files_again(shown: Shown) -> None:
    menu = shown.sidebar.row_menu(HeadRow("project", "Project"))
    menu.actions()[0].trigger()
    menu.close()
    assert shown.commands == ["sidebar.refresh"]


def test_sixty_four_sessions_scroll_and_the_chosen_one_is_in_sight(shown: Shown) -> None:
    shown.sessions.content = [card(number) for number in range(1, 65)]
    shown.sidebar.refresh_now()
    shown.sidebar.take_focus()
    shown.press(Qt.Key.Key_End)
    assert shown.list.viewport().rect().contains(shown.list.row_area(len(shown.list.rows) - 1))
    scrolled = shown.list.verticalScrollBar().value()
    assert shown.view["sidebar.scroll"] == scrolled > 0
    shown.sidebar.use_view({})
    assert shown.list.verticalScrollBar().value() == 0
    shown.sidebar.use_view(shown.view)
    assert shown.list.verticalScrollBar().value() == scrolled


def test_the_card_of_what_the_user_just_selected_comes_into_sight(shown: Shown) -> None:
    def is_in_sight(number: int) -> bool:
        return shown.list.viewport().rect().contains(shown.list.row_area(shown.keys.index(f"session {number}")))

    for selected in (64, 1):
        shown.sessions.content = [card(number, is_selected=number == selected) for number in range(1, 65)]
        shown.sidebar.refresh_now()
        assert is_in_sight(selected)
    shown.list.verticalScrollBar().setValue(shown.list.verticalScrollBar().maximum())
    shown.sessions.content.append(card(65))
    shown.sidebar.refresh_now()
    assert not is_in_sight(1)


class Watch(QObject):
    """Writes down which part of a widget is painted."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__()
        self.painted: list[QRect] = []
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.painted.append(event.rect())
        return False


def test_one_changed_card_is_painted_alone(shown: Shown, qtbot: QtBot) -> None:
    shown.sidebar.refresh_now()
    QApplication.processEvents()
    watch = Watch(shown.list.viewport())
    shown.sessions.content = [card(1), card(2, status=Status.WAITING), card(3)]
    shown.sidebar.refresh_now()
    qtbot.waitUntil(lambda: bool(watch.painted))
    assert watch.painted == [shown.list.row_area(shown.keys.index("session 2"))]


def test_a_card_looks_the_same_below_a_selected_one(shown: Shown) -> None:
    pictures = []
    for is_selected in (False, True):
        shown.sessions.content = [card(1, is_selected=is_selected), card(2)]
        shown.sidebar.refresh_now()
        area = shown.list.row_area(len(shown.list.rows) - 1)
        pictures.append(shown.list.viewport().grab().toImage().copy(area))
    assert pictures[0] == pictures[1]


def test_every_row_looks_different_where_it_is_different(shown: Shown) -> None:
    pictures = []
    for status in Status:
        shown.sessions.content = [card(1, status=status)]
        shown.sidebar.refresh_now()
        area = shown.list.row_area(len(shown.list.rows) - 1)
        pictures.append(bytes(shown.list.viewport().grab(area).toImage().constBits()))
    assert len(set(pictures)) == len(Status)


def test_marks_that_turn_are_painted_alone_as_they_are_painted_with_everything(shown: Shown) -> None:
    view, rows = shown.list.viewport(), shown.list
    rows.show_rows([card(1, status=Status.WORKING), card(2), card(3, status=Status.WORKING, is_selected=True)])
    rows._turning.leave(0)
    whole, marks = view.grab().toImage(), QRegion()
    for index, row in enumerate(rows.rows):
        if isinstance(row, SessionRow) and row.status is Status.WORKING:
            marks += rows._paint.mark_area(rows.row_area(index)).toAlignedRect()
    painted: list[Row] = []
    paint = rows._paint.paint
    rows._paint.paint = lambda *arguments: (painted.append(arguments[1]), paint(*arguments))[1]  # type: ignore[method-assign]
    image = whole.copy()
    image.fill(Qt.GlobalColor.magenta)
    view.render(image, QPoint(), marks)
    assert [row.pane for row in painted if isinstance(row, SessionRow)] == [1, 3]
    assert len(painted) == 2
    assert not marks.isEmpty()
    corner = marks.boundingRect().topLeft()
    for mark in (QRect(rect) for rect in marks):  # type: ignore[attr-defined]
        assert image.copy(mark.translated(-corner)) == whole.copy(mark)
