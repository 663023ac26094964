"""Selections on a real emulator."""

from synk.terminal.emulator import Emulator
from synk.terminal.selection import PinnedSelection, Point, Selection, Unit


def screen(text: str, *, cols: int = 20, rows: int = 4, scrollback_lines: int = 100) -> Emulator:
    emulator = Emulator(cols=cols, rows=rows, reply=lambda _: None, scrollback_lines=scrollback_lines)
    emulator.feed(text.encode())
    return emulator


def select(start: tuple[int, int], end: tuple[int, int], unit: Unit = Unit.CHARACTER) -> Selection:
    """From and to (line, column)."""
    return Selection(Point(*start), Point(*end), unit)


def test_characters_from_one_line_to_another() -> None:
    emulator = screen("hello world\r\nsecond line\r\nthird")
    assert select((0, 6), (1, 6)).text(emulator) == "world\nsecond"
    assert select((1, 6), (0, 6)).text(emulator) == "world\nsecond"
    assert select((0, 3), (0, 3)).text(emulator) == ""


def test_blanks_at_line_ends_are_not_copied() -> None:
    assert select((0, 0), (1, 20)).text(screen("one   \r\ntwo")) == "one\ntwo"


def test_a_wrapped_line_copies_as_one() -> None:
    emulator = screen("x" * 500 + "\r\nend", rows=30)
    assert select((0, 0), (25, 20)).text(emulator) == "x" * 500 + "\nend"


def test_a_word_is_taken_whole_even_where_it_wraps() -> None:
    emulator = screen("see /usr/share/doc/readme.txt now")
    assert select((0, 6), (0, 6), Unit.WORD).text(emulator) == "/usr/share/doc/readme.txt"
    assert select((1, 1), (1, 1), Unit.WORD).text(emulator) == "/usr/share/doc/readme.txt"
    assert select((0, 3), (0, 3), Unit.WORD).text(emulator) == ""
    assert select((0, 1), (1, 11), Unit.WORD).text(emulator) == "see /usr/share/doc/readme.txt now"


def test_dragging_words_backwards_keeps_the_first_word() -> None:
    assert select((0, 8), (0, 1), Unit.WORD).text(screen("one two three")) == "one two three"


def test_a_line_is_the_logical_line() -> None:
    emulator = screen("a" * 25 + "\r\nnext")
    assert select((1, 2), (1, 2), Unit.LINE).text(emulator) == "a" * 25
    assert select((1, 2), (2, 0), Unit.LINE).text(emulator) == "a" * 25 + "\nnext"


def test_a_block_takes_the_same_columns_of_each_row() -> None:
    emulator = screen("abcdef\r\nghijkl\r\nmn")
    assert select((0, 4), (2, 1), Unit.BLOCK).text(emulator) == "bcd\nhij\nn"
    assert select((0, 1), (2, 4), Unit.BLOCK).columns_in_row(emulator, 1) == (1, 4)


def test_wide_characters_are_taken_whole() -> None:
    emulator = screen("a你好b")
    assert select((0, 2), (0, 4)).text(emulator) == "你好"
    assert select((0, 2), (0, 4)).columns_in_row(emulator, 0) == (1, 5)
    assert select((0, 1), (0, 1), Unit.WORD).text(screen("你好。foo")) == "你好"
    assert select((0, 7), (0, 7), Unit.WORD).text(screen("你好。foo")) == "foo"


def test_a_selection_survives_output_above_which_it_scrolls() -> None:
    emulator = screen("keep this\r\n")
    selection = select((0, 0), (0, 9))
    emulator.feed(b"more\r\n" * 20)
    assert selection.text(emulator) == "keep this"
    assert selection.columns_in_row(emulator, -emulator.scrolled_total) == (0, 9)
    assert not selection.is_evicted(emulator)


def test_a_selection_survives_a_taller_screen() -> None:
    emulator = screen("1\r\n2\r\n3\r\n4\r\n5\r\n6")
    selection = select((1, 0), (2, 1))
    assert selection.text(emulator) == "2\n3"
    emulator.resize(cols=20, rows=6)
    assert selection.text(emulator) == "2\n3"


def test_a_selection_knows_when_its_lines_are_gone() -> None:
    emulator = screen("gone\r\nstays\r\n", scrollback_lines=5)
    selection = select((0, 0), (1, 5))
    emulator.feed(b"x\r\n" * 7)
    assert selection.is_evicted(emulator)
    assert selection.text(emulator) == "stays"
    emulator.feed(b"x\r\n" * 7)
    assert selection.text(emulator) == ""


def test_rows_outside_have_no_selected_columns() -> None:
    emulator = screen("abc\r\ndef\r\nghi")
    selection = select((1, 1), (1, 3))
    assert [selection.columns_in_row(emulator, y) for y in range(4)] == [None, (1, 3), None, None]


def test_extending_moves_the_head_only() -> None:
    selection = select((0, 1), (0, 2)).extended(Point(3, 4))
    assert (selection.anchor, selection.head) == (Point(0, 1), Point(3, 4))


def test_a_pinned_selection_stays_with_its_text_at_any_width() -> None:
    emulator = screen("first line\r\n" * 20 + "take these words\r\n" + "last\r\n" * 20)
    pinned = PinnedSelection(select((20, 5), (20, 16)), emulator.anchor)
    assert pinned.current.text(emulator) == "these words"
    for cols, rows in ((7, 4), (3, 9), (40, 2), (20, 4)):
        emulator.resize(cols=cols, rows=rows)
        assert pinned.current.text(emulator) == "these words"


def test_a_pinned_selection_whose_lines_are_gone_stays_gone() -> None:
    emulator = screen("gone\r\n" + "x\r\n" * 30, scrollback_lines=10)
    pinned = PinnedSelection(select((0, 0), (0, 4)), emulator.anchor)
    for cols in (2, 40):
        emulator.resize(cols=cols, rows=4)
        assert pinned.current.is_evicted(emulator)
