"""The tables of keyboard layouts, and the guess at the one in use."""

import pytest

from synk.ui.terminal.layouts import KEY_CODES, LAYOUTS, NOTHING, US, LayoutGuess


def test_each_layout_has_a_character_or_nothing_for_each_key() -> None:
    for layout in LAYOUTS:
        for level in (layout.plain, layout.shift, layout.altgr):
            assert len(level) == len(KEY_CODES), layout.name
            assert all(character == NOTHING or character.isprintable() for character in level), layout.name


def test_the_us_keyboard_has_no_key_beside_the_left_shift() -> None:
    assert (US[38], US[24], US[61]) == ("a", "q", "/")
    assert 94 not in US


@pytest.mark.parametrize(
    ("code", "character", "is_shifted", "plain"),
    [(10, "!", True, "1"), (61, "?", True, "/"), (20, "?", True, "ß"), (24, "@", False, "q"), (10, "1", True, "&")],
)
def test_a_symbol_only_one_of_the_first_layouts_has_there_tells_its_key(
    code: int, character: str, is_shifted: bool, plain: str
) -> None:
    assert LayoutGuess().unshifted(code, character, is_shifted=is_shifted) == plain


def test_what_was_typed_before_decides_between_layouts() -> None:
    guess = LayoutGuess()
    assert guess.unshifted(20, "?", is_shifted=True) == "ß"
    assert guess.unshifted(47, "ñ", is_shifted=False) == "ñ"
    assert guess.unshifted(20, "?", is_shifted=True) == "'"
    assert guess.unshifted(20, "+", is_shifted=False) == "+"
    assert guess.unshifted(20, "?", is_shifted=True) == "+"


def test_an_unknown_key_is_not_guessed() -> None:
    guess = LayoutGuess()
    assert guess.unshifted(10, "漢", is_shifted=False) == ""
    assert guess.unshifted(400, "a", is_shifted=False) == ""


@pytest.mark.parametrize("name", [layout.name for layout in LAYOUTS])
def test_a_layout_is_recognised_after_each_key_was_typed_once(name: str) -> None:
    layout = next(layout for layout in LAYOUTS if layout.name == name)
    guess = LayoutGuess()
    for code, plain in zip(KEY_CODES, layout.plain, strict=True):
        guess.unshifted(code, plain, is_shifted=False)
    for code, plain, shifted in zip(KEY_CODES, layout.plain, layout.shift, strict=True):
        if NOTHING not in (plain, shifted):
            assert guess.unshifted(code, shifted, is_shifted=True) == plain
