"""libvterm's scripts (`t/*.test` of its source) against Synk's emulator: what they expect of the screen, of answers and keys.

What tells of libvterm's own inside (which rectangle was damaged, scrolled or erased, what its parser found) means nothing
elsewhere and is not counted, nor what the program that runs its tests makes up: selections in pieces, rows of "ABCDE" taken
back. A glyph counts if it is where the script put it once the bytes of its step are carried out.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tally import Tally

from synk.base.keypress import KeyPress
from synk.terminal.emulator import Emulator
from synk.terminal.keyboard import encode_focus, encode_key
from synk.terminal.mouse import NO_BUTTON, WHEEL_UP, MouseAction, encode_mouse
from synk.terminal.rows import STUB, Run
from synk.terminal.styles import RGB, Style

COLS, ROWS = 80, 25
_ESCAPE = re.compile(r"\\(?:x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_NAMED = {"e": "\x1b", "n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "0": "\0"}
_TERM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|\'([^\']*)\')\s*(?:x\s*(\d+))?\s*(?:\.|$)')
_KEYS = {"Up": "up", "Tab": "tab", "Enter": "enter", "F1": "f1", "KP0": "kp_0"}
_MODIFIERS = {"S": "shift", "C": "ctrl", "A": "alt"}
_SHAPES = {"block": 1, "underline": 2, "bar": 3}
_MICE = {"off": 0, "x10": 1, "normal": 1, "button": 2, "any": 3}
# libvterm's colors, so that its scripts may name them.
_FOREGROUND, _BACKGROUND = (240, 240, 240), (0, 0, 0)
_MOVING = ("moverect", "scrollrect", "erase")


def run_scripts(folder: Path) -> Tally:
    """Run all scripts of a folder, in the order of their names."""
    tally = Tally()
    for path in sorted(folder.glob("*.test")):
        _Run(path.name, tally).run(path.read_text(encoding="latin-1"))
    return tally


def text_of(expression: str) -> str:
    """What an expression of strings stands for: `"A" . "\\xCC\\x81" x 10`; one character a byte."""
    parts, at = [], 0
    while at < len(expression.rstrip()):
        term = _TERM.match(expression, at)
        if term is None:
            raise ValueError(f"no string: {expression!r}")
        text = _ESCAPE.sub(_unescaped, term[1]) if term[1] is not None else term[2]
        parts.append(text * int(term[3] or 1))
        at = term.end()
    return "".join(parts)


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return chr(int(digits, 16)) if digits else _NAMED.get(match[3], match[3])


def _unrolled(text: str) -> Iterator[tuple[int, str]]:
    """Numbered lines with `$SEQ` and `$REP` carried out."""
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line == "__END__":
            return
        if not line or line[0] in "#!":
            continue
        if match := re.match(r"\$SEQ\s+(\d+)\s+(\d+):\s*(.*)", line):
            for value in range(int(match[1]), int(match[2]) + 1):
                yield number, match[3].replace(r"\#", str(value))
        elif match := re.match(r"\$REP\s+(\d+):\s*(.*)", line):
            yield from [(number, match[2])] * int(match[1])
        else:
            yield number, line


class _Run:
    """One script."""

    def __init__(self, name: str, tally: Tally) -> None:
        self._name = name
        self._tally = tally
        self._number = 0
        self._is_utf8 = False
        self._default = (_FOREGROUND, _BACKGROUND)
        self._mouse = MouseAction("move", NO_BUTTON, 0, 0)
        self._is_made_up = False
        """What follows depends on what only libvterm's harness does."""
        self._begin()

    def _begin(self) -> None:
        self._answers: list[bytes] = []
        self._emulator = Emulator(cols=COLS, rows=ROWS, reply=self._answers.append)

    def run(self, text: str) -> None:
        lines = list(_unrolled(text))
        at = 0
        while at < len(lines):
            self._number, line = lines[at]
            at += 1
            if line[0] == "?":
                self._assert(line[1:])
                continue
            expected = []
            while at < len(lines) and lines[at][1][0].islower():
                expected.append(lines[at])
                at += 1
            self._answers.clear()
            before = self._emulator.scrolled_total
            self._command(line)
            self._expect(expected, before)

    def _command(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        rest = rest.strip()
        self._is_made_up = name == "SELECTION" or (self._is_made_up and name != "RESET")
        if name == "INIT":
            self._begin()
        elif name == "UTF8":
            self._is_utf8 = rest == "1"
        elif name == "RESET":
            self._emulator.feed(b"\x1bc")
        elif name == "RESIZE":
            rows, cols = map(int, rest.split(","))
            self._emulator.resize(cols=cols, rows=rows)
        elif name == "PUSH":
            data = text_of(rest)
            self._emulator.feed(data.encode("latin-1" if self._is_utf8 else "utf-8"))
        elif name == "SETDEFAULTCOL":
            colors = [tuple(map(int, found)) for found in re.findall(r"rgb\((\d+),(\d+),(\d+)\)", rest)]
            self._default = (colors[0], colors[1] if len(colors) > 1 else self._default[1])  # type: ignore[assignment]
        elif name in ("INCHAR", "INKEY"):
            self._key(name, *rest.split())
        elif name in ("MOUSEMOVE", "MOUSEBTN"):
            self._use_mouse(name, rest.split())
        elif name == "FOCUS":
            self._answers.append(encode_focus(rest == "IN", self._emulator.modes))
        elif name == "PASTE" and self._emulator.modes.bracketed_paste:
            self._answers.append(b"\x1b[200~" if rest == "START" else b"\x1b[201~")

    def _key(self, kind: str, modifiers: str, key: str) -> None:
        name = _KEYS[key] if kind == "INKEY" else chr(int(key, 16))
        is_char = kind == "INCHAR"
        text = name if is_char else ""
        held = {long: short in modifiers for short, long in _MODIFIERS.items()}
        if is_char and name.isupper():
            held["shift"] = True
        press = KeyPress("space" if name == " " else name.lower() if is_char else name, text=text, **held)
        # The numeric keypad obeys DECKPAM as long as Num Lock does not say otherwise (1035), as on a real keyboard here.
        self._answers.append(encode_key(press, replace(self._emulator.modes, keypad_is_numeric=False)))

    def _use_mouse(self, kind: str, words: list[str]) -> None:
        before = self._mouse
        if kind == "MOUSEMOVE":
            row, col = map(int, words[0].split(","))
            action = MouseAction("move", before.button, col, row)
            if (col, row) == (before.col, before.row):
                return
        else:
            number = int(words[1])
            button = number - 1 if number < 4 else WHEEL_UP + number - 4
            action = MouseAction("press" if words[0] == "d" else "release", button, before.col, before.row, ctrl="C" in words[2])
        self._answers.append(encode_mouse(action, self._emulator.modes))
        held = before.button if action.kind == "move" else action.button if action.kind == "press" else NO_BUTTON
        self._mouse = MouseAction("move", held if held < WHEEL_UP else NO_BUTTON, action.col, action.row)

    def _expect(self, expected: list[tuple[int, str]], before: int) -> None:
        pushed = self._emulator.scrolled_total - before
        lines = [self._emulator.text(-n).rstrip() for n in range(pushed, 0, -1)] if pushed > 0 else []
        last_move = max((at for at, (_, line) in enumerate(expected) if line.startswith(_MOVING)), default=-1)
        glyphs: dict[str, tuple[int, str]] = {}
        outputs = []
        for at, (number, line) in enumerate(expected):
            self._number = number
            kind, _, rest = line.partition(" ")
            if kind == "putglyph" and at > last_move:
                chars, width, place, *_ = rest.split()
                glyphs[place] = (number, f"{chars} {width}")
            elif kind == "output":
                outputs.append((number, text_of(rest)))
            elif kind == "settermprop":
                self._property(*rest.split(" ", 1))
            elif kind == "sb_pushline":
                wanted = "".join(chr(int(char, 16)) for char in rest.partition("=")[2].split())
                self._check(wanted, lines.pop(0) if lines else "(nothing)", "sb_pushline")
            elif kind == "sb_popline":
                self._is_made_up = True
            elif kind == "sb_clear":
                self._check("0", str(len(self._emulator.scrollback)), kind)
        for place, (number, wanted) in glyphs.items():
            self._number = number
            chars, width = wanted.split()
            codes = ",".join(f"{int(code, 16):x}" for code in chars.split(","))
            self._check(f"{codes} {width}", self._glyph(*map(int, place.split(","))), f"putglyph {place}")
        if outputs:
            self._number = outputs[0][0]
            wanted = "".join(text for _, text in outputs)
            self._check(repr(wanted), repr(b"".join(self._answers).decode("latin-1")), "output")

    def _property(self, number: str, value: str) -> None:
        emulator = self._emulator
        cursor, modes = emulator.cursor, emulator.modes
        if number == "4":
            if value[0] == "[" and value[-1] == "]":
                self._check(text_of(value[1:-1]), emulator.title, "title")
            return
        facts = {
            "1": cursor.is_visible, "2": cursor.blinks, "3": modes.alternate_screen, "6": modes.reverse_screen,
            "7": _SHAPES[cursor.shape], "8": _MICE[modes.mouse], "9": modes.focus_events,
        }  # fmt: skip
        self._check(value, str(facts.get(number, "?")).lower(), f"settermprop {number}")

    def _assert(self, line: str) -> None:
        question, _, wanted = (part.strip() for part in line.partition("="))
        name, *words = re.split(r"[ ,]+", question)
        if name == "cursor":
            self._check(wanted, f"{self._emulator.cursor.y},{self._emulator.cursor.x}", name)
        elif name == "pen":
            self._check(wanted, self._pen(words[0]), question)
        elif name == "screen_row":
            row = int(words[0])
            self._check(_wanted_text(wanted, name), self._text(row, 0, row + 1, self._emulator.cols), question)
        elif name in ("screen_chars", "screen_text"):
            top, left, bottom, right = map(int, words)
            self._check(_wanted_text(wanted, name), self._text(top, left, bottom, right), question)
        elif name == "screen_cell":
            self._check(wanted, self._cell(*map(int, words)), question)
        elif name == "screen_eol":
            row, col = map(int, words)
            self._check(wanted, str(int(not self._text(row, col, row + 1, self._emulator.cols))), question)
        elif name == "lineinfo":
            row = int(words[0])
            self._check(wanted, "cont" if row and self._emulator.is_wrapped(row - 1) else "", question)
        elif name == "screen_attrs_extent":
            self._check(wanted, self._extent(*map(int, words)), question)
        else:
            raise ValueError(f"{self._name} asks for {name}")

    def _check(self, wanted: str, got: str, what: str) -> None:
        if self._is_made_up:
            return
        self._tally.check(f"{self._name}:{self._number} {what}", wanted, got)

    def _text(self, top: int, left: int, bottom: int, right: int) -> str:
        rows = ["".join(self._emulator.cells(y)[left:right]).rstrip() for y in range(top, bottom)]
        return "\n".join(rows).rstrip("\n")

    def _glyph(self, row: int, col: int) -> str:
        cells = self._emulator.cells(row)
        if col >= len(cells):
            return "(blank)"
        is_wide = col + 1 < len(cells) and cells[col + 1] in ("", STUB)
        return f"{','.join(f'{ord(char):x}' for char in cells[col])} {1 + is_wide}"

    def _run_at(self, row: int, col: int) -> Run | None:
        return next((run for run in self._emulator.row(row) if run.col <= col < run.col + run.cells), None)

    def _style(self, row: int, col: int) -> Style:
        run = self._run_at(row, col)
        return run.style if run else Style()

    def _cell(self, row: int, col: int) -> str:
        cells = self._emulator.cells(row)
        char = cells[col] if col < len(cells) else ""
        style = self._style(row, col)
        is_reverse = style.inverse != self._emulator.modes.reverse_screen
        flags = (
            "B" * style.bold + (f"U{style.underline}" if style.underline else "") + "I" * style.italic + "K" * style.blink
            + "R" * is_reverse
        )  # fmt: skip
        codes = ",".join(f"0x{ord(one):x}" for one in char) if char != " " or style.inverse else ""
        width = self._glyph(row, col)[-1] if codes else "1"
        fg, bg = (
            "rgb({},{},{})".format(*(default if color < 0 else _rgb(color)))
            for color, default in zip((style.fg, style.bg), self._default, strict=True)
        )
        return f"{{{codes}}} width={width} attrs={{{flags}}} fg={fg} bg={bg}"

    def _extent(self, row: int, col: int) -> str:
        style = self._style(row, col)
        left = right = col
        while left and self._style(row, left - 1) == style:
            left -= 1
        while right + 1 < self._emulator.cols and self._style(row, right + 1) == style:
            right += 1
        return f"{row},{left}-{row + 1},{right}"

    def _pen(self, name: str) -> str:
        style = self._emulator.screen.pen.style
        if name in ("foreground", "background"):
            is_front = name == "foreground"
            color = style.fg if is_front else style.bg
            if color < 0:
                return "rgb({},{},{},is_default_{})".format(*self._default[not is_front], "fg" if is_front else "bg")
            return f"idx({color})" if color < RGB else "rgb({},{},{})".format(*_rgb(color))
        facts: dict[str, object] = {
            "bold": style.bold, "underline": style.underline, "italic": style.italic, "blink": style.blink,
            "reverse": style.inverse, "font": 0, "small": False, "baseline": "normal",
        }  # fmt: skip
        value = facts[name]
        return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _wanted_text(wanted: str, name: str) -> str:
    """The text of an assertion, without blanks at its end: a string, characters, or bytes of UTF-8."""
    if wanted[:1] == '"':
        return text_of(wanted).rstrip()
    codes = [int(part, 16) for part in wanted.split(",") if part]
    text = bytes(codes).decode() if name == "screen_text" else "".join(map(chr, codes))
    return text.rstrip()


def _rgb(color: int) -> tuple[int, int, int]:
    """Of a style's color; the first eight as libvterm has them."""
    if color >= RGB:
        return color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF
    return 224 * (color & 1), 224 * (color >> 1 & 1), 224 * (color >> 2 & 1)
