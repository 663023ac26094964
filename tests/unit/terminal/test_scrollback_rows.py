"""Rows of the scrollback, for those who look at them."""

import pytest

from synk.terminal.emulator import Emulator
from synk.terminal.rows import Row
from synk.terminal.scrollback import Scrollback


def scrollback(*, columns: int = 5, lines: int = 100) -> Scrollback:
    history = Scrollback(limit_lines=lines, limit_bytes=1 << 20)
    history.set_columns(columns)
    return history


def test_a_flood_is_not_taken_apart_by_a_snapshot() -> None:
    emulator = Emulator(cols=80, rows=24, reply=lambda _: None)
    emulator.feed(b"".join(b"line %d\r\n" % number for number in range(4000)))
    emulator.feed(b"".join(b"\x1b[3%dmline\x1b[0m %d\r\n" % (number % 8, number) for number in range(4000, 8000)))
    emulator.snapshot()
    history = emulator.scrollback
    bundles = history.bundles
    assert [bundle.count for bundle in bundles][-1] <= 25
    assert sum(bundle.count for bundle in bundles) == len(history) == 5000
    assert [emulator.text(y) for y in (-5000, -1)] == ["line 2977", "line 7976"]


def test_rows_count_from_the_oldest_or_back_from_the_newest() -> None:
    history = scrollback(columns=8)
    history.push([Row("one two", is_wrapped=True), Row("three")])
    history.set_columns(5)
    history.push([Row("four")] * 9)
    texts = [history.line(at).text for at in range(len(history))]
    assert [history.line(at).text for at in range(-len(history), 0)] == texts
    assert "".join(texts[:-9]) == "one twothree"
    assert texts[-9:] == ["four"] * 9
    for at in (len(history), -len(history) - 1):
        with pytest.raises(IndexError):
            history.line(at)


@pytest.mark.parametrize("line", [b"%d\r\n", b"\x1b[31m%d\x1b[m\r\n", b"%d\r\n\x1b[?25h"])
@pytest.mark.parametrize("new_width", [False, True])
def test_the_newest_lines_are_those_at_the_end(line: bytes, new_width: bool) -> None:
    emulator = Emulator(cols=20, rows=1, reply=lambda _: None)
    emulator.feed(b"".join([line % number for number in range(50)]))
    if new_width:
        emulator.resize(cols=30, rows=1)
    emulator.feed(b"".join([line % number for number in range(50, 60)]))
    for count, limit_rows in ((0, 100), (3, 100), (3, 2), (40, 100), (70, 100)):
        taken = [text for text, *_ in emulator.scrollback.newest(count, limit_rows=limit_rows)]
        length = min(count, limit_rows, 60)
        assert taken == [str(number) for number in range(60 - length, 60)]
    assert len(emulator.scrollback) == 60


def test_rows_of_one_line_count_as_one() -> None:
    history = scrollback()
    history.push([Row("old"), Row("abcde", is_wrapped=True), Row("fg"), Row("new")])
    assert [text for text, *_ in history.newest(2, limit_rows=100)] == ["abcde", "fg", "new"]
    assert [text for text, *_ in history.newest(2, limit_rows=2)] == ["fg", "new"]


@pytest.mark.parametrize("new_width", [False, True])
def test_rows_with_marks_are_found_in_both_directions(new_width: bool) -> None:
    emulator = Emulator(cols=20, rows=1, reply=lambda _: None)
    commands = b"".join([b"\x1b]133;A\x07$ \x1b]133;B\x07ls\r\n" + b"a long file name\r\n" * 4 for _ in range(3)])
    emulator.feed(commands)
    if new_width:
        emulator.resize(cols=10, rows=1)
    emulator.feed(commands)
    history = emulator.scrollback
    prompts = [at for at in range(len(history)) if history.line(at).text.startswith("$ ls")]
    assert len(prompts) == 6
    assert [at for at, _ in history.marked(0, len(history))] == prompts
    assert [at for at, _ in history.marked(0, len(history), is_backwards=True)] == prompts[::-1]
    assert [at for at, _ in history.marked(prompts[1], prompts[4])] == prompts[1:4]
    assert all(history.line(at).marks == marks for at, marks in history.marked(0, len(history)))
