"""The verbs of `synk ctl`, answered by the window: the only writer of the PTYs it holds (07-automation.md, section 12)."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from synk.actions.ports import AgentChoice
from synk.actions.sessions import open_session
from synk.actions.texts import Piece, last_output, rows_from
from synk.actions.waits import Done, Waits
from synk.base.errors import NoSuchTarget, SynkError, UsageError
from synk.base.events import Event
from synk.base.keypress import KeyPress
from synk.commands.line import CommandRunner, resolve_targets
from synk.keys.chords import press_of
from synk.sessions.events import TabsChanged
from synk.sessions.manager import SessionManager
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs
from synk.terminal.keyboard import encode_key
from synk.terminal.paste import encode_paste

log = logging.getLogger(__name__)

Arguments = Mapping[str, Any]


class Screen(Protocol):
    """What the control interface needs of the window."""

    def show_workspace(self) -> None:
        """Selection, mode, page or zoom changed."""

    def grab_to(self, path: str, pane: int | None, on_done: Callable[[str], None]) -> None:
        """Save a PNG of the window, or of one pane; `on_done` gets "" or what went wrong."""

    def come_forward(self) -> None:
        """Show the window above others."""


class Control:
    """Answers control verbs; GUI thread. Only `focus` and `do` change what is selected or shown (G2)."""

    def __init__(
        self,
        manager: SessionManager,
        tabs: Tabs,
        runner: CommandRunner,
        screen: Screen,
        waits: Waits,
        *,
        agents: Callable[[], Sequence[AgentChoice]],
        notify: Callable[[Event], None],
        pool_stats: Callable[[Done], None],
    ) -> None:
        self._manager = manager
        self._tabs = tabs
        self._runner = runner
        self._screen = screen
        self._waits = waits
        self._agents = agents
        self._notify = notify
        self._pool_stats = pool_stats

    def handle(self, verb: str, arguments: Arguments, done: Done) -> None:
        """Run one verb; `done` gets its result or the error, now or later."""
        answer = self._VERBS.get(verb)
        try:
            if answer is None:
                raise UsageError(f"Unknown verb {verb!r}. There are: {', '.join(self._VERBS)}")
            result = answer(self, arguments, done)
        except SynkError as error:
            done(error)
        except Exception as error:
            # Whoever asked waits for an answer.
            log.exception("ctl %s failed", verb)
            done(SynkError(f"Synk failed: {type(error).__name__}: {error}"))
        else:
            if result is not None:
                done(result)

    def _list(self, arguments: Arguments, _done: Done) -> dict[str, Any]:
        what = arguments.get("what", "sessions")
        if what not in ("sessions", "panes"):
            raise UsageError(f"There is no list of {what}: sessions or panes")
        rows = [self._describe(session) for session in self._manager.sessions]
        tabs = [tab.project for tab in self._tabs.all]
        place = {"tabs": tabs, "project": self._tabs.project}
        return {what: rows, "mode": self._tabs.workspace.mode.name.lower(), "selected": self._tabs.workspace.selected, **place}

    def _new(self, arguments: Arguments, _done: Done) -> dict[str, Any]:
        wanted = str(arguments.get("agent") or "terminal")
        choice = next((choice for choice in self._agents() if choice.id == wanted), None)
        if choice is None:
            known = ", ".join(choice.id for choice in self._agents())
            raise UsageError(f'No agent is called "{wanted}". There is {known}')
        session = open_session(
            self._manager,
            choice,
            notify=self._notify,
            directory=arguments.get("cwd"),
            variables=arguments.get("env"),
            argv=arguments.get("argv") or (),
            select=False,
        )
        return {"session": session.id, "pane": session.pane}

    def _send_text(self, arguments: Arguments, _done: Done) -> dict[str, Any]:
        targets = self._targets(arguments)
        ended = next((session for session in targets if not session.is_live), None)
        if ended is not None:
            raise NoSuchTarget(f"Session {ended.id} has ended: nothing was sent")
        text = str(arguments.get("text", ""))
        presses = [press_of(key) for key in arguments.get("keys", ())]
        if arguments.get("enter"):
            presses.append(KeyPress("enter"))
        if not text and not presses:
            raise UsageError("send-text needs a text, --key or --enter")
        written = 0
        for session in targets:
            modes = session.emulator.modes
            # Bytes that are no UTF-8 come as lone surrogates and go as the bytes they were.
            data = encode_paste(text, modes) if arguments.get("paste") else text.encode("utf-8", "surrogateescape")
            data += b"".join(encode_key(press, modes) for press in presses)
            if not self._manager.write(session, data):
                raise SynkError(f"Session {session.id} does not read its input: nothing was sent")
            self._waits.note_input(session)
            written += len(data)
        return {"bytes": written}

    def _get_text(self, arguments: Arguments, _done: Done) -> dict[str, Any]:
        session = self._target(arguments)
        emulator = session.emulator
        what = arguments.get("what", "screen")
        cursor = None if arguments.get("cursor") is None else int(arguments["cursor"])
        ansi = bool(arguments.get("ansi"))
        top = emulator.scrolled_total
        result: dict[str, Any] = {"cursor": top + emulator.cursor.y, "session": session.id, "pane": session.pane}
        piece: Piece | None
        match what:
            case "screen" | "scrollback":
                first = top if what == "screen" else top - len(emulator.scrollback)
                piece = rows_from(emulator, first if cursor is None else cursor, ansi=ansi)
            case "last-command":
                piece = last_output(emulator, cursor, ansi=ansi)
                if piece is None:
                    raise NoSuchTarget(f"Session {session.id} has told of no command whose output is still there")
                is_running = session.is_command_running
                result |= {"is_running": is_running, "status": None if is_running else session.last_exit}
            case _:
                raise UsageError(f"There is no text of {what}: screen, scrollback or last-command")
        result["text"] = piece.text
        # The rest is asked for with this as the cursor; lines that have scrolled out meanwhile are gone.
        return result if piece.next is None else {**result, "next": piece.next}

    def _close(self, arguments: Arguments, _done: Done) -> dict[str, Any]:
        targets = self._targets(arguments)
        busy = [session for session in targets if self._manager.is_busy(session)]
        if busy and not arguments.get("yes"):
            raise SynkError(f"Pane {busy[0].pane} runs {self._manager.program_of(busy[0])}. Add --yes to end it.")
        for session in targets:
            self._manager.close(session)
        return {"closed": [session.id for session in targets]}

    def _focus(self, arguments: Arguments, _done: Done) -> dict[str, Any]:
        session = self._target(arguments)
        self._tabs.show(self._tabs.by_project(session.project))
        self._tabs.workspace.select(session.pane)
        self._screen.show_workspace()
        return {"session": session.id, "pane": session.pane}

    def _wait_for(self, arguments: Arguments, done: Done) -> dict[str, Any] | None:
        number = str(arguments.get("target")).removeprefix("session:")
        past = self._manager.past_exits.get(int(number)) if number.isdigit() else None
        if arguments.get("until") == "exit" and past is not None and self._manager.by_id(int(number)) is None:
            return {"happened": "exit", "code": past.code, "signal": past.signal}
        self._waits.add(self._target(arguments), arguments, done)
        return None

    def _screenshot(self, arguments: Arguments, done: Done) -> None:
        path = str(arguments.get("file") or "")
        if not path:
            raise UsageError("screenshot needs a file")
        target = arguments.get("target") or "window"
        pane = None if target == "window" else self._target(arguments).pane
        self._screen.grab_to(path, pane, lambda problem: done(SynkError(problem) if problem else {"file": path}))

    def _open(self, arguments: Arguments, _done: Done) -> dict[str, Any]:
        """A second `synk PATH`: this window comes forward with that folder; a second `synk`: as it is."""
        path = str(arguments.get("path") or "")
        if path and not os.path.isdir(path):
            raise SynkError(f"{path} is not a folder")
        if path:
            self._tabs.open(os.path.realpath(path))
            self._notify(TabsChanged())
            self._screen.show_workspace()
        self._screen.come_forward()
        return {"project": self._tabs.project}

    def _stats(self, _arguments: Arguments, done: Done) -> None:
        self._pool_stats(done)

    def _do(self, arguments: Arguments, _done: Done) -> dict[str, Any]:
        return {"result": self._runner.run(str(arguments.get("line", "")))}

    def _targets(self, arguments: Arguments) -> Sequence[Session]:
        spec = str(arguments.get("target") or "")
        if not spec:
            raise UsageError("Name a target: @PANE or session:ID")
        if not spec.startswith(("@", "session:")):
            raise UsageError(f"{spec} is no target: @PANE or session:ID")
        sessions = self._manager.sessions
        shown = self._tabs.shown(sessions)
        try:
            return resolve_targets(spec, shown, sessions)
        except NoSuchTarget as error:
            if not shown or "session:" in spec:
                raise
            # Who asks from outside sees no grid.
            raise NoSuchTarget(f"{error.message}. There are {', '.join(f'@{session.pane}' for session in shown)}") from error

    def _target(self, arguments: Arguments) -> Session:
        targets = self._targets(arguments)
        if len(targets) != 1:
            raise UsageError(f"{arguments.get('target')} names {len(targets)} sessions; one is needed")
        return targets[0]

    def _describe(self, session: Session) -> dict[str, Any]:
        return {
            "session": session.id,
            "pane": session.pane,
            "agent": session.agent,
            "status": session.status.value,
            "title": session.title or session.program_title,
            "note": session.note,
            "project": session.project,
            "working_dir": session.working_dir,
            "pid": session.pid,
            "started_at": session.started_at,
            "ended_at": session.ended_at,
            "exit": None if session.exit is None else {"code": session.exit.code, "signal": session.exit.signal},
            "current_dir": session.current_dir,
            "last_exit": session.last_exit,
            "bar": session.bar,
            "cols": session.emulator.cols,
            "rows": session.emulator.rows,
            "is_selected": session is self._tabs.selected(self._manager.sessions),
        }

    _VERBS: ClassVar[dict[str, Callable[["Control", Arguments, Done], dict[str, Any] | None]]] = {
        "list": _list,
        "new": _new,
        "send-text": _send_text,
        "get-text": _get_text,
        "close": _close,
        "focus": _focus,
        "wait-for": _wait_for,
        "screenshot": _screenshot,
        "pool-stats": _stats,
        "do": _do,
        "open": _open,
    }
