"""Screens that are cleared or filled again and again: what is known to be so is not done twice, and nobody can tell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator
from synk.terminal.grid import Grid

PIECES = [
    b"x", b"some words", b"some\r\nlines\r\n\r\n\r\nmore", b"\x1bc", b"\x1b#8", b"\x1b[2J", b"\x1b[J", b"\x1b[H\x1b[J",
    b"\x1b[1J", b"\x1b[?2J", b"\x1b[?1049h",
    b"\x1b[?1049l", b"\x1b[?1047h", b"\x1b[?1047l", b"\x1b[?47h", b"\x1b[?47l", b"\x1b[?40h\x1b[?3h", b"\x1b[44m", b"\x1b[m",
    b"\x1b[S", b"\x1b[9S", b"\x1b[T",
    b"\x1b[L", b"\x1b[M", b"\x1b[2;3r", b"\x1b[r", b"\x1b7", b"\x1b8", b"\x1b[4;8H", b"\x1b[4;8Hab", b"\x1b[H", b"\x1bM",
    b"\x1b]133;A\a", b'\x1b[1"q', b'\x1b[0"q',
    b"\x1b[?69h\x1b[2;4s", b"\x1b[?69l", b"\x1b[1;1;3;3;1;2;2;1$v", b"\x1b[65$x", b"\x1b[$z", b"\x1b[1;1;4;8;7$t",
    b"\x1b['}", b"\x1b6", b"\x1b[P", b"\x1b[@", b"\x1b[X", b"\x1b[K",
    b"\x1b[3b", "你".encode(), b"\x1bPq#1!30~-!30~\x1b\\", b"\x1b_Ga=T,f=24,s=1,v=1,c=3,r=2;AAAA\x1b\\",
    b"\x1b[2;2Ha\x1b[3;3Hb\x1b[4;1Hc\x1b[1;1Hd\x1b[2;5He",
    b"\x1b[2;2H\x1b[31ma\x1b[K\x1b[3;1Hb\x1b[m\x1b[K", b"\x1b[999I", b"\x1b[5;5H\n\n\n\v\v",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(["", "look", "resize", "restore"])), max_size=30))
def test_filling_a_screen_again_is_the_same_as_for_the_first_time(pieces: list[tuple[bytes, str]]) -> None:
    fast, slow = (Emulator(cols=8, rows=4, reply=lambda _: None) for _ in range(2))
    for at, (piece, then) in enumerate(pieces):
        fast.feed(piece)
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(Grid, "_is_followed", lambda _: False)
            slow.feed(piece)
        if then == "look":
            assert slow.take_dirty() == fast.take_dirty()
        elif then == "resize":
            for emulator in (fast, slow):
                emulator.resize(cols=8 + at % 3, rows=4 + at % 2)
        elif then == "restore":
            fast, slow = (Emulator.restore(each.snapshot(), reply=lambda _: None) for each in (fast, slow))
        assert [fast.row(y) for y in range(4)] == [slow.row(y) for y in range(4)]
    assert fast.snapshot() == slow.snapshot()
