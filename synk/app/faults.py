"""Tells the user of unexpected exceptions, which otherwise only the log would know of."""

import logging
import traceback
from collections.abc import Callable

from synk.base.events import Event, NoticeRaised

TELL_THEMSELVES = frozenset({"synk.ui.guard", "synk.ui.drawer", "synk.ui.line.command_line", "synk.ui.sidebar.sidebar"})
"""Loggers of modules that show what failed in its own place."""
MOST_PLACES = 20
"""A window in which that many places fail needs no more messages."""


class Faults(logging.Handler):
    """One message for each place an exception came from, however often it does: a failing paint fails in every frame.

    Any thread; `tell` publishes an event. Add it to a logger, and remove it at the end.
    """

    def __init__(self, tell: Callable[[Event], None]) -> None:
        super().__init__(logging.ERROR)
        self._tell = tell
        self._told: set[tuple[str, int]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Records without an exception are no fault."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or record.name in TELL_THEMSELVES or len(self._told) >= MOST_PLACES:
            return
        places = [(str(frame.f_globals.get("__name__")), line) for frame, line in traceback.walk_tb(error.__traceback__)]
        place = next((place for place in reversed(places) if place[0].startswith("synk.")), (record.name, 0))
        if place in self._told:
            return
        self._told.add(place)
        title = f"Something went wrong in {place[0].removeprefix('synk.')}. Nothing was changed."
        self._tell(NoticeRaised("error", title, "Details: log", action="Show log", command="log.show"))

