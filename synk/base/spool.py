"""The bytes of a run on disk: the host writes them with `SpoolWriter`, clients read them with `SpoolReader`, any number at once.

A run's folder holds, for each stream (`out`, `err`), `out.raw` with the head, which stays, and further parts `out.N.raw`,
which start at byte N of the stream and go, oldest first, when the run has used up its quota. `out.lines` has, as u64, the
number of line feeds before each full MiB. `order.idx` has records (stream u8, bytes u32, time in us u64) in the order in
which the bytes came: the merged view. A cursor is a byte offset of a view; what is gone is a gap.
"""

import bisect
import contextlib
import fcntl
import os
import struct
import time
from collections import deque
from dataclasses import dataclass, field

STREAMS = ("out", "err")
HEAD_BYTES = 64 << 20
"""Of both streams together: the beginning of the output stays for good."""
RUN_BYTES = 256 << 20
"""Default quota of one run; the head is part of it."""
PART_BYTES = 16 << 20
"""What goes at once when the quota is used up."""
INDEX_BYTES = 1 << 20
"""Distance of two entries of the line index: any line is one seek and at most this much of reading."""
TAIL_BYTES = 64 << 10
"""Kept in memory of each stream."""
ORDER_LIMIT_BYTES = 64 << 20
"""Of the merged view: a program that writes single bytes to both streams in turn would fill a disk with order alone."""
FREE_BYTES = 1 << 30
"""Below this much free disk nothing more is kept."""
CHECK_BYTES = 16 << 20
"""Free disk is looked at after this much was written."""

_ORDER = struct.Struct("<BxxxIQ")
_COUNT = struct.Struct("<Q")
_SAME_RECORD_US = 10_000
"""Chunks of one stream closer than this share a record: nobody sees 10 ms, and it bounds the index of a chatty program."""
_RECORD_BYTES = 1 << 30
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes of a view that were printed and are not kept any more."""

    start: int
    end: int
    """First byte that is there again."""


@dataclass(slots=True, eq=False)
class _Stream:
    """One stream as the writer knows it."""

    number: int
    size: int = 0
    """Bytes printed."""
    feeds: int = 0
    """Line feeds among them."""
    is_line_open: bool = False
    fd: int = -1
    part_end: int = 0
    """Where the part that is being written has to end."""
    parts: deque[tuple[int, int]] = field(default_factory=deque)
    """(start, end) of parts behind the head, oldest first; the last one is being written."""
    dropped: tuple[int, int] | None = None
    is_head: bool = True
    is_whole: bool = True
    """False after bytes that were not kept for want of disk: the next kept byte starts a part of its own."""
    tail: bytearray = field(default_factory=bytearray)
    index_fd: int = -1


class SpoolWriter:
    """Writes one run's folder, which it makes (0700, files 0600). One thread; never raises for a full or broken disk."""

    def __init__(
        self,
        folder: str,
        *,
        quota_bytes: int = RUN_BYTES,
        head_bytes: int = HEAD_BYTES,
        part_bytes: int = PART_BYTES,
        free_bytes: int = FREE_BYTES,
    ) -> None:
        """Nothing is written yet but the folder; files come with the first byte of a stream."""
        self.folder = folder
        self.problem = ""
        """Why bytes are not kept, for the user to read; "" while they are."""
        self.disk_bytes = 0
        """What the folder's data take now."""
        self._head_left = min(head_bytes, quota_bytes // 4)
        self._quota = quota_bytes
        self._part_bytes = min(part_bytes, max(4096, quota_bytes // 16))
        self._free_bytes = free_bytes
        self._until_check = 0
        self._streams = {name: _Stream(number) for number, name in enumerate(STREAMS)}
        self._order_fd = -1
        self._order_at = 0
        self._record: tuple[int, int, int] | None = None
        """The last record: stream, bytes, time."""
        self._unordered = [0, 0]
        """Bytes of each stream that were not kept and have no record yet."""
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            os.chmod(folder, 0o700)
        except OSError as error:
            self._fail(error)

    def write(self, stream: str, data: bytes) -> None:
        """Keep what the program printed; counts and tail go on also when there is no disk for the bytes."""
        if not data:
            return
        each = self._streams[stream]
        if self._may_write(len(data)):
            try:
                self._keep(stream, each, data)
                self._note_order(each.number, len(data))
            except OSError as error:
                self._fail(error)
        if self.problem:
            self._skip(each, len(data))
        self._count(stream, each, data)
        each.tail += data[-TAIL_BYTES:]
        if len(each.tail) > 2 * TAIL_BYTES:
            del each.tail[:-TAIL_BYTES]

    def size(self, stream: str) -> int:
        """Bytes printed, kept or not."""
        return self._streams[stream].size

    def lines(self, stream: str) -> int:
        """Lines printed; a last one without line feed counts."""
        each = self._streams[stream]
        return each.feeds + each.is_line_open

    def dropped(self, stream: str) -> tuple[int, int] | None:
        """The range of bytes that are not kept any more, end excluded; None if all are there."""
        return self._streams[stream].dropped

    def tail(self, stream: str) -> bytes:
        """The last 64 KiB, from memory."""
        return bytes(self._streams[stream].tail[-TAIL_BYTES:])

    def close(self) -> None:
        """Close the files and forget the tails; the counts stay."""
        for each in self._streams.values():
            each.tail = bytearray()
            for fd in (each.fd, each.index_fd):
                if fd >= 0:
                    os.close(fd)
            each.fd = each.index_fd = -1
        if self._order_fd >= 0:
            os.close(self._order_fd)
            self._order_fd = -1

    def _may_write(self, count: int) -> bool:
        """Looks at the free disk now and then; a problem of that kind goes away when there is room again."""
        self._until_check -= count
        if self._until_check <= 0:
            self._until_check = CHECK_BYTES
            self._check_disk()
        return not self.problem

    def _check_disk(self) -> None:
        try:
            disk = os.statvfs(self.folder)
        except OSError as error:
            self._fail(error)
            return
        free = disk.f_bavail * disk.f_frsize
        if free < self._free_bytes:
            wanted = f"less than {self._free_bytes >> 20} MiB"
            self.problem = f"Output is not kept any more: {free >> 20} MiB are free in {self.folder}, {wanted}."
        else:
            self.problem = ""

    def _fail(self, error: OSError) -> None:
        self.problem = f"Output is not kept: {self.folder}: {error.strerror or error}."

    def _keep(self, stream: str, each: _Stream, data: bytes) -> None:
        view, at = memoryview(data), each.size
        while view:
            room = self._room(stream, each, at)
            written = os.write(each.fd, view[:room])
            if each.is_head:
                self._head_left -= written
            elif each.parts:
                each.parts[-1] = (each.parts[-1][0], at + written)
            at += written
            self.disk_bytes += written
            view = view[written:]

    def _room(self, stream: str, each: _Stream, at: int) -> int:
        """Bytes that fit the file being written, at least 1; opens the first or the next one if needed."""
        if each.is_head and each.is_whole and self._head_left > 0:
            if each.fd < 0:
                each.fd = self._open(f"{stream}.raw")
            return self._head_left
        if each.is_head or not each.is_whole or at >= each.part_end:
            if each.fd >= 0:
                os.close(each.fd)
                each.fd = -1
            each.fd = self._open(_part_name(stream, at))
            each.is_head, each.is_whole = False, True
            each.parts.append((at, at))
            each.part_end = at + self._part_bytes
            self._make_room()
        return each.part_end - at

    def _make_room(self) -> None:
        """Drop old parts until one more fits; those of the stream that takes more, so that a flood drowns no error message."""
        while self.disk_bytes + self._part_bytes > self._quota:
            name, fullest = max(self._streams.items(), key=lambda item: sum(end - start for start, end in item[1].parts))
            if len(fullest.parts) < 2:
                return
            start, end = fullest.parts.popleft()
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.folder, _part_name(name, start)))
            self.disk_bytes -= end - start
            self._note_dropped(fullest, start, end)

    @staticmethod
    def _note_dropped(each: _Stream, start: int, end: int) -> None:
        known = each.dropped
        each.dropped = (start, end) if known is None else (min(start, known[0]), max(end, known[1]))

    def _skip(self, each: _Stream, count: int) -> None:
        each.is_whole = False
        self._unordered[each.number] += count
        self._note_dropped(each, each.size, each.size + count)

    def _count(self, stream: str, each: _Stream, data: bytes) -> None:
        """Lines, and an entry of the index for each MiB that is now full."""
        start = 0
        while each.size // INDEX_BYTES != (each.size + len(data) - start) // INDEX_BYTES:
            end = start + INDEX_BYTES - each.size % INDEX_BYTES
            each.feeds += data.count(b"\n", start, end)
            each.size += end - start
            start = end
            self._note_feeds(stream, each)
        each.feeds += data.count(b"\n", start)
        each.size += len(data) - start
        each.is_line_open = not data.endswith(b"\n")

    def _note_feeds(self, stream: str, each: _Stream) -> None:
        if self.problem:
            return
        try:
            if each.index_fd < 0:
                each.index_fd = self._open(f"{stream}.lines")
            os.pwrite(each.index_fd, _COUNT.pack(each.feeds), (each.size // INDEX_BYTES - 1) * _COUNT.size)
        except OSError as error:
            self._fail(error)

    def _note_order(self, number: int, count: int) -> None:
        """Extend the last record, or begin one; what was not kept gets its records first, so that offsets stay true."""
        now = time.time_ns() // 1000
        for skipped in (0, 1):
            while self._unordered[skipped] and self._order_at < ORDER_LIMIT_BYTES:
                part = min(self._unordered[skipped], _RECORD_BYTES)
                self._unordered[skipped] -= part
                self._begin_record(skipped, part, now)
        known = self._record
        if known is not None and known[0] == number and now - known[2] < _SAME_RECORD_US and known[1] + count < _RECORD_BYTES:
            self._record = (number, known[1] + count, known[2])
            os.pwrite(self._order_fd, _ORDER.pack(*self._record), self._order_at - _ORDER.size)
        elif self._order_at < ORDER_LIMIT_BYTES:
            self._begin_record(number, count, now)
        else:
            self._record = None

    def _begin_record(self, number: int, count: int, now: int) -> None:
        if self._order_fd < 0:
            self._order_fd = self._open("order.idx")
        self._record = (number, count, now)
        os.pwrite(self._order_fd, _ORDER.pack(*self._record), self._order_at)
        self._order_at += _ORDER.size

    def _open(self, name: str) -> int:
        return os.open(os.path.join(self.folder, name), _NEW_FILE, 0o600)


class SpoolReader:
    """Reads a run's folder, also while the host writes it. One thread; holds at most four files open (`close`).

    From the first reading on until `close` the folder is locked (`flock`, shared): what is being read is not pruned.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._lock = -1
        self._starts: dict[str, list[int]] = {}
        self._open_files: dict[str, tuple[str, int]] = {}
        """By what they are for (`out`, `err`, `order`): name and descriptor."""
        self._place = _Place()

    def __enter__(self) -> "SpoolReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open."""
        for _, fd in self._open_files.values():
            os.close(fd)
        self._open_files.clear()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def size(self, stream: str) -> int:
        """The offset behind the last byte that is kept; 0 for a run that printed nothing."""
        starts = self._list(stream)
        if not starts:
            return 0
        with contextlib.suppress(FileNotFoundError):
            return starts[-1] + os.stat(self._path(_part_name(stream, starts[-1])), follow_symlinks=False).st_size
        return 0

    def read(self, stream: str, cursor: int, max_bytes: int) -> tuple[bytes, int, Gap | None]:
        """Bytes from `cursor` on, the cursor behind them, and the gap that was jumped over at their beginning, if any.

        Empty at the end, and beyond it, where the cursor stays as it is.
        """
        cursor = max(0, cursor)
        for _ in range(3):  # a part may go between the listing and the opening
            starts = self._list(stream)
            at = bisect.bisect_right(starts, cursor) - 1
            if at < 0 and not starts:
                return b"", cursor, None
            found = self._read_from(stream, starts, max(0, at), cursor, max_bytes)
            if found is not None:
                return found
        return b"", cursor, None

    def read_merged(self, cursor: int, max_bytes: int) -> tuple[list[tuple[str, bytes]], int, Gap | None]:
        """Chunks of both streams in the order in which they came, the cursor behind them, and a gap at their beginning.

        The cursor counts the bytes of both streams.
        """
        chunks: list[tuple[str, bytes]] = []
        left, gap = max_bytes, None
        place = self._place if self._place.start <= cursor else _Place()
        while left > 0:
            # The last record may still grow: it is left behind only when there is another one after it.
            is_last = self._record_at(place.record + 1) is None
            record = self._record_at(place.record)
            if record is None:
                break
            number, count = record
            skipped = cursor - place.start
            if skipped >= count:
                if is_last:
                    break
                place = place.behind(number, count)
                continue
            stream, offset = STREAMS[number], place.offsets[number] + skipped
            data, behind, lost = self.read(stream, offset, min(left, count - skipped))
            missing = min(behind - len(data) - offset, count - skipped) if lost is not None else 0
            if not data and not is_last:
                missing = count - skipped
            if (missing and chunks) or (not data and not missing):
                break
            if missing:
                gap = Gap(gap.start if gap else cursor, cursor + missing)
                cursor += missing
                continue
            chunks.append((stream, data))
            cursor += len(data)
            left -= len(data)
        self._place = place
        return chunks, cursor, gap

    def ordered(self) -> tuple[int, int]:
        """Bytes of `out` and of `err` that the merged view has; those behind them came in an order nobody wrote down.

        Reads the whole order: 30 ms for each million of records.
        """
        try:
            fd = self._descriptor("order", "order.idx")
        except FileNotFoundError:
            return 0, 0
        offsets, at = [0, 0], 0
        while data := os.pread(fd, _ORDER.size << 16, at):
            data = data[: len(data) - len(data) % _ORDER.size]
            at += len(data) or _ORDER.size
            for number, count, _time in _ORDER.iter_unpack(data):
                offsets[number] += count
        return offsets[0], offsets[1]

    def line(self, stream: str, number: int) -> bytes | None:
        """Line `number` (from 1) with its line feed, at most 1 MiB of it; None if there is none or it is not kept."""
        start = self.line_start(stream, number)
        if start is None:
            return None
        data, _, gap = self.read(stream, start, INDEX_BYTES)
        if gap is not None or not data:
            return None
        end = data.find(b"\n")
        return data[: end + 1] if end >= 0 else data

    def line_start(self, stream: str, number: int) -> int | None:
        """The byte where line `number` (from 1) starts, kept or not; None if the stream has fewer lines or nobody can know."""
        feeds = number - 1
        if feeds <= 0:
            return 0 if number == 1 else None
        counts = self._line_counts(stream)
        block = bisect.bisect_left(counts, feeds)
        before = counts[block - 1] if block else 0
        data, _, gap = self._read_fully(stream, block * INDEX_BYTES, INDEX_BYTES)
        if gap is not None:
            return None
        at = -1
        for _ in range(feeds - before):
            at = data.find(b"\n", at + 1)
            if at < 0:
                return None
        return block * INDEX_BYTES + at + 1

    def tail(self, stream: str, lines: int, max_bytes: int = INDEX_BYTES) -> tuple[bytes, int]:
        """The last lines, as far as they are in the last `max_bytes`, and the byte where they start."""
        size = self.size(stream)
        start = max(0, size - max_bytes)
        data, behind, _ = self._read_fully(stream, start, size - start)
        start = behind - len(data)
        at = len(data) - 1 if data.endswith(b"\n") else len(data)
        for _ in range(lines):
            at = data.rfind(b"\n", 0, at)
            if at < 0:
                break
        return data[at + 1 :], start + at + 1

    def _read_from(
        self, stream: str, starts: list[int], at: int, cursor: int, max_bytes: int
    ) -> tuple[bytes, int, Gap | None] | None:
        """None if the part has gone in between."""
        asked = cursor
        while at < len(starts):
            cursor = max(cursor, starts[at])
            try:
                fd = self._descriptor(stream, _part_name(stream, starts[at]))
            except FileNotFoundError:
                return None
            data = os.pread(fd, max_bytes, cursor - starts[at])
            if data or max_bytes <= 0:
                return data, cursor + len(data), Gap(asked, cursor) if cursor > asked else None
            at += 1
        return b"", asked, None

    def _read_fully(self, stream: str, cursor: int, count: int) -> tuple[bytes, int, Gap | None]:
        """As `read`, over the borders of parts; ends before a second gap."""
        data, behind, gap = self.read(stream, cursor, count)
        while data and len(data) < count:
            more, then, lost = self.read(stream, behind, count - len(data))
            if not more or lost is not None:
                break
            data, behind = data + more, then
        return data, behind, gap

    def _list(self, stream: str) -> list[int]:
        """First bytes of the stream's parts, ascending."""
        starts = []
        if self._lock < 0:
            self._lock = lock_folder(self.folder, fcntl.LOCK_SH)
        with contextlib.suppress(FileNotFoundError):
            for name in os.listdir(self.folder):
                words = name.split(".")
                if words[0] == stream and words[-1] == "raw":
                    starts.append(int(words[1]) if len(words) == 3 else 0)
        return sorted(set(starts))

    def _line_counts(self, stream: str) -> list[int]:
        """Line feeds before MiB 1, 2, ... of the stream."""
        try:
            fd = os.open(self._path(f"{stream}.lines"), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return []
        with open(fd, "rb") as file:
            data = file.read()
        return [count for (count,) in _COUNT.iter_unpack(data[: len(data) - len(data) % _COUNT.size])]

    def _record_at(self, record: int) -> tuple[int, int] | None:
        try:
            data = os.pread(self._descriptor("order", "order.idx"), _ORDER.size, record * _ORDER.size)
        except FileNotFoundError:
            return None
        if len(data) < _ORDER.size:
            return None
        number, count, _time = _ORDER.unpack(data)
        return number, count

    def _descriptor(self, use: str, name: str) -> int:
        known, fd = self._open_files.get(use, ("", -1))
        if known == name:
            return fd
        opened = os.open(self._path(name), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        if fd >= 0:
            os.close(fd)
        self._open_files[use] = (name, opened)
        return opened

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)


def lock_folder(folder: str, how: int) -> int:
    """A descriptor that holds the folder of a run locked until it is closed: LOCK_SH to read it, LOCK_EX to remove it.

    -1 if it is not there or somebody else's lock forbids this one.
    """
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return -1
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        return -1
    return fd


@dataclass(frozen=True, slots=True)
class _Place:
    """A record of the order, and what lies before it."""

    record: int = 0
    start: int = 0
    """Cursor of the merged view where the record begins."""
    offsets: tuple[int, int] = (0, 0)
    """The same of each stream."""

    def behind(self, number: int, count: int) -> "_Place":
        offsets = (self.offsets[0] + count, self.offsets[1]) if number == 0 else (self.offsets[0], self.offsets[1] + count)
        return _Place(self.record + 1, self.start + count, offsets)


def _part_name(stream: str, start: int) -> str:
    return f"{stream}.{start}.raw" if start else f"{stream}.raw"
