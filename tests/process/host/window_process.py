"""A window without a screen: host connection, session manager and emulators as in the real one, no Qt.

Run by tests as a process of its own, so that it can be killed. Prints one JSON line per event.
"""

import contextlib
import heapq
import itertools
import json
import os
import selectors
import sys
import time
from collections.abc import Callable
from typing import Any

from synk.base.events import Hub, NoticeRaised
from synk.base.wire import Message
from synk.hostclient import HostClient
from synk.hoststart import HostAddress
from synk.sessions.events import SessionChanged, SessionClosed, SessionOutput
from synk.sessions.manager import SessionManager, SessionRules


class HeadlessWindow:
    """Turns of the hub, the manager and timers on one thread, woken by an eventfd."""

    def __init__(self, task: dict[str, Any]) -> None:
        self._wake_fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._settings = task["settings"]
        self.hub = Hub(self.wake)
        self.manager = SessionManager(
            self.hub, project=lambda: task["project"], version="1.2.3", rules=SessionRules(), later=self.later, on_ready=self.wake
        )
        address = HostAddress(task["runtime"], task["state"], task["resources"], "1.2.3", tuple(task["argv"]))
        self.host = HostClient(
            address,
            environment=task["environment"],
            deliver=self.hub.call,
            on_event=self.heard,
            on_lost=lambda: say("lost"),
            on_back=self.came_back,
        )
        self.hub.subscribe(SessionOutput, lambda event: self.tell(event.session))
        self.hub.subscribe(SessionChanged, lambda event: self.tell(event.session))
        self.hub.subscribe(SessionClosed, lambda event: say("closed", session=event.session))
        self.hub.subscribe(NoticeRaised, lambda event: say("notice", text=event.title))
        self.host.call("configure", **self._settings)
        self.manager.connect(self.host)
        say("ready", host=self.host.welcome["pid"])
        for session in task["sessions"]:
            self.manager.create(**session)

    def wake(self) -> None:
        os.eventfd_write(self._wake_fd, 1)

    def later(self, ms: int, function: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (time.monotonic() + ms / 1000, next(self._numbers), function))

    def heard(self, message: Message, fds: tuple[int, ...]) -> None:
        if message["event"] == "attached":
            self.manager.attached(message, fds)
        elif message["event"] == "exited":
            self.manager.exited(message)

    def came_back(self, welcome: Message) -> None:
        self.manager.host_back(welcome, lambda: self.host.call("configure", **self._settings))
        say("back", host=welcome["pid"])

    def tell(self, number: int) -> None:
        session = self.manager.by_id(number)
        if session is not None:
            lines = [session.emulator.text(y).rstrip() for y in range(session.emulator.rows)]
            shown = [line for line in lines if line]
            say(
                "session",
                session=number,
                pid=session.pid,
                status=session.status.value,
                lines=shown,
                written=self.written(number),
                bar=session.bar,
            )

    def written(self, number: int) -> int:
        """Bytes of the session's output that are on its screen."""
        terminal = self.manager._programs._terminals.get(number)
        return terminal.channel.parsed if terminal is not None else 0

    def serve(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(self._wake_fd, selectors.EVENT_READ)
        selector.register(self.manager.output_fd, selectors.EVENT_READ)
        is_more_left = True
        while True:
            timeout = max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None
            selector.select(0 if is_more_left else timeout)
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self._wake_fd)
            while self._timers and self._timers[0][0] <= time.monotonic():
                heapq.heappop(self._timers)[2]()
            self.hub.deliver()
            is_more_left = self.manager.turn()


def say(event: str, **values: object) -> None:
    print(json.dumps({"event": event, **values}), flush=True)


HeadlessWindow(json.loads(sys.argv[1])).serve()
