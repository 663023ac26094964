"""The sidebar at the left of the grid: its sections, its width, and whether it is folded."""

import logging
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from synk.commands.completion import quoted
from synk.ui.sidebar.row_list import RowList
from synk.ui.sidebar.rows import FactRow, HeadRow, PlaceRow, ProjectRow, Row, Section, SessionRow, TextRow
from synk.ui.theme import Theme, faded

log = logging.getLogger(__name__)

FOLDED = "sidebar.folded"
"""Key of a tab's view: ids of the sections that are folded there."""
SCROLL = "sidebar.scroll"
"""Key of a tab's view: how far down it is scrolled, in pixels."""


class Sidebar(QWidget):
    """Folds by itself where it would leave the grid too little room, and comes back with the room."""

    asked = Signal(str)
    """A command line to run."""
    pressed = Signal(object)
    """A `KeyPress` it has no use for."""
    focus_left = Signal(bool)
    """Tab (True) or Shift+Tab (False) was pressed."""
    folded = Signal(bool)
    """It is hidden (True) or shown."""
    toggled = Signal(bool)
    """The user wants it shown (True) or folded from now on."""
    dragged = Signal(int)
    """The user gave it another width."""
    view_changed = Signal()
    """The user folded a section or unfolded it."""
    menu_asked = Signal(int, QPoint)
    """The menu of a session, at a place of the desktop."""

    def __init__(self, theme: Theme, *, width: int = 0, parent: QWidget | None = None) -> None:
        """`width` in logical pixels, kept within the theme's bounds."""
        super().__init__(parent)
        self._theme = theme
        self._sections: Sequence[Section] = ()
        self._view: dict[str, Any] = {}
        self._selected: str | None = None
        self._wanted_width = width
        self._window_width = 0
        self._is_wanted = True
        self._is_narrow = False
        self._is_forced = False
        self.list = RowList(theme, self)
        """All rows of all sections."""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, theme.sizes.border, 0)
        row.addWidget(self.list)
        self._edge = Edge(theme, self)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.refresh_now)
        self.list.chosen.connect(self._choose)
        self.list.folded.connect(self._fold_section)
        self.list.removed.connect(self._remove)
        self.list.menu_asked.connect(self._show_menu)
        self.list.pressed.connect(self.pressed)
        self.list.focus_left.connect(self.focus_left)
        self.list.verticalScrollBar().valueChanged.connect(self._keep_scroll)
        self._edge.dragged.connect(self._drag)
        self.set_width(width)
        self.hide()

    def use_sections(self, sections: Sequence[Section]) -> None:
        """Top to bottom. Without any it stays hidden."""
        self._sections = list(sections)
        self._show()
        self.folded.emit(not self.is_open)
        self.refresh_now()

    @property
    def is_open(self) -> bool:
        """Whether it takes room."""
        return bool(self._sections) and (self._is_wanted if not self._is_narrow else self._is_forced)

    @property
    def is_narrow(self) -> bool:
        """Whether it is folded by itself unless the user unfolds it."""
        return self._is_narrow

    @property
    def current_session(self) -> int | None:
        """Id of the session whose card has the keyboard."""
        row = self.list.current
        return row.session if isinstance(row, SessionRow) else None

    def want(self, is_wanted: bool) -> None:
        """What the user wanted when the window was last open."""
        self._is_wanted = is_wanted
        self._show()

    def toggle(self) -> None:
        """Fold, or unfold, also where there is little room."""
        if self._is_narrow:
            self._is_forced = not self._is_forced
            self._is_wanted = self._is_wanted or self._is_forced
        else:
            self._is_wanted = not self._is_wanted
        self._show()
        self.toggled.emit(self._is_wanted)

    def fit(self, window_width: int) -> None:
        """The window has this width: become narrower, then fold; unfold by itself when there is room again."""
        self._window_width = window_width
        self._take_width()
        size = self._theme.sizes
        is_narrow = window_width - size.sidebar_min < size.sidebar_room
        if is_narrow != self._is_narrow:
            self._is_narrow, self._is_forced = is_narrow, False
            self._show()

    def set_width(self, width: int) -> None:
        """Within the bounds of the setting; less where the grid needs the room."""
        self._wanted_width = width
        self._take_width()

    def _take_width(self) -> None:
        size = self._theme.sizes
        room = self._window_width - size.sidebar_room if self._window_width else size.sidebar_max
        self.setFixedWidth(max(min(self._wanted_width, size.sidebar_max, room), size.sidebar_min))
        self._place_edge()

    def show_moves(self, moves: bool) -> None:
        """Whether anything may turn."""
        self.list.show_moves(moves)

    def use_view(self, view: dict[str, Any]) -> None:
        """Another tab is shown: its folds and its place in the list; `view` is written to."""
        if view is not self._view:
            self._view = view
            self.refresh_now()
            scroll = view.get(SCROLL)
            self.list.verticalScrollBar().setValue(scroll if isinstance(scroll, int) else 0)

    def refresh(self) -> None:
        """Something it shows may have changed; seen in the next frame. Costs nothing while it is hidden."""
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def refresh_now(self) -> None:
        """Ask all sections; whatever one raises is shown in its place."""
        self._soon.stop()
        if not self.is_open:
            return
        rows: list[Row] = []
        for section in self._sections:
            rows += self._rows_of(section)
        self.list.show_rows(rows)
        self._follow_selection(rows)

    def _follow_selection(self, rows: Sequence[Row]) -> None:
        """Only the user selects (G2): the card of what was just selected comes into sight, if the keyboard is elsewhere."""
        key = next((row.key for row in rows if isinstance(row, SessionRow) and row.is_selected), None)
        if key is not None and key != self._selected and not self.list.hasFocus():
            self.list.choose(key)
        self._selected = key or self._selected

    def take_focus(self) -> None:
        """The keyboard comes here."""
        self.list.setFocus(Qt.FocusReason.TabFocusReason)

    def sizeHint(self) -> QSize:
        """As wide as it was set."""
        return QSize(self.width(), 0)

    def showEvent(self, _event: object) -> None:
        """What changed while it was hidden."""
        self.refresh_now()

    def resizeEvent(self, _event: object) -> None:
        """The handle stays at the edge."""
        self._place_edge()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground and the line to the grid."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.colors.bg_sidebar)
        painter.setPen(QPen(faded(self._theme.colors.border, 0.5), self._theme.sizes.border))
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())

    def _rows_of(self, section: Section) -> list[Row]:
        is_folded = section.id in self._folded()
        # A section is a part of its own: whatever it runs into, the others are shown (03-workspace.md, section 8).
        try:
            head = HeadRow(section.id, section.title, section.note, section.is_calling, is_folded)
            return [head, *(() if is_folded else section.rows())]
        except Exception:
            log.exception("the section %s of the sidebar failed", section.id)
            words = f"Something went wrong in {section.title}. Nothing was changed. Details: log"
            return [HeadRow(section.id, section.title), TextRow(words, section.id, is_error=True, command="log.show")]

    def _folded(self) -> list[str]:
        folded = self._view.get(FOLDED)
        return [each for each in folded if isinstance(each, str)] if isinstance(folded, list) else []

    def _fold_section(self, section: str, is_folded: bool) -> None:
        others = [each for each in self._folded() if each != section]
        self._view[FOLDED] = [*others, section] if is_folded else others
        self.refresh_now()
        self.view_changed.emit()

    def _choose(self, row: Row) -> None:
        match row:
            case HeadRow():
                self._fold_section(row.section, not row.is_folded)
            case SessionRow():
                self.asked.emit(f"pane.select session:{row.session}")
            case ProjectRow():
                self.asked.emit(f"tab.open {quoted(row.path)}")
            case FactRow() | TextRow() if row.command:
                self.asked.emit(row.command)

    def _remove(self, row: Row) -> None:
        match row:
            case SessionRow():
                self.asked.emit(f"session.close session:{row.session}")
            case ProjectRow(is_open=False):
                self.asked.emit(f"recent.remove {quoted(row.path)}")

    def _show_menu(self, row: Row, place: QPoint) -> None:
        match row:
            case SessionRow():
                self.menu_asked.emit(row.session, place)
            case ProjectRow() | HeadRow() | PlaceRow():
                self.row_menu(row).popup(place)

    def row_menu(self, row: ProjectRow | HeadRow | PlaceRow) -> QMenu:
        """What can be done with another project, or with a section; deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entries = [("Refresh", "sidebar.refresh"), ("Fold the sidebar\tCtrl+e", "sidebar.toggle")]
        if isinstance(row, ProjectRow):
            entries = [("Switch to it" if row.is_open else "Open", f"tab.open {quoted(row.path)}")]
            if not row.is_open:
                entries.append(("Remove from Synk", f"recent.remove {quoted(row.path)}"))
        for text, line in entries:
            menu.addAction(text).triggered.connect(lambda _checked=False, line=line: self.asked.emit(line))
        return menu

    def _keep_scroll(self, value: int) -> None:
        self._view[SCROLL] = value

    def _drag(self, width: int) -> None:
        self.set_width(width)
        self.dragged.emit(self.width())

    def _show(self) -> None:
        is_open = self.is_open
        if is_open == self.isHidden():
            self.setVisible(is_open)
            self.folded.emit(not is_open)

    def _place_edge(self) -> None:
        grip = self._theme.sizes.space_xs
        self._edge.setGeometry(self.width() - grip, 0, grip, self.height())
        self._edge.raise_()


class Edge(QWidget):
    """The sidebar's right edge: drag it."""

    dragged = Signal(int)
    """The width it asks for."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grip: float | None = None
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName("Width of the sidebar")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        self._grip = self.width() - event.position().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The edge follows the mouse."""
        if self._grip is not None:
            self.dragged.emit(round(self.mapToParent(event.position()).x() + self._grip))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """The drag is over."""
        self._grip = None
