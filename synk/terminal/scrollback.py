"""The lines that left the top of the main screen, bounded in number and bytes, shown as rows of the present width.

New rows are kept as they come. A change of the width only sets them aside in blocks; a block is laid out anew when
somebody looks at it, so a resize costs the same however long the scrollback is.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import accumulate, chain, groupby, islice, repeat, starmap
from operator import itemgetter
from typing import Any, NamedTuple

from synk.terminal.blocks import BLOCK_LINES, Block, late_size_of, size_of
from synk.terminal.bundles import Bundle, SentLine, at_rest, bundle_of, measure, place_of_batch, sizes_of, with_text
from synk.terminal.late_rows import Batch
from synk.terminal.marks import Marks
from synk.terminal.reflow import PIECE_CELLS, lay_out, place
from synk.terminal.rows import PackedRow, Row, pack_pens, packed_pens, unpack_pens
from synk.terminal.styles import DEFAULT_PEN

# Blocks whose rows are kept laid out: more than the rows of the tallest screen touch.
_LAID_OUT = 24
# Lines whose pens are worked out in one go when too many bytes are kept as they were sent.
_SETTLED_AT_ONCE = 64
# Fewer rows are not worth a bundle.
_BUNDLE_LINES = 8
# What is kept as it was sent may take so many times the limit: a picture's true colors take less than their pens would
# (450 bytes each, 15 MB for as many as there can be), and those that are kept are never worked out, most times.
_SENT_FACTOR = 2

SettledRow = tuple[str, str, bool, Marks]
"""A `PackedRow` whose pens are known."""
_PENS = itemgetter(1)


class Line(NamedTuple):
    """One row of the scrollback."""

    text: str
    """As in `Row.text`: one character per cell."""
    pens: str
    is_wrapped: bool
    """True: the line goes on in the next one."""
    marks: Marks = ()


class Address(NamedTuple):
    """A cell of the scrollback by the line it is in: holds at any width, while the line is not taken back."""

    block: int
    """`Block.number`."""
    line: int
    """Index in `Block.lines`."""
    offset: int
    """Cells from the start of the line."""


class Scrollback:
    """A bounded queue of lines: when it is full the oldest go. Rows count from 0, the oldest.

    The limit counts lines as programs ended them, so a narrow screen drops nothing.
    """

    def __init__(self, *, limit_lines: int, limit_bytes: int) -> None:
        self.limit_lines = limit_lines
        self.limit_bytes = limit_bytes if limit_lines > 0 else 0
        self.columns = 0
        """Width of the rows; set with `set_columns`."""
        self.is_background: Callable[[str], bool] = lambda _pen: False
        """Tells whether a pen is one of erased cells; set by the owner of the pens."""
        self.taken_back = 0
        """How often lines went other ways than from the old end: searches start over when it changes."""
        self._open: deque[PackedRow | SentLine] = deque()
        # Newer than those; taken apart as soon as anything but another bundle comes, or somebody looks.
        self._bundles: deque[Bundle] = deque()
        self._bundled = 0
        # So many of them, from the oldest on, are worked out.
        self._settled = 0
        # Bytes of what is kept as it was sent, in the queue above and in the blocks.
        self._sent_bytes = self._sent_bytes_in_blocks = 0
        self._blocks: deque[Block] = deque()
        # Numbers have no gaps: the one of a block that was taken back is given out again.
        self._next_number = 0
        self._bytes = 0
        # Lines that ended; of one that goes on only its last row counts, wherever that is.
        self._ended = 0
        self._ends: list[int] | None = None
        self._laid_out: deque[Block] = deque()

    def __len__(self) -> int:
        return len(self._open) + self._bundled + (self._row_ends()[-1] if self._blocks else 0)

    def _unbundle(self) -> None:
        """Take the bundles apart."""
        while self._bundles:
            self._unbundle_oldest()

    def _unbundle_oldest(self) -> None:
        bundle = self._bundles.popleft()
        lines = bundle.lines()
        size, sent, _ = measure(lines, self.columns)
        self._bytes += size - bundle.size
        self._sent_bytes += sent - bundle.sent_bytes
        self._bundled -= bundle.count
        self._open.extend(lines)

    def _unbundle_block(self, block: Block) -> None:
        if block.bundles:
            sent = block.sent_bytes
            self._bytes += block.unbundle([with_text(line) for bundle in block.bundles for line in bundle.lines()])
            self._sent_bytes_in_blocks += block.sent_bytes - sent

    @property
    def size_bytes(self) -> int:
        """Memory in use, estimated; without the few blocks that are laid out at the moment."""
        return self._bytes

    @property
    def lines_total(self) -> int:
        """Lines that ended, whatever the width: what `limit_lines` bounds."""
        return self._ended

    def line(self, index: int) -> Line:
        """Row `index`, 0 is the oldest, -1 the newest. It may be wider than the screen if the screen just got narrower.

        Raises:
            IndexError: there is no such row.
        """
        text, pens, is_wrapped, marks = self._row(index)
        return Line(text, unpack_pens(pens) if pens else "", is_wrapped, marks)

    def newest(self, count: int, *, limit_rows: int) -> list[SettledRow]:
        """The rows of the newest `count` lines, oldest first; of lines that are too long for `limit_rows` only the end."""
        bundled = self._newest_bundled(count, limit_rows)
        rows: list[SettledRow] = []
        older = self._newest_first() if len(bundled) == self._bundled else iter(())
        for row in islice(chain(reversed(bundled), older), limit_rows):
            count -= not row[2]
            if count < 0:
                break
            rows.append(row)
        return rows[::-1]

    def _newest_bundled(self, count: int, limit_rows: int) -> list[SettledRow]:
        """At least the rows in bundles that are among those of the newest so many lines. The other thousands stay as they
        are: a snapshot in the middle of a flood took a millisecond, and what came behind it half as long again."""
        taken: list[PackedRow | SentLine] = []
        ended = 0
        while self._bundles and ended <= count and len(taken) < limit_rows:
            bundle = self._bundles[-1]
            wanted = count + 1 - ended
            if bundle.count <= wanted:
                self._bundles.pop()
                lines = bundle.lines()
                size, sent, _ = measure(lines, self.columns)
                self._bytes += size - bundle.size
                self._sent_bytes += sent - bundle.sent_bytes
            else:
                lines = bundle.cut(wanted, self.columns)
            taken[:0] = lines
            ended += sum([not line[2] for line in lines])
        if not taken:
            return []
        bundle = Bundle.of_rows(taken, *measure(taken, self.columns))
        self._bundles.append(bundle)
        for index in range(len(taken)):
            # One by one, and each in its place before the next: only there its pens count as being in use.
            size, sent = bundle.settle(index, self.columns)
            if not self._bundles or self._bundles[-1] is not bundle:
                # Room for these pens was made by taking it apart.
                self._unbundle()
                return []
            self._bytes += size
            self._sent_bytes += sent
        return taken  # type: ignore[return-value]

    def _newest_first(self) -> Iterator[SettledRow]:
        """All rows that are in no bundle, without counting those of blocks that are not reached."""
        for index in range(-1, -len(self._open) - 1, -1):
            yield self._settle(index)
        for block in reversed(self._blocks):
            self._close(block)
            for text, pens, goes_on, marks in reversed(self._rows_of(block)):
                yield text, packed_pens(pens), goes_on, marks

    def _row(self, index: int) -> SettledRow:
        if self._bundles:
            self._unbundle()
        if -len(self._open) <= index < 0 or not self._blocks:
            return self._settle(index)
        ends = self._row_ends()
        if index < 0:
            index += ends[-1] + len(self._open)
        if index < 0:
            raise IndexError("no such row")
        if index >= ends[-1]:
            return self._settle(index - ends[-1])
        number = bisect_right(ends, index)
        block = self._blocks[number]
        text, pens, goes_on, marks = self._rows_of(block)[index - (ends[number - 1] if number else 0)]
        return text, packed_pens(pens), goes_on, marks

    def _settle(self, index: int) -> SettledRow:
        """Row `index` of those that came after the last `seal`, with its pens worked out."""
        text, pens, goes_on, marks = with_text(self._open[index])
        settled = text, packed_pens(pens), goes_on, marks
        # Making room for these pens may have dropped those of old lines.
        line = self._open[index]
        if isinstance(line[1], str):
            return text, line[1], goes_on, marks
        before, sent = sizes_of(line, self.columns)
        self._sent_bytes -= sent
        self._open[index] = settled
        self._bytes += size_of(settled) - before
        return settled

    def _settle_block(self, block: Block) -> None:
        self._sent_bytes_in_blocks -= block.sent_bytes
        self._bytes += block.settle()

    def _settle_some(self) -> bool:
        """Work out the oldest lines that are kept as they were sent; False if there are none."""
        if self._bundles:
            self._unbundle()
        for block in self._blocks:
            if block.bundles or block.sent_bytes:
                self._unbundle_block(block)
                self._settle_block(block)
                return True
        end = min(self._settled + _SETTLED_AT_ONCE, len(self._open))
        if self._settled >= end:
            return False
        for index in range(self._settled, end):
            self._settle(index)
        self._settled = end
        return True

    def marked(self, low: int, high: int, *, is_backwards: bool = False) -> Iterator[tuple[int, Marks]]:
        """Number and marks of each row with marks among rows `low` to `high` (excluded), the newest first if backwards."""
        if self._bundles:
            self._unbundle()
        parts: list[tuple[int, Block | None]] = []
        start = 0
        if self._blocks:
            for block, end in zip(self._blocks, self._row_ends(), strict=True):
                if start < high and end > low and block.has_marks:
                    parts.append((start, block))
                start = end
        parts.append((start, None))
        for start, part in reversed(parts) if is_backwards else parts:
            rows: Iterable[PackedRow | SentLine] = self._open if part is None else self._rows_of(part)
            found = [
                (start + at, row[3])
                for at, row in enumerate(rows)
                if row[3] and type(row[3]) is tuple and low <= start + at < high
            ]
            yield from reversed(found) if is_backwards else found

    def push(self, rows: Iterable[Row]) -> None:
        """Append rows, oldest first; lines beyond the limits are dropped from the other end."""
        rows = list(rows)
        if not rows:
            # Of a region of one line nothing is above what comes in.
            return
        if len(rows) >= _BUNDLE_LINES and not (rows[0].__class__ is Row and rows[0].is_wrapped):
            # A flood, and lines that were begun before it or came between its parts.
            for group in [list(group) for _, group in groupby(rows, key=place_of_batch)]:
                bundle = bundle_of(group, self.columns) if len(group) > 1 else None
                if bundle is not None:
                    self._push_bundle(bundle)
                else:
                    self._push_rows(group)
            return
        self._push_rows(rows)

    def _push_rows(self, rows: list[Row]) -> None:
        columns = self.columns
        lines: list[PackedRow | SentLine] = [
            (row.text, pack_pens(row.pens) if row.pens else "", row.is_wrapped and len(row.text) >= columns - 1, row.marks)
            if row.__class__ is Row and row.kept is None
            else at_rest(row, columns)
            for row in rows
        ]
        size, sent, ended = measure(lines, columns)
        if self._bundles:
            # Between two floods: what is in bundles stays there.
            self._push_bundle(Bundle.of_rows(lines, size, sent, ended))
            return
        self._open.extend(lines)
        self._bytes += size
        self._sent_bytes += sent
        self._ended += ended
        self._trim()

    def push_row(self, row: Row) -> None:
        """Append one row."""
        line: PackedRow | SentLine
        if row.__class__ is not Row or row.kept is not None:
            line = at_rest(row, self.columns)
            size, sent = sizes_of(line, self.columns)
            self._sent_bytes += sent
        else:
            text, pens = row.text, row.pens
            line = (text, pack_pens(pens) if pens else "", row.is_wrapped and row.goes_on(self.columns), row.marks)
            size, sent = size_of(line), 0
        self._ended += not line[2]
        if self._bundles:
            self._bundles.append(Bundle.of_rows([line], size, sent, not line[2]))
            self._bundled += 1
        else:
            self._open.append(line)
        self._bytes += size
        if self._ended > self.limit_lines and not self._blocks:
            # A line comes, a line goes: in fewer steps than `_trim` takes.
            opened = self._open
            while self._ended > self.limit_lines and opened and isinstance(opened[0][1], str):
                oldest: PackedRow = opened.popleft()  # type: ignore[assignment]
                self._bytes -= size_of(oldest)
                self._ended -= not oldest[2]
                self._settled -= self._settled > 0
        if self._sent_bytes > _SENT_FACTOR * self.limit_bytes or self._ended > self.limit_lines or self._bytes > self.limit_bytes:
            self._trim()

    def push_lines(self, texts: list[str], pen: str, wrapped: Set[int] = frozenset()) -> None:
        """Append rows of printable ASCII text, each in one pen; those of these places go on in the next one."""
        if wrapped:
            pens = ["" if pen == DEFAULT_PEN else pack_pens(pen * len(text)) for text in texts]
            rows: list[PackedRow | SentLine] = [
                (text, packed, at in wrapped, ()) for at, (text, packed) in enumerate(zip(texts, pens, strict=True))
            ]
            self._push_bundle(Bundle.of_rows(rows, *measure(rows, self.columns)))
            return
        if len(texts) >= self.limit_lines:
            self.clear()
            texts = texts[len(texts) - self.limit_lines :]
        if pen == DEFAULT_PEN:
            self._push_bundle(Bundle("\r\n".join([*texts, ""]), len(texts), self.columns))
        else:
            for text in texts:
                self.push_row(Row(text, pen * len(text)))

    def push_copies(self, row: Row, count: int) -> None:
        """Append a row that is no part of a longer line, so many times."""
        count = min(count, self.limit_lines)
        line = row.packed(self.columns)
        size, sent = sizes_of(line, self.columns)
        # The oldest go for the newest in any case.
        count = min(count, self.limit_bytes // max(size, 1) + 1)
        if count:
            self._push_bundle(Bundle.of_rows([line] * count, size * count, sent * count, count))

    def push_text(self, text: str, count: int) -> None:
        """Append so many lines of printable ASCII text in the default pen, each ended by CR LF."""
        if count >= self.limit_lines:
            self.clear()
        self._push_bundle(Bundle(text, count, self.columns))

    def push_sent(self, batch: Batch, count: int) -> None:
        """Append the first rows of a batch."""
        self._push_bundle(Bundle("", count, self.columns, batch))

    def _push_bundle(self, bundle: Bundle) -> None:
        self._bundles.append(bundle)
        self._bundled += bundle.count
        self._bytes += bundle.size
        self._sent_bytes += bundle.sent_bytes
        self._ended += bundle.ended
        self._trim()

    def pop(self) -> Row | None:
        """Take the newest row back, None if there is none."""
        if self._bundles:
            self._unbundle()
        if self._open:
            line: PackedRow = self._settle(-1)
            self._open.pop()
            self._settled = min(self._settled, len(self._open))
            self._bytes -= size_of(line)
            self._ended -= not line[2]
        elif (taken := self.pop_line()) is not None:
            line = taken
        else:
            return None
        # A line of a block, or a row that was wider than the screen when it left it.
        *rows, newest = lay_out(line, self.columns)
        self._open.extend(rows)
        self._bytes += sum(map(size_of, rows))
        self.taken_back += 1
        return Row.unpacked(newest)

    def pop_line(self) -> PackedRow | None:
        """Take the newest line of the blocks back; None without one. Rows newer than the blocks are not looked at."""
        while self._blocks:
            block = self._blocks[-1]
            self._close(block)
            self._ends = None
            self.taken_back += 1
            if block.lines:
                self._bytes -= size_of(block.lines[-1])
                line = block.pop()
                self._ended -= not line[2]
                return line
            self._next_number = self._blocks.pop().number
        return None

    @property
    def goes_on(self) -> bool:
        """True if the newest row goes on on the screen."""
        if self._bundles:
            self._unbundle()
        if self._open:
            return self._open[-1][2]
        return bool(self._blocks) and self._blocks[-1].goes_on

    def clear(self) -> None:
        """Drop all lines."""
        self._open.clear()
        self._bundles.clear()
        self._bundled = 0
        self._blocks.clear()
        self._laid_out.clear()
        self._ends = None
        self._bytes = self._ended = self._settled = self._sent_bytes = self._sent_bytes_in_blocks = 0
        self.taken_back += 1

    def set_columns(self, columns: int) -> None:
        """Show rows of this width from now on."""
        if columns != self.columns:
            self.seal()
            self.columns = columns
            self._ends = None

    def seal(self, *, spares_unfinished: bool = False) -> None:
        """Set all rows aside in blocks; on request not those of a line that goes on on the screen."""
        if self._bundles and self._bundles[-1].goes_on:
            self._unbundle()
        self._unbundle_for_last_block()
        rows = [with_text(line) for line in self._open]
        if self._sent_bytes:
            of_bundles = sum([bundle.sent_bytes for bundle in self._bundles])
            self._bytes += sum(map(size_of, rows)) - sum([sizes_of(line, self.columns)[0] for line in self._open])
            self._sent_bytes = of_bundles
        self._open.clear()
        self._settled = 0
        self._ends = None
        if spares_unfinished and not self._bundles:
            whole = len(rows)
            while whole and rows[whole - 1][2]:
                whole -= 1
            self._open.extend(rows[whole:])
            self._sent_bytes = sum(map(late_size_of, rows[whole:]))
            del rows[whole:]
        last = self._blocks[-1] if self._blocks else None
        if last is not None and (last.goes_on or last.count_lines < BLOCK_LINES // 2) and rows:
            self._extend(last, rows)
        else:
            self._set_aside(rows)
        self._set_bundles_aside()

    def _unbundle_for_last_block(self) -> None:
        """Take apart what goes on the line before, or fills up the newest block: these become rows of it."""
        last = self._blocks[-1] if self._blocks else None
        wanted = BLOCK_LINES if last is not None and last.count_lines < BLOCK_LINES // 2 else 0
        while self._bundles:
            goes_on = self._open[-1][2] if self._open else last is not None and last.goes_on
            if not goes_on and len(self._open) >= wanted:
                return
            self._unbundle_oldest()

    def _set_bundles_aside(self) -> None:
        """Set bundles aside as they are, some hundred lines a block: a flood of 5,000 lines took 10 ms to take apart."""
        some: list[Bundle] = []
        for bundle in self._bundles:
            some.append(bundle)
            if bundle is self._bundles[-1] or (not bundle.goes_on and sum([each.count for each in some]) >= BLOCK_LINES):
                self._add_block(Block(self._next_number, [], self.columns, some))
                self._sent_bytes -= self._blocks[-1].sent_bytes
                some = []
        self._bundles.clear()
        self._bundled = 0

    def _add_block(self, block: Block) -> None:
        self._blocks.append(block)
        self._sent_bytes_in_blocks += block.sent_bytes
        self._next_number += 1

    def _extend(self, block: Block, rows: list[PackedRow]) -> None:
        """Fill up the newest block; a line that goes on in the rows becomes one line."""
        self._close(block)
        if block.lines and block.goes_on and len(block.lines[-1][0]) < PIECE_CELLS:
            head = block.pop()
            self.taken_back += 1
            rows.insert(0, head)
        cut = _cut(rows, 0)
        before = block.sent_bytes
        self._bytes += block.extend(rows[:cut], self.columns, self.is_background)
        self._sent_bytes_in_blocks += block.sent_bytes - before
        self._set_aside(rows[cut:])

    def _set_aside(self, rows: list[PackedRow]) -> None:
        start = 0
        while start < len(rows):
            end = _cut(rows, start)
            self._add_block(Block(self._next_number, rows[start:end], self.columns))
            start = end

    def blocks(self) -> Iterable[Block]:
        """All lines but those of rows that came after the last `seal`, oldest first, as logical lines."""
        for block in self._blocks:
            self._close(block)
        return self._blocks

    def unfinished(self) -> list[str]:
        """Texts of the rows at the newest end that belong to a line which goes on on the screen, after `seal` spared them."""
        if self._bundles:
            self._unbundle()
        texts: list[str] = []
        for line in reversed(self._open):
            if not line[2]:
                break
            texts.append(line[0])
        return texts[::-1]

    def cells_of(self, block: int, line: int) -> str | None:
        """The text of a line by its address; None if it is gone."""
        found = self._line_of(block, line)
        return None if found is None else found[0].lines[found[1]][0]

    def _line_of(self, block: int, line: int) -> tuple[Block, int] | None:
        """The block and the place in its lines that an address means."""
        number = block - self._blocks[0].number if self._blocks else -1
        if not 0 <= number < len(self._blocks):
            return None
        found = self._blocks[number]
        self._unbundle_block(found)
        return (found, line - found.dropped) if 0 <= line - found.dropped < len(found.lines) else None

    def address(self, index: int, col: int) -> Address | None:
        """Where a cell is, for `index_of`; None if the row does not exist or came after the last `seal`."""
        if not self._blocks or not 0 <= index < self._row_ends()[-1]:
            return None
        ends = self._row_ends()
        number = bisect_right(ends, index)
        block = self._blocks[number]
        line, offset = block.address(index - (ends[number - 1] if number else 0), self.columns)
        return Address(block.number, line, offset + col)

    def index_of(self, address: Address) -> tuple[int, int] | None:
        """Row and column of a cell at the present width; None if its line is gone."""
        found = self._line_of(address.block, address.line)
        if found is None:
            return None
        block, line = found
        ends = self._row_ends()
        row, col = place(block.lines[line][0], self.columns, address.offset)
        return ends[block.number - self._blocks[0].number] - block.count(self.columns) + block.rows_before(
            line, self.columns
        ) + row, col

    def limit_pens(self, others: set[str], limit: int) -> set[str]:
        """Pen characters of the newest lines, not more than `limit` with those of `others`.

        Older lines are shown in the default style from now on: there are more styles than can be told apart.
        """
        in_use = set(others)
        for at in range(len(self._bundles) - 1, -1, -1):
            # Not taken apart unless they have to go: it happens in the middle of a flood of colors.
            if not _add_pens(in_use, self._bundles[at].pens(), limit):
                for _ in range(at + 1):
                    self._unbundle_oldest()
                self._forget_pens_from(self._open, len(self._open) - 1, len(self._blocks))
                return in_use
        for at in range(len(self._open) - 1, -1, -1):
            if not _add_pens(in_use, {self._open[at][1]}, limit):
                self._forget_pens_from(self._open, at, len(self._blocks))
                return in_use
        for number in range(len(self._blocks) - 1, -1, -1):
            block = self._blocks[number]
            if not _add_pens(in_use, set().union(*[bundle.pens() for bundle in block.bundles]), limit):
                self._unbundle_block(block)
                self._forget_pens_from(block.lines, len(block.lines) - 1, number)
                return in_use
            for at in range(len(block.lines) - 1, -1, -1):
                if not _add_pens(in_use, {block.lines[at][1]}, limit):
                    self._forget_pens_from(block.lines, at, number)
                    return in_use
        return in_use

    def _forget_pens_from(self, lines: Any, at: int, blocks: int) -> None:
        """Show these lines up to and with the one at `at`, and so many blocks, in the default style."""
        for index in range(at + 1):
            if lines[index][1]:
                self._forget_pens_of(lines, index)
        for block in islice(self._blocks, blocks):
            self._unbundle_block(block)
            for index, line in enumerate(block.lines):
                if line[1]:
                    self._forget_pens_of(block.lines, index)
        self._forget_layouts()

    def _forget_pens_of(self, lines: Any, at: int) -> None:
        before, sent = sizes_of(lines[at], self.columns)
        if lines is self._open:
            self._sent_bytes -= sent
        text, _, is_wrapped, marks = with_text(lines[at])
        lines[at] = (text, "", is_wrapped, marks)
        self._bytes += size_of((text, "", is_wrapped, marks)) - before

    def characters_in_use(self) -> set[str]:
        """Characters of all lines that are not plain ASCII."""
        return set().union(*[line[0] for lines in self._all() for line in lines if not line[0].isascii()])

    def _all(self) -> Iterator[Any]:
        if self._bundles:
            self._unbundle()
        for block in self._blocks:
            self._unbundle_block(block)
            yield block.lines
        yield self._open

    def _row_ends(self) -> list[int]:
        """For each block how many rows there are up to its end. Not without blocks."""
        if self._ends is None:
            for block in self._blocks:
                self._close(block)
            self._ends = list(accumulate(block.count(self.columns) for block in self._blocks))
        return self._ends

    def _close(self, block: Block) -> None:
        if not block.is_closed:
            self._unbundle_block(block)
            self._bytes += block.close(self.is_background)

    def _rows_of(self, block: Block) -> list[PackedRow]:
        """The rows of a block; those of the blocks looked at least recently are forgotten."""
        if block.sent_bytes:
            self._settle_block(block)
        if block not in self._laid_out:
            self._laid_out.append(block)
            if len(self._laid_out) > _LAID_OUT:
                self._laid_out.popleft().forget_rows()
        return block.rows(self.columns)

    def _forget_layouts(self) -> None:
        for block in self._laid_out:
            block.forget_rows()
        self._laid_out.clear()

    def _count(self, lines: Sequence[PackedRow | SentLine], sign: int) -> None:
        """Lines came (1) or went (-1)."""
        size, sent, ended = measure(lines, self.columns)
        self._bytes += sign * size
        self._sent_bytes += sign * sent
        self._ended += sign * ended

    def _trim(self) -> None:
        """Drop the oldest lines until both limits hold; of a line that is too long by itself the oldest rows.

        Pens that nobody looked at count as much as they may take. So before a line is dropped for its bytes all are
        worked out, and what is kept depends on nothing but what was sent.
        """
        while self._blocks and self._ended > self.limit_lines:
            self._trim_block(self._blocks[0], by_bytes=False)
        while (excess := self._ended - self.limit_lines) > 0:
            if self._open:
                self._drop(min(excess, len(self._open)))
            else:
                self._drop_bundled(excess)
        if self._bundles and self._is_too_large():
            self._unbundle()
        while self._is_too_large() and self._settle_some():
            pass
        while self._blocks and self._bytes > self.limit_bytes:
            self._trim_block(self._blocks[0], by_bytes=True)
        while self._bytes > self.limit_bytes:
            self._drop(1)

    def _drop_bundled(self, excess: int) -> None:
        """Drop the oldest lines, when there are no others than those in bundles."""
        bundle = self._bundles[0]
        count, ended = bundle.drop(excess)
        self._ended -= ended
        self._bundled -= count
        if bundle.count:
            return
        self._bytes -= bundle.size
        self._sent_bytes -= bundle.sent_bytes
        self._bundles.popleft()

    def _is_too_large(self) -> bool:
        sent_bytes = self._sent_bytes + self._sent_bytes_in_blocks
        return self._bytes > self.limit_bytes or sent_bytes > _SENT_FACTOR * self.limit_bytes

    def _drop(self, count: int) -> None:
        """Drop the oldest rows, when there are no blocks."""
        popleft = self._open.popleft
        self._settled = max(0, self._settled - count)
        if count == 1:
            line = popleft()
            size, sent = sizes_of(line, self.columns)
            self._bytes -= size
            self._sent_bytes -= sent
            self._ended -= not line[2]
            return
        self._count(list(starmap(popleft, repeat((), count))), -1)

    def _trim_block(self, block: Block, *, by_bytes: bool) -> None:
        if block.bundles and not by_bytes:
            self._trim_bundles_of(block)
            return
        self._close(block)
        self._ends = None
        while block.lines and (self._bytes > self.limit_bytes if by_bytes else self._ended > self.limit_lines):
            line = block.pop_oldest()
            self._bytes -= size_of(line)
            self._ended -= not line[2]
        if not block.lines:
            self._sent_bytes_in_blocks -= block.sent_bytes
            self._blocks.popleft()
            if block in self._laid_out:
                self._laid_out.remove(block)


    def _trim_bundles_of(self, block: Block) -> None:
        """Drop lines of the oldest block, as long as there are too many, without taking them apart."""
        self._ends = None
        while block.bundles and (excess := self._ended - self.limit_lines) > 0:
            bundle = block.bundles[0]
            _, ended = bundle.drop(excess)
            self._ended -= ended
            block.dropped += ended
            if bundle.count:
                return
            self._bytes -= bundle.size
            self._sent_bytes_in_blocks -= bundle.sent_bytes
            block.sent_bytes -= bundle.sent_bytes
            del block.bundles[0]
        if not block.bundles:
            self._blocks.popleft()


def _add_pens(in_use: set[str], kept: set[Any], limit: int) -> bool:
    """Add the characters of these pens, unless that makes too many; False then."""
    more: set[str] = set()
    for pens in kept:
        if pens:
            more |= set(pens[::2]) if isinstance(pens, str) else pens.in_use()
    more -= in_use
    if len(in_use) + len(more) > limit:
        return False
    in_use |= more
    return True


def _cut(rows: list[PackedRow], start: int) -> int:
    """Where a block that starts at `start` ends: after a whole line if there is one within reason."""
    end = start + BLOCK_LINES
    limit = min(end + BLOCK_LINES, len(rows))
    while end < limit and rows[end - 1][2]:
        end += 1
    return min(end, len(rows))
