"""What every control sequence means: finds the action on the screen, the modes, titles and colors for each."""

import re
from collections.abc import Callable
from functools import partial

from synk.terminal import modes
from synk.terminal.events import BellRang, TitleChanged
from synk.terminal.graphics import Graphics
from synk.terminal.mode_switches import Protection
from synk.terminal.not_understood import NotUnderstood
from synk.terminal.osc import OperatingSystemCommands
from synk.terminal.parser import Action
from synk.terminal.rectangle_commands import RectangleCommands
from synk.terminal.reports import Reports
from synk.terminal.state import MAX_LEVEL, MAX_TITLES, SIDE_MARGINS_LEVEL, TerminalState
from synk.terminal.styles import number

# No sequence but SGR (which is not split here) takes more; the rest of 10,000 parameters is not even read.
MAX_PARAMETERS = 32

Parameters = tuple[int, ...]
Handler = tuple[Callable[..., object], int | None]
"""What to call, and with how many of the parameters; None: with all of them as one tuple."""
ALL = MAX_PARAMETERS

_LEVELS = {
    "$p": 3,
    **dict.fromkeys(("'}", "'~", "$v", "$x", "$z", "${", "$r", "$t", "*x", "*y", "=c"), 4),
}
"""The lowest conformance level (DECSCL) that has a control sequence, where it is not the first; as in xterm."""
_ESCAPE_LEVELS = {"6": 4, "9": 4}
"""The same of escape sequences."""
_TRACKS_MOUSE = re.compile("0+|.*;.*")
"""With these parameters CSI T starts or ends highlight tracking of the mouse, which nobody supports; else it is SD."""


class Interpreter:
    """Implements `parser.Sequences`: looks up and returns actions, which the parser runs and remembers."""

    def __init__(self, state: TerminalState, reply: Callable[[bytes], None]) -> None:
        self._state = state
        self._screen = screen = state.screen
        self._reports = Reports(state, reply)
        self._not_understood = NotUnderstood()
        self._osc = OperatingSystemCommands(state, reply, self._not_understood)
        self._areas = RectangleCommands(screen, reply)
        self.graphics = Graphics(state, reply)
        self.dcs_part = self.graphics.dcs_part
        self.draw = screen.draw
        self.draw_lines = screen.draw_lines
        self.draw_sent = screen.draw_sent
        self.select_all = screen.select_all
        self.draw_scattered = screen.draw_scattered
        self.redraw = screen.redraw
        self.linefeeds = screen.linefeeds
        self._controls = self._control_table()
        self._escapes = self._escape_table()
        self._counted: dict[str, Callable[[int], None]] = {"6": screen.back_index, "9": screen.forward_index}
        self._sequences = self._csi_table()

    def control(self, char: str) -> Action | None:
        """The action of a C0 control or of CR LF."""
        return self._controls.get(char)

    def escape(self, intermediates: str, final: str, count: int = 1) -> Action | None:
        """The action of `ESC intermediates final`, or of so many of these in a row: those that are not in `_counted` do no
        more than one does."""
        if len(intermediates) == 1 and intermediates in "()*+-./":
            return partial(self._screen.define_charset, final, intermediates)
        action = self._escapes.get(intermediates + final)
        if count > 1 and final in self._counted:
            action = partial(self._counted[final], count)
        if action is None:
            self._not_understood.note(f"ESC {intermediates}{final}")
        level = _ESCAPE_LEVELS.get(intermediates + final)
        return action if action is None or level is None else partial(self._run_from_level, level, action)

    def csi(self, prefix: str, parameters: str, intermediates: str, final: str) -> Action | None:
        """The action of a control sequence; None if it is not known."""
        key = prefix + intermediates + final
        if key == "m":
            return partial(self._screen.select, parameters)
        entry = self._sequences.get(key)
        if entry is None or ":" in parameters or (key == "T" and _TRACKS_MOUSE.fullmatch(parameters)):
            self._not_understood.note(f"CSI {key}")
            return None
        handler, count = entry
        values = tuple(map(number, parameters.split(";", MAX_PARAMETERS)[:MAX_PARAMETERS]))
        action = partial(handler, values) if count is None else partial(handler, *values[:count])
        level = _LEVELS.get(key)
        return action if level is None else partial(self._run_from_level, level, action)

    def _run_from_level(self, level: int, action: Action) -> None:
        """Carry out what a terminal of a lower level than `level` does not know."""
        if self._state.conformance_level >= level:
            action()

    def osc(self, payload: str, end: str) -> None:
        """Carry out an operating system command."""
        self._osc.run(payload, end)

    def size_changed(self) -> None:
        """The terminal has another size, in cells or pixels: tell the program if it wants to know (2048)."""
        if modes.SIZE_REPORTS in self._screen.mode:
            self._reports.size_in_band()

    def scheme_changed(self) -> None:
        """The theme turned dark or light: tell the program if it wants to know (2031)."""
        if modes.SCHEME_REPORTS in self._screen.mode:
            self._reports.color_scheme()

    def dcs(self, payload: str) -> None:
        """Carry out a device control string."""
        if not self.graphics.take_dcs(payload):
            self._reports.device_control(payload)

    def apc(self, payload: str) -> None:
        """Carry out a command of the kitty graphics protocol; other application program commands are consumed."""
        if payload.startswith("G"):
            self.graphics.kitty(payload[1:])

    def _reset(self) -> None:
        """RIS."""
        state = self._state
        had_title = bool(state.screen.title)
        state.screen.reset()
        self.graphics.reset()
        state.titles.clear()
        state.saved_modes.clear()
        state.reset_program()
        self._osc.reset_colors()
        if had_title:
            state.publish(TitleChanged(""))

    def _soft_reset(self) -> None:
        self._screen.soft_reset()
        self._screen.change_mode(modes.CURSOR_BLINK, True)
        self._state.modify_other_keys = self._state.cursor_style = 0

    def _set_conformance_level(self, level: int, controls: int = 0) -> None:
        """DECSCL; above the VT100 the second parameter chooses the controls of answers, 1 those of 7 bits."""
        if 1 <= level - 60 <= MAX_LEVEL:
            self._soft_reset()
            self._state.conformance_level = level - 60
            if level > 61 and controls <= 2:
                self._state.sends_eight_bit = controls != 1

    def _send_eight_bit(self, is_on: bool) -> None:
        """S7C1T, S8C1T; a VT100 knows no 8 bits."""
        self._state.sends_eight_bit = is_on and self._state.conformance_level > 1

    def _control_table(self) -> dict[str, Action]:
        screen = self._screen
        return {
            "\r\n": screen.newline,
            "\r": screen.carriage_return,
            "\n": screen.linefeed,
            "\v": screen.linefeed,
            "\f": screen.linefeed,
            "\b": screen.backspace,
            "\t": screen.tab,
            "\a": partial(self._state.publish, BellRang()),
            "\x0e": screen.shift_out,
            "\x0f": screen.shift_in,
        }

    def _escape_table(self) -> dict[str, Action]:
        screen = self._screen
        return {
            "6": screen.back_index,
            "7": screen.save_cursor,
            "8": screen.restore_cursor,
            "9": screen.forward_index,
            "=": partial(screen.change_mode, modes.KEYPAD, True),
            ">": partial(screen.change_mode, modes.KEYPAD, False),
            "D": screen.index,
            "E": screen.next_line,
            "V": partial(screen.protect, Protection.ISO, True),
            "W": self._end_protection,
            "H": screen.set_tab_stop,
            "M": screen.reverse_index,
            "N": partial(screen.shift_once, 2),
            "O": partial(screen.shift_once, 3),
            "Z": partial(self._reports.device_attributes, (0,)),
            "c": self._reset,
            "n": partial(screen.shift_to, 2),
            "o": partial(screen.shift_to, 3),
            "#8": screen.alignment_display,
            " F": partial(self._send_eight_bit, False),
            " G": partial(self._send_eight_bit, True),
        }

    def _end_protection(self) -> None:
        """EPA."""
        self._screen.protect(self._screen.protection, False)

    def _csi_table(self) -> dict[str, Handler]:
        screen, reports, areas = self._screen, self._reports, self._areas
        return {
            "@": (screen.insert_characters, 1),
            "A": (screen.cursor_up, 1),
            "B": (screen.cursor_down, 1),
            "C": (screen.cursor_forward, 1),
            "D": (screen.cursor_back, 1),
            "E": (screen.cursor_down1, 1),
            "F": (screen.cursor_up1, 1),
            "G": (screen.cursor_to_column, 1),
            "H": (screen.cursor_position, 2),
            "I": (screen.tab_forward, 1),
            "J": (self.graphics.erase_in_display, 1),
            "?J": (partial(screen.erase_in_display, private=True), 1),
            "K": (screen.erase_in_line, 1),
            "?K": (partial(screen.erase_in_line, private=True), 1),
            "L": (screen.insert_lines, 1),
            "M": (screen.delete_lines, 1),
            "P": (screen.delete_characters, 1),
            "S": (screen.scroll_up, 1),
            "T": (screen.scroll_down, 1),
            "^": (screen.scroll_down, 1),
            "X": (screen.erase_characters, 1),
            "Z": (screen.tab_back, 1),
            "`": (screen.cursor_to_column, 1),
            "a": (screen.columns_forward, 1),
            "b": (screen.repeat, 1),
            " @": (screen.scroll_left, 1),
            " A": (screen.scroll_right, 1),
            "d": (screen.cursor_to_line, 1),
            "e": (screen.lines_down, 1),
            "f": (screen.cursor_position, 2),
            "g": (screen.clear_tab_stop, 1),
            "h": (screen.set_mode, ALL),
            "?h": (self._set_private_modes, None),
            "l": (screen.reset_mode, ALL),
            "?l": (partial(screen.reset_mode, private=True), ALL),
            "?W": (self._reset_tab_stops, None),
            "r": (screen.set_margins, 2),
            "?r": (self._restore_modes, None),
            "s": (screen.set_sides, 2),
            "?s": (self._save_modes, None),
            "u": (screen.restore_cursor, 0),
            "t": (self._window, None),
            "$v": (areas.copy, None),
            "$x": (areas.fill, None),
            "$z": (areas.erase, None),
            "${": (areas.erase_unprotected, None),
            "$r": (areas.set_attributes, None),
            "$t": (areas.reverse_attributes, None),
            "*x": (areas.select_extent, 1),
            "*y": (areas.checksum, None),
            "'}": (screen.insert_columns, 1),
            "'~": (screen.delete_columns, 1),
            " q": (self._set_cursor_style, None),
            '"q': (self._protect, None),
            "!p": (self._soft_reset, 0),
            '"p': (self._set_conformance_level, 2),
            ">m": (self._set_modify_other_keys, None),
            ">n": (self._disable_modify_other_keys, None),
            "?m": (reports.key_modifier_options, None),
            ">u": (self._push_key_flags, 1),
            "<u": (self._pop_key_flags, 1),
            "=u": (self._change_key_flags, None),
            "?u": (reports.key_flags, 0),
            "c": (reports.device_attributes, None),
            ">c": (reports.secondary_attributes, None),
            "=c": (reports.tertiary_attributes, None),
            ">q": (reports.version, None),
            "n": (reports.status, None),
            "?n": (reports.private_status, None),
            "x": (reports.terminal_parameters, 1),
            "?S": (self.graphics.attributes, None),
            "$p": (reports.ansi_mode, None),
            "?$p": (reports.private_mode, None),
        }

    def _reset_tab_stops(self, parameters: Parameters) -> None:
        """DECST8C."""
        if parameters[0] == 5:
            self._screen.reset_tab_stops()

    def _set_private_modes(self, parameters: Parameters) -> None:
        """DECSET."""
        if self._state.conformance_level < SIDE_MARGINS_LEVEL:
            parameters = tuple(mode for mode in parameters if modes.private(mode) != modes.SIDE_MARGINS)
        self._screen.set_mode(*parameters, private=True)
        if modes.SIZE_REPORTS in map(modes.private, parameters):
            self._reports.size_in_band()

    def _save_modes(self, parameters: Parameters) -> None:
        for key in map(modes.private, parameters):
            if key in modes.KNOWN_PRIVATE:
                self._state.saved_modes[key] = key in self._screen.mode

    def _restore_modes(self, parameters: Parameters) -> None:
        for key in map(modes.private, parameters):
            if key in self._state.saved_modes:
                self._screen.change_mode(key, self._state.saved_modes[key])

    def _window(self, parameters: Parameters) -> None:
        """XTWINOPS: the title stack and reports; the window is the user's, no program moves it."""
        operation, *rest = parameters
        which = rest[0] if rest else 0
        if operation == 22 and len(self._state.titles) < MAX_TITLES:
            self._state.titles.append((self._screen.title, self._screen.icon_name))
        elif operation == 23 and self._state.titles:
            title, icon_name = self._state.titles.pop()
            self._state.set_title(title=title if which in (0, 2) else None, icon_name=icon_name if which in (0, 1) else None)
        else:
            self._reports.window(operation)

    def _set_cursor_style(self, parameters: Parameters) -> None:
        if parameters[0] <= 6:
            self._state.cursor_style = parameters[0]
            self._screen.change_mode(modes.CURSOR_BLINK, parameters[0] == 0 or parameters[0] % 2 == 1)

    def _protect(self, parameters: Parameters) -> None:
        """DECSCA."""
        if parameters[0] <= 2:
            self._screen.protect(Protection.DEC, parameters[0] == 1)

    def _set_modify_other_keys(self, parameters: Parameters) -> None:
        if parameters[0] == 4:
            self._state.modify_other_keys = min(parameters[1] if len(parameters) > 1 else 0, 2)
        elif parameters == (0,):
            self._state.modify_other_keys = 0

    def _push_key_flags(self, flags: int) -> None:
        self._state.key_flags.push(self._screen.grid.is_alternate, flags)

    def _pop_key_flags(self, count: int) -> None:
        self._state.key_flags.pop(self._screen.grid.is_alternate, count or 1)

    def _change_key_flags(self, parameters: Parameters) -> None:
        flags, *rest = parameters
        self._state.key_flags.change(self._screen.grid.is_alternate, flags, rest[0] or 1 if rest else 1)

    def _disable_modify_other_keys(self, parameters: Parameters) -> None:
        if parameters[0] == 4:
            self._state.modify_other_keys = 0
