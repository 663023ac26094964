"""The window's `synk-pty` thread: one selector over all PTY masters, bounded queues in and out.

Every byte read goes into the pane's ring first, then into its inbox, from which the GUI thread parses. A pane whose
inbox is full, or whose ring has no room before the GUI has stored a checkpoint, is not read: its program blocks
in `write`, and memory stays flat.
"""

import contextlib
import errno
import logging
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from synk.pty.ring import Ring

log = logging.getLogger(__name__)

INBOX_BYTES = 64 * 1024
"""Bytes waiting to be parsed before reading stops (S7)."""
OUTBOX_BYTES = 64 * 1024
"""Typed bytes waiting for a program that does not read (S7)."""
READ_BYTES = 16 * 1024
"""One `read`; the kernel hands out at most 4 KiB of a PTY at a time on most versions."""
READS_PER_TURN = 4
"""Reads of one pane before the others get their turn: 16 KiB, one ring write and one wake-up of the GUI for all of them.

While the GUI thread parses, each read may wait 5 ms for the interpreter lock: with 16 reads a key's echo waited for 64.
"""
RESUME_BYTES = INBOX_BYTES // 2
"""A full inbox is read on once it is this empty: not after every bite, each a wake-up that takes the lock from the parser."""
DRAIN_QUIET_S = 0.05
"""After the program's end, a PTY that some background process keeps open is drained once nothing came for this long."""


class Channel:
    """The bytes of one pane between the reader thread and the GUI thread."""

    def __init__(self, key: int, master: int, ring: Ring) -> None:
        self.key = key
        self.master = master
        """Non-blocking; closed by the reader thread."""
        self.ring = ring
        self.parsed = ring.written
        """Offset in the ring up to which the emulator has seen the bytes; written by the GUI thread."""
        self.is_ended = False
        """True once every byte the program wrote is in the inbox."""
        self.served = 0.0
        """Work done for this pane, for the fair order; see `synk/sessions/feeder.py`."""
        self._inbox: deque[bytes] = deque()
        self._inbox_bytes = 0
        self._outbox: deque[bytes] = deque()
        self._outbox_bytes = 0
        self._lock = threading.Lock()
        self._is_paused = False
        self._drain_at: float | None = None
        self._is_removed = False

    @property
    def has_output(self) -> bool:
        """True if bytes wait to be parsed."""
        return bool(self._inbox)

    @property
    def queued_input_bytes(self) -> int:
        """Typed bytes the program has not read yet."""
        return self._outbox_bytes

    def take(self, limit_bytes: int) -> bytes:
        """The next bytes to parse, at most `limit_bytes`; b"" if there are none. GUI thread."""
        with self._lock:
            if not self._inbox:
                return b""
            data = self._inbox.popleft()
            if len(data) > limit_bytes:
                self._inbox.appendleft(data[limit_bytes:])
                data = data[:limit_bytes]
            self._inbox_bytes -= len(data)
        return data


class PtyReader:
    """Owns the `synk-pty` thread and the masters and rings of all panes of this window."""

    def __init__(self, on_ready: Callable[[], None]) -> None:
        """`on_ready` is called on the reader thread whenever a channel has new output or ended."""
        self._on_ready = on_ready
        self._selector = selectors.EpollSelector()
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector.register(self._wake_fd, selectors.EVENT_READ)
        self._orders: deque[tuple[Literal["add", "remove", "update", "drain"], Channel]] = deque()
        self._channels: set[Channel] = set()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="synk-pty", daemon=True)
        self._thread.start()

    def add(self, key: int, master: int, ring: Ring) -> Channel:
        """Start reading `master` into `ring`; both are owned by the reader from here on."""
        os.set_blocking(master, False)
        channel = Channel(key, master, ring)
        self._order("add", channel)
        return channel

    def remove(self, channel: Channel) -> None:
        """Stop reading and close master and ring, soon; bytes in the inbox are dropped. Returns at once."""
        self._order("remove", channel)

    def drain(self, channel: Channel) -> None:
        """The program ended: read what is left, then set `is_ended` and call `on_ready`."""
        self._order("drain", channel)

    def resume(self, channel: Channel) -> None:
        """The GUI took bytes from the inbox or stored a checkpoint: go on reading if it had stopped and there is room again."""
        if channel._is_paused and channel._inbox_bytes <= RESUME_BYTES:
            self._order("update", channel)

    def write(self, channel: Channel, data: bytes) -> bool:
        """Send bytes to the program in order; False (and nothing sent) if it does not read and its queue is full.

        Any thread, never blocks. One call is taken whole, so a long paste is never cut.
        """
        with channel._lock:
            if channel._is_removed or channel._outbox_bytes >= OUTBOX_BYTES:
                return False
            if not channel._outbox:
                # Straight from the calling thread: a key press saves the hop through the reader, 60 to 200 us
                # and a fight for the interpreter lock. The descriptor is non-blocking.
                data = data[self._write_now(channel, data) :]
            if data:
                channel._outbox.append(data)
                channel._outbox_bytes += len(data)
        if data:
            self._order("update", channel)
        return True

    def close(self) -> None:
        """Stop the thread and close every master and ring."""
        self._is_closing = True
        self._wake()
        self._thread.join(2)
        for channel in tuple(self._channels):
            self._forget(channel)
        self._selector.close()
        os.close(self._wake_fd)

    def _order(self, order: Literal["add", "remove", "update", "drain"], channel: Channel) -> None:
        self._orders.append((order, channel))
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            os.eventfd_write(self._wake_fd, 1)

    def _run(self) -> None:
        while not self._is_closing:
            draining = [c._drain_at for c in self._channels if c._drain_at is not None]
            timeout = max(0.0, min(draining) - time.monotonic()) if draining else None
            is_ready = False
            for key, events in self._selector.select(timeout):
                if key.data is None:
                    with contextlib.suppress(BlockingIOError):
                        os.eventfd_read(self._wake_fd)
                    continue
                try:
                    is_ready |= self._serve(key.data, events)
                except Exception:
                    log.exception("reading pane of session %d failed", key.data.key)
                    self._end(key.data)
                    is_ready = True
            while self._orders:
                is_ready |= self._obey(*self._orders.popleft())
            now = time.monotonic()
            for channel in self._channels:
                if channel._drain_at is not None and channel._drain_at <= now:
                    is_ready |= self._serve(channel, selectors.EVENT_READ)
                    if channel._drain_at is not None and channel._drain_at <= now and not channel._is_paused:
                        self._end(channel)
                        is_ready = True
            if is_ready:
                self._on_ready()

    def _obey(self, order: str, channel: Channel) -> bool:
        if order == "add":
            self._channels.add(channel)
        elif channel not in self._channels:
            return False
        elif order == "remove":
            self._forget(channel)
            return False
        elif order == "drain" and not channel.is_ended:
            channel._drain_at = time.monotonic() + DRAIN_QUIET_S
        self._update(channel)
        return False

    def _serve(self, channel: Channel, events: int) -> bool:
        """Read and write one pane; True if the GUI has something to do."""
        if events & selectors.EVENT_WRITE:
            self._flush(channel)
        was_ended, got = channel.is_ended, 0
        if events & selectors.EVENT_READ and not channel.is_ended:
            got = self._read(channel)
        self._update(channel)
        return got > 0 or channel.is_ended != was_ended

    def _read(self, channel: Channel) -> int:
        room = min(INBOX_BYTES - channel._inbox_bytes, channel.ring.room)
        chunks: list[bytes] = []
        got = 0
        is_at_end = False
        while got < room and len(chunks) < READS_PER_TURN:
            try:
                data = os.read(channel.master, min(READ_BYTES, room - got))
            except BlockingIOError:
                break
            except OSError as error:
                # EIO: the last process closed the terminal, and every byte was read.
                if error.errno != errno.EIO:
                    log.warning("reading pane of session %d: %s", channel.key, error)
                data = b""
            if not data:
                is_at_end = True
                break
            chunks.append(data)
            got += len(data)
        if got:
            data = b"".join(chunks)
            channel.ring.write(data)
            with channel._lock:
                channel._inbox.append(data)
                channel._inbox_bytes += got
            if channel._drain_at is not None:
                channel._drain_at = time.monotonic() + DRAIN_QUIET_S
        if is_at_end:
            # Only now: the GUI thread takes an ended channel with an empty inbox as read to its last byte.
            channel.is_ended = True
            channel._drain_at = None
        return got

    def _update(self, channel: Channel) -> None:
        """Watch the master for what can be done now, and for nothing else: no busy loop on a full inbox."""
        is_full = channel._inbox_bytes >= INBOX_BYTES or channel.ring.room <= 0
        channel._is_paused = is_full
        events = 0
        if not is_full and not channel.is_ended:
            events |= selectors.EVENT_READ
        if channel._outbox and not channel.is_ended:
            events |= selectors.EVENT_WRITE
        registered = self._selector.get_map().get(channel.master)
        if registered is None:
            if events:
                self._selector.register(channel.master, events, channel)
        elif not events:
            self._selector.unregister(channel.master)
        elif registered.events != events:
            self._selector.modify(channel.master, events, channel)
        if is_full and channel._inbox_bytes <= RESUME_BYTES and channel.ring.room > 0:
            # The GUI took bytes between the first look and the flag, and saw no reason to wake us.
            self._order("update", channel)

    def _flush(self, channel: Channel) -> None:
        with channel._lock:
            while channel._outbox:
                data = channel._outbox.popleft()
                sent = self._write_now(channel, data)
                channel._outbox_bytes -= sent
                if sent < len(data):
                    channel._outbox.appendleft(data[sent:])
                    return

    def _write_now(self, channel: Channel, data: bytes) -> int:
        """Bytes the terminal took at once; all of them when it is gone, since nobody can read them."""
        sent = 0
        try:
            while sent < len(data):
                sent += os.write(channel.master, data[sent : sent + 4096])
        except BlockingIOError:
            return sent
        except OSError:
            return len(data)
        return sent

    def _end(self, channel: Channel) -> None:
        channel.is_ended = True
        channel._drain_at = None
        self._update(channel)

    def _forget(self, channel: Channel) -> None:
        self._channels.discard(channel)
        if channel.master in self._selector.get_map():
            self._selector.unregister(channel.master)
        with channel._lock:
            channel._is_removed = True
            channel._inbox.clear()
            os.close(channel.master)
        channel.ring.close()
