"""A search over screen and scrollback that keeps its hits while output arrives.

Lines are searched as programs wrote them, whatever rows they fill. What is in the scrollback is searched once; the screen
changes and is searched again with each `refresh`.
"""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from synk.terminal.addresses import Address
from synk.terminal.anchors import Anchor
from synk.terminal.blocks import Block
from synk.terminal.grid import Grid
from synk.terminal.matching import Matcher


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """One place where the pattern is; over several rows if the line is wrapped there."""

    line: int
    """Absolute, as `Emulator.scrolled_total` counts; so is `end_line`."""
    col: int
    end_line: int
    end_col: int
    """Column after the last one, in row `end_line`."""

    def columns_in(self, line: int, columns: int) -> tuple[int, int] | None:
        """What the hit covers of a row, end excluded; None if nothing."""
        if not self.line <= line <= self.end_line:
            return None
        return self.col if line == self.line else 0, self.end_col if line == self.end_line else columns


@dataclass(slots=True)
class _Found:
    """What was found in one block."""

    searched: int = 0
    """Lines searched so far, counted as `Block.dropped` does."""
    lines: list[tuple[int, int]] = field(default_factory=list)
    """Number and count of hits of each line with hits, oldest first."""
    total: int = 0
    """Hits in all of them."""


@dataclass(slots=True)
class _Chain:
    """A line that is on the screen, at least partly."""

    starts: list[int]
    """First cell of each row."""
    y: int
    """Row of the first of them."""
    cells: str


class Search:
    """The hits of one pattern in one terminal. Not thread-safe.

    Made by `Emulator.search`. Nothing is searched before the first `refresh`.
    """

    def __init__(self, grid: Grid, pattern: str, *, is_regex: bool = False) -> None:
        """See `Emulator.search`."""
        self.pattern = pattern
        self.is_regex = is_regex
        self._grid = grid
        self._matcher = Matcher(pattern, is_regex=is_regex, expand=grid.clusters.expand)
        self._blocks: dict[int, _Found] = {}
        self._taken_back = -1
        self._live: list[tuple[_Chain, tuple[int, int]]] = []
        self._current: tuple[Anchor, Anchor] | None = None
        self.is_complete = False
        """False while `refresh` ran out of time before it reached the oldest line."""

    @property
    def is_too_slow(self) -> bool:
        """The regular expression took too long on a line: no more hits are looked for."""
        return self._matcher.is_too_slow

    def __len__(self) -> int:
        """Hits found so far."""
        return len(self._live) + sum([found.total for found in self._blocks.values()])

    def refresh(self, *, budget_s: float | None = None) -> bool:
        """Search what is new, the newest lines first, for about `budget_s`; True when all is searched."""
        scrollback = self._grid.scrollback
        scrollback.seal(spares_unfinished=True)
        if scrollback.taken_back != self._taken_back:
            self._blocks.clear()
            self._taken_back = scrollback.taken_back
        self._search_screen()
        blocks = [] if self._grid.is_alternate else list(scrollback.blocks())
        self._forget_dropped(blocks)
        deadline = None if budget_s is None else time.perf_counter() + budget_s
        self.is_complete = True
        for block in reversed(blocks):
            if deadline is not None and time.perf_counter() > deadline:
                self.is_complete = False
                break
            self._search_block(block)
        return self.is_complete

    def _forget_dropped(self, blocks: list[Block]) -> None:
        kept = {block.number: block for block in blocks}
        for number in [number for number in self._blocks if number not in kept]:
            del self._blocks[number]
        if blocks and blocks[0].dropped and (found := self._blocks.get(blocks[0].number)):
            found.lines = [entry for entry in found.lines if entry[0] >= blocks[0].dropped]
            found.total = sum([count for _, count in found.lines])

    def _search_block(self, block: Block) -> None:
        found = self._blocks.setdefault(block.number, _Found(block.dropped))
        first = max(found.searched - block.dropped, 0)
        if first == len(block.lines):
            return
        counts = self._matcher.counts([line[0] for line in block.lines[first:]])
        found.lines += [(number + first + block.dropped, count) for number, count in counts]
        found.total += sum([count for _, count in counts])
        found.searched = len(block.lines) + block.dropped

    def _search_screen(self) -> None:
        """Search the lines of the screen, with what has left it of the first one."""
        chains = self._chains()
        found = self._matcher.spans_in([chain.cells for chain in chains])
        self._live = [(chain, span) for chain, spans in zip(chains, found, strict=True) for span in spans]

    def _chains(self) -> list[_Chain]:
        grid = self._grid
        chains: list[_Chain] = []
        unfinished = [] if grid.is_alternate else grid.scrollback.unfinished()
        rows = [(text, True) for text in unfinished]
        rows += [(row.text[: grid.columns], row.goes_on(grid.columns)) for row in grid.rows]
        goes_on_before = False
        for y, (text, goes_on) in enumerate(rows, -len(unfinished)):
            if not goes_on_before:
                chains.append(_Chain([], y, ""))
            chain = chains[-1]
            chain.starts.append(len(chain.cells))
            chain.cells += text if goes_on else text.rstrip(" ")
            goes_on_before = goes_on
        return chains

    @property
    def current(self) -> Hit | None:
        """The hit that `next` or `previous` went to; it stays with its text."""
        if self._current is None:
            return None
        start, end = self._current
        return Hit(start.line, start.col, end.line, end.col)

    @property
    def ordinal(self) -> int:
        """The how manieth hit `current` is, from 1 for the oldest; 0 without one."""
        place = self._place_of_current()
        if place is None:
            return 0
        key, offset = place
        before = sum([found.total for number, found in self._blocks.items() if number < key[0]])
        if key[0] in self._blocks:
            before += sum([count for line, count in self._blocks[key[0]].lines if line < key[1]])
        if key == _LIVE:
            y = self._current[0].line - self._grid.scrolled_total if self._current else 0
            return before + sum([self._live_start(hit) <= (y, offset) for hit in self._live])
        return before + sum([start <= offset for start, _ in self._spans_of(*key)])

    def next(self) -> Hit | None:
        """Go to the hit after the current one (without one, to the first), after the last to the first; None without hits."""
        return self._step(is_forward=True)

    def previous(self) -> Hit | None:
        """Go to the hit before the current one (without one, to the last), before the first to the last; None without hits."""
        return self._step(is_forward=False)

    def go_from(self, line: int, col: int) -> None:
        """Let `next` and `previous` start from this place (`line` is absolute) instead of the current hit."""
        self._current = (self._grid.anchor(line, col), self._grid.anchor(line, col))

    def hits(self, first: int, last: int) -> list[Hit]:
        """Hits that touch rows `first` to `last` (absolute, included), from top to bottom: what a view marks."""
        grid = self._grid
        top = grid.scrolled_total
        found = [self._live_hit(hit) for hit in self._live]
        size = len(grid.scrollback) if first < top and self._blocks else 0
        keys: dict[tuple[int, int], None] = {}
        for index in range(max(0, size + first - top), min(size, size + last - top + 1)):
            address = grid.scrollback.address(index, 0)
            if address is not None:
                keys[address.block, address.line] = None
        closed = [hit for key in keys for span in self._spans_of(*key) if (hit := self._closed_hit(key, span)) is not None]
        return [hit for hit in (*closed, *found) if hit.end_line >= first and hit.line <= last]

    def _step(self, *, is_forward: bool) -> Hit | None:
        """Walk over the lines with hits, from the one of the current place on, once around."""
        place = self._place_of_current()
        start = place[0] if place is not None else _BEFORE_ALL if is_forward else _LIVE
        is_first = True
        for key in self._walk(start, is_forward=is_forward):
            hits = self._hits_at(key, place if is_first and place is not None and key == start else None, is_forward=is_forward)
            is_first = False
            if hits:
                hit = hits[0 if is_forward else -1]
                self._current = (self._grid.anchor(hit.line, hit.col), self._grid.anchor(hit.end_line, hit.end_col))
                return hit
        return None

    def _walk(self, start: tuple[int, int], *, is_forward: bool) -> Iterator[tuple[int, int]]:
        """Lines with hits, `_LIVE` for those of the screen, from `start` on (or the nearest after it); its block comes
        once more at the end, for what is on the other side of it."""
        numbers = sorted(number for number, found in self._blocks.items() if found.lines)
        if self._live:
            numbers.append(_LIVE[0])
        first = bisect_left(numbers, start[0]) if is_forward else bisect_right(numbers, start[0]) - 1
        for step in range(len(numbers) + 1 if numbers else 0):
            number = numbers[(first + (step if is_forward else -step)) % len(numbers)]
            lines = [0] if number == _LIVE[0] else [line for line, _ in self._blocks[number].lines]
            if step == 0 and number == start[0]:
                lines = lines[bisect_left(lines, start[1]) :] if is_forward else lines[: bisect_right(lines, start[1])]
            for line in lines if is_forward else reversed(lines):
                yield number, line

    def _hits_at(self, key: tuple[int, int], limit: tuple[tuple[int, int], int] | None, *, is_forward: bool) -> list[Hit]:
        """Hits of a line (or of the screen), on request only those beyond the current place."""
        if key == _LIVE:
            hits = [self._live_hit(hit) for hit in self._live]
            current = self._current[0] if limit is not None and self._current else None
            at = (current.line, current.col) if current else None
            return [hit for hit in hits if at is None or ((hit.line, hit.col) > at if is_forward else (hit.line, hit.col) < at)]
        spans = self._spans_of(*key)
        if limit is not None:
            spans = [span for span in spans if (span[0] > limit[1] if is_forward else span[0] < limit[1])]
        return [hit for span in spans if (hit := self._closed_hit(key, span)) is not None]

    def _place_of_current(self) -> tuple[tuple[int, int], int] | None:
        """Line and cell of the current place; for the screen `_LIVE` and the column."""
        if self._current is None:
            return None
        anchor = self._current[0]
        scrollback = self._grid.scrollback
        y = anchor.line - self._grid.scrolled_total
        index = y + len(scrollback)
        if index < 0:
            return _BEFORE_ALL, 0
        address = None if self._grid.is_alternate or y >= 0 else scrollback.address(index, anchor.col)
        return (_LIVE, anchor.col) if address is None else ((address.block, address.line), address.offset)

    def _spans_of(self, number: int, line: int) -> list[tuple[int, int]]:
        cells = self._grid.scrollback.cells_of(number, line)
        return [] if cells is None else self._matcher.spans(cells)

    def _closed_hit(self, key: tuple[int, int], span: tuple[int, int]) -> Hit | None:
        scrollback = self._grid.scrollback
        start = scrollback.index_of(Address(*key, span[0]))
        end = scrollback.index_of(Address(*key, span[1] - 1))
        if start is None or end is None:
            return None
        offset = self._grid.scrolled_total - len(scrollback)
        return Hit(start[0] + offset, start[1], end[0] + offset, end[1] + 1)

    def _live_start(self, hit: tuple[_Chain, tuple[int, int]]) -> tuple[int, int]:
        found = self._live_hit(hit)
        return found.line - self._grid.scrolled_total, found.col

    def _live_hit(self, hit: tuple[_Chain, tuple[int, int]]) -> Hit:
        chain, (start, end) = hit
        places = []
        for cell in (start, end - 1):
            row = max(number for number, first in enumerate(chain.starts) if first <= cell)
            places.append((self._grid.scrolled_total + chain.y + row, cell - chain.starts[row]))
        return Hit(places[0][0], places[0][1], places[1][0], places[1][1] + 1)


# The key of everything that is not in a block: after all of them.
_LIVE = (1 << 62, 0)
_BEFORE_ALL = (-1, -1)
