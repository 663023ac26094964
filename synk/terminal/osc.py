"""Operating system commands: titles, colors, links, directories, the clipboard, notifications, status, pointers."""

import re
from collections.abc import Callable
from typing import Literal
from urllib.parse import unquote, urlsplit

from synk.terminal import modes
from synk.terminal.colors import BOLD, DYNAMIC_COUNT, FOREGROUND, LAST_COLOR, SPECIAL_COUNT, format_color, parse_color
from synk.terminal.events import (
    ClipboardAsked,
    ClipboardWritten,
    ColorsChanged,
    DirectoryChanged,
    PointerChanged,
    ProgressChanged,
    PromptMarked,
    StatusReported,
    VariableSet,
)
from synk.terminal.marks import MarkKind
from synk.terminal.not_understood import NotUnderstood
from synk.terminal.notifications import Notifications
from synk.terminal.parser import ST
from synk.terminal.state import TerminalState
from synk.terminal.styles import MAX_LINK_CHARS, MAX_LINK_ID_CHARS, NO_LINK, Link
from synk.terminal.texts import decoded, has_controls, is_echo_safe, plain

# A path cannot be longer on Linux.
_MAX_PATH_CHARS = 4096
_MAX_VARIABLE_CHARS = 1024
# What iTerm2's feature reporting calls true color, clipboard, margins, mouse, cursor shapes, Unicode, titles, bracketed
# paste, focus, strike, overline, synchronized output, hyperlinks, notifications.
_FEATURES = "T3CwLrMSc7UUw16Ts2BFGsGoSyHNo"

_MARKS = {
    "A": MarkKind.PROMPT,
    "N": MarkKind.PROMPT,
    "P": MarkKind.PROMPT,
    "B": MarkKind.COMMAND,
    "I": MarkKind.COMMAND,
    "C": MarkKind.OUTPUT,
    "D": MarkKind.END,
}
_MARK_NAMES: dict[MarkKind, Literal["prompt", "command", "output", "end"]] = {
    MarkKind.PROMPT: "prompt",
    MarkKind.COMMAND: "command",
    MarkKind.OUTPUT: "output",
    MarkKind.END: "end",
}
_OTHER_PROMPTS = frozenset({"k=s", "k=c", "k=r"})
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/=]+")
# What xterm calls the clipboard of a question that names none, in the answer.
_UNNAMED_CLIPBOARD = "s0"
# Numbers of 32 bits.
_STATUS = re.compile("-?[0-9]{1,10}")


class OperatingSystemCommands:
    """Runs the payloads of OSC sequences; what is not known or malformed changes nothing."""

    def __init__(self, state: TerminalState, reply: Callable[[bytes], None], not_understood: NotUnderstood) -> None:
        self._state = state
        self._reply = reply
        self._not_understood = not_understood
        self._end = ST
        self._notifications: Notifications = state.notifications
        self._commands: dict[int, Callable[[str], None]] = {
            0: self._title_and_icon,
            1: self._icon_name,
            2: self._title,
            4: self._palette,
            5: self._special_colors,
            7: self._directory,
            8: self._link,
            9: self._notification_or_progress,
            22: self._pointer,
            52: self._clipboard,
            99: self._kitty_notification,
            104: self._reset_palette,
            105: self._reset_special_colors,
            133: self._prompt,
            777: self._notifications.titled,
            1337: self._iterm,
            7501: self._status,
        }

    def run(self, payload: str, end: str) -> None:
        """Carry out one command, such as `2;title`; an answer ends as the question did, with `end`."""
        self._end = end
        head, _, rest = payload.partition(";")
        if not (head.isascii() and head.isdecimal() and len(head) <= 4):
            return
        code = int(head)
        command = self._commands.get(code)
        if command is not None:
            command(rest)
        elif 10 <= code < 10 + DYNAMIC_COUNT:
            self._dynamic_colors(code, rest)
        elif 110 <= code < 110 + DYNAMIC_COUNT:
            self._forget([FOREGROUND + code - 110])
        else:
            self._not_understood.note(f"OSC {code}")

    def reset_colors(self) -> None:
        """Drop everything the program changed."""
        self._forget(list(self._state.colors.overrides))

    def _answer(self, payload: str) -> None:
        self._reply(f"\x1b]{payload}{self._end}".encode())

    def _title_and_icon(self, text: str) -> None:
        self._state.set_title(title=text, icon_name=text)

    def _icon_name(self, text: str) -> None:
        self._state.set_title(icon_name=text)

    def _title(self, text: str) -> None:
        self._state.set_title(title=text)

    def _palette(self, rest: str) -> None:
        self._indexed(rest, "4", 0, 256 + SPECIAL_COUNT)

    def _special_colors(self, rest: str) -> None:
        self._indexed(rest, "5", 256, SPECIAL_COUNT)

    def _indexed(self, rest: str, name: str, first: int, count: int) -> None:
        """Pairs of index and color; indexes from 256 on are the colors of OSC 5."""
        fields = rest.split(";")
        for index, value in zip(fields[::2], fields[1::2], strict=False):
            if index.isascii() and index.isdecimal() and len(index) <= 3 and int(index) < count:
                self._color(_color_number(first + int(index)), value, f"{name};{int(index)}")

    def _dynamic_colors(self, code: int, rest: str) -> None:
        # OSC 10 takes several colors: the second one is that of OSC 11, and so on.
        for following, value in enumerate(rest.split(";", DYNAMIC_COUNT)[:DYNAMIC_COUNT], code):
            if following < 10 + DYNAMIC_COUNT:
                self._color(FOREGROUND + following - 10, value, str(following))

    def _color(self, number: int, value: str, name: str) -> None:
        colors = self._state.colors
        if value == "?":
            self._answer(f"{name};{format_color(colors[number])}")
            return
        color = parse_color(value)
        if color is not None and colors.overrides.get(number) != color:
            colors.overrides[number] = color
            self._colors_changed()

    def _reset_palette(self, rest: str) -> None:
        if not rest:
            self._forget([number for number in self._state.colors.overrides if number <= 255])
        else:
            self._forget([_color_number(index) for index in _indexes(rest)])

    def _reset_special_colors(self, rest: str) -> None:
        if not rest:
            self._forget(list(range(BOLD, LAST_COLOR + 1)))
        else:
            self._forget([_color_number(256 + index) for index in _indexes(rest)])

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
        if url.scheme == "file":
            # Bytes that are no UTF-8 become lone surrogates, as in os.fsdecode.
            self._directory_path(host, unquote(url.path, errors="surrogateescape"))

    def _directory_path(self, host: str, path: str) -> None:
        if has_controls(path) or len(path) > _MAX_PATH_CHARS:
            path = ""
        if path.startswith("/") or not path:
            self._state.publish(DirectoryChanged(host=host, path=path))

    def _link(self, rest: str) -> None:
        parameters, _, target = rest.partition(";")
        link = NO_LINK
        if target and len(target) <= MAX_LINK_CHARS:
            named = dict(field.split("=", 1) for field in parameters.split(":") if "=" in field)
            link = Link(target, named.get("id", "")[:MAX_LINK_ID_CHARS])
        screen = self._state.screen
        screen.set_pen(screen.pen.style, link, screen.pen.is_protected)

    def _notification_or_progress(self, rest: str) -> None:
        fields = rest.split(";")
        if fields[0] == "4" and len(fields) > 1:
            self._progress(fields[1], fields[2] if len(fields) > 2 else "")
        elif not (fields[0].isascii() and fields[0].isdecimal() and len(fields[0]) <= 2):
            # A number alone in front is one of ConEmu's commands.
            self._notifications.simple(rest)

    def _progress(self, state: str, percent: str) -> None:
        value = min(int(percent), 100) if percent.isascii() and percent.isdecimal() and len(percent) <= 3 else None
        if state == "0":
            self._state.publish(ProgressChanged("none", None))
        elif state == "1":
            self._state.publish(ProgressChanged("normal", value or 0))
        elif state == "2":
            self._state.publish(ProgressChanged("error", value))
        elif state == "3":
            self._state.publish(ProgressChanged("busy", None))
        elif state == "4":
            self._state.publish(ProgressChanged("paused", value))

    def _kitty_notification(self, rest: str) -> None:
        answer = self._notifications.kitty(rest)
        if answer is not None:
            self._answer(answer)

    def _pointer(self, rest: str) -> None:
        answer = self._state.pointers.run(self._state.screen.grid.is_alternate, rest)
        if answer is not None:
            self._answer(answer)
        else:
            self._state.publish(PointerChanged())

    def _clipboard(self, rest: str) -> None:
        targets, _, encoded = rest.partition(";")
        target = "p" if "p" in targets and "c" not in targets else "c"
        if encoded == "?":
            # What the user copied is no business of a program, unless the user says so.
            if self._state.may_read_clipboard:
                self._state.clipboard_end = self._end
                self._state.publish(ClipboardAsked(target=target if targets else _UNNAMED_CLIPBOARD))
            return
        # What is not base64 is left out, as in xterm: some programs break it into lines, or quote it.
        kept = _NO_BASE64.sub("", encoded)
        text = decoded(kept) if kept or not encoded else None
        if text is not None:
            self._state.publish(ClipboardWritten(target=target, text=text))

    def _status(self, rest: str) -> None:
        if rest == "?":
            self._answer("7501;?")
        elif self._state.status_records.take(rest):
            self._state.publish(StatusReported())

    def _prompt(self, rest: str) -> None:
        """OSC 133, as the "semantic prompts" of FinalTerm, iTerm2, kitty and others; not on the alternate screen."""
        letter, *options = rest.split(";")
        kind = _MARKS.get(letter)
        # A prompt of another kind belongs to the command that is being typed: its next line, or the right side.
        if kind is None or self._state.screen.grid.is_alternate or not _OTHER_PROMPTS.isdisjoint(options):
            return
        status = int(options[0]) if kind is MarkKind.END and options and _STATUS.fullmatch(options[0]) else None
        self._state.screen.mark(kind, status)
        self._state.publish(PromptMarked(_MARK_NAMES[kind], status))
        if kind is MarkKind.PROMPT and self._state.status_records.end_running():
            self._state.publish(StatusReported())

    def _iterm(self, rest: str) -> None:
        """OSC 1337: what shows something or tells a size; files, focus and other people's windows are left alone."""
        name, _, value = rest.partition("=")
        state = self._state
        if name == "CurrentDir":
            self._directory_path("", value)
        elif name == "SetUserVar":
            variable, _, encoded = value.partition("=")
            text = decoded(encoded)
            if is_echo_safe(variable) and text is not None:
                state.publish(VariableSet(variable, plain(text, _MAX_VARIABLE_CHARS)))
        elif name == "CursorShape" and value in ("0", "1", "2"):
            state.cursor_style = {"0": 1, "1": 5, "2": 3}[value] + (modes.CURSOR_BLINK not in state.screen.mode)
        elif name == "ClearScrollback":
            state.screen.grid.scrollback.clear()
        elif name == "Copy":
            self._clipboard(f"c;{value.removeprefix(':')}")
        elif name == "Capabilities" and not value:
            self._answer(f"1337;Capabilities={_FEATURES}")
        elif name == "ReportCellSize" and state.cell_pixels is not None:
            width, height = state.cell_pixels
            self._answer(f"1337;ReportCellSize={height}.0;{width}.0;1.0")


def _color_number(index: int) -> int:
    """The number of a color of OSC 4, which counts those of OSC 5 after the palette."""
    return index if index < 256 else BOLD + index - 256


def _indexes(text: str) -> list[int]:
    return [int(field) for field in text.split(";") if field.isascii() and field.isdecimal() and len(field) <= 3]
