"""Golden pictures of the painter: what is drawn, and how two pictures are compared.

`python -m tests.gui.golden --update` paints them anew after an intended change; look at the pictures before committing them.
"""

import argparse
import os
import sys
import zlib
from base64 import b64encode
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from synk.terminal.emulator import Emulator
from synk.ui.overlays import Mark, paint_mark
from synk.ui.terminal.terminal_colors import Palette
from synk.ui.terminal.terminal_font import TerminalFont
from synk.ui.terminal.terminal_images import Layer
from synk.ui.terminal.terminal_paint import RowPainter
from synk.ui.theme import Theme, dress, faded, load_theme

FOLDER = Path(__file__).resolve().parent.parent / "data" / "golden"
RATIOS = (1.0, 1.5, 2.0)
COLS, ROWS = 24, 4

# Only characters of the bundled fonts, and those that are drawn: system fonts differ from machine to machine.
SCREENS: dict[str, str] = {
    "plain": "Hamburgefonstiv 0123456\r\n!\"#$%&'()*+,-./:;<=>?@\r\n[\\]^_`{|}~ -> != === fi\r\näöüßéñçøå ЖДЯ ΑΒΓλ →←↑↓",
    "bold": "\x1b[1mHamburgefonstiv 0123456\r\n\x1b[31mred \x1b[32mgreen \x1b[94mblue \x1b[0;1;7minverse",
    "italic": "\x1b[3mHamburgefonstiv 0123456\r\n\x1b[1mbold too",
    "dim": "\x1b[2mHamburgefonstiv\x1b[0m \x1b[2;31mred\x1b[0m \x1b[2;7minv\r\n\x1b[0;8mhidden\x1b[0;5m blinking",
    "underline": "\x1b[4mone\x1b[0m \x1b[21mtwo\x1b[0m \x1b[4:3mcurly\x1b[0m \x1b[4:4mdotted\x1b[0m\r\n\x1b[4:5mdashed\x1b[0m "
    "\x1b[4;58:5:1mred\x1b[0m \x1b[4:3;58:2::255:200:0mgold\x1b[0m \x1b[4:2;7minv\r\n\x1b[0;4m gjpqy ",
    "lines": "\x1b[9mstrike\x1b[0m \x1b[53moverline\x1b[0m \x1b[9;53;4mall\r\n\x1b[0;9;31mred gjpqy",
    "colors": "".join(f"\x1b[48;5;{n}m " for n in range(16))
    + "\x1b[0m\r\n"
    + "".join(f"\x1b[38;5;{n}m#" for n in range(16))
    + "\r\n"
    + "".join(f"\x1b[48;2;{n * 10};80;{255 - n * 10}m " for n in range(COLS)),
    "gradient": "".join(f"\x1b[38;2;{255 - n * 5};{n * 5};99;48;2;{n * 2};{n};{n * 5}m{chr(65 + n)}" for n in range(48)),
    "box": "┌─┬─┐┏━┳━┓╔═╦═╗╭─╮╱╲╳┄┆╌\r\n├─┼─┤┣━╋━┫╠═╬═╣│ │╓╥╖╒╤╕\r\n└─┴─┘┗━┻━┛╚═╩═╝╰─╯╙╨╜╘╧╛\r\n┍┑┕┙╀╁╂╃╄╅╆╇╈╉╊╴╵╶╷╼╽╾╿┇",
    "blocks": "▁▂▃▄▅▆▇█▉▊▋▌▍▎▏▐░▒▓▔▕▖▗▘\r\n▙▚▛▜▝▞▟⠁⠃⠇⡇⣇⣧⣷⣿⢸⣀⠤⠒⠉",
    "powerline": "".join(chr(0xE0B0 + n) + (" " if n % 2 else "") for n in range(16))
    + "\r\n\x1b[44m a \x1b[34;42m\ue0b0\x1b[30m b ",
    "legacy": "".join(map(chr, range(0x1FB00, 0x1FB18)))
    + "\r\n"
    + "".join(map(chr, range(0x1FB3C, 0x1FB54)))
    + "\r\n"
    + "".join(map(chr, (*range(0x1FB68, 0x1FB80),)))
    + "\r\n"
    + "".join(map(chr, (0x1FB8C, 0x1FB91, 0x1FB94, 0x1FB95, 0x1FB98, 0x1FB99, 0x1FBA0, 0x1FBAE, *range(0x1CD00, 0x1CD08),
                        0x1CC21, 0x1CC2F, 0x1CE51, 0x1CE8F, 0x1CEA0, 0x1CEAB))),
    "code_points": "a\U000dfff0b\U000d1234c",
}  # fmt: skip

_GRADIENT = bytes(value for y in range(34) for x in range(48) for value in (5 * x, 7 * y, 255 - 5 * x, 255 - 3 * x))
_KITTY = f"\x1b_Gq=2,i=1,f=32,s=48,v=34,o=z;{b64encode(zlib.compress(_GRADIENT)).decode()}\x1b\\"
PICTURES: dict[str, str] = {
    "sixel": 'text\r\x1bP0;1q"1;1;60;40#1;2;100;40;0#2;2;0;60;100#1!60~-!20~#2!40N-#2!60^$#1!60_-!60~-!60~-!60~-!30N\x1b\\'
    "\x1b[2;3Hover\x1b[3;2H\x1b[3X\x1b[1;12H\x1bP0;0q#3!40~-!40?-!40@\x1b\\\x1b[1;18Htext",
    "kitty": _KITTY + "\x1b[H\x1b[41mground\x1b[0m text\x1b[H\x1b_Ga=p,i=1,q=2,C=1\x1b\\\x1b[1;12H\x1b[41mground\x1b[0m text"
    "\x1b[1;12H\x1b_Ga=p,i=1,q=2,z=-1,C=1\x1b\\\x1b[3;12H\x1b[7mground\x1b[0m text"
    "\x1b[3;12H\x1b_Ga=p,i=1,q=2,z=-2000000000,C=1\x1b\\\x1b[4;1H\x1b_Ga=p,i=1,q=2,c=4,r=1,x=20,w=20,X=3,C=1\x1b\\",
    "placeholders": _KITTY + "\x1b_Ga=p,i=1,q=2,U=1,c=6,r=2\x1b\\\x1b[38;5;1m"
    + "\r\n".join(row + "\U0010eeee" * 3 + "\x1b[45m" + "\U0010eeee" * 2 for row in ("\U0010eeee\u0305", "\U0010eeee\u030d")),
}  # fmt: skip
"""Pictures among text."""

MARKS: dict[str, tuple[str, str]] = {
    "selection": ("selection", "selected text\r\n\x1b[44m on blue"),
    "search": ("search", "a hit and another hit"),
    "link": ("link", "https://example.com"),
}
CURSORS = ("block", "underline", "bar", "hollow")

# Freetype rounds a few edge pixels another way from one version to the next; a line or glyph elsewhere is far more.
MOST_OFF, OFF_BY = 0.004, 40
"""Part of the pixels that may differ by more than so much in a channel."""


def names() -> Iterator[str]:
    """Every picture, without its ratio."""
    yield from SCREENS
    yield from PICTURES
    yield "reversed"
    yield from MARKS
    yield from (f"cursor_{shape}" for shape in CURSORS)


def path_of(name: str, ratio: float) -> Path:
    """Where a picture is kept."""
    return FOLDER / f"{name}@{ratio:g}x.png"


def paint(theme: Theme, name: str, ratio: float) -> QImage:
    """The picture as it is painted now."""
    font = TerminalFont(theme.fonts, family=theme.fonts.terminal, px=13, ratio=ratio)
    rows = RowPainter(theme, font)
    emulator = Emulator(cols=COLS, rows=ROWS, reply=lambda _data: None)
    # The same for every ratio, so that pictures are scaled.
    emulator.describe_window(cell_width=8, cell_height=17, is_dark=True)
    pictures = PICTURES.get(name, "")
    text = pictures or SCREENS.get(name) or (MARKS[name][1] if name in MARKS else "reversed \x1b[31mred\x1b[0m \x1b[7minv")
    emulator.feed(("cursor" if name.startswith("cursor") else text).encode())
    image = QImage(
        round(COLS * font.cell_width * ratio), round(ROWS * font.cell_height * ratio), QImage.Format.Format_RGB32
    )
    image.setDevicePixelRatio(ratio)
    palette = Palette(theme, {}, is_reversed=name == "reversed")
    painter = QPainter(image)
    painter.fillRect(QRectF(0, 0, image.width(), image.height()), palette.background)
    seen = emulator.shown_pictures(0, ROWS)

    def paint_pictures(layer: Layer, row: int | None = None) -> None:
        painter.setClipRect(QRectF(0, (row or 0) * font.cell_height, 1e4, 1e4 if row is None else font.cell_height))
        rows.pictures.paint(painter, seen, layer, first=0, cols=COLS, rows=ROWS)
        painter.setClipping(False)

    paint_pictures(Layer.UNDER_GROUND)
    for y in range(ROWS):
        under_text = partial(paint_pictures, Layer.UNDER_TEXT, y) if seen else None
        top = y * font.cell_height
        rows.paint_row(painter, palette, emulator.row(y), left=0, top=top, cols=(0, COLS), under_text=under_text)
    paint_pictures(Layer.OVER_TEXT)
    if name in MARKS:
        for mark in _marks(theme, name):
            paint_mark(
                painter, mark, top=0, cell_width=font.cell_width, cell_height=font.cell_height, line=font.line_width
            )
    if name.startswith("cursor_"):
        shape = name.removeprefix("cursor_")
        area = QRectF(2 * font.cell_width, 0, font.cell_width, font.cell_height)
        [run] = emulator.row(0)
        under = type(run)(2, 1, run.text[2], run.style)
        rows.paint_cursor(painter, palette, under, area=area, shape=shape, is_focused=shape != "hollow")
    painter.end()
    return image


def _marks(theme: Theme, name: str) -> list[Mark]:
    terminal, opacity = theme.terminal, theme.opacity
    if name == "selection":
        return [Mark(0, 8, faded(terminal.selection, opacity.selection))]
    if name == "search":
        weak, strong = (faded(terminal.search, part) for part in (opacity.search, opacity.search_current))
        return [Mark(2, 5, weak), Mark(18, 21, strong)]
    return [Mark(0, 19, terminal.link, is_line=True)]


def difference(first: QImage, second: QImage) -> float:
    """Part of the pixels that differ visibly, 0 to 1; 1 if the sizes differ."""
    if first.size() != second.size():
        return 1.0
    a, b = (bytes(image.convertToFormat(QImage.Format.Format_RGB888).constBits()) for image in (first, second))
    off = sum(abs(x - y) > OFF_BY for x, y in zip(a, b, strict=True))
    return off / (3 * first.width() * first.height())


def main() -> int:
    """Compare all pictures, or paint them anew."""
    parser = argparse.ArgumentParser(prog="python -m tests.gui.golden", description=__doc__)
    parser.add_argument("--update", action="store_true", help="paint the pictures anew")
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QApplication([])
    theme = load_theme()
    dress(application, theme)
    FOLDER.mkdir(parents=True, exist_ok=True)
    is_same = True
    for name in names():
        for ratio in RATIOS:
            path, image = path_of(name, ratio), paint(theme, name, ratio)
            off = difference(image, QImage(str(path)))
            if off > (0 if options.update else MOST_OFF):
                is_same = False
                print(f"{path.name}: {off:.2%} of the pixels differ")
                if options.update:
                    image.save(str(path))
    return int(not is_same and not options.update)


if __name__ == "__main__":
    sys.exit(main())
