"""Follows the output of a run while it is written: each byte once, both streams in the order in which they were printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from synk.base.spool import STREAMS, SpoolReader

NOTHING: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of one stream, or with no data the bytes that are gone."""

    stream: str
    """`out` or `err`."""
    offset: int
    """Of the first byte, in the stream."""
    data: bytes
    lost: int = 0
    """Bytes that were printed here and are not kept any more: the program was that far ahead of us."""


class LiveOutput:
    """Reads one run's spool forward. One thread; holds at most one file open (`close`)."""

    def __init__(self, folder: str, *, out: int = 0, err: int = 0) -> None:
        """Starts behind these bytes of the two streams; the order of what was printed is known from 0, 0 on only."""
        self._reader = SpoolReader(folder)
        self._at = {"out": out, "err": err}
        self._merged = 0
        self._is_ordered = out == err == 0

    def close(self) -> None:
        """Close the file that is open."""
        self._reader.close()

    def offset(self, stream: str) -> int:
        """The byte behind the last one that was taken."""
        return self._at[stream]

    def is_behind(self, *, out: int, err: int) -> bool:
        """There is something to take before the streams have been read up to here."""
        return self._at["out"] < out or self._at["err"] < err

    def take(self, max_bytes: int, *, out: int, err: int) -> list[Piece]:
        """The next pieces, together about `max_bytes`; empty if the spool has no more now.

        `out` and `err` are the bytes the host told of: what is missing although it was told of is known to be lost.
        """
        pieces = self._take_ordered(max_bytes) if self._is_ordered else []
        if not pieces and self.is_behind(out=out, err=err):
            # The order is not kept for ever (`spool.ORDER_LIMIT_BYTES`), and after a gap it cannot be told whose bytes are gone.
            pieces = self._take_streams(max_bytes, {"out": out, "err": err})
            self._is_ordered = self._is_ordered and not pieces
        return pieces

    def give_up(self, *, out: int, err: int, tails: Mapping[str, bytes] = NOTHING) -> list[Piece]:
        """The run is over: what was not kept up to here will never come, but for the ends of the streams, if those are known."""
        pieces = []
        for stream, end in (("out", out), ("err", err)):
            missing = end - self._at[stream]
            if missing > 0:
                data = tails.get(stream, b"")[-missing:]
                pieces.append(Piece(stream, end - len(data) if data else self._at[stream], data, missing - len(data)))
                self._at[stream] = end
        return pieces

    def _take_ordered(self, max_bytes: int) -> list[Piece]:
        chunks, cursor, gap = self._reader.read_merged(self._merged, max_bytes)
        if gap is not None:
            return []
        self._merged = cursor
        pieces = []
        for stream, data in chunks:
            pieces.append(Piece(stream, self._at[stream], data))
            self._at[stream] += len(data)
        return pieces

    def _take_streams(self, max_bytes: int, told: dict[str, int]) -> list[Piece]:
        pieces = []
        for stream in STREAMS:
            at = self._at[stream]
            if at >= told[stream]:
                continue
            data, cursor, gap = self._reader.read(stream, at, max_bytes)
            if gap is not None:
                pieces.append(Piece(stream, at, b"", gap.end - at))
            if data:
                pieces.append(Piece(stream, cursor - len(data), data))
            self._at[stream] = cursor if data else gap.end if gap else at
        return pieces
