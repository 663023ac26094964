"""What the bytes of settings.toml mean: the settings in force, and one message per mistake."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from synk.base.toml import TomlBroken, TomlDocument, TomlPath, decode_toml
from synk.settings.schema import RENAMED, VERSION, Settings, all_settings


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the file, and what is used instead."""

    level: Literal["error", "warning"]
    text: str
    """One sentence or two with file, line, key, value and the default used."""
    keys: tuple[str, ...]
    """`group.key` of the settings concerned; empty if it is the whole file."""
    line: int | None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings in force, and what was found while reading them."""

    settings: Settings = field(default_factory=Settings)
    problems: tuple[Problem, ...] = ()
    """In the order of the file's lines."""
    document: TomlDocument = field(default_factory=lambda: TomlDocument({}, {}))
    is_writable: bool = True
    """False while the file is not TOML or of a newer version: nothing is written over it."""

    def line(self, *path: str) -> int | None:
        """The line of a key, e.g. `line("keyboard", "navigation", "ctrl+n")`; None if the file has none."""
        return self.document.line(path)

    def new_problems(self, before: "LoadedSettings") -> tuple[Problem, ...]:
        """The problems `before` did not have yet, so that an unrelated edit repeats no message."""
        known = {(problem.keys, problem.text.partition(": ")[2]) for problem in before.problems}
        return tuple(problem for problem in self.problems if (problem.keys, problem.text.partition(": ")[2]) not in known)


def check(data: bytes, file_name: str, renamed: Mapping[str, str] = RENAMED) -> LoadedSettings:
    """What the bytes of a settings file say: wrong keys get their defaults, each with a problem."""
    try:
        document = decode_toml(data)
    except TomlBroken as error:
        text = f"{file_name} line {error.line}, column {error.column}: {error.reason}. Using defaults for everything."
        return LoadedSettings(problems=(Problem("error", text, (), error.line, error.column),), is_writable=False)
    return _Check(document, file_name, renamed).run()


class _Check:
    """One pass over a parsed file. The models decide; this drops what they refuse and words the messages."""

    def __init__(self, document: TomlDocument, file_name: str, renamed: Mapping[str, str]) -> None:
        self._document = document
        self._file_name = file_name
        self._known = {setting.name: setting for setting in all_settings()}
        self._problems: list[Problem] = []
        self._values = _copied(document.values)
        self._origin: dict[TomlPath, TomlPath] = {}
        """Where a value stands under its old name: new path to old path."""
        for old, new in renamed.items():
            self._take_old_name(tuple(old.split(".")), tuple(new.split(".")))

    def run(self) -> LoadedSettings:
        is_newer = self._is_newer()
        while True:
            # Each round drops at least one key, and an empty file is valid, so this ends.
            try:
                settings = Settings.model_validate(self._values)
                break
            except ValidationError as error:
                found = {self._known_part(details["loc"]): details for details in reversed(error.errors(include_url=False))}
                for path, details in reversed(found.items()):
                    self._drop(path, details)
        problems = tuple(sorted(self._problems, key=lambda problem: problem.line or 0))
        return LoadedSettings(settings, problems, self._document, is_writable=not is_newer)

    def _is_newer(self) -> bool:
        version = self._values.get("version")
        if not isinstance(version, int) or version <= VERSION:
            return False
        text = f"version {version} is newer than this Synk knows ({VERSION}). It is read as far as possible, and not written."
        self._note("warning", ("version",), text)
        return True

    def _take_old_name(self, old: TomlPath, new: TomlPath) -> None:
        value = _taken(self._values, old)
        if value is None:
            return
        if not self._values[str(old[0])] and old[0] not in Settings.model_fields:
            del self._values[str(old[0])]
        group = self._values.setdefault(str(new[0]), {})
        if isinstance(group, dict) and new[-1] not in group:
            group[new[-1]] = value
            self._origin[new] = old

    def _known_part(self, path: TomlPath) -> TomlPath:
        """The part of a place that keys lead to: an entry of a list is dropped with its list."""
        inner: Any = self._values
        for length, key in enumerate(path):
            if not isinstance(inner, dict) or key not in inner:
                return path[:length]
            inner = inner[key]
        return path

    def _drop(self, path: TomlPath, error: ErrorDetails) -> None:
        if error["type"] == "contradiction":
            self._drop_pair(path, error)
            return
        _taken(self._values, path)
        got = shown(error["input"])
        if error["type"] == "extra_forbidden":
            self._note("warning", path, f"unknown setting {dotted(path)}{self._nearest(path)}")
        elif len(path) == 1 and path[0] != "version":
            self._note("error", path, f"{dotted(path)}: a table of settings, not {got}. Using defaults.")
        else:
            self._note("error", path, f"{dotted(path)}: {self._wanted(path, error)}, not {got}. {self._instead(path)}")

    def _drop_pair(self, group: TomlPath, error: ErrorDetails) -> None:
        ctx = error.get("ctx", {})
        paths = [(*group, key) for key in ctx["keys"]]
        defaults = [shown(self._known[dotted(path)].default) for path in paths]
        lines = sorted({line for path in paths if (line := self._line(path)) is not None})
        for path in paths:
            _taken(self._values, path)
        self._add("error", lines, tuple(dotted(path) for path in paths), f"{ctx['text']}. Using {' and '.join(defaults)}.")

    def _wanted(self, path: TomlPath, error: ErrorDetails) -> str:
        if path == ("version",):
            return "a whole number from 1"
        setting = self._known[dotted(path[:2])]
        if len(path) == 2:
            return setting.wanted
        # Of an entry of a table the model itself says it best: "Input should be less than or equal to 32".
        return "a command in quotes" if path[0] == "keyboard" else _said(error)

    def _instead(self, path: TomlPath) -> str:
        if path == ("version",):
            return f"Using {VERSION}."
        is_binding = path[0] == "keyboard"
        if len(path) > 2:
            return "The default binding stays." if is_binding else "Using the default."
        setting = self._known[dotted(path)]
        if setting.kind == "list":
            return "Using the default."
        if setting.kind == "table":
            return "Using the default bindings." if is_binding else "Using an empty one."
        return f"Using {shown(setting.default)}."

    def _nearest(self, path: TomlPath) -> str:
        groups = {setting.group for setting in self._known.values()}
        name = str(path[-1])
        if len(path) == 1:
            near = difflib.get_close_matches(name, groups, 1, 0.5)
        else:
            by_key = {setting.key: setting.name for setting in self._known.values()}
            siblings = [setting.key for setting in self._known.values() if setting.group == path[0]]
            keys = difflib.get_close_matches(name, siblings, 1, 0.5) or difflib.get_close_matches(name, by_key, 1, 0.6)
            near = [f"{path[0]}.{key}" if key in siblings else by_key[key] for key in keys]
        return f". Did you mean {near[0]}?" if near else "."

    def _note(self, level: Literal["error", "warning"], path: TomlPath, text: str) -> None:
        line = self._line(path)
        self._add(level, [] if line is None else [line], (dotted(path),), text)

    def _add(self, level: Literal["error", "warning"], lines: list[int], keys: tuple[str, ...], text: str) -> None:
        place = f" line{'s' if len(lines) > 1 else ''} {' and '.join(map(str, lines))}" if lines else ""
        self._problems.append(Problem(level, f"{self._file_name}{place}: {text}", keys, lines[0] if lines else None))

    def _line(self, path: TomlPath) -> int | None:
        path = self._origin.get(path[:2], path[:2]) + path[2:]
        return self._document.lines.get(path)


def _said(error: ErrorDetails) -> str:
    """What the model wants, in its own words."""
    known = {"model_type": "a table", "string_pattern_mismatch": "a size as 512M or 2G"}
    return known.get(error["type"]) or error["msg"].removeprefix("Input should be ")


def dotted(path: TomlPath) -> str:
    """`group.key`, with quotes around a key that needs them in TOML."""
    return ".".join(str(part) if str(part).replace("_", "a").replace("-", "a").isalnum() else f'"{part}"' for part in path)


def shown(value: Any) -> str:
    """A value as it reads in a message, at most 60 characters."""
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "a table"
        case list():
            return "a list"
        case str() if value == "":
            return "''"
        case str():
            return repr(value if len(value) <= 60 else f"{value[:57]}...")
        case _:
            return str(value)


def _copied(table: dict[str, Any]) -> dict[str, Any]:
    """The nested tables copied, so that keys can be dropped."""
    return {key: _copied(value) if isinstance(value, dict) else value for key, value in table.items()}


def _taken(table: dict[str, Any], path: TomlPath) -> Any:
    """Remove the value at `path` and return it; None if it is not there."""
    inner: Any = table
    for key in path[:-1]:
        inner = inner.get(key) if isinstance(inner, dict) else None
    return inner.pop(path[-1], None) if isinstance(inner, dict) else None
