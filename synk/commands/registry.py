"""Commands: annotated functions known by a name; arguments, help and completion come from their signatures."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from synk.base.errors import UsageError
from synk.sessions.session import Session

Rest = NewType("Rest", str)
"""Parameter type: the rest of the line, exactly as it was typed."""

Whole = NewType("Whole", str)
"""Parameter type: the rest of the line as one name or path; it needs no quotes, and those around all of it are taken off."""


class Targets(tuple[Session, ...]):
    """Parameter type: the sessions named by `@5`, `@all`, `session:12` and so on; never empty.

    A plain `Targets` parameter is the selected session when the line names none; `Targets | None` is None then.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Beside the type of a parameter: who knows what it may be, `Annotated[str, Source("agents")]`."""

    name: str


@dataclass(frozen=True, slots=True)
class Only:
    """Beside `Targets`: which sessions the command can act on. Completion offers no others; the command itself refuses them."""

    accepts: Callable[[Session], bool] = lambda _session: True
    is_single: bool = False
    """It takes one session only."""


ANY = Only()
LIVE = Only(lambda session: session.is_live)
ENDED = Only(lambda session: not session.is_live)

Kind = Literal["targets", "rest", "whole", "choice", "number", "word", "words"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a command."""

    name: str
    kind: Kind
    is_required: bool
    """Of "targets": True if the selected session stands in for a target that is not named."""
    choices: tuple[str, ...] = ()
    """The words a "choice" may be."""
    source: str = ""
    """Who knows the words it may be; "" if nobody does."""
    only: Only = ANY
    """Of "targets": the sessions it may be."""

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
    is_offered: bool = True
    """False for one that only means something through its key (`line.run`): completion and manual leave it out."""
    when: Callable[[], bool] | None = None
    """Whether it would do something now; None: always."""

    @property
    def title(self) -> str:
        """What stands after the slash: the short name where there is one."""
        return self.short or self.name

    @property
    def usage(self) -> str:
        """`/send [@target] text`."""
        words = [f"/{self.title}"]
        for parameter in self.parameters:
            word = "@target" if parameter.kind == "targets" else "|".join(parameter.choices) or parameter.name
            words.append(word if parameter.is_required and parameter.kind != "targets" else f"[{word}]")
        return " ".join(words)


F = TypeVar("F", bound=Callable[..., str | None])

_MARK = "__synk_command__"


@dataclass(frozen=True, slots=True)
class _Mark:
    name: str
    short: str | None
    is_offered: bool
    when: str | None


def command(name: str, *, short: str | None = None, is_offered: bool = True, when: str | None = None) -> Callable[[F], F]:
    """Mark a method as a command; `Registry.add` finds the marked methods of an object.

    `when` names a method of the same object that tells whether the command would do something now; see `Command`.
    """

    def mark(function: F) -> F:
        setattr(function, _MARK, _Mark(name, short, is_offered, when))
        return function

    return mark


def declared(owner: type) -> list[Command]:
    """The commands a class declares, sorted by name: to be described, not to be run."""
    found = []
    for _, function in inspect.getmembers(owner, inspect.isfunction):
        if mark := getattr(function, _MARK, None):
            parameters = _parameters(function)[1:]
            found.append(Command(mark.name, mark.short, function, _summary(function), parameters, mark.is_offered))
    return sorted(found, key=lambda command: command.name)


class Registry:
    """All commands, by name and by short name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Command] = {}
        self._sorted: tuple[Command, ...] = ()

    def __iter__(self) -> Iterator[Command]:
        """Every command once, sorted by name."""
        return iter(self._sorted)

    def add(self, owner: object) -> None:
        """Take every marked method of `owner`.

        Raises:
            ValueError: a name is taken already.
        """
        for _, method in inspect.getmembers(owner, inspect.ismethod):
            if mark := getattr(method, _MARK, None):
                when = getattr(owner, mark.when) if mark.when else None
                found = Command(mark.name, mark.short, method, _summary(method), _parameters(method), mark.is_offered, when)
                for key in filter(None, (mark.name, mark.short)):
                    if key in self._by_name:
                        raise ValueError(f"two commands are called {key}")
                    self._by_name[key] = found
        self._sorted = tuple(sorted(set(self._by_name.values()), key=lambda command: command.name))

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
        return sorted(command.title for command in self)


def alternatives(words: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _summary(method: Callable[..., Any]) -> str:
    return (inspect.getdoc(method) or "").split("\n")[0].rstrip(".")


def _parameters(method: Callable[..., Any]) -> tuple[Parameter, ...]:
    hints = get_type_hints(method, include_extras=True)
    return tuple(_parameter(p, hints.get(p.name, str)) for p in inspect.signature(method).parameters.values())


def _parameter(parameter: inspect.Parameter, hint: Any) -> Parameter:
    hint, notes = _unwrapped(hint)
    source = next((note.name for note in notes if isinstance(note, Source)), "")
    only = next((note for note in notes if isinstance(note, Only)), ANY)
    is_required = parameter.default is parameter.empty
    if parameter.kind is parameter.VAR_POSITIONAL:
        return Parameter(parameter.name, "words", is_required=False, source=source)
    if get_origin(hint) is Literal:
        return Parameter(parameter.name, "choice", is_required, choices=get_args(hint))
    kinds: dict[Any, Kind] = {Targets: "targets", Rest: "rest", Whole: "whole", int: "number", str: "word"}
    if hint not in kinds:
        raise TypeError(f"a command cannot take {parameter.name}: {hint}")
    return Parameter(parameter.name, kinds[hint], is_required, source=source, only=only)


def _unwrapped(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type without `| None` and `Annotated`, and the notes of the latter."""
    notes: tuple[Any, ...] = ()
    while get_origin(hint) in (Union, UnionType, Annotated):
        if get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            notes += tuple(more)
        else:
            hint = next(kind for kind in get_args(hint) if kind is not type(None))
    return hint, notes
