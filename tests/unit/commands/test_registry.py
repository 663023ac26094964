"""The registry: what it reads from a signature, and what it says about an unknown name."""

from typing import Annotated, Literal

import pytest

from synk.base.errors import UsageError
from synk.commands.registry import LIVE, Only, Registry, Rest, Source, Targets, alternatives, command, declared


class Verbs:
    """Commands of every kind of parameter."""

    @command("pane.move")
    def move(self, direction: Literal["left", "right"]) -> None:
        """Select the neighbor.

        More about it.
        """

    @command("session.send", short="send")
    def send(self, target: Targets, text: Rest) -> str:
        """Write a text."""
        return f"{len(target)} {text}"

    @command("pane.select", short="goto")
    def select(self, target: Targets | None = None, position: int | None = None) -> None:
        """Select."""

    @command("session.key")
    def key(self, target: Targets, *keys: str) -> None:
        """Press keys."""

    def not_a_command(self) -> None:
        """Not marked."""


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.add(Verbs())
    return registry


def test_only_marked_methods_are_commands(registry: Registry) -> None:
    assert [found.name for found in registry] == ["pane.move", "pane.select", "session.key", "session.send"]
    assert registry.names() == ["goto", "pane.move", "send", "session.key"]


def test_parameters_come_from_the_signature(registry: Registry) -> None:
    assert [(p.name, p.kind, p.is_required) for p in registry.find("send").parameters] == [
        ("target", "targets", True),
        ("text", "rest", True),
    ]
    assert [(p.kind, p.is_required) for p in registry.find("goto").parameters] == [("targets", False), ("number", False)]
    assert registry.find("pane.move").parameters[0].choices == ("left", "right")
    assert registry.find("session.key").parameters[1].kind == "words"


def test_help_comes_from_the_docstring_and_usage_from_the_signature(registry: Registry) -> None:
    assert registry.find("pane.move").summary == "Select the neighbor"
    assert registry.find("pane.move").usage == "/pane.move left|right"
    assert registry.find("send").usage == "/send [@target] text"
    assert registry.find("goto").usage == "/goto [@target] [position]"


def test_an_unknown_name_suggests_the_nearest(registry: Registry) -> None:
    with pytest.raises(UsageError, match=r"^Unknown command /sned\. Did you mean /send\?$"):
        registry.find("sned")
    with pytest.raises(UsageError, match=r"^Unknown command /qqqqq\."):
        registry.find("qqqqq")


def test_a_name_is_given_once(registry: Registry) -> None:
    with pytest.raises(ValueError, match="two commands are called"):
        registry.add(Verbs())


def test_a_parameter_no_line_can_fill_is_a_mistake_of_ours() -> None:
    class Wrong:
        @command("wrong.verb")
        def verb(self, value: float) -> None:
            """Takes a float."""

    with pytest.raises(TypeError, match="value"):
        Registry().add(Wrong())


@pytest.mark.parametrize(("words", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
def test_alternatives_are_joined_as_in_a_sentence(words: list[str], text: str) -> None:
    assert alternatives(words) == text


class Told:
    """Commands that tell what their arguments may be, and when they do something."""

    def __init__(self) -> None:
        self.is_open = False

    @command("session.new", short="new")
    def new(self, agent: Annotated[str, Source("agents")] | None = None) -> None:
        """Open a session."""

    @command("session.send")
    def send(self, target: Annotated[Targets, LIVE], *words: Annotated[str, Source("words")]) -> None:
        """Send."""

    @command("pane.select")
    def select(self, target: Annotated[Targets, Only(is_single=True)] | None = None) -> None:
        """Select."""

    @command("find.move", when="can_move")
    def move(self) -> None:
        """Go on."""

    @command("line.run", is_offered=False)
    def run(self) -> None:
        """Run."""

    def can_move(self) -> bool:
        return self.is_open


def test_a_parameter_tells_who_knows_its_words_and_which_sessions_it_takes() -> None:
    registry, told = Registry(), Told()
    registry.add(told)
    (agent,) = registry.find("new").parameters
    assert (agent.kind, agent.source, agent.is_required) == ("word", "agents", False)
    target, words = registry.find("session.send").parameters
    assert (target.only, words.kind, words.source) == (LIVE, "words", "words")
    (single,) = registry.find("pane.select").parameters
    assert (single.only.is_single, single.is_required) == (True, False)


def test_a_command_tells_whether_it_would_do_something_now() -> None:
    registry, told = Registry(), Told()
    registry.add(told)
    when = registry.find("find.move").when
    assert when is not None
    assert not when()
    told.is_open = True
    assert when()
    assert registry.find("new").when is None
    assert not registry.find("line.run").is_offered


def test_the_commands_of_a_class_can_be_described_without_an_object() -> None:
    assert [(each.name, each.usage) for each in declared(Verbs)] == [
        ("pane.move", "/pane.move left|right"),
        ("pane.select", "/goto [@target] [position]"),
        ("session.key", "/session.key [@target] [keys]"),
        ("session.send", "/send [@target] text"),
    ]
