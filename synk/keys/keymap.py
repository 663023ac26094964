"""The one table of keys: what a key does, where, and how it is explained; overlay, manual and dispatch read it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

from synk.base.errors import UsageError
from synk.base.keypress import KeyPress
from synk.keys.chords import Chord, meanings, parse_chord

ExitMethod = Literal["double_escape", "ctrl_backslash", "ctrl_shift_escape"]
"""`keyboard.terminal_exit_method`: how terminal mode is left, besides Ctrl+Shift+Escape."""


class Where(Enum):
    """Where a key has its meaning; the value is the heading the overlay shows."""

    NAVIGATION = "Navigation"
    TERMINAL = "Terminal"
    ENDED = "Ended pane"
    SEARCH = "Search"
    LINKS = "Links"
    LINE = "Command bar"
    HOME = "Home"
    DRAWER = "Drawer"
    DIALOG = "Dialog"

    # As for any other object: that of Enum is written in Python, and is asked for with every key.
    __hash__ = object.__hash__


N = (Where.NAVIGATION,)
T = (Where.TERMINAL,)
NT = (Where.NAVIGATION, Where.TERMINAL)
NTS = (Where.NAVIGATION, Where.TERMINAL, Where.SEARCH)
ENDED = (Where.ENDED,)
SEARCH = (Where.SEARCH,)
LINKS = (Where.LINKS,)
LINE = (Where.LINE,)
HOME = (Where.HOME,)
DRAWER = (Where.DRAWER,)
DIALOG = (Where.DIALOG,)
OUTSIDE_DIALOGS = (Where.NAVIGATION, Where.TERMINAL, Where.SEARCH, Where.LINE, Where.DRAWER)
ANYWHERE = (*OUTSIDE_DIALOGS, Where.DIALOG)


@dataclass(frozen=True, slots=True)
class Binding:
    """One row: keys that run one command line in some places."""

    keys: tuple[str, ...]
    """Chords as `parse_chord` reads them; chords to press one after the other are separated by a space."""
    where: tuple[Where, ...]
    command: str
    """The command line that runs, without the slash."""
    area: str
    """The group it stands in, in the overlay and the manual."""
    effect: str
    """What it does, in the words the user reads. Rows with the same effect are shown as one."""
    method: ExitMethod | None = None
    """In force only with this way of leaving terminal mode; None: always."""
    is_own: bool = False
    """True for a binding from the user's settings."""


KEYPAD = "kp_"
"""Keys of the keypad stand for others."""
JUMPS = "1234567890-="
"""First to twelfth number of the page."""

BINDINGS: tuple[Binding, ...] = (
    Binding(("n",), N, "session.new", "Sessions", "new session; Enter takes the last agent"),
    Binding(("shift+n",), N, "session.again", "Sessions", "same again without asking"),
    Binding(("x",), N, "session.close", "Sessions", "close; asks if a program is running"),
    Binding(("shift+r",), N, "session.restart", "Sessions", "restart"),
    Binding(("i",), N, "session.config", "Sessions", "agent, title, folder and variables of the session"),
    Binding(("enter",), N, "pane.type", "Sessions", "type into the pane, or restore into an empty grid"),
    Binding(("h", "left"), N, "pane.move left", "Moving", "pane to the left"),
    Binding(("j", "down"), N, "pane.move down", "Moving", "pane below"),
    Binding(("k", "up"), N, "pane.move up", "Moving", "pane above"),
    Binding(("l", "right"), N, "pane.move right", "Moving", "pane to the right"),
    *(
        Binding((key,), N, f"pane.select {number}", "Moving", "first to twelfth pane of the page")
        for number, key in enumerate(JUMPS, start=1)
    ),
    Binding(("[", "pageup"), N, "page.move previous", "Moving", "previous page"),
    Binding(("]", "pagedown"), N, "page.move next", "Moving", "next page"),
    Binding(("space",), N, "attention.next", "Moving", "next session that needs you"),
    Binding(("shift+space",), N, "attention.previous", "Moving", "previous session that needs you"),
    Binding(("tab",), N, "focus.move next", "Moving", "next part: grid, sidebar, drawer, top bar"),
    Binding(("shift+tab",), N, "focus.move previous", "Moving", "previous part"),
    Binding(("escape",), DRAWER, "focus.move grid", "Moving", "back to the grid"),
    Binding(("ctrl+tab",), OUTSIDE_DIALOGS, "tab.move next", "Projects", "next project"),
    Binding(("ctrl+shift+tab",), OUTSIDE_DIALOGS, "tab.move previous", "Projects", "previous project"),
    *(Binding((f"ctrl+{number}",), N, f"tab.select {number}", "Projects", "first to eighth project") for number in range(1, 9)),
    Binding(("ctrl+9",), N, "tab.select last", "Projects", "last project"),
    Binding(("ctrl+t",), N, "tab.open", "Projects", "open a folder"),
    Binding(("ctrl+p",), N, "project.switch", "Projects", "go to an open or recent project"),
    Binding(("ctrl+w",), N, "tab.close", "Projects", "close the project; asks if sessions run"),
    Binding(("s",), N, "layout.save", "Projects", "save the panes under a name"),
    Binding(("z",), N, "pane.zoom", "View", "pane fills the grid, and back"),
    Binding(("p",), N, "panel.toggle pool", "View", "process pool"),
    Binding(("ctrl+e",), N, "sidebar.toggle", "View", "fold or unfold the sidebar"),
    Binding(("ctrl+j",), N, "drawer.toggle", "View", "open or fold the drawer"),
    Binding(("a",), N, "history.open", "View", "notifications"),
    Binding(("?",), N, "help.open", "View", "all keys"),
    Binding(("ctrl+=", "ctrl++"), N, "font.size larger", "View", "larger terminal font"),
    Binding(("ctrl+-",), N, "font.size smaller", "View", "smaller terminal font"),
    Binding(("ctrl+0",), N, "font.size reset", "View", "terminal font as in the settings"),
    Binding(("f11",), ANYWHERE, "window.fullscreen", "View", "full screen, and back"),
    Binding(("/",), N, "line.open", "Command bar", "type a command"),
    Binding(("enter",), LINE, "line.run", "Command bar", "run the line, or take the completion chosen"),
    Binding(("tab",), LINE, "line.complete", "Command bar", "take a completion"),
    Binding(("shift+tab",), LINE, "line.choose previous", "Command bar", "completion above"),
    Binding(("up", "ctrl+p"), LINE, "line.move previous", "Command bar", "older line, or completion above"),
    Binding(("down", "ctrl+n"), LINE, "line.move next", "Command bar", "newer line, or completion below"),
    Binding(("escape",), LINE, "line.close", "Command bar", "cancel"),
    Binding(("escape escape",), T, "pane.leave", "Terminal", "back to navigation", method="double_escape"),
    Binding(("ctrl+\\",), T, "pane.leave", "Terminal", "back to navigation", method="ctrl_backslash"),
    Binding(("ctrl+shift+escape",), T, "pane.leave", "Terminal", "back to navigation"),
    Binding(("ctrl+shift+c",), NT, "text.copy", "Terminal", "copy the selection"),
    Binding(("ctrl+shift+v",), T, "text.paste", "Terminal", "paste"),
    Binding(("ctrl+b",), NT, "broadcast.toggle", "Terminal", "type into all sessions at once, and off again"),
    Binding(("shift+pageup",), NTS, "scroll.move page-up", "Terminal", "scroll back one page"),
    Binding(("shift+pagedown",), NTS, "scroll.move page-down", "Terminal", "scroll forward one page"),
    Binding(("shift+home",), NT, "scroll.move top", "Terminal", "oldest line"),
    Binding(("shift+end",), NT, "scroll.move bottom", "Terminal", "newest line"),
    Binding(("ctrl+shift+up",), NTS, "prompt.move previous", "Terminal", "scroll to the prompt above"),
    Binding(("ctrl+shift+down",), NTS, "prompt.move next", "Terminal", "scroll to the prompt below"),
    Binding(("ctrl+shift+y",), NT, "output.copy", "Terminal", "copy what the last command printed"),
    Binding(("ctrl+shift+o",), NT, "link.hints", "Terminal", "label the links shown, to open one by its letter"),
    Binding(("escape",), LINKS, "link.hints", "Links", "leave without opening one"),
    Binding(("ctrl+shift+f",), NTS, "text.find", "Search", "search screen and scrollback"),
    Binding(("enter", "down"), SEARCH, "find.move next", "Search", "next hit"),
    Binding(("shift+enter", "up"), SEARCH, "find.move previous", "Search", "previous hit"),
    Binding(("alt+r",), SEARCH, "find.regex", "Search", "plain text or regular expression"),
    Binding(("escape",), SEARCH, "find.close", "Search", "close; the view stays where it is"),
    Binding(("down", "j"), HOME, "recent.move next", "Home", "another recent project"),
    Binding(("up", "k"), HOME, "recent.move previous", "Home", "another recent project"),
    Binding(("pagedown",), HOME, "recent.move page-down", "Home", "another recent project"),
    Binding(("pageup",), HOME, "recent.move page-up", "Home", "another recent project"),
    Binding(("home",), HOME, "recent.move first", "Home", "another recent project"),
    Binding(("end",), HOME, "recent.move last", "Home", "another recent project"),
    Binding(("enter",), HOME, "recent.open", "Home", "open the marked project"),
    Binding(("delete",), HOME, "recent.remove", "Home", "take the marked project off the list"),
    Binding(("o",), HOME, "tab.open", "Home", "open a folder"),
    Binding(("r",), HOME, "layout.load", "Home", "open a saved layout"),
    Binding(("shift+r",), HOME, "crash.restore", "Home", "open again what a crash took away"),
    Binding(("shift+d",), HOME, "crash.dismiss", "Home", "do not offer it any more"),
    Binding(("d",), HOME, "figures.toggle", "Home", "numbers of all projects, or of the marked one"),
    Binding(("enter",), ENDED, "session.restart", "Ended pane", "restart"),
    Binding(("s",), ENDED, "session.shell", "Ended pane", "a shell in the same folder"),
    Binding(("x",), ENDED, "session.close", "Ended pane", "close"),
    Binding(("escape",), DIALOG, "close", "Window", "close what is on top"),
    Binding(("escape",), N, "close", "Window", "close the newest message"),
    Binding(("ctrl+,",), ANYWHERE, "settings.open", "Window", "settings"),
    Binding(("ctrl+q",), N, "app.quit", "Window", "quit; asks if programs are running"),
)


class Keymap:
    """The bindings in force, ready to be looked up by a key press."""

    def __init__(self, bindings: Iterable[Binding] = BINDINGS, *, exit_method: ExitMethod = "double_escape") -> None:
        """Raises UsageError if a chord cannot be read or means two commands in one place."""
        self.exit_method = exit_method
        self.bindings = tuple(b for b in bindings if b.method in (None, exit_method))
        """The rows in force, in the order of the table."""
        self._by_chord: dict[tuple[Where, Chord], Binding] = {}
        self._names: dict[Where, set[str]] = {where: set() for where in Where}
        """Names of the keys that mean something with or without modifiers: most that are typed do not."""
        self._by_command = {binding.command: binding for binding in reversed(self.bindings)}
        for binding in self.bindings:
            for keys in binding.keys:
                chords = [parse_chord(text) for text in keys.split(" ")]
                if len(chords) == 1:  # sequences (double Escape) belong to the mode machine
                    for where in binding.where:
                        self._put(where, chords[0], binding)

    def find(self, press: KeyPress, where: Where) -> Binding | None:
        """What the press means there; None if nothing."""
        names = self._names[where]
        if press.name in names or press.text in names or press.name.startswith(KEYPAD) or press.text.lower() in names:
            for chord in meanings(press):
                if binding := self._by_chord.get((where, chord)):
                    return binding
        return None

    def row_of(self, command: str) -> Binding | None:
        """The first row that runs exactly this command line; None if no key does."""
        return self._by_command.get(command)

    def with_own(self, *, navigation: Mapping[str, str], terminal: Mapping[str, str]) -> "Keymap":
        """A keymap with the user's own chords on top; an empty command frees the key.

        Raises:
            UsageError: a key that is unknown, or bound twice (names both commands).
        """
        own: dict[tuple[Where, Chord], str] = {}
        for where, table in ((Where.NAVIGATION, navigation), (Where.TERMINAL, terminal)):
            for keys, command in table.items():
                slot = (where, parse_chord(keys))
                if slot in own:
                    raise UsageError(f'"{slot[1]}" is bound twice: to "{own[slot]}" and to "{command}"')
                own[slot] = command
        rows = [row for binding in self.bindings for row in _without(binding, own.keys())]
        rows += [
            Binding((str(chord),), (where,), command, "Own keys", command, is_own=True)
            for (where, chord), command in own.items()
            if command
        ]
        return Keymap(rows, exit_method=self.exit_method)

    def _put(self, where: Where, chord: Chord, binding: Binding) -> None:
        self._names[where].add(chord.name)
        other = self._by_chord.setdefault((where, chord), binding)
        if other is not binding:
            raise UsageError(f'"{chord}" is bound twice: to "{other.command}" and to "{binding.command}"')


def _without(binding: Binding, taken: Collection[tuple[Where, Chord]]) -> list[Binding]:
    """The row minus the keys the user rebound; two rows if it keeps different keys in different places."""
    places: dict[tuple[str, ...], list[Where]] = {}
    for where in binding.where:
        keys = tuple(k for k in binding.keys if " " in k or (where, parse_chord(k)) not in taken)
        if keys:
            places.setdefault(keys, []).append(where)
    return [replace(binding, keys=keys, where=tuple(where)) for keys, where in places.items()]
