"""Bounds of the scrollback and what it costs."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.terminal.bundles import Bundle
from synk.terminal.emulator import Emulator
from synk.terminal.rows import Row
from synk.terminal.scrollback import Scrollback


def scrollback(*, lines: int = 100, size: int = 1 << 20) -> Scrollback:
    history = Scrollback(limit_lines=lines, limit_bytes=size)
    history.set_columns(5)
    return history


def test_the_oldest_lines_go_first() -> None:
    history = scrollback(lines=3)
    history.push(Row(str(number)) for number in range(5))
    assert [history.line(index).text for index in range(len(history))] == ["2", "3", "4"]
    assert history.line(-1).text == "4"
    with pytest.raises(IndexError):
        history.line(3)


def test_a_line_comes_back_as_it_went() -> None:
    history = scrollback()
    history.push([Row("hello", "\0\0\1\1\2", is_wrapped=True)])
    assert history.line(0) == ("hello", "\0\0\1\1\2", True, ())
    row = history.pop()
    assert row is not None
    assert (row.text, row.pens, row.is_wrapped) == ("hello", "\0\0\1\1\2", True)
    assert history.pop() is None
    assert history.size_bytes == 0


def test_bytes_are_bounded_however_long_a_line_is() -> None:
    emulator = Emulator(cols=4000, rows=2, reply=lambda _: None, scrollback_lines=10_000, scrollback_bytes=100_000)
    emulator.feed(b"x" * 3_000_000)
    assert 0 < len(emulator.scrollback) <= 25
    assert emulator.scrollback.size_bytes <= 100_000


def test_one_line_of_300_mb_keeps_its_end_and_no_more_than_its_bytes() -> None:
    emulator = Emulator(cols=120, rows=40, reply=lambda _: None)
    piece = b"0123456789abcdef" * (1 << 16)
    for _ in range(300):
        emulator.feed(piece)
    emulator.feed(b"the end")
    assert emulator.scrollback.size_bytes <= 8 << 20
    assert [emulator.text(y)[-7:] for y in (-1, 38, 39)] == ["1234567", "9abcdef", "the end"]


@pytest.mark.parametrize("style", ["", "\x1b[32m"])
def test_a_flood_counts_as_it_does_line_by_line(style: str) -> None:
    flood = Emulator(cols=20, rows=4, reply=lambda _: None, scrollback_lines=50)
    single = Emulator(cols=20, rows=4, reply=lambda _: None, scrollback_lines=50)
    stream = style.encode() + b"".join(b"line %d\r\n" % number for number in range(300))
    flood.feed(stream)
    for byte in stream:
        single.feed(bytes([byte]))
    for emulator in (flood, single):
        # What nobody looked at counts as much as it may take.
        assert [emulator.row(y)[0].text for y in range(-50, 0)] == [f"line {number}" for number in range(247, 297)]
    assert flood.scrollback.size_bytes == single.scrollback.size_bytes
    assert flood.scrolled_total == single.scrolled_total == 297


def test_five_thousand_lines_take_less_than_two_megabytes() -> None:
    emulator = Emulator(cols=120, rows=40, reply=lambda _: None)
    stream = b"".join(b"%0115d\x1b[32mgreen\x1b[0m\r\n" % number for number in range(5040))
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        emulator.feed(stream)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(emulator.scrollback) == 5000
    assert after - before < 2_000_000


def test_no_lines_at_all_is_a_possible_limit() -> None:
    emulator = Emulator(cols=10, rows=2, reply=lambda _: None, scrollback_lines=0)
    emulator.feed(b"a\r\nb\r\nc\r\nd\r\n" * 10)
    assert len(emulator.scrollback) == 0
    assert emulator.text(0) == "d"


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


def test_a_flood_is_not_taken_apart_by_a_snapshot() -> None:
    emulator = Emulator(cols=80, rows=24, reply=lambda _: None)
    emulator.feed(b"".join(b"line %d\r\n" % number for number in range(4000)))
    emulator.feed(b"".join(b"\x1b[3%dmline\x1b[0m %d\r\n" % (number % 8, number) for number in range(4000, 8000)))
    emulator.snapshot()
    history = emulator.scrollback
    bundles = history._bundles
    assert [bundle.count for bundle in bundles][-1] <= 25
    assert sum(bundle.count for bundle in bundles) == len(history) == 5000
    assert [emulator.text(y) for y in (-5000, -1)] == ["line 2977", "line 7976"]


@pytest.mark.parametrize("line", [b"a\r\n", b"\x1b[31ma\x1b[m\r\n"])
def test_a_flood_on_a_screen_of_one_line_can_be_laid_out_anew(line: bytes) -> None:
    emulator = Emulator(cols=20, rows=1, reply=lambda _: None)
    for _ in range(3):
        emulator.feed(line * 50)
    emulator.resize(cols=30, rows=1)
    assert {emulator.text(y) for y in range(-150, 0)} == {"a"}
