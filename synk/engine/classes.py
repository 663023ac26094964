"""Classes of commands: a row of the table in 07-automation.md, section 4, is one file `resources/commands/NAME.toml`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from synk.engine.declared import Misfit, read_declared
from synk.engine.wrappers import Program

REPORT = "{report}"
"""In the value of a variable: the file in the run's folder that the program is asked to write its report to."""
GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Match:
    """One way to be of a class; everything that is given has to hold."""

    programs: tuple[str, ...]
    """Names without path; may hold `*`."""
    verbs: tuple[str, ...] = ()
    """First words that are no options, "run build*" for two of them."""
    valued: tuple[str, ...] = ()
    """Options whose value is the next word, so that it is not taken for a verb."""
    any_of: tuple[str, ...] = ()
    """One of the words has to look like one of these."""
    none_of: tuple[str, ...] = ()
    min_operands: int = 0
    max_operands: int | None = None
    """Words that are no options and no values of them."""
    needs_terminal: bool = False
    """Not if its input is a pipe or a file."""


@dataclass(frozen=True, slots=True)
class CommandClass:
    """What holds for all commands of a class."""

    name: str
    idle_s: float | None = None
    """Seconds without output, CPU time and I/O; None: no limit."""
    hard_s: float | None = None
    """Seconds of wall time; None: no limit."""
    hard_from_life: bool = False
    """The hard limit counts from the last sign of life."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Set in its environment; `{report}` in a value is a file in the run's folder."""
    appended: Mapping[str, str] = field(default_factory=dict)
    """Added to the end of a variable's value with a space; set if there is none."""
    normal_codes: tuple[int, ...] = (0,)
    codes: Mapping[int, str] = field(default_factory=dict)
    """What its exit codes mean, as half a sentence: "no test was found"."""
    is_server: bool = False
    is_interactive: bool = False
    """Needs `tty=both`."""
    progress: str = GENERIC
    """Name of its reader in `progress.py`."""
    result: str = GENERIC
    """Name of its reader in `structured.py`."""
    failure: str = GENERIC
    """Name of its reader in `failures.py`."""
    order: int = 100
    """Which class is asked first where two could match."""
    matches: tuple[Match, ...] = ()


class Classes:
    """All classes, ready to be asked; holds what could not be read in `problems`."""

    def __init__(self, classes: Iterable[CommandClass], problems: Sequence[str] = ()) -> None:
        self._all = {cls.name: cls for cls in sorted(classes, key=lambda cls: (cls.order, cls.name))}
        self.problems = tuple(problems)
        """`line 3 of pip.toml: ...`; the class concerned is missing, the others work."""
        self.generic = self._all.get(GENERIC) or CommandClass(GENERIC, idle_s=60, hard_s=120, hard_from_life=True)
        self._named: dict[str, list[tuple[CommandClass, Match]]] = {}
        self._globs: list[tuple[str, CommandClass, Match]] = []
        for cls in self._all.values():
            for match in cls.matches:
                for program in match.programs:
                    if "*" in program:
                        self._globs.append((program, cls, match))
                    else:
                        self._named.setdefault(program, []).append((cls, match))

    def __iter__(self) -> Iterator[CommandClass]:
        return iter(self._all.values())

    def __getitem__(self, name: str) -> CommandClass:
        return self._all[name]

    def of(self, program: Program) -> CommandClass | None:
        """The class of one program; None if it is in no table."""
        found = self._named.get(program.name, [])
        globbed = ((cls, match) for glob, cls, match in self._globs if fnmatchcase(program.name, glob))
        for cls, match in (*found, *globbed):
            if _fits(program, match):
                return cls
        return None


def _fits(program: Program, match: Match) -> bool:
    words = program.words
    if match.needs_terminal and program.is_fed:
        return False
    if match.any_of and not any(fnmatchcase(word, glob) for word in words for glob in match.any_of):
        return False
    if match.none_of and any(fnmatchcase(word, glob) for word in words for glob in match.none_of):
        return False
    if not match.verbs and not match.min_operands and match.max_operands is None:
        return True
    operands = _operands(words, match.valued)
    if len(operands) < match.min_operands or (match.max_operands is not None and len(operands) > match.max_operands):
        return False
    return not match.verbs or any(_is_verb(operands, verb) for verb in match.verbs)


def _operands(words: Sequence[str], valued: Sequence[str]) -> list[str]:
    found: list[str] = []
    is_value = False
    for number, word in enumerate(words):
        if is_value:
            is_value = False
        elif word == "--":
            return found + list(words[number + 1 :])
        elif word in valued:
            is_value = True
        elif not word.startswith("-") or word == "-":
            found.append(word)
    return found


def _is_verb(operands: Sequence[str], verb: str) -> bool:
    wanted = verb.split()
    return len(operands) >= len(wanted) and all(fnmatchcase(word, glob) for word, glob in zip(operands, wanted, strict=False))


def load_classes(*folders: Path) -> Classes:
    """The classes in `*.toml` of `folders`; a later folder replaces classes of an earlier one by name.

    A file that cannot be used is left out and named in `Classes.problems`.
    """
    found, problems = read_declared(folders, _build)
    return Classes({cls.name: cls for cls in found}.values(), problems)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise TypeError("a list of texts")
    return tuple(value)


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise TypeError("a number of seconds (0: no limit)")
    return float(value) or None


def _table(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise TypeError("a table of texts")
    return value


def _codes(value: Any) -> dict[int, str]:
    try:
        return {int(code): meaning for code, meaning in _table(value).items()}
    except ValueError:
        raise TypeError("a table from exit codes to texts") from None


def _numbers(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(type(code) is int and 0 <= code <= 255 for code in value):
        raise TypeError("a list of exit codes")
    return tuple(value)


def _of(kind: type, words: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(words)
        return value

    return check


_text, _flag, _number = _of(str, "a text"), _of(bool, "true or false"), _of(int, "a whole number")
_MATCH_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "programs": _texts, "verbs": _texts, "valued": _texts, "any_of": _texts, "none_of": _texts,
    "min_operands": _number, "max_operands": _number, "needs_terminal": _flag,
}  # fmt: skip
_CLASS_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "idle_s": _seconds, "hard_s": _seconds, "hard_from_life": _flag, "variables": _table, "appended": _table,
    "normal_codes": _numbers, "codes": _codes, "is_server": _flag, "is_interactive": _flag,
    "progress": _text, "result": _text, "failure": _text, "order": _number,
}  # fmt: skip


def _build(values: Mapping[str, Any], path: Path) -> CommandClass:
    given = dict(values)
    if given.pop("schema", None) != 1:
        raise Misfit("schema has to be 1", "schema")
    matches = given.pop("match", [])
    if not isinstance(matches, list):
        raise Misfit("match has to be a list of tables: [[match]]", "match")
    built = tuple(Match(**_checked(match, _MATCH_KEYS, ("match", number))) for number, match in enumerate(matches))
    for number, match in enumerate(built):
        if not match.programs:
            raise Misfit("programs is missing", "match", number)
    fields = _checked(given, _CLASS_KEYS, ())
    if "variables" in fields:
        fields["variables"] = {key: text.replace("{folder}", str(path.parent)) for key, text in fields["variables"].items()}
    return CommandClass(name=path.stem, matches=built, **fields)


def _checked(given: Any, keys: Mapping[str, Callable[[Any], Any]], place: tuple[str | int, ...]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Misfit("a table is expected", *place)
    checked: dict[str, Any] = {"programs": ()} if keys is _MATCH_KEYS else {}
    for key, value in given.items():
        if key not in keys:
            raise Misfit(f"unknown key {key}", *place, key)
        try:
            checked[key] = keys[key](value)
        except TypeError as error:
            raise Misfit(f"{key} has to be {error}", *place, key) from None
    return checked
