"""The window as the rest of Synk sees it: follows sessions and workspace, and fulfils what actions ask of a view."""

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from synk.actions.ports import AgentChoice, FocusStep, FontStep, Question, ScrollStep, Sessions
from synk.base.errors import UsageError
from synk.base.events import Hub
from synk.commands.line import NothingSelected
from synk.commands.registry import Command
from synk.keys.keymap import Where
from synk.keys.modes import Mode, ModeMachine
from synk.sessions.broadcast import Broadcast
from synk.sessions.notices import Notices, NoticesChanged
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs
from synk.sessions.workspace import Workspace
from synk.ui.card import Card
from synk.ui.drawer import Panel
from synk.ui.guard import guarded
from synk.ui.help_card import HelpCard, key_labels
from synk.ui.main_widget import MainWidget
from synk.ui.notices.notice_board import NoticeBoard
from synk.ui.options import UiOptions
from synk.ui.pane import Pane
from synk.ui.pane_input import PaneInput
from synk.ui.part_keys import PartKeys
from synk.ui.questions import AgentCard, QuestionCard
from synk.ui.session_menu import session_menu
from synk.ui.shown import Shown
from synk.ui.terminal.program_reports import ProgramReports
from synk.ui.terminal.reading import Reading
from synk.ui.terminal.terminal_font import TerminalFont
from synk.ui.terminal.terminal_images import PictureCache
from synk.ui.terminal.terminal_paint import RowPainter
from synk.ui.theme import Theme
from synk.ui.window_pictures import grab, save_picture


class Window:
    """One window. GUI thread; nothing in it waits."""

    def __init__(
        self,
        *,
        theme: Theme,
        options: UiOptions,
        manager: Sessions,
        tabs: Tabs,
        hub: Hub,
        machine: ModeMachine,
        run: Callable[[str], str],
        panels: Sequence[Panel],
        on_quit: Callable[[], None],
        open_url: Callable[[str], None],
        notices: Notices | None = None,
        broadcast: Broadcast | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`run(line)`: a command line; `on_quit`: begin the shutdown; `notices`: the history, by default one that is not kept;
        `broadcast`: who gets what is typed.

        `open_url(url)` shows a link, percent-encoded, in the user's browser.

        `now()` in seconds times double Escape and the quiet before the keys of an ended pane's bar.
        """
        self._theme = theme
        self._options = options
        self._manager = manager
        self._tabs = tabs
        self._hub = hub
        self._run = run
        self._on_quit = on_quit
        self._font_px = options.font_px
        self._is_quitting = False
        self._broadcast = broadcast or Broadcast()
        self._commands: Iterable[Command] = ()
        self.folder_card: Callable[[Callable[[str], None]], Card] | None = None
        """Makes the card that asks for a folder and calls back with its path."""
        self.pictures = PictureCache()
        """What the terminals show beside text; give it a thread (`submit`)."""
        self.widget = MainWidget(
            theme,
            self._row_painter(QGuiApplication.primaryScreen().devicePixelRatio()),
            panels=panels,
            drawer_height=options.drawer_height,
            sidebar_width=options.sidebar_width,
        )
        """The top-level widget."""
        self.shown = Shown(self.widget, hub, manager=manager, tabs=tabs, broadcast=self._broadcast, options=options)
        """Brings the widgets in line with sessions and tabs."""
        self.input = PaneInput(
            self.widget.grid,
            machine=machine,
            manager=manager,
            tabs=tabs,
            broadcast=self._broadcast,
            hub=hub,
            run=self.run,
            ask=self.ask,
            now=now,
        )
        """Keys, text and clicks on their way to programs."""
        self.part_keys = PartKeys(self.input.router, self.widget.sidebar, run=self.run)
        """Keys in sidebar, drawer, top bar, cards and home screen."""
        self.reading = Reading(
            theme=theme,
            pane=self.shown.selected_pane,
            keymap=lambda: self.input.router.machine.keymap,
            run=self.run,
            ask=self.ask,
            leave=self.shown.place_focus,
            open_url=open_url,
        )
        """Search, prompts, output and links of the selected pane."""
        self._reports = ProgramReports(
            hub, self.widget.toasts, self.shown.pane_of, sessions=lambda: manager.sessions, ask=self.ask, now=now
        )
        self.notices = NoticeBoard(
            theme,
            hub=hub,
            notices=notices or Notices(),
            toasts=self.widget.toasts,
            cards=self.widget.cards,
            session=self.shown.session,
            is_active=self.widget.isActiveWindow,
            is_typed_into=self._is_typed_into,
            run=self.run,
            ask=self.ask,
        )
        """Toasts, the history and what goes to the desktop."""
        self._connect()
        self.apply(options)
        self.widget.top_bar.show_keys(self.key_of)
        self.shown.sync()

    def use_home(self, home: QWidget) -> None:
        """What is shown while no project is: it takes the keyboard then, and passes on what it has no use for."""
        self.widget.use_home(home)
        self.shown.sync()

    def show(self) -> None:
        """Show the window."""
        self.widget.show()
        self.shown.place_focus()

    def hide(self) -> None:
        """Take it off the screen; the first step of the shutdown."""
        self.widget.hide()

    def resize(self, width: int, height: int) -> None:
        """Give it a size in logical pixels."""
        self.widget.resize(width, height)

    def come_forward(self, token: str = "") -> None:
        """Show it above others and make it active, because the user asked for it elsewhere.

        `token`: what the desktop gave for it (xdg-activation); under Wayland no window comes forward without one.
        """
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token  # Qt takes it from there, once
        self.widget.setWindowState(self.widget.windowState() & ~Qt.WindowState.WindowMinimized)
        self.widget.show()
        self.widget.raise_()
        self.widget.activateWindow()

    def close_down(self) -> None:
        """Destroy the widgets; the last step of the shutdown."""
        self._is_quitting = True
        self.widget.hide()
        self.widget.deleteLater()

    def apply(self, options: UiOptions) -> None:
        """Follow changed settings."""
        old, self._options = self._options, options
        self.shown.options = options
        toasts = self.widget.toasts
        self.input.confirms_paste = options.confirm_multiline_paste
        toasts.corner, toasts.duration_ms = options.toast_corner, options.toast_ms
        toasts.arrange()
        if options.drawer_height != old.drawer_height:
            self.widget.drawer.set_open_height(options.drawer_height)
        if options.drawer_panel_order:
            self.widget.drawer.set_order(options.drawer_panel_order)
        if options.sidebar_width != old.sidebar_width:
            self.widget.sidebar.set_width(options.sidebar_width)
            self.widget.sidebar.fit(self.widget.width())
        self.widget.sidebar.show_moves(not options.reduce_motion)
        is_new_font = (options.font_family, options.font_px) != (old.font_family, old.font_px)
        if is_new_font:
            self._font_px = options.font_px
        if is_new_font or options.minimum_contrast != old.minimum_contrast:
            self.widget.grid.use_rows(self._row_painter(self.widget.devicePixelRatioF()))
        self._reports.allow_clipboard_read(options.clipboard_read)
        self.shown.states()

    def show_theme(self) -> None:
        """The theme has other colors: the terminals take them, and tell programs that asked."""
        self.widget.grid.use_rows(self._row_painter(self.widget.devicePixelRatioF()))
        self.widget.update()

    def use_keys(self, machine: ModeMachine) -> None:
        """Changed key settings; a held Escape goes to its program first."""
        self.input.router.release()
        self.input.router.machine = machine
        self.widget.top_bar.show_keys(self.key_of)

    def use_agents(self, agents: Mapping[str, AgentChoice]) -> None:
        """The catalog by agent id: badges of the panes."""
        self.widget.grid.use_agents(agents)
        self.widget.sidebar.refresh()

    def use_commands(self, commands: Iterable[Command]) -> None:
        """What can be typed after a slash: the overlay shows it."""
        self._commands = commands

    def run(self, line: str) -> None:
        """Run a command line for a key or a click; an error becomes a toast."""
        guarded(self._hub, line.split(" ")[0], lambda: self._run(line))

    def grab_to(self, path: str, pane: int | None, on_done: Callable[[str], None]) -> None:
        """Save a PNG of the window, or of one pane; `on_done` gets "" or what went wrong, later."""
        image = self.grab_image(pane)
        if image.isNull():
            on_done(f"No pane {pane}")
        else:
            save_picture(image, path, self._hub, on_done)

    def grab_image(self, pane: int | None = None) -> QImage:
        """A picture of the window, or of one pane; a null image if there is no such pane."""
        return grab(self.widget if pane is None else self.widget.grid.pane_of(pane))

    def show_workspace(self) -> None:
        """Selection, mode, page or zoom changed by the user: show it, and take the keyboard there.

        Also from the drawer: who moves among the panes means them, and Enter must not press a button of the panel.
        """
        self.shown.sync()
        self.widget.command_bar.close_line()  # who goes elsewhere with the mouse is done with the line
        self.shown.place_focus()

    def show_broadcast(self) -> None:
        """See `View.show_broadcast`."""
        self.shown.broadcast()

    def take_keyboard(self) -> None:
        """Give the keyboard to whom it belongs: a card, the line that is typed, the program, or the grid."""
        self.shown.place_focus()

    def key_of(self, command: str) -> str:
        """The key that runs this command line, as on its keycap; "" for none."""
        row = self.input.router.machine.keymap.row_of(command)
        return key_labels(row)[0] if row is not None else ""

    @property
    def _workspace(self) -> Workspace:
        return self._tabs.workspace

    def ask_agent(self, choices: Sequence[AgentChoice], last: str, on_choice: Callable[[AgentChoice], object]) -> None:
        """See `View.ask_agent`."""

        def chosen(choice: AgentChoice) -> None:
            guarded(self._hub, "session.new", lambda: on_choice(choice))

        self.widget.cards.open(AgentCard(self._theme, choices, last, chosen))

    def ask_folder(self, on_choice: Callable[[str], object]) -> None:
        """See `View.ask_folder`."""

        def chosen(path: str) -> None:
            guarded(self._hub, "tab.open", lambda: on_choice(path))

        if self.folder_card is None:
            raise UsageError("/tab.open needs a folder, for example /tab.open ~/api")
        self.widget.cards.open(self.folder_card(chosen))

    def ask(self, question: Question, on_confirm: Callable[[], object]) -> None:
        """See `View.ask`; the same question is not asked twice at a time."""
        if not self.widget.cards.has(question.title):
            card = QuestionCard(self._theme, question, lambda: guarded(self._hub, question.confirm, on_confirm))
            self.widget.cards.open(card)

    def close_topmost(self) -> None:
        """A card first, then toasts from the newest on."""
        card = self.widget.cards.top
        if card is not None:
            card.cancel()
        else:
            self.widget.toasts.close_newest()

    @property
    def is_home(self) -> bool:
        """See `View.is_home`."""
        return self.widget.is_home

    def toggle_panel(self, panel: str) -> None:
        """See `View.toggle_panel`."""
        self._need_workspace()
        if self.widget.drawer.toggle_panel(panel):
            self.widget.drawer.focus_panel()
        else:
            self.shown.place_focus()

    def toggle_drawer(self) -> None:
        """Fold or open; the keyboard leaves a folded drawer."""
        self._need_workspace()
        had_focus = self.widget.is_focus_in_drawer
        self.widget.drawer.toggle()
        if had_focus:
            self.shown.place_focus()

    def toggle_sidebar(self) -> None:
        """Fold or unfold; the keyboard leaves a folded sidebar."""
        self._need_workspace()
        had_focus = self.widget.is_focus_in_sidebar
        self.widget.sidebar.toggle()
        if had_focus:
            self.shown.place_focus()

    def toggle_help(self, needle: str = "") -> None:
        """Open the keyboard overlay, or close it."""
        card = self.widget.cards.top
        if isinstance(card, HelpCard):
            card.cancel()
        else:
            keymap = self.input.router.machine.keymap
            self.widget.cards.open(HelpCard(self._theme, keymap, self._commands, needle))

    def toggle_fullscreen(self) -> None:
        """Full screen, and back to what it was."""
        self.widget.setWindowState(self.widget.windowState() ^ Qt.WindowState.WindowFullScreen)

    def move_focus(self, step: FocusStep) -> None:
        """Round the parts there are: grid or home screen, sidebar and drawer if they are open, top bar."""
        widget = self.widget
        parts: list[tuple[bool, Callable[[], None]]] = [(False, self.shown.place_focus)]
        if widget.sidebar.isVisible():
            parts.append((widget.is_focus_in_sidebar, widget.sidebar.take_focus))
        if widget.drawer.is_open and not widget.is_home:
            parts.append((widget.is_focus_in_drawer, widget.drawer.focus_panel))
        parts.append((widget.top_bar.has_keyboard, widget.top_bar.take_focus))
        index = next((index for index, (has_focus, _) in enumerate(parts) if has_focus), 0)
        steps = {"grid": -index, "next": 1, "previous": -1}
        parts[(index + steps[step]) % len(parts)][1]()

    def change_font(self, step: FontStep) -> None:
        """One pixel at a time, within the bounds of the setting."""
        fonts = self._theme.fonts
        px = self._options.font_px if step == "reset" else self._font_px + (1 if step == "larger" else -1)
        px = min(max(px, fonts.terminal_min_px), fonts.terminal_max_px)
        if px != self._font_px:
            self._font_px = px
            self.widget.grid.use_rows(self._row_painter(self.widget.devicePixelRatioF()))

    def scroll_view(self, step: ScrollStep) -> None:
        """Scroll the selected pane."""
        pane = self.shown.selected_pane()
        if pane is not None:
            pane.view.scroll_to(step)

    def copy_selection(self) -> int:
        """See `View.copy_selection`."""
        pane = self.shown.selected_pane()
        text = pane.view.mouse.text() if pane is not None else ""
        if text:
            QGuiApplication.clipboard().setText(text)
        return len(text)

    def paste(self) -> None:
        """See `View.paste`."""
        self.input.paste()

    def quit(self) -> None:
        """See `View.quit`."""
        self._is_quitting = True
        self._on_quit()

    def _need_workspace(self) -> None:
        """The home screen hides sidebar and drawer: what nobody sees is not changed, and does not get the keyboard."""
        if self.widget.is_home:
            raise NothingSelected("No project is open here")

    def _connect(self) -> None:
        widget, hub = self.widget, self._hub
        widget.ratio_changed.connect(lambda: widget.grid.use_rows(self._row_painter(widget.devicePixelRatioF())))
        widget.activation_changed.connect(self.shown.states)
        widget.activation_changed.connect(self.notices.window_activated)
        widget.close_asked.connect(self._close_asked)
        widget.cards.pressed.connect(self.part_keys.press_in_card)
        widget.cards.emptied.connect(self.shown.place_focus)
        widget.drawer.pressed.connect(lambda press: self.part_keys.press_in(Where.DRAWER, press))
        widget.drawer.focus_left.connect(self.part_keys.leave_part)
        widget.drawer.sidebar_button.clicked.connect(lambda: self.run("sidebar.toggle"))
        widget.sidebar.asked.connect(self.run)
        widget.sidebar.pressed.connect(self.part_keys.press_in_sidebar)
        widget.sidebar.focus_left.connect(self.part_keys.leave_part)
        widget.sidebar.menu_asked.connect(self._show_session_menu)
        widget.top_bar.asked.connect(self.run)
        widget.top_bar.pressed.connect(lambda press: self.part_keys.press_in(Where.DRAWER, press))
        widget.top_bar.focus_left.connect(self.part_keys.leave_part)
        widget.grid.pane_added.connect(self.reading.watch)
        widget.grid.pane_added.connect(self._reports.watch)
        widget.grid.pane_added.connect(self._give_menu)
        widget.grid.sizer.resized.connect(self._resize_session)
        hub.subscribe(NoticesChanged, lambda event: widget.top_bar.show_unread(event.unread))
        self.shown.listen()

    def _row_painter(self, ratio: float) -> RowPainter:
        font = TerminalFont(self._theme.fonts, family=self._options.font_family, px=self._font_px, ratio=ratio)
        return RowPainter(self._theme, font, self.pictures, minimum_contrast=self._options.minimum_contrast)

    def _resize_session(self, session: Session, cols: int, rows: int) -> None:
        self._manager.resize(session, cols=cols, rows=rows)
        pane = self.widget.grid.pane_for(session)
        if pane is not None:
            pane.view.flush()

    def _give_menu(self, pane: Pane) -> None:
        pane.menu_asked.connect(lambda place: self._show_session_menu(pane.session.id, place))

    def _show_session_menu(self, number: int, place: QPoint) -> None:
        session = self.shown.session(number)
        if session is not None:
            session_menu(self.widget, session, self.run).popup(place)

    def _is_typed_into(self, session: Session) -> bool:
        pane, is_free = self.shown.selected_pane(), self.widget.cards.top is None
        is_typing = self._workspace.mode is Mode.TERMINAL and self.widget.isActiveWindow() and is_free
        return is_typing and pane is not None and pane.session is session

    def _close_asked(self) -> None:
        if not self._is_quitting:
            self.run("app.quit")
