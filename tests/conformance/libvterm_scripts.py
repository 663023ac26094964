"""libvterm's test scripts: what can be asked of any terminal in them, answered by Synk.

    python tests/conformance/libvterm_scripts.py FOLDER [--show]

FOLDER is `t` in the sources of libvterm 0.3 (source package libvterm of Debian). Asked are the cursor, rows, cells and pens of
the screen, and what is sent back to the program. Callbacks of the library, its damage regions and its parser's events are not.
Where libvterm and xterm differ xterm decides (02-terminal.md, section 2); those are counted apart, by `XTERM_DECIDES` and
`NOT_HERE`, with the reason.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from synk.base.keypress import KeyPress
from synk.terminal import keyboard
from synk.terminal.emulator import Emulator
from synk.terminal.mouse import NO_BUTTON, MouseAction, encode_mouse
from synk.terminal.rows import STUB
from synk.terminal.styles import DEFAULT_PEN, RGB

LEFT_OUT = ("02", "40", "62")
"""Events of the parser, selections and damage: the library's own interface."""
XTERM_DECIDES = {
    "13state_edit.test:81": "IL goes to the left margin",
    "13state_edit.test:270": "DECRQSS of DECSCA says 0 where nothing is protected",
    "11state_movecursor.test:178": "CSI j (HPB) is not known",
    "11state_movecursor.test:194": "CSI k (VPB) is not known",
    "17state_mouse.test:118": "past the end of the encoding is 0",
    "17state_mouse.test:120": "past the end of the encoding is 0",
    "17state_mouse.test:123": "past the end of the encoding is 0",
    "17state_mouse.test:166": "mode 1015 adds 32 to the button",
    "17state_mouse.test:169": "mode 1015 adds 32 to the button",
    "25state_input.test": "without modifyOtherKeys there is no CSI u",
    "26state_query.test": "another terminal says who it is; DECXCPR has a page, DECRQSS of SGR begins with 0",
    "61screen_unicode.test": "more than six code points of a cluster are kept",
}
NOT_HERE = {
    "28state_dbl_wh.test": "lines of double width",
    "67screen_dbl_wh.test": "lines of double width",
    "30state_pen.test": "fonts (SGR 10-19), small text, and bold as bright color",
    "64screen_pen.test": "fonts, small text, and colors of the palette in cells",
    "63screen_resize.test": "the library's caller provides the scrollback",
    "69screen_reflow.test": "the line of the cursor is left to the program that draws it",
}
_ESCAPES = {"e": b"\x1b", "n": b"\n", "r": b"\r", "t": b"\t", "a": b"\a", "b": b"\b", "0": b"\0", "f": b"\f"}
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\s*x\s*(\d+))?')
_ANSI = (
    (0, 0, 0), (224, 0, 0), (0, 224, 0), (224, 224, 0), (0, 0, 224), (224, 0, 224), (0, 224, 224), (224, 224, 224),
    (128, 128, 128), (255, 64, 64), (64, 255, 64), (255, 255, 64), (64, 64, 255), (255, 64, 255), (64, 255, 255), (255, 255, 255),
)  # fmt: skip


def perl(text: str) -> bytes:
    """The bytes of a Perl expression of strings, `"A"x12` included."""
    return b"".join(_unescaped(part) * int(count or 1) for part, count in _STRING.findall(text))


def _unescaped(text: str) -> bytes:
    parts = re.split(r"\\(x\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{1,2}|.)", text)
    result = parts[0].encode()
    for escape, plain in zip(parts[1::2], parts[2::2], strict=True):
        if escape.startswith("x{"):
            result += chr(int(escape[2:-1], 16)).encode()
        elif escape[0] == "x" and len(escape) > 1:
            result += bytes([int(escape[1:], 16)])
        else:
            result += _ESCAPES.get(escape, escape.encode())
        result += plain.encode()
    return result


class Script:
    """One script against one emulator."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.asked: list[tuple[str, str, str, str]] = []
        """Place (`file:line`), what was asked, what libvterm says, what Synk says."""
        self._lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
        self._replies: list[bytes] = []
        self._expected: list[bytes] = []
        self._is_command_open = False
        self._mouse, self._held = (0, 0), NO_BUTTON
        self._make()

    def run(self) -> None:
        """Carry out all lines."""
        for number, line in enumerate(self._lines, 1):
            line = line.strip()
            if line == "__END__":
                break
            if line and not line.startswith("#"):
                for each in _repeated(line):
                    self._do(each, number)
        self._end_command(len(self._lines))

    def _make(self, cols: int = 80, rows: int = 25) -> None:
        self._emulator = Emulator(cols=cols, rows=rows, reply=self._replies.append)

    def _do(self, line: str, number: int) -> None:
        if line[0].isupper() or line[0] == "!":
            self._end_command(number - 1)
            if line[0] != "!":
                self._command(*f"{line} ".split(" ", 1))
        elif line.startswith("?"):
            self._end_command(number)
            what, _, wanted = line[1:].partition("=")
            name, _, arguments = what.strip().partition(" ")
            found = self._answer(name, arguments.strip(), wanted.strip())
            if found is not None:
                self.asked.append((f"{self.name}:{number}", what.strip(), *found))
        elif line.startswith("output"):
            self._expected.append(perl(line))

    def _end_command(self, number: int) -> None:
        sent, wanted = b"".join(self._replies), b"".join(self._expected)
        if self._is_command_open and (sent or wanted):
            self.asked.append((f"{self.name}:{number}", "output", repr(wanted), repr(sent)))
        self._is_command_open = False
        self._replies.clear()
        self._expected.clear()

    def _command(self, name: str, rest: str) -> None:
        emulator, self._is_command_open = self._emulator, True
        rest = rest.strip()
        if name == "INIT":
            self._make()
        elif name == "RESET":
            emulator.feed(b"\x18\x1bc\x1b[?1047h\x1b[2J\x1b[?1047l\x1bc")
            self._replies.clear()
        elif name == "PUSH":
            emulator.feed(perl(rest))
        elif name == "RESIZE":
            rows, cols = map(int, rest.split(","))
            emulator.resize(cols=cols, rows=rows)
        elif name in ("INCHAR", "INKEY"):
            modifiers, key = rest.split(" ")
            self._replies.append(keyboard.encode_key(_press(name, modifiers, key), emulator.modes))
        elif name == "FOCUS":
            self._replies.append(keyboard.encode_focus(rest == "IN", emulator.modes))
        elif name == "PASTE" and emulator.modes.bracketed_paste:
            self._replies.append(b"\x1b[200~" if rest == "START" else b"\x1b[201~")
        elif name == "MOUSEMOVE":
            place, modifiers = f"{rest} 0".split(" ")[:2]
            row, col = map(int, place.split(","))
            has_moved, self._mouse = (row, col) != self._mouse, (row, col)
            if has_moved:
                self._send_mouse("move", self._held, modifiers)
        elif name == "MOUSEBTN":
            kind, button, modifiers = rest.split(" ")
            # X counts the wheel as the buttons 4 to 7, and the left one as 1.
            self._send_mouse("press" if kind == "d" else "release", int(button) - 1 + (int(button) > 3), modifiers)
            if int(button) <= 3:
                self._held = int(button) - 1 if kind == "d" else NO_BUTTON

    def _send_mouse(self, kind: str, button: int, modifiers: str) -> None:
        row, col = self._mouse
        held = {"shift": "S" in modifiers, "ctrl": "C" in modifiers, "alt": "A" in modifiers}
        action = MouseAction(kind, button, col, row, **held)  # type: ignore[arg-type]
        self._replies.append(encode_mouse(action, self._emulator.modes))

    def _answer(self, name: str, arguments: str, wanted: str) -> tuple[str, str] | None:
        """What libvterm and Synk say; None where nothing of the kind can be asked."""
        emulator = self._emulator
        if name == "cursor":
            return wanted, f"{emulator.cursor.y},{emulator.cursor.x}"
        if name == "screen_row":
            return _text(wanted).rstrip(" "), self._cells(int(arguments), 0, int(arguments) + 1, emulator.cols).rstrip(" ")
        if name in ("screen_chars", "screen_text"):
            text = bytes(map(ord, _text(wanted))).decode() if name == "screen_text" and wanted[:1] != '"' else _text(wanted)
            return text.rstrip(" "), self._cells(*map(int, arguments.split(","))).rstrip(" ")
        if name == "screen_cell":
            return wanted.replace("{0x20}", "{}"), self._cell(*map(int, arguments.split(",")))
        if name == "screen_eol":
            y, x = map(int, arguments.split(","))
            return wanted, str(int(not emulator.screen.grid.rows[y].text[x:].strip()))
        if name == "pen":
            return wanted, self._pen(arguments)
        if name == "lineinfo":
            return wanted, "cont" if int(arguments) and emulator.is_wrapped(int(arguments) - 1) else ""
        return None

    def _cells(self, top: int, left: int, bottom: int, right: int) -> str:
        """Text of a rectangle; what nobody wrote to is left out at the end of each line."""
        rows = [self._emulator.cells(y)[left:right] for y in range(top, bottom)]
        return "\n".join("".join(row) for row in rows)

    def _cell(self, y: int, x: int) -> str:
        grid = self._emulator.screen.grid
        row = grid.rows[y]
        text = row.text.ljust(x + 2)
        style = grid.pens[row.pens[x : x + 1] or DEFAULT_PEN].style
        chars = ",".join(f"0x{ord(char):02x}" for char in grid.clusters.expand(text[x])).replace("0x20", "")
        underline = f"U{style.underline}" if style.underline else ""
        looks = "B" * style.bold + underline + "I" * style.italic + "K" * style.blink + "R" * style.inverse
        width = 2 if text[x + 1] == STUB else 1
        fg, bg = _color(style.fg, "rgb(240,240,240)"), _color(style.bg, "rgb(0,0,0)")
        return f"{{{chars}}} width={width} attrs={{{looks}}} fg={fg} bg={bg}"

    def _pen(self, name: str) -> str:
        style = self._emulator.screen.pen.style
        flags = {"bold": style.bold, "italic": style.italic, "blink": style.blink, "reverse": style.inverse}
        if name in flags:
            return "on" if flags[name] else "off"
        if name == "underline":
            return str(style.underline)
        if name == "foreground":
            return _pen_color(style.fg, "rgb(240,240,240,is_default_fg)")
        if name == "background":
            return _pen_color(style.bg, "rgb(0,0,0,is_default_bg)")
        return "unknown"


def _repeated(line: str) -> Iterator[str]:
    """A line as often as `$SEQ` and `$REP` before it say."""
    if found := re.match(r"\$SEQ\s+(\d+)\s+(\d+):\s*(.*)", line):
        yield from (found[3].replace("\\#", str(value)) for value in range(int(found[1]), int(found[2]) + 1))
    elif found := re.match(r"\$REP\s+(\d+):\s*(.*)", line):
        yield from [found[2]] * int(found[1])
    else:
        yield line


def _press(kind: str, modifiers: str, key: str) -> KeyPress:
    held = {"shift": "S" in modifiers, "ctrl": "C" in modifiers, "alt": "A" in modifiers}
    if kind == "INKEY":
        return KeyPress({"kp0": "kp_0"}.get(key.lower(), key.lower()), **held)
    char = chr(int(key, 16))
    return KeyPress("space" if char == " " else char if held["shift"] else char.lower(), char, **held)


def _text(wanted: str) -> str:
    return perl(wanted).decode() if wanted.startswith('"') else "".join(chr(int(code, 16)) for code in wanted.split(",") if code)


def _color(number: int, default: str) -> str:
    if number < 0:
        return default
    if number >= RGB:
        return f"rgb({number >> 16 & 255},{number >> 8 & 255},{number & 255})"
    if number < 16:
        return "rgb({},{},{})".format(*_ANSI[number])
    if number >= 232:
        return "rgb({0},{0},{0})".format((number - 232) * 11)
    levels = (0, 51, 102, 153, 204, 255)
    return f"rgb({levels[(number - 16) // 36]},{levels[(number - 16) // 6 % 6]},{levels[(number - 16) % 6]})"


def _pen_color(number: int, default: str) -> str:
    return f"idx({number})" if 0 <= number < 256 else _color(number, default)


def _reason(place: str, table: dict[str, str]) -> str:
    return table.get(place, table.get(place.split(":")[0], ""))


def answers_to(folder: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """Of each thing asked: where, what, libvterm's answer, Synk's, and why they may differ ("" for no known reason)."""
    for path in sorted(folder.glob("*.test")):
        if path.name[:2] not in LEFT_OUT:
            script = Script(path)
            script.run()
            for place, what, wanted, found in script.asked:
                yield place, what, wanted, found, _reason(place, NOT_HERE) or _reason(place, XTERM_DECIDES)


def main() -> int:
    """Exit status 1 if something differs for no known reason."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true", help="print known differences too")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    for place, what, wanted, found, reason in answers_to(options.folder):
        kind = "same" if wanted == found else "known" if reason else "different"
        counts[kind] += 1
        if kind == "different" or (kind == "known" and options.show):
            print(f"{place} {what}: libvterm {wanted}, Synk {found}  {reason}")
    total = sum(counts.values())
    print(
        f"libvterm's scripts: {counts['same']} of {total} the same, {counts['known']} known to differ, {counts['different']} more"
    )
    return bool(counts["different"])


if __name__ == "__main__":
    sys.exit(main())
