"""Builds the commands about layouts: what they ask of the user and of the records, and the names that complete them."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from synk.actions.layouts import LayoutActions, panes_text
from synk.actions.ports import Sessions, View
from synk.app.restoring import Restoring
from synk.base.ages import ago_text
from synk.base.errors import SynkError
from synk.base.events import Hub, NoticeRaised
from synk.base.jobs import Jobs
from synk.commands.completion import Suggestion
from synk.commands.registry import Registry
from synk.sessions.tabs import Tabs
from synk.storage.layouts import Layout
from synk.storage.records import Records
from synk.ui.cards import CardStack
from synk.ui.layout_card import LayoutCard
from synk.ui.name_card import NameCard
from synk.ui.theme import Theme

Guard = Callable[[Callable[[], object]], None]
"""Calls a function, and tells the user what it raises."""


def add_layouts(
    registry: Registry,
    theme: Theme,
    cards: CardStack,
    view: View,
    *,
    tabs: Tabs,
    manager: Sessions,
    records: Records,
    hub: Hub,
    jobs: Jobs,
    restoring: Restoring,
) -> "KeptLayouts":
    """Add the commands; returns where the layouts are, which knows their names."""

    def guard(act: Callable[[], object]) -> None:
        try:
            act()
        except SynkError as error:
            hub.publish(NoticeRaised("error", error.message))

    shelf = KeptLayouts(records, jobs, tabs, hub, guard, is_worth=restoring.has_lost)
    actions = LayoutActions(
        tabs,
        manager,
        view,
        LayoutCards(theme, cards, guard),
        shelf,
        restore=restoring.open_layout,
        offered=lambda: restoring.offer,
        open_project=restoring.open_project,
        notify=hub.publish,
    )
    registry.add(actions)
    return shelf


class KeptLayouts:
    """The layouts in the records. GUI thread; nothing waits."""

    def __init__(
        self,
        records: Records,
        jobs: Jobs,
        tabs: Tabs,
        hub: Hub,
        guard: Guard,
        *,
        is_worth: Callable[[Layout], bool] = lambda _layout: True,
    ) -> None:
        """`is_worth(layout)`: whether an autosave has anything that is not open."""
        self._is_worth = is_worth
        self._records = records
        self._jobs = jobs
        self._tabs = tabs
        self._hub = hub
        self._guard = guard
        self._known: Sequence[Layout] = ()

    def look(self) -> None:
        """Learn the names anew, for completion: at the start and whenever one came or went."""
        self._jobs.submit(self._records.layouts, self._learn)

    def words(self) -> Sequence[Suggestion]:
        """Names of the active tab's layouts, at home of all, with what is in them."""
        project = self._tabs.project
        mine = [each for each in self._known if each.is_loadable and project in (None, each.project)]
        words = {each.name: Suggestion(each.name, self._detail(each)) for each in reversed(mine)}
        return [words[name] for name in dict.fromkeys(each.name for each in mine)]

    def _detail(self, layout: Layout) -> str:
        return f"{ago_text(time.time() - layout.saved_at)}, {layout.cols} x {layout.rows}, {panes_text(layout)}"

    def read(self, on_layouts: Callable[[Sequence[Layout]], None]) -> None:
        """See `Shelf.read`."""

        def came(layouts: Sequence[Layout]) -> None:
            self._learn(layouts)
            offered = worth_offering(layouts, self._is_worth)
            self._guard(lambda: on_layouts(offered))

        self._jobs.submit(self._records.layouts, came, failed=self._failed)

    def save(self, layout: Layout, on_saved: Callable[[], None]) -> None:
        """See `Shelf.save`; that it could not be stored is told by the records."""
        self._after(self._records.save_layout(layout), on_saved)

    def delete(self, project: str, name: str, on_deleted: Callable[[], None]) -> None:
        """See `Shelf.delete`."""
        self._after(self._records.delete_layout(project, name), on_deleted)

    def _after(self, future: Any, on_done: Callable[[], None]) -> None:
        def done(_future: object) -> None:
            if not future.cancelled() and future.exception() is None:
                self._hub.call(on_done)
                self._hub.call(self.look)

        future.add_done_callback(done)

    def _learn(self, layouts: Sequence[Layout]) -> None:
        self._known = layouts

    def _failed(self, error: Exception) -> None:
        self._hub.publish(NoticeRaised("error", "The layouts cannot be read", str(error)))


def worth_offering(layouts: Sequence[Layout], is_worth: Callable[[Layout], bool]) -> list[Layout]:
    """All named layouts; of the autosaves, newest first, those that differ in their panes and are not open anyway."""
    found, seen = [], set()
    for layout in layouts:
        panes = (layout.project, tuple((pane.pane, pane.agent, pane.working_dir, pane.title) for pane in layout.panes))
        if layout.kind == "named" or (panes not in seen and is_worth(layout)):
            found.append(layout)
        if layout.kind == "autosave":
            seen.add(panes)
    return found


class LayoutCards:
    """Asks with cards; each is open once."""

    def __init__(self, theme: Theme, cards: CardStack, guard: Guard) -> None:
        self._theme = theme
        self._cards = cards
        self._guard = guard

    def ask_name(self, suggestion: str, taken: Sequence[Layout], on_name: Callable[[str], object]) -> None:
        """See `LayoutView.ask_name`."""
        card = NameCard(self._theme, suggestion, taken, lambda name: self._guard(lambda: on_name(name)))
        if not self._cards.has(card.title):
            self._cards.open(card)

    def ask_layout(
        self,
        layouts: Sequence[Layout],
        *,
        names_projects: bool,
        on_choice: Callable[[Layout], object],
        on_delete: Callable[[Layout], object],
    ) -> None:
        """See `LayoutView.ask_layout`."""
        card = LayoutCard(
            self._theme,
            layouts,
            names_projects=names_projects,
            on_choice=lambda layout: self._guard(lambda: on_choice(layout)),
            on_delete=lambda layout: self._guard(lambda: on_delete(layout)),
        )
        if not self._cards.has(card.title):
            self._cards.open(card)
