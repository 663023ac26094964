"""Text for others: plain or with colors; feeding the colored text to a terminal shows the same screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator
from synk.terminal.export import ansi_line, export_lines


def emulator(data: bytes, *, cols: int = 20, rows: int = 4) -> Emulator:
    made = Emulator(cols=cols, rows=rows, reply=lambda _: None)
    made.feed(data)
    return made


def test_the_screen_is_cut_behind_its_last_line_and_each_line_behind_its_last_word() -> None:
    assert export_lines(emulator(b"one  \r\n\r\nthree"), first=0) == ["one", "", "three"]


def test_an_empty_screen_is_one_empty_line() -> None:
    assert export_lines(emulator(b""), first=0) == [""]


def test_negative_rows_are_scrollback_and_what_is_gone_is_left_out() -> None:
    made = emulator(b"\r\n".join(b"%d" % number for number in range(10)))
    assert export_lines(made, first=-2) == [str(number) for number in range(4, 10)]
    assert export_lines(made, first=-100) == [str(number) for number in range(10)]


def test_nothing_is_below_the_last_line() -> None:
    assert export_lines(emulator(b"one"), first=3) == [""]
    assert export_lines(emulator(b"one"), first=40) == []


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"plain", "plain"),
        (b"\x1b[1mbold\x1b[0m plain", "\x1b[0;1mbold\x1b[0m plain"),
        (b"\x1b[38;5;200mx", "\x1b[0;38;5;200mx\x1b[0m"),
        (b"\x1b[48;2;1;2;3mx", "\x1b[0;48;2;1;2;3mx\x1b[0m"),
        (b"\x1b[4:3;58;2;9;8;7mx", "\x1b[0;4:3;58;2;9;8;7mx\x1b[0m"),
        (b"\x1b[7;9;53mx", "\x1b[0;7;9;53mx\x1b[0m"),
        ("界é".encode(), "界é"),
    ],
)
def test_a_line_carries_its_colors_and_stands_for_itself(data: bytes, line: str) -> None:
    assert ansi_line(emulator(data), 0) == line


STYLED = st.lists(
    st.one_of(
        st.text(st.sampled_from("ab 界é"), min_size=1, max_size=4).map(str.encode),
        st.sampled_from([b"\x1b[1m", b"\x1b[2;3m", b"\x1b[31m", b"\x1b[48;2;1;2;3m", b"\x1b[4:3m", b"\x1b[7;53m", b"\x1b[0m"]),
        st.just(b"\r\n"),
    ),
    max_size=20,
)


@given(parts=STYLED)
def test_the_colored_text_draws_the_same_screen(parts: list[bytes]) -> None:
    made = emulator(b"".join(parts), cols=60, rows=30)
    again = emulator("\r\n".join(export_lines(made, first=0, ansi=True)).encode(), cols=60, rows=30)

    def shown(one: Emulator) -> list[list[tuple[str, object]]]:
        # Blanks at the end of a line are not told from cells never written.
        rows = []
        for y in range(one.rows):
            cells = [(character, run.style) for run in one.row(y) for character in run.text]
            while cells and cells[-1][0] == " ":
                cells.pop()
            rows.append(cells)
        return rows

    assert shown(again) == shown(made)


def test_a_range_of_rows_is_exported() -> None:
    made = emulator(b"a\r\nb\r\nc\r\nd\r\ne\r\nf")
    assert export_lines(made, first=-2, last=1) == ["a", "b", "c", "d"]
    assert export_lines(made, first=2, last=99) == ["e", "f"]


def test_wrapped_lines_are_joined_when_asked_for() -> None:
    made = emulator(b"0123456789abc \x1b[1md\x1b[m\r\nx", cols=10)
    assert export_lines(made, first=0) == ["0123456789", "abc d", "x"]
    assert export_lines(made, first=0, joins_wrapped=True) == ["0123456789abc d", "x"]
    assert export_lines(made, first=0, joins_wrapped=True, ansi=True) == ["0123456789abc \x1b[0;1md\x1b[0m", "x"]


def test_blanks_at_the_end_of_a_wrapped_row_are_text() -> None:
    made = emulator(b"01234567  abc", cols=10)
    assert export_lines(made, first=0, joins_wrapped=True, ansi=True) == ["01234567  abc"]
