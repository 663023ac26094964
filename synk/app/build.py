"""The one place where the window's objects are made and tied together; settings are turned into plain parameters here."""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path

from synk.actions.application import ApplicationActions
from synk.actions.control import Control
from synk.actions.display import DisplayActions
from synk.actions.editing import EditingActions
from synk.actions.engine import EngineActions
from synk.actions.navigation import NavigationActions
from synk.actions.ports import AgentChoice
from synk.actions.reading import ReadingActions
from synk.actions.sessions import SessionActions
from synk.actions.tabs import TabActions
from synk.actions.waits import Waits
from synk.agents.catalog import CatalogReader
from synk.app.agent_choices import AgentList, choices_of
from synk.app.engine_source import HostEngine
from synk.app.folders import FolderOpener
from synk.app.following import SettingsFollower, mode_machine, ui_options
from synk.app.home import Home
from synk.app.host_events import hear_host
from synk.app.keeping import Keeping
from synk.app.launch import Launch, session_rules
from synk.app.line import add_line
from synk.app.notifying import KeptNotices, Notifying
from synk.app.onboarding import Onboarding, is_first_start
from synk.app.pool_source import HostPool
from synk.app.settings_dialog import SettingsDialog
from synk.app.sidebar import SideParts
from synk.base.events import Hub, NoticeRaised
from synk.base.jobs import Jobs
from synk.base.paths import resource_directory
from synk.base.wire import Message
from synk.commands.line import CommandRunner
from synk.commands.registry import Registry
from synk.hostclient import Reply
from synk.hoststart import synk_argv
from synk.keys.keymap import Keymap
from synk.keys.modes import ModeMachine
from synk.services import Services
from synk.sessions.broadcast import Broadcast
from synk.sessions.manager import SessionManager
from synk.sessions.notices import Notices
from synk.sessions.tabs import Tabs
from synk.ui.bridge import Bridge, later
from synk.ui.panels.pool import PoolPanel
from synk.ui.stalls import StallMonitor
from synk.ui.theme import Theme
from synk.ui.window import Window


def build(launched: Launch, options: argparse.Namespace, theme: Theme, *, on_quit: Callable[[], None]) -> Services:
    """Make everything that lives as long as the window, and let the host's events in."""
    settings = launched.settings.current.settings
    core = _core(launched)
    hub, jobs, tabs, manager, runner, registry = core.hub, core.jobs, core.tabs, core.manager, core.runner, core.runner.registry
    host = launched.host
    pool = HostPool(host, hub)
    engine = HostEngine(host, hub, jobs, progress_of=_run_progress(launched.directories.state))
    broadcast = Broadcast()
    notices = Notices(KeptNotices(launched.records))
    pool_panel = PoolPanel(theme, pool, engine, run=runner.run)
    window = Window(
        theme=theme,
        options=ui_options(settings),
        manager=manager,
        tabs=tabs,
        hub=hub,
        machine=ModeMachine(Keymap()),
        run=runner.run,
        panels=[pool_panel],
        on_quit=on_quit,
        open_url=lambda url: host.call("url.open", partial(_tell_error, hub), url=url),
        notices=notices,
        broadcast=broadcast,
    )
    window.pictures.submit = jobs.submit
    open_folder = FolderOpener(tabs, jobs, notify=hub.publish, show=window.show_workspace, later=later)
    agents = AgentList()
    for actions in (
        SessionActions(
            manager,
            tabs,
            window,
            agents=lambda: agents.choices,
            default_agent=lambda: launched.settings.current.settings.session.default_agent,
            notify=hub.publish,
        ),
        NavigationActions(tabs, window, on_empty=lambda: keeping.open_offer()),
        TabActions(tabs, manager, window, open_folder=open_folder, notify=hub.publish),
        DisplayActions(window),
        ReadingActions(window.reading),
        EngineActions(engine, manager, synk=synk_argv),
        EditingActions(manager, environment=os.environ, submit=jobs.submit, notify=hub.publish),
        ApplicationActions(manager, window),
    ):
        registry.add(actions)
    add_line(
        window, runner, hub=hub, jobs=jobs, records=launched.records, tabs=tabs, manager=manager, broadcast=broadcast,
        agents=lambda: agents.choices, projects=lambda: home.recent.known(), layouts=lambda: keeping.layouts.words(),
    )  # fmt: skip
    notifying = Notifying(launched, window=window, notices=notices, manager=manager, jobs=jobs, registry=registry)
    keeping = Keeping(
        launched, theme, window=window, tabs=tabs, manager=manager, jobs=jobs, registry=registry, agents=lambda: agents.choices
    )
    side = SideParts(
        theme, window=window, tabs=tabs, manager=manager, hub=hub, jobs=jobs, records=launched.records, registry=registry,
        agents=lambda: agents.choices, recent=lambda: home.recent.projects,
        change_settings=lambda values: follower.change(values),
    )  # fmt: skip
    # After everything else that has commands: the screen offers those there are.
    home = Home(
        theme, window=window, tabs=tabs, hub=hub, jobs=jobs, records=launched.records, registry=registry,
        open_folder=open_folder, agents=lambda: agents.choices,
    )  # fmt: skip
    home.follow_crashes(keeping.restoring)
    keeping.restoring.listen(home.show_crashes)
    control = Control(
        manager,
        tabs,
        runner,
        window,
        Waits(hub, later),
        agents=lambda: agents.choices,
        notify=hub.publish,
        pool_stats=pool.full_stats,
    )
    services = Services(
        hub, core.bridge, jobs, launched.settings, launched.records, keeping, host, manager, tabs, runner, window, control,
        notifying.desktop, side,
    )  # fmt: skip
    follower = SettingsFollower(services, options.profile)
    follower.start()
    SettingsDialog(
        theme, launched, services, follower, pool, agents=lambda: agents.choices, panels=[(pool_panel.id, pool_panel.title)],
        notes={"notifications.desktop": lambda: notifying.desktop.problem}, is_safe=options.safe,
    )  # fmt: skip
    # After everything that has commands: a key of the user's may run any of them.
    window.use_keys(mode_machine(launched.settings.current, runner, hub.publish))
    _find_agents(services, launched, agents, is_safe=options.safe)
    hear_host(services, launched, options.profile)
    _turn(core, launched, window, watches_stalls=options.debug)
    keeping.bring_back()
    home.start()
    side.show_tab()
    window.show_workspace()
    if launched.project is None and is_first_start(launched):
        Onboarding(
            theme, launched, window=window, jobs=jobs, change=follower.change, open_folder=open_folder, profile=options.profile
        ).open()
    manager.connect(host, keeping.restoring.begin)
    pool.ask()
    core.bridge.wake()
    return services


@dataclass(frozen=True, slots=True)
class Core:
    """What everything else stands on."""

    hub: Hub
    bridge: Bridge
    jobs: Jobs
    tabs: Tabs
    manager: SessionManager
    runner: CommandRunner


def _core(launched: Launch) -> Core:
    """Loop, threads, sessions and commands; no widget yet."""
    bridge = Bridge()
    tabs = Tabs(launched.start_folder)
    manager = SessionManager(
        launched.hub,
        project=lambda: tabs.folder,
        version=launched.version,
        rules=session_rules(launched.settings.current.settings),
        later=later,
        on_ready=bridge.wake,
    )
    runner = CommandRunner(
        Registry(),
        sessions=lambda: tabs.shown(manager.sessions),
        selected=lambda: tabs.selected(manager.sessions),
        everywhere=lambda: manager.sessions,
    )
    return Core(launched.hub, bridge, Jobs(launched.hub.call), tabs, manager, runner)


def _turn(core: Core, launched: Launch, window: Window, *, watches_stalls: bool) -> None:
    """What a turn of the event loop does, and what wakes it."""
    bridge = core.bridge
    if watches_stalls:
        StallMonitor(bridge).start()
    bridge.watch(core.manager.output_fd)
    window.input.after_key = lambda session: bridge.catch_echo(lambda: core.manager.take_echo(session))
    bridge.add(core.hub.deliver)
    bridge.add(core.manager.turn)
    # Once more: what was just parsed is painted now, not after the next turn (target L5).
    bridge.add(core.hub.deliver)
    launched.waker.wake = bridge.wake


def _run_progress(state: Path) -> Callable[[Message], str]:
    """Reads how far runs are. What reads output takes 60 ms to import: in a job, when the panel first shows a run."""

    @cache
    def reading() -> Callable[[Message], str]:
        module = import_module("synk.app.run_progress")
        read: Callable[[Message], str] = module.RunProgress(state, resource_directory())
        return read

    return lambda record: reading()(record)


def _tell_error(hub: Hub, reply: Reply) -> None:
    """Something the host was asked for on the user's behalf failed."""
    if reply.error is not None:
        hub.publish(NoticeRaised("error", reply.error.message))


def _find_agents(services: Services, launched: Launch, agents: AgentList, *, is_safe: bool) -> None:
    """Read the catalog, and look for the programs, off the GUI thread."""
    user = None if is_safe else launched.directories.config / "agents"
    reader = CatalogReader(resource_directory() / "agents", user)

    def found(result: tuple[Sequence[AgentChoice], tuple[str, ...]]) -> None:
        agents.choices, problems = result
        services.window.use_agents({choice.id: choice for choice in agents.choices})
        for problem in problems:
            services.hub.publish(NoticeRaised("warning", problem))

    def read() -> tuple[Sequence[AgentChoice], tuple[str, ...]]:
        catalog = reader.read()
        return choices_of(catalog), catalog.problems

    services.jobs.submit(read, found)
