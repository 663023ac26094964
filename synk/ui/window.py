"""The main window: top bar, grid, drawer and what floats over them; fulfils the actions' view."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QImage, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from synk.actions.ports import AgentChoice, FocusStep, FontStep, Question, ScrollStep, Sessions
from synk.base.errors import SynkError
from synk.base.events import Hub, NoticeRaised
from synk.base.keypress import KeyPress
from synk.commands.line import NothingSelected
from synk.keys.keymap import Where
from synk.keys.modes import Mode, ModeMachine, Situation
from synk.sessions.events import PoolChanged, SessionChanged, SessionClosed, SessionOpened, SessionOutput
from synk.sessions.session import Session
from synk.sessions.workspace import Workspace
from synk.terminal.keyboard import encode_key, encode_paste
from synk.ui.card import Card, Scrim
from synk.ui.drawer import Drawer, Panel
from synk.ui.grid import GridWidget
from synk.ui.help_card import HelpCard, key_labels
from synk.ui.keys import KeyRouter
from synk.ui.options import UiOptions
from synk.ui.pane import Pane
from synk.ui.questions import AgentCard, QuestionCard
from synk.ui.terminal_font import TerminalFont
from synk.ui.terminal_paint import RowPainter
from synk.ui.theme import Theme
from synk.ui.toasts import ToastStack
from synk.ui.top_bar import TopBar

log = logging.getLogger(__name__)


class Window(QWidget):
    """Shows the workspace and turns gestures into command lines. GUI thread; nothing in it waits."""

    def __init__(
        self,
        *,
        theme: Theme,
        options: UiOptions,
        project: str,
        manager: Sessions,
        workspace: Workspace,
        hub: Hub,
        machine: ModeMachine,
        run: Callable[[str], str],
        panels: Sequence[Panel],
        on_quit: Callable[[], None],
        agents: Mapping[str, AgentChoice] | None = None,
    ) -> None:
        """`project`: path of the open folder; `run(line)`: a command line; `on_quit`: begin the shutdown.

        `agents` by id give the panes their badges.
        """
        super().__init__()
        self._theme = theme
        self._options = options
        self._manager = manager
        self._workspace = workspace
        self._hub = hub
        self._run = run
        self._on_quit = on_quit
        self._font_px = options.font_px
        self._is_quitting = False
        self._scrims: list[Scrim] = []
        self._router = KeyRouter(machine, situation=self._situation, run=self.run, send=self._send, parent=self)
        self._top_bar = TopBar(theme, project=os.path.basename(project) or project)
        self._grid = GridWidget(self._row_painter(), resize=self._resize_session, agents=agents or {})
        self._drawer = Drawer(theme, panels, height=options.drawer_height)
        self._toasts = ToastStack(theme, self)
        self._panels = panels
        self._lay_out(project)
        self._connect()
        self.apply(options)
        self._sync()

    @property
    def grid(self) -> GridWidget:
        """The panes."""
        return self._grid

    @property
    def drawer(self) -> Drawer:
        """The bottom drawer."""
        return self._drawer

    @property
    def toasts(self) -> ToastStack:
        """The messages on the screen."""
        return self._toasts

    @property
    def top_bar(self) -> TopBar:
        """The line at the top."""
        return self._top_bar

    @property
    def card(self) -> Card | None:
        """The dialog or overlay on top, None if there is none."""
        return self._scrims[-1].card if self._scrims else None

    def apply(self, options: UiOptions) -> None:
        """Follow changed settings."""
        old, self._options = self._options, options
        self._toasts.corner, self._toasts.duration_ms = options.toast_corner, options.toast_ms
        self._toasts.arrange()
        if options.drawer_height != old.drawer_height:
            self._drawer.set_open_height(options.drawer_height)
        if (options.font_family, options.font_px) != (old.font_family, old.font_px):
            self._font_px = options.font_px
            self._grid.use_rows(self._row_painter())
        self._show_states()

    def use_keys(self, machine: ModeMachine) -> None:
        """Changed key settings; a held Escape goes to its program first."""
        self._router.release()
        self._router.machine = machine
        self._show_leave_key()

    def run(self, line: str) -> None:
        """Run a command line for a key or a click; an error becomes a toast."""
        try:
            self._run(line)
        except NothingSelected:
            return  # a key without an object does nothing
        except SynkError as error:
            self._hub.publish(NoticeRaised("error", error.message))
        except Exception:
            log.exception("the command %s failed", line)
            title = f"Something went wrong in {line.split(' ')[0]}"
            self._hub.publish(NoticeRaised("error", title, "Nothing was changed. Details: log"))

    def use_agents(self, agents: Mapping[str, AgentChoice]) -> None:
        """The agents that are known, by id: new panes take their badges from these."""
        self._grid.use_agents(agents)

    def come_forward(self) -> None:
        """Show the window above others, as far as the desktop allows it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def grab_image(self, pane: int | None = None) -> QImage:
        """A picture of the window, or of one pane; a null image if there is no such pane."""
        widget: QWidget | None = self if pane is None else self._grid.pane_of(pane)
        return widget.grab().toImage() if widget is not None else QImage()

    def grab_to(self, path: str, pane: int | None, on_done: Callable[[str], None]) -> None:
        """Save a picture as PNG; encoding and writing happen on a thread of their own.

        `on_done` is called through the hub with "" or what went wrong.
        """
        image = self.grab_image(pane)
        if image.isNull():
            on_done(f"No pane {pane}")
            return

        def save() -> None:
            error = "" if image.save(path, "PNG") else f"Cannot write {path}"  # type: ignore[call-overload]
            self._hub.call(lambda: on_done(error))

        threading.Thread(target=save, name="synk-job-picture", daemon=True).start()

    # What the actions ask for (actions.ports.View)

    def show_workspace(self) -> None:
        """Selection, mode, page or zoom changed by the user: show it, and put the keyboard where it belongs."""
        self._sync()
        self._place_focus()

    def ask_agent(self, choices: Sequence[AgentChoice], last: str, on_choice: Callable[[AgentChoice], object]) -> None:
        """See `View.ask_agent`."""
        self._open(AgentCard(self._theme, choices, last, lambda choice: self._guard(lambda: on_choice(choice))))

    def ask(self, question: Question, on_confirm: Callable[[], object]) -> None:
        """See `View.ask`; the same question is not asked twice at a time."""
        if any(scrim.card.accessibleName() == question.title for scrim in self._scrims):
            return
        self._open(QuestionCard(self._theme, question, lambda: self._guard(on_confirm)))

    def close_topmost(self) -> None:
        """Card first, then toasts from the newest on."""
        if self._scrims:
            self._scrims[-1].card.cancel()
        else:
            self._toasts.close_newest()

    def toggle_panel(self, panel: str) -> None:
        """See `View.toggle_panel`."""
        if self._drawer.toggle_panel(panel):
            self._drawer.focus_panel()
        else:
            self._place_focus()

    def toggle_drawer(self) -> None:
        """Fold or open; the focus leaves a folded drawer."""
        had_focus = self._drawer.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self._drawer.toggle()
        if had_focus:
            self._place_focus()

    def toggle_help(self) -> None:
        """The keyboard overlay."""
        if isinstance(self.card, HelpCard):
            self.card.cancel()
            return
        card = HelpCard(self._theme, self._router.machine.keymap)
        margin = self._theme.sizes.space_xxl
        card.fit(self.width() - margin, self.height() - margin)
        self._open(card)

    def toggle_fullscreen(self) -> None:
        """Full screen, and back to what it was."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def move_focus(self, step: FocusStep) -> None:
        """Grid and drawer are the parts there are; both directions lead to the other one."""
        in_drawer = self.focusWidget() is not None and self._drawer.isAncestorOf(self.focusWidget())
        if step == "grid" or in_drawer or not self._drawer.is_open:
            self._place_focus()
        else:
            self._drawer.focus_panel()

    def change_font(self, step: FontStep) -> None:
        """One pixel at a time, within the bounds of the setting."""
        fonts = self._theme.fonts
        px = self._options.font_px if step == "reset" else self._font_px + (1 if step == "larger" else -1)
        px = min(max(px, fonts.terminal_min_px), fonts.terminal_max_px)
        if px != self._font_px:
            self._font_px = px
            self._grid.use_rows(self._row_painter())

    def scroll_view(self, step: ScrollStep) -> None:
        """Scroll the selected pane."""
        pane = self._selected_pane()
        if pane is None:
            return
        match step:
            case "page-up":
                pane.view.scroll_page(-1)
            case "page-down":
                pane.view.scroll_page(1)
            case "top":
                pane.view.scroll_to_top()
            case "bottom":
                pane.view.follow()

    def copy_selection(self) -> int:
        """See `View.copy_selection`."""
        pane = self._selected_pane()
        text = pane.view.mouse.text() if pane is not None else ""
        if text:
            QGuiApplication.clipboard().setText(text)
        return len(text)

    def paste(self) -> None:
        """See `View.paste`."""
        self._paste(QGuiApplication.clipboard().text())

    def quit(self) -> None:
        """See `View.quit`."""
        self._is_quitting = True
        self._on_quit()

    # Parts and wiring

    def _lay_out(self, project: str) -> None:
        size = self._theme.sizes
        self.setWindowTitle(f"Synk - {os.path.basename(project) or project}")
        self.setMinimumSize(size.window_min_width, size.window_min_height)
        self.resize(size.window_width, size.window_height)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top_bar)
        column.addWidget(self._grid, 1)
        column.addWidget(self._drawer)
        self._show_leave_key()

    def _connect(self) -> None:
        self._grid.pressed.connect(self._router.press)
        self._grid.pane_added.connect(self._wire_pane)
        self._drawer.pressed.connect(self._press_in_drawer)
        self._drawer.focus_left.connect(lambda forward: self.run(f"focus.move {'next' if forward else 'previous'}"))
        self._toasts.chosen.connect(self._go_to_notice)
        self._hub.subscribe(SessionOpened, self._on_opened)
        self._hub.subscribe(SessionClosed, self._on_closed)
        self._hub.subscribe(SessionChanged, self._on_changed)
        self._hub.subscribe(SessionOutput, self._on_output)
        self._hub.subscribe(NoticeRaised, self._toasts.add)
        self._hub.subscribe(PoolChanged, lambda _event: self._update_panels())

    def _wire_pane(self, pane: Pane) -> None:
        session, view = pane.session, pane.view
        view.pressed.connect(self._router.press)
        view.committed.connect(self._commit)
        view.wrote.connect(lambda data: self._manager.write(session, data))
        view.clicked.connect(lambda: self._click_body(session))
        view.middle_clicked.connect(self._paste_primary)
        pane.header_clicked.connect(lambda: self._click_header(session))
        pane.header_double_clicked.connect(lambda: self._zoom(session))
        pane.close_clicked.connect(lambda: self.run(f"session.close @{session.pane}"))

    def _row_painter(self) -> RowPainter:
        font = TerminalFont(
            self._theme.fonts, family=self._options.font_family, px=self._font_px, ratio=self.devicePixelRatioF()
        )
        return RowPainter(self._theme, font)

    def _show_leave_key(self) -> None:
        keymap = self._router.machine.keymap
        leave = next((b for b in keymap.bindings if b.command == "pane.leave"), None)
        if leave is not None:
            self._top_bar.show_leave_key(key_labels(leave)[0])

    # What happens to sessions

    def _on_opened(self, event: SessionOpened) -> None:
        session = next((s for s in self._manager.sessions if s.id == event.session), None)
        if session is not None:
            is_new = session.pane not in self._workspace.panes
            self._workspace.opened(session.pane, by_user=event.by_user and is_new)
        self._sync()
        if session is not None and event.by_user and is_new:
            self._place_focus()

    def _on_closed(self, event: SessionClosed) -> None:
        if self._manager.by_pane(event.pane) is None:  # else the number is in use again
            self._workspace.closed(event.pane)
        self._sync()
        self._place_focus(only_within_grid=True)

    def _on_changed(self, event: SessionChanged) -> None:
        for pane in self._grid.panes:
            if pane.session.id == event.session:
                pane.refresh()
        self._top_bar.show_workspace(self._workspace, self._manager.sessions)

    def _on_output(self, event: SessionOutput) -> None:
        for pane in self._grid.panes:
            if pane.session.id == event.session:
                pane.view.output()
                return

    def _update_panels(self) -> None:
        for panel in self._panels:
            panel.update()

    def _sync(self) -> None:
        """Bring panes, layout, borders and top bar in line with sessions and workspace."""
        sessions = self._manager.sessions
        open_panes = {session.pane for session in sessions}
        for number in [number for number in self._workspace.panes if number not in open_panes]:
            self._workspace.closed(number)
        for session in sessions:
            self._workspace.opened(session.pane, by_user=False)
        self._grid.take_sessions(sessions)
        self._grid.arrange(self._workspace)
        self._show_states()

    def _show_states(self) -> None:
        options = self._options
        dim_by = 1 - options.unfocused_opacity if options.dim_unfocused else 0.0
        self._grid.show_states(self._workspace, dim_by=dim_by, moves=not options.reduce_motion)
        self._top_bar.show_workspace(self._workspace, self._manager.sessions)

    # Keys, text and clicks

    def _situation(self) -> Situation:
        session = self._selected_session()
        ended_at = session.ended_at if session is not None else None
        ended_for_s = None if ended_at is None or session is None or session.is_live else max(0.0, time.time() - ended_at)
        return Situation(self._workspace.mode, session.pane if session is not None else None, ended_for_s)

    def _selected_session(self) -> Session | None:
        selected = self._workspace.selected
        return self._manager.by_pane(selected) if selected is not None else None

    def _selected_pane(self) -> Pane | None:
        return self._grid.pane_of(self._workspace.selected)

    def _send(self, number: int, press: KeyPress) -> None:
        """A key for the program in a pane; typing brings a scrolled view back to the newest line."""
        session = self._manager.by_pane(number)
        if session is None or not session.is_live:
            return
        data = encode_key(press, session.emulator.modes)
        if data:
            self._manager.write(session, data)
            pane = self._grid.pane_for(session)
            if pane is not None:
                pane.view.follow()

    def _commit(self, text: str) -> None:
        """Text from an input method, after whatever was typed before it."""
        self._router.release()
        session = self._selected_session()
        if session is not None and session.is_live and self._workspace.mode is Mode.TERMINAL:
            self._manager.write(session, text.encode())

    def _paste(self, text: str) -> None:
        self._router.release()
        session = self._selected_session()
        if text and session is not None and session.is_live:
            self._manager.write(session, encode_paste(text, session.emulator.modes))

    def _paste_primary(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard.supportsSelection():
            self._paste(clipboard.text(clipboard.Mode.Selection))

    def _click_body(self, session: Session) -> None:
        """A click in a body selects the pane and enters terminal mode there."""
        self._router.release()
        if self._workspace.selected != session.pane:
            self.run(f"pane.select @{session.pane}")
        if self._workspace.mode is not Mode.TERMINAL or not self._grid.isAncestorOf(self.focusWidget() or self):
            self.run("pane.type")

    def _click_header(self, session: Session) -> None:
        """On the focused pane back to navigation, on another select it only."""
        self._router.release()
        if self._workspace.selected == session.pane and self._workspace.mode is Mode.TERMINAL:
            self.run("pane.leave")
        else:
            self.run(f"pane.select @{session.pane}")

    def _zoom(self, session: Session) -> None:
        self.run(f"pane.select @{session.pane}")
        self.run("pane.zoom")

    def _press_in_drawer(self, press: KeyPress) -> None:
        binding = self._router.machine.keymap.find(press, Where.DRAWER)
        if binding is not None:
            self.run(binding.command)
        else:
            self._router.press(press)

    def _press_in_card(self, press: KeyPress) -> None:
        binding = self._router.machine.keymap.find(press, Where.DIALOG)
        if binding is not None:
            self.run(binding.command)

    def _go_to_notice(self, notice: NoticeRaised) -> None:
        session = next((s for s in self._manager.sessions if s.id == notice.session), None)
        if session is not None:
            self.run(f"pane.select @{session.pane}")

    def _resize_session(self, session: Session, cols: int, rows: int) -> None:
        self._manager.resize(session, cols=cols, rows=rows)
        pane = self._grid.pane_for(session)
        if pane is not None:
            pane.view.update()

    # Cards and focus

    def _open(self, card: Card) -> None:
        scrim = Scrim(card, self)
        card.pressed.connect(self._press_in_card)
        card.finished.connect(lambda: self._close(scrim))
        self._scrims.append(scrim)
        scrim.show()
        self._toasts.raise_()
        card.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close(self, scrim: Scrim) -> None:
        if scrim in self._scrims:
            self._scrims.remove(scrim)
            scrim.hide()
            scrim.deleteLater()
            self._place_focus()

    def _guard(self, act: Callable[[], object]) -> None:
        """Run what a card confirmed, with the errors of a command."""
        try:
            act()
        except SynkError as error:
            self._hub.publish(NoticeRaised("error", error.message))

    def _place_focus(self, *, only_within_grid: bool = False) -> None:
        """The keyboard goes to the topmost card, else to the selected terminal or the grid.

        With `only_within_grid` it stays where it is if that is another part of the window (rule G2).
        """
        focused = self.focusWidget()
        if only_within_grid and focused is not None and not (focused is self._grid or self._grid.isAncestorOf(focused)):
            return
        pane = self._selected_pane()
        if self._scrims:
            self._scrims[-1].card.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._workspace.mode is Mode.TERMINAL and pane is not None:
            pane.view.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._grid.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_states()

    # Qt's events

    def changeEvent(self, event: QEvent) -> None:
        """The cursor is hollow in a window that is not active."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self._show_states()

    def resizeEvent(self, _event: object) -> None:
        """What floats keeps its place."""
        for scrim in self._scrims:
            if isinstance(scrim.card, HelpCard):
                margin = self._theme.sizes.space_xxl
                scrim.card.fit(self.width() - margin, self.height() - margin)
            scrim.arrange()
        self._toasts.arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no part took (the focus is nowhere) go to the grid."""
        self._grid.keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the window is `app.quit`: it may ask, and the shutdown hides the window."""
        event.ignore()
        if not self._is_quitting:
            self.run("app.quit")
