"""How many cells a character takes."""

import pytest

from synk.terminal.rows import STUB
from synk.terminal.widths import MARK, NARROW, Widths


@pytest.mark.parametrize(
    ("char", "cells"),
    [
        ("a", "a"),
        ("é", "é"),
        ("─", "─"),
        ("\u00ad", "\u00ad"),
        ("你", "你" + STUB),
        ("한", "한" + STUB),
        ("\U0001f600", "\U0001f600" + STUB),
        ("\U0001f1e9", "\U0001f1e9"),
        ("\u0301", MARK + "\u0301"),
        ("\u094d", MARK + "\u094d"),
        ("\u093f", "\u093f"),
        ("\u1031", "\u1031"),
        ("\u302e", "\u302e" + STUB),
        ("\u200d", MARK + "\u200d"),
        ("\ufe0f", MARK + "\ufe0f"),
        ("\U000e0067", MARK + "\U000e0067"),
        ("\U00100000", MARK + "\U00100000"),
        ("\u200b", ""),
        ("\u202e", ""),
        ("\ufeff", ""),
        ("\u2028", ""),
        ("\uffff", ""),
    ],
)
def test_character_becomes_cells(char: str, cells: str) -> None:
    assert char.translate(Widths()) == cells


def test_widths_are_remembered() -> None:
    widths = Widths()
    "你a你".translate(widths)
    assert set(widths) == {ord("你"), ord("a")}


def test_what_is_taken_for_narrow_takes_one_cell() -> None:
    narrow = [chr(code) for code in range(0x20, 0x3000) if NARROW.fullmatch(chr(code))]
    assert len(narrow) > 1500
    assert [char for char in narrow if Widths.of(char) != 1] == []


@pytest.mark.parametrize("around", ["", "e\u0301", "a", "é→", "\u200d", "\uac00" * 23 + "x"])
def test_long_runs_of_wide_characters_have_the_cells_that_each_has_by_itself(around: str) -> None:
    codes = [*range(0x2E80, 0xD800), *range(0xF900, 0x10000), *range(0x1F300, 0x1F700)]
    widths = Widths()
    for start in range(0, len(codes), 4000):
        text = around + "".join(map(chr, codes[start : start + 4000])) + around
        assert widths.cells(text) == text.translate(widths)
