"""Answers to what programs ask, and the questions that get none."""

from collections.abc import Callable

import pytest

from synk.terminal.emulator import Emulator
from synk.terminal.modes import KNOWN_PRIVATE


def replies_to(stream: str, setup: Callable[[Emulator], None] | None = None) -> list[bytes]:
    replies: list[bytes] = []
    emulator = Emulator(cols=10, rows=4, reply=replies.append, version="1.2")
    if setup is not None:
        setup(emulator)
    emulator.feed(stream.encode())
    return replies


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("\x1b[c", b"\x1b[?64;4;6;21;22;28;52c"),
        ("\x1bZ", b"\x1b[?64;4;6;21;22;28;52c"),
        ("\x1b[>c", b"\x1b[>41;379;0c"),
        ("\x1b[=c", b"\x1bP!|00000000\x1b\\"),
        ("\x1b[>q", b"\x1bP>|Synk(1.2)\x1b\\"),
        ("\x1b[5n", b"\x1b[0n"),
        ("\x1b[3;4H\x1b[6n", b"\x1b[3;4R"),
        ("abcdefghij\x1b[6n", b"\x1b[1;10R"),
        ("\x1b[2;3r\x1b[?6h\x1b[2;2H\x1b[6n", b"\x1b[2;2R"),
        ("\x1b[?6n", b"\x1b[?1;1;1R"),
        ("\x1b[?996n", b"\x1b[?997;1n"),
        ("\x1b[?7$p", b"\x1b[?7;1$y"),
        ("\x1b[?2004$p", b"\x1b[?2004;2$y"),
        ("\x1b[?2004h\x1b[?2004$p", b"\x1b[?2004;1$y"),
        ("\x1b[?4711$p", b"\x1b[?4711;0$y"),
        ("\x1b[4h\x1b[4$p", b"\x1b[4;1$y"),
        ("\x1b[18t", b"\x1b[8;4;10t"),
        ("\x1b[?4m", b"\x1b[>4;0m"),
        ("\x1b[1;38;5;200;4:3m\x1bP$qm\x1b\\", b"\x1bP1$r0;1;4:3;38:5:200m\x1b\\"),
        ("\x1b[2;3r\x1bP$qr\x1b\\", b"\x1bP1$r2;3r\x1b\\"),
        ("\x1bP$qx\x1b\\", b"\x1bP0$r\x1b\\"),
        ("\x1bP+q436f\x1b\\", b"\x1bP1+r436f=323536\x1b\\"),
        ("\x1bP+q6b\x1b\\", b"\x1bP0+r6b\x1b\\"),
        ("\x1bP+qevil\x1b\\", b"\x1bP0+r\x1b\\"),
        ("\x1bP+q4d73\x1b\\", b"\x1bP1+r4d73=1B5D35323B25703125733B257032257307\x1b\\"),
        ("\x1bP+q5463\x1b\\", b"\x1bP1+r5463\x1b\\"),
        ("\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\", b"\x1b_Gi=31;OK\x1b\\"),
        ("\x1b[?80$p", b"\x1b[?80;2$y"),
        ("\x1b[?1070$p", b"\x1b[?1070;1$y"),
        ("\x1b[?8452$p", b"\x1b[?8452;2$y"),
        ("\x1bP=1s\x1b\\\x1b[?2026$p", b"\x1b[?2026;1$y"),
        ("\x1bP$qs\x1b\\", b"\x1bP1$r1;10s\x1b\\"),
        ("\x1b[?69h\x1b[3;4s\x1bP$qs\x1b\\", b"\x1bP1$r3;4s\x1b\\"),
        ("\x1b[?69h\x1b[3;6s\x1b[2;3r\x1b[?6h\x1b[2;2H\x1b[6n", b"\x1b[2;2R"),
        ("\x1b[2*x\x1bP$q*x\x1b\\", b"\x1bP1$r2*x\x1b\\"),
        ("\x1b[4 q\x1bP$q q\x1b\\", b"\x1bP1$r4 q\x1b\\"),
        ('\x1b[1"q\x1bP$q"q\x1b\\', b'\x1bP1$r1"q\x1b\\'),
        ('\x1bP$q"p\x1b\\', b'\x1bP1$r64;1"p\x1b\\'),
        ("\x1b[x", b"\x1b[2;1;1;128;128;1;0x"),
        ("\x1b[1x", b"\x1b[3;1;1;128;128;1;0x"),
        ("\x1b[?1;1;0S", b"\x1b[?1;0;1024S"),
        ("\x1b[?1;3;16S", b"\x1b[?1;0;16S"),
        ("\x1b[?1;3;100000S", b"\x1b[?1;3S"),
        ("\x1b[?1;9S", b"\x1b[?1;2S"),
        ("\x1b[?2;4;0S", b"\x1b[?2;0;10000;10000S"),
        ("\x1b[?2;3;9;9S", b"\x1b[?2;3S"),
        ("\x1b[?3;1;0S", b"\x1b[?3;1S"),
        ("\x1b[11t", b"\x1b[1t"),
        ("\x1b[13t", b"\x1b[3;0;0t"),
        ("\x1b[?15n", b"\x1b[?13n"),
        ("\x1b[?26n", b"\x1b[?27;1;0;0n"),
        ("\x1b[?55n", b"\x1b[?50n"),
        ("\x1b[?62n", b"\x1b[0000*{"),
        ("\x1b[?63;7n", b"\x1bP7!~0000\x1b\\"),
        ("\x1b[?75n", b"\x1b[?70n"),
        ("\x1b[?85n", b"\x1b[?83n"),
        ('\x1b[62;1"p\x1bP$q"p\x1b\\', b'\x1bP1$r62;1"p\x1b\\'),
        ('\x1b[65"p\x1bP$q"p\x1b\\', b'\x1bP1$r64;1"p\x1b\\'),
        ("\x1b G\x1b[5n", b"\x9b0n"),
        ("\x1b G\x1bP$qr\x1b\\", b"\x901$r1;4r\x9c"),
        ("\x1b G\x1b F\x1b[5n", b"\x1b[0n"),
        ("\x1b G\x1bc\x1b[5n", b"\x1b[0n"),
        ('\x1b[62"p\x1bP$q"p\x1b\\', b'\x901$r62;0"p\x9c'),
        ('\x1b G\x1b[62;1"p\x1b[5n', b"\x1b[0n"),
        ('\x1b[61"p\x1b G\x1b[5n', b"\x1b[0n"),
        ("\x1b[?2048h", b"\x1b[48;4;10;0;0t"),
        ("\x1b[?1036$p", b"\x1b[?1036;3$y"),
        ("\x1b[1$p", b"\x1b[1;4$y"),
        ("\x1b[12$p", b"\x1b[12;1$y"),
        ("A\x1b[1;2;1;1;1;1*y", b"\x1bP1!~FFBF\x1b\\"),
        ("\x1b[3;1;1;1;1;1*y", b"\x1bP3!~FFE0\x1b\\"),
        ("\x1b[1mA\x1b[4;1;1;1;1;1*y", b"\x1bP4!~FF3F\x1b\\"),
        ("\x1b]5;0;?\a", b"\x1b]5;0;rgb:e5e5/e5e5/e5e5\a"),
        ("\x1b]4;256;?\a", b"\x1b]4;256;rgb:e5e5/e5e5/e5e5\a"),
        ("\x1b]19;#102030\a\x1b]19;?\a", b"\x1b]19;rgb:1010/2020/3030\a"),
        ("\x1b]7501;?\a", b"\x1b]7501;?\a"),
        ("\x1b]7501;?\x1b\\", b"\x1b]7501;?\x1b\\"),
        ("\x1b]99;i=7:p=?;\a", b"\x1b]99;i=7:p=?;p=title,body,close,?:u=0,1,2:c=0:a=:o=always\a"),
        ("\x1b]22;?pointer,nonsense,__current__\a", b"\x1b]22;1,0,0\a"),
        ("\x1b]1337;Capabilities\a", b"\x1b]1337;Capabilities=T3CwLrMSc7UUw16Ts2BFGsGoSyHNo\a"),
        ("\x1b]11;?\a", b"\x1b]11;rgb:0000/0000/0000\a"),
        ("\x1b]11;?\x1b\\", b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
        ("\x1b]4;1;rgb:ff/80/00\a\x1b]4;1;?\x1b\\", b"\x1b]4;1;rgb:ffff/8080/0000\x1b\\"),
    ],
)
def test_a_question_is_answered(question: str, answer: bytes) -> None:
    assert replies_to(question) == [answer]


def test_left_and_right_margins_are_announced_together_with_the_mode_or_not_at_all() -> None:
    [secondary], [margins] = replies_to("\x1b[>c"), replies_to("\x1b[?69$p")
    # tmux uses DECSLRM on what calls itself a VT420 (41), whatever DA1 and DECRQM say.
    assert secondary.startswith(b"\x1b[>41;") == (margins != b"\x1b[?69;0$y")


@pytest.mark.parametrize(
    "question",
    [
        "\x1b[21t",
        "\x1b]52;c;?\a",
        "\x1b[14t",
        "\x05",
        "\x1b[1c",
        "\x1b_Ga=T;AAAA\x1b\\",
        "\x1b_Ga=q,i=x\x1b\\",
        "\x1b_x\x1b\\",
        "\x1bPq#0!\x1b\\",
        "\x1b[2;2x",
        "\x1b]0;?\a",
        "\x1b[>1q",
    ],
)
def test_what_could_be_abused_or_is_not_known_is_not_answered(question: str) -> None:
    assert replies_to(question) == []


def test_pixel_sizes_are_told_when_they_are_known() -> None:
    def describe(emulator: Emulator) -> None:
        emulator.describe_window(cell_width=8, cell_height=16, is_dark=False)

    assert replies_to("\x1b[14t\x1b[16t\x1b[?996n", describe) == [b"\x1b[4;64;80t", b"\x1b[6;16;8t", b"\x1b[?997;2n"]


def test_new_sizes_and_themes_are_told_to_who_wants_to_know() -> None:
    replies: list[bytes] = []
    emulator = Emulator(cols=10, rows=4, reply=replies.append)
    emulator.describe_window(cell_width=8, cell_height=16, is_dark=True)
    emulator.resize(cols=12, rows=4)
    assert replies == []
    emulator.feed(b"\x1b[?2031;2048h")
    emulator.resize(cols=12, rows=5)
    emulator.resize(cols=12, rows=5)
    emulator.describe_window(cell_width=8, cell_height=16, is_dark=False)
    emulator.describe_window(cell_width=9, cell_height=16, is_dark=False)
    assert replies == [b"\x1b[48;4;12;64;96t", b"\x1b[48;5;12;80;96t", b"\x1b[?997;2n", b"\x1b[48;5;12;80;108t"]


@pytest.mark.parametrize("mode", sorted(KNOWN_PRIVATE))
def test_every_private_mode_tells_its_state(mode: int) -> None:
    number = mode >> 5
    # 3 and 47, 1047, 1049 only work where they are allowed, which they are here.
    answers = replies_to(f"\x1b[?40;1046h\x1b[?{number}h\x1b[?{number}$p\x1b[?{number}l\x1b[?{number}$p")
    told = [answer for answer in answers if answer.endswith(b"$y")]
    assert told == [f"\x1b[?{number};1$y".encode(), f"\x1b[?{number};2$y".encode()]


def test_margins_of_one_column_are_refused() -> None:
    assert replies_to("\x1b[?69h\x1b[4;4s\x1bP$qs\x1b\\") == [b"\x1bP1$r1;10s\x1b\\"]


def test_a_cell_of_no_size_is_harmless() -> None:
    emulator = Emulator(cols=9, rows=4, reply=lambda _: None)
    emulator.describe_window(cell_width=0, cell_height=0, is_dark=True)
    emulator.feed(b"\x1bPq#1~~@@-\x1b\\")
    assert not emulator.pictures.is_empty
