"""Rows come to the scrollback, and are taken back."""

from hypothesis import given
from hypothesis import strategies as st

from synk.terminal.rows import Row
from synk.terminal.scrollback import Scrollback
from synk.terminal.styles import DEFAULT_PEN


def scrollback(*, columns: int = 5, lines: int = 100) -> Scrollback:
    history = Scrollback(limit_lines=lines, limit_bytes=1 << 20)
    history.set_columns(columns)
    return history


def test_a_line_comes_back_as_it_went() -> None:
    history = scrollback()
    history.push([Row("hello", "\0\0\1\1\2", is_wrapped=True)])
    assert history.line(0) == ("hello", "\0\0\1\1\2", True, ())
    row = history.pop()
    assert row is not None
    assert (row.text, row.pens, row.is_wrapped) == ("hello", "\0\0\1\1\2", True)
    assert history.pop() is None
    assert history.size_bytes == 0


Kind = tuple[str, str, bool]
rows = st.lists(
    st.tuples(st.sampled_from(["", "ab", "abcde", "é", "画\uffff"]), st.sampled_from([DEFAULT_PEN, "\1", "\2"]), st.booleans()),
    max_size=30,
) | st.integers(8, 20).map(lambda count: [("flood", DEFAULT_PEN, False)] * count)


def made(kind: Kind) -> Row:
    text, pen, goes_on = kind
    return Row(text, "" if pen == DEFAULT_PEN else pen * len(text), is_wrapped=goes_on and len(text) == 5)


@given(st.lists(rows, max_size=4), st.sampled_from([3, 100]))
def test_rows_that_come_at_once_are_kept_as_those_that_come_one_by_one(parts: list[list[Kind]], limit: int) -> None:
    at_once, single = scrollback(lines=limit), scrollback(lines=limit)
    for part in parts:
        at_once.push([made(kind) for kind in part])
        for kind in part:
            single.push_row(made(kind))
        assert at_once.lines_total == single.lines_total
    assert [at_once.line(at) for at in range(len(at_once))] == [single.line(at) for at in range(len(single))]
    # Not before somebody looked: what is dropped of a flood counts until all of that is.
    assert at_once.size_bytes == single.size_bytes


@given(st.lists(rows, max_size=3))
def test_rows_are_taken_back_newest_first(parts: list[list[Kind]]) -> None:
    history = scrollback()
    for part in parts:
        history.push([made(kind) for kind in part])
    for kind in reversed([kind for part in parts for kind in part]):
        row, wanted = history.pop(), made(kind)
        assert row is not None
        assert (row.text, row.pens, row.is_wrapped) == (wanted.text, wanted.pens, wanted.is_wrapped)
    assert history.pop() is None
    assert (len(history), history.lines_total, history.size_bytes) == (0, 0, 0)


def test_copies_are_as_many_as_the_limits_allow() -> None:
    history = scrollback(lines=20)
    history.push_copies(Row("copy"), 7)
    assert [history.line(at).text for at in range(len(history))] == ["copy"] * 7
    history.push_copies(Row("other"), 1_000_000_000)
    assert [history.line(at).text for at in range(len(history))] == ["other"] * 20


def test_a_line_set_aside_comes_back_in_rows_of_the_present_width() -> None:
    history = scrollback(columns=8)
    history.push([Row("abcdefgh", is_wrapped=True), Row("ij")])
    history.set_columns(4)
    assert [history.line(at).text for at in range(len(history))] == ["abcd", "efgh", "ij"]
    row = history.pop()
    assert row is not None
    assert row.text == "ij"
    assert [history.line(at)[::2] for at in range(len(history))] == [("abcd", True), ("efgh", True)]
    assert history.goes_on
    before = history.taken_back
    assert history.pop() is not None
    assert history.taken_back > before


def test_rows_of_a_line_that_goes_on_on_the_screen_are_unfinished() -> None:
    history = scrollback()
    history.push([Row("whole"), Row("begun", is_wrapped=True), Row("again", is_wrapped=True)])
    history.seal(spares_unfinished=True)
    assert history.unfinished() == ["begun", "again"]
    assert [line[0] for block in history.blocks() for line in block.lines] == ["whole"]
