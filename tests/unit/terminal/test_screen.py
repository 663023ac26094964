"""What control sequences do to the cells, one behavior each; the expected screens are xterm's."""

import pytest

from synk.terminal.emulator import Emulator
from synk.terminal.styles import Style


def screen(stream: str | bytes, *, cols: int = 10, rows: int = 4) -> Emulator:
    emulator = Emulator(cols=cols, rows=rows, reply=lambda _: None)
    emulator.feed(stream if isinstance(stream, bytes) else stream.encode())
    return emulator


def lines(emulator: Emulator) -> list[str]:
    return [emulator.text(y) for y in range(emulator.rows)]


FILLED = "one\r\ntwo\r\nthree\r\nfour"


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("abcdefghijkl", ["abcdefghij", "kl", "", ""]),
        ("abcdefghij\r\nk", ["abcdefghij", "k", "", ""]),
        ("abcdefghij\bX", ["abcdefghXj", "", "", ""]),
        ("\x1b[?7labcdefghijkl", ["abcdefghil", "", "", ""]),
        ("ab\tc", ["ab      c", "", "", ""]),
        ("abcdefghij\x1b[?7hX", ["abcdefghij", "X", "", ""]),
        ("abcdefghij\x1b[?7lX", ["abcdefghiX", "", "", ""]),
        ("abcdefghij\x1b[5JX", ["abcdefghij", "X", "", ""]),
        ("ab\x1b[TX", ["  X", "ab", "", ""]),
        ("abcdef\x1b[2jX", ["abcdefX", "", "", ""]),
        ("\r\na\x1b[9kX", ["", "aX", "", ""]),
        ("ab\x1b[0TX", ["abX", "", "", ""]),
        ("ab\x1b[1;1;1;1;1TX", ["abX", "", "", ""]),
        ("ab\x1b[0^X", ["  X", "ab", "", ""]),
        ("a\tb\x1b[Z\x1b[ZX", ["X       b", "", "", ""]),
        ("\x1b[3g\x1b[?5W\tx", ["        x", "", "", ""]),
        ("\x1b[3g\tx", ["         x", "", "", ""]),
        ("\x1b[4C\x1bH\r\tx", ["    x", "", "", ""]),
        ("abc\x1b[2D\x1b[@X", ["aXbc", "", "", ""]),
        ("abc\r\x1b[4hX\x1b[4lY", ["XYbc", "", "", ""]),
        ("abcdef\x1b[4D\x1b[2P", ["abef", "", "", ""]),
        ("abcdef\x1b[4D\x1b[2X", ["ab  ef", "", "", ""]),
        ("abc\x1b[2b", ["abccc", "", "", ""]),
        (FILLED + "\x1b[2;2H\x1b[L", ["one", "", "two", "three"]),
        (FILLED + "\x1b[2;2H\x1b[M", ["one", "three", "four", ""]),
        (FILLED + "\x1b[S", ["two", "three", "four", ""]),
        (FILLED + "\x1b[T", ["", "one", "two", "three"]),
        (FILLED + "\x1b[2;3r\x1b[3H\n", ["one", "three", "", "four"]),
        (FILLED + "\x1b[2;3r\x1b[2H\x1bM", ["one", "", "two", "four"]),
        (FILLED + "\x1b[2;3r\x1b[4H\nx", ["one", "two", "three", "xour"]),
        (FILLED + "\x1b[1;2r\x1b[2H\n", ["two", "", "three", "four"]),
        (FILLED + "\x1b[3;2rX", ["one", "two", "three", "fourX"]),
        (FILLED + "\x1b[2;3r\x1b[?6h\x1b[5;1HX", ["one", "two", "Xhree", "four"]),
        (FILLED + "\x1b[2;2H\x1b[J", ["one", "t", "", ""]),
        (FILLED + "\x1b[2;2H\x1b[1J", ["", "  o", "three", "four"]),
        (FILLED + "\x1b[2J", ["", "", "", ""]),
        (FILLED + "\x1b[3J", ["one", "two", "three", "four"]),
        (FILLED + "\x1b[3;3H\x1b[1K", ["one", "two", "   ee", "four"]),
        (FILLED + "\x1b[3;3H\x1b[2K", ["one", "two", "", "four"]),
        ("\x1b[2;5H\x1b7\x1b[Habc\x1b8X", ["abc", "    X", "", ""]),
        ("abc\x1b[s\r\n\x1b[uX", ["abcX", "", "", ""]),
        ("\x1b[3;3H\x1b[?6h\x1b8X", ["X", "", "", ""]),
        ("\x1b(0lqk\x1b(Bq", ["┌─┐q", "", "", ""]),
        ("\x1b)0q\x0eq\x0fq", ["q─q", "", "", ""]),
        ("\x1b*0q\x1bNqq", ["q─q", "", "", ""]),
        ("\x1b(A#\x1b(B#", ["£#", "", "", ""]),
        ("abc\x1b[5G\x1b[1dX\x1b[2dY\x1b[3`Z", ["abc X", "  Z  Y", "", ""]),
        ("a\x1b[2Eb\x1b[Fc", ["a", "c", "b", ""]),
        ("\x1b[3;5HX\x1b[A\x1b[2DY", ["", "   Y", "    X", ""]),
        ("ab\x1b[?45h\r\nc\r\b\bX", ["ab      X", "c", "", ""]),
        ("\x1b[?45habcdefghij\bX", ["abcdefghiX", "", "", ""]),
        ("\x1b[?45h\bX", ["", "", "", "         X"]),
        ("\x1b[2;3r\x1b[?45h\x1b[2H\bX", ["", "", "         X", ""]),
        ("ab\x1b[m\x1b[3b", ["ab", "", "", ""]),
        ("ab\x1b[b\x1b[b", ["abb", "", "", ""]),
        ("\x1b[20habc\ndef", ["abc", "def", "", ""]),
        ("abc\ndef", ["abc", "   def", "", ""]),
        ("\x1b[2;3r\x1b#8", ["EEEEEEEEEE"] * 4),
        ('a\x1b[1"qb\x1b[0"qc\x1b[?2K', [" b", "", "", ""]),
        ("abc\x1b[2;2Hx\x1bcd", ["d", "", "", ""]),
        ("a\x1bDb\x1bEc", ["a", " b", "c", ""]),
    ],
)
def test_sequence_gives_screen(stream: str, expected: list[str]) -> None:
    assert lines(screen(stream)) == expected


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("你好", ["你好", "", "", ""]),
        ("abcdefghi你", ["abcdefghi", "你", "", ""]),
        ("你\x1b[2Gx", [" x", "", "", ""]),
        ("你\x1b[Gx", ["x", "", "", ""]),
        ("你好\x1b[2G\x1b[P", [" 好", "", "", ""]),
        ("e\u0301x", ["e\u0301x", "", "", ""]),
        ("abcdefghij\u0301", ["abcdefghij\u0301", "", "", ""]),
        ("\u0301a", ["a", "", "", ""]),
        ("a\u200bb\u202ec", ["abc", "", "", ""]),
        ("\U0001f469\u200d\U0001f4bb", ["\U0001f469\u200d\U0001f4bb", "", "", ""]),
        ("a\x1b[3C\u0301b", ["a   \u0301b", "", "", ""]),
        ("\U00100000x", ["\U00100000x", "", "", ""]),
        ("zzzzzzzzzz\x1b[1;10H你", ["zzzzzzzzzz", "你", "", ""]),
        ("\x1b[?7labcdefghi你", ["abcdefghi", "", "", ""]),
        ("\x1b[?7labcdefghij你k", ["abcdefghik", "", "", ""]),
        ("\x1b[?7labcdefghi你\u0301", ["abcdefghi\u0301", "", "", ""]),
        ("\x1b[?7labcdefgh你好X", ["abcdefgh X", "", "", ""]),
    ],
)
def test_wide_and_combining_characters(stream: str, expected: list[str]) -> None:
    assert lines(screen(stream)) == expected


def test_invalid_bytes_become_one_replacement_each() -> None:
    assert lines(screen(b"a\xe4\xbd\xffb\xf0\x9f\x92c"))[0] == "a\ufffd\ufffdb\ufffdc"


def test_marks_beyond_reason_are_dropped() -> None:
    assert len(screen("a" + "\u0301" * 1000).text(0)) == 16


def test_a_cluster_is_one_run_of_its_own() -> None:
    runs = screen("ae\u0301你").row(0)
    assert [(run.col, run.cells, run.text, run.is_cluster) for run in runs] == [
        (0, 1, "a", False),
        (1, 1, "e\u0301", True),
        (2, 2, "你", False),
    ]


def test_erasing_fills_with_the_background_color_only() -> None:
    emulator = screen("\x1b[1;4;41mab\x1b[K")
    runs = emulator.row(0)
    assert runs[0].style == Style(bg=1, bold=True, underline=1)
    assert (runs[1].col, runs[1].cells, runs[1].style) == (2, 8, Style(bg=1))


def test_lines_that_scroll_in_have_the_background_color() -> None:
    emulator = screen("\x1b[44m\x1b[4H\n")
    assert emulator.row(3)[0].style == Style(bg=4)
    assert emulator.row(3)[0].cells == 10


def test_alternate_screen_keeps_the_main_one_and_its_cursor() -> None:
    emulator = screen("abc\x1b[?1049h\x1b[2;2Hxyz")
    assert emulator.modes.alternate_screen
    assert lines(emulator) == ["", " xyz", "", ""]
    emulator.feed(b"\x1b[?1049l!")
    assert not emulator.modes.alternate_screen
    assert lines(emulator) == ["abc!", "", "", ""]


def test_each_screen_has_its_own_saved_cursor() -> None:
    emulator = screen("\x1b[2;2H\x1b7\x1b[?47h\x1b[3;3H\x1b7\x1b[H\x1b[?47l\x1b8X\x1b[?47h\x1b8Y")
    assert lines(emulator) == ["", "", "  Y", ""]
    emulator.feed(b"\x1b[?47l")
    assert lines(emulator) == ["", " X", "", ""]


def test_1047_clears_the_alternate_screen_when_it_is_left() -> None:
    emulator = screen("\x1b[?1047hxyz\x1b[?1047l\x1b[?47h")
    assert lines(emulator) == ["", "", "", ""]


def test_the_alternate_screen_fills_no_scrollback() -> None:
    emulator = screen("\x1b[?1049h" + "x\r\n" * 20)
    assert len(emulator.scrollback) == 0
    assert emulator.scrolled_total == 0


def test_lines_above_a_top_margin_fill_no_scrollback() -> None:
    assert len(screen("\x1b[2;4r\x1b[4H" + "x\r\n" * 20).scrollback) == 0


def test_lines_leave_into_the_scrollback_while_a_status_line_stays() -> None:
    emulator = screen("\x1b[4Hstatus\x1b[1;3r\x1b[Ha\r\nb\r\nc\r\nd")
    assert emulator.text(-1) == "a"
    assert lines(emulator) == ["b", "c", "d", "status"]


def test_a_cleared_scrollback_leaves_the_screen_alone() -> None:
    emulator = screen("a\r\nb\r\nc\r\nd\r\ne\x1b[3J")
    assert len(emulator.scrollback) == 0
    assert lines(emulator) == ["b", "c", "d", "e"]
    assert emulator.scrolled_total == 1


def test_soft_reset_keeps_the_text_and_resets_modes_and_margins() -> None:
    emulator = screen("abc\x1b[2;3r\x1b[?6h\x1b[4h\x1b[?25l\x1b[31m\x1b(0\x1b[!pq")
    assert lines(emulator)[1] == "q"
    assert emulator.cursor.is_visible
    assert emulator.row(1)[0].style == Style()
    assert (emulator.screen.grid.top, emulator.screen.grid.bottom) == (0, 3)


def test_a_pending_wrap_is_shown_at_the_last_column() -> None:
    emulator = screen("abcdefghij")
    assert emulator.cursor.x == 9
    assert emulator.screen.cursor.x == 10
    emulator.feed(b"\x1b[6n")


def test_text_reads_wrapped_lines() -> None:
    emulator = screen("abcdefghijklm\r\nx")
    assert emulator.is_wrapped(0)
    assert not emulator.is_wrapped(1)
    assert emulator.text(0) + emulator.text(1) == "abcdefghijklm"


def test_dirty_rows_are_those_that_changed() -> None:
    emulator = screen("")
    assert emulator.take_dirty() == {0, 1, 2, 3}
    assert emulator.take_dirty() == set()
    emulator.feed(b"\x1b[2Hx\x1b[4Hy")
    assert emulator.take_dirty() == {1, 3}
    emulator.feed(b"\x1b[2;3r\x1b[3H\n\x1b[r")
    assert emulator.take_dirty() == {1, 2}
    emulator.feed(b"\x1b[4H\n")
    assert emulator.take_dirty() == {0, 1, 2, 3}


def test_a_mark_added_to_a_row_that_was_painted_is_seen() -> None:
    emulator = screen("e")
    assert emulator.row(0)[0].text == "e"
    emulator.feed("\u0301".encode())
    assert emulator.row(0)[0].text == "e\u0301"


def test_a_link_is_part_of_its_cells() -> None:
    emulator = screen("a\x1b]8;id=1;https://example.org/\x1b\\bc\x1b]8;;\x1b\\d")
    assert [emulator.link_at(x, 0) for x in range(5)] == ["", "https://example.org/", "https://example.org/", "", ""]


def test_cells_are_read_by_column() -> None:
    assert screen("a你e\u0301").cells(0) == ("a", "你", "", "e\u0301")


@pytest.mark.parametrize("y", [4, 100, -1, -100])
def test_a_row_that_does_not_exist_is_empty(y: int) -> None:
    emulator = screen("abc")
    assert (emulator.row(y), emulator.text(y), emulator.is_wrapped(y), emulator.link_at(0, y)) == ((), "", False, "")


class TestResize:
    """Main screen: text and cursor stay together, nothing is lost."""

    def test_fewer_rows_push_lines_into_the_scrollback_and_more_rows_take_them_back(self) -> None:
        emulator = screen("1\r\n2\r\n3\r\n4")
        emulator.resize(cols=10, rows=2)
        assert lines(emulator) == ["3", "4"]
        assert [emulator.text(-2), emulator.text(-1)] == ["1", "2"]
        assert (emulator.cursor.y, emulator.scrolled_total) == (1, 2)
        emulator.resize(cols=10, rows=5)
        assert lines(emulator) == ["1", "2", "3", "4", ""]
        assert (emulator.cursor.y, emulator.scrolled_total, len(emulator.scrollback)) == (3, 0, 0)

    def test_blank_rows_below_the_cursor_go_first(self) -> None:
        emulator = screen("1\r\n2")
        emulator.resize(cols=10, rows=2)
        assert lines(emulator) == ["1", "2"]
        assert len(emulator.scrollback) == 0

    def test_text_below_the_cursor_is_not_lost(self) -> None:
        emulator = screen("1\r\n2\r\n3\r\n4\x1b[H")
        emulator.resize(cols=10, rows=2)
        emulator.resize(cols=10, rows=4)
        assert lines(emulator) == ["1", "2", "3", "4"]

    def test_fewer_columns_hide_text_and_more_show_it_again(self) -> None:
        emulator = screen("abcdefghij\r\nx")
        emulator.resize(cols=4, rows=4)
        assert lines(emulator)[0] == "abcd"
        assert emulator.row(0)[0].cells == 4
        emulator.resize(cols=12, rows=4)
        assert lines(emulator)[0] == "abcdefghij"

    def test_a_half_of_a_wide_character_is_not_drawn(self) -> None:
        emulator = screen("abc你")
        emulator.resize(cols=4, rows=4)
        assert [run.text for run in emulator.row(0)] == ["abc"]

    def test_the_main_screen_follows_while_the_alternate_one_is_shown(self) -> None:
        emulator = screen("1\r\n2\r\n3\r\n4\x1b[?1049h\x1b[4Hbottom")
        emulator.resize(cols=10, rows=2)
        assert len(emulator.scrollback) == 2
        emulator.feed(b"\x1b[?1049l!")
        assert lines(emulator) == ["3", "4!"]

    def test_margins_are_reset_and_new_tab_stops_are_set(self) -> None:
        emulator = screen("\x1b[2;3r")
        emulator.resize(cols=30, rows=6)
        assert (emulator.screen.grid.top, emulator.screen.grid.bottom, emulator.screen.margins) == (0, 5, None)
        emulator.feed(b"\x1b[H\t\t\tx")
        assert lines(emulator)[0] == " " * 24 + "x"

    @pytest.mark.parametrize(("cols", "rows"), [(0, 0), (-5, -5), (1, 1), (10**9, 2)])
    def test_any_size_is_harmless(self, cols: int, rows: int) -> None:
        emulator = screen("abc你好\r\n" * 9)
        emulator.resize(cols=cols, rows=rows)
        emulator.feed("你好\x1b[2;2Habc\u0301\x1b[?1049hxyz".encode())
        assert emulator.cols >= 1
        assert emulator.rows >= 1


class TestPyteAccess:
    """What code written for pyte reads."""

    def test_buffer_display_and_cursor_are_right(self) -> None:
        emulator = screen("a\x1b[1;31;44m你\x1b[m!\x1b[2;3H")
        shown = emulator.screen
        assert shown.display[0] == "a你!      "
        assert (shown.cursor.x, shown.cursor.y) == (2, 1)
        cell = shown.buffer[0][1]
        assert (cell.data, cell.fg, cell.bg, cell.bold) == ("你", "red", "blue", True)
        assert shown.buffer[0][2].data == ""
        assert shown.buffer[0][3].data == "!"
        assert shown.buffer[3][9].data == " "

    def test_methods_of_pyte_work(self) -> None:
        shown = screen("").screen
        shown.draw("hello")
        shown.linefeed()
        shown.carriage_return()
        shown.select_graphic_rendition(1, 32)
        shown.draw("x")
        shown.cursor_position(1, 1)
        shown.erase_in_line(0)
        assert [line.strip() for line in shown.display] == ["", "x", "", ""]
        assert shown.buffer[1][0].fg == "green"
        assert shown.cursor.attrs.bold


def test_the_last_column_of_the_bottom_row_stays_under_a_flood_of_wide_characters() -> None:
    emulator = screen("zzzzz\r\nzzzzz\x1b[1;5H" + "你" * 40, cols=5, rows=2)
    assert emulator.text(-19) == "zzzzz"
    assert emulator.text(-18) == "你你z"
    assert emulator.text(-17) == "你你"


@pytest.mark.parametrize(("guard", "end"), [(b"\x1bV", b"\x1bW"), (b'\x1b[1"q', b'\x1b[0"q')])
def test_protecting_and_not_leads_back_to_the_same_pen(guard: bytes, end: bytes) -> None:
    emulator = Emulator(cols=10, rows=2, reply=lambda _: None)
    emulator.feed(b"\x1b[1;31m")
    pen = emulator.screen.pen
    emulator.feed(guard)
    protected = emulator.screen.pen
    assert protected.is_protected
    assert protected.style == pen.style
    emulator.feed(guard + end)
    assert emulator.screen.pen is pen
    emulator.feed(end + guard)
    assert emulator.screen.pen is protected
