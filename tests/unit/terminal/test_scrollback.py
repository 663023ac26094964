"""Bounds of the scrollback and what it costs."""

import tracemalloc

import pytest

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
