"""What the scrollback is as a whole: a queue of lines, and what it costs."""

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


@pytest.mark.parametrize("line", [b"plain\r\n", b"\x1b[31mred\x1b[m\r\n", b"longer than a row is\r\n"])
def test_nothing_is_left_of_a_scrollback_that_was_cleared(line: bytes) -> None:
    emulator = Emulator(cols=10, rows=4, reply=lambda _: None)
    history = emulator.scrollback
    for cols in (12, 10):
        emulator.feed(line * 400)
        emulator.resize(cols=cols, rows=4)
        emulator.feed(line * 400)
        assert history.sealed
        assert history.bundles or history.open_rows
        before = history.taken_back
        history.clear()
        assert (len(history), history.lines_total, history.size_bytes) == (0, 0, 0)
        assert (history.sent_bytes, history.sent_bytes_in_blocks) == (0, 0)
        assert history.taken_back > before
