"""What goes from the scrollback when there are more lines, bytes or pens than it may keep, the oldest first.

`limit_pens` and `characters_in_use` are methods of `Scrollback`, which names them; `trim` is called by what makes it longer.
"""

from collections.abc import Iterator
from itertools import islice, repeat, starmap
from typing import TYPE_CHECKING, Any

from synk.terminal.blocks import Block, size_of
from synk.terminal.bundles import measure, sizes_of, with_text
from synk.terminal.scrollback_rows import settle_row
from synk.terminal.sealed_blocks import close_block, forget_layouts, settle_block, unbundle_block

if TYPE_CHECKING:
    from synk.terminal.scrollback import Scrollback

SENT_FACTOR = 2
"""What is kept as it was sent may take so many times the limit: a picture's true colors take less than their pens would
(450 bytes each, 15 MB for as many as there can be), and those that are kept are never worked out, most times."""
# Lines whose pens are worked out in one go when too many bytes are kept as they were sent.
_SETTLED_AT_ONCE = 64


def trim(scrollback: "Scrollback") -> None:
    """Drop the oldest lines until both limits hold; of a line that is too long by itself the oldest rows.

    Pens that nobody looked at count as much as they may take. So before a line is dropped for its bytes all are
    worked out, and what is kept depends on nothing but what was sent.
    """
    while scrollback.sealed and scrollback.lines_total > scrollback.limit_lines:
        _trim_block(scrollback, scrollback.sealed[0], by_bytes=False)
    while (excess := scrollback.lines_total - scrollback.limit_lines) > 0:
        if scrollback.open_rows:
            _drop(scrollback, min(excess, len(scrollback.open_rows)))
        else:
            _drop_bundled(scrollback, excess)
    if scrollback.bundles and _is_too_large(scrollback):
        scrollback.unbundle()
    while _is_too_large(scrollback) and _settle_some(scrollback):
        pass
    while scrollback.sealed and scrollback.size_bytes > scrollback.limit_bytes:
        _trim_block(scrollback, scrollback.sealed[0], by_bytes=True)
    while scrollback.size_bytes > scrollback.limit_bytes:
        _drop(scrollback, 1)


def _is_too_large(scrollback: "Scrollback") -> bool:
    sent_bytes = scrollback.sent_bytes + scrollback.sent_bytes_in_blocks
    return scrollback.size_bytes > scrollback.limit_bytes or sent_bytes > SENT_FACTOR * scrollback.limit_bytes


def _settle_some(scrollback: "Scrollback") -> bool:
    """Work out the oldest lines that are kept as they were sent; False if there are none."""
    if scrollback.bundles:
        scrollback.unbundle()
    for block in scrollback.sealed:
        if block.bundles or block.sent_bytes:
            unbundle_block(scrollback, block)
            settle_block(scrollback, block)
            return True
    end = min(scrollback.settled_rows + _SETTLED_AT_ONCE, len(scrollback.open_rows))
    if scrollback.settled_rows >= end:
        return False
    for index in range(scrollback.settled_rows, end):
        settle_row(scrollback, index)
    scrollback.settled_rows = end
    return True


def _drop_bundled(scrollback: "Scrollback", excess: int) -> None:
    """Drop the oldest lines, when there are no others than those in bundles."""
    bundle = scrollback.bundles[0]
    count, ended = bundle.drop(excess)
    scrollback.lines_total -= ended
    scrollback.bundled_rows -= count
    if bundle.count:
        return
    scrollback.size_bytes -= bundle.size
    scrollback.sent_bytes -= bundle.sent_bytes
    scrollback.bundles.popleft()


def _drop(scrollback: "Scrollback", count: int) -> None:
    """Drop the oldest rows, when there are no blocks."""
    popleft = scrollback.open_rows.popleft
    scrollback.settled_rows = max(0, scrollback.settled_rows - count)
    if count == 1:
        line = popleft()
        size, sent = sizes_of(line, scrollback.columns)
        scrollback.size_bytes -= size
        scrollback.sent_bytes -= sent
        scrollback.lines_total -= not line[2]
        return
    size, sent, ended = measure(list(starmap(popleft, repeat((), count))), scrollback.columns)
    scrollback.size_bytes -= size
    scrollback.sent_bytes -= sent
    scrollback.lines_total -= ended


def _trim_block(scrollback: "Scrollback", block: Block, *, by_bytes: bool) -> None:
    if block.bundles and not by_bytes:
        _trim_bundles_of(scrollback, block)
        return
    close_block(scrollback, block)
    scrollback.block_ends = None
    while block.lines and (
        scrollback.size_bytes > scrollback.limit_bytes if by_bytes else scrollback.lines_total > scrollback.limit_lines
    ):
        line = block.pop_oldest()
        scrollback.size_bytes -= size_of(line)
        scrollback.lines_total -= not line[2]
    if not block.lines:
        scrollback.sent_bytes_in_blocks -= block.sent_bytes
        scrollback.sealed.popleft()
        if block in scrollback.laid_out:
            scrollback.laid_out.remove(block)


def _trim_bundles_of(scrollback: "Scrollback", block: Block) -> None:
    """Drop lines of the oldest block, as long as there are too many, without taking them apart."""
    scrollback.block_ends = None
    while block.bundles and (excess := scrollback.lines_total - scrollback.limit_lines) > 0:
        bundle = block.bundles[0]
        _, ended = bundle.drop(excess)
        scrollback.lines_total -= ended
        block.dropped += ended
        if bundle.count:
            return
        scrollback.size_bytes -= bundle.size
        scrollback.sent_bytes_in_blocks -= bundle.sent_bytes
        block.sent_bytes -= bundle.sent_bytes
        del block.bundles[0]
    if not block.bundles:
        scrollback.sealed.popleft()


def limit_pens(scrollback: "Scrollback", others: set[str], limit: int) -> set[str]:
    """Pen characters of the newest lines, not more than `limit` with those of `others`.

    Older lines are shown in the default style from now on: there are more styles than can be told apart.
    """
    in_use = set(others)
    for at in range(len(scrollback.bundles) - 1, -1, -1):
        # Not taken apart unless they have to go: it happens in the middle of a flood of colors.
        if not _add_pens(in_use, scrollback.bundles[at].pens(), limit):
            for _ in range(at + 1):
                scrollback.unbundle_oldest()
            _forget_pens_from(scrollback, scrollback.open_rows, len(scrollback.open_rows) - 1, len(scrollback.sealed))
            return in_use
    for at in range(len(scrollback.open_rows) - 1, -1, -1):
        if not _add_pens(in_use, {scrollback.open_rows[at][1]}, limit):
            _forget_pens_from(scrollback, scrollback.open_rows, at, len(scrollback.sealed))
            return in_use
    for number in range(len(scrollback.sealed) - 1, -1, -1):
        block = scrollback.sealed[number]
        if not _add_pens(in_use, set().union(*[bundle.pens() for bundle in block.bundles]), limit):
            unbundle_block(scrollback, block)
            _forget_pens_from(scrollback, block.lines, len(block.lines) - 1, number)
            return in_use
        for at in range(len(block.lines) - 1, -1, -1):
            if not _add_pens(in_use, {block.lines[at][1]}, limit):
                _forget_pens_from(scrollback, block.lines, at, number)
                return in_use
    return in_use


def _forget_pens_from(scrollback: "Scrollback", lines: Any, at: int, blocks: int) -> None:
    """Show these lines up to and with the one at `at`, and so many blocks, in the default style."""
    for index in range(at + 1):
        if lines[index][1]:
            _forget_pens_of(scrollback, lines, index)
    for block in islice(scrollback.sealed, blocks):
        unbundle_block(scrollback, block)
        for index, line in enumerate(block.lines):
            if line[1]:
                _forget_pens_of(scrollback, block.lines, index)
    forget_layouts(scrollback)


def _forget_pens_of(scrollback: "Scrollback", lines: Any, at: int) -> None:
    before, sent = sizes_of(lines[at], scrollback.columns)
    if lines is scrollback.open_rows:
        scrollback.sent_bytes -= sent
    text, _, is_wrapped, marks = with_text(lines[at])
    lines[at] = (text, "", is_wrapped, marks)
    scrollback.size_bytes += size_of((text, "", is_wrapped, marks)) - before


def characters_in_use(scrollback: "Scrollback") -> set[str]:
    """Characters of all lines that are not plain ASCII."""
    return set().union(*[line[0] for lines in _all(scrollback) for line in lines if not line[0].isascii()])


def _all(scrollback: "Scrollback") -> Iterator[Any]:
    if scrollback.bundles:
        scrollback.unbundle()
    for block in scrollback.sealed:
        unbundle_block(scrollback, block)
        yield block.lines
    yield scrollback.open_rows


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
