"""Unicode placeholders of the kitty graphics protocol: which cell of which picture a character U+10EEEE stands for."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from synk.terminal.styles import RGB, Style

PLACEHOLDER = "\U0010eeee"

# Code points (hexadecimal) of the marks that stand for 0, 1, 2 ...: those above their base (class 230) of Unicode 6.0
# without a decomposition, but for some that join with letters when text is normalized. The protocol lists them.
_MARKS = (
    "305 30d-30e 310 312 33d-33f 346 34a-34c 350-352 357 35b 363-36f 483-487 592-595 597-599 59c-5a1 5a8-5a9 5ab-5ac 5af 5c4 "
    "610-617 657-65b 65d-65e 6d6-6dc 6df-6e2 6e4 6e7-6e8 6eb-6ec 730 732-733 735-736 73a 73d 73f-741 743 745 747 749-74a "
    "7eb-7f1 7f3 816-819 81b-823 825-827 829-82d 951 953-954 f82-f83 f86-f87 135d-135f 17dd 193a 1a17 1a75-1a7c 1b6b "
    "1b6d-1b73 1cd0-1cd2 1cda-1cdb 1ce0 1dc0-1dc1 1dc3-1dc9 1dcb-1dcc 1dd1-1de6 1dfe 20d0-20d1 20d4-20d7 20db-20dc 20e1 20e7 "
    "20e9 20f0 2cef-2cf1 2de0-2dff a66f a67c-a67d a6f0-a6f1 a8e0-a8f1 aab0 aab2-aab3 aab7-aab8 aabe-aabf aac1 fe20-fe26 "
    "10a0f 10a38 1d185-1d189 1d1aa-1d1ad 1d242-1d244"
)


def _numbered(ranges: str) -> dict[str, int]:
    marks: list[str] = []
    for part in ranges.split(" "):
        first, _, last = part.partition("-")
        marks += map(chr, range(int(first, 16), int(last or first, 16) + 1))
    return {mark: number for number, mark in enumerate(marks)}


_NUMBERS = _numbered(_MARKS)


class Tile(NamedTuple):
    """Neighbouring cells of a row that show neighbouring cells of a row of a picture."""

    image_id: int
    placement_id: int
    """0: any."""
    col: int
    """On the screen."""
    picture_row: int
    picture_col: int
    cells: int


def tiles(cells: Iterable[tuple[int, str, Style]]) -> Iterator[Tile]:
    """The tiles of one row, from its characters that are placeholders: column, text with its marks, style; left to right."""
    tile: Tile | None = None
    for col, text, style in cells:
        numbers = [_NUMBERS[mark] for mark in text[1:4] if mark in _NUMBERS]
        low, placement_id = _color_number(style.fg), _color_number(style.underline_color)
        # What is left out follows from the cell before, if that is of the same colors.
        before = tile if tile and tile.col + tile.cells == col else None
        if before and (before.image_id & 0xFFFFFF, before.placement_id) != (low, placement_id):
            before = None
        if before and numbers and numbers[0] != before.picture_row:
            before = None
        next_col = before.picture_col + before.cells if before else 0
        if before and len(numbers) > 1 and numbers[1] != next_col:
            before = None
        row, picture_col, high = (
            numbers[0] if numbers else before.picture_row if before else 0,
            numbers[1] if len(numbers) > 1 else next_col,
            numbers[2] if len(numbers) > 2 else before.image_id >> 24 if before else 0,
        )
        image_id = high << 24 | low
        if tile and before and before.image_id == image_id:
            tile = tile._replace(cells=tile.cells + 1)
            continue
        if tile:
            yield tile
        tile = Tile(image_id, placement_id, col, row, picture_col, 1)
    if tile:
        yield tile


def _color_number(color: int) -> int:
    """The number a color stands for: 24 bits of a true one, 8 bits of one of the palette."""
    if color < 0:
        return 0
    return color & 0xFFFFFF if color >= RGB else color
