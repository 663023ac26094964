"""A part of a terminal that is painted by itself looks as it does when everything is painted."""

import pytest
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication

from synk.ui.terminal.terminal_font import TerminalFont
from synk.ui.terminal.terminal_paint import RowPainter
from synk.ui.terminal.terminal_view import TerminalView
from tests.gui.desk import Desk
from tests.gui.pixels import painted_anew, seen, shows

TEXTS = ("\u00dcbung gj", "\x1b[1m%%\x1b[m \u00c5ngstr\u00f6m", "\x1b[4:3mwaves\x1b[m beside", "\u2588\u2502\u4e16")
SCREEN = "".join(f"\x1b[{row};1H\x1b[4{row}m{text}\x1b[K" for row, text in enumerate(TEXTS, 1))
TALL, SLANTED = "\u00dc", "\x1b[1;3m{}\x1b[m"


@pytest.fixture
def view(desk: Desk) -> TerminalView:
    """One terminal that is typed into."""
    desk.open(1)
    desk.press("enter")
    shows(desk, "\x1bc")
    QApplication.processEvents()
    return desk.pane(1).view


@pytest.mark.parametrize(
    "steps",
    [
        ("\r\n" + TALL, "\x1b[Aabove"),
        ("above\r\n", TALL),
        ("\r\n" + SLANTED.format(TALL), "\x1b[Aabove"),
        ("\x1b[4:3mwave\x1b[m", "\x1b[2;1H"),
        ("\x1b[2G\x1b[4:3mwave\x1b[1G", "\x1b[2;1H"),
        *((SLANTED.format(letter), "\x1b[2;1H") for letter in "%WY_"),
        *(("\x1b[2G" + SLANTED.format(letter) + "\r", "\x1b[2;1H") for letter in "%WY_"),
        *(("\x1b[2G" + SLANTED.format(letter), "\b") for letter in "%WY_"),
        *(("\x1b[2G" + SLANTED.format(letter) + "\x1b[9G", "\x1b[2G \x1b[9G") for letter in "%WY_"),
        *(("\x1b[2G" + SLANTED.format(letter) + " " + "\x1b[31mx\x1b[32my" * 30, "\x1b[3G", "\x1b[2;1H") for letter in "%WY_"),
    ],
)
def test_a_glyph_that_leaves_its_cell_leaves_no_trace(desk: Desk, view: TerminalView, steps: tuple[str, ...]) -> None:
    for step in steps:
        shows(desk, step)
    QApplication.processEvents()
    now = seen(view)
    assert now == painted_anew(view)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("dimmed_by", [0.0, 0.4])
def test_rows_meet_where_logical_pixels_are_no_device_pixels(
    desk: Desk, view: TerminalView, ratio: float, dimmed_by: float
) -> None:
    font = TerminalFont(view.font_cells.theme.fonts, family="JetBrains Mono", px=13, ratio=ratio)
    view.use_rows(RowPainter(view.font_cells.theme, font))
    view.show_dimmed(dimmed_by)
    shows(desk, SCREEN)
    image = QImage(int(200 * ratio), int(100 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    paint(view, image, QRegion(0, 0, 200, 100))
    whole = image.copy()
    for row in range(4):
        changed = view._picture.area_of({row}, view._picture.cursor)
        assert changed is not None
        paint(view, image, QRegion(changed))
        assert image == whole


def paint(view: TerminalView, image: QImage, region: QRegion) -> None:
    """As for an event, whose region Qt clips to."""
    painter = QPainter(image)
    painter.setClipRegion(region)
    view._picture.paint(painter, QPaintEvent(region))
    painter.end()
