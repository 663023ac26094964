"""Status marks: each differs from the others in shape, not only in color."""

from collections.abc import Callable
from itertools import combinations, product

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from synk.sessions.session import Status
from synk.ui.marks import MOST_PICTURES, TurningMarks, draw_status
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


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_picture_of_the_turning_arc_is_what_would_be_drawn(theme: Theme, ratio: float) -> None:
    marks, area = TurningMarks(), QRectF(3, 2.5, 12, 12)

    def drawn(draw: Callable[[QPainter, float], None], turn: float) -> QImage:
        image = QImage(48, 48, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor("#202530"))
        painter = QPainter(image)
        draw(painter, turn)
        painter.end()
        return image

    for step in (0, 7, 0, 23):
        plain = drawn(lambda painter, turn: draw_status(painter, theme, Status.WORKING, area, turn), step / 24)
        cached = drawn(lambda painter, turn: marks.draw(painter, theme, area, turn), step / 24)
        for x, y in product(range(48), range(48)):
            one, other = plain.pixelColor(x, y), cached.pixelColor(x, y)
            # Blended in two steps: rounded twice.
            assert max(abs(a - b) for a, b in zip(one.getRgb(), other.getRgb(), strict=True)) <= 2, (x, y)
    for step in range(2 * MOST_PICTURES):
        drawn(lambda painter, turn: marks.draw(painter, theme, area, turn), step / 1000)
    assert len(marks._pictures) <= MOST_PICTURES
