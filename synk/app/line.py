"""Builds the command bar with what it completes, and the commands that go with it: broadcast and attention."""

from collections.abc import Callable, Iterable, Sequence

from synk.actions.attention import AttentionActions
from synk.actions.broadcast import BroadcastActions
from synk.actions.line import LineActions
from synk.actions.ports import AgentChoice
from synk.base.events import Hub
from synk.base.jobs import Jobs
from synk.commands.completion import Completer, Names, Suggestion
from synk.commands.history import LineHistory
from synk.commands.line import CommandRunner
from synk.commands.registry import Registry
from synk.keys.chords import MODIFIERS, NAMED_KEYS
from synk.sessions.broadcast import Broadcast
from synk.sessions.manager import SessionManager
from synk.sessions.session import Session
from synk.sessions.tabs import Tabs
from synk.settings.schema import all_settings
from synk.storage.records import Records
from synk.ui.line.command_line import CommandLine
from synk.ui.settings.words import ABOUT, group_title
from synk.ui.window import Window

Words = Callable[[], Iterable[Suggestion]]

TYPING = ("session.send", "session.key")
"""Commands whose lines hold what is typed into a program."""
BROADCAST_TIP = "broadcast"


def add_line(
    window: Window,
    runner: CommandRunner,
    *,
    hub: Hub,
    jobs: Jobs,
    records: Records,
    tabs: Tabs,
    manager: SessionManager,
    broadcast: Broadcast,
    agents: Callable[[], Sequence[AgentChoice]],
    projects: Callable[[], Sequence[tuple[str, str]]],
    layouts: Words,
) -> None:
    """Give a window its command bar, broadcast and attention; what is kept of earlier starts comes a moment later.

    `projects()`: path and name of those that are known; `layouts()`: what can be loaded.
    """
    registry, history, tips = runner.registry, LineHistory(), FirstTimes(records)
    jobs.submit(records.lines, history.put_before)
    jobs.submit(records.tips, tips.known)
    registry.add(AttentionActions(tabs, manager, window))
    registry.add(
        BroadcastActions(broadcast, tabs, manager, window, is_first=lambda: tips.is_first(BROADCAST_TIP), notify=hub.publish)
    )
    sources = {
        "agents": agent_words(agents),
        "commands": command_words(registry),
        "keys": key_words(),
        "layouts": layouts,
        "projects": project_words(projects),
        "settings": setting_words(),
    }
    build_line(
        window, runner, sources=sources, history=history, remember=records.add_line, asks_for_secret=manager.asks_for_secret
    )


def types_into_sessions(line: str, registry: Registry) -> bool:
    """Whether the line is one that sends a text or keys."""
    name = line.strip(" /").partition(" ")[0]
    return any(name in (command.name, command.title) for command in registry if command.name in TYPING)


class FirstTimes:
    """What the user has been told once, over all starts of a profile."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._known: set[str] | None = None
        """None until it was read: then nothing is told, rather than twice."""

    def known(self, names: Iterable[str]) -> None:
        """What was told in earlier starts."""
        self._known = set(names)

    def is_first(self, name: str) -> bool:
        """True once for each name; whoever asks tells it then."""
        if self._known is None or name in self._known:
            return False
        self._known.add(name)
        self._records.tip_shown(name)
        return True


def build_line(
    window: Window,
    runner: CommandRunner,
    *,
    sources: Names,
    history: LineHistory,
    remember: Callable[[str], object] = lambda _line: None,
    asks_for_secret: Callable[[Session], bool] = lambda _session: False,
) -> CommandLine:
    """Give the window's command bar its commands, and the commands their bar.

    `history` may be filled later; `remember(line)` keeps a line for the next start. What is sent while a session
    `asks_for_secret` is kept nowhere.
    """
    registry = runner.registry
    completer = Completer(registry, sessions=runner.sessions, sources=sources, key_of=window.key_of)
    line = CommandLine(
        window.widget.command_bar,
        completer,
        history,
        run=runner.run,
        take_key=window.input.router.edit,
        leave=window.take_keyboard,
        is_covered=lambda: window.widget.cards.top is not None,
        remember=remember,
        is_secret=lambda line: types_into_sessions(line, registry) and any(map(asks_for_secret, runner.sessions())),
    )
    registry.add(LineActions(line))
    window.use_commands(registry)
    return line


def agent_words(agents: Callable[[], Sequence[AgentChoice]]) -> Words:
    """Ids of the agents that can be started, with their names."""
    return lambda: [Suggestion(each.id, each.name if each.is_found else f"{each.name}, not installed") for each in agents()]


def project_words(projects: Callable[[], Sequence[tuple[str, str]]]) -> Words:
    """Names of the projects that are known, each once: of two folders of one name the second by its path."""

    def words() -> Iterable[Suggestion]:
        seen: set[str] = set()
        for path, name in projects():
            yield Suggestion(path if name in seen else name, path)
            seen.add(name)

    return words


def command_words(registry: Registry) -> Words:
    """Names of commands, as typed."""
    return lambda: [Suggestion(each.title, each.summary) for each in registry if each.is_offered]


def key_words() -> Words:
    """Names of keys, and how those with modifiers begin."""
    named = sorted(NAMED_KEYS, key=lambda name: (name.startswith("f") and name[1:].isdigit(), len(name), name))
    words = [Suggestion(name) for name in named]
    words += [Suggestion(f"{modifier}+{letter}") for modifier in MODIFIERS[:2] for letter in "abcdefghijklmnopqrstuvwxyz"]
    return lambda: words


def setting_words() -> Words:
    """Groups of settings, as the dialog has them."""
    groups = (*dict.fromkeys(setting.group for setting in all_settings()), ABOUT)
    words = [Suggestion(group, group_title(group)) for group in groups]
    return lambda: words
