"""The tables of the kitty keyboard protocol's documentation, and what its five flags change."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.base.keypress import MODIFIER_KEYS, KeyPress
from synk.terminal.keyboard import encode_key, encode_text
from synk.terminal.kitty_keyboard import text_of
from synk.terminal.modes import Modes

DISAMBIGUATE, EVENTS, ALTERNATES, ALL, TEXT = 1, 2, 4, 8, 16
MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4, "super_": 8, "hyper": 16, "meta": 32, "caps_lock": 64, "num_lock": 128}


def send(flags: int, name: str, text: str = "", **fields: object) -> str:
    """What a program with these flags gets, with `^[[` as CSI."""
    sent = encode_key(KeyPress(name, text, **fields), Modes(kitty_keyboard=flags))  # type: ignore[arg-type]
    return sent.decode().replace("\x1b[", "CSI ")


FUNCTIONAL = {
    "escape": "27u", "enter": "13u", "tab": "9u", "backspace": "127u", "insert": "2~", "delete": "3~",
    "left": "1D", "right": "1C", "up": "1A", "down": "1B", "pageup": "5~", "pagedown": "6~", "home": "1H", "end": "1F",
    "caps_lock": "57358u", "scroll_lock": "57359u", "num_lock": "57360u", "print_screen": "57361u", "pause": "57362u",
    "menu": "57363u", "f1": "1P", "f2": "1Q", "f3": "13~", "f4": "1S", "f5": "15~", "f6": "17~", "f7": "18~", "f8": "19~",
    "f9": "20~", "f10": "21~", "f11": "23~", "f12": "24~", "f13": "57376u", "f14": "57377u", "f15": "57378u",
    "f16": "57379u", "f17": "57380u", "f18": "57381u", "f19": "57382u", "f20": "57383u", "f21": "57384u", "f22": "57385u",
    "f23": "57386u", "f24": "57387u", "f25": "57388u", "f26": "57389u", "f27": "57390u", "f28": "57391u", "f29": "57392u",
    "f30": "57393u", "f31": "57394u", "f32": "57395u", "f33": "57396u", "f34": "57397u", "f35": "57398u",
    "kp_0": "57399u", "kp_1": "57400u", "kp_2": "57401u", "kp_3": "57402u", "kp_4": "57403u", "kp_5": "57404u",
    "kp_6": "57405u", "kp_7": "57406u", "kp_8": "57407u", "kp_9": "57408u", "kp_decimal": "57409u", "kp_divide": "57410u",
    "kp_multiply": "57411u", "kp_minus": "57412u", "kp_plus": "57413u", "kp_enter": "57414u", "kp_equal": "57415u",
    "kp_separator": "57416u", "kp_left": "57417u", "kp_right": "57418u", "kp_up": "57419u", "kp_down": "57420u",
    "kp_pageup": "57421u", "kp_pagedown": "57422u", "kp_home": "57423u", "kp_end": "57424u", "kp_insert": "57425u",
    "kp_delete": "57426u", "kp_begin": "1E", "media_play": "57428u", "media_pause": "57429u", "media_play_pause": "57430u",
    "media_reverse": "57431u", "media_stop": "57432u", "media_fast_forward": "57433u", "media_rewind": "57434u",
    "media_track_next": "57435u", "media_track_previous": "57436u", "media_record": "57437u", "lower_volume": "57438u",
    "raise_volume": "57439u", "mute_volume": "57440u", "left_shift": "57441u", "left_control": "57442u",
    "left_alt": "57443u", "left_super": "57444u", "left_hyper": "57445u", "left_meta": "57446u", "right_shift": "57447u",
    "right_control": "57448u", "right_alt": "57449u", "right_super": "57450u", "right_hyper": "57451u",
    "right_meta": "57452u", "iso_level3_shift": "57453u", "iso_level5_shift": "57454u",
}  # fmt: skip
"""The documentation's table of functional key codes."""


@pytest.mark.parametrize(("name", "code"), FUNCTIONAL.items())
def test_functional_keys_have_the_codes_of_the_table(name: str, code: str) -> None:
    number, final = code[:-1], code[-1]
    alone = "" if number == "1" else number
    assert send(ALL, name) == f"CSI {alone}{final}"
    assert send(ALL, name, ctrl=True) == f"CSI {number};5{final}"
    assert send(ALL | EVENTS, name, released=True) == f"CSI {number};1:3{final}"


def test_every_modifier_key_is_told_only_to_a_program_that_wants_all_keys() -> None:
    for name in MODIFIER_KEYS:
        assert send(DISAMBIGUATE | EVENTS | ALTERNATES, name) == ""
        assert send(ALL, name).startswith("CSI 57")
        assert send(0, name) == ""


@pytest.mark.parametrize(("modifier", "bit"), MODIFIERS.items())
def test_each_modifier_has_its_bit(modifier: str, bit: int) -> None:
    assert send(DISAMBIGUATE, "up", **{modifier: True}) == f"CSI 1;{bit + 1}A"
    assert send(ALL, "a", "a", **{modifier: True}) == f"CSI 97;{bit + 1}u"


# From kitty's documentation ("Disambiguate escape codes") and the table of its legacy text keys.
@pytest.mark.parametrize(
    ("name", "fields", "sent"),
    [
        ("a", {"text": "a"}, "a"),
        ("a", {"text": "A", "shift": True}, "A"),
        ("a", {"text": "A", "caps_lock": True, "num_lock": True}, "A"),
        ("q", {"text": "@"}, "@"),
        ("space", {"text": " "}, " "),
        ("space", {"text": " ", "shift": True}, " "),
        ("space", {"text": " ", "ctrl": True}, "CSI 32;5u"),
        ("escape", {}, "CSI 27u"),
        ("escape", {"alt": True}, "CSI 27;3u"),
        ("enter", {}, "\r"),
        ("enter", {"num_lock": True}, "\r"),
        ("enter", {"shift": True}, "CSI 13;2u"),
        ("enter", {"ctrl": True}, "CSI 13;5u"),
        ("tab", {}, "\t"),
        ("tab", {"shift": True}, "CSI 9;2u"),
        ("tab", {"ctrl": True, "shift": True}, "CSI 9;6u"),
        ("backspace", {}, "\x7f"),
        ("backspace", {"ctrl": True}, "CSI 127;5u"),
        ("c", {"text": "c", "ctrl": True}, "CSI 99;5u"),
        ("i", {"text": "I", "ctrl": True, "shift": True}, "CSI 105;6u"),
        ("[", {"text": "[", "alt": True}, "CSI 91;3u"),
        ("a", {"text": "A", "alt": True, "shift": True}, "CSI 97;4u"),
        ("3", {"text": "#", "ctrl": True, "shift": True}, "CSI 51;6u"),
        ("ß", {"text": "?", "ctrl": True, "shift": True}, "CSI 223;6u"),
        ("c", {"text": "с", "key": "с", "ctrl": True}, "CSI 1089;5u"),
        ("a", {"text": "a", "super_": True}, "CSI 97;9u"),
        ("up", {}, "CSI A"),
        ("up", {"shift": True}, "CSI 1;2A"),
        ("f1", {}, "CSI P"),
        ("f3", {"alt": True}, "CSI 13;3~"),
        ("f13", {"shift": True}, "CSI 57376;2u"),
        ("kp_5", {"text": "5", "num_lock": True}, "5"),
        ("kp_5", {"text": "5", "ctrl": True}, "CSI 57404;5u"),
        ("kp_enter", {}, "CSI 57414u"),
        ("kp_up", {}, "CSI 57419u"),
        ("kp_begin", {}, "CSI E"),
        ("menu", {}, "CSI 57363u"),
        ("volume", {}, ""),
    ],
)
def test_disambiguated_keys(name: str, fields: dict[str, object], sent: str) -> None:
    assert send(DISAMBIGUATE, name, **fields) == sent  # type: ignore[arg-type]


def test_disambiguation_does_not_depend_on_modes_of_older_protocols() -> None:
    modes = Modes(kitty_keyboard=DISAMBIGUATE, application_cursor=True, application_keypad=True, modify_other_keys=2)
    assert encode_key(KeyPress("up"), modes) == b"\x1b[A"
    assert encode_key(KeyPress("kp_5", text="5"), modes) == b"5"
    assert encode_key(KeyPress("a", text="A", shift=True), modes) == b"A"


@pytest.mark.parametrize(
    ("name", "fields", "sent"),
    [
        ("up", {"repeat": True}, "CSI 1;1:2A"),
        ("up", {"released": True}, "CSI 1;1:3A"),
        ("up", {"released": True, "shift": True}, "CSI 1;2:3A"),
        ("c", {"text": "c", "ctrl": True, "repeat": True}, "CSI 99;5:2u"),
        ("c", {"text": "c", "released": True}, "CSI 99;1:3u"),
        ("a", {"text": "a", "repeat": True}, "a"),
        ("enter", {"released": True}, ""),
        ("enter", {"released": True, "shift": True}, ""),
        ("enter", {"repeat": True}, "\r"),
        ("tab", {"released": True}, ""),
        ("backspace", {"released": True}, ""),
        ("delete", {"released": True}, "CSI 3;1:3~"),
    ],
)
def test_repeats_and_releases_are_reported(name: str, fields: dict[str, object], sent: str) -> None:
    assert send(DISAMBIGUATE | EVENTS, name, **fields) == sent  # type: ignore[arg-type]


def test_event_types_alone_leave_presses_as_they_were() -> None:
    assert send(EVENTS, "c", "c", ctrl=True) == "\x03"
    assert send(EVENTS, "escape") == "\x1b"
    assert send(EVENTS, "c", "c", ctrl=True, released=True) == "CSI 99;5:3u"
    assert send(EVENTS, "kp_up", released=True) == "CSI 1;1:3A"
    assert send(EVENTS, "kp_5", released=True) == "CSI 53;1:3u"


@pytest.mark.parametrize(
    ("name", "fields", "sent"),
    [
        ("a", {"text": "A", "ctrl": True, "shift": True}, "CSI 97:65;6u"),
        ("=", {"text": "+", "ctrl": True, "shift": True}, "CSI 61:43;6u"),
        ("=", {"text": "=", "ctrl": True}, "CSI 61;5u"),
        ("c", {"text": "с", "key": "с", "ctrl": True}, "CSI 1089::99;5u"),
        ("c", {"text": "С", "key": "с", "ctrl": True, "shift": True}, "CSI 1089:1057:99;6u"),
        ("z", {"text": "z", "base": "y", "ctrl": True}, "CSI 122::121;5u"),
        ("ß", {"text": "?", "base": "-", "ctrl": True, "shift": True}, "CSI 223:63:45;6u"),
        ("&", {"text": "1", "base": "1", "ctrl": True, "shift": True}, "CSI 38:49:49;6u"),
        ("space", {"text": " ", "ctrl": True, "shift": True}, "CSI 32;6u"),
        ("up", {"shift": True, "base": "x"}, "CSI 1;2A"),
        ("a", {"text": "A", "shift": True}, "A"),
    ],
)
def test_alternate_keys_are_the_shifted_one_and_the_one_of_a_us_keyboard(
    name: str, fields: dict[str, object], sent: str
) -> None:
    assert send(DISAMBIGUATE | ALTERNATES, name, **fields) == sent  # type: ignore[arg-type]


def test_alternate_keys_alone_change_nothing() -> None:
    assert send(ALTERNATES, "a", "A", ctrl=True, shift=True) == "\x01"


@pytest.mark.parametrize(
    ("name", "fields", "sent"),
    [
        ("a", {"text": "a"}, "CSI 97u"),
        ("a", {"text": "A", "shift": True}, "CSI 97;2u"),
        ("a", {"text": "a", "num_lock": True}, "CSI 97;129u"),
        ("enter", {}, "CSI 13u"),
        ("tab", {}, "CSI 9u"),
        ("backspace", {}, "CSI 127u"),
        ("space", {"text": " "}, "CSI 32u"),
        ("kp_5", {"text": "5"}, "CSI 57404u"),
        ("up", {}, "CSI A"),
    ],
)
def test_all_keys_as_escape_codes(name: str, fields: dict[str, object], sent: str) -> None:
    assert send(ALL, name, **fields) == sent  # type: ignore[arg-type]
    assert send(ALL | DISAMBIGUATE, name, **fields) == sent  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "fields", "sent"),
    [
        ("a", {"text": "A", "shift": True}, "CSI 97;2;65u"),
        ("a", {"text": "å"}, "CSI 97;;229u"),
        ("a", {"text": "ab"}, "CSI 97;;97:98u"),
        ("a", {"text": "a", "repeat": True}, "CSI 97;1:2;97u"),
        ("a", {"text": "a", "released": True}, "CSI 97;1:3u"),
        ("a", {"text": "a", "ctrl": True}, "CSI 97;5u"),
        ("kp_5", {"text": "5"}, "CSI 57404;;53u"),
        ("enter", {"text": "\r"}, "CSI 13u"),
        ("unknown", {"text": "é"}, "CSI 0;;233u"),
        ("unknown", {}, ""),
    ],
)
def test_associated_text(name: str, fields: dict[str, object], sent: str) -> None:
    assert send(ALL | TEXT | EVENTS, name, **fields) == sent  # type: ignore[arg-type]


def test_text_without_all_keys_changes_nothing() -> None:
    assert send(DISAMBIGUATE | TEXT, "a", "a") == "a"
    assert send(DISAMBIGUATE | TEXT, "c", "c", ctrl=True) == "CSI 99;5u"


def test_composed_text_has_no_key() -> None:
    assert encode_text("你好", Modes()) == "你好".encode()
    assert encode_text("你好", Modes(kitty_keyboard=DISAMBIGUATE | ALL)) == "你好".encode()
    assert encode_text("你好", Modes(kitty_keyboard=ALL | TEXT)) == b"\x1b[0;;20320:22909u"
    assert encode_text("\x1b", Modes(kitty_keyboard=ALL | TEXT)) == b""


def test_without_flags_a_release_is_silent() -> None:
    assert send(0, "a", "a", released=True) == ""
    assert send(DISAMBIGUATE | ALL, "up", released=True) == ""


NAMES = st.sampled_from([*FUNCTIONAL, *"azß=1;ц", "space"])
PRESSES = st.builds(
    KeyPress,
    NAMES,
    st.sampled_from(["", "a", "A", "€", "ab", "\x1b", "\x9b", "\ud800"]),
    *[st.booleans()] * 8,
    base=st.sampled_from(["", "y"]),
)
FLAGS = st.integers(0, 31)


@given(PRESSES, FLAGS)
def test_what_is_sent_is_text_or_one_sequence_and_can_be_decoded(press: KeyPress, flags: int) -> None:
    sent = encode_key(press, Modes(kitty_keyboard=flags))
    sent.decode()
    if flags & ALL:
        assert sent.count(b"\x1b") == (1 if sent else 0)
        assert sent[:2] in (b"", b"\x1b[")


@given(PRESSES, FLAGS)
def test_a_program_gets_releases_only_if_it_asked_for_events(press: KeyPress, flags: int) -> None:
    released = replace(press, released=True)
    sent = encode_key(released, Modes(kitty_keyboard=flags & ~EVENTS))
    assert sent == b""
    assert b":3" in encode_key(released, Modes(kitty_keyboard=ALL | EVENTS))


@given(PRESSES, st.integers(0, 7))
def test_typed_text_arrives_as_text_until_all_keys_are_wanted(press: KeyPress, flags: int) -> None:
    text = text_of(replace(press, released=False))
    if text and flags and not press.is_modifier:
        sent = encode_key(replace(press, released=False), Modes(kitty_keyboard=flags))
        assert sent == text.encode()


@given(PRESSES)
def test_two_keys_with_all_keys_differ_unless_they_are_the_same(press: KeyPress) -> None:
    modes = Modes(kitty_keyboard=31)
    other = replace(press, ctrl=not press.ctrl)
    assert encode_key(press, modes) != encode_key(other, modes)
