"""The whole state of an emulator as bytes and back: compressed JSON, checked field by field when it is read.

Pictures are left out: megabytes that the program can draw again. The marks that tell where they were go with them.
"""

import base64
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import astuple
from typing import Any, NamedTuple

from synk.terminal import modes
from synk.terminal.charsets import TRANSLATIONS, Charsets, Sets
from synk.terminal.colors import LAST_COLOR
from synk.terminal.grid import Grid
from synk.terminal.key_flags import ALL_FLAGS, MAX_SAVED, Stack
from synk.terminal.marks import Mark, MarkKind, of_shell
from synk.terminal.mode_switches import Protection, SavedCursor
from synk.terminal.notifications import MAX_BODY_CHARS, MAX_UNFINISHED, Unfinished
from synk.terminal.notifications import MAX_TITLE_CHARS as MAX_NOTIFICATION_TITLE_CHARS
from synk.terminal.parser import MAX_DCS_CHARS, Parser
from synk.terminal.pointers import MAX_STACK, SHAPES
from synk.terminal.program_status import MAX_RECORDS, StatusRecord, is_record_valid
from synk.terminal.rows import CLUSTER, CLUSTER_FIRST, Clusters, Row, pack_pens
from synk.terminal.scrollback_rows import SettledRow
from synk.terminal.state import MAX_LEVEL, MAX_TITLE_CHARS, MAX_TITLES, TerminalState
from synk.terminal.styles import MAX_LINK_CHARS, MAX_LINK_ID_CHARS, MAX_PENS, RGB, Link, Style

_MAGIC = b"SYNKSCR1"
# Far above a screen of 4096 x 4096 in one style; what is larger is not ours.
_MAX_BYTES = 256 << 20
_MAX_SIZE = 4096
# With what a narrower screen hides of it.
_MAX_ROW_CELLS = 2 * _MAX_SIZE
_MAX_COUNT = 1 << 53
_MAX_MARKS = 1 << 16
# A larger screen shows a screenful of lines more, which are more rows while it is narrow.
_TAIL_SCREENS = 8

Fields = dict[str, Any]
Look = tuple[Style, Link, bool]
ReadRow = tuple[str, list[tuple[int, int]], bool]


def encode(state: TerminalState, parser: Parser) -> bytes:
    """The snapshot of a terminal, without scrollback and events."""
    screen, grid = state.screen, state.screen.grid
    looks: dict[str, int] = {}
    undecoded, parser_state, collected, ending, is_after_text = parser.pending()
    clusters: dict[str, str] = {}
    rows = [_pack(row.text, pack_pens(row.pens), row.goes_on(grid.columns), looks, clusters) for row in grid.rows]
    other_rows = [_pack(row.text, pack_pens(row.pens), row.goes_on(grid.columns), looks, clusters) for row in grid.other_rows]
    tail = grid.scrollback.newest(grid.lines, limit_rows=_TAIL_SCREENS * grid.lines)
    fields: Fields = {
        "size": [screen.columns, screen.lines],
        "rows": rows,
        "other_rows": other_rows,
        "tail": [_pack(text, pens, goes_on, looks, clusters) for text, pens, goes_on, _ in tail],
        "kept": [_kept(place, row, looks, clusters) for place, row in _placed(grid) if row.is_kept(grid.columns)],
        "marks": _marks(grid, tail),
        "shell": [grid.shell.latest and grid.shell.latest.value, grid.shell.last_status],
        "pen": looks.setdefault(screen.pen.char, len(looks)),
        "looks": [_look(grid, char) for char in looks],
        "clusters": [grid.clusters.expand(char) for char in clusters],
        "is_alternate": grid.is_alternate,
        "cursor": [screen.cursor.x, screen.cursor.y],
        "margins": [grid.top, grid.bottom, grid.left, grid.right],
        "protection": screen.protection,
        "attribute_extent": screen.attribute_extent,
        "mode": sorted(screen.mode),
        "tabs": sorted(screen.tabstops),
        "charsets": [*screen.charsets.sets, screen.charsets.shifted_in, screen.charsets.single_shift],
        "last_drawn": screen.last_drawn[-1:],
        "saved": [_saved(screen.saved.get(is_alternate)) for is_alternate in (False, True)],
        "scrolled_total": grid.scrolled_total,
        "title": [screen.title, screen.icon_name],
        "titles": state.titles,
        "saved_modes": sorted(state.saved_modes.items()),
        "modify_other_keys": state.modify_other_keys,
        "key_flags": state.key_flags.stacks(),
        "conformance_level": state.conformance_level,
        "sends_eight_bit": state.sends_eight_bit,
        "cursor_style": state.cursor_style,
        "pointers": [state.pointers.stacks[False], state.pointers.stacks[True]],
        "status": [astuple(record) for record in state.status_records.all()],
        "notifications": [[name, *astuple(parts)] for name, parts in state.notifications.unfinished.items()],
        "colors": sorted(state.colors.overrides.items()),
        "parser": [base64.b64encode(undecoded).decode(), parser_state, collected, ending, is_after_text],
    }
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"), check_circular=False)
    return _MAGIC + zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


class Picture(NamedTuple):
    """A snapshot that was read and checked."""

    columns: int
    lines: int
    apply: Callable[[TerminalState, Parser], None]
    """Puts everything into a terminal of this size."""


def decode(data: bytes) -> Picture:
    """Read a snapshot.

    Raises:
        ValueError: this is not one, or not of this version.
    """
    if not data.startswith(_MAGIC):
        raise ValueError("not a snapshot of this version")
    try:
        inflator = zlib.decompressobj()
        text = inflator.decompress(data[len(_MAGIC) :], _MAX_BYTES)
        if not inflator.eof:
            raise ValueError("cut off or too large")
        reader = _Reader(json.loads(text.decode("utf-8", "surrogatepass")))
    except (zlib.error, KeyError, TypeError, IndexError, RecursionError, OverflowError) as error:
        raise ValueError(f"damaged snapshot: {error!r}") from error
    return Picture(reader.columns, reader.lines, reader.apply)


def _pack(text: str, packed: str, goes_on: bool, looks: dict[str, int], clusters: dict[str, str]) -> list[Any]:
    """A row for JSON; pens and clusters are numbered in the order in which they are met."""
    pens = [looks.setdefault(pen, len(looks)) for pen in packed[::2]]
    if not text.isascii():
        text = CLUSTER.sub(lambda match: clusters.setdefault(match[0], _stand_in(len(clusters))), text)
    return [text, list(zip(pens, map(ord, packed[1::2]), strict=True)), goes_on]


def _placed(grid: Grid) -> Iterator[tuple[int, Row]]:
    """All rows, those that are not shown after those that are, with their number in this order."""
    return enumerate([*grid.rows, *grid.other_rows])


def _kept(place: int, row: Row, looks: dict[str, int], clusters: dict[str, str]) -> list[Any]:
    """What is hidden of a row that a resize left alone."""
    hidden, pens = row.hidden
    return [place, *_pack(hidden, pack_pens(pens), False, looks, clusters)]


def _marks(grid: Grid, tail: list[SettledRow]) -> list[list[Any]]:
    """Marks with the number of their row; in the tail of the scrollback it is negative."""
    placed = [(place, row.marks) for place, row in _placed(grid) if row.marks]
    placed += [(place, row[3]) for place, row in enumerate(tail, -len(tail)) if row[3]]
    return [[place, kind.value, col, status] for place, marks in placed for kind, col, status in of_shell(marks)]


def _stand_in(number: int) -> str:
    return chr(ord(CLUSTER_FIRST) + number)


def _look(grid: Grid, char: str) -> list[Any]:
    pen = grid.pens[char]
    return [*pen.values, *pen.link, pen.is_protected]


def _saved(saved: SavedCursor | None) -> list[Any] | None:
    if saved is None:
        return None
    look = [*astuple(saved.style), *saved.link, saved.is_protected]
    return [saved.x, saved.y, saved.is_wrap_pending, look, [*saved.charsets, saved.shifted_in], saved.is_origin]


class _Reader:
    """Checks every field when it is made, so that `apply` cannot fail half way."""

    def __init__(self, fields: Fields) -> None:
        if not isinstance(fields, dict):
            raise ValueError("not an object")
        self.columns = _integer(fields["size"][0], 1, _MAX_SIZE)
        self.lines = _integer(fields["size"][1], 1, _MAX_SIZE)
        self.looks = [_read_look(look) for look in _list(fields["looks"], MAX_PENS)]
        self.pen = self._look_number(fields["pen"])
        self.rows = self._read_rows(fields["rows"])
        self.other_rows = self._read_rows(fields["other_rows"])
        self.tail = self._read_tail(fields["tail"])
        self.kept = [self._read_kept(kept) for kept in _list(fields["kept"], 2 * self.lines)]
        self.marks = [self._read_mark(mark) for mark in _list(fields["marks"], _MAX_MARKS)]
        latest, status = fields["shell"]
        self.latest = None if latest is None else MarkKind(latest)
        self.last_status = None if status is None else _integer(status, -_MAX_COUNT, _MAX_COUNT)
        self.clusters = _read_clusters(fields["clusters"])
        self.is_alternate = _boolean(fields["is_alternate"])
        self.cursor = (_integer(fields["cursor"][0], 0, 2 * self.columns), _integer(fields["cursor"][1], 0, self.lines - 1))
        self.margins = self._read_margins(*fields["margins"])
        self.protection = Protection(_integer(fields["protection"], 0, 2))
        self.attribute_extent = _integer(fields["attribute_extent"], 0, 2)
        known = modes.KNOWN_ANSI | modes.KNOWN_PRIVATE
        self.mode = {_member(mode, known) for mode in _list(fields["mode"], len(known))}
        self.tabs = {_integer(stop, 0, _MAX_SIZE) for stop in _list(fields["tabs"], _MAX_SIZE + 1)}
        *sets, single_shift = _list(fields["charsets"], 6)
        self.sets, self.shifted_in = _read_charsets(sets)
        self.single_shift = None if single_shift is None else _integer(single_shift, 2, 3)
        self.last_drawn = _text(fields["last_drawn"], 1)
        self.saved = [self._read_saved(saved) for saved in _list(fields["saved"], 2)]
        self.scrolled_total = _integer(fields["scrolled_total"], -_MAX_COUNT, _MAX_COUNT)
        self.title, self.icon_name = (_text(title, MAX_TITLE_CHARS) for title in fields["title"])
        titles = _list(fields["titles"], MAX_TITLES)
        self.titles = [(_text(title, MAX_TITLE_CHARS), _text(icon_name, MAX_TITLE_CHARS)) for title, icon_name in titles]
        self.saved_modes = {_member(mode, known): _boolean(is_on) for mode, is_on in fields["saved_modes"]}
        self.modify_other_keys = _integer(fields["modify_other_keys"], 0, 2)
        self.key_flags = [_read_flags(stack) for stack in _list(fields["key_flags"], 2)]
        if len(self.key_flags) != 2:
            raise ValueError("not the flags of two screens")
        self.conformance_level = _integer(fields["conformance_level"], 1, MAX_LEVEL)
        self.sends_eight_bit = _boolean(fields["sends_eight_bit"])
        self.cursor_style = _integer(fields["cursor_style"], 0, 6)
        self.colors = {_integer(number, 0, LAST_COLOR): _integer(color, 0, 0xFFFFFF) for number, color in fields["colors"]}
        self.pointers = {bool(index): _read_pointers(stack) for index, stack in enumerate(_list(fields["pointers"], 2))}
        if len(self.pointers) != 2:
            raise ValueError("not the pointers of two screens")
        self.status = [_read_status(record) for record in _list(fields["status"], MAX_RECORDS)]
        self.notifications = dict(map(_read_notification, _list(fields["notifications"], MAX_UNFINISHED)))
        undecoded, state, collected, ending, is_after_text = fields["parser"]
        self.parser = (base64.b64decode(undecoded), state, _text(collected, MAX_DCS_CHARS + 1), ending, is_after_text)
        Parser.check(*self.parser)

    def apply(self, state: TerminalState, parser: Parser) -> None:
        """Put everything into a fresh terminal of this size."""
        screen, grid = state.screen, state.screen.grid
        chars = [grid.pens.pen(*look).char for look in self.looks]
        stand_ins = {ord(_stand_in(index)): grid.clusters.stand_in(text) for index, text in enumerate(self.clusters)}
        grid.rows = [_unpack(row, chars, stand_ins) for row in self.rows]
        grid.other_rows = [_unpack(row, chars, stand_ins) for row in self.other_rows]
        for place, row in self.kept:
            hidden = _unpack(row, chars, stand_ins)
            (grid.rows if place < self.lines else grid.other_rows)[place % self.lines].leave(hidden.text, hidden.pens)
        tail = [_unpack(row, chars, stand_ins) for row in self.tail]
        for place, mark in self.marks:
            marked = tail[place] if place < 0 else (grid.rows if place < self.lines else grid.other_rows)[place % self.lines]
            marked.marks = (*marked.marks, mark)
        grid.scrollback.push(tail)
        grid.shell.latest, grid.shell.last_status = self.latest, self.last_status
        grid.is_alternate = self.is_alternate
        screen.pen = grid.pens[chars[self.pen]]
        screen.restore_state(
            cursor=self.cursor,
            margins=self.margins,
            mode=self.mode,
            charsets=Charsets(self.sets, self.shifted_in, self.single_shift),
        )
        screen.protection = self.protection
        screen.attribute_extent = self.attribute_extent
        screen.tabstops = set(self.tabs)
        screen.last_drawn = self.last_drawn
        screen.saved = {bool(index): saved for index, saved in enumerate(self.saved) if saved is not None}
        grid.scrolled_total = self.scrolled_total
        screen.title, screen.icon_name = self.title, self.icon_name
        state.titles = list(self.titles)
        state.saved_modes = dict(self.saved_modes)
        state.modify_other_keys = self.modify_other_keys
        state.key_flags.restore(*self.key_flags)
        state.conformance_level = self.conformance_level
        state.sends_eight_bit = self.sends_eight_bit
        state.cursor_style = self.cursor_style
        state.pointers.stacks = {is_alternate: list(stack) for is_alternate, stack in self.pointers.items()}
        state.status_records.restore(self.status)
        state.notifications.unfinished = dict(self.notifications)
        state.colors.overrides = dict(self.colors)
        parser.resume(*self.parser)

    def _look_number(self, value: Any) -> int:
        return _integer(value, 0, len(self.looks) - 1)

    def _read_margins(self, top: Any, bottom: Any, left: Any, right: Any) -> tuple[int, int, int, int]:
        top, left = _integer(top, 0, self.lines - 1), _integer(left, 0, self.columns - 1)
        return top, _integer(bottom, top, self.lines - 1), left, _integer(right, left, self.columns - 1)

    def _read_rows(self, value: Any) -> list[ReadRow]:
        rows = self._read_tail(value)
        if len(rows) != self.lines:
            raise ValueError("rows are missing")
        return rows

    def _read_tail(self, value: Any) -> list[ReadRow]:
        rows = []
        for text, pens, is_wrapped in _list(value, _TAIL_SCREENS * self.lines):
            text = _text(text, _MAX_ROW_CELLS)
            runs = [(self._look_number(look), _integer(count, 1, _MAX_ROW_CELLS)) for look, count in pens]
            if sum(count for _, count in runs) > len(text):
                raise ValueError("more pens than cells")
            rows.append((text, runs, _boolean(is_wrapped)))
        return rows

    def _read_kept(self, value: Any) -> tuple[int, ReadRow]:
        place, *row = value
        return _integer(place, 0, 2 * self.lines - 1), self._read_tail([row])[0]

    def _read_mark(self, value: Any) -> tuple[int, Mark]:
        place, kind, col, status = value
        checked = None if status is None else _integer(status, -_MAX_COUNT, _MAX_COUNT)
        mark = Mark(MarkKind(kind), _integer(col, 0, _MAX_SIZE), checked)
        return _integer(place, -len(self.tail), 2 * self.lines - 1), mark

    def _read_saved(self, value: Any) -> SavedCursor | None:
        if value is None:
            return None
        x, y, is_wrap_pending, look, sets, is_origin = value
        style, link, is_protected = _read_look(look)
        charset_names, shifted_in = _read_charsets(sets)
        return SavedCursor(
            x=_integer(x, 0, _MAX_SIZE),
            y=_integer(y, 0, _MAX_SIZE),
            is_wrap_pending=_boolean(is_wrap_pending),
            style=style,
            link=link,
            is_protected=is_protected,
            charsets=charset_names,
            shifted_in=shifted_in,
            is_origin=_boolean(is_origin),
        )


def _unpack(row: ReadRow, chars: list[str], stand_ins: dict[int, str]) -> Row:
    text, runs, is_wrapped = row
    if not text.isascii():
        text = text.translate(stand_ins)
    unpacked = Row(text, "".join([chars[look] * count for look, count in runs]), is_wrapped)
    if is_wrapped:
        unpacked.leave("", "")
    return unpacked


def _read_look(value: Any) -> Look:
    *colors_and_flags, target, link_id, is_protected = value
    fg, bg, underline_color, *flags, underline = colors_and_flags
    if len(flags) != 8:
        raise ValueError("wrong number of flags")
    checked: list[Any] = [_color(fg), _color(bg), _color(underline_color), *map(_boolean, flags), _integer(underline, 0, 5)]
    link = Link(_text(target, MAX_LINK_CHARS), _text(link_id, MAX_LINK_ID_CHARS))
    return Style(*checked), link, _boolean(is_protected)


def _read_charsets(value: Any) -> tuple[Sets, int]:
    g0, g1, g2, g3, shifted_in = value
    names = frozenset(TRANSLATIONS)
    return (_member(g0, names), _member(g1, names), _member(g2, names), _member(g3, names)), _integer(shifted_in, 0, 3)


def _read_clusters(value: Any) -> list[str]:
    clusters = [_text(text, Clusters.MAX_CODE_POINTS) for text in _list(value, Clusters.LIMIT)]
    if not all(clusters):
        raise ValueError("an empty cluster")
    return clusters


def _read_pointers(value: Any) -> list[str]:
    return [_member(shape, SHAPES | {""}) for shape in _list(value, MAX_STACK)]


def _read_status(value: Any) -> StatusRecord:
    parts, state, kind, app, progress, message, title = value
    place = tuple(_text(part, 32) for part in _list(parts, 8))
    record = StatusRecord(place, state, kind, _text(app, 32), progress, _text(message, 2048), _text(title, 192))
    if not (progress is None or type(progress) is int) or not is_record_valid(record):
        raise ValueError("not a status record")
    return record


def _read_notification(value: Any) -> tuple[str, Unfinished]:
    name, title, body, urgency = value
    parts = Unfinished(_text(title, MAX_NOTIFICATION_TITLE_CHARS), _text(body, MAX_BODY_CHARS), _integer(urgency, 0, 2))
    return _text(name, 128), parts


def _read_flags(value: Any) -> Stack:
    stack = tuple(_integer(flags, 0, ALL_FLAGS) for flags in _list(value, MAX_SAVED + 1))
    if not stack:
        raise ValueError("no flags")
    return stack


def _color(value: Any) -> int:
    number = _integer(value, -1, RGB | 0xFFFFFF)
    if 255 < number < RGB:
        raise ValueError(f"not a color: {number}")
    return number


def _integer(value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"not a number from {low} to {high}: {value!r:.40}")
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError(f"not true or false: {value!r:.40}")
    return value


def _text(value: Any, limit: int) -> str:
    if type(value) is not str or len(value) > limit:
        raise ValueError("not a text of the right length")
    if not value.isprintable() and any(char < " " or "\x7f" <= char <= "\x9f" for char in value):
        raise ValueError("control characters in a text")
    return value


def _list(value: Any, limit: int) -> list[Any]:
    if type(value) is not list or len(value) > limit:
        raise ValueError("not a list of the right length")
    return value


def _member(value: Any, of: frozenset[Any]) -> Any:
    if value not in of:
        raise ValueError(f"not known: {value!r:.40}")
    return value
