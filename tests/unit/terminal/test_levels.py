"""Conformance levels (DECSCL, VT510 manual): what a terminal of a lower level does not know, as in xterm 379."""

import pytest

from synk.terminal.emulator import Emulator


def told(stream: str) -> tuple[list[str], bytes]:
    replies: list[bytes] = []
    emulator = Emulator(cols=6, rows=2, reply=replies.append)
    emulator.feed(b"abcdef\r\nghijkl" + stream.encode())
    return [emulator.text(y) for y in range(2)], b"".join(replies)


@pytest.mark.parametrize(
    ("sequence", "level"),
    [
        ("\x1b[4$p", 3),
        ("\x1b[?15n", 2),
        ("\x1b[?25n", 2),
        ("\x1b[?26n", 2),
        ("\x1b[?53n", 3),
        ("\x1b[?56n", 3),
        ("\x1b[?62n", 4),
        ("\x1b[?63;1n", 4),
        ("\x1b[?75n", 4),
        ("\x1b[?85n", 4),
        ("\x1b[=c", 4),
        ("\x1b[1;1;1;1;1;1*y", 4),
    ],
)
def test_a_report_is_given_from_its_level_on(sequence: str, level: int) -> None:
    answered = [bool(told(f'\x1b[{60 + each};1"p{sequence}')[1]) for each in range(1, 5)]
    assert answered == [each >= level for each in range(1, 5)]


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[1;1H\x1b['}",
        "\x1b[1;1H\x1b['~",
        "\x1b[1;1H\x1b6",
        "\x1b[1;6H\x1b9",
        "\x1b[1;1;1;2;1;2;1;1$v",
        "\x1b[88;1;1;2;2$x",
        "\x1b[1;1;1;2$z",
        "\x1b[1;1;1;2${",
    ],
)
def test_rectangles_and_columns_need_level_4(sequence: str) -> None:
    changed = [told(f'\x1b[{60 + each};1"p{sequence}')[0] != ["abcdef", "ghijkl"] for each in range(1, 5)]
    assert changed == [False, False, False, True]


def test_side_margins_need_level_4() -> None:
    assert told('\x1b[63;1"p\x1b[?69h\x1b[2;3s\x1b[2;1H12345')[0] == ["abcdef", "12345l"]
    assert told('\x1b[63;1"p\x1b[?69h\x1b[?69$p')[1] == b"\x1b[?69;0$y"
    assert told('\x1b[64;1"p\x1b[?69h\x1b[?69$p')[1] == b"\x1b[?69;1$y"


def test_a_sequence_that_was_refused_is_known_again_at_its_level() -> None:
    assert told('\x1b[61"p\x1b[4$p\x1b[4$p\x1b[64;1"p\x1b[4$p\x1b[61"p\x1b[4$p')[1] == b"\x1b[4;2$y"


def test_132_columns_clear_the_screen_whatever_mode_95_says() -> None:
    assert told("\x1b[?40h\x1b[?95h\x1b[?3h")[0] == ["", ""]
    assert told("\x1b[?95$p")[1] == b"\x1b[?95;0$y"
