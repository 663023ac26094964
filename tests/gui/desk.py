"""A real window over a fake manager: real emulators, real key and mouse events, no process."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from synk.actions.application import ApplicationActions
from synk.actions.attention import AttentionActions
from synk.actions.broadcast import BroadcastActions
from synk.actions.display import DisplayActions
from synk.actions.editing import EditingActions
from synk.actions.navigation import NavigationActions
from synk.actions.ports import TERMINAL, AgentChoice
from synk.actions.reading import ReadingActions
from synk.actions.sessions import SessionActions
from synk.app.line import agent_words, build_line, command_words, key_words
from synk.base.events import Hub
from synk.commands.completion import Suggestion
from synk.commands.history import LineHistory
from synk.commands.line import CommandRunner
from synk.commands.registry import Registry
from synk.keys.chords import parse_chord
from synk.keys.keymap import ExitMethod, Keymap
from synk.keys.modes import ModeMachine
from synk.sessions.broadcast import Broadcast
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs
from synk.sessions.workspace import Workspace
from synk.ui.bridge import Bridge
from synk.ui.cards import CardStack
from synk.ui.options import UiOptions
from synk.ui.pane import Pane
from synk.ui.panels.pool import Members, PoolPanel
from synk.ui.theme import Theme
from synk.ui.window import Window
from tests.gui.fakes import FakeManager

KEYS: dict[str, int] = {
    "enter": Qt.Key.Key_Return, "tab": Qt.Key.Key_Tab, "escape": Qt.Key.Key_Escape, "backspace": Qt.Key.Key_Backspace,
    "up": Qt.Key.Key_Up, "down": Qt.Key.Key_Down, "left": Qt.Key.Key_Left, "right": Qt.Key.Key_Right,
    "pageup": Qt.Key.Key_PageUp, "pagedown": Qt.Key.Key_PageDown, "home": Qt.Key.Key_Home, "end": Qt.Key.Key_End,
    "f11": Qt.Key.Key_F11, "delete": Qt.Key.Key_Delete, "space": Qt.Key.Key_Space,
}  # fmt: skip


class FakePool:
    """A pool whose numbers the test sets."""

    def __init__(self) -> None:
        self.numbers: dict[str, Any] = {
            "idle": 2, "warming": 0, "active": 1, "recycling": 0,
            "targets": {"initial_pool_size": 2, "max_pool_size": 4, "max_active": 12},
            "claims": 13, "claims_warm": 12, "claims_cold": 1, "claim_last_ms": 8.4, "claim_p50_ms": 7.9, "claim_p95_ms": 31.0,
            "recycles": 3, "recycles_failed": 0, "kills": 1, "last_error": "", "memory_pressure": False, "shell": "/bin/bash",
        }  # fmt: skip
        self.members: list[Mapping[str, Any]] = [
            {"pid": 4711, "tty": "/dev/pts/3", "state": "idle", "age_s": 12.0, "memory_bytes": 8_300_000, "program": "/bin/bash"},
            {"pid": 4712, "tty": "/dev/pts/4", "state": "idle", "age_s": 95.0, "memory_bytes": None, "program": "/bin/bash"},
            {"pid": 4713, "tty": "/dev/pts/5", "state": "active", "age_s": 4e3, "memory_bytes": 9_000_000, "program": "/bin/zsh"},
        ]
        self.detached: list[Mapping[str, Any]] = []
        self.requests = 0
        self.refreshed = 0
        self.killed: list[int] = []

    def stats(self) -> Mapping[str, Any]:
        return self.numbers

    def request_members(self, on_members: Members) -> None:
        self.requests += 1
        on_members(self.members, self.detached)

    def refresh(self) -> None:
        self.refreshed += 1

    def kill_detached(self, pid: int) -> None:
        self.killed.append(pid)


class FakeEngine:
    """What runs, as the test sets it."""

    def __init__(self) -> None:
        self.entries: list[Mapping[str, Any]] = []
        self.commands: list[str] = []

    def request_entries(self, on_entries: Callable[[Sequence[Mapping[str, Any]]], None]) -> None:
        on_entries(self.entries)


class Clock:
    """Stands still unless the test lets time pass, so that a slow machine does not change what two key presses mean."""

    def __init__(self) -> None:
        self._now_s = 1000.0

    def __call__(self) -> float:
        return self._now_s

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._now_s += seconds


class Desk:
    """Everything a test touches."""

    def __init__(self, theme: Theme, *, exit_method: ExitMethod = "double_escape", hold_first_escape: bool = False) -> None:
        self.bridge = Bridge()
        self.hub = Hub(self.bridge.wake)
        self.bridge.add(self.hub.deliver)
        self.manager = FakeManager(self.hub)
        self.tabs = Tabs("/home/user/api")
        self.tabs.open("/home/user/api")
        self.pool = FakePool()
        self.quits = 0
        self.ran: list[str] = []
        """Command lines that keys and clicks ran."""
        self.clock = Clock()
        self.agents: list[AgentChoice] = [TERMINAL]
        registry = Registry()
        self.runner = CommandRunner(
            registry, sessions=self._shown, selected=self._selected, everywhere=lambda: self.manager.sessions
        )
        self.engine = FakeEngine()
        self.panel = PoolPanel(theme, self.pool, self.engine, run=self.engine.commands.append)
        self.opened_urls: list[str] = []
        """Links the window wanted shown."""
        self.broadcast = Broadcast()
        self.is_first_broadcast = False
        self.window = Window(
            theme=theme,
            options=UiOptions(),
            manager=self.manager,
            tabs=self.tabs,
            hub=self.hub,
            machine=ModeMachine(Keymap(exit_method=exit_method), hold_first_escape=hold_first_escape),
            run=self._run,
            panels=[self.panel],
            on_quit=self._quit,
            open_url=self.opened_urls.append,
            broadcast=self.broadcast,
            now=self.clock,
        )
        view = self.window
        registry.add(SessionActions(self.manager, self.tabs, view, agents=lambda: self.agents))
        registry.add(NavigationActions(self.tabs, view))
        registry.add(DisplayActions(view))
        registry.add(ReadingActions(view.reading))
        registry.add(
            EditingActions(
                self.manager,
                environment={"EDITOR": "vi"},
                submit=lambda work, done: done(work()),
                notify=self.hub.publish,
            )
        )
        registry.add(ApplicationActions(self.manager, view))
        registry.add(AttentionActions(self.tabs, self.manager, view))
        registry.add(
            BroadcastActions(
                self.broadcast, self.tabs, self.manager, view, is_first=lambda: self.is_first_broadcast, notify=self.hub.publish
            )
        )
        self.words: dict[str, list[str]] = {"projects": [], "layouts": [], "settings": []}
        """What else a parameter may be, by the names of the sources."""
        self.remembered: list[str] = []
        """Lines the command bar wanted kept."""
        self.secrets: set[int] = set()
        """Ids of sessions whose programs read a password."""
        self.line = build_line(
            view,
            self.runner,
            sources={
                "agents": agent_words(lambda: self.agents),
                "commands": command_words(registry),
                "keys": key_words(),
                **{name: lambda name=name: map(Suggestion, self.words[name]) for name in self.words},
            },
            history=LineHistory(),
            remember=self.remembered.append,
            asks_for_secret=lambda session: session.id in self.secrets,
        )

    @property
    def workspace(self) -> Workspace:
        """That of the tab shown."""
        return self.tabs.workspace

    def open(self, count: int) -> None:
        """Open so many sessions as the user would and go back to navigation."""
        for _ in range(count):
            self.runner.run("session.new terminal")
        self.runner.run("pane.leave")
        self.hub.deliver()

    def press(self, *chords: str) -> None:
        """Press keys, written as in the key table (`ctrl+shift+c`), on whatever has the keyboard."""
        for text in chords:
            chord = parse_chord(text)
            key, modifiers = KEYS.get(chord.name, 0) or ord(chord.name.upper()), Qt.KeyboardModifier.NoModifier
            for is_held, modifier in (
                (chord.ctrl, Qt.KeyboardModifier.ControlModifier),
                (chord.shift, Qt.KeyboardModifier.ShiftModifier),
                (chord.alt, Qt.KeyboardModifier.AltModifier),
            ):
                modifiers |= modifier if is_held else Qt.KeyboardModifier.NoModifier
            if chord.name == "tab" and chord.shift:
                key = Qt.Key.Key_Backtab
            target = self.window.widget.focusWidget() or self.window.widget
            QTest.keyClick(target, Qt.Key(key), modifiers)
        self.hub.deliver()

    def type(self, text: str) -> None:
        """Type text on whatever has the keyboard."""
        QTest.keyClicks(self.window.widget.focusWidget(), text)
        self.hub.deliver()

    @property
    def cards(self) -> CardStack:
        return self.window.widget.cards

    def pane(self, number: int) -> Pane:
        """The pane widget of that number."""
        pane = self.window.widget.grid.pane_of(number)
        assert pane is not None
        return pane

    def written(self, pane: int) -> bytes:
        """What the program of a pane was sent so far."""
        session = self.tabs.in_pane(pane, self.manager.sessions)
        assert session is not None
        return self.manager.written.get(session.id, b"")

    def close(self) -> None:
        """Take the window down."""
        self.window.close_down()
        self.bridge.close()

    def _selected(self) -> Session | None:
        return self.tabs.selected(self.manager.sessions)

    def _shown(self) -> list[Session]:
        return self.tabs.shown(self.manager.sessions)

    def _run(self, line: str) -> str:
        self.ran.append(line)
        return self.runner.run(line)

    def _quit(self) -> None:
        self.quits += 1
