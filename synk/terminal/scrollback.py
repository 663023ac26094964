"""The lines that left the top of the main screen, bounded in number and bytes."""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from synk.terminal.rows import Row, pack_pens, unpack_pens
from synk.terminal.styles import DEFAULT_PEN

# A tuple, two string headers and a place in the deque, as measured with sys.getsizeof.
_LINE_OVERHEAD_BYTES = 170


class Line(NamedTuple):
    """One line of the scrollback."""

    text: str
    """As in `Row.text`: one character per cell."""
    pens: str
    is_wrapped: bool
    """True: the line goes on in the next one."""


class Scrollback:
    """A bounded queue of lines: when it is full the oldest go. Pens are kept as pairs of pen and count."""

    def __init__(self, *, limit_lines: int, limit_bytes: int) -> None:
        self.limit_lines = limit_lines
        self.limit_bytes = limit_bytes
        self._lines: deque[tuple[str, str, bool]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def size_bytes(self) -> int:
        """Memory in use, estimated."""
        return self._bytes

    def line(self, index: int) -> Line:
        """Line `index`, 0 is the oldest.

        Raises:
            IndexError: there is no such line.
        """
        text, pens, is_wrapped = self._lines[index]
        return Line(text, unpack_pens(pens), is_wrapped)

    def push(self, rows: Iterable[Row]) -> None:
        """Append rows, oldest first; lines beyond the limits are dropped from the other end."""
        for row in rows:
            self.push_row(row)

    def push_row(self, row: Row) -> None:
        """Append one row."""
        pens = row.pens
        line = (row.text, pack_pens(pens) if pens else "", row.is_wrapped)
        self._lines.append(line)
        self._bytes += _size(line)
        if len(self._lines) > self.limit_lines or self._bytes > self.limit_bytes:
            self._trim()

    def push_lines(self, texts: list[str], pen: str) -> None:
        """Append lines of printable ASCII text, each in one pen: what a flood leaves behind."""
        if len(texts) >= self.limit_lines:
            self.clear()
            texts = texts[len(texts) - self.limit_lines :]
        if pen == DEFAULT_PEN:
            self._lines.extend([(text, "", False) for text in texts])
            self._bytes += _LINE_OVERHEAD_BYTES * len(texts) + sum(map(len, texts))
        else:
            for text in texts:
                self.push_row(Row(text, pen * len(text)))
        self._trim()

    def pop(self) -> Row | None:
        """Take the newest line back, None if there is none."""
        if not self._lines:
            return None
        line = self._lines.pop()
        self._bytes -= _size(line)
        text, pens, is_wrapped = line
        return Row(text, unpack_pens(pens), is_wrapped)

    def clear(self) -> None:
        """Drop all lines."""
        self._lines.clear()
        self._bytes = 0

    def forget_pens(self) -> None:
        """Show the older half of the styled lines in the default style: there are more styles than can be told apart."""
        styled = [index for index, (_, pens, _) in enumerate(self._lines) if pens]
        for index in styled[: (len(styled) + 1) // 2]:
            text, pens, is_wrapped = self._lines[index]
            self._lines[index] = (text, "", is_wrapped)
            self._bytes -= 2 * len(pens)

    def pens_in_use(self) -> set[str]:
        """Pen characters of all lines."""
        return set().union(*[pens[::2] for _, pens, _ in self._lines if pens])

    def characters_in_use(self) -> set[str]:
        """Characters of all lines that are not plain ASCII."""
        return set().union(*[text for text, _, _ in self._lines if not text.isascii()])

    def _trim(self) -> None:
        lines = self._lines
        size = self._bytes
        for _ in range(len(lines) - self.limit_lines):
            size -= _size(lines.popleft())
        while size > self.limit_bytes:
            size -= _size(lines.popleft())
        self._bytes = size


def _size(line: tuple[str, str, bool]) -> int:
    text, pens, _ = line
    if text.isascii():
        return _LINE_OVERHEAD_BYTES + len(text) + 2 * len(pens)
    # Up to four bytes a character; most text outside ASCII takes two, a cluster makes the whole line take four.
    return _LINE_OVERHEAD_BYTES + 4 * len(text) + 2 * len(pens)
