"""What is kept as it was sent looks, whenever it is looked at, as what was worked out at once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator

SGRS = [
    "", "0", "1", "0;1", "31", "01;34", "42", "7", "39", "49", "38;5;200", "48;5;45", "38;2;4;45;48", "38;2;1;2;3;48;2;4;5;6",
    "38;5;1;48;5;2;1;3;4", "38;5;300", "48;5;300;1", "38;2;1;2", "48:2::1:2:3", "4:3", "58;5;9", "107", "100", "0;41", "999",
    ";", "22", "1;;32",
]  # fmt: skip
texts = st.sampled_from(["", "", "a", "b", "cd", "e" * 7, "f" * 19, "g" * 20, "h" * 45, "i  ", "é", "画", "a画b", "e\u0301"])
sgrs = st.sampled_from([f"\x1b[{sgr}m" for sgr in SGRS] + ["\x1b(B\x1b[m", "\x1b(B"])
runs = st.lists(st.tuples(sgrs, texts).map("".join), min_size=1, max_size=7).map("".join)
# Pictures: one shape again and again.
pictures = st.lists(st.integers(0, 300), min_size=2, max_size=60).map(
    lambda colors: "".join([f"\x1b[38;5;{color};48;5;{(color * 7) % 320}m#" for color in colors])
)
true_color = st.lists(st.integers(0, 255), min_size=2, max_size=60).map(
    lambda colors: "".join([f"\x1b[38;2;{color};{255 - color};{color // 2}m=" for color in colors])
)
places = st.builds(lambda y, x: f"\x1b[{y};{x}H", st.integers(1, 7), st.sampled_from([1, 1, 1, 2, 9, 19, 20]))
rests = st.sampled_from(
    ["", "", "\x1b[K", "\x1b[1K", "\x1b[2K", "\r\n", "\r\n", "\r\n\r\n", "\r", "\n", "\x1b[3X", "\x1b[2P", "\t"]
)
lines = st.lists(st.tuples(runs | texts, st.sampled_from(["", "\x1b[0m", "\x1b[m"])).map("".join), min_size=2, max_size=12).map(
    lambda parts: "".join([part + "\r\n" for part in parts])
)
rare = st.sampled_from(
    ["\x1b[2J", "\x1b[J", "\x1b[H", "\x1bM", "\x1b[L", "\x1b[M", "\x1b[S", "\x1b[T", "\x1b[2;4r", "\x1b[r", "\x1b[?1049h",
     "\x1b[?1049l", "\x1b(0", "\x1b(B", "\x0e", "\x0f", "\x1b[?7l", "\x1b[?7h", "\x1b[4h", "\x1b[4l", "\x1b[3b", "\x1b[?2027h",
     "\x1b[?6h", "\x1b[?6l", "\x1b[1;1;3;9$z", "\x1b[1;1;2;5;1;3;3;1$v", "\x1b[1;1;3;9;1$r", '\x1b[1"q', "\x1b[?J",
     "\x1b]8;;http://x\x1b\\", "\x1b]8;;\x1b\\", "\x1b]133;A\a", "\x1b#8", "\x1b[?69h\x1b[3;9s", "\x1b[?69l", "\x1bc"]
)  # fmt: skip
redraws = st.lists(st.tuples(places, runs | texts, rests).map("".join), min_size=1, max_size=5).map("".join)
# A screen drawn again: what `Redraws` takes in one piece, and what it must leave to others.
parts = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "\x1b[K",
                "\x1b[0m\x1b[K",
                "\x1b[42m\x1b[K",
                "\x1b[m\x1b(B",
                "\x1b[32mname\x1b[39m",
                "\x1b[7m画\x1b[m",
                "\x1b[K\x1b[m",
            ]
        ),
        sgrs,
        texts,
    ),
    max_size=6,
).map("".join)
positions = st.one_of(
    st.sampled_from(["\x1b[H", "\x1b[3H", "\x1b[;5H", "\x1b[2;H", "\x1b[0;0H", "\x1b[99;99H", "\r\n", "\r\n", "\r\n"]),
    places,
    places,
    places,
)
frames = st.lists(st.tuples(positions, parts).map("".join), min_size=2, max_size=14).flatmap(
    lambda frame: st.sampled_from([1, 1, 2, 3]).map(lambda count: "".join(frame) * count)
)
short = st.sampled_from(["a", "b", "H", "cH", "Hd", "eHf", "word", "two words"])
scattered = st.lists(
    st.builds(lambda y, x, text: f"\x1b[{y};{x}H{text}", st.integers(0, 8), st.integers(0, 22) | st.just(70000), short),
    min_size=5,
    max_size=90,
).map("".join)
plain = st.lists(st.sampled_from(["", "y", "123", "p" * 8, "q" * 19, "r" * 20, "s" * 21]), min_size=8, max_size=40).map(
    lambda parts: "".join([part + "\r\n" for part in parts])
)
long_text = st.builds(
    lambda sgr, char, count, rest: sgr + char * count + rest,
    st.sampled_from(["", "", "\x1b[31m", "\x1b[42m"]),
    st.sampled_from(["a", "画", "é", "a画", "e\u0301"]),
    st.integers(1, 300),
    texts,
)
feeds = st.integers(1, 40).map(lambda count: "\n" * count)
floods = st.one_of(long_text, scattered, plain, plain, feeds)
pieces = st.one_of(floods, floods, floods, redraws, frames, frames, frames, runs, lines, lines, pictures, true_color, rests, rare)
SIZES = [(20, 6), (20, 6), (9, 3), (2, 2), (1, 1)]


FILLED = "\r\n".join(["画x" * 6, "\x1b[41m" + "y" * 20, "\x1b[m\x1b]133;A\a$ z", "e\u0301tat", "w" * 45])
"""Something of each kind to be drawn over: wide, with a background, marked, joined, wrapped."""


def everything(emulator: Emulator) -> dict[str, Any]:
    """All that is shown, and the snapshot."""
    rows = range(emulator.first_row(), emulator.rows)
    return {
        "runs": [emulator.row(y) for y in rows],
        "text": [emulator.text(y) for y in rows],
        "wrapped": [emulator.is_wrapped(y) for y in rows],
        "cursor": emulator.cursor,
        "scrolled": emulator.scrolled_total,
        "snapshot": emulator.snapshot(),
    }


def terminal(size: tuple[int, int]) -> Emulator:
    return Emulator(cols=size[0], rows=size[1], reply=lambda _: None, scrollback_lines=30)


@given(st.sampled_from(SIZES), st.lists(pieces, max_size=12))
@settings(max_examples=100, deadline=None)
def test_what_comes_in_one_piece_is_the_same_as_byte_by_byte(size: tuple[int, int], stream: list[str]) -> None:
    fast, slow = terminal(size), terminal(size)
    data = "".join(stream).encode()
    fast.feed(data)
    for position in range(len(data)):
        slow.feed(data[position : position + 1])
    assert everything(fast) == everything(slow)


@given(
    st.sampled_from(SIZES),
    st.sampled_from(
        [
            "",
            '\x1b[1"q',
            "\x1b[?6h\x1b[2;4r",
            "\x1b[2;4r",
            "\x1b(0",
            "\x1b[?7l",
            "\x1b[4h",
            "\x1b[?69h\x1b[3;9s",
            "\x1b[?2027h",
            "\x1b[44m",
        ]
    ),
    st.lists(frames, min_size=1, max_size=4),
    st.sampled_from(["", "\x1b[3b", "more", "\x1b[K", "\r\n\x1b[4b"]),
    st.integers(1, 30),
)
@settings(max_examples=100, deadline=None)
def test_a_screen_drawn_again_is_the_same_in_any_pieces(
    size: tuple[int, int], before: str, stream: list[str], rest: str, bite: int
) -> None:
    data = (FILLED + before + "".join(stream) + rest).encode()
    whole, pieces_of_it, slow = terminal(size), terminal(size), terminal(size)
    whole.feed(data)
    for at in range(0, len(data), bite):
        pieces_of_it.feed(data[at : at + bite])
    for at in range(len(data)):
        slow.feed(data[at : at + 1])
    assert everything(whole) == everything(slow)
    assert everything(pieces_of_it) == everything(slow)


def test_lines_drawn_whole_keep_the_pens_they_began_with() -> None:
    whole, slow = terminal((20, 6)), terminal((20, 6))
    data = b"\x1b[2H\x1b[31mone\x1b[K\x1b[4;3H\x1b[32mtwo\x1b[3Hthree\x1b[K"
    whole.feed(data)
    for at in range(len(data)):
        slow.feed(data[at : at + 1])
    for y in range(6):
        assert whole.row(y) == slow.row(y)


@given(st.sampled_from(SIZES), st.lists(st.tuples(pieces, st.booleans(), st.integers(-9, 5)), max_size=12))
@settings(max_examples=40, deadline=None)
def test_looking_changes_nothing(size: tuple[int, int], stream: list[tuple[str, bool, int]]) -> None:
    looked_at, left_alone = terminal(size), terminal(size)
    for piece, is_looked_at, y in stream:
        looked_at.feed(piece.encode())
        left_alone.feed(piece.encode())
        if is_looked_at:
            for row in range(looked_at.rows):
                looked_at.row(row)
        elif -len(looked_at.scrollback) <= y < looked_at.rows:
            looked_at.row(y)
            looked_at.link(0, y)
    assert everything(looked_at) == everything(left_alone)


@given(st.lists(pieces, max_size=8), st.lists(st.sampled_from([(20, 6), (13, 4), (40, 9), (20, 3)]), max_size=3))
@settings(max_examples=50, deadline=None)
def test_a_resize_finds_what_nobody_looked_at(stream: list[str], sizes: list[tuple[int, int]]) -> None:
    fast, slow = terminal((20, 6)), terminal((20, 6))
    data = "".join(stream).encode()
    fast.feed(data)
    for position in range(len(data)):
        slow.feed(data[position : position + 1])
    for cols, rows in sizes:
        for emulator in (fast, slow):
            emulator.resize(cols=cols, rows=rows)
            emulator.feed(b"\x1b[32mgreen\x1b[1mer\x1b[0m\r\n" * 3)
    assert everything(fast) == everything(slow)


@given(st.lists(pieces, max_size=30))
@settings(max_examples=40, deadline=None)
def test_pens_that_are_forgotten_meanwhile_do_no_harm(stream: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("synk.terminal.styles.MAX_PENS", 24)
        patch.setattr("synk.terminal.grid.MAX_PENS", 24)
        emulator = terminal((20, 6))
        for piece in stream:
            emulator.feed(piece.encode())
        everything(emulator)
        emulator.resize(cols=13, rows=9)
        everything(emulator)


@pytest.mark.parametrize("limit_bytes", [20_000, 60_000])
def test_what_is_dropped_does_not_depend_on_who_looked(limit_bytes: int) -> None:
    line = b"".join(b"\x1b[38;5;%d;1m%d" % (color, color % 10) for color in range(60, 140)) + b"\x1b[0m\r\n"
    both = [Emulator(cols=90, rows=5, reply=lambda _: None, scrollback_bytes=limit_bytes) for _ in range(2)]
    for number in range(80):
        for emulator in both:
            emulator.feed(line * 3 + b"\x1b[3%dmplain\x1b[m\r\n" % (number % 8))
        for y in range(both[1].first_row(), 0):
            both[1].row(y)
    for emulator in both:
        assert emulator.scrollback.size_bytes <= limit_bytes
    assert everything(both[0]) == everything(both[1])


def test_lines_kept_as_sent_take_bounded_memory() -> None:
    emulator = Emulator(cols=120, rows=40, reply=lambda _: None, scrollback_bytes=100_000)
    emulator.feed((b"\x1b[31m\x1b[32m" * 400 + b"x\r\n") * 300)
    assert len(emulator.scrollback) > 200
    assert emulator.row(-1)[0].text == "x"
