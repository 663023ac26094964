"""The pool panel: numbers, rows, buttons, and no work while it is hidden."""

import json

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synk.sessions.events import PoolChanged
from tests.gui.desk import Desk


def test_rows_show_pid_pty_state_age_memory_and_shell(desk: Desk) -> None:
    desk.press("p")
    assert desk.panel._table.rows == [
        ("4711", "pts/3", "idle", "12 s", "7.9 MB", "bash"),
        ("4712", "pts/4", "idle", "2 min", "-", "bash"),
        ("4713", "pts/5", "active", "1.1 h", "8.6 MB", "zsh"),
    ]


def test_shells_that_wait_come_first_and_those_in_use_last(desk: Desk) -> None:
    one, two, three = desk.pool.members
    desk.pool.members = [three, {**one, "pid": 1, "state": "recycling"}, {**one, "pid": 2, "state": "warming"}, one, two]
    desk.press("p")
    assert [row[2] for row in desk.panel._table.rows] == ["idle", "idle", "warming", "recycling", "active"]


def test_numbers_name_claims_times_recycles_kills_and_memory(desk: Desk) -> None:
    desk.press("p")
    assert desk.panel._numbers.lines() == [
        "Claims  12 warm, 1 cold",
        "Claim time  last 8.4 ms, median 7.9 ms, p95 31 ms",
        "Recycled  3, failed 0   Kills  1",
        "Memory  enough",
    ]
    desk.pool.numbers = {**desk.pool.numbers, "memory_pressure": True, "last_error": "bash: not found", "claim_last_ms": None}
    desk.panel.update()
    lines = desk.panel._numbers.lines()
    assert lines[1].startswith("Claim time  last -")
    assert lines[3:] == ["Memory pressure: no warm shells are kept", "Last error  bash: not found"]


def test_a_change_of_the_pool_is_shown_at_once_also_beside_the_folded_title(desk: Desk) -> None:
    assert desk.panel.summary == "2 idle, 1 active"
    before = desk.window.widget.drawer.grab().toImage()
    desk.pool.numbers = {**desk.pool.numbers, "idle": 1, "warming": 1, "active": 2}
    desk.hub.publish(PoolChanged(desk.pool.numbers))
    desk.hub.deliver()
    assert desk.panel.summary == "1 idle, 2 active, 1 warming"
    assert desk.window.widget.drawer.grab().toImage() != before


def test_it_asks_once_a_second_while_visible_and_not_at_all_while_hidden(desk: Desk, qtbot: QtBot) -> None:
    desk.hub.publish(PoolChanged(desk.pool.numbers))
    desk.hub.deliver()
    assert desk.pool.requests == 0
    assert not desk.panel._timer.isActive()
    desk.press("p")
    assert desk.pool.requests == 1
    assert desk.panel._timer.interval() == 1000
    desk.panel._timer.setInterval(10)
    qtbot.waitUntil(lambda: desk.pool.requests > 3)
    desk.press("p")
    assert not desk.panel._timer.isActive()
    desk.press("ctrl+j")
    assert desk.panel._timer.isActive()


def test_the_json_parses_and_holds_all_counts(desk: Desk) -> None:
    desk.press("p")
    QTest.mouseClick(desk.panel.copy_button, Qt.MouseButton.LeftButton)
    content = json.loads(QGuiApplication.clipboard().text())
    assert content["stats"] == desk.pool.numbers
    assert [row["pid"] for row in content["shells"]] == [4711, 4712, 4713]
    assert content["detached"] == []


def test_refresh_retires_the_idle_shells(desk: Desk) -> None:
    desk.press("p")
    QTest.mouseClick(desk.panel.refresh_button, Qt.MouseButton.LeftButton)
    assert desk.pool.refreshed == 1


def test_kill_ends_a_detached_process(desk: Desk) -> None:
    desk.pool.detached = [{"pid": 991, "command": "tmux: server", "session": 3}, {"pid": 992, "command": "ssh-agent"}]
    desk.press("p")
    table = desk.panel._table
    QTest.mouseClick(table, Qt.MouseButton.LeftButton, pos=table.button_area(1, "Kill").center())
    assert desk.pool.killed == [992]
    area = table.button_area(0, "Kill")
    QTest.mouseClick(table, Qt.MouseButton.LeftButton, pos=area.center() - area.topRight())
    assert desk.pool.killed == [992]


def test_before_the_first_numbers_it_says_so(desk: Desk) -> None:
    desk.pool.numbers = {}
    desk.press("p")
    assert desk.panel._numbers.lines() == ["Waiting for the host"]
    assert desk.panel.summary == ""


def test_the_drawer_is_dragged_between_its_bounds_and_folds_below(desk: Desk) -> None:
    drawer = desk.window.widget.drawer
    left = Qt.MouseButton.LeftButton

    def drag(to_height: int) -> None:
        start = drawer.rect().center()
        start.setY(10)
        QTest.mousePress(drawer, left, pos=start)
        end = start
        end.setY(10 + drawer.height() - to_height)
        QTest.mouseMove(drawer, end)
        QTest.mouseRelease(drawer, left, pos=end)

    drag(300)
    assert (drawer.is_open, drawer.height()) == (True, 300)
    drag(60)
    assert (drawer.is_open, drawer.height()) == (False, 44)
    place = drawer.rect().center()
    QTest.mouseDClick(drawer, left, pos=place)
    assert drawer.is_open
    assert drawer.height() == 300


def test_a_click_on_a_tab_opens_its_panel(desk: Desk) -> None:
    drawer = desk.window.widget.drawer
    QTest.mouseClick(drawer, Qt.MouseButton.LeftButton, pos=drawer._tab_areas()[0][1].center())
    assert (drawer.is_open, drawer.front) == (True, "pool")


RUN = {
    "id": "r12", "state": "running", "age_s": 95.0, "memory_bytes": 20_000_000, "owner": "user", "text": "make -j4",
    "progress": "45 %, 2 min left", "can_open": True, "record": {},
}  # fmt: skip
REPL = {"id": "k4", "state": "idle", "age_s": 3.0, "memory_bytes": None, "owner": "-", "text": "python", "can_open": False}
ENDED = {**RUN, "id": "r11", "state": "failed", "text": "false", "progress": "", "is_live": False}


def test_runs_and_repls_stand_below_the_shells_with_what_they_cost(desk: Desk) -> None:
    desk.engine.entries = [RUN, REPL, ENDED]
    desk.press("p")
    assert [entry.cells() for entry in desk.panel._engine.entries] == [
        ("r12", "running", "2 min", "19.1 MB", "user", "45 %, 2 min left   make -j4"),
        ("k4", "idle", "3 s", "-", "-", "python"),
        ("r11", "failed", "2 min", "19.1 MB", "user", "false"),
    ]
    assert desk.panel._engine.isVisibleTo(desk.panel.widget)


def test_without_anything_to_show_the_engines_table_is_not_there(desk: Desk) -> None:
    desk.press("p")
    assert not desk.panel._engine.isVisibleTo(desk.panel.widget)


def test_stop_and_open_run_the_commands_of_that_name(desk: Desk) -> None:
    desk.engine.entries = [RUN, REPL, ENDED]
    desk.press("p")
    table = desk.panel._engine
    for index, verb in ((0, "Open"), (1, "Stop"), (2, "Open")):
        QTest.mouseClick(table, Qt.MouseButton.LeftButton, pos=table.button_area(index, verb).center())
    assert desk.engine.commands == ["engine.open r12", "engine.stop k4", "engine.open r11"]
    assert table.button_area(1, "Open").isEmpty()
    assert table.button_area(2, "Stop").isEmpty()


def test_the_json_holds_what_the_engine_runs(desk: Desk) -> None:
    desk.engine.entries = [RUN]
    desk.press("p")
    assert [row["id"] for row in json.loads(desk.panel.as_json())["engine"]] == ["r12"]


def test_the_arrows_reach_every_row_and_its_verbs_have_keys(desk: Desk) -> None:
    desk.engine.entries = [RUN, REPL, ENDED]
    desk.pool.detached = [{"pid": 99, "command": "tmux", "session": 3}, {"pid": 100, "command": "sleep", "session": 3}]
    desk.press("p", "down")
    table, shells = desk.panel._engine, desk.panel._table
    assert (table.hasFocus(), table.marked) == (True, 0)
    desk.press("enter", "j", "x")
    assert desk.engine.commands == ["engine.open r12", "engine.stop k4"]
    desk.press("down", "down", "down", "x")
    assert (shells.hasFocus(), shells.marked, desk.pool.killed) == (True, 1, [100])
    desk.press("up", "up")
    assert (table.hasFocus(), table.marked) == (True, 2)
    desk.press("up", "up", "up")
    assert desk.panel.refresh_button.hasFocus()
    desk.press("escape")
    assert desk.window.widget.is_focus_in_grid


def test_the_mark_stays_at_its_run_and_the_keyboard_in_the_panel_when_it_is_gone(desk: Desk) -> None:
    desk.engine.entries = [RUN, REPL]
    desk.press("p", "down", "down")
    desk.engine.entries = [{**RUN, "id": "r13"}, RUN, REPL]
    desk.panel.update()
    assert desk.panel._engine.marked == 2
    desk.engine.entries = []
    desk.panel.update()
    assert desk.panel.refresh_button.hasFocus()


def test_in_a_narrow_drawer_states_are_still_read_whole(desk: Desk) -> None:
    desk.engine.entries = [{**RUN, "state": "awaiting_input"}]
    desk.window.resize(800, 600)
    desk.press("p")
    table = desk.panel._engine
    cells = table.entries[0].cells()
    widths = table.column_widths(("id", "state", "age", "memory", "owner", "command"), [cells], wide=5, room=300)
    metrics = QFontMetrics(table.theme.fonts.mono())
    assert all(width > metrics.horizontalAdvance(cell) for width, cell in zip(widths[:5], cells[:5], strict=True))
