"""The flags of the kitty keyboard protocol: set, pushed and popped on each screen."""

import pytest

from synk.terminal.emulator import Emulator


def flags_after(stream: str) -> tuple[int, list[bytes]]:
    replies: list[bytes] = []
    emulator = Emulator(cols=10, rows=4, reply=replies.append)
    emulator.feed(stream.encode())
    return emulator.modes.kitty_keyboard, replies


@pytest.mark.parametrize(
    ("stream", "flags"),
    [
        ("", 0),
        ("\x1b[>1u", 1),
        ("\x1b[>u", 0),
        ("\x1b[>1u\x1b[>31u", 31),
        ("\x1b[>1u\x1b[>31u\x1b[<u", 1),
        ("\x1b[>1u\x1b[>31u\x1b[<2u", 0),
        ("\x1b[>1u\x1b[<9u\x1b[<u", 0),
        ("\x1b[=5u", 5),
        ("\x1b[=5;1u\x1b[=2;2u", 7),
        ("\x1b[=7u\x1b[=2;3u", 5),
        ("\x1b[=7u\x1b[=2;4u", 7),
        ("\x1b[=5u\x1b[>1u\x1b[<u", 5),
        ("\x1b[>65535u", 31),
        ("\x1b[>1u\x1b[?1049h", 0),
        ("\x1b[>1u\x1b[?1049h\x1b[>3u\x1b[?1049l", 1),
        ("\x1b[?1049h\x1b[>3u\x1b[?1049l\x1b[?1049h", 3),
        ("\x1b[>1u\x1bc", 0),
        ("\x1b[>1u\x1b[!p", 1),
        ("\x1b[>1u" + "\x1b[>2u" * 100 + "\x1b[<33u", 0),
        ("\x1b[>1u" + "\x1b[>2u" * 100 + "\x1b[<32u", 2),
    ],
)
def test_flags_are_those_of_the_protocol(stream: str, flags: int) -> None:
    assert flags_after(stream + "\x1b[?u") == (flags, [f"\x1b[?{flags}u".encode()])


def test_a_new_program_starts_without_flags() -> None:
    emulator = Emulator(cols=10, rows=4, reply=lambda _: None)
    emulator.feed(b"\x1b[>1u\x1b[?1049h\x1b[>3u")
    emulator.renew()
    assert emulator.modes.kitty_keyboard == 0
    emulator.feed(b"\x1b[?1049h")
    assert emulator.modes.kitty_keyboard == 0
