"""How each kind of row of the sidebar looks."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen, QPolygonF

from synk.sessions.session import Status
from synk.ui.icons import draw_icon
from synk.ui.marks import TurningMarks, draw_badge, draw_status
from synk.ui.sidebar.rows import FactRow, HeadRow, PlaceRow, ProjectRow, Row, SessionRow, TextRow
from synk.ui.theme import Theme, faded

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


@dataclass(frozen=True, slots=True)
class RowState:
    """What the mouse and the keyboard do to a row."""

    is_hot: bool = False
    """Under the mouse."""
    has_keyboard: bool = False
    turn: float = 0.0
    """How far the arc of a working session has turned, 0 to 1."""
    is_mark_only: bool = False
    """Nothing but its status mark has changed."""


class RowPaint:
    """Heights and looks; keeps nothing but pictures of marks."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._marks = TurningMarks()

    def height(self, row: Row, width: int) -> int:
        """In logical pixels, at that width of the sidebar."""
        size = self._theme.sizes
        match row:
            case HeadRow():
                return size.line_height
            case PlaceRow():
                lines = 3 if row.branch else 2
                return lines * self._line() + size.space_m
            case SessionRow():
                return size.recent_row
            case TextRow():
                metrics = QFontMetrics(self._theme.fonts.label())
                text = QRect(0, 0, width - 2 * size.space_l, 10**4)
                return metrics.boundingRect(text, WRAPPED, row.text).height() + 2 * size.space_xs
            case _:
                return size.sidebar_row

    def mark_area(self, area: QRect) -> QRectF:
        """Where the status mark of a session's card is."""
        size = self._theme.sizes
        top = area.top() + size.space_s + (self._line() - size.mark) / 2
        return QRectF(area.left() + size.space_l, top, size.mark, size.mark)

    def paint(self, painter: QPainter, row: Row, area: QRect, state: RowState) -> None:
        """Draw a row into its place."""
        self._paint_ground(painter, row, area, state)
        painter.setBrush(Qt.BrushStyle.NoBrush)  # the rings of status marks are drawn with what is set
        match row:
            case HeadRow():
                self._paint_head(painter, row, area, state)
            case PlaceRow():
                self._paint_place(painter, row, area)
            case ProjectRow():
                self._paint_project(painter, row, area, state)
            case SessionRow():
                self._paint_session(painter, row, area, state)
            case FactRow():
                self._paint_fact(painter, row, area)
            case TextRow():
                self._paint_words(painter, row, area)

    def _paint_ground(self, painter: QPainter, row: Row, area: QRect, state: RowState) -> None:
        theme, size = self._theme, self._theme.sizes
        box = QRectF(area).adjusted(size.space_xs, 1, -size.space_xs, -1)
        is_chosen = isinstance(row, SessionRow) and row.is_selected
        is_button = not isinstance(row, HeadRow | PlaceRow | TextRow)
        painter.setPen(Qt.PenStyle.NoPen)
        if is_chosen or (state.is_hot and is_button):
            painter.setBrush(theme.colors.bg_hover if is_chosen else theme.colors.bg_tertiary)
            painter.drawRoundedRect(box, size.button_radius, size.button_radius)
        if state.has_keyboard:
            painter.setPen(QPen(theme.colors.blue, size.border_selected))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), size.button_radius, size.button_radius)

    def _paint_head(self, painter: QPainter, row: HeadRow, area: QRect, state: RowState) -> None:
        theme, size = self._theme, self._theme.sizes
        color = theme.colors.text if state.is_hot or state.has_keyboard else theme.colors.text_soft
        self._paint_chevron(painter, QPointF(area.left() + size.space_l + 2, area.center().y() + 0.5), row.is_folded, state)
        left = area.left() + size.space_l + size.space_m
        painter.setFont(theme.fonts.label(QFont.Weight.DemiBold))
        painter.setPen(color)
        painter.drawText(QRect(left, area.top(), area.width(), area.height()), LEFT, row.title)
        left += painter.fontMetrics().horizontalAdvance(row.title) + size.space_s
        painter.setFont(theme.fonts.label())
        painter.setPen(theme.colors.orange if row.is_calling else theme.colors.text_dim)
        note = QRect(left, area.top(), area.right() - size.space_m - left, area.height())
        painter.drawText(note, RIGHT, painter.fontMetrics().elidedText(row.note, Qt.TextElideMode.ElideRight, note.width()))

    def _paint_chevron(self, painter: QPainter, middle: QPointF, is_folded: bool, state: RowState) -> None:
        colors = self._theme.colors
        reach = float(self._theme.sizes.space_xs - 1)
        painter.setPen(QPen(colors.text_soft if state.is_hot else colors.text_dim, 1.3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Along the row and across it: the folded one points to its end, the other one down.
        steps = [(-reach / 2, -reach), (reach / 2, 0), (-reach / 2, reach)]
        points = [QPointF(x, y) if is_folded else QPointF(y, x) for x, y in steps]
        painter.drawPolyline(QPolygonF([middle + point for point in points]))

    def _paint_place(self, painter: QPainter, row: PlaceRow, area: QRect) -> None:
        theme, size = self._theme, self._theme.sizes
        line = QRect(area.left() + size.space_l, area.top(), area.width() - 2 * size.space_l, self._line())
        painter.setFont(theme.fonts.body(QFont.Weight.DemiBold))
        self._text(painter, row.name, line, "text", Qt.TextElideMode.ElideRight)
        line.translate(0, self._line())
        painter.setFont(theme.fonts.label())
        self._text(painter, row.path, line, "text-dim", Qt.TextElideMode.ElideMiddle)
        if row.branch:
            line.translate(0, self._line())
            self._paint_branch(painter, row.branch, line)

    def _paint_branch(self, painter: QPainter, branch: str, line: QRect) -> None:
        theme, size = self._theme, self._theme.sizes
        icon = QRectF(line.left(), line.top() + (line.height() - size.mark) / 2, size.mark, size.mark)
        draw_icon(painter, "branch", icon, theme.colors.text_soft)
        painter.setFont(theme.fonts.mono())
        self._text(painter, branch, line.adjusted(size.mark + size.space_xs, 0, 0, 0), "text-soft", Qt.TextElideMode.ElideMiddle)

    def _paint_project(self, painter: QPainter, row: ProjectRow, area: QRect, state: RowState) -> None:
        theme, size = self._theme, self._theme.sizes
        icon = QRectF(area.left() + size.space_l, area.top() + (area.height() - size.mark) / 2, size.mark, size.mark)
        draw_icon(painter, "folder", icon, theme.colors.text_soft if row.is_open else theme.colors.text_dim)
        text = area.adjusted(size.space_l + size.mark + size.space_s, 0, -size.space_l, 0)
        painter.setFont(theme.fonts.label())
        painter.setPen(theme.colors.orange if row.is_calling else theme.colors.text_dim)
        painter.drawText(text, RIGHT, row.note)
        text.setRight(text.right() - painter.fontMetrics().horizontalAdvance(row.note) - size.space_s)
        painter.setFont(theme.fonts.body())
        token = "text" if row.is_open or state.is_hot else "text-soft"
        self._text(painter, row.name, text, token, Qt.TextElideMode.ElideRight)

    def _paint_session(self, painter: QPainter, row: SessionRow, area: QRect, state: RowState) -> None:
        theme, size = self._theme, self._theme.sizes
        mark = self.mark_area(area)
        if row.status is Status.WORKING:
            self._marks.draw(painter, theme, mark, state.turn)
        else:
            draw_status(painter, theme, row.status, mark)
        if state.is_mark_only:
            return
        line = QRect(0, area.top() + size.space_s, 0, self._line())
        middle = line.top() + line.height() / 2
        x = mark.right() + size.space_s
        painter.setFont(theme.fonts.label(QFont.Weight.Medium))
        painter.setPen(theme.colors.text if row.is_selected else theme.colors.text_soft)
        number = str(row.pane)
        width = painter.fontMetrics().horizontalAdvance(number)
        painter.drawText(QRectF(x, line.top(), width + 1, line.height()), LEFT, number)
        x += width + size.space_s
        token = "text-soft" if row.color == "text-dim" else row.color
        x += draw_badge(painter, theme, row.badge, theme.colors.token(token), x, middle) + size.space_s
        right = area.right() - size.space_l
        painter.setFont(theme.fonts.body(QFont.Weight.Medium if row.is_selected else QFont.Weight.Normal))
        line.setLeft(round(x))
        line.setRight(right)
        self._text(painter, row.title, line, "text", Qt.TextElideMode.ElideRight)
        below = QRect(round(mark.right() + size.space_s), line.bottom() + 1, 0, self._line())
        below.setRight(right)
        self._paint_below(painter, row, below)

    def _paint_below(self, painter: QPainter, row: SessionRow, line: QRect) -> None:
        """Place and branch on the left; on the right what it needs, else its note."""
        theme = self._theme
        words = {Status.WAITING: "waiting", Status.FAILED: "failed", Status.DONE_UNSEEN: "done"}
        tokens = {Status.WAITING: "orange", Status.FAILED: "red", Status.DONE_UNSEEN: "green"}
        note = words.get(row.status, row.note)
        painter.setFont(theme.fonts.label())
        painter.setPen(theme.colors.token(tokens.get(row.status, "text-soft")))
        note = painter.fontMetrics().elidedText(note, Qt.TextElideMode.ElideRight, line.width() // 2)
        painter.drawText(line, RIGHT, note)
        line.setRight(line.right() - painter.fontMetrics().horizontalAdvance(note) - theme.sizes.space_s)
        self._text(painter, row.detail, line, "text-soft" if row.is_selected else "text-dim", Qt.TextElideMode.ElideMiddle)

    def _paint_fact(self, painter: QPainter, row: FactRow, area: QRect) -> None:
        theme, size = self._theme, self._theme.sizes
        line = area.adjusted(size.space_l, 0, -size.space_l, 0)
        painter.setFont(theme.fonts.label())
        painter.setPen(theme.colors.text_dim)
        painter.drawText(line, LEFT, row.name)
        line.setLeft(line.left() + size.tab_min)
        self._text(painter, row.value, line, "text-soft", Qt.TextElideMode.ElideMiddle)

    def _paint_words(self, painter: QPainter, row: TextRow, area: QRect) -> None:
        theme, size = self._theme, self._theme.sizes
        painter.setFont(theme.fonts.label())
        painter.setPen(theme.colors.red if row.is_error else theme.colors.text_dim)
        painter.drawText(area.adjusted(size.space_l, size.space_xs, -size.space_l, 0), WRAPPED, row.text)

    def _text(self, painter: QPainter, text: str, area: QRect, token: str, elide: Qt.TextElideMode) -> None:
        painter.setPen(self._theme.colors.token(token))
        painter.drawText(area, LEFT, painter.fontMetrics().elidedText(text, elide, max(0, area.width())))

    def _line(self) -> int:
        """Height of a line of text: the same for both, so that two lines stand on the grid."""
        return self._theme.sizes.space_l


def split_line(theme: Theme, painter: QPainter, y: float, left: float, right: float) -> None:
    """The faint line between two sections."""
    painter.setPen(QPen(faded(theme.colors.border, 0.5), theme.sizes.border))
    painter.drawLine(QPointF(left, y), QPointF(right, y))
