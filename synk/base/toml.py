"""Reading TOML with the line of every key, so that a message can name the place (TOML 1.0.0)."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TomlPath = tuple[str | int, ...]
"""Keys from the outside in; an integer is the position in an array, from 0."""


class TomlBroken(ValueError):
    """The text is not TOML; `line` and `column` (from 1) say where reading stopped."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.reason = reason
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """What a file says, and where it says it."""

    values: dict[str, Any]
    lines: Mapping[TomlPath, int]
    """The line (from 1) on which a key stands first."""

    def line(self, path: TomlPath) -> int | None:
        """The line of `path`, or of the nearest thing around it that has one; None for the document itself."""
        while path:
            if (line := self.lines.get(path)) is not None:
                return line
            path = path[:-1]
        return None


def parse_toml(text: str) -> TomlDocument:
    """Parse a whole document.

    Raises:
        TomlBroken: it is not TOML.
    """
    try:
        values = tomllib.loads(text)
    except RecursionError as error:
        raise TomlBroken("Nested too deeply", 1, 1) from error
    except ValueError as error:
        raise _located(error, text) from error
    return TomlDocument(values, _Scanner(text).scan())


def decode_toml(data: bytes) -> TomlDocument:
    """Parse the bytes of a file; TOML is always UTF-8.

    Raises:
        TomlBroken: it is not UTF-8 or not TOML.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = _place(before)
        raise TomlBroken("Not UTF-8 text", line, column) from error
    return parse_toml(text)


def _located(error: ValueError, text: str) -> TomlBroken:
    # Python 3.14 gives the place as attributes; before, it stands in the text only.
    match = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
    if match is None:
        return TomlBroken(str(error), 1, 1)
    line, column = (int(match[1]), int(match[2])) if match[1] else _place(text)
    return TomlBroken(str(error)[: match.start()], line, column)


def _place(before: str) -> tuple[int, int]:
    """Line and column just after `before`."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class _Scanner:
    """Walks a document that tomllib has accepted, and notes the line of each key."""

    _BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
    _KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
    _STRING = re.compile(
        r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?'{3,5}|"(?:[^"\\]|\\.)*"|'[^']*\'''',
        re.DOTALL,
    )
    _BARE = re.compile(r"[^,\]}#\n]*")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self._lines: dict[TomlPath, int] = {}
        self._counts: dict[TomlPath, int] = {}
        """Arrays of tables: how many tables each has so far."""

    def scan(self) -> dict[TomlPath, int]:
        table: TomlPath = ()
        while self._skip_blank() < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _header(self) -> TomlPath:
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        line = self._line()
        names = self._key()
        self._skip_blank()
        self._at += 2 if is_array else 1
        path: TomlPath = ()
        for position, name in enumerate(names):
            path = (*path, name)
            self._lines.setdefault(path, line)
            if is_array and position == len(names) - 1:
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
                self._lines.setdefault(path, line)
        return path

    def _pair(self, table: TomlPath) -> None:
        line = self._line()
        path = table
        for name in self._key():
            path = (*path, name)
            self._lines.setdefault(path, line)
        self._skip_blank()
        self._at += 1  # the equals sign
        self._value(path)

    def _value(self, path: TomlPath) -> None:
        self._skip_blank()
        opening = self._text[self._at]
        if opening in "\"'":
            self._at = self._end_of(self._STRING)
        elif opening == "[":
            self._at += 1
            position = 0
            while self._more("]"):
                self._lines[(*path, position)] = self._line()
                self._value((*path, position))
                position += 1
        elif opening == "{":
            self._at += 1
            while self._more("}"):
                self._pair(path)
        else:
            self._at = self._end_of(self._BARE)

    def _more(self, closing: str) -> bool:
        """Step over blanks and a comma; False (and past `closing`) at the end of an array or inline table."""
        self._skip_blank()
        if self._text[self._at] == ",":
            self._at += 1
            self._skip_blank()
        if self._text[self._at] != closing:
            return True
        self._at += 1
        return False

    def _key(self) -> list[str]:
        names: list[str] = []
        while True:
            self._skip_blank()
            start, self._at = self._at, self._end_of(self._KEY)
            raw = self._text[start : self._at]
            names.append(tomllib.loads(f"key = {raw}")["key"] if raw[0] in "\"'" else raw)
            self._skip_blank()
            if self._text[self._at] != ".":
                return names
            self._at += 1

    def _skip_blank(self) -> int:
        self._at = self._end_of(self._BLANK)
        return self._at

    def _end_of(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise AssertionError(f"TOML that tomllib accepted and the scanner does not, at {self._at}")
        return match.end()

    def _line(self) -> int:
        return bisect_right(self._ends, self._at - 1) + 1
