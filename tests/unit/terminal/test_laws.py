"""Laws of the emulator, on streams made of everything it knows and of noise."""

import subprocess
import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator

PIECES = [
    b"hello world", b"x" * 50, b"a\r\nbb\r\nccc\r\n\r\ndd\r\n" * 4, b"\r\n", b"\n", b"\r", b"\b", b"\t", b"\a", b"\x7f",
    b"\x0e", b"\x0f", "你好".encode(), "e\u0301".encode(), "\u0301".encode(), "\U0001f469\u200d\U0001f4bb".encode(),
    "\U00100005".encode(), "├─".encode(), b"\xff", b"\xe4\xbd", b"\xf0\x9f\x92", b"\x9b1m", b"\xc2\x9b", b"\x1b[H",
    b"\x1b[3;4H", b"\x1b[2J", b"\x1b[J", b"\x1b[1J", b"\x1b[3J", b"\x1b[K", b"\x1b[1K", b"\x1b[?J", b"\x1b[?1K", b"\x1b[L",
    b"\x1b[2M", b"\x1b[3P", b"\x1b[4@", b"\x1b[5X", b"\x1b[S", b"\x1b[2T", b"\x1b[3b", b"\x1b[Z", b"\x1b[I", b"\x1b[3g",
    b"\x1bH", b"\x1bM", b"\x1bD", b"\x1bE", b"\x1b7", b"\x1b8", b"\x1b[s", b"\x1b[u", b"\x1b[5;10r", b"\x1b[2;4r", b"\x1b[r",
    b"\x1b[31m", b"\x1b[48;5;20m", b"\x1b[0m", b"\x1b[38:2::1:2:3m", b"\x1b[4:3m", b"\x1b[;;;;m", b'\x1b[1"q', b'\x1b[0"q',
    b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?1047h", b"\x1b[?47l", b"\x1b[?1048h", b"\x1b[?1048l", b"\x1b[?7l", b"\x1b[?7h",
    b"\x1b[4h", b"\x1b[4l", b"\x1b[?6h", b"\x1b[?6l", b"\x1b[?45h", b"\x1b[20h", b"\x1b[?25l", b"\x1b[?5h", b"\x1b[?1000h",
    b"\x1b[?1006h", b"\x1b[?2004h", b"\x1b[?1;1000s", b"\x1b[?1;1000r", b"\x1b[>4;2m", b"\x1b[5 q", b"\x1b(0", b"\x1b(B",
    b"\x1b)0", b"\x1b*0", b"\x1bN", b"\x1bO", b"\x1bn", b"\x1b#8", b"\x1bc", b"\x1b G", b"\x1b[!p", b"\x1b=", b"\x1b>",
    b"\x1b]0;title\a", b"\x1b]2;other\x1b\\", b"\x1b]8;;http://x\x1b\\", b"\x1b]8;;\x1b\\", b"\x1b]52;c;aGVsbG8=\a",
    b"\x1b]7;file:///tmp\a",
    b"\x1b]133;A\a", b"\x1b]133;B\a", b"\x1b]133;C\a", b"\x1b]133;D;1\a",
    b"\x1b]4;1;#123456\a", b"\x1b]104\a", b"\x1b]11;?\a", b"\x1b[22t", b"\x1b[23t", b"\x1b[18t",
    b"\x1b[?69h", b"\x1b[?69l", b"\x1b[3;6s", b"\x1b[2;15s", b"\x1b[?69h\x1b[2;4s\x1b[2;3H", b"\x1b6", b"\x1b9",
    b"\x1b['}", b"\x1b[2'~",
    b"\x1b[2a", b"\x1b[2e", b"\x1b[4G", b"\x1b[?1045h",
    b"\x1b[1;2;2;4;1;2;3;1$v", b"\x1b[65;1;1;2;5$x", b"\x1b[2;2;3;9$z", b"\x1b[1;1;9;9${", b"\x1b[2;3;4;5;1;7$r",
    b"\x1b[1;2;3;4;0$t", b"\x1b[2*x", b"\x1b[1*x", b"\x1b[1;1;1;1;4;9*y", b"\x1bV", b"\x1bW",
    b"\x1b]8;id=1;http://x\x1b\\", b"\x1b]99;i=1:d=0;hello\a", b"\x1b]99;i=1:p=body;there\a", b"\x1b]9;4;1;20\a",
    b"\x1b]9;note\a",
    b"\x1b]22;>wait,text\a", b"\x1b]22;<\a", b"\x1b]7501;state=working:id=a/b:app=x:msg=aGk=\a",
    b"\x1b]7501;state=blocked:kind=auth\a",
    b"\x1b]7501;state=clear\a", b"\x1b]5;1;#010203\a", b"\x1b]17;red\a", b"\x1b[?2048h", b"\x1b[?2031h", b"\x1b[?2027h",
    b"\x1b[?40h",
    b"\x1b[?3h", b"\x1b[?41h", b"\x1b[?1046l", b"\x1b[2 @", b"\x1b[2 A", b"\x1b_Ga=q,i=7;AAAA\x1b\\", b"\x1bP=1s\x1b\\",
    b"\x1b]1337;CursorShape=1\a",
    b'\x1b[62"p', b"\x1b[?63;2n",
    "☁\ufe0f".encode(), "🇺".encode(), "👍🏽".encode(), b"\x1b[?1016h",
    b"\x1b[>5u", b"\x1b[>1u", b"\x1b[<u", b"\x1b[=2;2u", b"\x1b[?u",
    b"\x1b[6n", b"\x1b[c", b"\x1b[>c", b"\x1b[?7$p", b"\x1bP$qm\x1b\\", b"\x1bP+q436f\x1b\\", b"\x1b[>q",
    b"\x1bPpayload\x1b[1m", b"\x1b_apc\x1b\\", b"\x1b^pm", b"\x1b[12\r\n3m", b"\x1b", b"\x1b[", b"\x1b]", b"\x18", b"\x1a",
    b"\x1b[1 2q", b"\x1b[99999999999C", b"\x1b[<5;5M", b"\x1b[1;?2h",
]  # fmt: skip

sizes = st.sampled_from([(20, 6), (7, 3), (80, 24), (10, 1), (2, 2), (1, 1)])
texts = st.text(max_size=8).map(lambda text: text.encode("utf-8", "replace"))
controls = st.builds(
    lambda parameters, final: f"\x1b[{parameters}{final}".encode(),
    st.text("0123456789;:", max_size=12) | st.text("0123458;:<=>? !\"$'*", max_size=8),
    st.sampled_from("@ABCDEFGHIJKLMPSTXZ`abcdefghlmnpqrstu"),
)
STARTS = [b"\x1b]", b"\x1b]4;", b"\x1b]8;", b"\x1b]22;", b"\x1b]52;", b"\x1b]99;", b"\x1b]7501;state=", b"\x1b_"]
STARTS += [b"\x1bP", b"\x1bP+q", b"\x1bP$q"]
strings = st.builds(
    lambda start, payload, end: start + payload + end,
    st.sampled_from(STARTS),
    st.text("0123456789;:?#/abcm ", max_size=10).map(str.encode),
    st.sampled_from([b"\a", b"\x1b\\", b"\x18", b"\x1b[A", b""]),
)
# What the fast path for colored text takes as one: sequences and texts in turn.
styled = st.lists(
    st.tuples(
        st.sampled_from(["", "0", "1", "31", "42", "38;5;200", "48;2;1;2;3", "4:3", "7", "39", "999", "48;5;1;38;5;2", "58:5:9"]),
        st.sampled_from(["", "", "a", "b", "cd", "e" * 9, "f" * 30, "é", "画", "画面", "a画", "e\u0301", "\u0301", "\u200e"]),
    ),
    min_size=3,
    max_size=12,
).map(lambda parts: "".join(f"\x1b[{sgr}m{text}" for sgr, text in parts).encode())
pieces = st.one_of(styled, st.sampled_from(PIECES), st.sampled_from(PIECES), controls, strings, st.binary(max_size=8), texts)
streams = st.lists(pieces, max_size=40).map(b"".join)


class Terminal:
    """An emulator with the replies it gave."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.replies: list[bytes] = []
        self.emulator = Emulator(cols=size[0], rows=size[1], reply=self.replies.append, scrollback_lines=30)

    def state(self) -> dict[str, Any]:
        """All that can be seen from outside, and the snapshot, which holds the rest."""
        emulator = self.emulator
        rows = range(emulator.first_row(), emulator.rows)
        return {
            "runs": [emulator.row(y) for y in rows],
            "text": [emulator.text(y) for y in rows],
            "wrapped": [emulator.is_wrapped(y) for y in rows],
            "cursor": emulator.cursor,
            "modes": emulator.modes,
            "scrolled": emulator.scrolled_total,
            "replies": b"".join(self.replies),
            "events": set(emulator.take_events()),
            "snapshot": emulator.snapshot(),
        }


@given(sizes, streams, st.data())
@settings(max_examples=200, deadline=None)
def test_any_chunking_gives_the_same_state(size: tuple[int, int], stream: bytes, data: st.DataObject) -> None:
    whole, single, chunked = Terminal(size), Terminal(size), Terminal(size)
    whole.emulator.feed(stream)
    for position in range(len(stream)):
        single.emulator.feed(stream[position : position + 1])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        chunked.emulator.feed(stream[start:end])
    expected = whole.state()
    assert single.state() == expected
    assert chunked.state() == expected


# Whole lines, which mostly never become rows: shorter than the screen is wide, of just this width, longer.
_SGR = st.sampled_from(["", "", "\x1b[31m", "\x1b[m", "\x1b[0;1m", "\x1b[m\x1b[K", "\x1b[K", "\x1b[38;5;200m", "\x1b[44m"])
_whole_lines = st.lists(
    st.lists(st.tuples(_SGR, st.sampled_from([0, 1, 2, 5, 7, 10, 13, 20, 25, 41])), min_size=1, max_size=4),
    min_size=8,
    max_size=30,
).map(
    lambda lines: "".join(
        ["".join(sgr + "abcdefghij"[at % 10] * size for at, (sgr, size) in enumerate(line)) + "\r\n" for line in lines]
    ).encode()
)
_BEFORE_LINES = [
    b"", b"\r\n" * 30, b"\x1b[?7l", b"\x1b[42m", b"\x1b[2;5r\x1b[5H", b"\x1b[?1049h", b"\x1b[4h", b"x" * 25, b"\x1b[1m",
]  # fmt: skip


@given(sizes, st.lists(st.sampled_from(_BEFORE_LINES), max_size=3).map(b"".join), st.lists(_whole_lines, min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_lines_are_the_same_all_at_once_as_byte_by_byte(size: tuple[int, int], before: bytes, blocks: list[bytes]) -> None:
    whole, single = Terminal(size), Terminal(size)
    for block in (before, *blocks):
        whole.emulator.feed(block)
        for position in range(len(block)):
            single.emulator.feed(block[position : position + 1])
    whole.emulator.snapshot()
    assert whole.state() == single.state()
    assert whole.emulator.scrollback.lines_total == single.emulator.scrollback.lines_total
    assert whole.emulator.scrollback.size_bytes == single.emulator.scrollback.size_bytes


@given(sizes, streams, st.lists(styled, min_size=1, max_size=6).map(b"".join))
@settings(max_examples=300, deadline=None)
def test_colored_text_is_the_same_in_one_piece_as_piece_by_piece(size: tuple[int, int], before: bytes, text: bytes) -> None:
    fast, slow = Terminal(size), Terminal(size)
    fast.emulator.feed(before)
    fast.emulator.feed(text)
    slow.emulator.feed(before)
    for position in range(len(text)):
        slow.emulator.feed(text[position : position + 1])
    assert fast.state() == slow.state()


letters = st.sampled_from(["a", "bc", "é", "画", "e\u0301", "\u0301", "\u200d", "\U00100005", "\u200b", "\ufe0f", "️👍🏽", "क्षि"])


@given(sizes, streams, st.lists(letters, max_size=30).map(lambda parts: "".join(parts).encode()))
@settings(max_examples=300, deadline=None)
def test_text_with_marks_is_the_same_in_one_piece_as_byte_by_byte(size: tuple[int, int], before: bytes, text: bytes) -> None:
    fast, slow = Terminal(size), Terminal(size)
    fast.emulator.feed(before)
    fast.emulator.feed(text)
    slow.emulator.feed(before)
    for position in range(len(text)):
        slow.emulator.feed(text[position : position + 1])
    assert fast.state() == slow.state()


@given(sizes, streams, streams)
@settings(max_examples=200, deadline=None)
def test_a_restored_emulator_goes_on_as_the_original(size: tuple[int, int], before: bytes, after: bytes) -> None:
    original, copy = Terminal(size), Terminal(size)
    original.emulator.feed(before)
    original.emulator.scrollback.clear()
    original.emulator.take_events()
    original.replies.clear()
    copy.emulator = Emulator.restore(original.emulator.snapshot(), reply=copy.replies.append, scrollback_lines=30)
    original.emulator.feed(after)
    copy.emulator.feed(after)
    assert copy.state() == original.state()


@given(streams, st.lists(st.tuples(st.integers(-1, 40), st.integers(-1, 12)), max_size=6), streams)
@settings(max_examples=150, deadline=None)
def test_nothing_that_is_fed_and_no_size_raises(before: bytes, new_sizes: list[tuple[int, int]], after: bytes) -> None:
    terminal = Terminal((20, 6))
    terminal.emulator.feed(before)
    for cols, rows in new_sizes:
        terminal.emulator.resize(cols=cols, rows=rows)
        terminal.emulator.feed(after)
        assert 0 <= terminal.emulator.cursor.x < terminal.emulator.cols
        assert 0 <= terminal.emulator.cursor.y < terminal.emulator.rows
        assert len(terminal.emulator.screen.grid.rows) == len(terminal.emulator.screen.grid.other_rows) == terminal.emulator.rows
    state = terminal.state()
    display = terminal.emulator.screen.display
    assert len(display) == terminal.emulator.rows
    assert len(state["runs"]) == terminal.emulator.rows - terminal.emulator.first_row()


TYPED = [b"a", b" ", b"bc", b"\b", b"\r", b"x" * 30, "世".encode(), b"\x1b[31m", b"\x1b[7m  ", b"\x1b[m", b"\x1b[K"]
TYPED += [b"\x1b[4P", b"\x1b[2@"]


@given(st.lists(st.sampled_from(TYPED), max_size=20))
def test_runs_asked_for_again_and_again_are_those_asked_for_once(pieces: list[bytes]) -> None:
    often, once = Terminal((40, 3)), Terminal((40, 3))
    for piece in pieces:
        often.emulator.feed(piece)
        often.emulator.row(0)
    once.emulator.feed(b"".join(pieces))
    assert often.emulator.row(0) == once.emulator.row(0)


@given(streams)
@settings(max_examples=100, deadline=None)
def test_runs_cover_the_text_without_overlap(stream: bytes) -> None:
    terminal = Terminal((20, 6))
    terminal.emulator.feed(stream)
    for y in range(terminal.emulator.first_row(), terminal.emulator.rows):
        column = 0
        for run in terminal.emulator.row(y):
            assert run.col >= column
            assert run.is_cluster or run.cells in (len(run.text), 2 * len(run.text))
            column = run.col + run.cells
        assert "".join(run.text for run in terminal.emulator.row(y)).rstrip(" ") == terminal.emulator.text(y).rstrip(" ")


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_garbage_is_no_snapshot(data: bytes) -> None:
    for garbage in (data, b"SYNKSCR1" + data):
        try:
            Emulator.restore(garbage, reply=lambda _: None)
        except ValueError:
            continue
        raise AssertionError("garbage was restored")


@given(st.binary(max_size=60), st.integers(1, 59))
@settings(max_examples=150, deadline=None)
def test_text_is_decoded_as_python_does_whatever_the_chunking(data: bytes, cut: int) -> None:
    text = bytes(byte | 0x80 for byte in data)
    terminal = Terminal((240, 1))
    terminal.emulator.feed(text[:cut])
    terminal.emulator.feed(text[cut:] + b"A")
    expected = Terminal((240, 1))
    expected.emulator.feed((text + b"A").decode("utf-8", "replace").encode())
    assert terminal.emulator.text(0) == expected.emulator.text(0)


def test_it_runs_in_a_plain_process_without_qt() -> None:
    script = (
        "import sys; sys.modules['PySide6'] = None\n"
        "from synk.terminal.emulator import Emulator\n"
        "emulator = Emulator(cols=20, rows=2, reply=lambda data: None)\n"
        "emulator.feed(b'\\x1b[1mhello')\n"
        "print(emulator.text(0))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "hello\n"
