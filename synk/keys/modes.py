"""The mode machine: decides for each key whether it runs a command or goes to the program. Pure; time is an argument."""

from dataclasses import dataclass, replace
from enum import Enum

from synk.base.keypress import KeyPress
from synk.keys.keymap import Binding, Keymap, Where

DOUBLE_ESCAPE_S = 0.3
"""`keyboard.double_escape_timeout_ms`: fast enough for two taps, slow enough for Escape and then a command in vim."""

BAR_QUIET_S = 1.0
"""Keys of an ended pane's bar work after this long without a key: text typed while the program ended does nothing."""

REPEATED = frozenset(
    {"pane.move", "page.move", "scroll.move", "font.size", "attention.next", "attention.previous", "line.move", "line.choose"}
)
"""Commands that a held key runs again and again; with any other it would close pane after pane."""


class Mode(Enum):
    """Where keys go; the value is what the top bar reads."""

    NAVIGATION = "NAV"
    TERMINAL = "TERM"
    LINE = "LINE"
    """The command bar has the keyboard; no workspace is ever in this mode, the window is."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a key meets: the mode, and the pane under the keyboard."""

    mode: Mode
    pane: int | None
    """Number of the selected pane; None if none is."""
    ended_for_s: float | None = None
    """Seconds since the program of that pane ended; None while it runs."""
    holds_escape: bool = False
    """The first Escape is not to reach the program before it is known that no second one leaves the pane.

    A line editor keeps it as the first half of Alt+key: two taps, and the next word typed at the prompt of bash lost its
    first letter, that of python its whole line; an agent takes it as "stop". Full-screen programs get it at once.
    """


@dataclass(frozen=True, slots=True)
class Send:
    """Give the key to the program in this pane."""

    pane: int
    press: KeyPress


@dataclass(frozen=True, slots=True)
class Run:
    """Run this command line."""

    command: str


Order = Send | Run


@dataclass(frozen=True, slots=True)
class _FirstEscape:
    pane: int
    press: KeyPress
    at_s: float
    is_held: bool
    """True: its program has not got it yet."""
    released: tuple[KeyPress, ...] = ()
    """Keys of that program that went up while the Escape was held, oldest first: they wait behind it."""


class ModeMachine:
    """Turns key presses into orders.

    In terminal mode every key either becomes exactly one `Send`, in the order typed, or is part of a binding; in
    navigation mode none is sent. A key that ran a command and is held goes on meaning that command, also where the
    command changed the mode. With `hold_first_escape`, or where the situation says so, the first Escape waits inside
    the machine until `deadline_s`, when the owner calls `expire`.
    """

    def __init__(self, keymap: Keymap, *, double_escape_s: float = DOUBLE_ESCAPE_S, hold_first_escape: bool = False) -> None:
        self.keymap = keymap
        self._double_escape_s = double_escape_s
        self._holds = hold_first_escape
        self._first: _FirstEscape | None = None
        self._last_press_s = float("-inf")
        self._down: dict[int | str, int] = {}
        self._bound: KeyPress | None = None
        """The last key that went down, if it ran the command of a binding."""

    @property
    def deadline_s(self) -> float | None:
        """When `expire` has to be called, on the clock of `press`; None: nothing is held."""
        return self._first.at_s + self._double_escape_s if self._first and self._first.is_held else None

    def press(self, press: KeyPress, situation: Situation, now_s: float) -> tuple[Order, ...]:
        """What to do for one key press or release, in this order."""
        if press.released:
            return self._lift(press, situation)
        if press.is_modifier:
            return self._hold_down(press, situation)
        self._down.pop(_identity(press), None)
        quiet_s, self._last_press_s = now_s - self._last_press_s, now_s
        if press.repeat and self._bound == replace(press, repeat=False):
            return self._again(press, situation)
        self._bound = None
        if situation.mode is Mode.NAVIGATION or situation.pane is None:
            return (*self.release(), *self._navigate(press, situation, quiet_s))
        return self._type(press, situation, situation.pane, quiet_s, now_s)

    def edit(self, press: KeyPress, now_s: float) -> tuple[Order, ...] | None:
        """A key pressed while the command bar has the keyboard; None: it is the line's own. Nothing goes to a program."""
        self._last_press_s = now_s
        if press.repeat and self._bound == replace(press, repeat=False):
            binding = self.keymap.find(press, Where.LINE)  # the `/` that opened the bar and is still held types nothing
            return (Run(binding.command),) if binding and _is_repeated(binding) else ()
        self._bound = None
        binding = self.keymap.find(press, Where.LINE)
        return (*self.release(), *self._run(binding, press)) if binding else None

    def expire(self, now_s: float) -> tuple[Order, ...]:
        """The time is over: the held Escape goes to its program. Nothing happens before `deadline_s`."""
        return self.release() if self.deadline_s is not None and now_s >= self.deadline_s else ()

    def release(self) -> tuple[Order, ...]:
        """Send a held Escape now, because something else (a paste, a click) is about to follow it."""
        first, self._first = self._first, None
        if first is None or not first.is_held:
            return ()
        sent = (self._send(first.pane, first.press), *(Send(first.pane, press) for press in first.released))
        for lifted in first.released:
            self._down.pop(_identity(lifted), None)  # it is up: what goes up next was pressed elsewhere
        return sent

    def _send(self, pane: int, press: KeyPress) -> Send:
        """Its release will go there too."""
        self._down[_identity(press)] = pane
        return Send(pane, press)

    def _lift(self, press: KeyPress, situation: Situation) -> tuple[Order, ...]:
        """A key went up. It never makes a binding, and does not come between two taps of Escape."""
        first, identity = self._first, _identity(press)
        waits = first is not None and first.is_held
        if first is not None and waits and any(identity == _identity(lifted) for lifted in first.released):
            return ()  # it is up already
        if first is not None and waits and identity == _identity(first.press):
            self._first = replace(first, released=(*first.released, press))
            return ()
        pane = self._down.pop(identity, None)
        has_keyboard = situation.mode is Mode.TERMINAL and situation.pane == pane and situation.ended_for_s is None
        if pane is None or not has_keyboard:
            return ()
        if first is not None and waits and first.pane == pane:
            self._first = replace(first, released=(*first.released, press))
            return ()
        return (Send(pane, press),)

    def _hold_down(self, press: KeyPress, situation: Situation) -> tuple[Order, ...]:
        """Shift, Control or the like by itself, which only some programs want to know; no binding has one."""
        if situation.mode is Mode.NAVIGATION or situation.pane is None or situation.ended_for_s is not None:
            self._down.pop(_identity(press), None)
            return ()
        return (*self.release(), self._send(situation.pane, press))

    def _navigate(self, press: KeyPress, situation: Situation, quiet_s: float) -> tuple[Order, ...]:
        if command := self._bar_command(press, situation, quiet_s):
            return (Run(command),)
        binding = self.keymap.find(press, Where.NAVIGATION)
        return self._run(binding, press) if binding else ()

    def _run(self, binding: Binding, press: KeyPress) -> tuple[Order, ...]:
        if press.repeat and not _is_repeated(binding):
            return ()
        self._bound = replace(press, repeat=False)
        return (Run(binding.command),)

    def _again(self, press: KeyPress, situation: Situation) -> tuple[Order, ...]:
        """A held key, after its first press ran a command."""
        where = Where.NAVIGATION if situation.mode is Mode.NAVIGATION else Where.TERMINAL
        binding = self.keymap.find(press, where)
        return (Run(binding.command),) if binding and _is_repeated(binding) else ()

    def _type(self, press: KeyPress, situation: Situation, pane: int, quiet_s: float, now_s: float) -> tuple[Order, ...]:
        if self._is_plain_escape(press):
            return self._escape(press, situation, pane, now_s)
        before = self.release()
        if command := self._bar_command(press, situation, quiet_s):
            return (*before, Run(command))
        if binding := self.keymap.find(press, Where.TERMINAL):
            return (*before, *self._run(binding, press))
        if situation.ended_for_s is not None:
            return before  # there is no program any more
        return (*before, self._send(pane, press))

    def _escape(self, press: KeyPress, situation: Situation, pane: int, now_s: float) -> tuple[Order, ...]:
        first = self._first
        if first is not None and self._is_second(first, press, pane, now_s):
            self._first = None
            others = [lifted for lifted in first.released if _identity(lifted) != _identity(first.press)]
            return (*(Send(pane, lifted) for lifted in others), Run("pane.leave"))
        before = self.release()
        is_running = situation.ended_for_s is None
        if press.repeat:  # a held key is not a second tap; it goes where it always went
            return (*before, self._send(pane, press)) if is_running else before
        is_held = is_running and (self._holds or situation.holds_escape)
        self._first = _FirstEscape(pane, press, now_s, is_held=is_held)
        return (*before, self._send(pane, press)) if is_running and not is_held else before

    def _is_second(self, first: _FirstEscape, press: KeyPress, pane: int, now_s: float) -> bool:
        return first.pane == pane and not press.repeat and now_s - first.at_s <= self._double_escape_s

    def _is_plain_escape(self, press: KeyPress) -> bool:
        is_bare = not (press.ctrl or press.alt or press.shift or press.super_)
        return press.name == "escape" and is_bare and self.keymap.exit_method == "double_escape"

    def _bar_command(self, press: KeyPress, situation: Situation, quiet_s: float) -> str | None:
        if situation.ended_for_s is None or press.repeat or min(quiet_s, situation.ended_for_s) < BAR_QUIET_S:
            return None
        binding = self.keymap.find(press, Where.ENDED)
        return binding.command if binding else None


def _is_repeated(binding: Binding) -> bool:
    return binding.command.split(" ")[0] in REPEATED


def _identity(press: KeyPress) -> int | str:
    """The same for the press of a key and its release, whatever other keys did in between."""
    return press.code or press.name
