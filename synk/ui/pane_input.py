"""What the user does to panes: keys, committed text, pastes and clicks, on their way to programs and commands."""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QClipboard, QGuiApplication

from synk.actions.ports import Question, Sessions
from synk.base.events import Hub, NoticeRaised
from synk.base.keypress import KeyPress
from synk.keys.modes import Mode, ModeMachine, Situation
from synk.sessions.broadcast import Broadcast
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs
from synk.sessions.workspace import Workspace
from synk.terminal.keyboard import encode_key, encode_text
from synk.terminal.paste import encode_paste, quote_paths
from synk.terminal.texts import plain
from synk.ui.grid import GridWidget
from synk.ui.keys import KeyRouter
from synk.ui.pane import Pane

SHOWN_LINES, SHOWN_CHARACTERS = 6, 80
"""What is shown of a paste that is asked about."""


class PaneInput:
    """Wires panes to the mode machine, the manager and the commands. Whatever follows a held Escape lets it go first."""

    def __init__(
        self,
        grid: GridWidget,
        *,
        machine: ModeMachine,
        manager: Sessions,
        tabs: Tabs,
        broadcast: Broadcast,
        hub: Hub,
        run: Callable[[str], None],
        ask: Callable[[Question, Callable[[], object]], None],
        now: Callable[[], float],
    ) -> None:
        self.router = KeyRouter(machine, situation=self.situation, run=run, send=self.send, now=now, parent=grid)
        """Gets every key press of the panes."""
        self._grid = grid
        self._manager = manager
        self._tabs = tabs
        self._broadcast = broadcast
        self._hub = hub
        self._run = run
        self._ask = ask
        self.confirms_paste = True
        """Whether several lines for a program without bracketed paste are asked about."""
        self.after_key: Callable[[Session], None] = lambda _session: None
        """Called when a key was sent to a program: its echo may be there in a moment."""
        grid.pressed.connect(self.router.press)
        grid.pane_added.connect(self._wire)

    @property
    def session(self) -> Session | None:
        """The selected session."""
        return self._tabs.selected(self._manager.sessions)

    @property
    def _workspace(self) -> Workspace:
        return self._tabs.workspace

    def situation(self, press: KeyPress) -> Situation:
        """What a key meets."""
        session = self.session
        if session is None:
            return Situation(self._workspace.mode, None)
        ended_for_s = None
        # Who types into several goes on when the program of the selected pane ends; the bar's keys wait.
        if not session.is_live and session.ended_at is not None and not self._broadcast.is_on:
            ended_for_s = max(0.0, time.time() - session.ended_at)
        # Only asked for the one key it is about: this is on the way of every key.
        holds_escape = press.name == "escape" and any(
            [not each.emulator.modes.alternate_screen for each in self._receivers(session)]
        )
        return Situation(self._workspace.mode, session.pane, ended_for_s, holds_escape)

    def _receivers(self, session: Session) -> Sequence[Session]:
        """Who gets what is typed into this session: it alone, or everybody of the broadcast, the selected one first."""
        targets = self._broadcast.targets
        if not targets:
            return (session,)
        return sorted(targets, key=lambda target: target is not session)

    def send(self, number: int, press: KeyPress) -> None:
        """A key for the program in a pane; typing brings a scrolled view back to the newest line."""
        session = self._tabs.in_pane(number, self._manager.sessions)
        sent: list[Session] = []
        for each in self._receivers(session) if session is not None else ():
            data = encode_key(press, each.emulator.modes) if each.is_live else b""
            if data:
                self._manager.write(each, data)
                sent.append(each)
        for each in sent if not (press.released or press.is_modifier) else ():
            pane = self._grid.pane_for(each)
            if pane is not None:
                pane.view.follow()
        if sent:
            self.after_key(sent[0])

    def commit(self, text: str) -> None:
        """Text from an input method, once, after whatever was typed before it."""
        self.router.release()
        session = self.session
        if session is not None and self._workspace.mode is Mode.TERMINAL:
            for each in self._receivers(session):
                if each.is_live:
                    self._manager.write(each, encode_text(text, each.emulator.modes))

    def paste(self, source: QClipboard.Mode = QClipboard.Mode.Clipboard) -> None:
        """Paste into the program under the keyboard; one that reads slowly gets all of it, later."""
        session = self.session
        if session is not None:
            self.put(session, QGuiApplication.clipboard().text(source))

    def put(self, session: Session, text: str) -> None:
        """Give a text to a program as if it were pasted; asks if the program would run it line by line as it comes."""
        self.router.release()
        receivers = [each for each in self._receivers(session) if each.is_live]
        if not text or not receivers:
            return
        lines = text.strip("\r\n").splitlines()
        is_run_at_once = any(not each.emulator.modes.bracketed_paste for each in receivers)
        if len(lines) > 1 and self.confirms_paste and is_run_at_once:
            self._ask(paste_question(receivers, lines), lambda: self._put(receivers, text))
        else:
            self._put(receivers, text)

    def _put(self, receivers: Sequence[Session], text: str) -> None:
        for session in receivers:
            if session.is_live and not self._manager.write(session, encode_paste(text, session.emulator.modes)):
                title = f"Nothing was pasted: the program in pane {session.pane} does not read its input"
                self._hub.publish(NoticeRaised("error", title, "Try again when it does.", session=session.id))

    def _drop(self, session: Session, mime: QMimeData) -> None:
        """Files become their quoted paths, anything else is pasted as text; the keyboard follows."""
        self._click_body(session)
        paths = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        if paths:
            self.router.release()
            self._put(self._receivers(session), quote_paths(paths))
        else:
            self.put(session, mime.text())

    def _wire(self, pane: Pane) -> None:
        session, view = pane.session, pane.view
        view.on_press = self.router.press
        # Functions, not methods: for a method PySide (6.11) keeps a weak reference to the object, long after the view is gone.
        view.committed.connect(lambda text: self.commit(text))
        view.wrote.connect(lambda data: self._manager.write(session, data))
        view.clicked.connect(lambda: self._click_body(session))
        view.middle_clicked.connect(lambda: self._paste_primary())
        view.dropped.connect(lambda mime: self._drop(session, mime))
        pane.header_clicked.connect(lambda: self._click_header(session))
        pane.header_double_clicked.connect(lambda: self._zoom(session))
        pane.close_clicked.connect(lambda: self._run(f"session.close @{session.pane}"))

    def _paste_primary(self) -> None:
        if QGuiApplication.clipboard().supportsSelection():
            self.paste(QClipboard.Mode.Selection)

    def _click_body(self, session: Session) -> None:
        """A click in a body selects the pane and enters terminal mode there."""
        self.router.release()
        pane = self._grid.pane_for(session)
        if self._workspace.selected != session.pane:
            self._run(f"pane.select @{session.pane}")
        if self._workspace.mode is not Mode.TERMINAL or (pane is not None and not pane.view.hasFocus()):
            self._run("pane.type")

    def _click_header(self, session: Session) -> None:
        """On the focused pane's header back to navigation, on another header select only."""
        self.router.release()
        if self._workspace.selected == session.pane and self._workspace.mode is Mode.TERMINAL:
            self._run("pane.leave")
        else:
            self._run(f"pane.select @{session.pane}")

    def _zoom(self, session: Session) -> None:
        self._run(f"pane.select @{session.pane}")
        self._run("pane.zoom")


def paste_question(receivers: Sequence[Session], lines: Sequence[str]) -> Question:
    """What is about to be pasted, and why that is asked."""
    first = receivers[0]
    program = first.program or first.agent if len(receivers) == 1 else f"{len(receivers)} sessions"
    shown = [plain(line, SHOWN_CHARACTERS) for line in lines[:SHOWN_LINES]]
    if len(lines) > SHOWN_LINES:
        shown.append(f"... and {len(lines) - SHOWN_LINES} more")
    return Question(
        f"Paste {len(lines)} lines into {program}?",
        "It may run each line as it comes.\n\n" + "\n".join(shown),
        confirm="Paste",
        keep="Cancel",
    )
