"""The history of the command bar: the walk, what was being typed, and the limit."""

from hypothesis import given
from hypothesis import strategies as st

from synk.commands.history import MOST_LINES, LineHistory


def test_up_walks_to_the_oldest_and_down_back_to_what_was_typed() -> None:
    history = LineHistory(["/one", "/two"])
    assert [history.older("/thr"), history.older(""), history.older("")] == ["/two", "/one", None]
    assert [history.newer(), history.newer(), history.newer()] == ["/two", "/thr", None]


def test_without_lines_there_is_no_walk() -> None:
    history = LineHistory()
    assert (history.older("/x"), history.newer(), history.is_walking) == (None, None, False)


def test_a_line_that_was_run_again_is_the_newest_and_there_once() -> None:
    history = LineHistory(["/one", "/two", "/one"])
    assert history.lines == ["/two", "/one"]


def test_an_empty_line_is_not_kept() -> None:
    assert LineHistory(["/", "", "  "]).lines == []


def test_lines_read_later_come_before_those_of_this_run() -> None:
    history = LineHistory(["/now", "/both"])
    history.put_before(["/both", "/old"])
    assert history.lines == ["/old", "/now", "/both"]


def test_a_changed_line_begins_the_walk_anew() -> None:
    history = LineHistory(["/one", "/two"])
    history.older("")
    history.older("")
    history.leave()
    assert history.older("/one x") == "/two"
    assert history.newer() == "/one x"


@given(st.lists(st.text(), max_size=MOST_LINES + 20), st.text())
def test_the_whole_way_up_and_down_meets_every_line_once(lines: list[str], typed: str) -> None:
    history = LineHistory(lines)
    up = list(iter(lambda: history.older(typed), None))
    assert up == history.lines[::-1]
    assert len(up) <= MOST_LINES
    down = list(iter(history.newer, None))
    assert down == ([*up[-2::-1], typed] if up else [])
