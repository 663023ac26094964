"""The top-level widget: top bar, grid, drawer, and toasts and cards over them."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from synk.ui.auto_repeat import AutoRepeat
from synk.ui.cards import CardStack
from synk.ui.drawer import Drawer, Panel
from synk.ui.grid import GridWidget
from synk.ui.line.command_bar import CommandBar, bar_places
from synk.ui.notices.toasts import ToastStack
from synk.ui.ratio_watch import RatioWatch
from synk.ui.sidebar.sidebar import Sidebar
from synk.ui.terminal.terminal_paint import RowPainter
from synk.ui.terminal.terminal_view import TerminalView
from synk.ui.theme import Theme
from synk.ui.top_bar.bar import TopBar


class MainWidget(QWidget):
    """Lays out the parts; knows no session and no command."""

    ratio_changed = Signal()
    """The window moved to a screen with other device pixels."""
    activation_changed = Signal()
    """The window became active or inactive."""
    close_asked = Signal()
    """The window manager's close button."""

    def __init__(
        self, theme: Theme, rows: RowPainter, *, panels: Sequence[Panel], drawer_height: int, sidebar_width: int
    ) -> None:
        super().__init__()
        size = theme.sizes
        self.top_bar = TopBar(theme)
        self.grid = GridWidget(rows)
        self.drawer = Drawer(theme, panels, height=drawer_height)
        self.sidebar = Sidebar(theme, width=sidebar_width)
        self.sidebar.folded.connect(self.drawer.show_sidebar_button)
        self.command_bar = CommandBar(theme, self)
        self.toasts = ToastStack(theme, self)
        self.cards = CardStack(self)
        self._auto_repeat = AutoRepeat(self)
        ratio = RatioWatch(self)
        ratio.changed.connect(self.ratio_changed)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow_keyboard)
        self._project: str | None = None
        self._theme = theme
        self.command_bar.opened.connect(self.top_bar.show_line)
        self.top_bar.arranged.connect(self._place_command_bar)
        self.cards.opened.connect(self.toasts.raise_)  # an error about what the card asks is to be seen
        self.home: QWidget = QWidget()
        """What stands in place of the workspace while no project is shown."""
        self.setMinimumSize(size.window_min_width, size.window_min_height)
        self.resize(size.window_width, size.window_height)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        self._body = QStackedLayout()
        column.addLayout(self._body, 1)
        self._workspace = QWidget()
        beside = QHBoxLayout(self._workspace)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self.sidebar)
        inner = QVBoxLayout()
        inner.setSpacing(0)
        beside.addLayout(inner, 1)
        inner.addWidget(self.grid, 1)
        inner.addWidget(self.drawer)
        self._body.addWidget(self._workspace)
        self._body.addWidget(self.home)

    def use_home(self, home: QWidget) -> None:
        """Show this while no project is open, from now on."""
        is_shown = self.is_home
        self._body.removeWidget(self.home)
        self.home.deleteLater()
        self.home = home
        self._body.addWidget(home)
        self.show_project(None if is_shown else self._project)

    def show_project(self, name: str | None) -> None:
        """Show the workspace of a project, by its name, or with None the home screen."""
        self._project = name
        self.setWindowTitle(f"Synk - {name}" if name is not None else "Synk")
        self._body.setCurrentIndex(0 if name is not None else 1)
        # QStackedLayout raises the widget it shows, also above toasts, cards and the command bar.
        (self._workspace if name is not None else self.home).lower()

    @property
    def is_home(self) -> bool:
        """Whether the home screen is shown."""
        return self._body.currentIndex() == 1

    @property
    def is_focus_in_drawer(self) -> bool:
        """Whether a control of the drawer has the keyboard."""
        focused = self.focusWidget()
        return focused is not None and self.drawer.isAncestorOf(focused)

    @property
    def is_focus_in_sidebar(self) -> bool:
        """Whether the sidebar has the keyboard."""
        focused = self.focusWidget()
        return focused is not None and self.sidebar.isAncestorOf(focused)

    @property
    def is_focus_in_grid(self) -> bool:
        """Whether the grid or a pane has the keyboard, or nobody has."""
        focused = self.focusWidget()
        return focused is None or focused is self.grid or self.grid.isAncestorOf(focused)

    def showEvent(self, event: QShowEvent) -> None:
        """From now on there is a window that gets keys."""
        super().showEvent(event)
        self._follow_keyboard(None, self.focusWidget())

    def _follow_keyboard(self, _before: QWidget | None, now: QWidget | None) -> None:
        """A terminal knows repetitions by itself: with the filter in between its echo is there 0.1 ms later."""
        handle = self.windowHandle()
        if handle is not None and isinstance(now, TerminalView):
            handle.removeEventFilter(self._auto_repeat)
        elif handle is not None:
            handle.installEventFilter(self._auto_repeat)

    def changeEvent(self, event: QEvent) -> None:
        """The cursor is hollow in a window that is not active."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.activation_changed.emit()

    def resizeEvent(self, _event: object) -> None:
        """What floats keeps its place; the sidebar gives way in a narrow window."""
        self.sidebar.fit(self.width())
        self._place_command_bar()
        self.cards.arrange()
        self.toasts.arrange()

    def _place_command_bar(self) -> None:
        self.command_bar.place(*bar_places(self._theme, self.rect(), self.top_bar.words_left))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no part took (the focus is nowhere) go to the grid."""
        self.grid.keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window only asks to be closed; the shutdown hides it."""
        event.ignore()
        self.close_asked.emit()
