"""The streams of the benchmarks (tests/bench/streams.py): they fit the screen they are made for and leave it usable."""

import gzip

import pytest

from synk.terminal.emulator import Emulator
from tests.bench.streams import RECORDINGS, STREAMS, Screen

SIZE = 100_000
SMALL, LARGE = Screen(cols=80, rows=24), Screen(cols=120, rows=40)
POSITIONED = (
    "medium cells", "sync medium cells", "true color", "full screens", "short redraws", "cursor motion", "scattered words",
)  # fmt: skip
RECORDED = ("vim", "htop")


def play(stream: bytes, *, cols: int, rows: int) -> Emulator:
    emulator = Emulator(cols=cols, rows=rows, reply=lambda _data: None)
    emulator.feed(stream)
    return emulator


@pytest.mark.parametrize("on", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", POSITIONED)
def test_screens_that_are_drawn_by_positions_fill_their_screen_and_no_more(name: str, on: Screen) -> None:
    emulator = play(STREAMS[name](SIZE, on), cols=on.cols + 30, rows=on.rows + 10)
    lines = [emulator.text(y).rstrip() for y in range(on.rows + 10)]
    assert max(map(len, lines)) <= on.cols
    assert max(y for y, line in enumerate(lines) if line) in (on.rows - 1, on.rows - 2)


@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.parametrize("on", [SMALL, LARGE], ids=["80x24", "120x40"])
def test_recorded_programs_draw_to_the_last_row_of_their_screen_and_no_further(name: str, on: Screen) -> None:
    data = gzip.decompress((RECORDINGS / f"{name}-{on.cols}x{on.rows}.gz").read_bytes())
    emulator = play(data[: len(data) // 2], cols=on.cols, rows=on.rows + 10)
    lines = [emulator.text(y).rstrip() for y in range(on.rows + 10)]
    assert max(y for y, line in enumerate(lines) if line) in (on.rows - 1, on.rows - 2)


@pytest.mark.parametrize("name", ["vim", "htop", "less"])
def test_recordings_leave_the_screen_as_they_found_it(name: str) -> None:
    data = gzip.decompress((RECORDINGS / f"{name}-80x24.gz").read_bytes())
    emulator = play(b"before\r\n" + data, cols=80, rows=24)
    found = [emulator.text(y).rstrip() for y in range(24)]
    assert found == ["before", *[""] * 23]
    assert not emulator.modes.alternate_screen
    assert emulator.cursor.is_visible
    fresh = play(b"", cols=80, rows=24)
    assert emulator.modes == fresh.modes


def test_every_stream_but_tmux_and_ink_is_there_for_a_small_screen() -> None:
    names = STREAMS.keys() - {"tmux", "ink"}
    assert min(len(STREAMS[name](SIZE, SMALL)) for name in names) >= SIZE
