"""Lines that are laid out anew when the width changes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator
from synk.terminal.marks import Mark, MarkKind
from synk.terminal.reflow import PIECE_CELLS, chains, count_rows, join, lay_out, place, row_starts
from synk.terminal.rows import STUB, PackedRow
from synk.terminal.styles import Style

widths = st.integers(1, 40)
cells = st.lists(st.sampled_from(["a", "b", " ", "你" + STUB, "\U00100000", "\U00100001" + STUB]), max_size=60).map("".join)


def terminal(stream: str | bytes = "", *, cols: int = 20, rows: int = 6, lines: int = 1000) -> Emulator:
    emulator = Emulator(cols=cols, rows=rows, reply=lambda _: None, scrollback_lines=lines)
    emulator.feed(stream.encode() if isinstance(stream, str) else stream)
    return emulator


def logical_lines(emulator: Emulator) -> list[str]:
    """All text, what wraps joined, without blanks at line ends and blank lines at the end."""
    lines, line = [], ""
    for y in range(emulator.first_row(), emulator.rows):
        line += emulator.text(y)
        if y >= 0:
            line += emulator.screen.grid.clusters.expand(emulator.screen.grid.rows[y].hidden[0])
        if not emulator.is_wrapped(y):
            lines.append(line.rstrip(" "))
            line = ""
    lines.append(line.rstrip(" "))
    while lines and not lines[-1]:
        lines.pop()
    return lines


def rows_of(emulator: Emulator) -> list[str]:
    return [emulator.text(y).rstrip(" ") for y in range(emulator.first_row(), emulator.rows)]


def resize(emulator: Emulator, *sizes: tuple[int, int]) -> None:
    for cols, rows in sizes:
        emulator.resize(cols=cols, rows=rows)


def never(_pen: str) -> bool:
    return False


@given(cells, widths)
def test_rows_joined_again_are_the_line(text: str, columns: int) -> None:
    rows = lay_out((text, "", False, ()), columns)
    assert join(rows, columns, never)[0].rstrip(" ") == text.rstrip(" ")
    assert len(rows) == count_rows(text, columns) == len(row_starts(text, columns))
    assert [row[2] for row in rows] == [True] * (len(rows) - 1) + [False]


@given(cells, st.integers(2, 40))
def test_no_row_is_too_long_and_no_wide_character_is_torn(text: str, columns: int) -> None:
    for row, *_ in lay_out((text, "", False, ()), columns):
        assert len(row) <= columns
        assert not row.startswith(STUB)
    assert "".join(row[0] for row in lay_out((text, "", False, ()), columns)) == text


@given(cells, st.integers(2, 40), st.data())
def test_a_cell_is_found_in_its_row(text: str, columns: int, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    row, col = place(text, columns, offset)
    rows = lay_out((text, "", False, ()), columns)
    assert rows[row][0][col:] == text[offset : sum(len(part[0]) for part in rows[: row + 1])]


def test_pens_and_marks_go_with_their_cells() -> None:
    line: PackedRow = ("abcdef", "\0\2\1\4", False, (Mark(MarkKind.PROMPT, 0), Mark(MarkKind.COMMAND, 5)))
    rows = lay_out(line, 4)
    assert rows == [
        ("abcd", "\0\2\1\2", True, (Mark(MarkKind.PROMPT, 0),)),
        ("ef", "\1\2", False, (Mark(MarkKind.COMMAND, 1),)),
    ]
    assert join(rows, 4, never) == line


def test_a_mark_after_the_last_cell_is_not_lost() -> None:
    line: PackedRow = ("abcd", "", False, (Mark(MarkKind.COMMAND, 4),))
    assert lay_out(line, 2)[-1][3] == (Mark(MarkKind.COMMAND, 2),)


def test_a_very_long_line_comes_in_pieces() -> None:
    rows: list[PackedRow] = [("x" * 1000, "", True, ())] * 100
    assert [len(chain) for chain in chains(rows)] == [33, 33, 33, 1]
    assert PIECE_CELLS <= 33 * 1000


def test_lines_above_the_cursor_wrap_and_come_together_again() -> None:
    emulator = terminal("abcdefghij\r\nklm\r\n$ ", cols=10)
    resize(emulator, (4, 6))
    assert rows_of(emulator) == ["abcd", "efgh", "ij", "klm", "$", ""]
    assert emulator.cursor.y == 4
    resize(emulator, (10, 6))
    assert rows_of(emulator)[:3] == ["abcdefghij", "klm", "$"]
    assert emulator.cursor.y == 2


def test_what_does_not_fit_goes_to_the_scrollback_and_comes_back() -> None:
    emulator = terminal("aaaaaaaaaa\r\nbbbbbbbbbb\r\ncccccccccc\r\n$ ", cols=10, rows=4)
    resize(emulator, (5, 4))
    assert rows_of(emulator) == ["aaaaa", "aaaaa", "bbbbb", "bbbbb", "ccccc", "ccccc", "$"]
    assert emulator.cursor.y == 3
    resize(emulator, (10, 4))
    assert rows_of(emulator) == ["a" * 10, "b" * 10, "c" * 10, "$"]
    assert emulator.first_row() == 0


def test_a_cleared_screen_stays_clear_at_another_width() -> None:
    emulator = terminal("old\r\n" * 20 + "\x1b[H\x1b[2J$ ", cols=10)
    for cols in (5, 30):
        resize(emulator, (cols, 6))
        assert [emulator.text(y) for y in range(6)] == ["$", "", "", "", "", ""]


def test_the_scrollback_takes_part() -> None:
    emulator = terminal("".join(f"{number:04}-abcdef\r\n" for number in range(600)), cols=11, rows=4)
    resize(emulator, (6, 4))
    assert rows_of(emulator)[:4] == ["0000-a", "bcdef", "0001-a", "bcdef"]
    assert len(rows_of(emulator)) == 1201
    resize(emulator, (33, 4))
    assert rows_of(emulator)[:600] == [f"{number:04}-abcdef" for number in range(600)]


def test_a_line_half_in_the_scrollback_is_laid_out_as_a_whole() -> None:
    emulator = terminal("0123456789" * 5 + "\r\nx", cols=10, rows=3)
    resize(emulator, (7, 3))
    assert rows_of(emulator) == ["0123456", "7890123", "4567890", "1234567", "8901234", "5678901", "23456789"[:7], "9", "x"]
    resize(emulator, (25, 3))
    assert rows_of(emulator) == ["0123456789012345678901234", "5678901234567890123456789", "x"]


def test_a_narrow_screen_drops_no_lines() -> None:
    emulator = terminal("".join(f"{number:03}-abcdef\r\n" for number in range(60)), cols=12, rows=4, lines=60)
    before = logical_lines(emulator)
    resize(emulator, (2, 4), (12, 4))
    assert logical_lines(emulator) == before


def test_the_cursors_line_is_left_to_its_program() -> None:
    emulator = terminal("output of ten\r\n$ echo one two", cols=20)
    resize(emulator, (8, 6))
    assert rows_of(emulator)[:4] == ["output o", "f ten", "$ echo o", ""]
    assert (emulator.cursor.x, emulator.cursor.y) == (7, 2)
    resize(emulator, (20, 6))
    assert rows_of(emulator)[:2] == ["output of ten", "$ echo one two"]


def test_text_after_a_hidden_end_comes_after_it() -> None:
    emulator = terminal("0123456789", cols=20)
    resize(emulator, (5, 6))
    emulator.feed(b"abc\r\n")
    assert rows_of(emulator)[:2] == ["01234", "abc"]
    resize(emulator, (20, 6))
    assert rows_of(emulator)[0] == "0123456789abc"


def test_what_is_hidden_is_gone_once_the_program_writes_there() -> None:
    emulator = terminal("[##########    ]", cols=20)
    resize(emulator, (8, 6))
    emulator.feed(b"\r[####  ]\r")
    resize(emulator, (20, 6))
    assert rows_of(emulator)[0] == "[####  ]"


def test_a_prompt_drawn_again_in_one_row_does_not_swallow_the_next() -> None:
    emulator = terminal("$ 0123456789", cols=8)
    resize(emulator, (20, 6))
    emulator.feed(b"\r\x1b[A\x1b[J$ 0123456789\r\noutput\r\n$ ")
    assert not emulator.is_wrapped(0)
    resize(emulator, (30, 6))
    assert rows_of(emulator)[:3] == ["$ 0123456789", "output", "$"]


def test_a_prompt_of_several_lines_is_left_to_the_shell() -> None:
    emulator = terminal("\x1b]133;A\x07", cols=20)
    emulator.screen.mark(MarkKind.PROMPT)
    emulator.feed(b"== a long title ==\r\n$ ")
    emulator.screen.mark(MarkKind.COMMAND)
    resize(emulator, (8, 6))
    assert rows_of(emulator)[:3] == ["== a lon", "$", ""]
    emulator.screen.mark(MarkKind.OUTPUT)
    emulator.feed(b"\r\n")
    resize(emulator, (7, 6))
    assert rows_of(emulator)[:4] == ["== a lo", "ng titl", "e ==", "$"]


def test_wide_characters_are_not_torn() -> None:
    emulator = terminal("a你好吗b\r\n", cols=8)
    resize(emulator, (4, 6))
    assert rows_of(emulator)[:3] == ["a你", "好吗", "b"]
    resize(emulator, (8, 6))
    assert rows_of(emulator)[0] == "a你好吗b"


def test_a_wide_character_that_did_not_fit_leaves_no_gap() -> None:
    emulator = terminal("abc你d\r\n", cols=4)
    assert rows_of(emulator)[:2] == ["abc", "你d"]
    resize(emulator, (8, 6))
    assert rows_of(emulator)[0] == "abc你d"


def test_a_background_up_to_the_end_of_the_row_stays_so() -> None:
    emulator = terminal("\x1b[44mdiff\x1b[K\x1b[m\r\n", cols=12)
    for cols in (6, 3, 20, 12):
        resize(emulator, (cols, 6))
        runs = [run for y in range(2) for run in emulator.row(y)]
        last = (4 - 1) // cols
        assert {run.style for run in runs} == {Style(bg=4)}
        assert sum(run.cells for run in emulator.row(last)) == cols


def test_the_alternate_screen_is_cut_and_the_main_one_laid_out() -> None:
    emulator = terminal("0123456789\r\n\x1b[?1049h\x1b[HABCDEFGHIJ", cols=10)
    resize(emulator, (5, 6))
    assert emulator.text(0) == "ABCDE"
    assert emulator.text(1) == ""
    emulator.feed(b"\x1b[?1049l")
    assert rows_of(emulator)[:3] == ["01234", "56789", ""]
    assert (emulator.cursor.x, emulator.cursor.y) == (0, 2)


def test_a_saved_cursor_stays_with_its_text() -> None:
    emulator = terminal("abcdefghij\x1b7\r\n\r\n$ ", cols=20)
    resize(emulator, (4, 6))
    emulator.feed(b"\x1b8!")
    assert rows_of(emulator)[:3] == ["abcd", "efgh", "ij!"]


def test_the_line_of_the_cursor_keeps_its_number() -> None:
    emulator = terminal("".join(f"{number:04}-abcdef\r\n" for number in range(50)), cols=11, rows=4)
    number = emulator.scrolled_total + emulator.cursor.y
    for size in ((4, 4), (30, 2), (11, 9), (11, 4)):
        resize(emulator, size)
        assert emulator.scrolled_total + emulator.cursor.y == number


def test_anchors_stay_with_their_text() -> None:
    emulator = terminal("".join(f"{number:04}-abcdef\r\n" for number in range(50)), cols=11, rows=4)
    anchors = []
    for y in range(emulator.first_row(), 3):
        for x in (0, 3, 9):
            anchors.append((emulator.anchor(emulator.scrolled_total + y, x), emulator.text(y)[x:]))
    for size in ((4, 4), (30, 2), (3, 9), (11, 4)):
        resize(emulator, size)
        for anchor, text in anchors:
            y = anchor.line - emulator.scrolled_total
            line = emulator.text(y)[anchor.col :]
            while emulator.is_wrapped(y):
                y += 1
                line += emulator.text(y)
            assert line == text


pieces = st.one_of(
    st.text("ab 你é\U0001f469", max_size=30).map(lambda text: text.rstrip(" ") + "\r\n"),
    st.sampled_from(["\x1b[31mred\x1b[m", "\x1b[45m\x1b[K\x1b[m"]),
)
texts = st.lists(pieces, max_size=30).map("".join)
sizes = st.lists(st.tuples(st.integers(2, 40), st.integers(1, 12)), max_size=6)


@given(texts, sizes)
@settings(max_examples=150, deadline=None)
def test_any_sizes_keep_the_logical_lines(text: str, new_sizes: list[tuple[int, int]]) -> None:
    emulator = terminal(text)
    before = logical_lines(emulator)
    for size in new_sizes:
        resize(emulator, size)
        assert logical_lines(emulator) == before
        assert all(len(emulator.cells(y)) <= emulator.cols for y in range(emulator.first_row(), emulator.rows))
    resize(emulator, (20, 6))
    assert logical_lines(emulator) == before


@given(texts, sizes)
@settings(max_examples=150, deadline=None)
def test_rows_are_those_that_the_text_would_fill(text: str, new_sizes: list[tuple[int, int]]) -> None:
    # EL after a full row erases its last cell, so it does not do the same at every width.
    text = text.replace("\x1b[K", "") + "\r\n"
    emulator = terminal(text)
    resize(emulator, *new_sizes)
    fresh = terminal(text, cols=emulator.cols, rows=emulator.rows)
    got, expected = rows_of(emulator), rows_of(fresh)
    while got and not got[-1]:
        got.pop()
    while expected and not expected[-1]:
        expected.pop()
    assert got == expected


@given(texts, sizes, texts, sizes)
@settings(max_examples=150, deadline=None)
def test_a_restored_emulator_has_the_same_screen_in_new_sizes(
    text: str, before: list[tuple[int, int]], more: str, after: list[tuple[int, int]]
) -> None:
    original = terminal(text)
    resize(original, *before)
    copy = Emulator.restore(original.snapshot(), reply=lambda _: None)
    assert copy.snapshot() == original.snapshot()
    for emulator in (original, copy):
        emulator.feed(more.encode())
        resize(emulator, *[(cols, emulator.rows) for cols, _ in after][:1])
    assert [copy.row(y) for y in range(copy.rows)] == [original.row(y) for y in range(original.rows)]
    assert copy.cursor == original.cursor


def test_five_thousand_lines_laid_out_take_less_than_two_megabytes_at_rest() -> None:
    emulator = terminal("".join(f"{number:0119}\r\n" for number in range(5100)), cols=120, rows=40, lines=5000)
    for cols in (60, 20, 120):
        resize(emulator, (cols, 40))
        emulator.row(-1000)
        emulator.first_row()
        assert emulator.scrollback.size_bytes < 2_000_000


def test_a_colored_line_with_a_picture_is_filled_to_the_end_of_the_row() -> None:
    emulator = Emulator(cols=6, rows=2, reply=lambda _: None)
    emulator.describe_window(cell_width=1, cell_height=6, is_dark=True)
    emulator.feed(b"\x1b[44m\x1b[K\x1bPq#1~~\x1b\\\x1b[m\r\n\r\n\r\n")
    emulator.resize(cols=9, rows=2)
    rows = [emulator.row(y) for y in range(emulator.first_row(), 0)]
    assert sum(run.cells for run in rows[0] if run.style.bg == 4) == 9
    assert Emulator.restore(emulator.snapshot(), reply=lambda _: None).snapshot() == emulator.snapshot()
