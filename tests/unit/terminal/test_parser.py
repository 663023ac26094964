"""Bytes to actions: what is consumed, what is capped, what ends what."""

import pytest

from synk.terminal.emulator import Emulator
from synk.terminal.parser import MAX_CLIPBOARD_CHARS, MAX_DCS_CHARS, MAX_OSC_CHARS, Action, Parser
from synk.terminal.sent import SGR


class Log:
    """Sequences that write down what they are asked for."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.parts = ""
        """Of the latest device control string."""

    def draw(self, data: str) -> None:
        if data:
            self.calls.append(("draw", data))

    def draw_lines(self, block: str) -> None:
        self.calls.append(("lines", block))

    def draw_sent(self, source: str) -> None:
        _, *parts = SGR.split(source)
        for sgr, text in zip(parts[::2], parts[1::2], strict=True):
            if sgr is None:
                self.escape("(", "B")()
            else:
                self.csi("", sgr, "", "m")()
            if text:
                self.draw(text)

    def select_all(self, source: str) -> None:
        self.draw_sent(source)

    def draw_scattered(self, source: str) -> None:
        for piece in source.split("\x1b[")[1:]:
            position, _, text = piece.partition("H")
            self.csi("", position, "", "H")()
            self.draw(text)

    def linefeeds(self, count: int) -> None:
        for _ in range(count):
            self.control("\n")()

    def control(self, char: str) -> Action:
        return lambda: self.calls.append(("control", char))

    def escape(self, intermediates: str, final: str) -> Action:
        return lambda: self.calls.append(("escape", intermediates, final))

    def csi(self, prefix: str, parameters: str, intermediates: str, final: str) -> Action:
        return lambda: self.calls.append(("csi", prefix, parameters, intermediates, final))

    def osc(self, payload: str, end: str) -> None:
        self.calls.append(("osc", payload, "BEL" if end == "\a" else "ST"))

    def dcs_part(self, text: str, *, is_first: bool) -> None:
        self.parts = text if is_first else self.parts + text

    def dcs(self, payload: str) -> None:
        assert self.parts == payload
        self.calls.append(("dcs", payload))

    def apc(self, payload: str) -> None:
        self.calls.append(("apc", payload))


def parsed(data: bytes) -> list[tuple[str, ...]]:
    log = Log()
    Parser(log).feed(data)
    return log.calls


BOLD_B = [("csi", "", "1", "", "m"), ("draw", "b")]
SGR_C = [("csi", "", "", "", "m"), ("draw", "c")]


@pytest.mark.parametrize(
    ("data", "calls"),
    [
        (b"text", [("draw", "text")]),
        (b"a\r\nb", [("lines", "a\r\n"), ("draw", "b")]),
        (b"a\nb", [("draw", "a"), ("control", "\n"), ("draw", "b")]),
        (b"\x1b[1;2:3m", [("csi", "", "1;2:3", "", "m")]),
        (b"a\x1b[1mb\x1b[2:3m\x1b[mc", [("draw", "a"), *BOLD_B, ("csi", "", "2:3", "", "m"), *SGR_C]),
        (b"\x1b[1mb\x1b[mc\x1b[?3m", [*BOLD_B, *SGR_C, ("csi", "?", "3", "", "m")]),
        (b"\x1b]2;t\x1b[1mb\x1b[mc\x1b[3m", [*BOLD_B, *SGR_C, ("csi", "", "3", "", "m")]),
        (b"\x1b[?25h", [("csi", "?", "25", "", "h")]),
        (b"\x1b[>0q", [("csi", ">", "0", "", "q")]),
        (b"\x1b[3 q", [("csi", "", "3", " ", "q")]),
        (b"\x1b[!p", [("csi", "", "", "!", "p")]),
        (b"\x1b[1?2h", []),
        (b"\x1b[1 2q", []),
        (b"\x1b[1\n2A", [("control", "\n"), ("csi", "", "12", "", "A")]),
        (b"\x1b[1\x18A", [("draw", "A")]),
        (b"\x1b[1\x1b[2A", [("csi", "", "2", "", "A")]),
        (b"\x1b[1\x7f2A", [("control", "\x7f"), ("csi", "", "12", "", "A")]),
        (b"\x1b\x1b[2A", [("csi", "", "2", "", "A")]),
        (b"\x1b7\x1b(0\x1b#8", [("escape", "", "7"), ("escape", "(", "0"), ("escape", "#", "8")]),
        (b"\x1b\n7", [("control", "\n"), ("escape", "", "7")]),
        (b"\x1b]0;t\a!", [("osc", "0;t", "BEL"), ("draw", "!")]),
        (b"\x1b]0;t\x1b\\!", [("osc", "0;t", "ST"), ("draw", "!")]),
        (b"\x1b]0;a\nb\a", [("osc", "0;ab", "BEL")]),
        (b"\x1b]0;t\x1b[A", [("csi", "", "", "", "A")]),
        (b"\x1b]0;t\x18x", [("draw", "x")]),
        (b"\x1bP1$qm\x1b\\x", [("dcs", "1$qm"), ("draw", "x")]),
        (b"\x1bPa\x07b\x1b\\", [("dcs", "ab")]),
        (b"\x1b_secret\x1b\\x", [("apc", "secret"), ("draw", "x")]),
        (b"\x1b^secret\x1b\\x", [("draw", "x")]),
        (b"\x1bXsecret\x1b\\x", [("draw", "x")]),
        ("\x1b[1é".encode(), [("draw", "é")]),
        ("\x1b]0;ü\a".encode(), [("osc", "0;ü", "BEL")]),
    ],
)
def test_stream_gives_actions(data: bytes, calls: list[tuple[str, ...]]) -> None:
    assert parsed(data) == calls


@pytest.mark.parametrize(
    ("start", "limit"),
    [(b"\x1b]0;", MAX_OSC_CHARS), (b"\x1b]52;c;", MAX_CLIPBOARD_CHARS), (b"\x1bP$q", MAX_DCS_CHARS), (b"\x1b_G", MAX_DCS_CHARS)],
)
@pytest.mark.parametrize("bite", [1 << 30, 65536])
def test_a_payload_is_taken_up_to_its_limit_and_ignored_beyond(start: bytes, limit: int, bite: int) -> None:
    room = limit - (len(start) - 2)
    for size, is_taken in ((room, True), (room + 1, False)):
        log = Log()
        parser = Parser(log)
        stream = start + b"x" * size + b"\x1b\\after"
        for position in range(0, len(stream), bite):
            parser.feed(stream[position : position + bite])
        assert len(log.calls) == (2 if is_taken else 1)
        assert log.calls[-1] == ("draw", "after")


def test_an_endless_string_holds_bounded_memory() -> None:
    parser = Parser(Log())
    parser.feed(b"\x1bP")
    for _ in range(20):
        parser.feed(b"x" * 1_000_000)
    assert len(parser.pending()[2]) <= MAX_DCS_CHARS + 1


@pytest.mark.parametrize("parameters", ["1;" * 5000, "9" * 5000, ";" * 4000])
def test_absurd_parameters_are_harmless(parameters: str) -> None:
    for final in "ABCDHJKLMPSTX@bdghlmnrtq":
        emulator = Emulator(cols=10, rows=4, reply=lambda _: None)
        emulator.feed(f"ab\x1b[{parameters}{final}cd".encode())
        emulator.feed(f"ab\x1b[?{parameters}{final}cd".encode())


def test_an_absurd_color_between_others_does_nothing() -> None:
    text = b"\x1b[1ma\x1b[31;" + b"0;" * 3000 + b"0mb\x1b[4mc"
    whole, single = (Emulator(cols=10, rows=4, reply=lambda _: None) for _ in range(2))
    whole.feed(text)
    for position in range(len(text)):
        single.feed(text[position : position + 1])
    assert whole.row(0) == single.row(0)
    assert whole.row(0)[0].cells == 2


def test_control_sequences_are_remembered_only_up_to_a_limit() -> None:
    log = Log()
    parser = Parser(log)
    for number in range(20_000):
        parser.feed(f"\x1b[{number}A".encode())
    assert len(log.calls) == 20_000
    assert len(parser._actions) <= 8192


def test_places_with_leading_zeros_are_places() -> None:
    emulator = Emulator(cols=10, rows=3, reply=lambda _: None)
    emulator.feed(b"".join(b"\x1b[00000000002;00000000%02dH%c" % (x, 96 + x) for x in range(1, 9)) + b"\x1b[00001;1H!")
    assert [emulator.text(y) for y in range(3)] == ["!", "abcdefgh", ""]
