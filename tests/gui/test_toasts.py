"""Toasts: how long they stay, how many there are, and that they never take a key."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synk.base.events import Level, NoticeRaised
from synk.ui.notices.toasts import LONGEST_WORD, ToastStack, breakable
from synk.ui.options import UiOptions
from synk.ui.theme import Theme
from tests.gui.desk import Desk


@pytest.fixture
def toasts(desk: Desk) -> ToastStack:
    return desk.window.widget.toasts


def raise_notice(desk: Desk, title: str, level: Level = "info", body: str = "", session: int | None = None) -> None:
    desk.hub.publish(NoticeRaised(level, title, body, session))
    desk.hub.deliver()


def test_an_info_toast_is_gone_after_its_time_and_an_error_is_not(desk: Desk, toasts: ToastStack, qtbot: QtBot) -> None:
    desk.window.apply(UiOptions(toast_ms=50))
    raise_notice(desk, "an error", "error")
    raise_notice(desk, "some news")
    qtbot.waitUntil(lambda: [toast.notice.title for toast in toasts.shown] == ["an error"])


def test_five_seconds_is_the_default(desk: Desk, toasts: ToastStack) -> None:
    raise_notice(desk, "some news")
    assert toasts.shown[0]._timer.interval() == 5000


def test_the_newest_is_on_top_and_the_fifth_waits(desk: Desk, toasts: ToastStack) -> None:
    for number in range(5):
        raise_notice(desk, f"news {number}")
    assert [toast.notice.title for toast in toasts.shown] == ["news 3", "news 2", "news 1", "news 0"]
    assert toasts.waiting == 1
    desk.runner.run("close")
    assert toasts.shown[0].notice.title == "news 4"
    tops = [toast.y() for toast in toasts.shown]
    assert tops == sorted(tops)


def test_the_time_stops_under_the_mouse(desk: Desk, toasts: ToastStack, qtbot: QtBot) -> None:
    desk.window.apply(UiOptions(toast_ms=60))
    raise_notice(desk, "some news")
    toast = toasts.shown[0]
    assert toast._timer.isActive()
    toast.enterEvent(None)
    assert not toast._timer.isActive()
    toast.leaveEvent(None)
    qtbot.waitUntil(lambda: not toasts.shown)


def test_the_same_message_again_is_counted_not_repeated(desk: Desk, toasts: ToastStack) -> None:
    raise_notice(desk, "some news")
    raise_notice(desk, "some news")
    assert [toast.count for toast in toasts.shown] == [2]


def test_a_toast_takes_no_key_and_no_focus(desk: Desk, toasts: ToastStack) -> None:
    desk.open(1)
    desk.press("enter")
    raise_notice(desk, "an error", "error")
    desk.type("ls")
    desk.press("enter")
    assert desk.written(1) == b"ls\r"
    QTest.mouseClick(toasts.shown[0], Qt.MouseButton.LeftButton, pos=toasts.shown[0]._close_area().center())
    desk.type("x")
    assert desk.written(1) == b"ls\rx"
    assert toasts.shown == []


def test_a_click_goes_to_the_session_it_is_about(desk: Desk, toasts: ToastStack) -> None:
    desk.open(3)
    raise_notice(desk, "it failed", "error", session=1)
    QTest.mouseClick(toasts.shown[0], Qt.MouseButton.LeftButton, pos=QPoint(40, 10))
    assert desk.workspace.selected == 1
    assert toasts.shown == []


@pytest.mark.parametrize("corner", ["top-left", "top-right", "bottom-left", "bottom-right"])
def test_toasts_stand_in_the_chosen_corner(desk: Desk, toasts: ToastStack, corner: str) -> None:
    desk.window.apply(UiOptions(toast_corner=corner))  # type: ignore[arg-type]
    raise_notice(desk, "some news")
    widget = desk.window.widget
    center = toasts.geometry().center()
    assert (center.x() < widget.width() / 2) == ("left" in corner)
    assert (center.y() < widget.height() / 2) == ("top" in corner)
    assert widget.rect().contains(toasts.geometry())


def test_a_long_text_makes_the_toast_higher_not_wider(desk: Desk, toasts: ToastStack) -> None:
    raise_notice(desk, "short")
    raise_notice(desk, "long", body="All 12 sessions are in use. Close one, or raise the limit. " * 3)
    long, short = toasts.shown
    assert long.height() > short.height()
    assert long.width() == short.width()


def test_a_word_longer_than_a_line_can_be_broken() -> None:
    path = "/home/user/" + "x" * 100
    pieces = breakable(f"Folder {path} is gone").split("\u200b")
    assert max(len(piece.split()[-1]) for piece in pieces) <= LONGEST_WORD + len("Folder ")
    assert "".join(pieces) == f"Folder {path} is gone"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("/home/user/api is gone", ["/home/", "user/", "api is gone"]),
        ("see https://a.b/c", ["see https://a.b/", "c"]),
        ("a / b //c/ d", ["a / b //c/ d"]),
    ],
)
def test_a_path_can_be_broken_after_each_slash(text: str, pieces: list[str]) -> None:
    assert breakable(text).split("\u200b") == pieces


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("words", range(26, 42))
def test_a_toast_is_as_high_as_its_text(desk: Desk, toasts: ToastStack, theme: Theme, words: int, times: int) -> None:
    for _ in range(times):
        raise_notice(desk, "no " * words + "end", "warning")
    [toast] = toasts.shown
    size, image = theme.sizes, toast.grab().toImage()
    text = range(size.space_l, image.width() - 2 * size.space_l - size.close_button)
    inked = [y for y in range(image.height()) if any(image.pixelColor(x, y).lightness() > 120 for x in text)]
    above, below = inked[0], image.height() - 1 - inked[-1]
    assert abs(above - below) < QFontMetrics(theme.fonts.body()).height() / 2


def test_a_message_of_the_same_cause_takes_the_place_of_the_one_shown(toasts: ToastStack) -> None:
    toasts.add(NoticeRaised("warning", "claude waits"), key=1)
    toasts.add(NoticeRaised("warning", "claude asks: delete it?", "Pane 3"), key=1)
    [toast] = toasts.shown
    assert (toast.notice.title, toast.count) == ("claude asks: delete it?", 2)
    assert toast.accessibleName() == "warning: claude asks: delete it? Pane 3"


def test_one_that_waits_is_replaced_where_it_waits(toasts: ToastStack) -> None:
    for number in range(6):
        toasts.add(NoticeRaised("info", f"news {number}"), key=number)
    toasts.add(NoticeRaised("info", "newer"), key=4)
    assert toasts.waiting == 2
    toasts.close_newest()
    assert toasts.shown[0].notice.title == "newer"


def test_the_button_of_a_toast_is_a_click_on_its_cause(toasts: ToastStack, qtbot: QtBot) -> None:
    notice = NoticeRaised("error", "Something went wrong", action="Show log", command="log.show")
    toasts.add(notice)
    [toast] = toasts.shown
    area = toast.action_area()
    assert toast.rect().contains(area)
    with qtbot.waitSignal(toasts.chosen) as chosen:
        QTest.mouseClick(toast, Qt.MouseButton.LeftButton, pos=area.center())
    assert chosen.args == [notice]
    assert toasts.shown == []


def test_toasts_that_do_not_fit_into_a_low_window_wait(desk: Desk, toasts: ToastStack) -> None:
    desk.window.resize(800, 600)
    for number in range(4):
        toasts.add(NoticeRaised("error", f"error {number}", "one line after the other\n" * 8), key=number)
    assert 0 < len(toasts.shown) < 4
    assert len(toasts.shown) + toasts.waiting == 4
    assert desk.window.widget.rect().contains(toasts.geometry())
    while toasts.close_newest():
        pass
    assert (toasts.shown, toasts.waiting) == ([], 0)
