"""Bytes of a stream as the text a person would have seen, and cut to a budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.engine.texts import LineRenderer, budget, left_out, plain, rendered


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain\n", "plain\n"),
        (b"a\r\nb\r\n", "a\nb\n"),
        (b"10%\r100%\n", "100%\n"),
        (b"100%\r9\n", "900%\n"),
        (b"long line\r\x1b[Kab\n", "ab\n"),
        (b"long line\rab\x1b[K\n", "ab\n"),
        (b"abc\x08\x08X\n", "aXc\n"),
        (b"abc\x1b[2K\rx\n", "x\n"),
        (b"abc\x1b[1Kd\n", "   d\n"),
        (b"abcdef\x1b[3G\x1b[1PX\n", "abXef\n"),
        (b"ab\x1b[5CX\x1b[4DY\n", "ab  Y  X\n"),
        (b"abc\x1b[1G\x1b[2X\n", "  c\n"),
        (b"\x1b[31mred\x1b[0m \x1b]0;title\x07x \x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\\n", "red x link\n"),
        (b"\x1b[?25l\x1b[2J\x1b[H\x1b(Bx\x1b=\n", "x\n"),
        (b"bell\x07 nul\x00 del\x7f\ttab\n", "bell nul del\ttab\n"),
        ("grün ✓\n".encode(), "grün ✓\n"),
        (b"\xff\xfe\n", "\ufffd\ufffd\n"),
        (b"\x1bP1;2|data\x1b\\x\n", "x\n"),
        (b"\x1b]unfinished\nnext\n", "unfinished\nnext\n"),
        (b"no end", "no end"),
        (b"a\rb", "b"),
    ],
)
def test_a_line_is_what_a_terminal_would_show(data: bytes, text: str) -> None:
    assert rendered(data) == text


PIECES = st.sampled_from(
    [
        b"a", b"word ", b"\n", b"\r", b"\r\n", b"\x08", b"\x1b[31m", b"\x1b[K", b"\x1b[2K", b"\x1b[3G", b"\x1b[2D", b"\x1b[1C",
        b"\x1b[2P", b"\x1b[2X", b"\x1b]0;t\x07", b"\x1b]0;t\x1b\\", b"\x1bPx\x1b\\", b"\x1b(B", b"\x1b", b"[", b"\x07", b"\xff",
        b"\x1b[", "é€😀".encode(),
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map(b"".join), st.lists(st.integers(1, 5), min_size=1, max_size=40))
def test_any_chunking_gives_the_same_text(data: bytes, sizes: list[int]) -> None:
    renderer, parts, at = LineRenderer(), [], 0
    while at < len(data):
        size = sizes[at % len(sizes)]
        parts.append(renderer.feed(data[at : at + size]))
        at += size
    assert "".join(parts) + renderer.finish() == rendered(data)


@given(st.binary(max_size=200))
def test_any_bytes_become_text_without_control_characters(data: bytes) -> None:
    assert not {char for char in rendered(data) if char < " "} - {"\n", "\t"}


def test_a_character_split_over_two_writes_arrives_whole() -> None:
    renderer = LineRenderer()
    assert renderer.feed("grü".encode()[:3]) == ""
    assert renderer.feed("ü\n".encode()[1:]) == "grü\n"


def test_the_open_line_can_be_seen_before_it_ends() -> None:
    renderer = LineRenderer()
    assert renderer.feed(b"done\nContinue? [y/") == "done\n"
    assert renderer.pending == "Continue? [y/"
    renderer.feed(b"n] \x1b[")
    assert renderer.pending == "Continue? [y/n] "


def test_a_long_bar_keeps_its_last_state_only() -> None:
    bar = b"".join(b"\r%3d%% of the work" % number for number in range(101))
    assert rendered(bar + b"\n") == "100% of the work\n"


def test_a_long_line_that_is_edited_often_stays_cheap_and_the_same_for_any_chunking() -> None:
    data = b"ab\x08c\r\x1b[9999C" * 3000 + b"abc\x08" * 20_000 + b"\n"
    renderer = LineRenderer()
    chunked = "".join(renderer.feed(data[at : at + 777]) for at in range(0, len(data), 777)) + renderer.finish()
    assert chunked == rendered(data)
    assert rendered(data).endswith("ababc\n")


def test_a_hostile_column_costs_no_memory() -> None:
    assert len(rendered(b"\x1b[999999999Cx\n")) < 5000


def test_plain_keeps_the_line_and_loses_the_sequences() -> None:
    assert plain("\x1b[1mab\x1b[0m\rc\x07") == "ab\rc"


def test_what_fits_is_left_alone() -> None:
    assert budget("short", 100) == ("short", False)


def test_head_and_tail_stay_and_the_middle_says_where_to_read_on() -> None:
    text = "".join(f"line {number}\n" for number in range(10_000))
    cut, is_cut = budget(text, 1000, run_id="r7", cursor=100)
    assert is_cut
    assert len(cut) <= 1000
    head, _, rest = cut.partition("... ")
    joint, _, tail = rest.partition(" ...\n")
    assert head.endswith("\n")
    assert head.startswith("line 0\n")
    assert tail.endswith("line 9999\n")
    assert 1.2 < len(head) / len(tail) < 1.8
    shown = head.count("\n") + tail.count("\n")
    assert joint.startswith(f"{10_000 - shown:,} lines (")
    assert joint.endswith(f"left out; read r7 from cursor {100 + len(head)}")


@given(st.text(max_size=400), st.integers(150, 300))
def test_a_budget_is_kept_and_both_ends_are_the_texts_own(text: str, limit: int) -> None:
    cut, is_cut = budget(text, limit, run_id="r1")
    assert len(cut) <= limit or not is_cut
    if is_cut:
        assert cut[:20] == text[:20]
        assert cut[-20:] == text[-20:]
    else:
        assert cut == text


def test_one_endless_line_is_cut_inside() -> None:
    cut, _ = budget("x" * 10_000, 500, run_id="r1")
    assert cut.startswith("xxx")
    assert cut.endswith("xxx")
    assert "\n... 1 line (9.6 kB) left out;" in cut


def test_sizes_are_in_words() -> None:
    assert left_out(48_211, 3_100_000, run_id="r7", cursor=61_440) == (
        "... 48,211 lines (3.1 MB) left out; read r7 from cursor 61440 ..."
    )
    assert left_out(1, 12) == "... 1 line (12 B) left out ..."
