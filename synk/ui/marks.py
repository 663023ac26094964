"""Small drawings: status marks, keycaps and badges. Each status differs in shape, not only in color."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF

from synk.sessions.session import Status
from synk.ui.theme import Theme, faded

FULL_TURN = 360 * 16
"""Qt counts angles in sixteenths of a degree."""
MOST_PICTURES = 256
"""A few hundred bytes each; one window needs as many as a turn has steps."""


def draw_status(painter: QPainter, theme: Theme, status: Status, area: QRectF, turn: float = 0.0) -> None:
    """Draw a status mark into a square; `turn` 0 to 1 is how far the arc of a working session has turned."""
    c = theme.colors
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    line = area.width() / 7
    ring = area.adjusted(line, line, -line, -line)
    match status:
        case Status.STARTING:
            _arc(painter, ring, c.text_dim, line, 0.12)
        case Status.WORKING:
            _arc(painter, ring, c.blue, line, turn)
        case Status.WAITING:
            _disc(painter, area, c.orange)
            _exclamation(painter, area, c.bg_sidebar, line)
        case Status.IDLE:
            painter.setPen(QPen(c.green, line))
            painter.drawEllipse(ring)
        case Status.DONE_UNSEEN:
            _disc(painter, area, c.green)
            _tick(painter, area, c.bg_sidebar, line)
        case Status.ENDED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(c.text_dim)
            painter.drawRoundedRect(area.adjusted(1.4 * line, 1.4 * line, -1.4 * line, -1.4 * line), line, line)
        case Status.FAILED:
            painter.setPen(_round_pen(c.red, line * 1.3))
            inner = area.adjusted(1.6 * line, 1.6 * line, -1.6 * line, -1.6 * line)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())
        case Status.UNKNOWN:
            font = theme.fonts.label()
            font.setBold(True)
            painter.setFont(font)
            painter.setPen(c.text_dim)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "?")
    painter.restore()


class TurningMarks:
    """Pictures of the arc of a working session, one for each step of its turn.

    Drawn anew in 12 panes 12 times a second, the arcs took a tenth of what 12 spinners cost.
    """

    def __init__(self) -> None:
        self._pictures: dict[tuple[int, float, float, float, int, float], QPixmap] = {}

    def draw(self, painter: QPainter, theme: Theme, area: QRectF, turn: float) -> None:
        """As `draw_status` does it for a working session."""
        ratio = painter.device().devicePixelRatio()
        if ratio != int(ratio):
            # A picture that begins between two pixels would be blurred.
            draw_status(painter, theme, Status.WORKING, area, turn)
            return
        whole = area.toAlignedRect()
        inside = area.translated(-whole.x(), -whole.y())
        key = (theme.colors.blue.rgba(), inside.x(), inside.y(), area.width(), int(ratio), turn)
        picture = self._pictures.get(key)
        if picture is None:
            if len(self._pictures) >= MOST_PICTURES:
                self._pictures.clear()
            picture = self._pictures[key] = QPixmap(whole.size() * int(ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            drawing = QPainter(picture)
            draw_status(drawing, theme, Status.WORKING, inside, turn)
            drawing.end()
        painter.drawPixmap(whole.topLeft(), picture)


def _arc(painter: QPainter, ring: QRectF, color: QColor, line: float, turn: float) -> None:
    painter.setPen(QPen(faded(color, 0.25), line))
    painter.drawEllipse(ring)
    painter.setPen(_round_pen(color, line))
    painter.drawArc(ring, int(-turn * FULL_TURN) + FULL_TURN // 4, -FULL_TURN * 3 // 10)


def _disc(painter: QPainter, area: QRectF, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(area)


def _exclamation(painter: QPainter, area: QRectF, color: QColor, line: float) -> None:
    x, top = area.center().x(), area.top()
    painter.setPen(_round_pen(color, line))
    painter.drawLine(QPointF(x, top + area.height() * 0.26), QPointF(x, top + area.height() * 0.54))
    painter.drawPoint(QPointF(x, top + area.height() * 0.76))


def _tick(painter: QPainter, area: QRectF, color: QColor, line: float) -> None:
    painter.setPen(_round_pen(color, line))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    size, left, top = area.width(), area.left(), area.top()
    marks = [QPointF(left + size * x, top + size * y) for x, y in ((0.28, 0.53), (0.44, 0.68), (0.73, 0.36))]
    painter.drawPolyline(QPolygonF(marks))


def _round_pen(color: QColor, width: float) -> QPen:
    return QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def draw_cross(painter: QPainter, area: QRectF, color: QColor) -> None:
    """The cross of a close button, in the middle of a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_round_pen(color, area.width() / 11))
    inset = area.width() * 0.3
    inner = area.adjusted(inset, inset, -inset, -inset)
    painter.drawLine(inner.topLeft(), inner.bottomRight())
    painter.drawLine(inner.topRight(), inner.bottomLeft())
    painter.restore()


def keycap_width(theme: Theme, label: str) -> float:
    """Width of `draw_keycap` for this label, in logical pixels."""
    text = QFontMetricsF(theme.fonts.mono()).horizontalAdvance(label)
    return max(theme.sizes.keycap_height, round(text) + 2 * theme.sizes.space_s - theme.sizes.space_xs)


def draw_keycap(painter: QPainter, theme: Theme, label: str, x: float, middle: float) -> float:
    """Draw one key, vertically centered on `middle`; returns its width."""
    size = theme.sizes
    width = keycap_width(theme, label)
    area = QRectF(round(x), round(middle - size.keycap_height / 2), width, size.keycap_height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colors.border, size.border))
    painter.setBrush(theme.colors.bg_tertiary)
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), size.keycap_radius, size.keycap_radius)
    painter.setFont(theme.fonts.mono())
    painter.setPen(theme.colors.text)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, label)
    painter.restore()
    return width


def draw_badge(painter: QPainter, theme: Theme, text: str, color: QColor, x: float, middle: float) -> float:
    """Draw a small tinted badge (`>_`, `CL`, `NAV`), vertically centered on `middle`; returns its width."""
    size = theme.sizes
    font = theme.fonts.mono()
    width = round(QFontMetricsF(font).horizontalAdvance(text)) + size.space_s
    area = QRectF(round(x), round(middle - size.badge_height / 2), width, size.badge_height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(color, theme.opacity.tint))
    painter.drawRoundedRect(area, size.badge_radius, size.badge_radius)
    painter.setFont(font)
    painter.setPen(color)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
    return width
