"""What every control sequence means: finds the action on the screen, the modes, titles and colors for each."""

from collections.abc import Callable
from functools import partial

from synk.terminal import modes
from synk.terminal.events import BellRang, TitleChanged
from synk.terminal.osc import OperatingSystemCommands
from synk.terminal.parser import Action
from synk.terminal.reports import Reports
from synk.terminal.state import MAX_TITLES, TerminalState
from synk.terminal.styles import number

# No sequence but SGR (which is not split here) takes more; the rest of 10,000 parameters is not even read.
MAX_PARAMETERS = 32

Parameters = tuple[int, ...]
Handler = Callable[[Parameters], object]


class Interpreter:
    """Implements `parser.Sequences`: looks up and returns actions, which the parser runs and remembers."""

    def __init__(self, state: TerminalState, reply: Callable[[bytes], None]) -> None:
        self._state = state
        self._screen = screen = state.screen
        self._reports = Reports(state, reply)
        self._osc = OperatingSystemCommands(state, reply)
        self.draw = screen.draw
        self.draw_lines = screen.draw_lines
        self._controls = self._control_table()
        self._escapes = self._escape_table()
        self._sequences = self._csi_table()

    def control(self, char: str) -> Action | None:
        """The action of a C0 control or of CR LF."""
        return self._controls.get(char)

    def escape(self, intermediates: str, final: str) -> Action | None:
        """The action of `ESC intermediates final`."""
        if len(intermediates) == 1 and intermediates in "()*+-./":
            return partial(self._screen.define_charset, final, intermediates)
        return self._escapes.get(intermediates + final)

    def csi(self, prefix: str, parameters: str, intermediates: str, final: str) -> Action | None:
        """The action of a control sequence; None if it is not known."""
        key = prefix + intermediates + final
        if key == "m":
            return partial(self._screen.select, parameters)
        handler = self._sequences.get(key)
        if handler is None or ":" in parameters:
            return None
        return partial(handler, tuple(map(number, parameters.split(";", MAX_PARAMETERS)[:MAX_PARAMETERS])))

    def osc(self, payload: str) -> None:
        """Carry out an operating system command."""
        self._osc.run(payload)

    def dcs(self, payload: str) -> None:
        """Carry out a device control string."""
        self._reports.device_control(payload)

    def _reset(self) -> None:
        """RIS."""
        state = self._state
        had_title = bool(state.screen.title)
        state.screen.reset()
        state.titles.clear()
        state.saved_modes.clear()
        state.modify_other_keys = state.cursor_style = 0
        self._osc.reset_colors()
        if had_title:
            state.publish(TitleChanged(""))

    def _soft_reset(self) -> None:
        self._screen.soft_reset()
        self._state.modify_other_keys = self._state.cursor_style = 0

    def _control_table(self) -> dict[str, Action]:
        screen = self._screen
        return {
            "\r\n": self._carriage_return_linefeed,
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

    def _carriage_return_linefeed(self) -> None:
        self._screen.cursor.x = 0
        self._screen.index()

    def _escape_table(self) -> dict[str, Action]:
        screen = self._screen
        return {
            "7": screen.save_cursor,
            "8": screen.restore_cursor,
            "=": partial(screen.change_mode, modes.KEYPAD, True),
            ">": partial(screen.change_mode, modes.KEYPAD, False),
            "D": screen.index,
            "E": screen.next_line,
            "H": screen.set_tab_stop,
            "M": screen.reverse_index,
            "N": partial(screen.shift_once, 2),
            "O": partial(screen.shift_once, 3),
            "Z": partial(self._reports.device_attributes, (0,)),
            "c": self._reset,
            "n": partial(screen.shift_to, 2),
            "o": partial(screen.shift_to, 3),
            "#8": screen.alignment_display,
        }

    def _csi_table(self) -> dict[str, Handler]:
        screen, reports = self._screen, self._reports
        return {
            "@": lambda p: screen.insert_characters(p[0]),
            "A": lambda p: screen.cursor_up(p[0]),
            "B": lambda p: screen.cursor_down(p[0]),
            "C": lambda p: screen.cursor_forward(p[0]),
            "D": lambda p: screen.cursor_back(p[0]),
            "E": lambda p: screen.cursor_down1(p[0]),
            "F": lambda p: screen.cursor_up1(p[0]),
            "G": lambda p: screen.cursor_to_column(p[0]),
            "H": lambda p: screen.cursor_position(*p[:2]),
            "I": lambda p: screen.tab_forward(p[0] or 1),
            "J": lambda p: screen.erase_in_display(p[0]),
            "?J": lambda p: screen.erase_in_display(p[0], private=True),
            "K": lambda p: screen.erase_in_line(p[0]),
            "?K": lambda p: screen.erase_in_line(p[0], private=True),
            "L": lambda p: screen.insert_lines(p[0]),
            "M": lambda p: screen.delete_lines(p[0]),
            "P": lambda p: screen.delete_characters(p[0]),
            "S": lambda p: screen.scroll_up(p[0] or 1),
            "T": self._scroll_down,
            "^": self._scroll_down,
            "X": lambda p: screen.erase_characters(p[0]),
            "Z": lambda p: screen.tab_back(p[0] or 1),
            "`": lambda p: screen.cursor_to_column(p[0]),
            "a": lambda p: screen.cursor_forward(p[0]),
            "b": lambda p: screen.repeat(p[0] or 1),
            "d": lambda p: screen.cursor_to_line(p[0]),
            "e": lambda p: screen.cursor_down(p[0]),
            "f": lambda p: screen.cursor_position(*p[:2]),
            "g": lambda p: screen.clear_tab_stop(p[0]),
            "h": lambda p: screen.set_mode(*p),
            "?h": lambda p: screen.set_mode(*p, private=True),
            "l": lambda p: screen.reset_mode(*p),
            "?l": lambda p: screen.reset_mode(*p, private=True),
            "r": lambda p: screen.set_margins(*p[:2]),
            "?r": self._restore_modes,
            "s": lambda _: screen.save_cursor(),
            "?s": self._save_modes,
            "u": lambda _: screen.restore_cursor(),
            "t": self._window,
            " q": self._set_cursor_style,
            '"q': self._protect,
            "!p": lambda _: self._soft_reset(),
            ">m": self._set_modify_other_keys,
            ">n": self._disable_modify_other_keys,
            "?m": reports.key_modifier_options,
            "c": reports.device_attributes,
            ">c": reports.secondary_attributes,
            "=c": reports.tertiary_attributes,
            ">q": reports.version,
            "n": reports.status,
            "?n": reports.private_status,
            "$p": reports.ansi_mode,
            "?$p": reports.private_mode,
        }

    def _scroll_down(self, parameters: Parameters) -> None:
        # With five parameters CSI T starts highlight tracking of the mouse, which nobody supports.
        if len(parameters) == 1:
            self._screen.scroll_down(parameters[0] or 1)

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
        pen = self._screen.pen
        if parameters[0] <= 2:
            self._screen.set_pen(pen.style, pen.link, parameters[0] == 1)

    def _set_modify_other_keys(self, parameters: Parameters) -> None:
        if parameters[0] == 4:
            self._state.modify_other_keys = min(parameters[1] if len(parameters) > 1 else 0, 2)
        elif parameters == (0,):
            self._state.modify_other_keys = 0

    def _disable_modify_other_keys(self, parameters: Parameters) -> None:
        if parameters[0] == 4:
            self._state.modify_other_keys = 0
