"""A list to pick one line from: painted on demand, so ten thousand lines cost no more than those in sight."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QFrame, QListView, QSizePolicy, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from synk.ui.icons import Icon
from synk.ui.pickers.pick_paint import LineState, paint_pick
from synk.ui.terminal.accessible import say
from synk.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Step = Literal["next", "previous", "first", "last", "page-down", "page-up"]
"""Ways to move the mark."""
STEP_KEYS: dict[str, Step] = {"down": "next", "up": "previous", "pagedown": "page-down", "pageup": "page-up"}
"""Keys that move it while a line edit has the keyboard."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One line."""

    id: str
    """What picking it gives: a path."""
    name: str
    detail: str = ""
    """Dim: beside the name, or below it in a tall list; shortened in the middle."""
    tag: str = ""
    """Dim, at the right end."""
    icon: Icon | None = None
    initials: str = ""
    """Shown on a tile instead of an icon."""
    problem: str = ""
    """Why it cannot be used: the line is greyed and ends with this."""
    matched: Collection[int] = ()
    """Characters of the name that match what was typed."""


class PickList(QListView):
    """The mark is moved from outside (`move_mark`), so that a line edit can keep the keyboard."""

    picked = Signal(str)
    """Clicked: the line's id."""
    marked = Signal()
    """The mark is on another line, or there are other lines."""
    menu_asked = Signal(str, QPoint)
    """The right button, on the line of this id, at a place of the desktop."""

    def __init__(
        self,
        theme: Theme,
        *,
        name: str,
        is_tall: bool = False,
        least_rows: int = 1,
        most_rows: int = 1000,
        parent: QWidget | None = None,
    ) -> None:
        """`name`: for screen readers. `is_tall`: two lines of text in each. It wants room for `most_rows` lines or all."""
        super().__init__(parent)
        self._theme = theme
        self._least_rows = least_rows
        self._most_rows = most_rows
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._model = PickModel(self)
        self.setModel(self._model)
        self.setItemDelegate(PickDelegate(theme, is_tall=is_tall, parent=self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def picks(self) -> Sequence[Pick]:
        """Top to bottom."""
        return self._model.picks

    @property
    def current(self) -> Pick | None:
        """The marked line; None in an empty list."""
        row = self.currentIndex().row()
        return self._model.picks[row] if 0 <= row < len(self._model.picks) else None

    @property
    def row_height(self) -> int:
        """Of every line, in logical pixels."""
        return self.itemDelegate().sizeHint(QStyleOptionViewItem(), QModelIndex()).height()

    def sizeHint(self) -> QSize:
        """High enough for all lines, or for as many as it may show at a time."""
        return QSize(0, self.row_height * min(len(self._model.picks), self._most_rows))

    def minimumSizeHint(self) -> QSize:
        """High enough for a few lines."""
        return QSize(0, self.row_height * min(len(self._model.picks), self._least_rows))

    def show_picks(self, picks: Sequence[Pick], *, keep_mark: bool = True) -> None:
        """Replace the lines; the mark stays on its line, or on the one after it (else before it) if that was taken away.

        Without `keep_mark`, and if nothing is left of the lines, the first one is marked.
        """
        at, before = self.currentIndex().row(), self._model.picks
        kept = [pick.id for pick in (*before[at:], *reversed(before[:at]))] if keep_mark and at >= 0 else []
        place = self.verticalScrollBar().value()
        self._model.replace(picks)
        self.updateGeometry()
        rows = {pick.id: row for row, pick in enumerate(picks)}
        row = next((rows[id] for id in kept if id in rows), None)
        self._mark(row if row is not None else 0)
        if row is not None:
            self.verticalScrollBar().setValue(place)
        self.marked.emit()

    def change_picks(self, changed: Mapping[str, Pick]) -> None:
        """Another state of the lines with these ids; others are not touched, ids that are not there mean nothing."""
        self._model.change(changed)

    def move_mark(self, step: Step) -> None:
        """Up, down or far; stops at the ends."""
        last = len(self._model.picks) - 1
        if last < 0:
            return
        row = self.currentIndex().row()
        page = max(1, self.viewport().height() // self.row_height - 1)
        rows = {
            "next": row + 1,
            "previous": row - 1,
            "first": 0,
            "last": last,
            "page-down": row + page,
            "page-up": row - page,
        }
        self._mark(min(max(rows[step], 0), last))
        self.marked.emit()

    def mark(self, id: str) -> None:
        """Put the mark on the line of this id, if it is there."""
        row = next((row for row, pick in enumerate(self._model.picks) if pick.id == id), None)
        if row is not None:
            self._mark(row)
            self.marked.emit()

    def rows_in_sight(self) -> range:
        """Lines that are painted now."""
        height = self.row_height
        first = self.verticalScrollBar().value() // height
        count = self.viewport().height() // height + 2
        return range(first, min(first + count, len(self._model.picks)))

    def _mark(self, row: int) -> None:
        self.setCurrentIndex(self._model.index(row, 0))
        self.viewport().update()
        if self.current is not None and self.isVisible() and not self.hasFocus():
            # The keyboard is in a line edit: nothing else would tell where the mark is.
            say(self, words_of(self.current))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Puts the mark there."""
        pick = self._at(event.position().toPoint())
        if pick is not None and event.button() != Qt.MouseButton.MiddleButton:
            self.mark(pick.id)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Picks the line it was pressed on."""
        pick = self._at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and pick is not None and pick is self.current:
            self.picked.emit(pick.id)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """For the line under the mouse."""
        pick = self._at(event.pos())
        if pick is not None:
            self.menu_asked.emit(pick.id, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All keys belong to the part it stands in."""
        event.ignore()

    def _at(self, place: QPoint) -> Pick | None:
        row = self.indexAt(place).row()
        return self._model.picks[row] if 0 <= row < len(self._model.picks) else None


class PickModel(QAbstractListModel):
    """The lines, as Qt's view and screen readers ask for them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.picks: Sequence[Pick] = ()

    def replace(self, picks: Sequence[Pick]) -> None:
        """All at once."""
        self.beginResetModel()
        self.picks = tuple(picks)
        self.endResetModel()

    def change(self, changed: Mapping[str, Pick]) -> None:
        """Some lines, by id."""
        rows = [row for row, pick in enumerate(self.picks) if changed.get(pick.id, pick) != pick]
        if rows:
            self.picks = tuple(changed.get(pick.id, pick) for pick in self.picks)
            self.dataChanged.emit(self.index(rows[0]), self.index(rows[-1]))

    def rowCount(self, parent: Index | None = None) -> int:
        """Lines; none of them has any below it."""
        return 0 if parent is not None and parent.isValid() else len(self.picks)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The line's words for screen readers and tool tips, the `Pick` for the painter."""
        if not 0 <= index.row() < len(self.picks):
            return None
        pick = self.picks[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return pick
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return words_of(pick)
        if role == Qt.ItemDataRole.ToolTipRole:
            return pick.detail or None
        return None


def words_of(pick: Pick) -> str:
    """The line as a screen reader says it."""
    return ", ".join(filter(None, (pick.name, pick.detail, pick.tag, pick.problem)))


class PickDelegate(QStyledItemDelegate):
    """Paints the lines."""

    def __init__(self, theme: Theme, *, is_tall: bool, parent: PickList) -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_tall = is_tall
        self._list = parent

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All lines are equally high."""
        size = self._theme.sizes
        return QSize(0, size.recent_row if self._is_tall else size.line_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One line."""
        area = option.rect
        pick = index.data(Qt.ItemDataRole.UserRole)
        state = LineState(
            is_marked=index.row() == self._list.currentIndex().row(),
            # Qt knows; asking where the mouse is would ask the X server, for each line.
            is_hot=bool(option.state & QStyle.StateFlag.State_MouseOver),
            has_keyboard=self._list.hasFocus(),
            is_tall=self._is_tall,
        )
        paint_pick(painter, self._theme, pick, area, state)
