"""The home screen: what to begin with, recent projects, what a crash left behind, and a few numbers."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from synk.base.keypress import KeyPress
from synk.commands.completion import quoted
from synk.ui.home.banner import CrashBanner, CrashNotice
from synk.ui.home.figures import FigureCards, Figures
from synk.ui.home.parts import EmptyList, HomeHeader, PartTitle
from synk.ui.home.starter import Starter
from synk.ui.icons import Icon
from synk.ui.keys import key_press
from synk.ui.pickers.pick_list import Pick, PickList, Step
from synk.ui.theme import Theme

TAGLINE = "Many shells and agents, side by side"
STARTERS: tuple[tuple[Icon, str, str], ...] = (
    ("folder", "Open a folder", "tab.open"),
    ("terminal", "New session in {folder}", "session.new"),
    ("restore", "Restore a layout", "layout.load"),
    ("gear", "Settings", "settings.open"),
    ("keyboard", "All keys", "help.open"),
)
"""Icon, words, command."""
LIST_KEYS = (("Enter", "open"), ("Delete", "remove from the list"))
GONE_KEYS = (("Delete", "remove from the list"),)
REPEATED = frozenset({"up", "down", "left", "right", "j", "k", "pageup", "pagedown"})
"""Keys that go on while they are held."""
MOST_ROWS = 10
"""Recent projects in sight; the others are scrolled to."""
LEAST_ROWS = 3

AGES_MS = 60_000
"""How often `5m ago` is made anew."""


class HomeView(QWidget):
    """Takes the keyboard while no project is shown; what it has no use for goes on as `pressed`."""

    asked = Signal(str)
    """A command line to run."""
    pressed = Signal(object)
    """A `KeyPress` without a meaning of its own here."""
    focus_left = Signal(bool)
    """Tab (True) or Shift+Tab (False) went beyond the last control."""
    scope_changed = Signal()
    """`scope` is another project, or all of them."""
    aged = Signal()
    """A minute went by on this screen: `5m ago` is not true any more."""

    def __init__(self, theme: Theme, *, start_folder: str = "this folder") -> None:
        """`start_folder`: name of the folder Synk was started in."""
        super().__init__()
        self._theme = theme
        self._ages = QTimer(self)
        self._ages.setInterval(AGES_MS)
        self._ages.timeout.connect(self.aged)
        self._is_one_project = False
        self._scope: str | None = None
        self.banners: list[CrashBanner] = []
        """What a crash left behind, top to bottom."""
        self.recent = PickList(theme, name="Recent projects", is_tall=True, least_rows=LEAST_ROWS, most_rows=MOST_ROWS)
        """Newest first."""
        self.recent.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.figures = FigureCards(theme)
        """For `scope`."""
        self.starters: list[Starter] = []
        """What to begin with, top to bottom."""
        self._start_folder = start_folder
        self._offered: dict[str, str] = {}
        self._starter_column = QVBoxLayout()
        self._list_title = PartTitle(theme, "Recent projects", LIST_KEYS)
        self._figures_title = PartTitle(theme, "")
        self._empty = EmptyList(theme, "No projects yet", "o", "opens a folder; it appears here from then on")
        self._banner_column = QVBoxLayout()
        self._lay_out()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Home")
        self.recent.picked.connect(lambda _id: self.asked.emit("recent.open"))
        self.recent.menu_asked.connect(self._open_menu)
        self.recent.marked.connect(self._mark_moved)
        self.show_recent(())

    def showEvent(self, event: QShowEvent) -> None:
        """From now on time goes by here."""
        super().showEvent(event)
        self._ages.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is made anew that nobody sees."""
        super().hideEvent(event)
        self._ages.stop()

    @property
    def current(self) -> Pick | None:
        """The marked project."""
        return self.recent.current

    @property
    def scope(self) -> str | None:
        """Path of the project whose numbers are shown; None: of all."""
        return self._scope

    def offer(self, keys: Mapping[str, str]) -> None:
        """Offer to begin with these commands, of those the screen knows; each with the key that runs it, "" for none."""
        if keys == self._offered:
            return
        self._offered = dict(keys)
        self._show_banners([banner.notice for banner in self.banners])
        for starter in self.starters:
            self._starter_column.removeWidget(starter)
            starter.hide()
            starter.deleteLater()
        self.starters = []
        for icon, words, command in STARTERS:
            if command in keys:
                starter = Starter(self._theme, icon, words.format(folder=self._start_folder), keys[command])
                starter.clicked.connect(lambda _checked=False, command=command: self.asked.emit(command))
                self._starter_column.addWidget(starter)
                starter.show()  # the layout would, but later: until then Tab could not reach it
                self.starters.append(starter)

    def show_recent(self, picks: Sequence[Pick]) -> None:
        """Replace the list; the mark stays on its project."""
        has_keyboard = self.recent.hasFocus()
        self.recent.show_picks(picks)
        self.recent.setVisible(bool(picks))
        self._empty.setVisible(not picks)
        if has_keyboard:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._mark_moved()

    def change_recent(self, pick: Pick) -> None:
        """Another state of one project: its folder is gone."""
        self.recent.change_picks({pick.id: pick})
        self._show_titles()

    def show_crashes(self, notices: Sequence[CrashNotice]) -> None:
        """Replace the banners."""
        if [banner.notice.project for banner in self.banners] == [notice.project for notice in notices]:
            for banner, notice in zip(self.banners, notices, strict=True):
                banner.show_notice(notice)
        else:
            self._show_banners(notices)

    def _show_banners(self, notices: Sequence[CrashNotice]) -> None:
        """Make them anew; the keys mean the topmost one."""
        had_keyboard = any(banner.isAncestorOf(self.focusWidget()) for banner in self.banners if self.focusWidget())
        for banner in self.banners:
            self._banner_column.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        keys = (self._offered.get("crash.restore", ""), self._offered.get("crash.dismiss", ""))
        self.banners = [
            CrashBanner(self._theme, notice, ("", "") if index else keys) for index, notice in enumerate(notices)
        ]
        for banner in self.banners:
            path = quoted(banner.notice.project)
            banner.restored.connect(lambda path=path: self.asked.emit(f"crash.restore {path}"))
            banner.dismissed.connect(lambda path=path: self.asked.emit(f"crash.dismiss {path}"))
            self._banner_column.addWidget(banner)
            banner.show()
        if had_keyboard:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_figures(self, figures: Figures) -> None:
        """The numbers of `scope`."""
        self.figures.show_figures(figures)

    def move_mark(self, step: Step) -> None:
        """To another project."""
        self.recent.move_mark(step)
        self.recent.setFocus(Qt.FocusReason.OtherFocusReason)

    def toggle_scope(self) -> None:
        """Numbers of all projects, or of the marked one."""
        self._is_one_project = not self._is_one_project and self.current is not None
        self._mark_moved()

    def _lay_out(self) -> None:
        size = self._theme.sizes
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addStretch(2)
        column.addWidget(HomeHeader(self._theme, "Synk", TAGLINE))
        column.addSpacing(size.space_l)
        self._banner_column.setSpacing(size.space_s)
        self._banner_column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._banner_column)
        column.addLayout(self._body())
        column.addSpacing(size.space_xl)
        column.addWidget(self._figures_title)
        column.addSpacing(size.space_xs)
        column.addWidget(self.figures)
        column.addStretch(3)
        middle = QWidget()
        middle.setLayout(column)
        middle.setMaximumWidth(size.home_width)
        column.setContentsMargins(0, size.space_l, 0, size.space_l)
        row = QHBoxLayout(self)
        row.setContentsMargins(size.space_xl, 0, size.space_xl, 0)
        row.addStretch(1)
        row.addWidget(middle, 1000)
        row.addStretch(1)

    def _body(self) -> QHBoxLayout:
        """Actions at the left, recent projects at the right."""
        size = self._theme.sizes
        side = QVBoxLayout()
        side.setSpacing(size.space_xs // 2)
        side.addWidget(PartTitle(self._theme, "Start"))
        self._starter_column.setSpacing(size.space_xs // 2)
        side.addLayout(self._starter_column)
        side.addStretch(1)
        projects = QVBoxLayout()
        projects.setSpacing(size.space_xs // 2)
        projects.addWidget(self._list_title)
        projects.addWidget(self._empty)
        projects.addWidget(self.recent)
        projects.addStretch(1)
        body = QHBoxLayout()
        body.setContentsMargins(0, size.space_l, 0, 0)
        body.setSpacing(size.space_xxl)
        left = QWidget()
        left.setLayout(side)
        side.setContentsMargins(0, 0, 0, 0)
        left.setFixedWidth(size.home_side)
        body.addWidget(left)
        body.addLayout(projects, 1)
        return body

    def _open_menu(self, _id: str, place: QPoint) -> None:
        self.menu().popup(place)

    def menu(self) -> QMenu:
        """What can be done with the marked project; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, line in (("Open", "recent.open"), ("Remove from the list", "recent.remove")):
            action = menu.addAction(text)
            action.triggered.connect(lambda _checked=False, line=line: self.asked.emit(line))
            action.setEnabled(text != "Open" or (self.current is not None and not self.current.problem))
        return menu

    def _mark_moved(self) -> None:
        current = self.current
        if current is None:
            self._is_one_project = False
        scope = current.id if self._is_one_project and current is not None else None
        is_new, self._scope = scope != self._scope, scope
        self._show_titles()
        if is_new:
            self.scope_changed.emit()

    def _show_titles(self) -> None:
        current = self.current
        keys = LIST_KEYS if current is not None and not current.problem else GONE_KEYS
        self._list_title.show_words("Recent projects", keys if current is not None else ())
        if self._is_one_project and current is not None:
            self._figures_title.show_words(current.name, (("d", "all projects"),))
        else:
            self._figures_title.show_words("All projects", (("d", "the marked one only"),) if current is not None else ())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is the list's; while that is empty the screen itself hears the keys."""
        super().focusInEvent(event)
        if self.recent.picks:
            self.recent.setFocus(event.reason())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space press the button with the keyboard, arrows walk; everything else goes on."""
        press = key_press(event)
        event.accept()
        # A held Enter comes from the card that was just closed, and a held Delete would empty the list.
        if press is None or (press.repeat and press.name.removeprefix("kp_") not in REPEATED):
            return
        if not self._take_key(press):
            self.pressed.emit(press)

    def _take_key(self, press: KeyPress) -> bool:
        focused = self.focusWidget()
        if press.ctrl or press.alt or not isinstance(focused, QAbstractButton):
            return False
        name = press.name.removeprefix("kp_")
        if name in ("enter", "space"):
            focused.click()
        elif name in ("up", "down", "left", "right"):
            buttons = self._buttons()
            step = 1 if name in ("down", "right") else -1
            buttons[(buttons.index(focused) + step) % len(buttons)].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            return False
        return True

    def _buttons(self) -> list[QAbstractButton]:
        """In the order Tab walks them, after the list."""
        in_banners = [button for banner in self.banners for button in (banner.restore_button, banner.dismiss_button)]
        return [*self.starters, *in_banners]

    def focusNextPrevChild(self, forward: bool) -> bool:
        """From the list through the buttons; beyond them the keyboard leaves."""
        first: QWidget = self.recent if self.recent.isVisibleTo(self) else self
        places: list[QWidget] = [first, *self._buttons()]
        focused = self.focusWidget()
        index = places.index(focused) if focused in places else 0
        index += 1 if forward else -1
        if 0 <= index < len(places):
            places[index].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.focus_left.emit(forward)
        return True

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Beside everything: the keyboard comes here."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground."""
        QPainter(self).fillRect(event.rect(), self._theme.colors.bg_sidebar)
