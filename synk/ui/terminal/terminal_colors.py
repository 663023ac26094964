"""What styles look like: the theme's colors with a program's own on top, resolved once per style."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtGui import QColor

from synk.terminal.colors import BACKGROUND, CURSOR, FOREGROUND
from synk.terminal.styles import RGB, Style
from synk.ui.terminal.contrast import readable
from synk.ui.terminal.terminal_font import face_index
from synk.ui.theme import Theme, mixed

MINIMUM_CONTRAST = 3.0
"""What WCAG 2 asks of large text. The theme's colors are about equally bright, so that one on another (blue on green, grey
on blue) has 1.0 to 2.5 and needs help; on the background all but black have more and stay as they are. 4.5, VS Code's
choice, would lift the dark grey of hints as well, which are meant to stand back."""
EXACT_UP_TO = 4.5
"""Up to this contrast a color that the program chose exactly (24 bit, or of the cube of 256) is left alone: a scheme of an
editor means what it says, while it could not know the theme's 16 colors. Who asks for more wants to read everything."""
NAMED_COLORS = 16

MAX_LOOKS = 16384
"""Resolved styles kept, 5 MB: more than a full screen has cells. A program painting gradients makes new ones without end."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A style in colors and a face of the font; one object per style of a palette, compared by identity."""

    style: Style
    """Kept so that its identity stays its own while the look is cached."""
    fg: QColor
    """Of text: as the style says, or with more contrast."""
    rgba: int
    """The same as a number."""
    shape_rgba: int
    """Of box drawing and Powerline, as the style says: these have to match the backgrounds beside them."""
    bg: QColor | None
    """None: the background of the terminal, already there."""
    back_rgba: int | None
    """The same as a number."""
    face: int
    is_hidden: bool
    line_color: QColor
    has_lines: bool
    """Underline, overline or strike."""
    blinks: bool

    def without_text(self) -> "Look":
        """The same cells with nothing but their background."""
        return replace(self, is_hidden=True)

    def without_ground(self) -> "Look":
        """The same text on what is there."""
        return self if self.bg is None else replace(self, bg=None, back_rgba=None)


class Palette:
    """Colors of one terminal; terminals without colors of their own share one."""

    def __init__(
        self,
        theme: Theme,
        overrides: Mapping[int, int],
        *,
        is_reversed: bool = False,
        minimum_contrast: float = MINIMUM_CONTRAST,
    ) -> None:
        """`overrides` as in `Emulator.colors`; `is_reversed`: DECSCNM swaps the default colors.

        `minimum_contrast`: of text to its background, 1 to 21.
        """
        terminal = theme.terminal
        self._contrast = minimum_contrast
        self._dim = theme.opacity.dim_text
        self._colors = list(terminal.palette)
        special = {FOREGROUND: terminal.foreground, BACKGROUND: terminal.background, CURSOR: terminal.cursor}
        for number, rgb in overrides.items():
            if number < len(self._colors):
                self._colors[number] = QColor.fromRgb(rgb)
            else:
                special[number] = QColor.fromRgb(rgb)
        self.foreground, self.background = special[FOREGROUND], special[BACKGROUND]
        if is_reversed:
            self.foreground, self.background = self.background, self.foreground
        self.cursor = special[CURSOR]
        self._looks: dict[int, Look] = {}

    def look(self, style: Style) -> Look:
        """The style resolved; equal styles of one emulator are the same object, which makes this a lookup by identity."""
        look = self._looks.get(id(style))
        if look is None:
            if len(self._looks) >= MAX_LOOKS:
                self._looks.clear()
            look = self._looks[id(style)] = self._resolve(style)
        return look

    def _resolve(self, style: Style) -> Look:
        fg = self._color(style.fg) or self.foreground
        bg = self._color(style.bg) or self.background
        text = style.fg
        if style.inverse:
            fg, bg, text = bg, fg, style.bg
        shape = fg
        # Text in the color of its background is meant not to be seen.
        if (text < NAMED_COLORS or self._contrast >= EXACT_UP_TO) and fg != bg:
            fg = readable(fg, bg, self._contrast)
        if style.dim:
            fg, shape = mixed(fg, bg, self._dim), mixed(shape, bg, self._dim)
        return Look(
            style=style,
            fg=fg,
            rgba=fg.rgba(),
            shape_rgba=shape.rgba(),
            bg=None if bg == self.background else bg,
            back_rgba=None if bg == self.background else bg.rgba(),
            face=face_index(bold=style.bold, italic=style.italic),
            is_hidden=style.hidden,
            line_color=self._color(style.underline_color) or fg,
            has_lines=bool(style.underline or style.strike or style.overline),
            blinks=style.blink,
        )

    def _color(self, number: int) -> QColor | None:
        if number < 0:
            return None
        return QColor.fromRgb(number & 0xFFFFFF) if number & RGB else self._colors[number]


def numbered_colors(theme: Theme) -> dict[int, int]:
    """The theme's terminal colors as `Emulator.colors.base` counts them: 0xRRGGBB by number."""
    terminal = theme.terminal
    special = ((FOREGROUND, terminal.foreground), (BACKGROUND, terminal.background), (CURSOR, terminal.cursor))
    return {number: color.rgb() & 0xFFFFFF for number, color in (*enumerate(terminal.palette), *special)}
