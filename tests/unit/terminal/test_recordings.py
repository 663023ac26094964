"""Recorded sessions of real programs: the bytes they wrote, and the screen that must come of it.

The expected screens were checked against tmux or xterm, which got the same bytes. Written by hand are `margins`, `rectangles`
and `questions`, and `styles`, `text` and `osc`, which show what xterm does not have (curly and colored underlines, clusters
of mode 2027, OSC 7501).
"""

from pathlib import Path

import pytest

from synk.terminal.emulator import Emulator
from synk.terminal.rows import Run
from synk.terminal.styles import RGB, Style

SCREENS = Path(__file__).parents[2] / "data" / "screens"
RECORDINGS = sorted(SCREENS.glob("*.bytes"))


def describe(emulator: Emulator) -> str:
    """The screen as text: size, cursor, modes that matter, the rows, and the styles of each row."""
    cursor = emulator.cursor
    lines = [
        f"size {emulator.cols}x{emulator.rows}",
        f"cursor {cursor.x},{cursor.y} {cursor.shape}{'' if cursor.is_visible else ' hidden'}",
        f"alternate {emulator.modes.alternate_screen}",
        f"scrolled {emulator.scrolled_total}",
    ]
    lines += [f"|{emulator.text(y)}" for y in range(emulator.rows)]
    for y in range(emulator.rows):
        styled = [describe_run(run) for run in emulator.row(y) if run.style != Style()]
        if styled:
            lines.append(f"row {y}: " + ", ".join(styled))
    return "\n".join(lines) + "\n"


def describe_run(run: Run) -> str:
    style = run.style
    words = [f"{run.col}-{run.col + run.cells - 1}"]
    words += [f"{name}={describe_color(color)}" for name, color in (("fg", style.fg), ("bg", style.bg)) if color != -1]
    flags = ("bold", "dim", "italic", "blink", "inverse", "hidden", "strike", "overline", "underline")
    words += [name for name in flags if getattr(style, name)]
    return " ".join(words)


def describe_color(color: int) -> str:
    return f"#{color & 0xFFFFFF:06x}" if color >= RGB else str(color)


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_a_recorded_session_gives_the_recorded_screen(recording: Path) -> None:
    expected = recording.with_suffix(".screen").read_text(encoding="utf-8")
    cols, rows = map(int, expected.split("\n", 1)[0].removeprefix("size ").split("x"))
    emulator = Emulator(cols=cols, rows=rows, reply=lambda _: None)
    emulator.feed(recording.read_bytes())
    assert describe(emulator) == expected


def test_there_are_recordings() -> None:
    assert len(RECORDINGS) >= 8
