"""The registry: what it reads from a signature, and what it says about an unknown name."""

from typing import Literal

import pytest

from synk.base.errors import UsageError
from synk.commands.registry import Registry, Rest, Targets, alternatives, command


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
