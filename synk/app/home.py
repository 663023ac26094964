"""Builds the home screen, the folder picker and the project switcher, and keeps them up to date."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from synk.actions.home import HomeActions, ListStep
from synk.actions.ports import AgentChoice
from synk.app.folder_lists import FolderLists
from synk.app.recent import RecentProjects
from synk.app.restoring import CrashedProject
from synk.base.ages import ago_text, ago_words
from synk.base.events import Hub, SettingsChanged
from synk.base.jobs import Jobs
from synk.commands.completion import quoted
from synk.commands.registry import Registry
from synk.keys.keymap import Where
from synk.sessions.events import TabsChanged
from synk.sessions.tabs import Tabs
from synk.storage.projects import ProjectRecord
from synk.storage.records import Records
from synk.storage.statistics import Totals
from synk.ui.card import Card
from synk.ui.help_card import key_labels
from synk.ui.home.banner import CrashNotice
from synk.ui.home.figures import Figures
from synk.ui.home.view import HomeView
from synk.ui.pickers.folder_card import FolderCard
from synk.ui.pickers.pick_list import Pick
from synk.ui.pickers.pick_paint import initials_of
from synk.ui.pickers.project_card import ProjectCard
from synk.ui.pickers.typed_folders import shortened
from synk.ui.theme import Theme
from synk.ui.window import Window


class Crashes(Protocol):
    """What a crash left behind (`app/restoring.py`)."""

    @property
    def crashed(self) -> Sequence[CrashedProject]:
        """One for each project."""

    def restore_crash(self, project: str) -> None: ...
    def dismiss_crash(self, project: str) -> None: ...


class Home:
    """What the window shows while no project is; also asks for folders and projects. GUI thread."""

    def __init__(
        self,
        theme: Theme,
        *,
        window: Window,
        tabs: Tabs,
        hub: Hub,
        jobs: Jobs,
        records: Records,
        registry: Registry,
        open_folder: Callable[[str], None],
        agents: Callable[[], Sequence[AgentChoice]],
        now: Callable[[], float] = time.time,
    ) -> None:
        """`open_folder(path)` shows its tab; `agents()`: their names for the numbers; `now()`: Unix time in seconds."""
        self._theme = theme
        self._window = window
        self._tabs = tabs
        self._jobs = jobs
        self._records = records
        self._agents = agents
        self._now = now
        self._user_home = os.path.expanduser("~")
        self._lists = FolderLists(jobs)
        self._crashes: Crashes | None = None
        self._was_shown = False
        self.recent = RecentProjects(records, tabs, jobs, now=now, notify=hub.publish, on_change=self._show_recent)
        """What else shows recent projects asks this."""
        registry.add(HomeActions(self, self.recent, open_folder=open_folder))
        self._registry = registry
        start = os.path.basename(tabs.folder) or tabs.folder
        self.view = HomeView(theme, start_folder=start)
        """The screen itself."""
        self.view.aged.connect(self._show_ages)
        self.view.asked.connect(window.run)
        self.view.pressed.connect(partial(window.part_keys.press_in, Where.HOME))
        self.view.focus_left.connect(window.part_keys.leave_part)
        self.view.scope_changed.connect(self._ask_figures)
        self.recent.load()
        window.use_home(self.view)
        window.folder_card = self._folder_card
        hub.subscribe(TabsChanged, lambda _event: self._tabs_changed())
        hub.subscribe(SettingsChanged, lambda _event: self._offer())

    def start(self) -> None:
        """The first tabs and all commands are there: show what belongs to them, and look at the folders from now on."""
        self._offer()
        self._show_recent()
        self._tabs_changed()

    @property
    def marked_project(self) -> str | None:
        """See `HomeScreen`."""
        current = self.view.current
        return current.id if current is not None and self._is_shown else None

    def move_mark(self, step: ListStep) -> None:
        """See `HomeScreen`."""
        if self._is_shown:
            self.view.move_mark(step)

    def toggle_scope(self) -> None:
        """See `HomeScreen`."""
        if self._is_shown:
            self.view.toggle_scope()

    def ask_project(self) -> None:
        """See `HomeScreen`."""
        card = ProjectCard(
            self._theme,
            self._switcher_picks(),
            on_choice=lambda path: self._window.run(f"tab.open {quoted(path)}"),
            on_folder=lambda: self._window.run("tab.open"),
        )
        if not self._window.widget.cards.has(card.title):
            self._window.widget.cards.open(card)

    def restore_crash(self, project: str) -> None:
        """See `HomeScreen`."""
        if self._crashes is not None and (meant := project or self._first_crash()):
            self._crashes.restore_crash(meant)

    def dismiss_crash(self, project: str) -> None:
        """See `HomeScreen`."""
        if self._crashes is not None and (meant := project or self._first_crash()):
            self._crashes.dismiss_crash(meant)

    def follow_crashes(self, crashes: Crashes) -> None:
        """Where it is known what a crash left behind; `show_crashes` whenever that changes."""
        self._crashes = crashes
        self.show_crashes()

    def show_crashes(self) -> None:
        """One banner for each project that can be restored."""
        if self._crashes is not None:
            self.view.show_crashes([crash_notice(crash, self._now()) for crash in self._crashes.crashed])

    def _first_crash(self) -> str:
        """The project of the banner on top; "" if there is none, or nobody sees it."""
        return self.view.banners[0].notice.project if self.view.banners and self._is_shown else ""

    def _offer(self) -> None:
        """What can be begun with, and the keys in force for it: those of the home screen before those of navigation."""
        names = [command.name for command in self._registry]
        rows = {row.command: row for row in self._window.input.router.machine.keymap.bindings if Where.HOME in row.where}
        own = {command: key_labels(row)[0] for command, row in rows.items()}
        self.view.offer({name: own.get(name) or self._window.key_of(name) for name in names})

    @property
    def _is_shown(self) -> bool:
        return self._tabs.active is None

    def _tabs_changed(self) -> None:
        self.recent.follow_tabs()
        has_come = self._is_shown and not self._was_shown
        self._was_shown = self._is_shown
        if has_come:
            self.view.recent.move_mark("first")
        if self._is_shown:
            self.recent.look()
            self._ask_figures()
            self._show_ages()

    def _show_ages(self) -> None:
        self._show_recent()
        self.show_crashes()

    def _show_recent(self) -> None:
        self.view.show_recent([self._pick(project) for project in self.recent.projects])

    def _pick(self, project: ProjectRecord) -> Pick:
        mode = "" if project.mode == "manual" else f"{project.mode}  "
        return Pick(
            project.path,
            project.name,
            shortened(project.path, self._user_home),
            mode + ago_text(self._now() - project.last_opened),
            initials=initials_of(project.name),
            problem="not found" if self.recent.is_missing(project.path) else "",
        )

    def _switcher_picks(self) -> Sequence[Pick]:
        """The tab that was shown before first, where there is one: Ctrl+p and Enter go back and forth."""
        records = {project.path: project for project in self.recent.projects}
        is_open = {tab.project for tab in self._tabs.all}
        order = {project.path: index for index, project in enumerate(self.recent.projects)}
        known = sorted(
            self.recent.known(),
            key=lambda each: (each[0] == self._tabs.project, each[0] not in is_open, order.get(each[0], len(order))),
        )
        picks = []
        for path, name in known:
            record = records.get(path)
            age = ago_text(self._now() - record.last_opened) if record is not None else ""
            tag = "shown" if path == self._tabs.project else "open" if path in is_open else age
            problem = "not found" if self.recent.is_missing(path) else ""
            detail = shortened(path, self._user_home)
            picks.append(Pick(path, name, detail, tag, initials=initials_of(name), problem=problem))
        return picks

    def _folder_card(self, on_choice: Callable[[str], None]) -> Card:
        return FolderCard(
            self._theme,
            start=os.path.dirname(self._tabs.project) if self._tabs.project is not None else self._tabs.folder,
            home=self._user_home,
            recent=[self._pick(project) for project in self.recent.projects],
            list_folder=self._lists.list_folder,
            find_repositories=self._lists.find_repositories,
            on_choice=on_choice,
        )

    def _ask_figures(self) -> None:
        scope = self.view.scope

        def came(totals: Totals) -> None:
            if scope == self.view.scope:
                self.view.show_figures(figures_of(totals, {choice.id: choice.name for choice in self._agents()}))

        self._jobs.submit(lambda: self._records.totals(scope), came)


def figures_of(totals: Totals, names: Mapping[str, str]) -> Figures:
    """The numbers as the cards show them; an agent that is gone is shown by its id."""
    agent = totals.most_used_agent
    return Figures(
        sessions=totals.sessions,
        cost_usd=totals.cost_usd,
        tasks_done=totals.tasks_done,
        hours_saved=totals.hours_saved,
        most_used_agent=names.get(agent, agent),
        streak_days=totals.streak_days,
    )


def crash_notice(crash: CrashedProject, now: float) -> CrashNotice:
    """`Synk ended unexpectedly 5 minutes ago. 4 sessions in api`."""
    count = f"{crash.sessions} session{'' if crash.sessions == 1 else 's'}"
    return CrashNotice(crash.project, f"Synk ended unexpectedly {ago_words(now - crash.at)}. {count} in {crash.name}")
