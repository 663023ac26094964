"""Where a view stands: what the user reads stays, whatever the program prints."""

from hypothesis import given, settings
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator
from synk.ui.terminal.scroll_position import ScrollPosition

ROWS = 4


def emulator(lines: int, *, scrollback_lines: int = 50) -> Emulator:
    made = Emulator(cols=20, rows=ROWS, reply=lambda _data: None, scrollback_lines=scrollback_lines)
    made.feed(b"".join(b"line %d\r\n" % number for number in range(lines)))
    return made


def shown(made: Emulator, position: ScrollPosition, rows: int = ROWS) -> list[str]:
    first = position.first_line(rows) - made.scrolled_total
    return [made.text(first + row) for row in range(rows)]


STEPS = st.lists(st.one_of(st.tuples(st.just("move"), st.integers(-60, 60)), st.tuples(st.just("print"), st.integers(1, 20))))


@settings(deadline=None)
@given(STEPS)
def test_the_view_is_always_within_the_lines_there_are(steps: list[tuple[str, int]]) -> None:
    made = emulator(30)
    position = ScrollPosition(made)
    for kind, count in steps:
        if kind == "move":
            position.move(count)
        else:
            made.feed(b"more\r\n" * count)
            position.catch_up()
        oldest = made.scrolled_total - len(made.scrollback)
        assert oldest <= position.first_line(ROWS) <= made.scrolled_total
        assert (position.new_lines is None) == position.is_following


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 9))
def test_what_the_user_reads_stays_while_the_program_prints(back: int, printed: int) -> None:
    made = emulator(40)
    position = ScrollPosition(made)
    position.move(-back)
    before = shown(made, position)
    made.feed(b"more\r\n" * printed)
    position.catch_up()
    visible_then = min(back, ROWS)
    assert shown(made, position)[:visible_then] == before[:visible_then]
    assert position.new_lines == printed


def test_lines_that_leave_the_scrollback_take_the_view_along() -> None:
    made = emulator(40, scrollback_lines=10)
    position = ScrollPosition(made)
    position.move_to_oldest()
    made.feed(b"more\r\n" * 5)
    assert position.first_line(ROWS) == made.scrolled_total - 10
    assert not position.is_untouched(ROWS)


def test_rows_in_the_scrollback_need_no_repaint() -> None:
    made = emulator(40)
    position = ScrollPosition(made)
    position.move(-ROWS)
    assert position.is_untouched(ROWS)
    position.move(1)
    assert not position.is_untouched(ROWS)


def test_moving_forward_to_the_newest_line_follows_again() -> None:
    made = emulator(40)
    position = ScrollPosition(made)
    assert position.move(-5)
    assert position.move(3)
    assert not position.is_following
    assert position.move(2)
    assert position.is_following
    assert not position.move(1)
    assert not position.follow()


def test_the_alternate_screen_has_nothing_to_scroll_back_to() -> None:
    made = emulator(40)
    position = ScrollPosition(made)
    position.move(-5)
    made.feed(b"\x1b[?1049h")
    assert position.catch_up()
    assert not position.move(-5)


def test_a_screen_taller_than_the_view_shows_the_rows_around_the_cursor() -> None:
    made = emulator(2)
    position = ScrollPosition(made)
    assert position.skipped(ROWS) == 0
    assert shown(made, position, rows=2) == ["line 1", ""]
    made.feed(b"\x1b[H")
    assert shown(made, position, rows=2) == ["line 0", "line 1"]


def test_a_view_that_follows_holds_no_place_that_a_resize_would_have_to_find_again() -> None:
    emulator = Emulator(cols=20, rows=4, reply=lambda _: None)
    scroll = ScrollPosition(emulator)
    emulator.feed(b"line\r\n" * 50)
    assert len(emulator.screen.grid._anchors) == 0
    scroll.move(-10)
    emulator.feed(b"line\r\n" * 3)
    assert (scroll.new_lines, len(emulator.screen.grid._anchors)) == (3, 2)
    scroll.follow()
    assert (scroll.new_lines, len(emulator.screen.grid._anchors)) == (None, 0)
