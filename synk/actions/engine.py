"""Runs, REPLs and engine sessions from the window: stopping them, and showing them as panes."""

from collections.abc import Callable, Sequence

from synk.actions.ports import EngineControl, Sessions
from synk.base.errors import UsageError
from synk.commands.registry import command

KINDS = {"r": "run", "k": "REPL", "s": "session"}
"""What the letter of an id stands for."""


class EngineActions:
    """Commands about what the engine runs, by id: `r12` is a run, `k4` a REPL, `s7` a session without a pane."""

    def __init__(self, engine: EngineControl, manager: Sessions, *, synk: Callable[[], Sequence[str]]) -> None:
        """`synk`: the command that starts this very Synk, for programs in panes."""
        self._engine = engine
        self._manager = manager
        self._synk = synk

    @command("engine.stop")
    def stop(self, id: str) -> str:
        """End a run, a REPL or an engine session."""
        kind = _kind(id)
        self._engine.stop(kind, id)
        return f"Stopping {id}"

    @command("engine.open")
    def open(self, id: str) -> str:
        """Show a run's output, or an engine session, as a pane."""
        kind = _kind(id)
        if kind == "session":
            self._engine.show_session(int(id[1:]))
            return f"Opening session {id[1:]}"
        if kind == "REPL":
            session = self._manager.create(argv=(*self._synk(), "repl", "open", id), is_repl=True)
        else:
            session = self._manager.create(argv=(*self._synk(), "runs", "follow", id))
        self._manager.rename(session, f"{kind} {id}")
        return f"Opened {id} in pane {session.pane}"


def _kind(id: str) -> str:
    if id[:1] not in KINDS or not id[1:].isdecimal():
        raise UsageError(f"{id} is no run (r12), REPL (k4) or engine session (s7)")
    return KINDS[id[0]]
