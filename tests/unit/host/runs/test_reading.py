"""Terminal modes seen in output, whatever its chunks."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.host.runs.reading import ScreenModes

OUTPUT = b"text\x1b[?1049h\x1b[?25l\x1b[2Jmore\x1b[?1;2004h\x1b[?1049lend\x1b[?7h"


def modes_after(chunks: list[bytes]) -> tuple[bool, bool, bool]:
    modes = ScreenModes()
    for chunk in chunks:
        modes.feed(chunk)
    return modes.is_alternate, modes.is_bracketed_paste, modes.is_painting


@given(st.lists(st.integers(0, len(OUTPUT)), max_size=8), st.integers(0, len(OUTPUT)))
def test_chunks_make_no_difference(cuts: list[int], end: int) -> None:
    places = sorted({0, end, *(cut for cut in cuts if cut < end)})
    chunks = [OUTPUT[a:b] for a, b in itertools.pairwise(places)]
    assert modes_after(chunks) == modes_after([OUTPUT[:end]])


@pytest.mark.parametrize(
    ("output", "modes"),
    [
        (b"\x1b[?1049h", (True, False, False)),
        (b"\x1b[?47h\x1b[?47l", (False, False, False)),
        (b"\x1b[?2004h$ ", (False, True, False)),
        (b"\x1b[?1h\x1b=", (False, False, True)),
        (b"\x1b[1049h \x1b[?10490h", (False, False, False)),
    ],
)
def test_modes_are_those_switched_last(output: bytes, modes: tuple[bool, bool, bool]) -> None:
    assert modes_after([output]) == modes
