"""The marks of working sessions turn together, and nothing ticks when none of them does."""

from pytestqt.qtbot import QtBot

from synk.sessions.session import Status
from synk.ui.turning import Turning
from tests.gui.desk import Desk


def test_the_clock_runs_while_anybody_has_joined(qtbot: QtBot) -> None:
    turning = Turning()
    turning.join(1)
    turning.join(2)
    turning.leave(1)
    with qtbot.waitSignal(turning.stepped):
        pass
    assert turning.turn > 0
    turning.leave(2)
    turning.leave(3)
    assert not turning.is_running


def test_all_panes_of_a_window_share_one_clock_and_a_closed_one_leaves_it(desk: Desk) -> None:
    desk.open(2)
    panes = [desk.pane(1), desk.pane(2)]
    for session, pane in zip(desk.manager.sessions, panes, strict=True):
        session.status = Status.WORKING
        pane.refresh()
    assert panes[0]._turning is panes[1]._turning
    turning = panes[0]._turning
    for session in tuple(desk.manager.sessions):
        assert turning.is_running
        desk.manager.close(session)
        desk.hub.deliver()
    assert not turning.is_running
