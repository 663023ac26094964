"""Modes a program can set (DECSET, SM and others), by number and as the frozen picture the encoders and the window read."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal

Mouse = Literal["off", "x10", "normal", "button", "any"]
MouseEncoding = Literal["x10", "utf8", "sgr", "urxvt", "sgr_pixels"]


def private(mode: int) -> int:
    """Key of a DEC private mode in `Screen.mode`; pyte keeps them apart from ANSI modes by this shift."""
    return mode << 5


INSERT = 4
SEND_RECEIVE = 12
NEWLINE = 20

CURSOR_KEYS = private(1)
WIDE_SCREEN = private(3)
"""DECCOLM: clears the screen where it is allowed (40); the size of a pane is not the program's to change."""
REVERSE_SCREEN = private(5)
ORIGIN = private(6)
AUTOWRAP = private(7)
AUTOREPEAT = private(8)
CURSOR_BLINK = private(12)
CURSOR_VISIBLE = private(25)
ALLOW_WIDE_SCREEN = private(40)
WRAP_BEFORE_TAB = private(41)
"""xterm's fix for more(1): a tab ends a pending wrap."""
REVERSE_WRAP = private(45)
ALTERNATE_47 = private(47)
KEYPAD = private(66)
BACKARROW_IS_BACKSPACE = private(67)
SIXEL_DISPLAY = private(80)
"""DECSDM: sixel pictures begin in the upper left corner, nothing scrolls, the cursor stays."""
SIDE_MARGINS = private(69)
"""DECLRMM: the screen has left and right margins, set with DECSLRM."""
FOCUS = private(1004)
ALTERNATE_SCROLL = private(1007)
KEYPAD_IS_NUMERIC = private(1035)
EXTENDED_REVERSE_WRAP = private(1045)
ALLOW_ALTERNATE = private(1046)
ALTERNATE_1047 = private(1047)
SAVE_CURSOR_1048 = private(1048)
ALTERNATE_1049 = private(1049)
PRIVATE_COLORS = private(1070)
"""Each sixel picture begins with the colors of the terminal; else with those that the one before left."""
BRACKETED_PASTE = private(2004)
SYNCHRONIZED = private(2026)
GRAPHEMES = private(2027)
"""A character with all that belongs to it (accents, emoji parts) takes one cell, or two."""
SCHEME_REPORTS = private(2031)
"""The program is told when the theme turns dark or light."""
SIZE_REPORTS = private(2048)
"""The program is told new sizes in band."""
CURSOR_RIGHT_OF_SIXEL = private(8452)
"""The cursor goes to the right of a sixel picture; else below where it began."""
IMAGE_MODES = frozenset({SIXEL_DISPLAY, PRIVATE_COLORS, CURSOR_RIGHT_OF_SIXEL})
"""Not known to a terminal without pictures."""

MOUSE: dict[int, Mouse] = {private(9): "x10", private(1000): "normal", private(1002): "button", private(1003): "any"}
"""Only one of these is on at a time."""
MOUSE_ENCODINGS: dict[int, MouseEncoding] = {
    private(1005): "utf8",
    private(1006): "sgr",
    private(1015): "urxvt",
    private(1016): "sgr_pixels",
}
"""Only one of these is on at a time."""

# Remembered and told, and nothing more: there is neither printer, smooth scrolling nor margin bell, output does not
# move the view, and the keyboard cannot be taken away from the user (2, KAM).
_KEPT = frozenset({2})
_KEPT_PRIVATE = frozenset(map(private, (4, 18, 19, 42, 44, 1010, 1011)))

KNOWN_ANSI = frozenset({INSERT, SEND_RECEIVE, NEWLINE}) | _KEPT
KNOWN_PRIVATE = (
    frozenset(
        {
            CURSOR_KEYS,
            WIDE_SCREEN,
            REVERSE_SCREEN,
            ORIGIN,
            AUTOWRAP,
            AUTOREPEAT,
            CURSOR_BLINK,
            CURSOR_VISIBLE,
            ALLOW_WIDE_SCREEN,
            WRAP_BEFORE_TAB,
            REVERSE_WRAP,
            ALTERNATE_47,
            KEYPAD,
            BACKARROW_IS_BACKSPACE,
            SIDE_MARGINS,
            FOCUS,
            ALTERNATE_SCROLL,
            KEYPAD_IS_NUMERIC,
            EXTENDED_REVERSE_WRAP,
            ALLOW_ALTERNATE,
            ALTERNATE_1047,
            SAVE_CURSOR_1048,
            ALTERNATE_1049,
            BRACKETED_PASTE,
            SYNCHRONIZED,
            GRAPHEMES,
            SCHEME_REPORTS,
            SIZE_REPORTS,
            *MOUSE,
            *MOUSE_ENCODINGS,
        }
    )
    | _KEPT_PRIVATE
    | IMAGE_MODES
)
ALWAYS_SET = frozenset(map(private, (1036, 1039)))
"""Alt sends ESC before a key, whatever the program wants."""
ALWAYS_RESET = frozenset({1, 3, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19}) | {private(1034)}
"""What ECMA-48 terminals do not do, and keys that set the eighth bit."""
INITIAL = frozenset(
    {
        SEND_RECEIVE,
        AUTOWRAP,
        AUTOREPEAT,
        CURSOR_VISIBLE,
        CURSOR_BLINK,
        ALTERNATE_SCROLL,
        KEYPAD_IS_NUMERIC,
        ALLOW_ALTERNATE,
        PRIVATE_COLORS,
    }
)
"""On after a start or RIS. The wheel sends arrow keys on the alternate screen unless the program forbids it."""


@dataclass(frozen=True, slots=True)
class Modes:
    """What is set at the moment."""

    application_cursor: bool = False
    application_keypad: bool = False
    keypad_is_numeric: bool = True
    """1035: with Num Lock the keypad means its digits and operators, whatever `application_keypad` says."""
    bracketed_paste: bool = False
    mouse: Mouse = "off"
    mouse_encoding: MouseEncoding = "x10"
    focus_events: bool = False
    alternate_screen: bool = False
    alternate_scroll: bool = True
    """The wheel sends arrow keys while the alternate screen is shown and the mouse is off."""
    reverse_screen: bool = False
    synchronized: bool = False
    """The program is in the middle of a frame (2026): show it when this ends, or after 150 ms."""
    graphemes: bool = False
    scheme_reports: bool = False
    size_reports: bool = False
    newline: bool = False
    """LNM: Enter sends CR LF."""
    insert: bool = False
    origin: bool = False
    autowrap: bool = True
    backarrow_is_backspace: bool = False
    """DECBKM: the Backspace key sends BS instead of DEL."""
    modify_other_keys: int = 0
    """0, 1 or 2: how many keys are sent as `CSI 27 ; modifiers ; code ~`."""
    kitty_keyboard: int = 0
    """Flags of the kitty keyboard protocol on the screen shown (`key_flags`); 0: keys are sent as xterm does."""


def picture(mode: Set[int], *, is_alternate: bool, modify_other_keys: int, kitty_keyboard: int) -> Modes:
    """The frozen picture of the mode numbers in `mode`."""
    return Modes(
        application_cursor=CURSOR_KEYS in mode,
        application_keypad=KEYPAD in mode,
        keypad_is_numeric=KEYPAD_IS_NUMERIC in mode,
        bracketed_paste=BRACKETED_PASTE in mode,
        mouse=next((name for number, name in MOUSE.items() if number in mode), "off"),
        mouse_encoding=next((name for number, name in MOUSE_ENCODINGS.items() if number in mode), "x10"),
        focus_events=FOCUS in mode,
        alternate_screen=is_alternate,
        alternate_scroll=ALTERNATE_SCROLL in mode,
        reverse_screen=REVERSE_SCREEN in mode,
        synchronized=SYNCHRONIZED in mode,
        graphemes=GRAPHEMES in mode,
        scheme_reports=SCHEME_REPORTS in mode,
        size_reports=SIZE_REPORTS in mode,
        newline=NEWLINE in mode,
        insert=INSERT in mode,
        origin=ORIGIN in mode,
        autowrap=AUTOWRAP in mode,
        backarrow_is_backspace=BACKARROW_IS_BACKSPACE in mode,
        modify_other_keys=modify_other_keys,
        kitty_keyboard=kitty_keyboard,
    )
