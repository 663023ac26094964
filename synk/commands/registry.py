"""Commands: annotated functions known by a name; arguments, help and completion come from their signatures."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from types import UnionType
from typing import Any, Literal, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from synk.base.errors import UsageError
from synk.sessions.session import Session

Rest = NewType("Rest", str)
"""Parameter type: the rest of the line, exactly as it was typed."""


class Targets(tuple[Session, ...]):
    """Parameter type: the sessions named by `@5`, `@all`, `session:12` and so on; never empty.

    A plain `Targets` parameter is the selected session when the line names none; `Targets | None` is None then.
    """

    __slots__ = ()


Kind = Literal["targets", "rest", "choice", "number", "word", "words"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a command."""

    name: str
    kind: Kind
    is_required: bool
    """Of "targets": True if the selected session stands in for a target that is not named."""
    choices: tuple[str, ...] = ()
    """The words a "choice" may be."""

    def describe(self) -> str:
        """How usage and errors name it: `left, right, up or down`, or `text`."""
        return alternatives(self.choices) if self.choices else self.name


@dataclass(frozen=True, slots=True)
class Command:
    """A verb: what keys, the command line, `synk ctl do` and tests run."""

    name: str
    """`noun.verb`."""
    short: str | None
    """Name after the slash where it differs: `new` for `session.new`."""
    function: Callable[..., str | None]
    """Returns the result line, or None for nothing to say."""
    summary: str
    """First line of the docstring, without the full stop."""
    parameters: tuple[Parameter, ...]

    @property
    def usage(self) -> str:
        """`/send [@target] text`."""
        words = [f"/{self.short or self.name}"]
        for parameter in self.parameters:
            word = "@target" if parameter.kind == "targets" else "|".join(parameter.choices) or parameter.name
            words.append(word if parameter.is_required and parameter.kind != "targets" else f"[{word}]")
        return " ".join(words)


F = TypeVar("F", bound=Callable[..., str | None])

_MARK = "__synk_command__"


def command(name: str, *, short: str | None = None) -> Callable[[F], F]:
    """Mark a method as a command; `Registry.add` finds the marked methods of an object."""

    def mark(function: F) -> F:
        setattr(function, _MARK, (name, short))
        return function

    return mark


class Registry:
    """All commands, by name and by short name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Command] = {}

    def __iter__(self) -> Iterator[Command]:
        """Every command once, sorted by name."""
        return iter(sorted(set(self._by_name.values()), key=lambda command: command.name))

    def add(self, owner: object) -> None:
        """Take every marked method of `owner`.

        Raises:
            ValueError: a name is taken already.
        """
        for _, method in inspect.getmembers(owner, inspect.ismethod):
            if mark := getattr(method, _MARK, None):
                name, short = mark
                found = Command(name, short, method, _summary(method), _parameters(method))
                for key in filter(None, (name, short)):
                    if key in self._by_name:
                        raise ValueError(f"two commands are called {key}")
                    self._by_name[key] = found

    def find(self, name: str) -> Command:
        """The command of that name or short name.

        Raises:
            UsageError: there is none; names the nearest.
        """
        if name in self._by_name:
            return self._by_name[name]
        near = get_close_matches(name, self._by_name, n=1)
        hint = f" Did you mean /{near[0]}?" if near else " /help lists the keys."
        raise UsageError(f"Unknown command /{name}.{hint}")

    def names(self) -> list[str]:
        """What may stand after the slash, sorted: short names where there are any."""
        return sorted(command.short or command.name for command in self)


def alternatives(words: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _summary(method: Callable[..., Any]) -> str:
    return (inspect.getdoc(method) or "").split("\n")[0].rstrip(".")


def _parameters(method: Callable[..., Any]) -> tuple[Parameter, ...]:
    hints = get_type_hints(method)
    return tuple(_parameter(p, hints[p.name]) for p in inspect.signature(method).parameters.values())


def _parameter(parameter: inspect.Parameter, hint: Any) -> Parameter:
    is_required = parameter.default is parameter.empty
    if parameter.kind is parameter.VAR_POSITIONAL:
        return Parameter(parameter.name, "words", is_required=False)
    if get_origin(hint) in (Union, UnionType):
        hint = next(kind for kind in get_args(hint) if kind is not type(None))
    if hint is Targets:
        return Parameter(parameter.name, "targets", is_required)
    if hint is Rest:
        return Parameter(parameter.name, "rest", is_required)
    if get_origin(hint) is Literal:
        return Parameter(parameter.name, "choice", is_required, choices=get_args(hint))
    if hint is int:
        return Parameter(parameter.name, "number", is_required)
    if hint is str:
        return Parameter(parameter.name, "word", is_required)
    raise TypeError(f"a command cannot take {parameter.name}: {hint}")
