"""Leaving Synk."""

from synk.actions.ports import Question, Sessions, View
from synk.commands.registry import command


class ApplicationActions:
    """Commands about the program as a whole."""

    def __init__(self, manager: Sessions, view: View) -> None:
        self._manager = manager
        self._view = view

    @command("app.quit", short="quit")
    def quit(self) -> None:
        """Quit; asks once, naming the sessions that run a program."""
        busy = self._manager.busy_sessions()
        if not busy:
            self._view.quit()
            return
        lines = [f"{self._manager.program_of(session)} in pane {session.pane}" for session in busy]
        count = f"{len(busy)} sessions are" if len(busy) > 1 else "One session is"
        self._view.ask(
            Question(f"Quit Synk? {count} still running", "\n".join(lines), confirm="Quit", keep="Stay"), self._view.quit
        )
