"""What becomes of rows is remembered: the same as if it were found out each time."""

from collections.abc import Hashable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator
from synk.terminal.row_memory import RowChange, RowMemory

PIECES = [
    b"x", b"some words and more", "你好e\u0301".encode(), b"\r\n", b"\x1b[31;1m", b"\x1b[44m", b"\x1b[m", b"\x1b[H",
    b"\x1b[2;5H", b"\x1b[2J", b"\x1b#8",
    b"\x1b[65$x", b"\x1b[66;2;2;3;5$x", b"\x1b[$z", b"\x1b[2;2;3;9$z", b"\x1b[2;3$z", b"\x1b[${", b"\x1b[1;2;3;4${",
    b'\x1b[1"q', b'\x1b[0"q', b"\x1bV", b"\x1bW",
    b"\x1b[;;;;7$r", b"\x1b[2;2;3;5;1;4$r", b"\x1b[;;;;0$r", b"\x1b[;;;;7$t", b"\x1b[1;3;4;5;1;5$t", b"\x1b[2*x",
    b"\x1b[1*x", b"\x1b[1;1;1;1;9;9*y", b"\x1b[1;1;2;2;3;4*y",
    b"\x1b[$v", b"\x1b[1;2;4;6;1;1;4;1$v", b"\x1b[1;1;3;6;1;2;2;1$v", b"\x1b[2;2;4;8;1;1;1;1$v", b"\x1b[1;1;2;4;1;2;3$v",
    b"\x1b[?6h\x1b[2;3r", b"\x1b[?6l\x1b[r", b"\x1b]8;;http://x\a", b"\x1b]8;;\a", b"\x1b[S",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.integers(0, 4))
def test_what_is_remembered_of_rows_is_what_becomes_of_them(pieces: list[bytes], wider_by: int) -> None:
    answers: tuple[list[bytes], list[bytes]] = ([], [])
    fast, slow = (Emulator(cols=8, rows=4, reply=each.append) for each in answers)
    for at, piece in enumerate(pieces):
        fast.feed(piece)
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(RowMemory, "of", _nothing_known)
            slow.screen.grid.checksums.clear()
            slow.feed(piece)
        if at == 5:
            for emulator in (fast, slow):
                emulator.resize(cols=8 + wider_by, rows=4)
        assert [fast.row(y) for y in range(4)] == [slow.row(y) for y in range(4)]
    assert fast.snapshot() == slow.snapshot()
    assert answers[0] == answers[1]


def _nothing_known(_memory: RowMemory, _change: Hashable) -> RowChange:
    return RowChange()


def test_the_memory_of_rows_is_bounded() -> None:
    emulator = Emulator(cols=200, rows=60, reply=lambda _: None)
    for number in range(40):
        emulator.feed(b"\x1b[%d$x" % (33 + number) + b"\x1b[%d;%d$z\x1b[;;;;%d$r" % (number, number, number % 8))
    changes = emulator.screen.grid.memory._changes
    assert len(changes) <= 4
    assert max(len(change._known) for change in changes.values()) <= 256
