"""The PTY masters of a window: read and written on the GUI thread, without ever waiting, behind one descriptor to watch.

Every byte read goes into the pane's ring first and is parsed at once. A pane whose turn has not come is not read: the kernel's
buffer fills, its program blocks in `write`, and memory stays flat. What is typed goes straight to the terminal; what
it does not take is queued up to a bound.

The pane the user looks at is read as soon as it prints. The others, where they print little and often, are read together a
few times a second: 12 spinners of 10 Hz woke the window 120 times a second, each time for a third of a millisecond.

There was a thread for this. While the GUI thread parsed or painted, each of its system calls gave the interpreter lock
away and waited up to 5 ms to have it back, so an echo took 7 ms instead of 2 (table in `synk/sessions/feeder.py`).
"""

import errno
import logging
import os
import select
from collections import deque
from collections.abc import Callable

from synk.pty.ring import Ring

log = logging.getLogger(__name__)

OUTBOX_BYTES = 64 * 1024
"""Typed bytes waiting for a program that does not read (S7)."""
SHORT_READ_BYTES = 1024
"""A read that brings less has emptied the terminal, which hands out up to 4 KiB at a time: an echo needs no second read."""
WRITE_BYTES = 4096
"""One `write`; a terminal takes no more at a time."""
REST_MS, LONE_REST_MS = 66, 15
"""The panes behind are not looked at for so long after they were: several that print, or one alone (a frame of 60 Hz)."""
BUSY_BYTES = 1024
"""More at once from a pane behind is no spinner: what else it has to say is read without a rest."""
DRAIN_QUIET_MS = 50
"""After the program's end, a PTY that some background process keeps open is drained once nothing came for this long."""


class Channel:
    """The terminal of one pane; read by the feeder in its order, written by whoever has input for the program."""

    def __init__(self, key: int, master: int, ring: Ring) -> None:
        self.key = key
        self.master = master
        """Non-blocking; closed by the reader."""
        self.ring = ring
        self.parsed = ring.written
        """Offset in the ring up to which the emulator has seen the bytes."""
        self.has_output = False
        """True if there was something to read when last looked, or the end to notice."""
        self.is_ended = False
        """True once every byte the program wrote was taken."""
        self.served = 0.0
        """Work done for this pane, for the fair order; see `synk/sessions/feeder.py`."""
        self.is_first = True
        """Read as soon as there is something: the pane that is looked at, and new ones."""
        self._outbox: deque[bytes] = deque()
        self._outbox_bytes = 0
        self._watched = 0
        self._watched_by: select.epoll | None = None
        self._is_draining = False
        self._was_quiet = False
        self._is_busy = False
        self._is_removed = False

    @property
    def queued_input_bytes(self) -> int:
        """Typed bytes the program has not read yet."""
        return self._outbox_bytes

    def take(self, limit_bytes: int) -> bytes:
        """Read the next bytes to parse, at most `limit_bytes` and as many as the ring keeps; b"" if there are none now."""
        chunks: list[bytes] = []
        left = min(limit_bytes, self.ring.room)
        # No further read for a rest of a few bytes: two of 4 KiB make a bite, and each costs as much as parsing some KiB of text.
        while left > 0 and (left >= SHORT_READ_BYTES or not chunks):
            try:
                data = os.read(self.master, left)
            except BlockingIOError:
                self.has_output = False
                break
            except OSError as error:
                # EIO: the last process closed the terminal, and every byte was read.
                if error.errno != errno.EIO:
                    log.warning("reading pane of session %d: %s", self.key, error)
                data = b""
            if not data:
                self.end()
                break
            chunks.append(data)
            left -= len(data)
            if len(data) < SHORT_READ_BYTES and left:
                self.has_output = False
                break
        if not chunks:
            return b""
        self._was_quiet = False
        self._is_busy = len(chunks) > 1 or len(chunks[0]) >= BUSY_BYTES
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self.ring.write(data)
        return data

    def end(self) -> None:
        """Nothing more is to be read."""
        self.is_ended = True
        self.has_output = False


class PtyReader:
    """Owns the masters and rings of all panes of this window. One thread only, the GUI's; nothing waits."""

    def __init__(self, on_ready: Callable[[], None], *, later: Callable[[int, Callable[[], None]], None]) -> None:
        """`on_ready` is called when a channel ended without a byte to read; `later(ms, function)` runs it on this thread."""
        self._on_ready = on_ready
        self._later = later
        self._epoll = select.epoll()
        # The panes behind, in an instance of their own, which is one descriptor of the other and can be taken out at once.
        self._behind = select.epoll()
        self._epoll.register(self._behind.fileno(), select.EPOLLIN)
        self._is_resting = self._is_rest_due = False
        self._printed: set[int] = set()
        """Masters behind that had output when last looked at."""
        self._channels: dict[int, Channel] = {}

    @property
    def fd(self) -> int:
        """Readable for as long as a pane has output or takes queued input: to be watched, then call `look`."""
        return self._epoll.fileno()

    def look(self) -> None:
        """Note which channels have output, and write what is queued for those that take it again; nothing after `close`."""
        if self._epoll.closed:
            return  # the window's loop turns on while the host ends the programs
        for master, events in self._epoll.poll(0):
            if master == self._behind.fileno():
                self._look_behind()
            else:
                self._note(master, events)

    def read_first(self, channel: Channel | None) -> None:
        """This pane is the one looked at now; the others are behind."""
        for each in self._channels.values():
            if each.is_first is not (each is channel):
                each.is_first = each is channel
                self._watch(each)

    def add(self, key: int, master: int, ring: Ring) -> Channel:
        """Watch `master`, whose output goes into `ring`; both are owned by the reader from here on."""
        os.set_blocking(master, False)
        channel = self._channels[master] = Channel(key, master, ring)
        self._watch(channel)
        return channel

    def remove(self, channel: Channel) -> None:
        """Close master and ring; what was not taken is dropped. Twice does no harm."""
        if channel._is_removed:
            return
        channel._is_removed = True
        channel.end()
        self._watch(channel)
        del self._channels[channel.master]
        os.close(channel.master)
        channel.ring.close()

    def settle(self, channel: Channel) -> None:
        """Bytes were taken: an ended terminal, which would be readable for ever, is watched no longer."""
        if channel.is_ended:
            self._watch(channel)
        if channel._is_busy and not channel.is_first:
            self._is_rest_due = False
            self._end_rest()

    def drain(self, channel: Channel) -> None:
        """The program ended: once what is left was taken, set `is_ended` and call `on_ready`."""
        if not channel.is_ended and not channel._is_draining:
            channel._is_draining = True
            self._look_for_quiet(channel)

    def write(self, channel: Channel, data: bytes) -> bool:
        """Send bytes to the program in order; False (and nothing sent) if it does not read and its queue is full.

        One call is taken whole, so a long paste is never cut.
        """
        if channel._is_removed or channel._outbox_bytes >= OUTBOX_BYTES:
            return False
        if not channel._outbox:
            data = data[_write_now(channel, data) :]
        if data:
            channel._outbox.append(data)
            channel._outbox_bytes += len(data)
            self._watch(channel)
        return True

    def close(self) -> None:
        """Close every master and ring."""
        for channel in tuple(self._channels.values()):
            self.remove(channel)
        self._epoll.close()
        self._behind.close()

    def _note(self, master: int, events: int) -> None:
        channel = self._channels[master]
        if events & select.EPOLLOUT:
            self._flush(channel)
        if events & ~select.EPOLLOUT:
            channel.has_output = True

    def _note_behind(self) -> set[int]:
        """Look at the panes behind, also while they rest; returns the masters that have output."""
        ready = self._behind.poll(0)
        for master, events in ready:
            self._note(master, events)
        return {master for master, _ in ready}

    def _look_behind(self) -> None:
        """As `_note_behind`, and then not again for a while, unless one of them has much to say."""
        printed, before = self._note_behind(), self._printed
        self._printed = printed
        if self._is_rest_due:
            self._is_resting = True
            self._epoll.modify(self._behind.fileno(), 0)
            self._later(REST_MS if len(printed | before) > 1 else LONE_REST_MS, self._end_rest)
        self._is_rest_due = True

    def _end_rest(self) -> None:
        if self._is_resting and not self._epoll.closed:
            self._is_resting = False
            self._epoll.modify(self._behind.fileno(), select.EPOLLIN)

    def _look_for_quiet(self, channel: Channel) -> None:
        channel._was_quiet = True
        self._later(DRAIN_QUIET_MS, lambda: self._end_if_quiet(channel))

    def _end_if_quiet(self, channel: Channel) -> None:
        """Some background process may keep the terminal open for ever."""
        if channel.is_ended:
            return
        self.look()
        self._note_behind()
        if channel.has_output or not channel._was_quiet:
            self._look_for_quiet(channel)
            return
        channel.end()
        self._watch(channel)
        self._on_ready()

    def _watch(self, channel: Channel) -> None:
        """Watch the master for what can be done now, and for nothing else: no busy loop."""
        events = 0 if channel.is_ended else select.EPOLLIN | (select.EPOLLOUT if channel._outbox else 0)
        watch = self._epoll if channel.is_first or channel._outbox else self._behind
        if events == channel._watched and watch is channel._watched_by:
            return
        if channel._watched_by is not watch and channel._watched:
            assert channel._watched_by is not None
            channel._watched_by.unregister(channel.master)
            channel._watched = 0
        if not events and channel._watched:
            watch.unregister(channel.master)
        elif events and not channel._watched:
            watch.register(channel.master, events)
        elif events:
            watch.modify(channel.master, events)
        channel._watched, channel._watched_by = events, watch

    def _flush(self, channel: Channel) -> None:
        while channel._outbox:
            data = channel._outbox.popleft()
            sent = _write_now(channel, data)
            channel._outbox_bytes -= sent
            if sent < len(data):
                channel._outbox.appendleft(data[sent:])
                break
        self._watch(channel)


def _write_now(channel: Channel, data: bytes) -> int:
    """Bytes the terminal took at once; all of them when it is gone, since nobody can read them."""
    sent = 0
    try:
        while sent < len(data):
            sent += os.write(channel.master, data[sent : sent + WRITE_BYTES])
    except BlockingIOError:
        return sent
    except OSError:
        return len(data)
    return sent
