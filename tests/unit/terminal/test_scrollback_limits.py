"""What goes from the scrollback when there is too much of it."""

import pytest

from synk.terminal.emulator import Emulator
from synk.terminal.rows import Row
from synk.terminal.scrollback import Scrollback


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
        assert len(emulator.scrollback) == 50
        # What nobody looked at counts as much as it may take.
        assert [emulator.row(y)[0].text for y in range(-50, 0)] == [f"line {number}" for number in range(247, 297)]
    assert flood.scrollback.size_bytes == single.scrollback.size_bytes
    assert flood.scrolled_total == single.scrolled_total == 297


def test_no_lines_at_all_is_a_possible_limit() -> None:
    emulator = Emulator(cols=10, rows=2, reply=lambda _: None, scrollback_lines=0)
    emulator.feed(b"a\r\nb\r\nc\r\nd\r\n" * 10)
    assert len(emulator.scrollback) == 0
    assert emulator.text(0) == "d"


@pytest.mark.parametrize("line", [b"%d\r\n", b"\x1b[31m%d\x1b[m\r\n", b"%d\r\n\x1b[?25h"])
def test_lines_set_aside_go_first(line: bytes) -> None:
    emulator = Emulator(cols=10, rows=1, reply=lambda _: None, scrollback_lines=500)
    history = emulator.scrollback
    for cols, start in ((20, 0), (10, 400)):
        emulator.feed(b"".join([line % number for number in range(start, start + 400)]))
        emulator.resize(cols=cols, rows=1)
    assert history.lines_total == len(history) == 500
    assert [history.line(at).text for at in range(500)] == [str(number) for number in range(300, 800)]
    emulator.feed(b"".join([line % number for number in range(800, 1300)]))
    assert [history.line(at).text for at in (0, -1)] == ["800", "1299"]
    assert not history.sealed


@pytest.mark.parametrize("is_sealed", [False, True])
def test_the_newest_lines_keep_their_pens(is_sealed: bool) -> None:
    history = Scrollback(limit_lines=100, limit_bytes=1 << 20)
    history.set_columns(5)
    history.push([Row("ab", pen * 2) for pen in "\1\2\3\4"])
    if is_sealed:
        history.seal()
    assert [history.line(at).pens for at in range(4)] == ["\1\1", "\2\2", "\3\3", "\4\4"]
    size = history.size_bytes
    assert history.limit_pens({"\7"}, 3) == {"\7", "\3", "\4"}
    assert [history.line(at).pens for at in range(4)] == ["", "", "\3\3", "\4\4"]
    assert history.size_bytes < size


def test_characters_are_in_use_wherever_their_line_is() -> None:
    history = Scrollback(limit_lines=100, limit_bytes=1 << 20)
    history.set_columns(5)
    history.push_row(Row("é"))
    history.seal()
    history.push_row(Row("ž"))
    history.push([Row("ascii")] * 10)
    history.push_row(Row("ß"))
    assert history.characters_in_use() == {"é", "ž", "ß"}
