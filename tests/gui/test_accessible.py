"""What a screen reader gets from a terminal through Qt's accessibility interfaces."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleTextInterface
from PySide6.QtWidgets import QApplication

from synk.ui.terminal.accessible import MOST_LINES, Announcer, TerminalText, install
from synk.ui.terminal.terminal_view import TerminalView
from tests.gui.desk import Desk


@pytest.fixture(scope="module", autouse=True)
def _factory(qapp: QApplication) -> None:
    assert qapp is not None
    install(TerminalView)


@pytest.fixture
def view(desk: Desk) -> TerminalView:
    desk.open(1)
    desk.press("enter")
    prints(desk, "hello world\r\nzweite 你好 e\u0301\r\n$ echo".encode())
    return desk.pane(1).view


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[QAccessibleEvent]]:
    """Events for screen readers, with one listening."""
    events: list[QAccessibleEvent] = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", events.append)
    return events


def prints(desk: Desk, data: bytes) -> None:
    desk.manager.prints(1, data)
    desk.hub.deliver()
    desk.pane(1).view.flush()
    QApplication.processEvents()


def text_of(view: TerminalView) -> QAccessibleTextInterface:
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface.role() == QAccessible.Role.Terminal
    text = interface.textInterface()
    assert text is not None
    return text


def test_a_terminal_has_the_text_that_is_shown(view: TerminalView) -> None:
    text = text_of(view)
    whole = text.text(0, text.characterCount())
    assert whole.split("\n")[:3] == ["hello world", "zweite 你好 e\u0301", "$ echo"]
    assert text.text(6, 11) == "world"


def test_every_interface_can_be_asked_for(view: TerminalView) -> None:
    # A screen reader asks for all of them; a wrong answer ends the process with SIGSEGV.
    interface = QAccessible.queryAccessibleInterface(view)
    kinds = ("editableText", "value", "action", "image", "table", "tableCell", "selection")
    found = {kind: getattr(interface, f"{kind}Interface")() for kind in kinds if hasattr(interface, f"{kind}Interface")}
    assert {kind for kind, answer in found.items() if answer is not None} == {"action"}
    assert len(found) >= 4


def test_the_caret_is_counted_in_characters_and_not_in_cells(desk: Desk, view: TerminalView) -> None:
    text = text_of(view)
    before = "hello world\nzweite 你好 e\u0301\n"
    assert text.cursorPosition() == len(before + "$ echo")
    prints(desk, b"\x1b[2;13H")
    assert text.cursorPosition() == len("hello world\nzweite 你好 ")


def test_characters_are_found_where_they_are_drawn(view: TerminalView) -> None:
    text = text_of(view)
    offset = text.text(0, 200).index("好")
    place = text.characterRect(offset)
    corner = view.mapToGlobal(view.place_of(1, 9).toPoint())
    assert place.topLeft() == corner
    assert text.offsetAtPoint(place.topLeft() + QPoint(3, 3)) == offset


def test_a_scrolled_view_tells_what_is_read(desk: Desk, view: TerminalView) -> None:
    prints(desk, b"\r\n" + b"".join(b"line %d\r\n" % number for number in range(200)))
    view.scroll_to("top")
    text = text_of(view)
    assert text.text(0, 11) == "hello world"
    assert text.cursorPosition() == text.characterCount()


def test_new_output_is_announced_politely_once_it_pauses(
    desk: Desk, view: TerminalView, told: list[QAccessibleEvent]
) -> None:
    prints(desk, b"\r\nfirst result\r\n")
    prints(desk, b"second \x1b[31mresult\x1b[0m\r\n$ ")
    announcer = view.findChild(Announcer)
    assert isinstance(announcer, Announcer)
    assert {event.type() for event in told} == {QAccessible.Event.TextCaretMoved}
    assert announcer.new_text().split("\n")[-3:] == ["first result", "second result", "$"]
    announcer._settled.timeout.emit()
    assert told[-1].type() == QAccessible.Event.Announcement


@pytest.mark.usefixtures("told")
def test_of_a_flood_only_the_newest_lines_are_announced(desk: Desk, view: TerminalView) -> None:
    prints(desk, b"".join(b"line %d\r\n" % number for number in range(500)))
    announcer = view.findChild(Announcer)
    assert isinstance(announcer, Announcer)
    lines = announcer.new_text().split("\n")
    assert len(lines) <= MOST_LINES
    assert lines[-1] == "line 499"


def test_without_a_screen_reader_nothing_waits(desk: Desk, view: TerminalView) -> None:
    prints(desk, b"x")
    announcer = view.findChild(Announcer)
    assert isinstance(announcer, Announcer)
    assert QAccessible.isActive() or not announcer._settled.isActive()


def test_offsets_beyond_the_text_are_harmless(view: TerminalView) -> None:
    text = TerminalText(view)
    count = text.characterCount()
    assert text.text(-5, count + 100) == text.text(0, count)
    assert text.characterRect(count + 1000).isValid()
