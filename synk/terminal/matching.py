"""What a search looks for: a plain text or a regular expression, and where a line of cells contains it."""

import re
import warnings
from collections.abc import Callable

from synk.base.errors import SynkError
from synk.base.time_limit import TimeIsUp, TimeLimit
from synk.terminal.rows import STUB

LIMIT_S = 0.05
"""For a regular expression on one line, or on the lines of one block: a thousand times what a sensible one takes."""

Span = tuple[int, int]
"""First cell and the cell after the last one."""


class PatternInvalid(SynkError):
    """A regular expression that cannot be understood; the message says why and where."""

    kind = "pattern"


class Matcher:
    """Finds a pattern in lines. Without a capital letter in it, case does not matter.

    A regular expression that takes too long on a line (`(a+)+$` on `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab`) finds nothing from then
    on; `is_too_slow` says so.

    Raises:
        PatternInvalid: `pattern` is no regular expression.
    """

    def __init__(self, pattern: str, *, is_regex: bool, expand: Callable[[str], str]) -> None:
        """`expand` writes out what stands for clusters and removes stubs."""
        self._expand = expand
        letters = re.sub(r"\\.", "", pattern) if is_regex else pattern
        self._ignores_case = letters == letters.lower()
        self._needle = pattern
        self._limit = TimeLimit(LIMIT_S)
        self.is_too_slow = False
        """True once it took too long."""
        self._regex: re.Pattern[str] | None = None
        if is_regex and pattern:
            self._regex = _compiled(pattern, ignores_case=self._ignores_case)
        elif self._ignores_case:
            self._needle = _lower(pattern)

    def count(self, cells: str) -> int:
        """How often the pattern is in a line, without overlap."""
        if not self._needle:
            return 0
        if self._regex is not None:
            return len(self._found([cells])[0])
        if cells.isascii():
            return (cells.lower() if self._ignores_case else cells).count(self._needle)
        return self._folded(self._expand(cells)).count(self._needle)

    def counts(self, lines: list[str]) -> list[tuple[int, int]]:
        """Number and count of each line that contains the pattern."""
        if self._regex is None and self._needle:
            # Most lines contain nothing: one look at all of them in one go.
            text = "\n".join(lines)
            if text.isascii():
                needle, text = self._needle, self._folded(text)
                if needle not in text:
                    return []
                return [(number, line.count(needle)) for number, line in enumerate(text.split("\n")) if needle in line]
        if self._regex is not None:
            return [(number, len(found)) for number, found in enumerate(self._found(lines)) if found]
        return [(number, found) for number, found in enumerate(map(self.count, lines)) if found]

    def spans(self, cells: str) -> list[Span]:
        """Where in the cells of a line the pattern is, from left to right."""
        return self.spans_in([cells])[0]

    def spans_in(self, lines: list[str]) -> list[list[Span]]:
        """The spans of each line."""
        if not self._needle:
            return [[] for _ in lines]
        if self._regex is not None:
            found = self._found(lines)
        else:
            found = [self._find(line if line.isascii() else self._expand(line)) for line in lines]
        return [spans if line.isascii() else self._in_cells(line, spans) for line, spans in zip(lines, found, strict=True)]

    def _in_cells(self, cells: str, spans: list[Span]) -> list[Span]:
        """Spans of the characters of a line as spans of its cells."""
        if not spans:
            return spans
        starts, ends = self._columns(cells)
        return [(starts[start], ends[end - 1]) for start, end in spans]

    def _find(self, text: str) -> list[Span]:
        text = self._folded(text)
        spans = []
        start = text.find(self._needle)
        while start >= 0:
            spans.append((start, start + len(self._needle)))
            start = text.find(self._needle, start + len(self._needle))
        return spans

    def _found(self, lines: list[str]) -> list[list[Span]]:
        """What the regular expression finds in each line, in characters; nothing at all if it takes too long."""
        assert self._regex is not None
        find, found = self._regex.finditer, []
        if not self.is_too_slow:
            try:
                with self._limit:
                    for line in lines:
                        text = line if line.isascii() else self._expand(line)
                        found.append([match.span() for match in find(text) if match.end() > match.start()])
            except TimeIsUp:
                self.is_too_slow = True
        return found if len(found) == len(lines) else [[] for _ in lines]

    def _columns(self, cells: str) -> tuple[list[int], list[int]]:
        """First cell and cell after the last one, for each character of the expanded text."""
        starts: list[int] = []
        ends: list[int] = []
        for column, cell in enumerate(cells):
            if cell == STUB:
                continue
            width = 2 if cells[column + 1 : column + 2] == STUB else 1
            count = len(self._expand(cell))
            starts += [column] * count
            ends += [column + width] * count
        return starts, ends

    def _folded(self, text: str) -> str:
        return _lower(text) if self._ignores_case else text


def _lower(text: str) -> str:
    """Lower case, character by character: a few characters have two as their lower case, which would move the rest."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join([char.lower() if len(char.lower()) == 1 else char for char in text])


def _compiled(pattern: str, *, ignores_case: bool) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            # "[[" may mean something else in a later Python; here it means what it does today.
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(pattern, re.IGNORECASE if ignores_case else 0)
    except re.error as error:
        place = "" if error.pos is None else f", at character {error.pos + 1}"
        raise PatternInvalid(f"No regular expression: {error.msg}{place}") from error
    except (OverflowError, RecursionError) as error:
        raise PatternInvalid("No regular expression: too large") from error
