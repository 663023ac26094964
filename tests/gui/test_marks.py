"""Status marks: each differs from the others in shape, not only in color."""

from itertools import combinations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from synk.sessions.session import Status
from synk.ui.marks import draw_status
from synk.ui.theme import Theme

SIZE = 48


def shape(theme: Theme, status: Status, turn: float = 0.0) -> frozenset[tuple[int, int]]:
    """Pixels with ink, whatever their color."""
    image = QImage(SIZE, SIZE, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    draw_status(painter, theme, status, QRectF(0, 0, SIZE, SIZE), turn)
    painter.end()
    ground = theme.colors.bg_sidebar.rgb()
    return frozenset(
        (x, y)
        for x in range(SIZE)
        for y in range(SIZE)
        if image.pixelColor(x, y).alpha() > 128 and image.pixelColor(x, y).rgb() != ground
    )


def test_every_status_has_a_shape_of_its_own(theme: Theme) -> None:
    shapes = {status: shape(theme, status, turn=0.5) for status in Status}
    for one, other in combinations(Status, 2):
        different = len(shapes[one] ^ shapes[other])
        assert different > 0.05 * SIZE * SIZE, (one, other)


def test_the_arc_of_a_working_session_turns(theme: Theme) -> None:
    assert shape(theme, Status.WORKING, 0.0) != shape(theme, Status.WORKING, 0.5)
