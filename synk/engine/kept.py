"""All that is still known of what a run printed: its spool, and the ends of the streams where the disk took no more."""

import base64
from collections.abc import Mapping
from typing import Literal

from synk.base.spool import STREAMS, SpoolReader
from synk.base.wire import Message

Stream = Literal["out", "err", "merged"]
READ_BYTES = 1 << 20
"""At most at once."""

Range = tuple[int, int]
"""First byte, and end excluded."""


def tails_of(record: Message) -> Mapping[str, bytes]:
    """The ends of both streams of a run the disk had no room for; at most 64 KiB each."""
    tails: Mapping[str, str] = (record.get("extra") or {}).get("tail") or {}
    return {stream: base64.b64decode(tail) for stream, tail in tails.items()}


class KeptOutput:
    """Reads one run's output by cursors; a context manager. One thread; holds at most three files open."""

    def __init__(self, record: Message) -> None:
        """`record` is the host's; of a run the disk does not take, `extra.tail` has the ends (`run.tail` while it goes on)."""
        self._spool = SpoolReader(str(record["folder"]))
        # A script that wrote its spool itself (scripts.py): the host has counted nothing.
        is_own = record["kind"] == "cell"
        self._told = {
            stream: int(record[stream]["bytes"]) or (self._spool.size(stream) if is_own else 0) for stream in STREAMS
        }
        self._tails = tails_of(record)
        self._ordered: Range | None = None

    def __enter__(self) -> "KeptOutput":
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    def size(self, stream: Stream) -> int:
        """Bytes printed, kept or not."""
        return sum(self._told.values()) if stream == "merged" else self._told[stream]

    def read(self, stream: Stream, cursor: int, max_bytes: int = READ_BYTES) -> tuple[bytes, int, Range | None]:
        """Bytes from `cursor` on, the cursor behind them, and the range that was jumped over at their beginning, if any.

        At most 1 MiB. Empty at the end. A range that is not kept up to the end comes as a gap without bytes.
        """
        count = min(max_bytes, READ_BYTES)
        return self._merged(cursor, count) if stream == "merged" else self._single(stream, cursor, count)

    def read_fully(self, stream: Stream, cursor: int, count: int) -> bytes:
        """As many bytes from `cursor` on; what is not kept any more is left out."""
        end, parts = cursor + count, []
        while cursor < end:
            data, behind, _ = self.read(stream, cursor, end - cursor)
            if behind <= cursor:
                break
            # What lies behind a gap may lie behind the end.
            parts.append(data[: max(0, end - behind + len(data))])
            cursor = behind
        return b"".join(parts)

    def _single(self, stream: str, cursor: int, count: int) -> tuple[bytes, int, Range | None]:
        data, behind, gap = self._spool.read(stream, cursor, count)
        end = self._told[stream]
        if data or cursor >= end or not self._tails:
            return data, behind, (gap.start, gap.end) if gap else None
        tail = self._tails.get(stream, b"")
        start = max(cursor, end - len(tail))
        data = tail[start - end + len(tail) :][:count]
        return data, start + len(data), (cursor, start) if start > cursor else None

    def _merged(self, cursor: int, count: int) -> tuple[bytes, int, Range | None]:
        chunks, behind, gap = self._spool.read_merged(cursor, count)
        if chunks or cursor >= self.size("merged") or not self._tails:
            return b"".join(data for _, data in chunks), behind, (gap.start, gap.end) if gap else None
        # Which stream came first is not known here: all the rest of one, then that of the other.
        if self._ordered is None:
            self._ordered = self._spool.ordered()
        start = sum(self._ordered)
        for stream, ordered in zip(STREAMS, self._ordered, strict=True):
            offset = cursor - start + ordered
            if offset < self._told[stream]:
                data, behind, lost = self._single(stream, offset, count)
                shift = start - ordered
                return data, behind + shift, (lost[0] + shift, lost[1] + shift) if lost else None
            start += max(0, self._told[stream] - ordered)
        return b"", cursor, None
