"""Grapheme clusters (mode 2027): what is one character, how many cells it takes, and that chunks make no difference."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synk.terminal.emulator import Emulator
from synk.terminal.graphemes import Graphemes, cluster_width

ALPHABET = [
    "a",
    "é",
    "e",
    "\u0301",
    "\u0308",
    "好",
    "☁",
    "\ufe0f",
    "\ufe0e",
    "\u200d",
    "👩",
    "💻",
    "👍",
    "🏽",
    "🇺",
    "🇸",
    "1",
    "\u20e3",
    "ก",
    "ำ",
    "क",
    "\u094d",
    "ष",
]
ALPHABET += ["ᄀ", "ᅡ", "ᆨ", "가", "\u0600", "\u200e", "\U000e0067", "\U00100005"]


def cells(stream: str, *, cols: int = 10) -> list[list[tuple[str, int]]]:
    emulator = Emulator(cols=cols, rows=3, reply=lambda _: None)
    emulator.feed(("\x1b[?2027h" + stream).encode())
    rows = []
    for y in range(3):
        columns = emulator.cells(y)
        rows.append([(text, 1 + (columns[x + 1 : x + 2] == ("",))) for x, text in enumerate(columns) if text])
    return rows


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("e\u0301", 1),
        ("☁", 1),
        ("☁\ufe0f", 2),
        ("1\ufe0f\u20e3", 2),
        ("a\ufe0f", 1),
        ("👩\u200d💻", 2),
        ("👩\u200d👩\u200d👧\u200d👦", 2),
        ("👍🏽", 2),
        ("🇺🇸", 2),
        ("🇺", 2),
        ("🏴\U000e0067\U000e0062\U000e007f", 2),
        ("กำ", 1),
        ("क्ष", 1),
        ("\u1112\u1161\u11ab", 2),
    ],
)
def test_a_cluster_is_one_character(text: str, width: int) -> None:
    assert cells(text + "x")[0] == [(text, width), ("x", 1)]
    assert cluster_width(text) == width


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("🇺🇸🇩🇪", ["🇺🇸", "🇩🇪"]),
        ("👩💻", ["👩", "💻"]),
        ("e\u200d💻", ["e\u200d", "💻"]),
        ("\u0600a", ["\u0600", "a"]),
        ("\u0600\u0301", ["\u0600\u0301"]),
        ("a" + "\u0301" * 40 + "b", ["a" + "\u0301" * 15, "b"]),
    ],
)
def test_text_is_split(text: str, parts: list[str]) -> None:
    assert Graphemes().split("", text) == ("", parts)


def test_without_the_mode_every_character_counts_for_itself() -> None:
    emulator = Emulator(cols=10, rows=1, reply=lambda _: None)
    emulator.feed("👩\u200d💻👍🏽☁\ufe0f".encode())
    assert emulator.cursor.x == 9


def test_without_the_mode_a_flag_has_two_cells_as_well() -> None:
    emulator = Emulator(cols=10, rows=1, reply=lambda _: None)
    emulator.feed("🇩🇪".encode())
    assert emulator.cursor.x == 2


def test_a_character_that_becomes_wide_moves_to_the_next_line() -> None:
    assert cells("ab☁\ufe0fc", cols=3)[:2] == [[("a", 1), ("b", 1)], [("☁\ufe0f", 2), ("c", 1)]]


@given(
    st.lists(st.sampled_from(ALPHABET), max_size=20),
    st.sampled_from([(10, 3), (3, 3), (2, 2), (1, 1)]),
    st.sampled_from(["", "\x1b[4h", "\x1b[?7l", "\x1b[?69h\x1b[2;4s"]),
)
@settings(max_examples=300, deadline=None)
def test_text_may_come_in_any_pieces(text: list[str], size: tuple[int, int], mode: str) -> None:
    whole = Emulator(cols=size[0], rows=size[1], reply=lambda _: None)
    single = Emulator(cols=size[0], rows=size[1], reply=lambda _: None)
    for emulator in (whole, single):
        emulator.feed(f"zyxwvuts\x1b[H\x1b[?2027h{mode}".encode())
    whole.feed("".join(text).encode())
    for char in text:
        single.feed(char.encode())
    assert single.snapshot() == whole.snapshot()
