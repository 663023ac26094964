"""Pixels that tell one arrangement of panes from another."""

from xserver import Point, XServer, color_bytes

BORDERS = tuple(map(color_bytes, ("#3a3a4e", "#58a6ff", "#3fb950")))
"""Borders of panes: plain, selected, with the keyboard (resources/themes)."""
MOST = 40
STEP = 7
"""Lines of pixels looked at; odd, so that horizontal borders are met as well."""
LINE = 40
"""Pixels."""


def border_points(before: bytes, after: bytes, screen: XServer) -> tuple[list[Point], list[bytes]]:
    """Some points that become border between two pictures, spread from the first to the last line, and their new pixels.

    Text and cursors, which have some of these colors, are left out: programs may draw them again a little later.
    """
    found = []
    for y in range(0, screen.height):
        for x in range(y % STEP, screen.width, STEP):
            at = (y * screen.width + x) * 4
            pixel = after[at : at + 3]
            if pixel in BORDERS and before[at : at + 3] not in BORDERS and _is_line(after, at, screen.width):
                found.append(((x, y), pixel))
    assert found, "no border moved"
    chosen = [*found[:: max(1, len(found) // MOST)], found[-1]]
    return [point for point, _ in chosen], [pixel for _, pixel in chosen]


def _is_line(picture: bytes, at: int, width: int) -> bool:
    """Whether a line of one color begins there, to the right or downwards, longer than any stroke of a character."""
    pixel = picture[at : at + 4]
    if picture[at : at + 4 * LINE] == pixel * LINE:
        return True
    below = range(at, min(at + LINE * width * 4, len(picture)), width * 4)
    return len(below) == LINE and all(picture[place : place + 4] == pixel for place in below)
