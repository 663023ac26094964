"""Operations on rectangles (VT420): copy, fill, erase, change and reverse attributes."""

import pytest

from synk.terminal.emulator import Emulator

BOX = "abcdefgh\r\nijklmnop\r\nqrstuvwx\r\nyzABCDEF"


def screen(stream: str) -> Emulator:
    emulator = Emulator(cols=8, rows=4, reply=lambda _: None)
    emulator.feed(stream.encode())
    return emulator


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (BOX + "\x1b[1;1;2;2;1;3;3;1$v", ["abcdefgh", "ijklmnop", "qrabuvwx", "yzijCDEF"]),
        (BOX + "\x1b[1;1;2;3;1;1;2;1$v", ["aabcefgh", "iijkmnop", "qrstuvwx", "yzABCDEF"]),
        (BOX + "\x1b[1;1;4;8;1;3;7;1$v", ["abcdefgh", "ijklmnop", "qrstuvab", "yzABCDij"]),
        (BOX + "\x1b[35;2;3;3;5$x", ["abcdefgh", "ij###nop", "qr###vwx", "yzABCDEF"]),
        (BOX + "\x1b[7;2;3;3;5$x\x1b[155;1;1;9;9$x", BOX.split("\r\n")),
        (BOX + "\x1b[2;3;3;5$z", ["abcdefgh", "ij   nop", "qr   vwx", "yzABCDEF"]),
        (BOX + "\x1b[$z", ["", "", "", ""]),
        (BOX + "\x1b[3;5;2;3$z", BOX.split("\r\n")),
        (BOX + "\x1b[9;9;9;9$z", BOX.split("\r\n")),
        ('\x1b[1"qab\x1b[0"qcd\x1b[1;1;1;3${', ["ab d", "", "", ""]),
        ("\x1bVab\x1bWcd\x1b[1;1;1;3${", ["   d", "", "", ""]),
        (BOX + "\x1b[2;3r\x1b[?6h\x1b[1;1;1;2$z", ["abcdefgh", "  klmnop", "qrstuvwx", "yzABCDEF"]),
        ("a好b好c\x1b[1;1;1;2;1;2;1;1$v\x1b[1;3;1;5$z", ["a     c", "a", "", ""]),
        ("ab\x1bVcd\x1bWef\x1b[2K", ["  cd", "", "", ""]),
        ("ab\x1bVcd\x1bWef\x1b[2J\x1b[H\x1b[8X", ["  cd", "", "", ""]),
        ('ab\x1b[1"qcd\x1b[0"qef\x1b[2K', ["", "", "", ""]),
        ('ab\x1b[1"qcd\x1b[0"qef\x1b[?2K', ["  cd", "", "", ""]),
        ('ab\x1b[1"qcd\x1b[0"qef\x1b[?2J', ["  cd", "", "", ""]),
    ],
)
def test_sequence_gives_screen(stream: str, expected: list[str]) -> None:
    emulator = screen(stream)
    assert [emulator.text(y) for y in range(4)] == expected


def bold_cells(emulator: Emulator) -> list[str]:
    lines = []
    for y in range(4):
        cells = [" "] * 8
        for run in emulator.row(y):
            cells[run.col : run.col + run.cells] = ("B" if run.style.bold else " ") * run.cells
        lines.append("".join(cells).rstrip())
    return lines


@pytest.mark.parametrize(
    ("stream", "bold"),
    [
        ("\x1b[1;3;2;7;1$r", ["  BBBBBB", "BBBBBBB", "", ""]),
        ("\x1b[2*x\x1b[1;2;2;4;1$r", [" BBB", " BBB", "", ""]),
        ("\x1b[2*x\x1b[1;2;2;4;1$r\x1b[1;3;1;3;22$r", [" B B", " BBB", "", ""]),
        ("\x1b[2*x\x1b[1;2;2;4;1$r\x1b[1;3;1;3;0$r", [" B B", " BBB", "", ""]),
        ("\x1b[2*x\x1b[1;2;1;4;1$t\x1b[1;3;1;8;1$t", [" B  BBBB", "", "", ""]),
        ("\x1b[2*x\x1b[1*x\x1b[1;3;2;7;1$r", ["  BBBBBB", "BBBBBBB", "", ""]),
        ("\x1b[2*x\x1bc" + BOX + "\x1b[1;3;2;7;1$r", ["  BBBBBB", "BBBBBBB", "", ""]),
    ],
)
def test_attributes_are_changed_in_streams_or_rectangles(stream: str, bold: list[str]) -> None:
    assert bold_cells(screen(BOX + stream)) == bold


def test_an_erased_rectangle_has_the_background_of_the_pen() -> None:
    emulator = screen("\x1b[1;44m\x1b[1;2;1;3$z")
    runs = emulator.row(0)
    assert [(run.col, run.cells, run.style.bg, run.style.bold) for run in runs if run.style.bg >= 0] == [(1, 2, 4, False)]


@pytest.mark.parametrize(("left", "right", "changed"), [(1, 1, "a"), (3, 4, "b"), (2, 2, "好"), (2, 3, "好"), (3, 3, "")])
def test_a_wide_character_changes_its_looks_as_a_whole(left: int, right: int, changed: str) -> None:
    emulator = Emulator(cols=10, rows=2, reply=lambda _: None)
    emulator.feed(f"a好b\x1b[2*x\x1b[1;{left};1;{right};7$r".encode())
    assert emulator.text(0) == "a好b"
    assert "".join(run.text for run in emulator.row(0) if run.style.inverse) == changed


def test_a_copy_in_origin_mode_stays_between_the_margins() -> None:
    emulator = Emulator(cols=6, rows=6, reply=lambda _: None)
    emulator.feed(b"one\r\ntwo\r\nthree\r\nfour\r\nfive\r\nsix\x1b[2;5r\x1b[?6h\x1b[1;1;4;3;1;2;2;1$v")
    assert [emulator.text(y) for y in range(6)] == ["one", "two", "ttwoe", "fthr", "ffou", "six"]
