"""tmux's tests of its input (`regress/input-*.sh` of its source) against Synk's emulator instead of a tmux server.

The scripts run in a real shell, but with functions of our own in the place of their `input-common.inc`: these note what a
pane prints and what is expected of it. Flags of tmux's own grid are not looked at, except that a line is wrapped.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from synk.terminal.charsets import LINES, TRANSLATIONS
from synk.terminal.emulator import Emulator
from synk.terminal.events import ClipboardAsked
from synk.terminal.styles import RGB, Style

LIMIT_S = 60.0
COLS, ROWS = 80, 24
CLIPBOARD = "Hello"
"""What tmux's test of OSC 52 expects to read."""
# `sleep` does nothing: there is nobody to wait for.
_FUNCTIONS = r"""
exit_status=0
TMUX=true
INPUT_HOLD=true
pieces=0
note() { printf '%s\0' "$#" "$@" >>"$SYNK_NOTES"; }
print_to_file() { pieces=$((pieces + 1)); file="$SYNK_FOLDER/$pieces"; }
start_pane() { print_to_file; printf "$4" >"$file"; note start "$2" "$3" "$file"; }
start_pane_history() { start_pane "$@"; }
start_cmd() { print_to_file; sh -c "$4" >"$file"; note start "$2" "$3" "$file"; }
check_capture() { note capture "$1" "$2"; }
check_cursor() { note cursor "$1" "$2"; }
check_flags() { note flags "$1" "$2"; }
check_joined() { note joined "$1" "$2"; }
check_raw_matches() { note raw "$@"; }
query() { print_to_file; printf "$5" >"$file"; printf "$3" >>"$file"; note query "$1" "$2" "$file"; }
query_timeout() { query "$1" "$2" "$3" 0 "$4"; }
"""
_ATTRIBUTES = {
    "bold": "BRIGHT", "dim": "DIM", "underline": "UNDERSCORE", "blink": "BLINK", "inverse": "REVERSE", "hidden": "HIDDEN",
    "italic": "ITALICS", "charset": "CHARSET", "strike": "STRIKETHROUGH", "overline": "OVERLINE",
}  # fmt: skip
_COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_DRAWN = {drawn: chr(code) for code, drawn in (TRANSLATIONS[LINES] or {}).items()}


@dataclass(slots=True)
class Tally:
    """Of all scripts of a suite."""

    checked: int = 0
    failures: list[str] = field(default_factory=list)
    """Where, what was expected and what came."""

    def check(self, place: str, wanted: str, got: str) -> None:
        """Compare the two and remember the outcome."""
        self.checked += 1
        if wanted != got:
            self.failures.append(f"{place}: {wanted!r} expected, {got!r} came")


def run_scripts(folder: Path) -> Tally:
    """Run all scripts of a `regress` folder that tell what the screen is, in the order of their names."""
    tally = Tally()
    for script in sorted(folder.glob("input-*.sh")):
        text = script.read_text()
        if "input-common.inc" in text or re.search("^query ", text, re.MULTILINE):
            _Run(script.name, tally).run(text)
    return tally


def _notes(text: str) -> Iterator[list[str]]:
    """Runs a script with our functions; what it told, piece by piece, while the files it printed are still there."""
    if re.search("^query ", text, re.MULTILINE):
        # It brings its functions with it.
        text = "\n".join(line for line in text.splitlines() if line.startswith("query"))
    with tempfile.TemporaryDirectory(prefix="synk-tmux-") as name:
        folder = Path(name)
        (folder / "input-common.inc").write_text(_FUNCTIONS)
        (folder / "script").write_text(". ./input-common.inc\n" + text)
        (folder / "bin").mkdir()
        (folder / "bin" / "sleep").symlink_to(shutil.which("true") or "/bin/true")
        notes = folder / "notes"
        notes.touch()
        environment = {
            **os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "SYNK_NOTES": str(notes), "SYNK_FOLDER": name,
            "LC_ALL": "C.UTF-8",
        }  # fmt: skip
        subprocess.run(["sh", "script"], cwd=folder, env=environment, timeout=LIMIT_S, check=False, stdout=subprocess.DEVNULL)
        words = iter(notes.read_text().split("\0")[:-1])
        for count in words:
            yield [next(words) for _ in range(int(count))]


class _Run:
    """One script."""

    def __init__(self, name: str, tally: Tally) -> None:
        self._name = name
        self._tally = tally
        self._answers: list[bytes] = []
        self._start(COLS, ROWS)

    def run(self, text: str) -> None:
        for kind, *words in _notes(text):
            if kind == "start":
                self._start(int(words[0]), int(words[1]))
                self._print(words[2])
            elif kind == "query":
                self._start(COLS, ROWS)
                self._print(words[2])
                self._check(words[0], words[1], _visible(b"".join(self._answers)))
            elif kind == "cursor":
                self._check(words[0], words[1], f"{self._emulator.cursor.x},{self._emulator.cursor.y}")
            elif kind == "capture":
                self._check(words[0], _normal(words[1]), _normal(self._text()))
            elif kind == "joined":
                self._check(words[0], _normal(words[1]), _normal(self._text(is_joined=True)))
            elif kind == "flags":
                for y, line in enumerate(words[1].splitlines()):
                    self._check(words[0], str("W" in line.split()[0]), str(self._emulator.is_wrapped(y)))
            else:
                self._check_cells(words[0], words[1:])

    def _start(self, cols: int, rows: int) -> None:
        self._answers.clear()
        self._emulator = Emulator(cols=cols, rows=rows, reply=self._answers.append)
        self._emulator.allow_clipboard_read(True)

    def _print(self, path: str) -> None:
        # As the pseudo terminal does with what a program prints (ONLCR).
        self._emulator.feed(Path(path).read_bytes().replace(b"\n", b"\r\n"))
        for event in self._emulator.take_events():
            if isinstance(event, ClipboardAsked):
                self._emulator.tell_clipboard(event.target, CLIPBOARD)

    def _check(self, name: str, wanted: str, got: str) -> None:
        self._tally.check(f"{self._name} {name}", wanted, got)

    def _check_cells(self, name: str, patterns: list[str]) -> None:
        lines = [self._cell(y, x) for y in range(self._emulator.rows) for x in range(self._emulator.cols)]
        for pattern in patterns:
            if pattern.startswith("C "):
                # Only cells are compared; the other lines tell how tmux keeps them.
                place = pattern.split()[1]
                found = [line for line in lines if re.search(pattern, line)]
                shown = [line for line in lines if line.startswith(f"C {place} ")]
                self._check(name, pattern, pattern if found else (shown or ["nothing"])[0])

    def _text(self, *, is_joined: bool = False) -> str:
        emulator = self._emulator
        return "".join(emulator.text(y) + ("" if is_joined and emulator.is_wrapped(y) else "\n") for y in range(emulator.rows))

    def _cell(self, y: int, x: int) -> str:
        """A cell as tmux describes it (`capture-pane -R`)."""
        cells = self._emulator.cells(y)
        char = cells[x] if x < len(cells) else " "
        run = next((run for run in self._emulator.row(y) if run.col <= x < run.col + run.cells), None)
        style = run.style if run else Style()
        is_drawn = char in _DRAWN
        char = _DRAWN.get(char, char)
        width = 2 if x + 1 < len(cells) and cells[x + 1] == "" else 1
        has_256 = [name for name, color in (("FG256", style.fg), ("BG256", style.bg)) if 7 < color < RGB]
        flags = ["CLEARED"] if x >= len(cells) or char == " " else has_256
        names = [_ATTRIBUTES[key] for key in _ATTRIBUTES if key != "underline" and getattr(style, key, False)]
        if style.underline:
            kind = "UNDERSCORE" if style.underline == 1 else f"UNDERSCORE_{style.underline}"
            names.append(kind)
        if is_drawn:
            names.append("CHARSET")
        order = list(_ATTRIBUTES.values())
        names.sort(key=lambda each: order.index(each) if each in order else 99)
        link = self._emulator.link(x, y)
        parts = [
            f"C {y},{x} data=({width},{len(char.encode())},{char})",
            f"flags={_listed(flags)} attr={_listed(names)} fg={_color(style.fg)} bg={_color(style.bg)}",
            f"us={_color(style.underline_color)} link={link.target or 'NONE'} linkid={link.id or 'NONE'}",
        ]
        return " ".join(parts)


def _listed(names: list[str]) -> str:
    return f"{','.join(names)}[1]" if names else "NONE[0]"


def _color(color: int) -> str:
    if color < 0:
        return "default[8]"
    if color < 8:
        return f"{_COLORS[color]}[{color}]"
    return f"colour{color}[{0x1000000 | color:x}]" if color < RGB else f"#{color & 0xFFFFFF:06x}[{color:x}]"


def _normal(text: str) -> str:
    """Without blanks at the ends of lines and empty lines at the end; tmux keeps tabs, which are blanks here."""
    return "\n".join(line.expandtabs(8).rstrip() for line in text.splitlines()).rstrip("\n")


def _visible(data: bytes) -> str:
    """As `cat -v` shows it."""
    return "".join(f"^{chr(byte + 64)}" if byte < 32 else chr(byte) for byte in data)
