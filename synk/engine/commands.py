"""What kind of command a line is: its class, and with it limits, variables, where progress and result are read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from synk.engine.classes import GENERIC, Classes, CommandClass
from synk.engine.lexing import SimpleCommand, Unlexable, lex
from synk.engine.wrappers import Program, base_name, programs_of


@dataclass(frozen=True, slots=True)
class Part:
    """One program of a line with its class."""

    cls: CommandClass
    program: str
    words: tuple[str, ...]
    """What follows the program's name."""
    path: str = ""
    """The program as it was written, with its path; of `python -m pip` the interpreter."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What is known about a command before it runs."""

    cls: CommandClass
    """Of the part with the longest limit; limits and variables of all parts, normal exit codes of the last one."""
    program: str
    words: tuple[str, ...]
    names: tuple[str, ...]
    """All programs of the line, wrappers too, in order."""
    label: str
    """The command without paths: the key of learned durations."""
    parts: tuple[Part, ...] = ()

    def has_program(self, *names: str) -> bool:
        """One of the programs of the line looks like one of `names` (`*` allowed)."""
        return any(fnmatchcase(name, pattern) for name in self.names for pattern in names)


def recognise(command: str | Sequence[str], classes: Classes) -> Recognised:
    """What `command` is: a shell line, or the words of one program.

    A line that cannot be lexed is generic. Pure: neither files nor PATH are looked at.
    """
    try:
        commands = lex(command) if isinstance(command, str) else (SimpleCommand(tuple(command)),) if command else ()
    except Unlexable:
        commands = ()
    parts: list[Part] = []
    names: dict[str, None] = {}
    for simple in commands:
        for ways in programs_of(simple):
            parts.append(_part(ways, classes))
            names.update(dict.fromkeys(program.name for program in reversed(ways)))
    label = _label(commands)
    if not parts:
        return Recognised(classes.generic, "", (), (), label or "(not lexed)")
    # Of equal ones the last: its exit code is the line's.
    longest = max(reversed(parts), key=_limit)
    cls = longest.cls if len(parts) == 1 else _joined(longest.cls, parts)
    return Recognised(cls, longest.program, longest.words, tuple(names), label, tuple(parts))


def _part(ways: tuple[Program, ...], classes: Classes) -> Part:
    for program in ways:
        if cls := classes.of(program):
            return Part(cls, program.name, program.words, program.path)
    program = ways[0] if ways else Program("", ())
    return Part(classes.generic, program.name, program.words, program.path)


def _limit(part: Part) -> tuple[float, float, bool]:
    cls = part.cls
    endless = float("inf")
    return (cls.hard_s if cls.hard_s is not None else endless, cls.idle_s or endless, cls.name != GENERIC)


def _joined(cls: CommandClass, parts: Sequence[Part]) -> CommandClass:
    """`cls` with what the other parts of the line need, too."""
    idle = [part.cls.idle_s for part in parts]
    variables: dict[str, str] = {}
    appended: dict[str, str] = {}
    for part in parts:
        variables.update(part.cls.variables)
        appended.update(part.cls.appended)
    return replace(
        cls,
        idle_s=None if None in idle else max(limit for limit in idle if limit is not None),
        variables=variables,
        appended=appended,
        normal_codes=parts[-1].cls.normal_codes,
    )


_SECRET_OPTION = re.compile(r"(?i)(--?[\w-]*(?:token|secret|password|passwd|key|auth)[\w-]*)=.*", re.DOTALL)
_SECRET_NEXT = frozenset(("-u", "--user", "-p", "--password", "-H", "--header", "--token", "-a", "--auth", "--api-key"))
"""Options whose next word is a login with some programs; the label of others loses a word that does not matter."""
_MAX_LABEL = 200


def _label(commands: Sequence[SimpleCommand]) -> str:
    """The line without paths, variables and values that may be secret; the same for the same work in two checkouts."""
    texts = []
    for command in commands:
        words = [_SECRET_OPTION.sub(r"\1=...", word) for word in command.words]
        hidden = ["..." if before in _SECRET_NEXT else word for before, word in zip(("", *words), words, strict=False)]
        texts.append(" ".join(base_name(word) if "/" in word else word for word in hidden))
    return "; ".join(texts)[:_MAX_LABEL]
