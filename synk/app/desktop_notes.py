"""Notices on the desktop while the window is inactive; owns the thread `synk-desktop`, which alone waits for the bus."""

import logging
import os
import select
import threading
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from typing import Protocol, cast

from synk.base.errors import SynkError
from synk.base.paths import resource_directory
from synk.sessions.notices import Notice

log = logging.getLogger(__name__)

MOST_WAITING = 16
"""Of a service that does not answer: what is older is in the history anyway."""
MOST_KNOWN = 100
"""Notifications whose click is still understood."""
CLOSE_S = 1.0


class Answer(Protocol):
    """See `synk.app.desktop_bus.Answer`."""

    @property
    def id(self) -> int: ...
    @property
    def is_click(self) -> bool: ...
    @property
    def token(self) -> str: ...


class Bus(Protocol):
    """See `synk.app.desktop_bus.NotificationBus`."""

    def fileno(self) -> int: ...
    def close(self) -> None: ...
    def notify(self, title: str, body: str, *, icon: str, action: str, replaces: int = 0) -> int: ...
    def withdraw(self, number: int) -> None: ...
    def events(self) -> Iterable[Answer]: ...


class DesktopNotes:
    """Shows notices through the desktop's service. Any thread may call; no call waits."""

    def __init__(
        self,
        *,
        deliver: Callable[[Callable[[], None]], None],
        on_chosen: Callable[[int, str], None],
        connect: Callable[[], Bus] | None = None,
    ) -> None:
        """`on_chosen(notice, token)` is called through `deliver` (`hub.call`) when the user clicks one.

        `token` lets the window come forward under Wayland. `connect()` makes a `NotificationBus`.
        """
        self._deliver = deliver
        self._on_chosen = on_chosen
        self._connect = connect or _connect
        self._lock = threading.Lock()
        self._orders: deque[Notice | None] = deque(maxlen=MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._wake = -1
        self._is_closing = False
        self._bus: Bus | None = None
        self._shown: dict[int, int] = {}
        """Number of the service by id of the notice, oldest first; only the thread uses it."""
        self._has_shown = False
        self.problem = ""
        """A sentence for the settings why the desktop shows nothing; "" while all is well or nothing was tried."""

    def show(self, notice: Notice) -> None:
        """Show it, in the place of an earlier one of the same id."""
        self._has_shown = True
        self._order(notice)

    def withdraw(self) -> None:
        """Take all of them back: the user looks at the window."""
        if self._has_shown:
            self._has_shown = False
            self._order(None)

    def close(self) -> None:
        """End the thread; what is shown stays. Waits at most 1 s."""
        with self._lock:
            self._is_closing = True
            thread = self._thread
            if thread is not None and self._wake >= 0:
                os.eventfd_write(self._wake, 1)
        if thread is not None:
            thread.join(CLOSE_S)

    def _order(self, order: Notice | None) -> None:
        with self._lock:
            if self._is_closing:
                return
            if self._thread is None:
                self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
                self._thread = threading.Thread(target=self._run, name="synk-desktop", daemon=True)
                self._thread.start()
            self._orders.append(order)
            os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        try:
            while not self._is_closing:
                self._turn()
        finally:
            self._leave()
            with self._lock:
                os.close(self._wake)
                self._wake = -1

    def _turn(self) -> None:
        fds = [self._wake] if self._bus is None else [self._wake, self._bus.fileno()]
        ready, _, _ = select.select(fds, [], [])
        if self._wake in ready:
            os.eventfd_read(self._wake)
        try:
            while self._orders and not self._is_closing:
                self._carry_out(self._orders.popleft())
            if self._bus is not None:
                self._hear(self._bus)
        except SynkError as error:
            self._give_up(error.message)
        except Exception:
            log.exception("the desktop's notifications failed")
            self._give_up("the notification service answered something unexpected")

    def _carry_out(self, order: Notice | None) -> None:
        if order is None:
            numbers = list(self._shown.values())
            self._shown.clear()
            for number in numbers:
                if self._bus is not None:
                    self._bus.withdraw(number)
            return
        bus = self._bus = self._bus or self._connect()
        title = order.title + (f" ({order.count})" if order.count > 1 else "")
        icon = str(resource_directory() / "icons" / "synk.png")
        replaces = self._shown.pop(order.id, 0)
        self._shown[order.id] = bus.notify(title, order.body, icon=icon, action="Go there", replaces=replaces)
        if len(self._shown) > MOST_KNOWN:
            del self._shown[next(iter(self._shown))]
        self.problem = ""

    def _hear(self, bus: Bus) -> None:
        for answer in bus.events():
            notice = next((known for known, number in self._shown.items() if number == answer.id), None)
            if notice is None:
                continue  # another program's
            if answer.is_click:
                self._deliver(partial(self._on_chosen, notice, answer.token))
            else:
                del self._shown[notice]

    def _give_up(self, why: str) -> None:
        """Until the next notice: the service may have been started by then."""
        problem = f"The desktop shows none at the moment: {why}."
        if problem != self.problem:
            log.info("desktop notifications: %s", why)
        self.problem = problem
        self._orders.clear()
        self._leave()

    def _leave(self) -> None:
        self._shown.clear()
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.close()


def _connect() -> Bus:
    """In the thread, at the first notice: jeepney is not needed before."""
    return cast(Bus, import_module("synk.app.desktop_bus").NotificationBus())
