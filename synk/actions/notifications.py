"""The history of notices, and the log behind "Details: log"."""

from pathlib import Path
from typing import Protocol

from synk.actions.ports import Sessions
from synk.base.errors import UsageError
from synk.commands.registry import command

PAGER = "less"


class History(Protocol):
    """The part of the window that shows notices."""

    def toggle_history(self) -> None:
        """Open the history, or close it."""

    def clear(self) -> int:
        """Forget all entries; how many there were."""


class NotificationActions:
    """Commands about what the user was told."""

    def __init__(self, history: History, manager: Sessions, *, log_file: Path | None) -> None:
        """`log_file`: the log that is written; None if there is none."""
        self._history = history
        self._manager = manager
        self._log_file = log_file

    @command("history.open")
    def open_history(self) -> None:
        """Show the notifications of the last 30 days, or hide them."""
        self._history.toggle_history()

    @command("history.clear")
    def clear_history(self) -> str:
        """Forget all notifications."""
        count = self._history.clear()
        return f"Cleared {count} notification{'s' if count != 1 else ''}"

    @command("log.show")
    def show_log(self) -> str:
        """Read the end of the log in a pane."""
        path = self._log_file
        if path is None:
            raise UsageError("There is no log: its folder cannot be written")
        self._manager.create(argv=[PAGER, "+G", str(path)], note="log")
        return f"The log is {path}"
