"""A part of what a run printed: from a cursor on, its last lines, the lines that match an expression, or head and tail of all."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from synk.base.wire import Message
from synk.engine.excerpts import BYTES_PER_CHAR, excerpt
from synk.engine.kept import READ_BYTES, KeptOutput, Range, Stream
from synk.engine.results import FINAL
from synk.engine.texts import LineRenderer, rendered

View = Literal["text", "raw"]
_ACROSS_LINES = re.compile(r"\\[AZ]|\(\?(?:!|<!|>|\(|[aiLmsux]*-)|[*+?}]\+")
"""In an expression: it may match a line by itself and yet not where that stands in a text (negated, atomic, possessive parts)."""


@dataclass(frozen=True, slots=True)
class OutputPart:
    """A part of what a run printed."""

    run_id: str
    text: str
    cursor: int
    """Where reading on starts: a byte offset of the stream, or of the merged view."""
    is_end: bool
    """There is no more now, and the run is over."""
    status: str
    gap: Range | None = None
    """Bytes that are not kept any more and were jumped over: first, and end excluded."""
    truncated: bool = False
    lines: tuple[int, ...] = ()
    """With `grep`: the number of each line, from 1, counted from the cursor that was asked for."""
    data: bytes = b""
    """With `view="raw"`: the bytes themselves."""
    note: str = ""
    """Why not all of the output is there, for the user to read."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "text": self.text,
            "cursor": self.cursor,
            "is_end": self.is_end,
            "status": self.status,
            "gap": list(self.gap) if self.gap else None,
            "truncated": self.truncated,
            "lines": list(self.lines),
            "note": self.note,
        }


class PartReader:
    """Reads one part of a run's output; may take a second for hundreds of MB, so on a thread."""

    def __init__(self, record: Message, mask: Callable[[str], str], stream: Stream, max_chars: int, view: View) -> None:
        self._record = record
        self._mask = mask
        self._stream: Stream = stream
        self._max_chars = max_chars
        self._view = view

    def read(self, cursor: int | None, tail_lines: int | None, expression: re.Pattern[str] | None) -> OutputPart:
        """What was asked for."""
        with KeptOutput(self._record) as kept:
            if expression is not None:
                return self._matching(kept, cursor or 0, expression)
            if tail_lines is not None:
                return self._tail(kept, tail_lines)
            if cursor is None and self._view == "text":
                return self._excerpt(kept)
            return self._part(*kept.read(self._stream, cursor or 0, self._max_chars * BYTES_PER_CHAR))

    def _excerpt(self, kept: KeptOutput) -> OutputPart:
        """All of it, or its head and tail."""
        record, size = self._record, kept.size(self._stream)
        streams = ("out", "err") if self._stream == "merged" else (self._stream,)
        text, is_cut = excerpt(
            lambda cursor, count: kept.read_fully(self._stream, cursor, count),
            size=size,
            lines=sum(int(record[stream]["lines"]) for stream in streams),
            max_chars=self._max_chars,
            run_id=record["run"],
            mask=self._mask,
        )
        return self._made(text, size, truncated=is_cut or any(record[stream]["dropped"] for stream in streams))

    def _part(self, data: bytes, behind: int, gap: Range | None) -> OutputPart:
        if self._view == "raw":
            return self._made(data.decode("utf-8", "replace"), behind, gap=gap, data=data)
        text = self._mask(rendered(data))
        if len(text) > self._max_chars:
            # Whole lines only, so that the next part starts with one.
            whole = data[: _cut_at(data, self._max_chars)]
            text, behind = self._mask(rendered(whole)), behind - len(data) + len(whole)
        return self._made(text, behind, gap=gap)

    def _tail(self, kept: KeptOutput, lines: int) -> OutputPart:
        size = kept.size(self._stream)
        start = max(0, size - READ_BYTES)
        text = self._mask(rendered(kept.read_fully(self._stream, start, size - start)))
        return self._made("".join(text.splitlines(keepends=True)[-lines:] if lines > 0 else []), size)

    def _matching(self, kept: KeptOutput, cursor: int, expression: re.Pattern[str]) -> OutputPart:
        number, room, gap = 0, self._max_chars, None
        found: list[str] = []
        numbers: list[int] = []
        last = (cursor, b"", 0)
        for text, data, start, lost in self._rendered(kept, cursor):
            gap = gap or lost
            feeds = at = 0
            for line, offset in _matches(text, expression):
                room -= len(line) + 1
                feeds, at = feeds + text.count("\n", at, offset), offset
                if room < 0 and found:
                    return self._made("".join(found), _behind(*last), lines=tuple(numbers), truncated=True, gap=gap)
                found.append(f"{line}\n")
                numbers.append(number + feeds + 1)
                last = (start, data, feeds + 1)
            number += feeds + text.count("\n", at)
            cursor = start + len(data)
        return self._made("".join(found), cursor, lines=tuple(numbers), gap=gap)

    def _rendered(self, kept: KeptOutput, cursor: int) -> Iterator[tuple[str, bytes, int, Range | None]]:
        """Text in whole lines, the bytes it was made of and where they start, and a gap before them; the open line comes last."""
        renderer = LineRenderer()
        while True:
            data, behind, gap = kept.read(self._stream, cursor)
            start = behind - len(data)
            if behind <= cursor:
                yield self._mask(renderer.finish()), b"", cursor, None
                return
            yield self._mask(renderer.feed(data)), data, start, gap
            cursor = behind

    def _made(self, text: str, cursor: int, **more: Any) -> OutputPart:
        record = self._record
        problem = str((record.get("extra") or {}).get("spool_problem") or "")
        note = f"{problem} Only the last 64 KiB of what was printed since are known." if problem else ""
        streams = ("out", "err") if self._stream == "merged" else (self._stream,)
        is_end = record["status"] in FINAL and cursor >= sum(int(record[stream]["bytes"]) for stream in streams)
        return OutputPart(record["run"], text, cursor, is_end, record["status"], note=note, **more)


def _matches(text: str, expression: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    """The lines that match, and where each starts.

    185 MB of short lines took 6.8 s line by line, and take 0.3 s like this: the whole text is searched, and only a line in
    which something was found is looked at by itself.
    """
    if _ACROSS_LINES.search(expression.pattern):
        at = 0
        for line in text.split("\n"):
            if expression.search(line) and at < len(text):
                yield line, at
            at += len(line) + 1
        return
    whole = re.compile(expression.pattern, expression.flags | re.MULTILINE)
    at = 0
    while at < len(text) and (match := whole.search(text, at)) is not None:
        start = text.rfind("\n", at, match.start()) + 1 or at
        end = text.find("\n", match.start())
        line = text[start:end] if end >= 0 else text[start:]
        if start < len(text) and expression.search(line):
            yield line, start
        at = start + len(line) + 1


def _behind(start: int, data: bytes, feeds: int) -> int:
    """The cursor behind so many lines of `data`. Line feeds are the same in what was printed and in its text."""
    at = 0
    for _ in range(feeds):
        at = data.index(b"\n", at) + 1
    return start + at


def _cut_at(data: bytes, max_chars: int) -> int:
    """Bytes of whole lines that make at most about `max_chars` characters; at least one line, or what fits of it."""
    text = data.decode("utf-8", "replace")[:max_chars]
    cut = text.rfind("\n") + 1 or len(text)
    return min(len(text[:cut].encode("utf-8", "surrogatepass")), len(data))
