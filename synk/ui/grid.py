"""The grid of panes: one widget per session, placed by the pure layout, and what an empty grid says."""

from collections.abc import Container, Mapping, Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from synk.actions.ports import TERMINAL, AgentChoice
from synk.keys.modes import Mode
from synk.sessions import grid
from synk.sessions.session import Session
from synk.sessions.workspace import Workspace
from synk.ui.flushes import finish_flush
from synk.ui.frames import Frames
from synk.ui.keys import key_press
from synk.ui.marks import draw_keycap, keycap_width
from synk.ui.pane import Pane, body_area
from synk.ui.sizer import PaneSizer
from synk.ui.terminal.terminal_paint import RowPainter
from synk.ui.theme import Theme
from synk.ui.turning import Turning

EMPTY_TITLE = "No sessions yet"
EMPTY_KEYS = (
    ("n", "new session"),
    ("/new", "the same, with the agent's name"),
    ("/load", "open a saved layout"),
    ("p", "process pool"),
    ("?", "all keys"),
    ("Ctrl+q", "quit"),
)
"""What an empty grid names."""


class GridWidget(QWidget):
    """Shows the page of the workspace. It takes the keys of navigation mode; in terminal mode a pane's view does."""

    pressed = Signal(object)
    """A `KeyPress` in navigation mode."""
    pane_added = Signal(object)
    """A new `Pane`, to be wired by the owner."""

    def __init__(self, rows: RowPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self._theme: Theme = rows.theme
        self._agents: Mapping[str, AgentChoice] = {}
        self._panes: dict[Session, Pane] = {}
        self._shown: list[int] = []
        self._project: str | None = None
        self._zooms: dict[str | None, int | None] = {}
        """The zoomed pane of each project that was ever shown."""
        self._is_empty = True
        self._offer = ""
        self._frames = Frames(self, settle=lambda: finish_flush(self.window()))
        self._turning = Turning(self)
        self.sizer = PaneSizer(self)
        """Tells programs their sizes."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Session grid")

    @property
    def panes(self) -> list[Pane]:
        """All panes of the project shown, also those of hidden pages, in pane order."""
        return sorted(self._shown_project(), key=lambda pane: pane.session.pane)

    def pane_of(self, number: int | None) -> Pane | None:
        """The pane with that number in the project shown."""
        return next((pane for pane in self._shown_project() if pane.session.pane == number), None)

    def pane_for(self, session: Session) -> Pane | None:
        """The pane of a session."""
        return self._panes.get(session)

    def use_rows(self, rows: RowPainter) -> None:
        """Another font or theme for all terminals; sizes follow."""
        self._rows = rows
        for pane in self._panes.values():
            pane.view.use_rows(rows)
            pane.refresh()
        self._tell_sizes()

    def use_agents(self, agents: Mapping[str, AgentChoice]) -> None:
        """The catalog by agent id: badges."""
        self._agents = agents
        for session, pane in self._panes.items():
            pane.use_agent(agents.get(session.agent, TERMINAL))

    def show_agent(self, session: Session) -> None:
        """The session may be of another agent now."""
        pane = self._panes.get(session)
        if pane is not None:
            pane.use_agent(self._agents.get(session.agent, TERMINAL))

    def take_sessions(self, sessions: Sequence[Session]) -> None:
        """Make panes for new sessions, drop those of closed ones."""
        for session in [known for known in self._panes if known not in sessions]:
            pane = self._panes.pop(session)
            self.sizer.forget(session)
            pane.hide()
            pane.deleteLater()
        for session in sessions:
            if session not in self._panes:
                agent = self._agents.get(session.agent, TERMINAL)
                pane = Pane(session, self._rows, agent=agent, frames=self._frames, turning=self._turning, parent=self)
                pane.hide()
                self._panes[session] = pane
                self.pane_added.emit(pane)

    def arrange(self, workspace: Workspace, project: str | None) -> None:
        """Place and show the panes of the page shown of this project, or the zoomed one alone; those of others hide."""
        self._project = project
        self._shown = workspace.shown
        self._zooms[project] = workspace.selected if workspace.is_zoomed else None
        self._place()
        self._tell_sizes()
        if bool(self.panes) == self._is_empty:
            self._is_empty = not self._is_empty
            self.update()  # Qt itself repaints what moving panes uncover; all of it would repaint every pane

    def show_offer(self, text: str) -> None:
        """What Enter does while the grid is empty; "" if nothing."""
        if text != self._offer:
            self._offer = text
            self.setAccessibleDescription(f"Enter: {text}" if text else "")
            if self._is_empty:
                self.update()

    def show_states(self, workspace: Workspace, *, dim_by: float, moves: bool, receiving: Container[Session] = ()) -> None:
        """Borders and dimming: in terminal mode all panes but those that get what is typed are dimmed."""
        is_typing = workspace.mode is Mode.TERMINAL
        for pane in self._shown_project():
            is_selected = pane.session.pane == workspace.selected
            is_receiving = pane.session in receiving
            dim = dim_by if is_typing and not (is_selected or is_receiving) else 0.0
            pane.show_state(is_selected=is_selected, mode=workspace.mode, dim_by=dim, moves=moves, is_receiving=is_receiving)
            pane.view.show_keyboard(is_selected and is_typing and self.window().isActiveWindow())

    def _shown_project(self) -> list[Pane]:
        return [pane for session, pane in self._panes.items() if session.project == self._project]

    def _place(self) -> None:
        zoomed = self._zooms.get(self._project)
        places = self._places(self._shown) if zoomed is None else {zoomed: self._whole()}
        for session, pane in self._panes.items():
            place = places.get(session.pane) if session.project == self._project else None
            if place is None:
                pane.hide()
            else:
                pane.setGeometry(place)
                pane.show()

    def _places(self, numbers: Sequence[int]) -> dict[int, QRect]:
        gap = self._theme.sizes.pane_gap
        cells = grid.cells(len(numbers), width=self.width(), height=self.height(), gap=gap)
        return {number: QRect(cell.x, cell.y, cell.width, cell.height) for number, cell in zip(numbers, cells, strict=True)}

    def _whole(self) -> QRect:
        return self._places([0])[0]

    def _tell_sizes(self) -> None:
        """Every session learns the room its pane has or would have: those of hidden pages and projects too."""
        places: dict[tuple[str, int], QRect] = {}
        for project in {session.project for session in self._panes}:
            numbers = sorted(session.pane for session in self._panes if session.project == project)
            for page in grid.pages(numbers):
                cells = self._places([number for number in numbers if grid.page_of(number) == page])
                places.update({(project, number): cell for number, cell in cells.items()})
            zoomed = self._zooms.get(project)
            if zoomed is not None:
                places[project, zoomed] = self._whole()
        font = self._rows.font
        for session in self._panes:
            place = places[session.project, session.pane]
            body = body_area(self._theme, place.width(), place.height())
            cols, rows = int(body.width() / font.cell_width), int(body.height() / font.cell_height)
            if grid.is_too_small(cols=cols, rows=rows):
                self.sizer.keep(session)
            else:
                self.sizer.want(session, cols=cols, rows=rows)

    def resizeEvent(self, _event: object) -> None:
        """Place the panes at once, tell the programs when it has settled."""
        self._place()
        self._tell_sizes()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key in navigation mode."""
        press = key_press(event)
        if press is not None:
            self.pressed.emit(press)
        event.accept()

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab is a key of the table here."""
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground between the panes; what an empty grid says."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.colors.bg_sidebar)
        if self._is_empty:
            self._paint_empty(painter)

    def _paint_empty(self, painter: QPainter) -> None:
        theme = self._theme
        size, colors = theme.sizes, theme.colors
        painter.setFont(theme.fonts.hero())
        painter.setPen(colors.text)
        keys = ((("Enter", self._offer),) if self._offer else ()) + EMPTY_KEYS
        height = size.space_xxl + len(keys) * size.line_height
        top = (self.height() - height) // 2
        painter.drawText(QRect(0, top, self.width(), size.space_xl), Qt.AlignmentFlag.AlignCenter, EMPTY_TITLE)
        caps = [keycap_width(theme, key) for key, _ in keys]
        painter.setFont(theme.fonts.body())
        words = max(painter.fontMetrics().horizontalAdvance(text) for _, text in keys)
        left = (self.width() - max(caps) - size.space_m - words) / 2
        y = top + size.space_xxl + size.space_s
        for (key, text), width in zip(keys, caps, strict=True):
            middle = y + size.line_height / 2
            draw_keycap(painter, theme, key, left + max(caps) - width, middle)
            painter.setFont(theme.fonts.body())
            painter.setPen(colors.text if key == "Enter" else colors.text_dim)
            place = QRect(round(left + max(caps) + size.space_m), y, words + size.space_s, size.line_height)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
            y += size.line_height
