"""Rows whose colors, or whose text too, nobody looked at yet: they become ordinary rows when somebody does.

A row changes its class when it is looked at, so that ordinary rows, which all code works on, cost nothing: their text
and pens are plain attributes. Asking each time whether a row is worked out took a tenth of all time.
"""

from collections.abc import Sequence, Set
from typing import Any

from synk.terminal.rows import LatePens, PackedRow, Row, pack_pens, packed_pens, unpack_pens
from synk.terminal.sent import ERASES, RESET_ENDS, SGR, Op, PenReader, carry_out, pens_of_ops
from synk.terminal.styles import DEFAULT_PEN, Pen

# The attributes of `Row`, whatever the class of a row has in their place.
_OPS: Any = Row.__dict__["ops"]
_PENS: Any = Row.__dict__["pens"]

MAX_OPS = 6
"""A row that was written to more often is worked out: small pieces are written into it faster then."""
BYTES_PER_CELL = 96
"""So much text as sent is kept for each cell of a row: two true colors take 38, and a row may be drawn in two parts."""
MIN_CELLS = 40
_PENS_OVERHEAD_BYTES = 200


class LateRow(Row):
    """A row with its text; its pens are the slot of `Row.pens` after `ops`."""

    __slots__ = ()

    @property
    def pens(self) -> str:
        """As in `Row`, which this row is from now on."""
        pens = carry_out(_PENS.__get__(self), self.ops)
        self.pens = pens
        return pens

    @pens.setter
    def pens(self, pens: str) -> None:
        _PENS.__set__(self, pens)
        object.__setattr__(self, "__class__", Row)
        self.ops = ()

    def write(self, x: int, text: str, pen: str) -> None:
        """As in `Row`; the pens stay late."""
        size = len(text)
        self._write_text(x, x + size, text)
        self.add((x, size, pen, None, None), 1)

    def write_styled(self, x: int, text: str, pens: str) -> None:
        """As in `Row`; the other pens stay late."""
        size = len(text)
        if x == 0 and size >= len(self.text):
            self.text = text
            self.pens = pens.rstrip(DEFAULT_PEN)
            return
        self._write_text(x, x + size, text)
        self.add((x, size, pens, None, None), 1)

    def cut(self, columns: int) -> None:
        """As in `Row`; the pens stay late."""
        if len(self.text) > columns:
            self._cut_text(columns)
            self.ops = [op for op in self.ops if op[0] < columns]
            self.add((columns, 0, None, None, None), 1)

    def packed(self, columns: int) -> PackedRow:
        """As in `Row`; the pens stay late."""
        if self.kept is not None:
            return super().packed(columns)
        pens = RowPens(_PENS.__get__(self), tuple(self.ops), self.ops_bytes)
        return self.text, pens, self.is_wrapped and self.goes_on(columns), self.marks

    def add(self, op: Op, sent_bytes: int) -> None:
        """Something else was written, of which so many bytes are kept."""
        self.ops.append(op)
        self.ops_bytes += sent_bytes
        limit_bytes = BYTES_PER_CELL * max(len(self.text), MIN_CELLS)
        if len(self.ops) > MAX_OPS or self.ops_bytes > limit_bytes:
            self.ops = _without_covered(self.ops)
            self.ops_bytes = sum([len(what) if type(start) is Pen else 0 for _, _, what, start, _ in self.ops])
            # Two frames of a picture in true color, each in two parts, are within it: working out a row of them takes 0.7 ms.
            if len(self.ops) > MAX_OPS // 2 or self.ops_bytes > limit_bytes:
                _ = self.pens

    def pens_in_use(self) -> set[str]:
        """Pens that must not be forgotten."""
        return pens_of_ops(_PENS.__get__(self), self.ops)


class SentRow(Row):
    """A line of a batch: nothing but `ops`, the batch and the place in it. Reading or setting anything else makes it a `Row`."""

    __slots__ = ()

    def __init__(self, place: "tuple[Batch, int]") -> None:
        _OPS.__set__(self, place)

    def __getattr__(self, name: str) -> Any:
        self.work_out()
        return getattr(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.work_out()
        setattr(self, name, value)

    def work_out(self) -> None:
        """Become a `Row`."""
        batch, index = self.ops
        text, pens = batch.read(index)
        object.__setattr__(self, "__class__", Row)
        Row.__init__(self, text, pens, index in batch.wrapped)

    def pens_in_use(self) -> set[str]:
        """Pens that must not be forgotten."""
        batch, _ = self.ops
        in_use: set[str] = batch.in_use()
        return in_use


def _without_covered(ops: Sequence[Op]) -> list[Op]:
    """What is left of these when those go that later ones cover, alone or side by side: frames of a picture, in two parts."""
    kept: list[Op] = []
    first = end = -1
    for op in reversed(ops):
        x, until = op[0], op[0] + op[1]
        if op[2] is not None and first <= x and until <= end:
            continue
        kept.append(op)
        if op[2] is None:
            continue
        if until == first:
            first = x
        elif x == end:
            end = until
        elif first < 0 or (x <= first and until >= end):
            first, end = x, until
    return kept[::-1]


def write_late(row: Row, x: int, text: str, op: Op, sent_bytes: int) -> None:
    """Put `text` at column `x`; its pens are worked out later. So many bytes are kept for that."""
    size = len(text)
    if x == 0 and size >= len(row.text):
        # Nothing is left of what was there before, and nobody saw it.
        row.text = text
        _PENS.__set__(row, "")
        row.ops = []
    else:
        row._write_text(x, x + size, text)
        if row.__class__ is LateRow:
            row.add(op, sent_bytes)
            return
        row.ops = []
    row.ops_bytes = 0
    late: Any = row
    late.__class__ = LateRow
    late.add(op, sent_bytes)


class Batch:
    """Lines of ASCII text as they were sent, each of which fits into a row, or the rows that longer ones take."""

    __slots__ = ("_reader", "_starts", "lines", "wrapped")

    def __init__(self, reader: PenReader, lines: list[str], start: Pen, wrapped: Set[int] = frozenset()) -> None:
        self._reader = reader
        self.lines = lines
        self.wrapped = wrapped
        """Places of those that go on in the next one."""
        # The pen before a line, where it is known.
        self._starts = {0: start}

    def append(self, line: str, start: Pen) -> int:
        """One more line; `start` is the pen before it. Returns its place."""
        index = len(self.lines)
        self._starts[index] = start
        self.lines.append(line)
        return index

    def read(self, index: int) -> tuple[str, str]:
        """Text and pens of a line."""
        line = self.lines[index]
        pens, following = self._reader.read(line, self._start_of(index))
        # Lines that were appended one by one need not follow each other.
        self._starts.setdefault(index + 1, following)
        return SGR.sub("", line), pens.rstrip(DEFAULT_PEN)

    def _start_of(self, index: int) -> Pen:
        """The pen before a line: found from the nearest line above that ends with a reset."""
        starts, lines = self._starts, self.lines
        first = index
        while first not in starts:
            if lines[first - 1].endswith(RESET_ENDS):
                starts[first] = self._reader.pen_after("\x1b[0m", starts[0])
            else:
                first -= 1
        for at in range(first, index):
            starts[at + 1] = self._reader.pen_after(lines[at].replace(ERASES, ""), starts[at])
        return starts[index]

    def pen_after(self) -> Pen:
        """The pen after all lines."""
        lines = self.lines
        last = len(lines) - 1
        while last >= 0 and "\x1b" not in lines[last]:
            last -= 1
        if last < 0:
            return self._starts[0]
        first = last
        while first > 0 and "\x1b[0m" not in lines[first] and "\x1b[m" not in lines[first]:
            first -= 1
        source = "".join(lines[first : last + 1])
        return self._reader.pen_after(source.replace(ERASES, ""), self._starts[0])

    def in_use(self) -> set[str]:
        """Pens that must not be forgotten."""
        return {pen.char for pen in self._starts.values()}


class BatchPens:
    """Pens of a line of a batch."""

    __slots__ = ("_batch", "_index")

    def __init__(self, batch: Batch, index: int) -> None:
        self._batch = batch
        self._index = index

    @property
    def size(self) -> int:
        """Bytes that are kept, estimated."""
        return _PENS_OVERHEAD_BYTES + len(self._batch.lines[self._index])

    def packed(self) -> str:
        """As `pack_pens` has them."""
        return pack_pens(self._batch.read(self._index)[1])

    def in_use(self) -> set[str]:
        """Pens that must not be forgotten before that."""
        return self._batch.in_use()


class RowPens:
    """Pens of a row that left the screen before anybody looked at them."""

    __slots__ = ("_base", "_ops", "_sent_bytes")

    def __init__(self, base: str, ops: Sequence[Op], sent_bytes: int) -> None:
        self._base = base
        self._ops = ops
        self._sent_bytes = sent_bytes

    @property
    def size(self) -> int:
        """Bytes that are kept, estimated."""
        return _PENS_OVERHEAD_BYTES + self._sent_bytes

    def packed(self) -> str:
        """As `pack_pens` has them."""
        return pack_pens(carry_out(self._base, self._ops))

    def in_use(self) -> set[str]:
        """Pens that must not be forgotten before that."""
        return pens_of_ops(self._base, self._ops)


class JoinedPens:
    """Pens of several rows that are one line."""

    __slots__ = ("_parts",)

    def __init__(self, parts: list[tuple[str | LatePens, int]]) -> None:
        self._parts = parts
        """Pens and number of cells of each row."""

    @property
    def size(self) -> int:
        """Bytes that are kept, estimated."""
        return sum([2 * len(pens) if isinstance(pens, str) else pens.size for pens, _ in self._parts])

    def packed(self) -> str:
        """As `pack_pens` has them."""
        for at, (pens, size) in enumerate(self._parts):
            # In its place each is known to be in use while the others are worked out.
            self._parts[at] = packed_pens(pens), size
        return pack_pens("".join([unpack_pens(packed_pens(pens)).ljust(size, DEFAULT_PEN) for pens, size in self._parts]))

    def in_use(self) -> set[str]:
        """Pens that must not be forgotten before that."""
        return set().union(*[set(pens[::2]) if isinstance(pens, str) else pens.in_use() for pens, _ in self._parts])
