"""Builds the command bar: what it completes, what it runs, and where its lines are kept."""

from collections.abc import Callable, Iterable, Sequence

from synk.actions.line import LineActions
from synk.actions.ports import AgentChoice
from synk.commands.completion import Completer, Names, Suggestion
from synk.commands.history import LineHistory
from synk.commands.line import CommandRunner
from synk.commands.registry import Registry
from synk.keys.chords import MODIFIERS, NAMED_KEYS
from synk.ui.command_line import CommandLine
from synk.ui.window import Window

Words = Callable[[], Iterable[Suggestion]]


def build_line(
    window: Window,
    runner: CommandRunner,
    *,
    sources: Names,
    history: LineHistory,
    remember: Callable[[str], None] = lambda _line: None,
) -> CommandLine:
    """Give the window's command bar its commands, and the commands their bar.

    `history` may be filled later; `remember(line)` keeps a line for the next start.
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
    )
    registry.add(LineActions(line))
    window.use_commands(registry)
    return line


def agent_words(agents: Callable[[], Sequence[AgentChoice]]) -> Words:
    """Ids of the agents that can be started, with their names."""
    return lambda: [Suggestion(each.id, each.name if each.is_found else f"{each.name}, not installed") for each in agents()]


def command_words(registry: Registry) -> Words:
    """Names of commands, as typed."""
    return lambda: [Suggestion(each.title, each.summary) for each in registry if each.is_offered]


def key_words() -> Words:
    """Names of keys, and how those with modifiers begin."""
    named = sorted(NAMED_KEYS, key=lambda name: (name.startswith("f") and name[1:].isdigit(), len(name), name))
    words = [Suggestion(name) for name in named]
    words += [Suggestion(f"{modifier}+{letter}") for modifier in MODIFIERS[:2] for letter in "abcdefghijklmnopqrstuvwxyz"]
    return lambda: words
