"""Marks in a shell's output are found whatever the chunks, and nothing else is taken for one."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from synk.host.shells.marks import Mark, Splitter, modes_in

TOKEN = "0123456789abcdef"
OUTPUT = (
    b"prompt$ \x1b]7770;0123456789abcdef;C;12\x07out\x1b[31m put\r\n\x1b]7770;fedcba9876543210;D;12\x07"
    b"\x1b]7770;0123456789abcdef;D;12\x07\x1b[?2004h\x1b]7770;0123456789abcdef;P;\x07$ \x1b]7770;01\x1b"
)


def split(chunks: list[bytes]) -> tuple[list[bytes | Mark], bytes]:
    splitter = Splitter(TOKEN)
    found: list[bytes | Mark] = []
    for chunk in chunks:
        for part in splitter.feed(chunk):
            if isinstance(part, bytes) and found and isinstance(found[-1], bytes):
                found[-1] += part
            else:
                found.append(part)
    return found, splitter.rest()


def test_text_and_marks_come_in_order() -> None:
    found, rest = split([OUTPUT])
    assert found == [
        b"prompt$ ", Mark("C", "12"), b"out\x1b[31m put\r\n\x1b]7770;fedcba9876543210;D;12\x07", Mark("D", "12"),
        b"\x1b[?2004h", Mark("P", ""), b"$ \x1b]7770;01",
    ]  # fmt: skip
    assert rest == b"\x1b"


@given(st.lists(st.integers(0, len(OUTPUT)), max_size=10))
def test_chunks_make_no_difference(cuts: list[int]) -> None:
    places = sorted({0, len(OUTPUT), *cuts})
    assert split([OUTPUT[a:b] for a, b in itertools.pairwise(places)]) == split([OUTPUT])


def test_only_modes_are_left_of_what_is_not_shown() -> None:
    assert modes_in(b" : ; typed line\r\n\x1b[?2004l\r\x1b[31m\x1b[?25h") == b"\x1b[?2004l\x1b[?25h"
