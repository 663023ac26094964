"""Chords: reading, showing, and what a key press may mean on different layouts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.base.errors import UsageError
from synk.base.keypress import KeyPress
from synk.keys.chords import NAMED_KEYS, Chord, meanings, parse_chord, press_of

NAMES = st.one_of(st.sampled_from(sorted(NAMED_KEYS)), st.characters(min_codepoint=33, max_codepoint=126).map(str.lower))
CHORDS = st.builds(Chord, NAMES, st.booleans(), st.booleans(), st.booleans(), st.booleans())


@given(CHORDS)
def test_a_chord_reads_back_as_it_was_written(chord: Chord) -> None:
    assert parse_chord(str(chord)) == chord


@pytest.mark.parametrize(
    ("text", "label"),
    [("ctrl+shift+n", "Ctrl+Shift+n"), ("escape", "Esc"), ("pageup", "PageUp"), ("f11", "F11"), ("?", "?"), ("ctrl++", "Ctrl++")],
)
def test_a_chord_is_shown_as_people_write_it(text: str, label: str) -> None:
    assert parse_chord(text).label == label


@pytest.mark.parametrize("text", ["hyper+x", "ctrl+", "", "ctrl+nosuch", "nosuch"])
def test_a_chord_that_cannot_be_read_names_itself(text: str) -> None:
    with pytest.raises(UsageError, match="Unknown"):
        parse_chord(text)


def test_a_question_mark_is_found_on_a_us_and_on_a_german_keyboard() -> None:
    us = KeyPress("/", text="?", shift=True)
    german = KeyPress("ß", text="?", shift=True)
    assert meanings(us)[0] == meanings(german)[0] == Chord("?")


def test_altgr_7_on_a_german_keyboard_is_a_brace_and_never_a_seven() -> None:
    assert meanings(KeyPress("7", text="{")) == (Chord("{"),)


def test_altgr_8_on_a_german_keyboard_is_a_bracket() -> None:
    assert meanings(KeyPress("8", text="[")) == (Chord("["),)


def test_a_digit_that_needs_shift_on_a_french_keyboard_is_still_that_digit() -> None:
    assert Chord("1") in meanings(KeyPress("&", text="1", shift=True))


def test_an_exclamation_mark_is_not_the_key_one() -> None:
    assert Chord("1") not in meanings(KeyPress("1", text="!", shift=True))


def test_caps_lock_does_not_turn_n_into_shift_n() -> None:
    assert meanings(KeyPress("n", text="N")) == (Chord("n"),)
    assert meanings(KeyPress("n", text="n", shift=True)) == (Chord("n", shift=True),)


def test_ctrl_plus_on_a_us_keyboard_is_ctrl_shift_equal_and_ctrl_plus() -> None:
    assert meanings(KeyPress("=", text="+", shift=True, ctrl=True)) == (
        Chord("+", ctrl=True),
        Chord("=", ctrl=True, shift=True),
    )


@pytest.mark.parametrize(
    ("press", "chord"),
    [
        (KeyPress("kp_5", text="5"), Chord("5")),
        (KeyPress("kp_enter", text="\r"), Chord("enter")),
        (KeyPress("kp_up"), Chord("up")),
        (KeyPress("kp_plus", text="+", ctrl=True), Chord("+", ctrl=True)),
    ],
)
def test_keypad_keys_mean_what_they_show(press: KeyPress, chord: Chord) -> None:
    assert meanings(press)[0] == chord


def test_space_is_a_named_key_with_and_without_shift() -> None:
    assert meanings(KeyPress("space", text=" ", shift=True)) == (Chord("space", shift=True),)


def test_a_key_written_as_text_has_the_text_a_us_keyboard_gives_it() -> None:
    assert press_of("shift+a") == KeyPress("a", text="A", shift=True)
    assert press_of("ctrl+b") == KeyPress("b", text="b", ctrl=True)
    assert press_of("escape") == KeyPress("escape")
    assert press_of("space") == KeyPress("space", text=" ")


@pytest.mark.parametrize("name", ["pause", "print_screen", "f35"])
def test_a_key_that_programs_do_not_know_can_be_bound(name: str) -> None:
    assert parse_chord(f"ctrl+{name}") in meanings(KeyPress(name, ctrl=True))
