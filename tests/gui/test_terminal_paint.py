"""What rows look like, measured in pixels: exact cells, joined lines, styles, cursor; at 1x, 1.5x and 2x."""

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from synk.terminal.emulator import Emulator
from synk.ui.terminal.terminal_colors import Palette
from synk.ui.terminal.terminal_font import TerminalFont
from synk.ui.terminal.terminal_paint import RowPainter
from synk.ui.theme import Theme, mixed

COLS, ROWS = 12, 3


class Sheet:
    """A small terminal painted on an image."""

    def __init__(self, theme: Theme, ratio: float) -> None:
        self.theme = theme
        self.ratio = ratio
        self.font = TerminalFont(theme.fonts, family="JetBrains Mono", px=13, ratio=ratio)
        self.rows = RowPainter(theme, self.font)
        self.emulator = Emulator(cols=COLS, rows=ROWS, reply=lambda _data: None)
        self.cell = (round(self.font.cell_width * ratio), round(self.font.cell_height * ratio))
        """Device pixels."""

    def paint(self, data: bytes, *, overrides: dict[int, int] | None = None, is_reversed: bool = False) -> QImage:
        """Feed the bytes and paint all rows."""
        self.emulator.feed(data)
        width, height = self.cell
        image = QImage(width * COLS, height * ROWS, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(self.ratio)
        palette = Palette(self.theme, overrides or {}, is_reversed=is_reversed)
        painter = QPainter(image)
        painter.fillRect(QRectF(0, 0, image.width(), image.height()), palette.background)
        for y in range(ROWS):
            top = y * self.font.cell_height
            self.rows.paint_row(painter, palette, self.emulator.row(y), left=0, top=top, cols=(0, COLS))
        painter.end()
        return image

    def pixels(self, image: QImage, col: int, row: int = 0, *, cells: int = 1) -> list[QColor]:
        """The pixels of a cell, row by row."""
        width, height = self.cell
        return [
            image.pixelColor(x, y)
            for y in range(row * height, (row + 1) * height)
            for x in range(col * width, (col + cells) * width)
        ]

    def ink(self, image: QImage, col: int, row: int = 0, *, cells: int = 1) -> int:
        """How many pixels of a cell are not background."""
        return sum(pixel != self.theme.terminal.background for pixel in self.pixels(image, col, row, cells=cells))


@pytest.fixture(params=[1.0, 1.5, 2.0], ids=["1x", "1.5x", "2x"])
def sheet(request: pytest.FixtureRequest, theme: Theme) -> Sheet:
    return Sheet(theme, request.param)


def test_cells_are_whole_device_pixels(sheet: Sheet) -> None:
    for size in (sheet.font.cell_width * sheet.ratio, sheet.font.cell_height * sheet.ratio):
        assert abs(size - round(size)) < 1e-6


@pytest.mark.parametrize("style", ["", "1", "3", "1;3"])
def test_each_character_stands_in_its_own_cell(sheet: Sheet, style: str) -> None:
    image = sheet.paint(f"\x1b[{style}mM M M M M M ".encode())
    for col in range(0, COLS, 2):
        assert sheet.ink(image, col) > 0
    first = [pixel.rgb() for pixel in sheet.pixels(image, 0)]
    assert [pixel.rgb() for pixel in sheet.pixels(image, 10)] == first


def test_an_arrow_of_two_characters_is_not_drawn_as_one(sheet: Sheet) -> None:
    together = sheet.paint(b"->")
    apart = sheet.paint(b"\x1b[2;1H-\x1b[31m\x1b[39m>")
    assert [p.rgb() for p in sheet.pixels(together, 0, 0)] == [p.rgb() for p in sheet.pixels(apart, 0, 1)]


@pytest.mark.parametrize("line", ["─", "━", "═", "┼", "▄", "█"])
def test_horizontal_lines_join_across_cells(sheet: Sheet, line: str) -> None:
    image = sheet.paint((line * COLS).encode())
    width, height = sheet.cell
    rows = [y for y in range(height) if image.pixelColor(width, y) != sheet.theme.terminal.background]
    assert rows
    for y in rows:
        assert {image.pixelColor(x, y).rgb() for x in range(COLS * width)} == {image.pixelColor(width, y).rgb()}


@pytest.mark.parametrize("line", ["│", "┃", "║", "▌", "█"])
def test_vertical_lines_join_across_rows(sheet: Sheet, line: str) -> None:
    image = sheet.paint(f"{line}\r\n{line}\r\n{line}".encode())
    width, height = sheet.cell
    columns = [x for x in range(width) if image.pixelColor(x, height) != sheet.theme.terminal.background]
    assert columns
    for x in columns:
        assert len({image.pixelColor(x, y).rgb() for y in range(ROWS * height)}) == 1


@pytest.mark.parametrize("corners", ["┌┐└┘", "┏┓┗┛", "╔╗╚╝", "╭╮╰╯"])
def test_a_box_is_closed_at_its_corners(sheet: Sheet, corners: str) -> None:
    a, b, c, d = corners
    image = sheet.paint(f"{a}{b}\r\n{c}{d}".encode())
    width, height = sheet.cell
    across = [y for y in range(2 * height) if image.pixelColor(width, y) != sheet.theme.terminal.background]
    assert across
    assert all(image.pixelColor(width - 1, y) != sheet.theme.terminal.background for y in across)
    along = [x for x in range(2 * width) if image.pixelColor(x, height) != sheet.theme.terminal.background]
    assert along
    assert all(image.pixelColor(x, height - 1) != sheet.theme.terminal.background for x in along)


@pytest.mark.parametrize("text", ["你", "😀", "가", "❤\ufe0f"])
def test_wide_characters_stay_in_their_two_cells(sheet: Sheet, text: str) -> None:
    image = sheet.paint(f"\x1b[1;4H{text}".encode())
    assert sheet.ink(image, 3, cells=2) > 0
    assert sum(sheet.ink(image, col) for col in (0, 1, 2, 5, 6, 7)) == 0


@pytest.mark.parametrize("text", ["é", "e\u0301", "λ", "→", "⣿", "ﷺ", "\ue0d0", "क"])
def test_a_narrow_character_never_leaves_its_cell_whatever_font_it_comes_from(sheet: Sheet, text: str) -> None:
    image = sheet.paint(f"\x1b[1;4H{text}\x1b[1;8HX".encode())
    assert sum(sheet.ink(image, col) for col in (0, 1, 2, 5, 6)) == 0
    assert sheet.ink(image, 7) == sheet.ink(sheet.paint(b"\x1b[2;8HX"), 7, 1)


def test_bold_has_more_ink_and_italic_another_shape(sheet: Sheet) -> None:
    image = sheet.paint(b"l\x1b[1ml\x1b[22;3ml")
    assert sum(255 - p.lightness() for p in sheet.pixels(image, 1)) < sum(255 - p.lightness() for p in sheet.pixels(image, 0))
    assert [p.rgb() for p in sheet.pixels(image, 2)] != [p.rgb() for p in sheet.pixels(image, 0)]


@pytest.mark.parametrize("kind", ["4", "4:2", "4:3", "4:4", "4:5", "9", "53"])
def test_each_line_style_draws_ink_of_its_color_in_an_empty_looking_cell(sheet: Sheet, kind: str) -> None:
    plain = sheet.ink(sheet.paint(b"x"), 0)
    image = sheet.paint(f"\x1b[2;1H\x1b[{kind}mx".encode())
    assert sheet.ink(image, 0, 1) > plain


def test_underline_styles_differ_from_each_other(sheet: Sheet) -> None:
    pictures = []
    for kind in range(1, 6):
        image = Sheet(sheet.theme, sheet.ratio).paint(f"\x1b[4:{kind}m      ".encode())
        pictures.append(tuple(pixel.rgb() for pixel in sheet.pixels(image, 0, cells=6)))
    assert len(set(pictures)) == 5


def test_underline_has_its_own_color(sheet: Sheet) -> None:
    image = sheet.paint(b"\x1b[4;58;2;255;0;0m  ")
    assert QColor(255, 0, 0) in sheet.pixels(image, 0)


def test_colors_of_all_kinds_fill_their_cell(sheet: Sheet) -> None:
    image = sheet.paint(b"\x1b[41m \x1b[48;5;196m \x1b[48;2;1;2;3m \x1b[0;7m ")
    palette = sheet.theme.terminal.palette
    wanted = [palette[1], palette[196], QColor(1, 2, 3), sheet.theme.terminal.foreground]
    assert [{p.rgb() for p in sheet.pixels(image, col)} for col in range(4)] == [{color.rgb()} for color in wanted]


def test_hidden_text_leaves_no_ink_and_dim_text_less_color(sheet: Sheet) -> None:
    image = sheet.paint("\x1b[8mX\x1b[0;2m█".encode())
    assert sheet.ink(image, 0) == 0
    terminal = sheet.theme.terminal
    dim = mixed(terminal.foreground, terminal.background, sheet.theme.opacity.dim_text)
    assert {pixel.rgb() for pixel in sheet.pixels(image, 1)} == {dim.rgb()}


def test_reverse_screen_swaps_the_default_colors_only(sheet: Sheet) -> None:
    image = sheet.paint(b"\x1b[41m ", is_reversed=True)
    assert sheet.pixels(image, 0)[0] == sheet.theme.terminal.palette[1]
    assert sheet.pixels(image, 3)[0] == sheet.theme.terminal.foreground


def test_a_program_s_own_palette_is_used(sheet: Sheet) -> None:
    image = sheet.paint(b"\x1b[41m ", overrides={1: 0x123456, 257: 0x202020})
    assert sheet.pixels(image, 0)[0] == QColor(0x12, 0x34, 0x56)
    assert sheet.pixels(image, 3)[0] == QColor(0x20, 0x20, 0x20)


def test_only_the_columns_asked_for_are_painted(sheet: Sheet) -> None:
    sheet.emulator.feed(b"\x1b[41mX\x1b[42mX\x1b[43mX")
    image = QImage(sheet.cell[0] * COLS, sheet.cell[1], QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(sheet.ratio)
    image.fill(sheet.theme.terminal.background)
    painter = QPainter(image)
    sheet.rows.paint_row(painter, Palette(sheet.theme, {}), sheet.emulator.row(0), left=0, top=0, cols=(1, 2))
    painter.end()
    assert [sheet.ink(image, col) > 0 for col in range(3)] == [False, True, False]


@pytest.mark.parametrize("shape", ["block", "underline", "bar"])
def test_the_cursor_has_three_shapes_and_is_hollow_without_focus(sheet: Sheet, shape: str) -> None:
    width, height = sheet.cell
    counts = []
    for is_focused in (True, False):
        image = QImage(width * COLS, height, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(sheet.ratio)
        image.fill(sheet.theme.terminal.background)
        painter = QPainter(image)
        area = QRectF(0, 0, sheet.font.cell_width, sheet.font.cell_height)
        sheet.rows.paint_cursor(painter, Palette(sheet.theme, {}), None, area=area, shape=shape, is_focused=is_focused)
        painter.end()
        counts.append(sum(pixel == sheet.theme.terminal.cursor for pixel in sheet.pixels(image, 0)))
        assert sheet.ink(image, 1) == 0
    filled, hollow = counts
    assert (filled == width * height) == (shape == "block")
    assert 0 < hollow < width * height


@pytest.mark.parametrize("style", ["", "1", "3", "2", "7", "4:3", "8"])
def test_a_row_of_many_styles_looks_as_if_painted_run_by_run(
    theme: Theme, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratios = (1.0, 1.5, 2.0)
    cells = "".join(
        f"\x1b[0;{style};38;5;{n};48;5;{255 - n}m{text}" for n, text in enumerate(["a", "W ", "你", "─", "e\u0301", "x y"] * 30)
    )
    for ratio in ratios:
        pictures = []
        for worth in (1, 10**6):
            monkeypatch.setattr("synk.ui.terminal.terminal_paint.WORTH_RUNS", worth)
            pictures.append(Sheet(theme, ratio).paint(cells.encode()))
        at_once, one_by_one = pictures
        for x in range(at_once.width()):
            for y in range(at_once.height()):
                a, b = at_once.pixelColor(x, y), one_by_one.pixelColor(x, y)
                assert max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue())) <= 2


def test_blinking_text_is_there_and_gone_while_its_background_stays(theme: Theme) -> None:
    sheet = Sheet(theme, 1.0)
    sheet.emulator.feed(b"\x1b[5;44mB\x1b[25mS")
    pictures = []
    for is_on in (True, False):
        image = QImage(2 * sheet.cell[0], sheet.cell[1], QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.fillRect(image.rect(), theme.terminal.background)
        runs = sheet.emulator.row(0)
        palette = Palette(theme, {})
        assert sheet.rows.paint_row(painter, palette, runs, left=0, top=0, cols=(0, COLS), is_blink_on=is_on)
        painter.end()
        pictures.append(image)
    on, off = pictures
    assert {pixel.rgb() for pixel in sheet.pixels(off, 0)} == {theme.terminal.palette[4].rgb()}
    assert len({pixel.rgb() for pixel in sheet.pixels(on, 0)}) > 1
    assert [p.rgb() for p in sheet.pixels(on, 1)] == [p.rgb() for p in sheet.pixels(off, 1)]


def test_a_character_no_font_has_is_a_box_with_its_code_point(sheet: Sheet) -> None:
    image = sheet.paint("\U000dfff0\U000d1234X".encode())
    assert sheet.ink(image, 0) > 10
    assert [p.rgb() for p in sheet.pixels(image, 0)] != [p.rgb() for p in sheet.pixels(image, 1)]
    assert sheet.ink(image, 2) == sheet.ink(sheet.paint(b"\x1b[2;3HX"), 2, 1)


def test_an_emoji_fills_its_two_cells(sheet: Sheet) -> None:
    image = sheet.paint("😀".encode())
    width, height = sheet.cell
    ground = sheet.theme.terminal.background
    columns = [x for x in range(2 * width) if any(image.pixelColor(x, y) != ground for y in range(height))]
    assert columns[0] <= width // 4
    assert columns[-1] >= 2 * width - 1 - width // 4
