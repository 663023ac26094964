"""Searching screen and scrollback."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator
from synk.terminal.matching import Matcher, PatternInvalid
from synk.terminal.search import Hit, Search


def terminal(text: str, *, cols: int = 20, rows: int = 4, lines: int = 1000) -> Emulator:
    emulator = Emulator(cols=cols, rows=rows, reply=lambda _: None, scrollback_lines=lines, scrollback_bytes=1 << 30)
    emulator.feed(text.encode())
    return emulator


def searched(emulator: Emulator, pattern: str, *, is_regex: bool = False) -> Search:
    search = emulator.search(pattern, is_regex=is_regex)
    assert search.refresh()
    return search


def texts_of(emulator: Emulator, hits: list[Hit]) -> list[str]:
    """What is in the cells of the hits."""
    found = []
    for hit in hits:
        text = ""
        for line in range(hit.line, hit.end_line + 1):
            left, right = hit.columns_in(line, emulator.cols) or (0, 0)
            text += "".join(emulator.cells(line - emulator.scrolled_total)[left:right])
        found.append(text)
    return found


def every_hit(emulator: Emulator, search: Search) -> list[Hit]:
    top = emulator.scrolled_total
    return search.hits(top + emulator.first_row(), top + emulator.rows)


def test_all_hits_of_screen_and_scrollback_are_found() -> None:
    emulator = terminal("".join(f"number {number}\r\n" for number in range(100)))
    search = searched(emulator, "7")
    assert len(search) == 20
    assert [hit.line for hit in every_hit(emulator, search)][:3] == [7, 17, 27]
    assert texts_of(emulator, every_hit(emulator, search)) == ["7"] * 20


def test_case_matters_only_with_a_capital_letter() -> None:
    emulator = terminal("Error error ERROR")
    assert len(searched(emulator, "error")) == 3
    assert len(searched(emulator, "Error")) == 1
    assert len(searched(emulator, r"e\Srror", is_regex=True)) == 0
    assert len(searched(emulator, r"\Srror", is_regex=True)) == 3
    assert len(searched(emulator, "E.*", is_regex=True)) == 1


def test_a_bad_regular_expression_says_where() -> None:
    with pytest.raises(PatternInvalid, match=r"unterminated character set, at character 2"):
        terminal("").search("a[", is_regex=True)
    assert len(searched(terminal("a[b"), "a[")) == 1


@pytest.mark.parametrize("pattern", ["", "x*", "$", "(?=a)"])
def test_nothing_is_no_hit(pattern: str) -> None:
    search = searched(terminal("abc"), pattern, is_regex=True)
    assert len(search) == 0
    assert search.next() is None


def test_a_hit_over_the_end_of_a_row_is_found() -> None:
    emulator = terminal("0123456789needle\r\n" * 5, cols=12, rows=4)
    search = searched(emulator, "needle")
    assert len(search) == 5
    hits = every_hit(emulator, search)
    assert texts_of(emulator, hits) == ["needle"] * 5
    assert hits[0] == Hit(0, 10, 1, 4)


def test_a_hit_half_in_the_scrollback_is_found() -> None:
    emulator = terminal("0123456789needle\r\n\r\n", cols=12, rows=3)
    assert emulator.text(0) == "edle"
    search = searched(emulator, "needle")
    assert texts_of(emulator, every_hit(emulator, search)) == ["needle"]


def test_columns_count_cells_not_characters() -> None:
    emulator = terminal("你好 e\u0301a 你\r\n")
    search = searched(emulator, "a 你")
    assert [(hit.col, hit.end_col) for hit in every_hit(emulator, search)] == [(6, 10)]
    assert [(hit.col, hit.end_col) for hit in every_hit(emulator, searched(emulator, "e\u0301"))] == [(5, 6)]
    assert [(hit.col, hit.end_col) for hit in every_hit(emulator, searched(emulator, "好"))] == [(2, 4)]


def test_hits_survive_output_and_new_ones_come() -> None:
    emulator = terminal("needle one\r\n")
    search = searched(emulator, "needle")
    before = every_hit(emulator, search)
    emulator.feed(b"hay\r\n" * 50 + b"needle two\r\n")
    search.refresh()
    assert every_hit(emulator, search)[0] == before[0]
    assert len(search) == 2


def test_hits_go_with_the_lines_that_are_dropped() -> None:
    emulator = terminal("needle\r\n" * 30, rows=2, lines=10)
    search = searched(emulator, "needle")
    assert len(search) == 11
    emulator.feed(b"hay\r\n" * 6)
    search.refresh()
    assert len(search) == 5
    emulator.feed(b"hay\r\n" * 600)
    search.refresh()
    assert len(search) == 0


def test_hits_move_with_lines_that_are_laid_out_anew() -> None:
    emulator = terminal("0123456789needle\r\n" * 40, cols=30, rows=4)
    search = searched(emulator, "needle")
    for cols in (12, 5, 80):
        emulator.resize(cols=cols, rows=4)
        search.refresh()
        assert texts_of(emulator, every_hit(emulator, search)) == ["needle"] * 40


def test_next_and_previous_go_around() -> None:
    emulator = terminal("a1 a2\r\nb\r\na3\r\nb\r\nb\r\nb\r\na4 a5")
    search = searched(emulator, "a")
    forward = []
    for _ in range(6):
        assert search.next() == search.current
        forward.append(search.current)
    assert [(hit.line, hit.col) for hit in forward if hit] == [(0, 0), (0, 3), (2, 0), (6, 0), (6, 3), (0, 0)]
    backward = [search.previous() for _ in range(5)]
    assert [(hit.line, hit.col) for hit in backward if hit] == [(6, 3), (6, 0), (2, 0), (0, 3), (0, 0)]
    assert search.ordinal == 1


def test_the_first_step_back_is_the_newest_hit_above_a_place() -> None:
    emulator = terminal("".join(f"line {number}\r\n" for number in range(20)))
    search = searched(emulator, "line")
    search.go_from(10, 0)
    hit = search.previous()
    assert hit is not None
    assert hit.line == 9
    assert search.ordinal == 10


def test_the_current_hit_stays_while_output_and_sizes_change() -> None:
    emulator = terminal("0123456789needle\r\n" * 20, cols=30)
    search = searched(emulator, "needle")
    search.next()
    search.next()
    emulator.feed(b"more\r\n" * 5)
    emulator.resize(cols=12, rows=6)
    search.refresh()
    assert search.current is not None
    assert texts_of(emulator, [search.current]) == ["needle"]
    assert search.ordinal == 2


def test_on_the_alternate_screen_only_that_is_searched() -> None:
    emulator = terminal("needle\r\n" * 10 + "\x1b[?1049hneedle")
    assert len(searched(emulator, "needle")) == 1


def test_an_endless_regular_expression_is_stopped_and_what_was_found_stays() -> None:
    emulator = terminal("aaa\r\n" * 20 + "a" * 60 + "b\r\n" + "aaa\r\n" * 600, cols=80)
    search = emulator.search("(a+)+$", is_regex=True)
    assert search.refresh()
    assert search.is_too_slow
    assert len(search) >= 3
    before = len(search)
    emulator.feed(b"aaa\r\n")
    assert search.refresh()
    assert len(search) <= before
    assert search.hits(0, emulator.scrolled_total + 4) == []


def test_a_regular_expression_of_many_steps_is_stopped_on_the_screen_too() -> None:
    emulator = terminal("\r\n".join("a" * 79 for _ in range(50)), cols=80, rows=50)
    search = emulator.search(".*.*.*.*.*=", is_regex=True)
    assert search.refresh()
    assert search.is_too_slow


def test_a_budget_ends_a_search_that_goes_on_later() -> None:
    emulator = terminal("needle\r\n" * 900, lines=1000)
    search = emulator.search("needle")
    assert not search.refresh(budget_s=0)
    while not search.refresh(budget_s=0.0001):
        pass
    assert len(search) == 900


@given(
    st.lists(st.text("aB你é \U0001f469", max_size=12), max_size=12), st.text("aB你é", min_size=1, max_size=3), st.integers(2, 20)
)
@settings(max_examples=200, deadline=None)
def test_hits_are_what_python_finds_in_the_lines(lines: list[str], pattern: str, cols: int) -> None:
    emulator = terminal("\r\n".join(lines), cols=30)
    emulator.resize(cols=cols, rows=4)
    search = searched(emulator, pattern)
    ignores_case = pattern == pattern.lower()
    folded = [line.lower() if ignores_case else line for line in lines]
    hidden = sum(len(row.hidden[0]) for row in emulator.screen.grid.rows)
    if not hidden:
        assert len(search) == sum(line.count(pattern) for line in folded)
    for text in texts_of(emulator, every_hit(emulator, search)):
        assert (text.lower() if ignores_case else text) == pattern


def test_a_letter_with_a_long_lower_case_moves_nothing() -> None:
    matcher = Matcher("x", is_regex=False, expand=str)
    assert matcher.spans("\u0130x") == [(1, 2)]
