"""Cells that scroll between side margins: the same as if each row's were moved one by one."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synk.terminal.bands import BandRow
from synk.terminal.emulator import Emulator
from synk.terminal.grid import Grid
from synk.terminal.rectangles import delete_cells, insert_cells

LINES = (b"abcdefgh", b"ij", "k你l好mn".encode(), b"", b"opqrstu")
FULL = b"".join(b"\x1b[%d;1H\x1b[%dm" % (y + 1, 31 + y) + line for y, line in enumerate(LINES))
PIECES = [
    b"x", b"xyz", b"some more words", "你".encode(), "e\u0301".encode(), b"\r\n", b"\n", b"\n\n\n", b"\v\f", b"\x1bM",
    b"\x1bD", b"\x1b[S", b"\x1b[2T",
    b"\x1b[99S", b"\x1b[L", b"\x1b[2M", b"\x1b[K", b"\x1b[1K", b"\x1b[2J", b"\x1b[X", b"\x1b[P", b"\x1b[2@", b"\x1b[44m",
    b"\x1b[m", b"\x1b[2;4r", b"\x1b[r",
    b"\x1b[3;5s", b"\x1b[1;4s", b"\x1b[4;8s", b"\x1b[s", b"\x1b[?69l", b"\x1b[?69h\x1b[2;3s", b"\x1b[?69h\x1b[3;6s",
    b"\x1b[H", b"\x1b[3;4H", b"\x1b[5;5H",
    b"\x1b[2;1H", b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?6h", b"\x1b[?6l", b"\x1b7", b"\x1b8", b"\x1b#8", b"\x1b['}",
    b"\x1b6", b"\x1b[4h", b"\x1b[4l", b"\x1b[?7l", b"\x1b[?7h",
    b"\x1b[2'}", b"\x1b['~", b"\x1b[9'~", b"\x1b9", b"\x1b[ @", b"\x1b[2 A", b"\x1b6\x1b6", b"x\x1b6", b"x\x1b9",
    b"\x1b[1;1;3;3;1;2;2;1$v", b"\x1b]133;A\a", b'\x1b[1"q', b"\x1b[?J", b"\x1b[3b", b"\x1b[1;1;1;1;9;9*y", b"\x1bc",
]  # fmt: skip


def move_each_row(grid: Grid) -> Callable[[int, int, str], None]:
    """What `scroll_between_sides` is to do, row by row."""

    def scroll(first: int, count: int, erase: str) -> None:
        left, end = grid.left, grid.right + 1
        rows = range(first, grid.bottom + 1)
        for y in rows if count > 0 else reversed(rows):
            if y + count in rows:
                grid.rows[y].paste(left, end, grid.rows[y + count].cells(left, end))
                grid.dirty.add(y)
            else:
                grid.erase(y, left, end, erase)

    return scroll


def shift_each_row(grid: Grid) -> Callable[..., None]:
    """What `shift_columns` is to do, row by row."""

    def shift(x: int, count: int, erase: str, *, is_insert: bool) -> None:
        for y in range(grid.top, grid.bottom + 1):
            (insert_cells if is_insert else delete_cells)(grid, y, x, grid.right + 1, count, erase)

    return shift


def pair(monkeypatch: pytest.MonkeyPatch, few_scrolls: int) -> tuple[Emulator, Emulator, list[bytes], list[bytes]]:
    answers: tuple[list[bytes], list[bytes]] = ([], [])
    fast, slow = (Emulator(cols=8, rows=5, reply=each.append) for each in answers)
    monkeypatch.setattr("synk.terminal.grid._FEW_SCROLLS", few_scrolls)
    monkeypatch.setattr(slow.screen.grid, "scroll_between_sides", move_each_row(slow.screen.grid))
    monkeypatch.setattr(slow.screen.grid, "shift_columns", shift_each_row(slow.screen.grid))
    return fast, slow, *answers


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.booleans()), max_size=30), st.sampled_from([0, 0, 0, 3]))
def test_the_screen_is_that_of_rows_moved_one_by_one(pieces: list[tuple[bytes, bool]], few_scrolls: int) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        fast, slow, answers, expected = pair(monkeypatch, few_scrolls)
        for emulator in (fast, slow):
            emulator.feed(FULL + b"\x1b[?69h\x1b[3;6s\x1b[5;4H")
        for piece, is_looked_at in pieces:
            fast.feed(piece)
            slow.feed(piece)
            if is_looked_at:
                assert slow.take_dirty() <= fast.take_dirty()
                assert [fast.row(y) for y in range(5)] == [slow.row(y) for y in range(5)]
        assert fast.snapshot() == slow.snapshot()
        assert [row.text for row in fast.screen.grid.rows] == [row.text for row in slow.screen.grid.rows]
        assert answers == expected


@pytest.mark.parametrize(
    "start",
    [
        b"\x1b[5;4H", b"\x1b[1;1H", b"\x1b[2;8H", b"\x1b[2;4r\x1b[3;4H", b"\x1b[44m\x1b[5;7H",
        b"\x1b[4h\x1b[5;4H", b"\x1b[4h\x1b[2;4r\x1b[3;8H", b"\x1b[4h\x1b[3;3H",
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 3, 4, 5, 21, 100])
def test_a_long_text_is_what_its_characters_are_one_by_one(start: bytes, size: int) -> None:
    at_once, one_by_one = (Emulator(cols=8, rows=5, reply=lambda _: None) for _ in range(2))
    text = bytes(65 + at % 26 for at in range(size))
    for emulator in (at_once, one_by_one):
        emulator.feed(FULL + b"\x1b[?69h\x1b[3;6s" + start)
    at_once.feed(text)
    for at in range(size):
        one_by_one.feed(text[at : at + 1])
    assert at_once.snapshot() == one_by_one.snapshot()


def test_rows_that_nobody_looks_at_are_not_put_together() -> None:
    emulator = Emulator(cols=8, rows=30, reply=lambda _: None)
    emulator.feed(b"\x1b[?69h\x1b[3;6s\x1b[30;3H" + b"abcdefg\r\n" * 20)
    assert sum(isinstance(row, BandRow) for row in emulator.screen.grid.rows) > 20
    assert emulator.text(0) == "  efg"
