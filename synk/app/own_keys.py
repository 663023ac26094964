"""The user's own keys, each looked at by itself: a mistake costs that key only, and is told with file and line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from synk.base.errors import UsageError
from synk.keys.chords import Chord, parse_chord
from synk.keys.keymap import Keymap
from synk.settings.check import LoadedSettings

FILE_NAME = "settings.toml"


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """The keys in force, and one sentence for each mistake."""

    keymap: Keymap
    problems: tuple[str, ...]


def own_keys(loaded: LoadedSettings, check_command: Callable[[str], object]) -> OwnKeys:
    """The table of keys with the user's on top; where one of those cannot be used the default binding stays.

    `check_command(line)` raises UsageError for a command that is not there.
    """
    keyboard = loaded.settings.keyboard
    check = _Check(loaded, check_command)
    navigation = check.usable("navigation", keyboard.navigation)
    terminal = check.usable("terminal", keyboard.terminal)
    keymap = Keymap(exit_method=keyboard.terminal_exit_method).with_own(navigation=navigation, terminal=terminal)
    return OwnKeys(keymap, tuple(check.problems))


class _Check:
    def __init__(self, loaded: LoadedSettings, check_command: Callable[[str], object]) -> None:
        self._loaded = loaded
        self._check_command = check_command
        self.problems: list[str] = []

    def usable(self, table: str, wishes: Mapping[str, str]) -> dict[str, str]:
        """The rows of one table that can be used, as they are written."""
        spellings: dict[Chord, list[str]] = {}
        for keys in wishes:
            try:
                spellings.setdefault(parse_chord(keys), []).append(keys)
            except UsageError as error:
                self._note(table, [keys], error.message)
        usable = {}
        for chord, written in spellings.items():
            if len(written) > 1:
                first, second = (wishes[keys] for keys in written[:2])
                self._note(table, written, f'"{chord}" is bound twice: to "{first}" and to "{second}"')
            elif self._is_command(table, written[0], wishes[written[0]]):
                usable[written[0]] = wishes[written[0]]
        return usable

    def _is_command(self, table: str, keys: str, command: str) -> bool:
        """An empty command frees the key."""
        try:
            if command:
                self._check_command(command)
        except UsageError as error:
            self._note(table, [keys], f'"{keys}": {error.message}')
            return False
        return True

    def _note(self, table: str, keys: list[str], text: str) -> None:
        lines = sorted({line for each in keys if (line := self._loaded.line("keyboard", table, each)) is not None})
        place = f" line{'s' if len(lines) > 1 else ''} {' and '.join(map(str, lines))}" if lines else ""
        end = "" if text.endswith((".", "?")) else "."
        self.problems.append(f"{FILE_NAME}{place}: {text}{end} The default binding stays.")
