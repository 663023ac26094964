"""Operating system commands: titles, colors, links, the working directory, the clipboard."""

import base64
import binascii
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from synk.terminal.colors import BACKGROUND, CURSOR, FOREGROUND, format_color, parse_color
from synk.terminal.events import ClipboardWritten, ColorsChanged, DirectoryChanged
from synk.terminal.parser import ST
from synk.terminal.state import TerminalState
from synk.terminal.styles import MAX_LINK_CHARS

_SPECIAL = {10: FOREGROUND, 11: BACKGROUND, 12: CURSOR}
# A path cannot be longer on Linux.
_MAX_PATH_CHARS = 4096


class OperatingSystemCommands:
    """Runs the payloads of OSC sequences; what is not known or malformed changes nothing."""

    def __init__(self, state: TerminalState, reply: Callable[[bytes], None]) -> None:
        self._state = state
        self._reply = reply
        self._end = ST

    def run(self, payload: str, end: str) -> None:
        """Carry out one command, such as `2;title`; an answer ends as the question did, with `end`."""
        self._end = end
        head, _, rest = payload.partition(";")
        if not (head.isascii() and head.isdecimal() and len(head) <= 4):
            return
        code = int(head)
        if code == 0:
            self._state.set_title(title=rest, icon_name=rest)
        elif code == 1:
            self._state.set_title(icon_name=rest)
        elif code == 2:
            self._state.set_title(title=rest)
        elif code == 4:
            self._palette(rest)
        elif code == 7:
            self._directory(rest)
        elif code == 8:
            self._link(rest)
        elif code in _SPECIAL:
            self._special(code, rest)
        elif code == 52:
            self._clipboard(rest)
        elif code == 104:
            self._reset_palette(rest)
        elif code - 100 in _SPECIAL:
            self._forget([_SPECIAL[code - 100]])

    def reset_colors(self) -> None:
        """Drop everything the program changed."""
        self._forget(list(self._state.colors.overrides))

    def _palette(self, rest: str) -> None:
        fields = rest.split(";")
        for index, value in zip(fields[::2], fields[1::2], strict=False):
            if index.isascii() and index.isdecimal() and len(index) <= 3 and int(index) <= 255:
                self._color(int(index), value, f"4;{int(index)}")

    def _special(self, code: int, rest: str) -> None:
        # OSC 10 takes several colors: the second one is that of OSC 11, and so on.
        for offset, value in enumerate(rest.split(";", 3)[:3]):
            if code + offset in _SPECIAL:
                self._color(_SPECIAL[code + offset], value, str(code + offset))

    def _color(self, number: int, value: str, name: str) -> None:
        colors = self._state.colors
        if value == "?":
            self._reply(f"\x1b]{name};{format_color(colors[number])}{self._end}".encode())
            return
        color = parse_color(value)
        if color is not None and colors.overrides.get(number) != color:
            colors.overrides[number] = color
            self._colors_changed()

    def _reset_palette(self, rest: str) -> None:
        if not rest:
            self._forget([number for number in self._state.colors.overrides if number <= 255])
            return
        self._forget([int(field) for field in rest.split(";") if field.isascii() and field.isdecimal() and len(field) <= 3])

    def _forget(self, numbers: list[int]) -> None:
        overrides = self._state.colors.overrides
        changed = [number for number in numbers if overrides.pop(number, None) is not None]
        if changed:
            self._colors_changed()

    def _colors_changed(self) -> None:
        self._state.screen.grid.is_all_dirty = True
        self._state.publish(ColorsChanged())

    def _directory(self, rest: str) -> None:
        try:
            url = urlsplit(rest)
            host = url.hostname or ""
        except ValueError:
            return
        path = unquote(url.path)
        if url.scheme == "file" and path.startswith("/") and "\0" not in path and len(path) <= _MAX_PATH_CHARS:
            self._state.publish(DirectoryChanged(host=host, path=path))

    def _link(self, rest: str) -> None:
        _, _, target = rest.partition(";")
        if len(target) > MAX_LINK_CHARS:
            target = ""
        screen = self._state.screen
        screen.set_pen(screen.pen.style, target, screen.pen.is_protected)

    def _clipboard(self, rest: str) -> None:
        targets, _, encoded = rest.partition(";")
        # "?" asks for the content: what the user copied is no business of a program.
        if encoded == "?":
            return
        try:
            text = base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return
        target = "p" if "p" in targets and "c" not in targets else "c"
        self._state.publish(ClipboardWritten(target=target, text=text))
