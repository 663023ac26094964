"""Saves the panes of each open project by itself, so that nothing is forgotten (04-persistence.md, section 8)."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from synk.base.events import Hub, NoticeRaised
from synk.sessions.events import SessionClosed, SessionOpened, TabsChanged
from synk.sessions.manager import SessionManager
from synk.sessions.snapshots import is_same, take_snapshot
from synk.sessions.tabs import Tabs
from synk.storage.layouts import AUTOSAVE, Layout

log = logging.getLogger(__name__)

AFTER_MS = 900
"""From a change of the set of panes to its saving (target S10): what opens or closes several at once is saved once."""


@dataclass(frozen=True, slots=True)
class AutosaveRules:
    """The settings."""

    is_on: bool = True
    interval_s: int = 60


class Store(Protocol):
    """The part of the records that is needed here."""

    @property
    def start(self) -> int:
        """Id of this start of the program."""

    def save_layout(self, layout: Layout) -> "Future[None]": ...
    def autosave_holds(self, project: str) -> object: ...


class Autosave:
    """Follows the sessions. GUI thread; nothing in it waits, and nothing runs while no pane is open."""

    def __init__(
        self,
        store: Store,
        *,
        tabs: Tabs,
        manager: SessionManager,
        hub: Hub,
        later: Callable[[int, Callable[[], None]], None],
        rules: AutosaveRules,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`later` runs a function after so many milliseconds; `now()`: Unix time in seconds."""
        self._store = store
        self._tabs = tabs
        self._manager = manager
        self._hub = hub
        self._later = later
        self.rules = rules
        self._now = now
        self._saved: dict[str, Layout] = {}
        """By project what was stored last in this start."""
        self._changed: set[str] = set()
        """Projects whose set of panes changed since."""
        self._is_ticking = False
        self._has_warned = False
        self._is_closed = False
        hub.subscribe(SessionOpened, self._opened)
        hub.subscribe(SessionClosed, lambda event: self._set_changed(event.project))
        hub.subscribe(TabsChanged, lambda _event: self._tabs_changed())

    def use_rules(self, rules: AutosaveRules) -> None:
        """Follow changed settings; a new interval counts from the next save on."""
        self.rules = rules
        self._tick_soon()

    def save_all(self) -> None:
        """Save every open project whose panes are not as they were saved last."""
        for tab in self._tabs.all:
            self._save(tab.project)

    def close(self) -> None:
        """Save once more; what happens to the panes from here on is the end of the window and no wish of the user."""
        self.save_all()
        self._is_closed = True

    def _opened(self, event: SessionOpened) -> None:
        session = self._manager.by_id(event.session)
        if session is not None:
            self._set_changed(session.project)
        self._tick_soon()

    def _set_changed(self, project: str) -> None:
        self._changed.add(project)
        if len(self._changed) == 1:
            self._later(AFTER_MS, self._save_changed)

    def _tabs_changed(self) -> None:
        """The panes of a project that was closed stay saved as they were: they are offered when it is opened again."""
        for project in [project for project in self._changed if self._tabs.by_project(project) is None]:
            self._changed.discard(project)
            self._saved.pop(project, None)

    def _save_changed(self) -> None:
        changed, self._changed = self._changed, set()
        for project in changed:
            self._save(project)

    def _tick_soon(self) -> None:
        if not self._is_ticking and self._manager.sessions and not self._is_closed:
            self._is_ticking = True
            self._later(self.rules.interval_s * 1000, self._tick)

    def _tick(self) -> None:
        self._is_ticking = False
        self.save_all()
        self._tick_soon()

    def _save(self, project: str) -> None:
        tab = self._tabs.by_project(project)
        if tab is None or not self.rules.is_on or self._is_closed:
            return
        layout = take_snapshot(
            tab, self._manager.sessions, name=AUTOSAVE, kind="autosave", saved_at=self._now(), start=self._store.start
        )
        last = self._saved.get(project)
        # A project in which nothing was opened yet says nothing: what it had at the end of an earlier start counts.
        if last is None and not layout.panes:
            return
        if is_same(last, layout):
            # Written is only its time: a window may be open for longer than autosaves are kept.
            self._store.autosave_holds(project)
            return
        self._saved[project] = layout
        self._store.save_layout(layout).add_done_callback(lambda done: self._note(project, done))

    def _note(self, project: str, done: "Future[None]") -> None:
        """On the writer's thread."""
        problem = done.exception() if not done.cancelled() else None
        if problem is not None:
            log.warning("autosave of %s: %s", project, problem)
            self._hub.call(lambda: self._failed(project, problem))

    def _failed(self, project: str, problem: BaseException) -> None:
        """The last good one stays; the next tick tries again."""
        self._saved.pop(project, None)
        if not self._has_warned:
            self._has_warned = True
            self._hub.publish(NoticeRaised("warning", "The open panes cannot be saved", str(problem), project=project))
