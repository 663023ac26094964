"""One pane of the grid: header, terminal, border, and the bar of an ended program."""

import html
import os

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetrics, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QWidget

from synk.actions.ports import TERMINAL, AgentChoice
from synk.keys.modes import Mode
from synk.sessions import grid
from synk.sessions.session import Session, Status
from synk.terminal.events import ProgressChanged
from synk.ui.ended_bar import EndedBar
from synk.ui.frames import Frames
from synk.ui.marks import draw_badge, draw_cross, draw_status
from synk.ui.terminal.terminal_paint import RowPainter
from synk.ui.terminal.terminal_view import TerminalView
from synk.ui.theme import Theme, faded
from synk.ui.turning import Turning

NO_PROGRESS = ProgressChanged("none", None)

BELL_MS = 400
"""Long enough to be seen from the corner of the eye."""


class Pane(QWidget):
    """Shows one session in its cell of the grid."""

    header_clicked = Signal()
    header_double_clicked = Signal()
    close_clicked = Signal()
    menu_asked = Signal(QPoint)
    """The right button on the header, at a place of the desktop."""

    def __init__(
        self,
        session: Session,
        rows: RowPainter,
        *,
        agent: AgentChoice = TERMINAL,
        frames: Frames | None = None,
        turning: Turning | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`frames`: see `TerminalView`; `turning` is shared by the panes of a window."""
        super().__init__(parent)
        self.session = session
        self.view = TerminalView(session, rows, self, frames=frames)
        self._theme: Theme = rows.theme
        self._agent = agent
        self._bar = EndedBar(self._theme, self)
        self._mode = Mode.NAVIGATION
        self._is_selected = False
        self._is_receiving = False
        self._dim_by = 0.0
        self._is_too_small = False
        self._is_close_hot = False
        self._moves = True
        self._is_turning = False
        self._progress = NO_PROGRESS
        self._turning = turning or Turning(self)
        self._turning.stepped.connect(self._turn_mark)
        self._bell = QTimer(self)
        self._bell.setSingleShot(True)
        self._bell.setInterval(BELL_MS)
        self._bell.timeout.connect(lambda: self.update(self._header_area()))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.refresh()

    @property
    def is_too_small(self) -> bool:
        """Whether it shows "too small" instead of the program."""
        return self._is_too_small

    @property
    def title(self) -> str:
        """What the header says: the user's title, else the program's, else the place."""
        session = self.session
        return session.title.strip() or session.program_title.strip() or place_of(session)

    def use_agent(self, agent: AgentChoice) -> None:
        """Show another badge."""
        self._agent = agent
        self.update(self._header_area())

    def ring(self) -> None:
        """The program rang the bell: the header lights up for a moment."""
        self._bell.start()
        self.update(self._header_area())

    def show_progress(self, progress: ProgressChanged) -> None:
        """How far the program says it is (OSC 9;4): a line under the header and the percentage in it."""
        if progress != self._progress:
            self._progress = progress
            self.refresh()

    def refresh(self) -> None:
        """Title, status, note or bar of the session changed."""
        session = self.session
        if not session.is_live:
            self._progress = NO_PROGRESS
        how_far = f", {self._progress_text}" if self._progress_text else ""
        self.setAccessibleName(f"Pane {session.pane}, {session.agent}, {self.title}, {session.status.value}{how_far}")
        self.setToolTip("")
        self._bar.show_text(session.bar)
        self._place_children()
        self._run_turning()
        self.update(self._header_area())

    @property
    def is_receiving(self) -> bool:
        """Whether it is shown as getting what is typed into all."""
        return self._is_receiving

    @property
    def is_dimmed(self) -> bool:
        """Whether a part of its light is taken away, because the keyboard is elsewhere."""
        return self._dim_by > 0

    def show_state(self, *, is_selected: bool, mode: Mode, dim_by: float, moves: bool, is_receiving: bool = False) -> None:
        """Border and dimming; `dim_by` 0 to 1 is what is taken away, `moves`: working marks may turn."""
        self._moves = moves
        state = (is_selected, mode, dim_by, is_receiving)
        if state != (self._is_selected, self._mode, self._dim_by, self._is_receiving):
            self._is_selected, self._mode, self._dim_by, self._is_receiving = state
            self.view.show_dimmed(dim_by)
            self._bar.show_dimmed(dim_by)
            # Not the terminal: its rows are costly and have not changed.
            self.update(QRegion(self.rect()) - QRegion(self.view.geometry()))
        self._run_turning()

    def _header_area(self) -> QRect:
        return QRect(0, 0, self.width(), self._theme.sizes.pane_header + self._theme.sizes.border_selected)

    def _close_area(self) -> QRect:
        size = self._theme.sizes
        header = self._header_area()
        top = (header.height() - size.close_button) // 2 + 1
        return QRect(header.right() - size.close_button - size.space_xs, top, size.close_button, size.close_button)

    def _mark_area(self) -> QRectF:
        size = self._theme.sizes
        return QRectF(size.space_s, (self._header_area().height() - size.mark) / 2 + 0.5, size.mark, size.mark)

    def _place_children(self) -> None:
        size = self._theme.sizes
        area = body_area(self._theme, self.width(), self.height())
        font = self.view.font_cells.font
        cols, rows = int(area.width() / font.cell_width), int(area.height() / font.cell_height)
        is_too_small = grid.is_too_small(cols=cols, rows=rows)
        if is_too_small != self._is_too_small:
            self._is_too_small = is_too_small
            self.update()
        bar = 0
        if self.session.bar:
            edge = size.border_selected
            bar = size.ended_bar
            self._bar.setGeometry(edge, self.height() - edge - bar, self.width() - 2 * edge, bar)
            area.setBottom(self.height() - edge - bar - 1)
        self._bar.setVisible(bool(bar))
        self.view.setVisible(not is_too_small)
        self.view.setGeometry(area)

    def _run_turning(self) -> None:
        self._turn_if(self._moves and self.session.status is Status.WORKING and self.isVisible())

    def _turn_if(self, is_turning: bool) -> None:
        self._is_turning = is_turning
        if is_turning:
            self._turning.join(self.session.id)
        else:
            self._turning.leave(self.session.id)

    def _turn_mark(self) -> None:
        if self._is_turning:
            self.update(self._mark_area().toAlignedRect())

    def resizeEvent(self, _event: object) -> None:
        """Place the terminal and the bar."""
        self._place_children()

    def showEvent(self, _event: object) -> None:
        """A mark turns only while it is seen."""
        self._run_turning()

    def hideEvent(self, _event: object) -> None:
        """As `showEvent`."""
        self._turn_if(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame, the header and, if need be, "too small"."""
        painter = QPainter(self)
        mark, area = self._mark_area(), event.rect()
        is_mark_only = mark.toAlignedRect().contains(area)
        if is_mark_only:
            painter.fillRect(area, self._theme.colors.bg_primary)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_frame(painter)
            self._paint_header(painter)
            if self._is_too_small:
                painter.setFont(self._theme.fonts.label())
                painter.setPen(self._theme.colors.text_dim)
                painter.drawText(self.rect().adjusted(0, self._header_area().height(), 0, 0), ALIGN_CENTER, "too small")
        if self.session.status is Status.WORKING:
            self._turning.marks.draw(painter, self._theme, mark, self._turning.turn)
        else:
            draw_status(painter, self._theme, self.session.status, mark)
        if self._dim_by:
            if not is_mark_only:
                painter.setClipPath(self._outline(1))
            painter.fillRect(area, faded(self._theme.colors.bg_primary, self._dim_by))

    def _paint_frame(self, painter: QPainter) -> None:
        colors, size = self._theme.colors, self._theme.sizes
        width, color = self._border()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.bg_primary)
        painter.drawPath(self._outline(width / 2))
        painter.setPen(QPen(color, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._outline(width / 2))
        if self._bell.isActive():
            header = QRectF(self._header_area()).adjusted(width, width, -width, 0)
            painter.fillRect(header, faded(colors.orange, self._theme.opacity.tint))
        bottom = self._header_area().bottom() + 0.5
        painter.setPen(QPen(faded(colors.border, 0.5), size.border))
        painter.drawLine(QPointF(width, bottom), QPointF(self.width() - width, bottom))
        self._paint_progress(painter, width, bottom)

    @property
    def _progress_text(self) -> str:
        return f"{self._progress.percent}%" if self._progress.percent is not None else ""

    def _paint_progress(self, painter: QPainter, left: float, bottom: float) -> None:
        """The part that is done in the color of its state; all of it, fainter, while nobody knows how far it is."""
        progress, height = self._progress, self._theme.sizes.progress_height
        if progress.state == "none":
            return
        colors = {"normal": "blue", "busy": "blue", "error": "red", "paused": "orange"}
        color = self._theme.colors.token(colors[progress.state])
        part = 1.0 if progress.percent is None else progress.percent / 100
        if progress.percent is None:
            color = faded(color, self._theme.opacity.primary_border)
        painter.fillRect(QRectF(left, bottom - height / 2, (self.width() - 2 * left) * part, height), color)

    def _border(self) -> tuple[int, QColor]:
        colors, size = self._theme.colors, self._theme.sizes
        if self._is_receiving:
            return size.border_selected, colors.red
        if not self._is_selected:
            return size.border, colors.border
        return size.border_selected, colors.green if self._mode is Mode.TERMINAL else colors.blue

    def _outline(self, inset: float) -> QPainterPath:
        path = QPainterPath()
        radius = self._theme.sizes.pane_radius
        path.addRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), radius, radius)
        return path

    def _paint_header(self, painter: QPainter) -> None:
        theme, session = self._theme, self.session
        colors, size = theme.colors, theme.sizes
        header = self._header_area()
        middle = header.height() / 2 + 0.5
        x: float = self._mark_area().right() + size.space_s
        painter.setFont(theme.fonts.label(theme.fonts.body().weight().Medium))
        painter.setPen(colors.text if self._is_selected else colors.text_soft)
        number = str(session.pane)
        painter.drawText(QRectF(x, 0, header.width(), header.height() + 1), ALIGN_LEFT, number)
        x += painter.fontMetrics().horizontalAdvance(number) + size.space_s
        x += draw_badge(painter, theme, self._agent.badge, colors.token(self._agent.color), x, middle) + size.space_s
        close = self._close_area()
        draw_cross(painter, QRectF(close), colors.text if self._is_close_hot else colors.text_dim)
        self._paint_words(painter, x, close.left() - size.space_s, header.height() + 1)

    def _paint_words(self, painter: QPainter, left: float, right: float, height: int) -> None:
        """Title on the left, note on the right; the note may take half of the room."""
        theme = self._theme
        painter.setFont(theme.fonts.label())
        metrics = painter.fontMetrics()
        note = "input full" if self.session.is_input_full else self.session.note
        if self._progress_text:
            shown = f"  {self._progress_text}"
            painter.setPen(theme.colors.text_dim)
            painter.drawText(QRectF(left, 0, right - left, height), ALIGN_RIGHT, shown)
            right -= metrics.horizontalAdvance(shown) + theme.sizes.space_s
        if note:
            note = metrics.elidedText(note, Qt.TextElideMode.ElideRight, int((right - left) / 2))
            painter.setPen(theme.colors.orange)
            painter.drawText(QRectF(left, 0, right - left, height), ALIGN_RIGHT, note)
            right -= metrics.horizontalAdvance(note) + theme.sizes.space_s
        painter.setPen(theme.colors.text if self._is_selected else theme.colors.text_dim)
        title = _elided(metrics, self.title, int(right - left))
        painter.drawText(QRectF(left, 0, max(0.0, right - left), height), ALIGN_LEFT, title)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Header: select or close. The frame beside the terminal counts as its body."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        place = event.position().toPoint()
        if self._close_area().contains(place):
            self.close_clicked.emit()
        elif self._header_area().contains(place):
            self.header_clicked.emit()
        else:
            self.view.clicked.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """On the header: its menu. The terminal has the right button to itself."""
        if self._header_area().contains(event.pos()):
            self.menu_asked.emit(event.globalPos())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click on the header zooms."""
        place = event.position().toPoint()
        if self._header_area().contains(place) and not self._close_area().contains(place):
            self.header_double_clicked.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the close button; name the title in full where it is cut off."""
        place = event.position().toPoint()
        self._heat_close(self._close_area().contains(place))
        is_on_title = self._header_area().contains(place) and not self._is_close_hot
        # Escaped inside markup: Qt would take a program's title that looks like HTML for HTML.
        self.setToolTip(f"<qt>{html.escape(self.title)}</qt>" if is_on_title else "")

    def leaveEvent(self, _event: object) -> None:
        """The close button goes dim again."""
        self._heat_close(False)

    def _heat_close(self, is_hot: bool) -> None:
        if is_hot != self._is_close_hot:
            self._is_close_hot = is_hot
            self.update(self._header_area())


ALIGN_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ALIGN_CENTER = Qt.AlignmentFlag.AlignCenter


def body_area(theme: Theme, width: int, height: int) -> QRect:
    """Where the terminal stands in a pane of that size: the same for all panes, whatever their border."""
    size = theme.sizes
    top = size.pane_header + size.border_selected + size.space_xs
    side = size.pane_padding + size.border_selected
    return QRect(side, top, max(0, width - 2 * side), max(0, height - top - size.space_xs - size.border_selected))


def place_of(session: Session) -> str:
    """`root` in the project folder, else `dir:<name>`."""
    if session.working_dir == session.project:
        return "root"
    return f"dir:{os.path.basename(session.working_dir) or session.working_dir}"


def _elided(metrics: QFontMetrics, text: str, width: int) -> str:
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
