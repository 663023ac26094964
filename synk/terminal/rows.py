"""Rows of cells, kept as two strings (one character and one pen per cell), and the runs a painter draws.

Strings make a row cheap: writing is two slices and a join in C, an untouched part costs no memory, and a row
goes to the scrollback as it is.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from synk.terminal.marks import Marks
from synk.terminal.styles import DEFAULT_PEN, PenTable, Style

STUB = "\udc00"
"""Stands in the second cell of a wide character. A lone surrogate: no UTF-8 text can contain it."""
CLUSTER_FIRST, CLUSTER_LAST = "\U00100000", "\U0010fffd"
"""Characters of this private plane in `Row.text` stand for clusters (see `Clusters`)."""
CLUSTER = re.compile(f"[{CLUSTER_FIRST}-{CLUSTER_LAST}]")
"""Finds the stand-ins of clusters."""

_RUN = re.compile(r"(.)\1*+", re.DOTALL)
# Either characters of one cell each, or wide ones, or one cluster with its stub.
_PLAIN_CELL = f"[^{CLUSTER_FIRST}-{CLUSTER_LAST}{STUB}]"
_PIECE = re.compile(f"[{CLUSTER_FIRST}-{CLUSTER_LAST}]{STUB}?|(?:{_PLAIN_CELL}{STUB})++|(?:{_PLAIN_CELL}(?!{STUB}))++")

_WIDE = re.compile(f".{STUB}", re.DOTALL)
_CELL = re.compile(f".{STUB}?", re.DOTALL)


class Run(NamedTuple):
    """Neighbouring cells of one style, ready to draw.

    No dataclass: made and compared in C, which is a third of the time where a screen has thousands of them.
    """

    col: int
    """First column, from 0."""
    cells: int
    """Columns covered. Equal to `len(text)` for ordinary characters, twice that for wide ones."""
    text: str
    style: Style
    is_cluster: bool = False
    """True: `text` is one character with its combining marks, to be drawn as one glyph in `cells` cells."""


class Clusters:
    """Gives a character with combining marks a single stand-in character, so that a cell stays one character."""

    # Stand-ins that can be given out before those no longer on screen are collected.
    LIMIT = ord(CLUSTER_LAST) - ord(CLUSTER_FIRST) + 1
    # Enough for emoji families and stacked accents; what comes after is not text any more.
    MAX_CODE_POINTS = 16

    # Looking through all text takes milliseconds: not again for each cluster that found no place.
    REFUSALS_PER_SWEEP = 4096

    def __init__(self) -> None:
        self._by_stand_in: dict[str, str] = {}
        self._by_text: dict[str, str] = {}
        self._joined: dict[str, str] = {}
        self.known_joined = self._joined.get
        """What `joined` gives for a cell and a mark (as one text), if it did before, else None."""
        self._next = ord(CLUSTER_FIRST)
        self.forgotten = 0
        """How often clusters were forgotten: stand-ins may stand for others then."""
        self._free: list[str] = []
        self._refused = 0

    @property
    def needs_room(self) -> bool:
        """True when `stand_in` can give out no more before `keep_only`; after that did not help, only now and then."""
        return not self._free and self._next > ord(CLUSTER_LAST) and self._refused % self.REFUSALS_PER_SWEEP == 0

    def stand_in(self, text: str) -> str:
        """The character that stands for `text` in a row; U+FFFD if there is none left."""
        found = self._by_text.get(text)
        if found is not None:
            return found
        if self._free:
            found = self._free.pop()
        elif self._next <= ord(CLUSTER_LAST):
            found = chr(self._next)
            self._next += 1
        else:
            self._refused += 1
            return "\ufffd"
        self._by_text[text] = found
        self._by_stand_in[found] = text
        return found

    def expand(self, text: str) -> str:
        """`text` of a row as people read it: clusters written out, stubs removed."""
        if text.isascii():
            return text
        return CLUSTER.sub(self._text_of, text).replace(STUB, "")

    def _text_of(self, match: re.Match[str]) -> str:
        return self._by_stand_in.get(match[0], "\ufffd")

    def joined(self, cell: str, mark: str) -> str:
        """The stand-in for what is in `cell` now, with `mark` added."""
        text = self._by_stand_in.get(cell, cell)
        if len(text) >= self.MAX_CODE_POINTS:
            return cell
        found = self.stand_in(text + mark)
        if found != "\ufffd":
            self._joined[cell + mark] = found
        return found

    def keep_only(self, in_use: set[str]) -> None:
        """Forget clusters whose stand-in is not in `in_use`."""
        self._refused = 0
        self._joined.clear()
        self.forgotten += 1
        for stand_in, text in list(self._by_stand_in.items()):
            if stand_in not in in_use:
                del self._by_stand_in[stand_in], self._by_text[text]
                self._free.append(stand_in)


class LatePens(Protocol):
    """Pens of a row or line at rest that nobody looked at yet."""

    @property
    def size(self) -> int:
        """Bytes that are kept for them, estimated."""

    def packed(self) -> str:
        """The pens, as `pack_pens` has them."""

    def in_use(self) -> set[str]:
        """Pens that must not be forgotten before that."""


PackedRow = tuple[str, str | LatePens, bool, Marks]
"""A row or a whole logical line at rest: text, packed pens, whether the line goes on, marks."""


class Row:
    """One line of the screen. Cells beyond the end of `text` are blank, those beyond `pens` in the default pen."""

    __slots__ = ("_painted", "is_wrapped", "kept", "marks", "ops", "ops_bytes", "pens", "text")

    def __init__(self, text: str = "", pens: str = "", is_wrapped: bool = False, marks: Marks = ()) -> None:
        self.text = text
        self.pens = pens
        self.is_wrapped = is_wrapped
        """True: the line went on in the row below, because the text did not fit; ask `goes_on`."""
        self.marks = marks
        """Prompts and the like that begin in this row."""
        self._painted: tuple[str, str, int, tuple[Run, ...]] | None = None
        self.ops: Any
        """What rows that nobody looked at keep instead of pens, or of text and pens (see `late_rows`); unset in others."""
        self.ops_bytes: int
        self.kept: tuple[str, str, str] | None = None
        """The text as the last resize left it, and what that hid of it with its pens. Writing makes a new string, so
        while the text is this very one both hold (see `hidden` and `goes_on`)."""

    @classmethod
    def unpacked(cls, packed: PackedRow) -> "Row":
        """The row that `packed` was."""
        text, pens, is_wrapped, marks = packed
        row = cls(text, unpack_pens(packed_pens(pens)) if pens else "", is_wrapped, marks)
        if is_wrapped:
            row.leave("", "")
        return row

    def packed(self, columns: int) -> PackedRow:
        """The row at rest, with what a narrower screen hides of it."""
        text, pens = self.text, self.pens
        hidden, hidden_pens = self.hidden
        if hidden_pens:
            pens = pens.ljust(len(text), DEFAULT_PEN) + hidden_pens
        return text + hidden, pack_pens(pens) if pens else "", self.is_wrapped and self.goes_on(columns), self.marks

    def pens_in_use(self) -> set[str]:
        """Pens that must not be forgotten."""
        return set(self.pens)

    def goes_on(self, columns: int) -> bool:
        """True if the line goes on in the row below.

        Only while the text still reaches the end of the row, but for a wide character that did not fit: a shell that
        writes its prompt again does not say that a line it wrapped once ends in its first row now.
        """
        return self.is_wrapped and (len(self.text) >= columns - 1 or self._is_as_left())

    @property
    def hidden(self) -> tuple[str, str]:
        """Text and pens that do not fit into the row since the screen got narrower; nothing after the row was changed."""
        kept = self.kept
        return kept[1:] if kept is not None and kept[0] is self.text else ("", "")

    def _is_as_left(self) -> bool:
        return self.kept is not None and self.kept[0] is self.text

    def is_kept(self, columns: int) -> bool:
        """True if something is hidden of the row, or it goes on although its text does not reach the end."""
        return self._is_as_left() and (self.hidden[0] != "" or (self.is_wrapped and len(self.text) < columns - 1))

    def leave(self, hidden: str, hidden_pens: str) -> None:
        """The row is as `keep` left it, with this hidden."""
        self.kept = self.text, hidden, hidden_pens

    def keep(self, columns: int) -> None:
        """Take a new width without laying the line out anew: show as much as fits, remember the rest."""
        hidden, hidden_pens = self.hidden
        is_wrapped = self.is_wrapped
        if hidden:
            self.pens = self.pens.ljust(len(self.text), DEFAULT_PEN) + hidden_pens if hidden_pens else self.pens
            self.text += hidden
        text, pens = self.text, self.pens
        end = columns - 1 if text[columns : columns + 1] == STUB and columns > 1 else columns
        self.text, self.pens, self.is_wrapped = text[:end], pens[:end], is_wrapped
        self.leave(text[end:], pens[end:])

    def write(self, x: int, text: str, pen: str) -> None:
        """Put `text` (one character per cell) at column `x`; halves of wide characters it cuts become blanks."""
        # What `_write_text` does, without its call: nearly all text comes here in small pieces.
        old = self.text
        size = len(old)
        end = x + len(text)
        if x == size:
            self.text = old + text
        elif x > size:
            self.text = old + " " * (x - size) + text
        else:
            if not old.isascii():
                old = without_halves(old, x, end)
            self.text = old[:x] + text + old[end:]
        pens = self.pens
        if pen != DEFAULT_PEN:
            missing = x - len(pens)
            if missing > 0:
                pens += DEFAULT_PEN * missing
            self.pens = pens[:x] + pen * len(text) + pens[end:]
        elif x < len(pens):
            self.pens = pens[:x] + pen * len(text) + pens[end:] if end < len(pens) else pens[:x]

    def write_styled(self, x: int, text: str, pens: str) -> None:
        """As `write`, with a pen for each cell."""
        end = x + len(text)
        if x == 0 and end >= len(self.text):
            self.text = text
            self.pens = pens.rstrip(DEFAULT_PEN) if end >= len(self.pens) else pens + self.pens[end:]
            return
        self._write_text(x, end, text)
        old = self.pens
        if end >= len(old):
            pens = pens.rstrip(DEFAULT_PEN)
        self.pens = (old[:x].ljust(x, DEFAULT_PEN) if pens else old[:x]) + pens + old[end:]

    def _write_text(self, x: int, end: int, text: str) -> None:
        old = self.text
        size = len(old)
        if x == size:
            self.text = old + text
        elif x > size:
            self.text = old + " " * (x - size) + text
        else:
            if not old.isascii():
                old = without_halves(old, x, end)
            self.text = old[:x] + text + old[end:]

    def erase(self, x: int, end: int, pen: str, columns: int) -> None:
        """Blank columns `x` to `end` (excluded) with the background of `pen`."""
        if end < columns or pen != DEFAULT_PEN:
            if x >= len(self.text) and pen == DEFAULT_PEN:
                return
            self.write(x, " " * (end - x), pen)
            if end < columns:
                return
        self.cut(x if pen == DEFAULT_PEN else end)

    def erase_unprotected(self, x: int, end: int, pen: str, protected: set[str]) -> None:
        """As `erase`, but cells written with a protected pen stay (DECSED, DECSEL)."""
        text, pens = self.text.ljust(end), self.pens.ljust(end, DEFAULT_PEN)
        # Both halves of a wide character have the same pen, and go together.
        if text[x] == STUB and x and pens[x] not in protected:
            text = text[: x - 1] + " " + text[x:]
        if text[end : end + 1] == STUB and pens[end - 1] not in protected:
            text = text[:end] + " " + text[end + 1 :]
        kept_text, kept_pens = [text[:x]], [pens[:x]]
        for run in _RUN.finditer(pens, x, end):
            size = run.end() - run.start()
            is_kept = run[1] in protected
            kept_text.append(text[run.start() : run.end()] if is_kept else " " * size)
            kept_pens.append(run[0] if is_kept else pen * size)
        self.text = "".join([*kept_text, text[end:]])
        self.pens = "".join([*kept_pens, pens[end:]])

    def cut(self, columns: int) -> None:
        """Drop everything from column `columns` on."""
        if len(self.text) > columns:
            self._cut_text(columns)
        if len(self.pens) > columns:
            self.pens = self.pens[:columns]

    def _cut_text(self, columns: int) -> None:
        text = self.text if self.text.isascii() else without_halves(self.text, columns, columns)
        self.text = text[:columns]

    def insert(self, x: int, count: int, pen: str, columns: int) -> None:
        """Move cells from column `x` to the right by `count`, fill with blanks; what leaves the screen is lost."""
        self.cut(columns)
        count = min(count, columns - x)
        if x < len(self.text):
            text = self.text if self.text.isascii() else without_halves(self.text, x, x)
            self.text = text[:x] + " " * count + text[x:]
            if x < len(self.pens):
                self.pens = self.pens[:x] + DEFAULT_PEN * count + self.pens[x:]
            self.cut(columns)
        if pen != DEFAULT_PEN:
            self.write(x, " " * count, pen)

    def delete(self, x: int, count: int, pen: str, columns: int) -> None:
        """Remove `count` cells at column `x`; the rest moves left, blanks come in from the right."""
        self.cut(columns)
        count = min(count, columns - x)
        if not self.text.isascii():
            self.text = without_halves(self.text, x, x + count)
        self.text = self.text[:x] + self.text[x + count :]
        self.pens = self.pens[:x] + self.pens[x + count :]
        if pen != DEFAULT_PEN:
            self.write(columns - count, " " * count, pen)

    def cells(self, x: int, end: int) -> tuple[str, str]:
        """Text and pens of columns `x` to `end` (excluded), shorter if the row is; cut wide characters are blanks."""
        text = self.text if self.text.isascii() else without_halves(self.text, x, end)
        return text[x:end], self.pens[x:end]

    def paste(self, x: int, end: int, cells: tuple[str, str]) -> None:
        """Replace columns `x` to `end` (excluded) by `cells`, which are at most as many; blanks follow them."""
        text, pens = cells
        old = self.text if self.text.isascii() else without_halves(self.text, x, end)
        self.text = _spliced(old, x, end, text, " ")
        self.pens = _spliced(self.pens, x, end, pens, DEFAULT_PEN)

    def runs(self, table: PenTable, clusters: Clusters, columns: int) -> tuple[Run, ...]:
        """The cells in columns 0 to `columns` as runs; blank default cells at the end are left out."""
        known = self._painted
        if known is not None and known[0] is self.text and known[1] is self.pens and known[2] == columns:
            return known[3]
        text = self.text
        if len(text) > columns:
            text = without_halves(text, columns, columns)[:columns]
        runs = self._longer_runs(text, table) or runs_of(text, self.pens, table, clusters)
        self._painted = (self.text, self.pens, columns, runs)
        return runs


    def _longer_runs(self, text: str, table: PenTable) -> tuple[Run, ...] | None:
        """The runs asked for last, with plain text that was typed behind them; None if that is not all that changed.

        A key's echo is mostly this, and the way through regular expressions takes 0.05 ms of it.
        """
        if self._painted is None:
            return None
        before, pens, _, runs = self._painted
        if pens is not self.pens or len(pens) > len(before) or not text.isascii() or not text.startswith(before):
            return None
        if len(text) == len(before):
            return runs
        style, start = table[DEFAULT_PEN].style, len(before)
        if runs and runs[-1].style is style:
            start, runs = runs[-1].col, runs[:-1]
        return (*runs, Run(start, len(text) - start, text[start:], style))


def _spliced(old: str, x: int, end: int, new: str, blank: str) -> str:
    """`old` with `new` in the place of `x` to `end`, filled up with blanks where something follows."""
    after = old[end:]
    if after:
        new = new.ljust(end - x, blank)
    return (old[:x].ljust(x, blank) if new else old[:x]) + new + after


def runs_of(text: str, pens: str, table: PenTable, clusters: Clusters) -> tuple[Run, ...]:
    """Runs of one row given as `Row` keeps it."""
    runs: list[Run] = []
    column = 0
    size = len(text)
    is_plain = text.isascii()
    if len(pens) < size:
        pens += DEFAULT_PEN * (size - len(pens))
    for match in _RUN.finditer(pens):
        end = min(match.end(), size)
        if column >= end:
            break
        style = table[match[1]].style
        piece = text[column:end]
        if is_plain or piece.isascii():
            runs.append(Run(column, end - column, piece, style))
        else:
            _append_pieces(runs, column, piece, style, clusters.expand)
        column = end
    return tuple(runs)


def _append_pieces(runs: list[Run], column: int, text: str, style: Style, expand: Callable[[str], str]) -> None:
    for match in _PIECE.finditer(text):
        piece = match[0]
        is_cluster = CLUSTER_FIRST <= piece[0] <= CLUSTER_LAST
        runs.append(Run(column + match.start(), len(piece), expand(piece), style, is_cluster))


def without_halves(text: str, x: int, end: int) -> str:
    """The text of a row where no wide character crosses column `x` or column `end`: those that do become blanks."""
    for column in (x, end):
        if 0 < column < len(text) and text[column] == STUB:
            text = text[: column - 1] + "  " + text[column + 1 :]
    return text


def narrowed(cells: str) -> str:
    """These cells on a screen of one column: U+FFFD for each wide character."""
    return _WIDE.sub("\ufffd", cells) if STUB in cells else cells


def split_cells(cells: str) -> list[str]:
    """The characters of a row's text, each with its stub."""
    return _CELL.findall(cells)


def pack_pens(pens: str) -> str:
    """Pens of a row as pairs of pen and count, without the default cells at its end; "" for a plain row."""
    pens = pens.rstrip(DEFAULT_PEN)
    packed: list[str] = []
    # Half the time that matches of a regular expression take, up to some hundred runs.
    while pens:
        pen = pens[0]
        rest = pens.lstrip(pen)
        packed.append(pen + chr(len(pens) - len(rest)))
        pens = rest
    return "".join(packed)


def packed_pens(pens: str | LatePens) -> str:
    """The pens of a row at rest, worked out if nobody looked at them yet."""
    return pens if isinstance(pens, str) else pens.packed()


def unpack_pens(packed: str) -> str:
    """The inverse of `pack_pens`, up to default cells at the end."""
    return "".join([pen * ord(count) for pen, count in zip(packed[::2], packed[1::2], strict=True)])
