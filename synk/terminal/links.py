"""Links in what a program printed: those it declares (OSC 8), addresses, and places in files such as `src/app.py:12`.

Everything here is untrusted text: `refusal` says whether a target may be opened at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from synk.terminal.styles import Link
from synk.terminal.texts import has_controls, plain

SCHEMES = ("http", "https", "mailto", "file")
"""Kinds of address that are opened; `javascript:`, `vscode:` and the like are not."""

MAX_ROWS = 64
"""Rows of one wrapped line that are looked at; an address is at most 2083 characters in practice."""

# RFC 3986 without the characters that end an address in prose. Anything beyond ASCII belongs to it: people write IRIs.
_ADDRESS = re.compile(r"(?:https?://|file:///|mailto:)[^\s<>\"`{}|\\^\x00-\x20\x7f-\xa0]+", re.IGNORECASE)
# path:line and path:line:column, as compilers, linters and grep write them. One class of characters, and none of them
# before: so a long word is looked at once, not once for each way to divide it.
_PLACE = re.compile(r"(?<![\w./~@+-])([\w./~@+-]+):(\d{1,9})(?::(\d{1,9}))?(?![\w/])")
_IS_PATH = re.compile(r"/|\w\.[A-Za-z]\w{0,9}$")
# Python's tracebacks.
_TRACEBACK = re.compile(r'File "([^"\n]+)", line (\d{1,9})')
_TRAILING = ".,;:!?'\""
_PAIRS = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link as it stands on the screen."""

    kind: Literal["address", "place"]
    target: str
    """The address, or the path with line and column as `path:12:4`."""
    spans: tuple[tuple[int, int, int], ...]
    """Absolute line, first column and the column after the last, from top to bottom."""
    is_declared: bool = False
    """By OSC 8: what is read on the screen may be something else than the target."""

    def covers(self, line: int, col: int) -> bool:
        """Whether a cell belongs to it."""
        return any(line == at and start <= col < end for at, start, end in self.spans)


class LinkedScreen(Protocol):
    """What is read of an emulator; rows count as in `Emulator.row`."""

    @property
    def cols(self) -> int:
        """Columns of the screen."""

    @property
    def rows(self) -> int:
        """Lines of the screen."""

    @property
    def scrolled_total(self) -> int:
        """Absolute number of row 0."""

    def first_row(self) -> int:
        """The oldest row there is."""

    def cells(self, y: int) -> tuple[str, ...]:
        """Text of a row by column."""

    def is_wrapped(self, y: int) -> bool:
        """True if the line goes on in the next row."""

    def link(self, x: int, y: int) -> Link:
        """The declared link of a cell."""


def refusal(target: str) -> str:
    """Why an address is not opened, for the user to read; "" if it may be."""
    if has_controls(target) or plain(target) != target:
        return "The link has control characters in its address"
    scheme, colon, rest = target.partition(":")
    if not colon or scheme.lower() not in SCHEMES:
        return f"Only http, https, mailto and file links are opened, not {plain(scheme, 20)}:" if colon else "Not an address"
    return "" if rest else "The address is empty"


def link_at(screen: LinkedScreen, line: int, col: int) -> FoundLink | None:
    """The link in a cell; `line` is absolute."""
    return next((link for link in links_in(screen, line, line) if link.covers(line, col)), None)


def links_in(screen: LinkedScreen, first: int, last: int) -> list[FoundLink]:
    """Links in the lines that rows `first` to `last` (absolute, included) belong to, in the order they are read."""
    found: list[FoundLink] = []
    line = _first_row(screen, first)
    while line <= min(last, screen.scrolled_total + screen.rows - 1):
        row = _LogicalLine(screen, line)
        declared = _declared(screen, row)
        taken = {(at, col) for link in declared for at, start, end in link.spans for col in range(start, end)}
        found += declared
        found += [link for link in _recognised(row) if not any((at, start) in taken for at, start, _ in link.spans)]
        line += row.rows
    return sorted(_joined(found), key=lambda link: link.spans[0])


class _LogicalLine:
    """A line with its wraps undone, and where each of its characters stands."""

    def __init__(self, screen: LinkedScreen, line: int) -> None:
        self.places: list[tuple[int, int]] = []
        self.rows = 0
        parts: list[str] = []
        goes_on = True
        while goes_on and self.rows < MAX_ROWS:
            y = line + self.rows - screen.scrolled_total
            cells = screen.cells(y)
            goes_on = screen.is_wrapped(y) and y + 1 < screen.rows
            for col, cell in enumerate(cells):
                if cell:
                    parts.append(cell[0])
                    self.places.append((line + self.rows, col))
            self.rows += 1
        self.text = "".join(parts)

    def spans(self, start: int, end: int) -> tuple[tuple[int, int, int], ...]:
        """Where characters `start` to `end` (excluded) stand, row by row."""
        return _rows_of(self.places[start:end])


def _rows_of(places: list[tuple[int, int]]) -> tuple[tuple[int, int, int], ...]:
    rows: dict[int, tuple[int, int]] = {}
    for line, col in places:
        low, high = rows.get(line, (col, col + 1))
        rows[line] = (min(low, col), max(high, col + 1))
    return tuple((line, low, high) for line, (low, high) in sorted(rows.items()))


def _first_row(screen: LinkedScreen, line: int) -> int:
    oldest = max(screen.scrolled_total + screen.first_row(), line - MAX_ROWS)
    while line > oldest and screen.is_wrapped(line - 1 - screen.scrolled_total):
        line -= 1
    return line


def _declared(screen: LinkedScreen, row: _LogicalLine) -> list[FoundLink]:
    links: list[FoundLink] = []
    here: list[tuple[int, int]] = []
    before = Link()
    for line, col in [*row.places, (0, -1)]:
        link = screen.link(col, line - screen.scrolled_total) if col >= 0 else Link()
        if link != before:
            if before:
                links.append(FoundLink("address", before.target, _rows_of(here), is_declared=True))
            here, before = [], link
        here.append((line, col))
    return links


def _joined(links: list[FoundLink]) -> list[FoundLink]:
    """Parts of one declared link that follow each other in several lines (a program wrapped it itself) as one."""
    joined: list[FoundLink] = []
    for link in links:
        last = joined[-1] if joined else None
        is_next = last is not None and last.is_declared and link.is_declared and last.target == link.target
        if last is not None and is_next and last.spans[-1][0] + 1 == link.spans[0][0]:
            joined[-1] = FoundLink("address", last.target, last.spans + link.spans, is_declared=True)
        else:
            joined.append(link)
    return joined


def _recognised(row: _LogicalLine) -> Iterator[FoundLink]:
    taken: set[int] = set()
    for match in _ADDRESS.finditer(row.text):
        target = _trimmed(match[0])
        if not refusal(target):
            taken.update(range(match.start(), match.start() + len(target)))
            yield FoundLink("address", target, row.spans(match.start(), match.start() + len(target)))
    for match in _TRACEBACK.finditer(row.text):
        if match.start() not in taken:
            taken.update(range(*match.span()))
            yield FoundLink("place", f"{match[1]}:{match[2]}", row.spans(*match.span()))
    for match in _PLACE.finditer(row.text):
        if match.start() not in taken and _IS_PATH.search(match[1]):
            yield FoundLink("place", match[0], row.spans(*match.span()))


def _trimmed(address: str) -> str:
    """Without the punctuation of the sentence around it, and without a bracket that was opened before it."""
    while address:
        opener = _PAIRS.get(address[-1])
        is_unbalanced = opener is not None and address.count(address[-1]) > address.count(opener)
        if not is_unbalanced and address[-1] not in _TRAILING:
            break
        address = address[:-1]
    return address
