"""What programs report is shown on their pane or as a toast, and nothing in it is taken for Synk's own."""

import base64
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication

from synk.sessions.events import TerminalReported
from synk.sessions.shell_reports import take_report
from synk.ui.options import UiOptions
from synk.ui.questions import QuestionCard
from synk.ui.terminal.program_reports import MOST_WAITING, QUIET_AFTER_NO_S, ClipboardRead
from synk.ui.theme import Theme
from tests.gui.desk import Desk


def prints(desk: Desk, data: bytes, pane: int = 1) -> None:
    """The program of a pane prints, and what it reports is told, as the session manager does."""
    session = desk.manager.by_pane(pane)
    assert session is not None
    desk.manager.prints(pane, data)
    for event in session.emulator.take_events():
        take_report(session, event, machine="here")
        desk.hub.publish(TerminalReported(session.id, event))
    desk.hub.deliver()
    desk.hub.deliver()


@pytest.mark.parametrize(
    ("data", "title", "body"),
    [
        (b"\x1b]9;Build done\x07", "Pane 1: Build done", ""),
        (b"\x1b]777;notify;Tests;3 failed\x07", "Pane 1: Tests", "3 failed"),
        (b"\x1b]99;;Hello\x1b\\", "Pane 1: Hello", ""),
    ],
)
def test_a_notification_is_a_toast_that_names_its_pane(desk: Desk, data: bytes, title: str, body: str) -> None:
    desk.open(1)
    prints(desk, data)
    [toast] = desk.window.widget.toasts.shown
    assert (toast.notice.level, toast.notice.title, toast.notice.body) == ("info", title, body)
    toast.chosen.emit()
    assert desk.workspace.selected == 1


def test_control_and_direction_characters_never_reach_a_toast(desk: Desk) -> None:
    desk.open(1)
    prints(desk, "\x1b]777;notify;a\u202eb\x01;c\u2066d\x07".encode())
    for toast in desk.window.widget.toasts.shown:
        text = toast.notice.title + toast.notice.body
        assert text.isprintable()
        assert not set("\u202e\u2066\x01") & set(text)


def test_a_notification_of_the_same_name_replaces_the_older_and_can_be_taken_back(desk: Desk) -> None:
    desk.open(1)
    prints(desk, b"\x1b]99;i=job;half\x1b\\")
    prints(desk, b"\x1b]99;i=job;done\x1b\\")
    assert [toast.notice.title for toast in desk.window.widget.toasts.shown] == ["Pane 1: done"]
    prints(desk, b"\x1b]99;i=job:p=close;\x1b\\")
    assert desk.window.widget.toasts.shown == []


def test_a_flood_of_notifications_is_bounded(desk: Desk) -> None:
    desk.open(1)
    for number in range(3 * MOST_WAITING):
        prints(desk, b"\x1b]9;note %d\x07" % number)
    assert desk.window.widget.toasts.waiting <= MOST_WAITING


def test_progress_is_shown_in_the_header_until_it_ends(desk: Desk) -> None:
    desk.open(1)
    pane = desk.pane(1)
    before = pane.grab().toImage()
    prints(desk, b"\x1b]9;4;1;42\x07")
    assert pane.accessibleName().endswith(", 42%")
    during = pane.grab().toImage()
    assert during != before
    blue = desk.window._theme.colors.blue
    height = pane._header_area().bottom()
    columns = [x for x in range(during.width()) if during.pixelColor(x, height) == blue]
    assert len(columns) == pytest.approx(0.42 * during.width(), abs=4)
    prints(desk, b"\x1b]9;4;0\x07")
    assert pane.grab().toImage() == before


@pytest.mark.parametrize("state", [b"2;50", b"3", b"4;10"])
def test_each_state_of_progress_looks_different(desk: Desk, state: bytes) -> None:
    desk.open(1)
    pane = desk.pane(1)
    prints(desk, b"\x1b]9;4;1;50\x07")
    normal = pane.grab().toImage()
    prints(desk, b"\x1b]9;4;" + state + b"\x07")
    assert pane.grab().toImage() != normal


def test_a_prompt_ends_progress_somebody_forgot(desk: Desk) -> None:
    desk.open(1)
    prints(desk, b"\x1b]9;4;3\x07")
    prints(desk, b"\x1b]133;A\x07$ ")
    assert desk.pane(1)._progress.state == "none"


def test_a_bell_lights_the_header_up_and_goes_out(desk: Desk) -> None:
    desk.open(1)
    pane = desk.pane(1)
    before = pane.grab().toImage()
    prints(desk, b"\x07")
    assert pane.grab().toImage() != before
    pane._bell.timeout.emit()
    pane._bell.stop()
    assert pane.grab().toImage() == before


def test_a_program_shapes_the_mouse_pointer(desk: Desk) -> None:
    desk.open(1)
    prints(desk, b"\x1b]22;wait\x1b\\")
    assert desk.pane(1).view.cursor().shape() == Qt.CursorShape.WaitCursor
    prints(desk, b"\x1b]22;\x1b\\")
    assert desk.pane(1).view.cursor().shape() == Qt.CursorShape.IBeamCursor


@pytest.mark.parametrize(
    ("told", "folder"),
    [("localhost/srv/app", "/srv/app"), ("here/srv/app", "/srv/app"), ("elsewhere/srv/app", "/home/user/api")],
)
def test_links_start_from_the_directory_the_shell_reports_of_this_machine(desk: Desk, told: str, folder: str) -> None:
    desk.open(1)
    prints(desk, f"\x1b]7;file://{told}\x07src/x.py:3".encode())
    lines: list[str] = []
    desk.window.reading._run = lines.append
    desk.press("ctrl+shift+o")
    desk.type("a")
    assert lines == [f"file.edit {folder}/src/x.py:3"]


ASK = b"\x1b]52;c;?\x07"


def allowing(desk: Desk, policy: ClipboardRead) -> None:
    desk.window.apply(UiOptions(clipboard_read=policy))
    QGuiApplication.clipboard().setText("what was copied")


def told(text: str, target: str = "c") -> bytes:
    return b"\x1b]52;%s;%s\x07" % (target.encode(), base64.b64encode(text.encode()))


def test_the_clipboard_is_not_read_unless_the_user_allows_it(desk: Desk) -> None:
    desk.open(1)
    QGuiApplication.clipboard().setText("secret")
    prints(desk, ASK)
    assert (desk.written(1), desk.cards.top) == (b"", None)


@pytest.mark.parametrize("is_before", [True, False])
def test_an_allowed_program_reads_the_clipboard_at_once(desk: Desk, is_before: bool) -> None:
    if is_before:
        allowing(desk, "always")
    desk.open(1)
    if not is_before:
        allowing(desk, "always")
    prints(desk, ASK)
    assert desk.written(1) == told("what was copied")


def test_the_user_is_asked_and_may_refuse(desk: Desk) -> None:
    desk.open(1)
    allowing(desk, "ask")
    prints(desk, ASK)
    assert isinstance(desk.cards.top, QuestionCard)
    assert desk.written(1) == b""
    desk.press("escape")
    assert desk.written(1) == b""
    # A program that goes on asking is not asked about without end.
    prints(desk, ASK)
    assert desk.cards.top is None
    desk.clock.advance(QUIET_AFTER_NO_S + 1)
    prints(desk, ASK)
    desk.press("enter")
    assert desk.written(1) == told("what was copied")
    prints(desk, ASK)
    assert isinstance(desk.cards.top, QuestionCard)


def test_a_setting_taken_back_holds_for_programs_that_run(desk: Desk) -> None:
    desk.open(1)
    allowing(desk, "always")
    allowing(desk, "never")
    prints(desk, ASK)
    assert desk.written(1) == b""


def test_a_pane_never_shown_answers_with_the_colors_of_the_theme(desk: Desk, theme: Theme) -> None:
    desk.open(2)
    desk.press("z")
    desk.manager.create(select=False)
    desk.hub.deliver()
    assert not desk.pane(3).isVisible()
    prints(desk, b"\x1b]11;?\x07\x1b]10;?\x07", pane=3)
    back, fore = theme.terminal.background, theme.terminal.foreground
    colors = [f"rgb:{c.red() * 257:04x}/{c.green() * 257:04x}/{c.blue() * 257:04x}".encode() for c in (back, fore)]
    assert desk.written(3) == b"\x1b]11;%s\x07\x1b]10;%s\x07" % (colors[0], colors[1])


def test_a_changed_theme_is_what_programs_are_told(desk: Desk, theme: Theme) -> None:
    desk.open(1)
    before = theme.scheme
    prints(desk, b"\x1b[?2031h")
    try:
        colors = replace(before.terminal, background=QColor("#fdf6e3"))
        theme.wear(replace(before, is_dark=False, terminal=colors))
        desk.window.show_theme()
        assert desk.written(1) == b"\x1b[?997;2n"
        prints(desk, b"\x1b]11;?\x07")
        assert desk.written(1).endswith(b"\x1b]11;rgb:fdfd/f6f6/e3e3\x07")
    finally:
        theme.wear(before)
