"""Rows as two strings: writing, erasing, moving cells, packing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.terminal.rows import STUB, Clusters, Row, pack_pens, split_cells, unpack_pens

WIDE = "你" + STUB


def written(row: Row) -> tuple[str, str]:
    return row.text, row.pens


def test_writing_behind_the_end_leaves_blanks() -> None:
    row = Row()
    row.write(3, "ab", "\1")
    assert written(row) == ("   ab", "\0\0\0\1\1")
    row.write(1, "x", "\0")
    assert written(row) == (" x ab", "\0\0\0\1\1")


def test_the_default_pen_costs_nothing() -> None:
    row = Row()
    row.write(0, "plain text", "\0")
    assert row.pens == ""


@pytest.mark.parametrize(
    ("x", "text", "expected"),
    [(0, "x", "x b"), (1, "x", " xb"), (0, "xyz", "xyz"), (1, "xy", " xy"), (0, "", WIDE + "b")],
)
def test_half_of_a_wide_character_becomes_a_blank(x: int, text: str, expected: str) -> None:
    row = Row(WIDE + "b")
    row.write(x, text, "\0")
    assert row.text == expected


def test_erasing_to_the_end_in_the_default_pen_cuts_the_row() -> None:
    row = Row("abcdef", "\1" * 6)
    row.erase(2, 10, "\0", 10)
    assert written(row) == ("ab", "\1\1")


def test_erasing_in_a_color_fills_up_to_the_edge() -> None:
    row = Row("abcdef")
    row.erase(2, 8, "\2", 8)
    assert written(row) == ("ab      ", "\0\0\2\2\2\2\2\2")


def test_protected_cells_stay() -> None:
    row = Row("abcd", "\0\1\0\1")
    row.erase_unprotected(0, 4, "\0", {"\1"})
    assert row.text == " b d"


def test_cells_that_leave_the_screen_are_lost_with_their_other_half() -> None:
    row = Row("ab" + WIDE)
    row.insert(0, 1, "\0", 4)
    assert row.text == " ab "


def test_deleting_fills_from_the_right() -> None:
    row = Row("abcdef", "\1" * 6)
    row.delete(1, 2, "\2", 6)
    assert written(row) == ("adef  ", "\1\1\1\1\2\2")


@given(st.text(st.sampled_from("\0\1\2\u1234"), max_size=200))
def test_packed_pens_come_back(pens: str) -> None:
    assert unpack_pens(pack_pens(pens)) == pens.rstrip("\0")


def test_clusters_are_given_out_again_when_they_are_gone() -> None:
    clusters = Clusters()
    first = clusters.stand_in("e\u0301")
    second = clusters.stand_in("a\u0301")
    assert clusters.stand_in("e\u0301") == first
    assert clusters.expand(first + "x" + second) == "e\u0301xa\u0301"
    clusters.keep_only({second})
    assert clusters.expand(first) == "\ufffd"
    for number in range(Clusters.LIMIT - 1):
        clusters.stand_in(f"{number}\u0301")
    assert clusters.needs_room
    assert clusters.stand_in("b\u0302") == "\ufffd"
    assert clusters.expand(second) == "a\u0301"


def test_cells_are_split_with_their_stubs() -> None:
    assert split_cells("a" + WIDE + "b") == ["a", WIDE, "b"]
