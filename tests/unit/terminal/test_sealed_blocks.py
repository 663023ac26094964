"""Rows set aside in blocks, and laid out anew."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.terminal.bundles import Bundle
from synk.terminal.emulator import Emulator
from synk.terminal.rows import Row
from synk.terminal.scrollback import Scrollback

_FLOODS = {
    "plain": b"a plain line %d\r\n",
    "colored": b"\x1b[3%dmcolor\x1b[0m and text\r\n",
    "wide": b"longer than any of the screens are wide, so that it wraps %d\r\n",
    "wide and colored": b"a\x1b[32mlonger one than the screens are wide\x1b[m, colored: \x1b[1mbold\x1b[m %d\r\n",
    "background": b"\x1b[44m\x1b[K on blue %d\x1b[0m\r\n",
}
STEPS = st.one_of(
    st.tuples(st.sampled_from(sorted(_FLOODS)), st.integers(1, 60)),
    st.tuples(st.just("resize"), st.sampled_from([12, 20, 30, 47])),
    st.tuples(st.just("taller"), st.sampled_from([3, 4, 9])),
    st.tuples(st.just("snapshot"), st.just(0)),
)


@given(st.lists(STEPS, max_size=14), st.sampled_from([0, 10_000, 1 << 20]))
def test_a_flood_set_aside_by_a_resize_is_the_same_as_one_that_was_looked_at(
    steps: list[tuple[str, int]], size: int
) -> None:
    late, looked_at = (
        Emulator(cols=30, rows=4, reply=lambda _: None, scrollback_lines=90, scrollback_bytes=size) for _ in range(2)
    )
    for kind, number in steps:
        for emulator in (late, looked_at):
            if kind == "resize":
                emulator.resize(cols=number, rows=emulator.rows)
            elif kind == "taller":
                emulator.resize(cols=emulator.cols, rows=number)
            elif kind == "snapshot":
                emulator.snapshot()
            else:
                line = _FLOODS[kind]
                emulator.feed(b"".join([line % (at % 8) for at in range(number)]))
        for y in range(-len(looked_at.scrollback), 0):
            looked_at.row(y)
    kept = range(-len(looked_at.scrollback), looked_at.rows)
    assert len(late.scrollback) == len(looked_at.scrollback)
    assert [late.row(y) for y in kept] == [looked_at.row(y) for y in kept]
    assert late.scrollback.lines_total == looked_at.scrollback.lines_total
    assert late.scrolled_total == looked_at.scrolled_total
    # All is worked out now, and what was counted as it went has to agree.
    assert late.scrollback.size_bytes == looked_at.scrollback.size_bytes


def test_a_flood_is_not_taken_apart_by_a_resize(monkeypatch: pytest.MonkeyPatch) -> None:
    emulator = Emulator(cols=80, rows=24, reply=lambda _: None)
    emulator.feed(b"".join(b"\x1b[3%dmline\x1b[0m %d\r\n" % (number % 8, number) for number in range(4000)))
    taken_apart: list[Bundle] = []
    lines_of = Bundle.lines
    monkeypatch.setattr(Bundle, "lines", lambda self: (taken_apart.append(self), lines_of(self))[1])
    for cols in (60, 100, 80):
        emulator.resize(cols=cols, rows=24)
    emulator.feed(b"".join(b"line %d\r\n" % number for number in range(4000, 6000)))
    emulator.resize(cols=70, rows=24)
    assert taken_apart == []
    assert [emulator.text(y) for y in (-5000, -1)] == ["line 977", "line 5976"]


@pytest.mark.parametrize("line", [b"a\r\n", b"\x1b[31ma\x1b[m\r\n"])
def test_a_flood_on_a_screen_of_one_line_can_be_laid_out_anew(line: bytes) -> None:
    emulator = Emulator(cols=20, rows=1, reply=lambda _: None)
    for _ in range(3):
        emulator.feed(line * 50)
    emulator.resize(cols=30, rows=1)
    assert {emulator.text(y) for y in range(-150, 0)} == {"a"}


def test_a_line_set_aside_in_two_parts_is_one_line() -> None:
    history = Scrollback(limit_lines=100, limit_bytes=1 << 20)
    history.set_columns(5)
    history.push_row(Row("abcde", is_wrapped=True))
    history.seal()
    before = history.taken_back
    history.push([Row("fghij", is_wrapped=True), Row("k")])
    history.seal()
    assert [line[0] for block in history.blocks() for line in block.lines] == ["abcdefghijk"]
    # The line that a search may have seen there is another one now.
    assert history.taken_back > before
    history.set_columns(20)
    assert [history.line(at).text for at in range(len(history))] == ["abcdefghijk"]


def test_blocks_count_up_and_the_number_of_one_taken_back_is_given_again() -> None:
    history = Scrollback(limit_lines=10_000, limit_bytes=1 << 24)
    history.set_columns(5)
    for _ in range(3):
        history.push([Row(str(number)) for number in range(300)])
        history.seal()
    assert [history.line(at).text for at in range(900)] == 3 * [str(number) for number in range(300)]
    numbers = [block.number for block in history.blocks()]
    assert numbers == list(range(len(numbers)))
    while len(history) > 300:
        history.pop_line()
    assert [block.number for block in history.blocks()] == numbers[: len(history.sealed)]
    history.push([Row(str(number)) for number in range(600)])
    history.seal()
    assert [block.number for block in history.blocks()] == list(range(len(history.sealed)))


def test_rows_of_few_blocks_are_kept_laid_out() -> None:
    emulator = Emulator(cols=40, rows=4, reply=lambda _: None, scrollback_lines=20_000)
    emulator.feed(b"".join([b"line %d, longer than the narrow screen\r\n" % number for number in range(15_000)]))
    emulator.resize(cols=20, rows=4)
    history = emulator.scrollback
    for index in range(0, len(history), 100):
        history.line(index)
    assert len(history.sealed) > 2 * len(history.laid_out) > 0
    assert len(history.laid_out) <= 24
