"""The text of a run: bytes of a terminal or pipe as lines to read, and cut to what a model may be given."""

import codecs
import re
from collections.abc import Iterator

HEAD_SHARE = 0.6
"""Of a budget; the rest is the tail. Beginnings name the cause more often than ends (07-automation.md, section 3)."""

_SEQUENCE = (
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # OSC
    r"|[PX^_][^\x1b\n]*\x1b\\"  # DCS, SOS, PM, APC
    r"|[ -/]+[0-~]|[0-OQ-WYZ`-~\\]"  # escape sequences of two and more characters
    r")"
)
"""ECMA-48, and OSC as xterm ends it. A string cut off by a line feed is no string: its text is shown."""
_EDIT = re.compile(r"\x1b\[([0-9]*)([CDGJKPX])|\r|\x08")
"""What moves in the line or erases; everything else in a line is text."""
_STRAY = r"\x1b(?:\[|\]|[PX^_])?"
"""An escape that begins nothing complete; what follows it is text."""
# One pass: removing whole sequences first could join what stood around them into a new one.
_SHOWN_ONLY = re.compile(rf"(?!\x1b\[[0-9]*[CDGJKPX])(?:{_SEQUENCE}|{_STRAY})")
_ANY = re.compile(rf"{_SEQUENCE}|{_STRAY}")
_BEGUN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b\n]*\x1b?|[PX^_][^\x1b\n]*\x1b?|[ -/]+)?\Z")
_SILENT = dict.fromkeys([*range(0x08), 0x0B, 0x0C, *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
"""Control characters that put nothing into a line."""
_MOVING = bytes(sorted((*_SILENT, 0x08, 0x0D, 0x1B)))
"""What makes a text more than its lines."""
_HAS_SILENT = re.compile(r"[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
FIXED = 4096
"""Characters: of a longer line all but the end is fixed, in steps of this, once something moves in it. On a terminal there is no
way back to earlier rows either, and a line that is edited a million times would be copied as often."""
_MAX_COLUMN = 4096
"""No program draws further right; a larger number in a sequence would only cost memory."""


def plain(text: str) -> str:
    """`text` without escape sequences and silent control characters; CR, backspace and line feed stay."""
    if "\x1b" in text:
        text = _ANY.sub("", text)
    return text.translate(_SILENT) if _HAS_SILENT.search(text) else text


def rendered(data: bytes) -> str:
    """The whole of a finished output as text."""
    renderer = LineRenderer()
    return renderer.feed(data) + renderer.finish()


class LineRenderer:
    """Turns the bytes of one stream into the lines a person would have seen; any chunking gives the same text.

    Carriage return, backspace, tabulation to a column and erasing are carried out inside a line; sequences that leave the line
    are removed. Each code point takes one column. Bytes that are not UTF-8 become U+FFFD; the raw view has them.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._fixed: list[str] = []
        self._parts: list[str] = []
        self._line: str | None = None
        """The open line while the cursor is not at its end; else it is in `_parts`, so that long lines are not copied often."""
        self._column = 0

    @property
    def pending(self) -> str:
        """The open line as it looks now: a prompt, for example."""
        return "".join(self._fixed) + self._tail

    @property
    def _tail(self) -> str:
        return self._line if self._line is not None else "".join(self._parts)

    def feed(self, data: bytes) -> str:
        """The lines that `data` completes, each with its line feed; the open line is in `pending`."""
        if not self._held and len(data.translate(None, _MOVING)) == len(data):
            # Looking at bytes takes 0.8 ms for each MB, the search for control characters in the text 2.4 ms.
            return self._take_plain(self._decoder.decode(data))
        return self._take(self._decoder.decode(data))

    def finish(self) -> str:
        """The open line at the end of the stream, without line feed."""
        done = self._take(self._decoder.decode(b"", final=True), is_last=True)
        rest = self.pending
        self._start_line()
        return done + rest

    def _start_line(self) -> None:
        self._fixed, self._parts, self._line, self._column = [], [], None, 0

    def _take(self, text: str, *, is_last: bool = False) -> str:
        if self._held:
            text, self._held = self._held + text, ""
        if "\x1b" in text:
            text = self._without_sequences(text, is_last=is_last)
        if _HAS_SILENT.search(text):
            text = text.translate(_SILENT)
        if "\r\n" in text:
            text = text.replace("\r\n", "\n")
        if "\r" not in text and "\x08" not in text and "\x1b" not in text:
            return self._take_plain(text)
        return "".join(self._take_edited(text))

    def _without_sequences(self, text: str, *, is_last: bool) -> str:
        if not is_last and (begun := _BEGUN.search(text, text.rfind("\n") + 1)):
            # A sequence may also be begun by an earlier escape: the terminator of a string is one itself.
            text, self._held = text[: begun.start()], text[begun.start() :]
        return _SHOWN_ONLY.sub("", text)

    def _take_plain(self, text: str) -> str:
        if self._line is not None or self._fixed:
            return "".join(self._take_edited(text))
        end = text.rfind("\n") + 1
        if not end:
            self._parts.append(text)
            return ""
        done = "".join((*self._parts, text[:end]))
        self._parts = [text[end:]]
        return done

    def _take_edited(self, text: str) -> Iterator[str]:
        *complete, rest = text.split("\n")
        for line in complete:
            self._edit(line)
            yield self.pending + "\n"
            self._start_line()
        self._edit(rest)

    def _edit(self, text: str) -> None:
        at = 0
        for edit in _EDIT.finditer(text):
            if edit.start() > at:
                self._write(text[at : edit.start()])
            at = edit.end()
            self._apply(edit)
        if at < len(text):
            self._write(text[at:])

    def _write(self, text: str) -> None:
        if self._line is None:
            self._parts.append(text)
            return
        line, column = self._line, self._column
        end = column + len(text)
        line = line.ljust(column)[:column] + text + line[end:]
        if end >= len(line):
            self._parts, self._line = [line], None
        else:
            self._line, self._column = line, end

    def _apply(self, edit: re.Match[str]) -> None:
        line = self._tail
        if self._line is None and len(line) >= 2 * FIXED:
            end = (len(line) - FIXED) // FIXED * FIXED
            self._fixed.append(line[:end])
            line = line[end:]
        column = len(line) if self._line is None else self._column
        count = min(int(edit[1] or 0), _MAX_COLUMN)
        match edit[2] or edit[0]:
            case "\r":
                column = 0
            case "\x08" | "D":
                column = max(column - max(count, 1), 0)
            case "C":
                column += max(count, 1)
            case "G":
                column = max(count, 1) - 1
            case "P":
                line = line[:column] + line[column + max(count, 1) :]
            case "X":
                line = line[:column] + " " * max(min(count, len(line) - column), 1) + line[column + max(count, 1) :]
            case "K" | "J" as letter:
                line = _erased(line, column, count if letter == "K" or count == 0 else None)
        if column == len(line):
            self._parts, self._line = [line], None
        else:
            self._parts, self._line, self._column = [], line, column


def _erased(line: str, column: int, part: int | None) -> str:
    """EL 0, 1 and 2; trailing blanks that erasing leaves are no text."""
    if part == 0:
        return line[:column]
    if part == 1:
        return " " * min(column + 1, len(line)) + line[column + 1 :]
    return "" if part == 2 else line


def budget(text: str, max_chars: int, *, run_id: str = "", cursor: int = 0) -> tuple[str, bool]:
    """`text` within `max_chars`, and whether something was left out: head and tail, cut at line ends.

    `cursor` is where `text` begins in its view, in bytes; the line in the middle says where to read on.
    """
    if len(text) <= max_chars:
        return text, False
    room = max(max_chars - len(left_out(len(text), len(text), run_id=run_id, cursor=cursor + len(text) * 4)) - 2, 0)
    head_end, tail_start = _head_end(text, int(room * HEAD_SHARE)), _tail_start(text, room - int(room * HEAD_SHARE))
    head, tail, gone = text[:head_end], text[tail_start:], text[head_end:tail_start]
    lines = gone.count("\n") + (not gone.endswith("\n"))
    size = len(gone.encode("utf-8", "surrogatepass"))
    at = cursor + len(head.encode("utf-8", "surrogatepass"))
    joint = left_out(lines, size, run_id=run_id, cursor=at)
    return f"{head}{_break_after(head)}{joint}\n{tail}", True


def left_out(lines: int, size_bytes: int, *, run_id: str = "", cursor: int = 0) -> str:
    """The line that stands for what was left out, without line feed."""
    count = f"{lines:,} line{'' if lines == 1 else 's'} ({_size(size_bytes)}) left out"
    return f"... {count}; read {run_id} from cursor {cursor} ..." if run_id else f"... {count} ..."


def _head_end(text: str, limit: int) -> int:
    """After the last line that ends within `limit`; inside a line only if that would lose more than half."""
    end = text.rfind("\n", 0, limit) + 1
    return end if end * 2 >= limit else limit


def _tail_start(text: str, limit: int) -> int:
    start = len(text) - limit
    line = text.find("\n", start) + 1
    return line if line and len(text) - line >= limit // 2 else start


def _break_after(head: str) -> str:
    return "" if not head or head.endswith("\n") else "\n"


def _size(size_bytes: int) -> str:
    if size_bytes < 1000:
        return f"{size_bytes} B"
    for unit in ("kB", "MB", "GB"):
        size_bytes /= 1000  # type: ignore[assignment]
        if size_bytes < 999.5 or unit == "GB":
            break
    return f"{size_bytes:.1f} {unit}"
