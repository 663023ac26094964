"""Events: frozen facts published by whoever owns them, delivered through one hub on one thread."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events; a subclass is named noun + past participle (`SessionClosed`)."""


Level = Literal["info", "success", "warning", "error"]


@dataclass(frozen=True, slots=True)
class NoticeRaised(Event):
    """Something the user should read: a toast and an entry of the history; an error stays until it is closed."""

    level: Level
    title: str
    body: str = ""
    session: int | None = None
    """The session it is about; a click on the toast goes there."""
    event: str = ""
    """Id of what happened, one of `NOTICE_KINDS` in synk/sessions/notices.py; "" for what is told whatever the settings say."""
    project: str | None = None
    """Path of the project it is about; None: that of the session, or none."""
    action: str = ""
    """What the one button of its toast reads (`Show log`); "" for no button."""
    command: str = ""
    """The command line a click runs; "": it goes to the session, if there is one."""


@dataclass(frozen=True, slots=True)
class SettingsChanged(Event):
    """Other settings are in force, or their file has other mistakes; the settings store has them."""


E = TypeVar("E", bound=Event)


class Hub:
    """Delivers events to subscribers, in order, on the thread that calls `deliver`.

    `publish` may be called from any thread and never waits; `wake` is called (on the publishing
    thread) when the queue was empty, and must arrange that the owner's thread calls `deliver`.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._queue: deque[Event | Callable[[], None]] = deque()
        self._subscribers: dict[type[Event], list[Callable[[Any], None]]] = {}
        self._lock = threading.Lock()
        self._is_woken = False

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call `handler` for every later event of exactly this type; returns the unsubscribe function."""
        handlers = self._subscribers.setdefault(kind, [])
        handlers.append(handler)

        def unsubscribe() -> None:
            if handler in handlers:
                handlers.remove(handler)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Queue an event; any thread."""
        self._put(event)

    def call(self, function: Callable[[], None]) -> None:
        """Queue a function to run on the owner's thread, in order with the events; any thread."""
        self._put(function)

    def deliver(self) -> None:
        """Run everything queued so far. A failing subscriber is logged and does not stop the others."""
        with self._lock:
            self._is_woken = False
            items, self._queue = self._queue, deque()
        for item in items:
            if isinstance(item, Event):
                for handler in tuple(self._subscribers.get(type(item), ())):
                    self._run(partial(handler, item))
            else:
                self._run(item)

    def _put(self, item: Event | Callable[[], None]) -> None:
        with self._lock:
            self._queue.append(item)
            wake, self._is_woken = not self._is_woken, True
        if wake:
            self._wake()

    @staticmethod
    def _run(function: Callable[[], None]) -> None:
        try:
            function()
        except Exception:
            log.exception("an event handler failed")
