"""Answers to what programs ask: attributes, status, modes, settings, sizes. No answer contains a program's own text."""

import re
from collections.abc import Callable

from synk.terminal import modes
from synk.terminal.mode_switches import Protection
from synk.terminal.state import SIDE_MARGINS_LEVEL, TerminalState
from synk.terminal.styles import RGB, Style

# A VT420 with selective erase (6), left and right margins (21), color (22), rectangles (28) and a clipboard that
# can be written (52); what is not there is not announced.
_ATTRIBUTES = b"\x1b[?64;6;21;22;28;52c"
_ATTRIBUTES_WITH_SIXEL = b"\x1b[?64;4;6;21;22;28;52c"
# 41 is a VT420: tmux uses left and right margins with it, whatever DA1 and DECRQM say. The second number is the
# xterm patch level that programs may count on (vim looks at it).
_SECONDARY = b"\x1b[>41;379;0c"
# The conformance level (DECSCL) that has them; as in xterm.
_DEVICE_LEVELS = {15: 2, 25: 2, 26: 2, 53: 3, 55: 3, 56: 3, 62: 4, 63: 4, 75: 4, 85: 4}
# No printer, keys unlocked, North American keyboard, no locator, no room for macros, ready, one session.
_DEVICES = {
    15: b"\x1b[?13n",
    25: b"\x1b[?21n",
    26: b"\x1b[?27;1;0;0n",
    53: b"\x1b[?50n",
    55: b"\x1b[?50n",
    56: b"\x1b[?57;0n",
    62: b"\x1b[0000*{",
    75: b"\x1b[?70n",
    85: b"\x1b[?83n",
}
# A site code and a serial number of zeros, as xterm.
_TERTIARY = b"\x1bP!|00000000\x1b\\"

# Names of terminfo and termcap. What others than ncurses ask for: true color, clipboard, cursor shapes, underlines,
# synchronized output, bracketed paste, focus.
_CAPABILITIES = {
    "TN": "xterm-256color",
    "name": "xterm-256color",
    "Co": "256",
    "colors": "256",
    "RGB": "8",
    "Tc": "",
    "Su": "",
    "Ms": "\x1b]52;%p1%s;%p2%s\x07",
    "Ss": "\x1b[%p1%d q",
    "Se": "\x1b[2 q",
    "Smulx": "\x1b[4:%p1%dm",
    "Setulc": "\x1b[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%dm",
    "Smol": "\x1b[53m",
    "smxx": "\x1b[9m",
    "rmxx": "\x1b[29m",
    "Sync": "\x1b[?2026%?%p1%{1}%-%tl%eh%;",
    "BE": "\x1b[?2004h",
    "BD": "\x1b[?2004l",
    "PS": "\x1b[200~",
    "PE": "\x1b[201~",
    "fe": "\x1b[?1004h",
    "fd": "\x1b[?1004l",
    "setrgbf": "\x1b[38:2:%p1%d:%p2%d:%p3%dm",
    "setrgbb": "\x1b[48:2:%p1%d:%p2%d:%p3%dm",
}
_HEX_NAME = re.compile(r"(?:[0-9a-fA-F]{2}){1,32}")
# More names in one request than any program asks for.
_MAX_NAMES = 64
_DEVICE_CONTROL = re.compile(r"([0-9;]*)([ -/]*)([@-~])(.*)", re.DOTALL)


class Reports:
    """Writes the answers, in the order of the questions."""

    def __init__(self, state: TerminalState, reply: Callable[[bytes], None]) -> None:
        self._state = state
        self._screen = state.screen
        self._reply = reply

    def device_attributes(self, parameters: tuple[int, ...]) -> None:
        """DA1."""
        if parameters[0] == 0:
            self._reply(_ATTRIBUTES_WITH_SIXEL if self._state.has_images else _ATTRIBUTES)

    def secondary_attributes(self, parameters: tuple[int, ...]) -> None:
        """DA2."""
        if parameters[0] == 0:
            self._reply(_SECONDARY)

    def tertiary_attributes(self, parameters: tuple[int, ...]) -> None:
        """DA3."""
        if parameters[0] == 0:
            self._reply(_TERTIARY)

    def version(self, parameters: tuple[int, ...]) -> None:
        """XTVERSION."""
        if parameters[0] == 0:
            self._reply(f"\x1bP>|Synk({self._state.version_text})\x1b\\".encode())

    def status(self, parameters: tuple[int, ...]) -> None:
        """DSR: 5 works, 6 cursor position (CPR)."""
        if parameters[0] == 5:
            self._reply(b"\x1b[0n")
        elif parameters[0] == 6:
            self._reply("\x1b[{};{}R".format(*self._screen.position()).encode())

    def private_status(self, parameters: tuple[int, ...]) -> None:
        """DSR with `?`: cursor position, color scheme, a checksum of macros, and what a VT420 has beside the screen."""
        which = parameters[0]
        if which == 6:
            self._reply("\x1b[?{};{};1R".format(*self._screen.position()).encode())
        elif self._state.conformance_level < _DEVICE_LEVELS.get(which, 1):
            return
        elif which == 63:
            number = parameters[1] if len(parameters) > 1 else 0
            self._reply(f"\x1bP{number}!~0000\x1b\\".encode())
        elif which == 996:
            self.color_scheme()
        elif which in _DEVICES:
            self._reply(_DEVICES[which])

    def ansi_mode(self, parameters: tuple[int, ...]) -> None:
        """DECRQM of an ANSI mode."""
        mode = parameters[0]
        self._reply(f"\x1b[{mode};{self._mode_state(mode, modes.KNOWN_ANSI)}$y".encode())

    def private_mode(self, parameters: tuple[int, ...]) -> None:
        """DECRQM of a DEC private mode."""
        mode = parameters[0]
        state = self._mode_state(modes.private(mode), modes.KNOWN_PRIVATE)
        if modes.private(mode) == modes.SIDE_MARGINS and self._state.conformance_level < SIDE_MARGINS_LEVEL:
            state = 0
        self._reply(f"\x1b[?{mode};{state}$y".encode())

    def terminal_parameters(self, which: int) -> None:
        """DECREQTPARM: no parity, eight bits, 38400 baud, as xterm."""
        if which <= 1:
            self._reply(f"\x1b[{which + 2};1;1;128;128;1;0x".encode())

    def color_scheme(self) -> None:
        """The theme is dark or light (DSR ?996, and unasked in mode 2031)."""
        self._reply(b"\x1b[?997;1n" if self._state.is_dark else b"\x1b[?997;2n")

    def size_in_band(self) -> None:
        """Mode 2048: lines and columns, height and width in pixels, 0 where they are not known."""
        lines, columns = self._screen.lines, self._screen.columns
        width, height = self._state.cell_pixels or (0, 0)
        self._reply(f"\x1b[48;{lines};{columns};{height * lines};{width * columns}t".encode())

    def key_modifier_options(self, parameters: tuple[int, ...]) -> None:
        """XTQMODKEYS: modifyOtherKeys."""
        if parameters[0] == 4:
            self._reply(f"\x1b[>4;{self._state.modify_other_keys}m".encode())

    def key_flags(self) -> None:
        """The flags of the kitty keyboard protocol on this screen."""
        self._reply(f"\x1b[?{self._state.key_flags.of(self._screen.grid.is_alternate)}u".encode())

    def window(self, operation: int) -> None:
        """XTWINOPS 11, 13-16, 18, 19: state, place, sizes in pixels, of a cell, in cells. The title is never reported."""
        lines, columns = self._screen.lines, self._screen.columns
        if operation == 11:
            self._reply(b"\x1b[1t")
        elif operation == 13:
            self._reply(b"\x1b[3;0;0t")
        elif operation in (18, 19):
            self._reply(f"\x1b[{operation - 10};{lines};{columns}t".encode())
        elif self._state.cell_pixels is not None and operation in (14, 15, 16):
            width, height = self._state.cell_pixels
            if operation < 16:
                width, height = width * columns, height * lines
            self._reply(f"\x1b[{operation - 10};{height};{width}t".encode())

    def device_control(self, payload: str) -> None:
        """DECRQSS, XTGETTCAP, and the old form of synchronized output; others are consumed."""
        if payload in ("=1s", "=2s"):
            self._screen.change_mode(modes.SYNCHRONIZED, payload == "=1s")
            return
        match = _DEVICE_CONTROL.match(payload)
        if match is None:
            return
        _, intermediates, final, text = match.groups()
        if intermediates + final == "$q":
            self._setting(text)
        elif intermediates + final == "+q":
            self._capabilities(text)

    def _setting(self, name: str) -> None:
        screen = self._screen
        settings: dict[str, Callable[[], str]] = {
            "m": lambda: sgr_of(screen.pen.style) + "m",
            "r": lambda: f"{screen.grid.top + 1};{screen.grid.bottom + 1}r",
            "s": lambda: f"{screen.grid.left + 1};{screen.grid.right + 1}s",
            "t": lambda: f"{max(screen.lines, 24)}t",
            "*x": lambda: f"{screen.attribute_extent}*x",
            "*|": lambda: f"{screen.lines}*|",
            "$|": lambda: f"{132 if modes.WIDE_SCREEN in screen.mode else 80}$|",
            "$}": lambda: "0$}",
            "$~": lambda: "0$~",
            " q": lambda: f"{self._cursor_style()} q",
            '"q': lambda: f'{int(screen.pen.is_protected and screen.protection == Protection.DEC)}"q',
            '"p': lambda: f'{60 + self._state.conformance_level};{int(not self._state.sends_eight_bit)}"p',
        }
        value = settings.get(name)
        self._reply(b"\x1bP0$r\x1b\\" if value is None else f"\x1bP1$r{value()}\x1b\\".encode())

    def _cursor_style(self) -> int:
        """DECSCUSR with mode 12: an odd number blinks, the next one does not."""
        shape = max(self._state.cursor_style, 1) - 1 | 1
        return shape if modes.CURSOR_BLINK in self._screen.mode else shape + 1

    def _capabilities(self, text: str) -> None:
        for name in text.split(";", _MAX_NAMES)[:_MAX_NAMES]:
            if not _HEX_NAME.fullmatch(name):
                self._reply(b"\x1bP0+r\x1b\\")
                continue
            value = _CAPABILITIES.get(bytes.fromhex(name).decode("latin-1"))
            if value is None:
                self._reply(f"\x1bP0+r{name}\x1b\\".encode())
            else:
                encoded = f"={value.encode().hex().upper()}" if value else ""
                self._reply(f"\x1bP1+r{name}{encoded}\x1b\\".encode())

    def _mode_state(self, key: int, known: frozenset[int]) -> int:
        """0 not known, 1 set, 2 reset, 3 always set, 4 always reset."""
        if key not in known or (key in modes.IMAGE_MODES and not self._state.has_images):
            return 3 if key in modes.ALWAYS_SET else 4 if key in modes.ALWAYS_RESET else 0
        return 1 if key in self._screen.mode else 2


def sgr_of(style: Style) -> str:
    """The SGR parameters that lead from the default style to this one."""
    codes = ["0"]
    flags = [style.bold, style.dim, style.italic, False, style.blink, False, style.inverse, style.hidden, style.strike]
    codes += [str(code) for code, is_on in enumerate(flags, 1) if is_on]
    if style.underline:
        codes.append("4" if style.underline == 1 else f"4:{style.underline}")
    if style.overline:
        codes.append("53")
    for base, color in ((30, style.fg), (40, style.bg), (50, style.underline_color)):
        if color < 0:
            continue
        if color >= RGB:
            codes.append(f"{base + 8}:2::{color >> 16 & 0xFF}:{color >> 8 & 0xFF}:{color & 0xFF}")
        elif color < 8 and base != 50:
            codes.append(str(base + color))
        elif color < 16 and base != 50:
            codes.append(str(base + 52 + color))
        else:
            codes.append(f"{base + 8}:5:{color}")
    return ";".join(codes)


def with_eight_bit_controls(answer: bytes) -> bytes:
    """The answer with its pairs of ESC and a letter as the C1 controls that they stand for, each one byte as in xterm."""
    return _PAIR.sub(lambda pair: bytes((pair[1][0] + 0x40,)), answer)


_PAIR = re.compile(rb"\x1b([@-_])")
