"""Text with SGR sequences in it, kept as it was sent until somebody looks at its colors.

Most text is scrolled away or overwritten before anybody looks. Taking the sequences out in C tells how many cells it
takes; which pen each of them has is worked out only for what is painted, saved or partly overwritten.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from synk.terminal.styles import BYTES, DEFAULT_PEN, Pen, PenTable
from synk.terminal.widths import NARROW, Widths

SGR = re.compile(r"\x1b(?:\[(?:([0-9:;]*+)m|K)|\(B)")
"""A sequence that changes the pen, or (as ncurses sends with each) selects the set of characters that is in use.

In lines also the erasing of what is behind the cursor, which gcc and grep do after each color: nothing is there.
"""
ERASES = "\x1b[K"
RESET_ENDS = ("\x1b[0m", "\x1b[m", "\x1b[m\x1b[K")
MAX_SGR_CHARS = 4096
"""A sequence of so many parameter characters means nothing."""
MAX_SENT_CHARS = 16 * 1024
"""What is kept in one piece: whoever looks at one cell of it waits until all of it is worked out, a millisecond or two."""

SHORT_CHARS = 256
"""Shorter text is better worked out at once, and looked up when it comes again: htop and ink are 1.4 times as fast as with
half of it."""

_NO_CHANGE = ":"
_RESETS = ("", "0")
# Without one of these no sequence sets a background: looking for them takes less time than taking out one sequence.
_MAYBE_BACKGROUNDS = ("[4", ";4", "[04", ";04", "[10", ";10", "[010", ";010", "[00", ";00")
_BACKGROUND = re.compile(r"\x1b\[(?:[0-9:;]*;)?0*(?:4[0-8]|10[0-7])[;:m]")
# Its numbers may look like a background.
_FOREGROUND = re.compile(r"(?<=[\[;])38;(?:2;[0-9]*;[0-9]*;[0-9]*|5;[0-9]*)(?![0-9:])")
_COLOR_ITEMS = {"5": 1, "2": 3}
"""How many numbers follow `38;5` and `38;2`."""
_FIRST_COLORS = {f"{base}{color}": "[39][0-7]" for base in (3, 9) for color in range(8)}
_FIRST_COLORS |= {f"{base}{color}": "(?:4|10)[0-7]" for base in (4, 10) for color in range(8)}
_MAX_SHAPES = 64
# A megabyte at most.
_MAX_APART = 1024

Op = tuple[int, int, Any, Any, Any]
"""What happened to the pens of a row: column, cells, what was written there. That is text as it was sent, after a pen,
with who reads it; or cells of `Sent`, from one on; or one pen, or one for each. None: nothing is left from this column on."""
Apart = tuple[str, str, Pen]
"""Characters of a text, a pen for each, and the pen after them."""
Held = tuple[str, Sequence[Op]]
NOTHING_HELD: Held = ("", ())


class PenReader:
    """Works out the pens of text as it was sent."""

    def __init__(self, pens: PenTable, make_room: Callable[[Pen, Iterable[str]], None]) -> None:
        """`make_room` is called before a pen is made for which there is no place, with pens that are in no row yet."""
        self.pens = pens
        self._make_room = make_room
        self._widths = Widths()
        self._shapes: dict[str, re.Pattern[str]] = {}
        self._apart: dict[tuple[Pen, str], Apart] = {}
        self._forgotten = 0

    def read(self, source: str, start: Pen, held: "Held" = NOTHING_HELD) -> tuple[str, Pen]:
        """The pen of each cell, and the pen after all of it; each character of the text is a cell, or two.

        `held` are pens that may be in no row, and must not be forgotten.
        """
        first, *parts = SGR.split(source)
        pen = self.pens.known(start)
        pens = [pen.char * self._width(first)]
        is_long = len(source) > MAX_SGR_CHARS
        for sgr, text in zip(parts[::2], parts[1::2], strict=True):
            if sgr is not None:
                following = pen.after.get(sgr)
                if following is None:
                    is_refused = is_long and len(sgr) >= MAX_SGR_CHARS
                    following = self._after(pen, _NO_CHANGE if is_refused else sgr, held, pens)
                pen = following
            if text:
                pens.append(pen.char * (len(text) if text.isascii() else self._width(text)))
        return "".join(pens), pen

    def apart(self, source: str, start: Pen) -> Apart:
        """As `take_apart`, looked up if it came before: lines of an editor or a list come again and again."""
        key = start, source
        found = self._apart.get(key)
        if found is None or self._forgotten != self.pens.forgotten:
            found = self.take_apart(source, start)
            if self._forgotten != self.pens.forgotten or len(self._apart) >= _MAX_APART:
                self._apart.clear()
                self._forgotten = self.pens.forgotten
            else:
                self._apart[key] = found
        return found

    def take_apart(self, source: str, start: Pen) -> Apart:
        """Short text: its characters, a pen for each, and the pen after them."""
        parts = SGR.split(source)
        pen = start
        pens = [pen.char * len(parts[0])]
        for at in range(1, len(parts), 2):
            sgr = parts[at]
            if sgr is not None:
                pen = pen.after.get(sgr) or self._after(pen, sgr, waiting=pens)
            pens.append(pen.char * len(parts[at + 1]))
        return "".join(parts[::2]), "".join(pens), pen

    def _width(self, text: str) -> int:
        return len(text) if text.isascii() or NARROW.fullmatch(text) else len(self._widths.cells(text))

    def _after(self, pen: Pen, sgr: str, held: "Held" = NOTHING_HELD, waiting: Iterable[str] = ()) -> Pen:
        if self.pens.needs_room:
            self._make_room(pen, chain(waiting, pens_of_ops(*held)))
        return self.pens.after(pen, sgr)

    def pen_after(self, source: str, start: Pen) -> Pen:
        """The pen after all of it."""
        start = self.pens.known(start)
        at = source.rfind("\x1b[")
        if at < 0:
            return start
        last = source[at + 2 : source.index("m", at)]
        if len(last) < MAX_SGR_CHARS and (last in _RESETS or last[:2] == "0;" or self._is_decided_by(last, source)):
            return start.after.get(last) or self._after(start, last)
        pen = start
        for sgr in SGR.split(source[max(source.rfind("\x1b[0m"), source.rfind("\x1b[m"), 0) :])[1::2]:
            if sgr is not None:
                pen = pen.after.get(sgr) or self._after(pen, sgr if len(sgr) < MAX_SGR_CHARS else _NO_CHANGE)
        return pen

    def always_fills(self, source: str) -> bool:
        """True if it is sure that each of its cells has a background color, as in a picture."""
        first = SGR.match(source)
        if first is None or first[1] is None:
            return False
        at = source.rfind("\x1b[")
        last = source[at + 2 : source.index("m", at)]
        shape = _shape_of(last)
        if shape is None or not ("48;5;[" in shape or "48;2;[" in shape) or ":" in shape or _shape_of(first[1]) != shape:
            return False
        # Neither a reset nor 49 in it.
        return all([part.lstrip("0") not in ("", "49") for part in shape.split(";")]) and self._is_decided_by(last, source)

    def _is_decided_by(self, last: str, source: str) -> bool:
        """True if what the last sequence sets is all that any of them sets: they differ in the numbers of colors only.

        One match instead of a step of Python for each of the thousand sequences of a picture.
        """
        shape = _shape_of(last)
        if shape is None:
            return False
        pattern = self._shapes.get(shape)
        if pattern is None:
            if len(self._shapes) >= _MAX_SHAPES:
                self._shapes.clear()
            pattern = self._shapes[shape] = re.compile(rf"(?:[^\x1b]*+\x1b\[{shape}m)++[^\x1b]*+")
        return pattern.fullmatch(source) is not None


def _shape_of(sgr: str) -> str | None:
    """A pattern for sequences like this one, with any numbers of colors; None if its own are none."""
    parts = sgr.split(";")
    shape: list[str] = []
    at = 0
    while at < len(parts):
        count = _COLOR_ITEMS.get(parts[at + 1], 0) if parts[at] in ("38", "48") and at + 1 < len(parts) else 0
        if count:
            numbers = parts[at + 2 : at + 2 + count]
            if len(numbers) < count or not BYTES.keys() >= set(numbers):
                return None
            shape += [*parts[at : at + 2], *["[0-9]++"] * count]
            at += 2 + count
        else:
            part = parts[at]
            # One of the first 16 colors is as good as another.
            shape.append(_FIRST_COLORS.get(part, part))
            at += 1
    return ";".join(shape)


def may_fill(source: str) -> bool:
    """False if no sequence in it sets a background color, which new rows would get."""
    if not any([mark in source for mark in _MAYBE_BACKGROUNDS]):
        return False
    return _BACKGROUND.search(_FOREGROUND.sub("", source)) is not None


class Sent:
    """Text of one or more rows as it was sent."""

    __slots__ = ("_pens", "_reader", "source", "start")

    def __init__(self, reader: PenReader, source: str, start: Pen) -> None:
        self._reader = reader
        self.source = source
        self.start = start
        """The pen before it."""
        self._pens: str | None = None

    def pens(self, held: "Held" = NOTHING_HELD) -> str:
        """The pen of each cell; `held` as in `PenReader.read`."""
        if self._pens is None:
            self._pens, _ = self._reader.read(self.source, self.start, held)
        return self._pens

    def fill(self, at: int, held: "Held" = NOTHING_HELD) -> str:
        """The pen of blanks, while that of cell `at` is in use."""
        pens = self._reader.pens
        return pens.erase(pens[self.pens(held)[at]])

    @property
    def in_use(self) -> set[str]:
        """Pens that must not be forgotten."""
        return {self.start.char} if self._pens is None else set(self._pens)


class Fill:
    """The blanks of a row that scrolled in while the pen of a cell of `Sent` was in use."""

    __slots__ = ("_at", "_columns", "_sent")

    def __init__(self, sent: Sent, at: int, columns: int) -> None:
        self._sent = sent
        self._at = at
        self._columns = columns

    def pens(self, held: "Held" = NOTHING_HELD) -> str:
        """As `Sent.pens`."""
        return self._sent.fill(self._at, held) * self._columns

    @property
    def in_use(self) -> set[str]:
        """As `Sent.in_use`."""
        return self._sent.in_use


def carry_out(pens: str, ops: Sequence[Op]) -> str:
    """The pens of a row after all this."""
    new: str
    for x, size, what, start, reader in ops:
        if what is None:
            pens = pens[:x]
            continue
        if type(start) is Pen:
            new, _ = reader.read(what, start, (pens, ops))
        elif type(what) is str:
            new = what if len(what) == size else what * size
        else:
            new = what.pens((pens, ops))[start : start + size]
        pens = new + pens[size:] if x == 0 else pens[:x].ljust(x, DEFAULT_PEN) + new + pens[x + size :]
    return pens.rstrip(DEFAULT_PEN)


def pens_of_ops(pens: str, ops: Sequence[Op]) -> set[str]:
    """Pens that must not be forgotten before `carry_out`."""
    found = set(pens)
    for _, _, what, start, _ in ops:
        if type(start) is Pen:
            found.add(start.char)
        elif type(what) is str:
            found.update(what)
        elif what is not None:
            found |= what.in_use
    return found
