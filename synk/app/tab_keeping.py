"""Remembers the open tabs, and opens them again at the next start."""

import copy
import logging
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from synk.base.events import Hub, NoticeRaised
from synk.sessions.events import TabsChanged
from synk.sessions.tabs import Tab, Tabs
from synk.storage.projects import TabRecord

log = logging.getLogger(__name__)


class Store(Protocol):
    """The part of the records that is needed here."""

    def tabs(self) -> list[TabRecord]: ...
    def save_tabs(self, tabs: Sequence[TabRecord]) -> object: ...


class TabKeeper:
    """Follows the tabs from `bring_back` on. GUI thread."""

    def __init__(
        self,
        store: Store,
        tabs: Tabs,
        *,
        hub: Hub,
        aside: Callable[[Callable[[], Any], Callable[[Any], None]], None],
        is_folder: Callable[[str], bool] = os.path.isdir,
    ) -> None:
        """`aside` runs work on a thread that may hang, as `is_folder` may, and hands its result to the GUI thread."""
        self._store = store
        self._tabs = tabs
        self._hub = hub
        self._aside = aside
        self._is_folder = is_folder
        self._saved: list[TabRecord] = []
        hub.subscribe(TabsChanged, lambda _event: self.save())

    def bring_back(self, *, show: str | None = None, at_home: bool = False) -> None:
        """Open the tabs that were open, before the first paint; `show`: the project to show instead of the last one.

        Their folders are looked at afterwards: they may lie on a mount that does not answer. `at_home`: show no tab.
        """
        self._saved = self._store.tabs()
        for record in self._saved:
            tab = self._tabs.open(record.project, show=record.is_active and not at_home)
            tab.view.update(copy.deepcopy(dict(record.view)))
        if show is not None:
            self._tabs.open(show)
        for tab in tuple(self._tabs.all):
            self._aside(partial(self._is_folder, tab.project), partial(self._looked, tab))

    def save(self) -> None:
        """Store the tabs if they are not as they were stored last."""
        # A copy: who changes a list in there must not change what it is compared with.
        records = [TabRecord(tab.project, tab is self._tabs.active, copy.deepcopy(tab.view)) for tab in self._tabs.all]
        if records != self._saved:
            self._saved = records
            self._store.save_tabs(records)

    def _looked(self, tab: Tab, is_there: bool) -> None:
        """A tab whose folder is missing goes; its layouts stay."""
        if is_there or tab not in self._tabs.all or tab.workspace.panes:
            return
        log.warning("the folder of a tab is missing: %s", tab.project)
        self._tabs.close(tab)
        self._hub.publish(TabsChanged())
        self._hub.publish(NoticeRaised("warning", f"{tab.project} is not there any more", "Its tab was left out."))
