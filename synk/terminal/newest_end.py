"""The newest end of the scrollback: rows come there, one by one or as a flood, and are taken back when the screen grows.

Methods of `Scrollback`, which names them.
"""

from collections.abc import Iterable, Set
from itertools import groupby
from typing import TYPE_CHECKING

from synk.terminal.blocks import size_of
from synk.terminal.bundles import Bundle, SentLine, at_rest, bundle_of, measure, place_of_batch, sizes_of
from synk.terminal.late_rows import Batch
from synk.terminal.reflow import lay_out
from synk.terminal.rows import PackedRow, Row, pack_pens
from synk.terminal.scrollback_limits import SENT_FACTOR, trim
from synk.terminal.scrollback_rows import settle_row
from synk.terminal.sealed_blocks import close_block
from synk.terminal.styles import DEFAULT_PEN

if TYPE_CHECKING:
    from synk.terminal.scrollback import Scrollback

# Fewer rows are not worth a bundle.
_BUNDLE_LINES = 8


def push(scrollback: "Scrollback", rows: Iterable[Row]) -> None:
    """Append rows, oldest first; lines beyond the limits are dropped from the other end."""
    rows = list(rows)
    if not rows:
        # Of a region of one line nothing is above what comes in.
        return
    if len(rows) >= _BUNDLE_LINES and not (rows[0].__class__ is Row and rows[0].is_wrapped):
        # A flood, and lines that were begun before it or came between its parts.
        for group in [list(group) for _, group in groupby(rows, key=place_of_batch)]:
            bundle = bundle_of(group, scrollback.columns) if len(group) > 1 else None
            if bundle is not None:
                _push_bundle(scrollback, bundle)
            else:
                _push_rows(scrollback, group)
        return
    _push_rows(scrollback, rows)


def _push_rows(scrollback: "Scrollback", rows: list[Row]) -> None:
    columns = scrollback.columns
    lines: list[PackedRow | SentLine] = [
        (row.text, pack_pens(row.pens) if row.pens else "", row.is_wrapped and len(row.text) >= columns - 1, row.marks)
        if row.__class__ is Row and row.kept is None
        else at_rest(row, columns)
        for row in rows
    ]
    size, sent, ended = measure(lines, columns)
    if scrollback.bundles:
        # Between two floods: what is in bundles stays there.
        _push_bundle(scrollback, Bundle.of_rows(lines, size, sent, ended))
        return
    scrollback.open_rows.extend(lines)
    scrollback.size_bytes += size
    scrollback.sent_bytes += sent
    scrollback.lines_total += ended
    trim(scrollback)


def push_row(scrollback: "Scrollback", row: Row) -> None:
    """Append one row."""
    line: PackedRow | SentLine
    if row.__class__ is not Row or row.kept is not None:
        line = at_rest(row, scrollback.columns)
        size, sent = sizes_of(line, scrollback.columns)
        scrollback.sent_bytes += sent
    else:
        text, pens = row.text, row.pens
        line = (text, pack_pens(pens) if pens else "", row.is_wrapped and row.goes_on(scrollback.columns), row.marks)
        size, sent = size_of(line), 0
    scrollback.lines_total += not line[2]
    if scrollback.bundles:
        scrollback.bundles.append(Bundle.of_rows([line], size, sent, not line[2]))
        scrollback.bundled_rows += 1
    else:
        scrollback.open_rows.append(line)
    scrollback.size_bytes += size
    if scrollback.lines_total > scrollback.limit_lines and not scrollback.sealed:
        # A line comes, a line goes: in fewer steps than `trim` takes.
        opened = scrollback.open_rows
        while scrollback.lines_total > scrollback.limit_lines and opened and isinstance(opened[0][1], str):
            oldest: PackedRow = opened.popleft()  # type: ignore[assignment]
            scrollback.size_bytes -= size_of(oldest)
            scrollback.lines_total -= not oldest[2]
            scrollback.settled_rows -= scrollback.settled_rows > 0
    if (
        scrollback.sent_bytes > SENT_FACTOR * scrollback.limit_bytes
        or scrollback.lines_total > scrollback.limit_lines
        or scrollback.size_bytes > scrollback.limit_bytes
    ):
        trim(scrollback)


def push_lines(scrollback: "Scrollback", texts: list[str], pen: str, wrapped: Set[int] = frozenset()) -> None:
    """Append rows of printable ASCII text, each in one pen; those of these places go on in the next one."""
    if wrapped:
        pens = ["" if pen == DEFAULT_PEN else pack_pens(pen * len(text)) for text in texts]
        rows: list[PackedRow | SentLine] = [
            (text, packed, at in wrapped, ()) for at, (text, packed) in enumerate(zip(texts, pens, strict=True))
        ]
        _push_bundle(scrollback, Bundle.of_rows(rows, *measure(rows, scrollback.columns)))
        return
    if len(texts) >= scrollback.limit_lines:
        scrollback.clear()
        texts = texts[len(texts) - scrollback.limit_lines :]
    if pen == DEFAULT_PEN:
        _push_bundle(scrollback, Bundle("\r\n".join([*texts, ""]), len(texts), scrollback.columns))
    else:
        for text in texts:
            scrollback.push_row(Row(text, pen * len(text)))


def push_copies(scrollback: "Scrollback", row: Row, count: int) -> None:
    """Append a row that is no part of a longer line, so many times."""
    count = min(count, scrollback.limit_lines)
    line = row.packed(scrollback.columns)
    size, sent = sizes_of(line, scrollback.columns)
    # The oldest go for the newest in any case.
    count = min(count, scrollback.limit_bytes // max(size, 1) + 1)
    if count:
        _push_bundle(scrollback, Bundle.of_rows([line] * count, size * count, sent * count, count))


def push_text(scrollback: "Scrollback", text: str, count: int) -> None:
    """Append so many lines of printable ASCII text in the default pen, each ended by CR LF."""
    if count >= scrollback.limit_lines:
        scrollback.clear()
    _push_bundle(scrollback, Bundle(text, count, scrollback.columns))


def push_sent(scrollback: "Scrollback", batch: Batch, count: int) -> None:
    """Append the first rows of a batch."""
    _push_bundle(scrollback, Bundle("", count, scrollback.columns, batch))


def _push_bundle(scrollback: "Scrollback", bundle: Bundle) -> None:
    scrollback.bundles.append(bundle)
    scrollback.bundled_rows += bundle.count
    scrollback.size_bytes += bundle.size
    scrollback.sent_bytes += bundle.sent_bytes
    scrollback.lines_total += bundle.ended
    trim(scrollback)


def pop(scrollback: "Scrollback") -> Row | None:
    """Take the newest row back, None if there is none."""
    if scrollback.bundles:
        scrollback.unbundle()
    if scrollback.open_rows:
        line: PackedRow = settle_row(scrollback, -1)
        scrollback.open_rows.pop()
        scrollback.settled_rows = min(scrollback.settled_rows, len(scrollback.open_rows))
        scrollback.size_bytes -= size_of(line)
        scrollback.lines_total -= not line[2]
    elif (taken := scrollback.pop_line()) is not None:
        line = taken
    else:
        return None
    # A line of a block, or a row that was wider than the screen when it left it.
    *rows, newest = lay_out(line, scrollback.columns)
    scrollback.open_rows.extend(rows)
    scrollback.size_bytes += sum(map(size_of, rows))
    scrollback.taken_back += 1
    return Row.unpacked(newest)


def pop_line(scrollback: "Scrollback") -> PackedRow | None:
    """Take the newest line of the blocks back; None without one. Rows newer than the blocks are not looked at."""
    while scrollback.sealed:
        block = scrollback.sealed[-1]
        close_block(scrollback, block)
        scrollback.block_ends = None
        scrollback.taken_back += 1
        if block.lines:
            scrollback.size_bytes -= size_of(block.lines[-1])
            line = block.pop()
            scrollback.lines_total -= not line[2]
            return line
        scrollback.next_number = scrollback.sealed.pop().number
    return None


def unfinished(scrollback: "Scrollback") -> list[str]:
    """Texts of the rows at the newest end that belong to a line which goes on on the screen, after `seal` spared them."""
    if scrollback.bundles:
        scrollback.unbundle()
    texts: list[str] = []
    for line in reversed(scrollback.open_rows):
        if not line[2]:
            break
        texts.append(line[0])
    return texts[::-1]
