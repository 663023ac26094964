"""Titles, colors, directories, the clipboard, modes and cursor styles: what a program tells the window."""

import pytest

from synk.terminal.colors import BACKGROUND, format_color, parse_color
from synk.terminal.emulator import Emulator
from synk.terminal.events import (
    BellRang,
    ClipboardWritten,
    ColorsChanged,
    DirectoryChanged,
    NotificationClosed,
    NotificationSent,
    PointerChanged,
    ProgressChanged,
    PromptMarked,
    StatusReported,
    TerminalEvent,
    TitleChanged,
    VariableSet,
)
from synk.terminal.styles import Link


def fed(stream: str) -> Emulator:
    emulator = Emulator(cols=10, rows=2, reply=lambda _: None)
    emulator.feed(stream.encode())
    return emulator


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        ("\x1b]0;one\a", [TitleChanged("one")]),
        ("\x1b]2;one\x1b\\\x1b]2;two\x1b\\", [TitleChanged("two")]),
        ("\x1b]1;icon\a", []),
        ("\x1b]2;" + "x" * 5000 + "\a", [TitleChanged("x" * 1024)]),
        ("\x1b]2;one\a\x1b[22t\x1b]2;two\a\x1b[23t", [TitleChanged("one")]),
        ("\a\a\a", [BellRang()]),
        ("\x1b]7;file://box/home/dev/a%20b\a", [DirectoryChanged("box", "/home/dev/a b")]),
        ("\x1b]7;file:///\a", [DirectoryChanged("", "/")]),
        ("\x1b]7;http://box/\a\x1b]7;file://[/\a\x1b]7;\a", []),
        ("\x1b]7;file://box/a%FF%C3%A9\a", [DirectoryChanged("box", "/a\udcff\xe9")]),
        ("\x1b]7;file:///one\a\x1b]7;file:///%00\a", [DirectoryChanged("", "")]),
        ("\x1b]7;file://box\a", [DirectoryChanged("box", "")]),
        ("\x1b]52;c;aGVsbG8=\a", [ClipboardWritten("c", "hello")]),
        ("\x1b]52;p;aGVsbG8=\a", [ClipboardWritten("p", "hello")]),
        ("\x1b]52;;aGVsbG8=\a", [ClipboardWritten("c", "hello")]),
        ("\x1b]52;c;?\a\x1b]52;c;!!!\a\x1b]52;c;a\a", []),
        ("\x1b]52;c;aGVsbG8\a", [ClipboardWritten("c", "hello")]),
        ("\x1b]52;c;aGVs bG8='\a", [ClipboardWritten("c", "hello")]),
        ("\x1b]4;1;#ff0000\a", [ColorsChanged()]),
        ("\x1b]4;1;nonsense;300;#fff\a\x1b]10;\a", []),
        ("\x1b]5;0;#ff0000\a", [ColorsChanged()]),
        ("\x1b]9;built\a", [NotificationSent("", "built")]),
        ("\x1b]9;5\a\x1b]9;\a\x1b]9;12;x\a", []),
        ("\x1b]9;4;1;40\a", [ProgressChanged("normal", 40)]),
        ("\x1b]9;4;2;400\a", [ProgressChanged("error", 100)]),
        ("\x1b]9;4;3\a", [ProgressChanged("busy", None)]),
        ("\x1b]9;4;1;40\a\x1b]9;4;0\a", [ProgressChanged("none", None)]),
        ("\x1b]9;4;7;1\a\x1b]9;4\a", []),
        ("\x1b]777;notify;build;it works; really\a", [NotificationSent("build", "it works; really")]),
        ("\x1b]777;precmd\a", []),
        ("\x1b]99;;hello\x1b\\", [NotificationSent("hello", "")]),
        ("\x1b]99;i=1:d=0;hel\a\x1b]99;i=1:p=body:u=2;lo\a", [NotificationSent("hel", "lo", "1", 2)]),
        ("\x1b]99;i=1:e=1;aGk=\a\x1b]99;i=1:p=close;\a", [NotificationSent("hi", "", "1"), NotificationClosed("1")]),
        ("\x1b]99;i=a b;hello\a\x1b]99;p=icon;x\a\x1b]99;d=0;x\a", []),
        ("\x1b]1337;CurrentDir=/tmp\a", [DirectoryChanged("", "/tmp")]),
        ("\x1b]1337;SetUserVar=a=aGk=\a", [VariableSet("a", "hi")]),
        ("\x1b]1337;SetUserVar=a b=aGk=\a\x1b]1337;SetUserVar=a=!\a", []),
        ("\x1b]1337;Copy=:aGk=\a", [ClipboardWritten("c", "hi")]),
        ("\x1b]1337;File=inline=1:AAAA\a\x1b]1337;StealFocus\a\x1b]1337;SetProfile=x\a", []),
        ("\x1b]22;pointer\a", [PointerChanged()]),
        ("\x1b]7501;state=working:progress=40\a", [StatusReported()]),
        ("\x1b]7501;state=sleeping\a", []),
        ("\x1b]133;A;k=i\a\x1b]133;B\a", [PromptMarked("prompt"), PromptMarked("command")]),
        ("\x1b]133;C\a\x1b]133;D;130;aid=1\a", [PromptMarked("output"), PromptMarked("end", 130)]),
        ("\x1b]133;D;x\a\x1b]133;A;k=s\a\x1b]133;Z\a", [PromptMarked("end")]),
        ("\x1b]9999;x\a\x1b]x\a\x1b]\a", []),
    ],
)
def test_sequence_gives_events(stream: str, events: list[TerminalEvent]) -> None:
    emulator = fed(stream)
    assert emulator.take_events() == events
    assert emulator.take_events() == []


def test_every_notification_counts_up_to_a_limit() -> None:
    emulator = fed("".join(f"\x1b]9;note {number}!\a" for number in range(40)))
    assert emulator.take_events() == [NotificationSent("", f"note {number}!") for number in range(8, 40)]


def test_a_link_has_an_id() -> None:
    emulator = fed("\x1b]8;id=7:x=y;http://x/;a\x1b\\a\x1b]8;;http://y/\ab\x1b]8;;\ac")
    assert [emulator.link(x, 0) for x in range(3)] == [Link("http://x/;a", "7"), Link("http://y/"), Link()]


@pytest.mark.parametrize(
    ("stream", "shape"),
    [
        ("\x1b]22;pointer\a", "pointer"),
        ("\x1b]22;=hand2\a", "pointer"),
        ("\x1b]22;>text,wait\a", "wait"),
        ("\x1b]22;>text,wait\a\x1b]22;<\a", "text"),
        ("\x1b]22;text\a\x1b]22;<\a\x1b]22;<\a", ""),
        ("\x1b]22;text\a\x1b]22;nonsense\a", ""),
        ("\x1b]22;text\a\x1b[?1049h", ""),
        ("\x1b]22;text\a\x1b[?1049h\x1b]22;wait\a\x1b[?1049l", "text"),
        ("\x1b]22;text\a\x1bc", ""),
    ],
)
def test_the_pointer_has_a_shape(stream: str, shape: str) -> None:
    assert fed(stream).pointer == shape


def test_colors_are_overridden_and_reset() -> None:
    emulator = fed("\x1b]4;1;#102030;2;rgb:40/50/60\a\x1b]11;#000001\a")
    assert (emulator.colors[1], emulator.colors[2], emulator.colors[BACKGROUND]) == (0x102030, 0x405060, 0x000001)
    emulator.feed(b"\x1b]104;1\a\x1b]111\a")
    assert emulator.colors.overrides == {2: 0x405060}
    emulator.feed(b"\x1bc")
    assert emulator.colors.overrides == {}


def test_a_reset_clears_the_title() -> None:
    emulator = fed("\x1b]2;one\a\x1bc")
    assert emulator.title == ""
    assert emulator.take_events() == [TitleChanged("")]


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("#fff", 0xF0F0F0),
        ("#102030", 0x102030),
        ("#112233445", 0x112344),
        ("#ffff00008000", 0xFF0080),
        ("rgb:f/0/8", 0xFF0088),
        ("rgb:ffff/0000/8080", 0xFF0080),
        ("RGB:800/FFF/0", 0x80FF00),
        ("#12", None),
        ("red", 0xFF0000),
        ("Gray", 0xBEBEBE),
        ("rgbi:1.0/0/0.5", 0xFF00BB),
        ("rgbi:1e9/0/0", None),
        ("no color", None),
        ("rgb:1/2", None),
    ],
)
def test_a_color_is_read(text: str, color: int | None) -> None:
    assert parse_color(text) == color


def test_a_color_is_written_as_xterm_does() -> None:
    assert format_color(0x102030) == "rgb:1010/2020/3030"


@pytest.mark.parametrize(
    ("stream", "shape", "blinks"),
    [
        ("", "block", True),
        ("\x1b[2 q", "block", False),
        ("\x1b[3 q", "underline", True),
        ("\x1b[6 q", "bar", False),
        ("\x1b[?12l", "block", False),
    ],
)
def test_the_cursor_has_a_shape(stream: str, shape: str, blinks: bool) -> None:
    cursor = fed(stream).cursor
    assert (cursor.shape, cursor.blinks) == (shape, blinks)


def test_only_one_mouse_mode_is_on() -> None:
    emulator = fed("\x1b[?1000h\x1b[?1003h\x1b[?1005h\x1b[?1006h")
    assert (emulator.modes.mouse, emulator.modes.mouse_encoding) == ("any", "sgr")
    emulator.feed(b"\x1b[?1000l\x1b[?1005l")
    assert (emulator.modes.mouse, emulator.modes.mouse_encoding) == ("off", "sgr")


def test_modes_are_saved_and_restored() -> None:
    emulator = fed("\x1b[?2004h\x1b[?2004;1004s\x1b[?2004l\x1b[?1004h\x1b[?2004;1004r")
    assert emulator.modes.bracketed_paste
    assert not emulator.modes.focus_events
