"""Feeds the panes' bytes to their emulators on the GUI thread, fairly and in small bites.

Where parsing runs was decided by measuring the real window (workers: a prototype that shares font and painter): 12 panes, N of
them flooding with redraws, on 2 cores with other work beside; milliseconds p50/p99, one run of `tests/bench/flood.py` each:

| design | N = 1: stall, key | N = 4 | N = 11 | processor, N = 4 | memory |
|---|---|---|---|---|---|
| a reader thread, 3 ms of bites a turn here | 0.0/4.0, 5.4/16 | 0.4/8.1, 12/66 | 1.1/11, 52/119 | 92 % | 82-126 MB |
| the same, `sys.setswitchinterval(0.0005)` | 0.1/8.4, 8.0/60 | 0.8/14, 19/50 | 3.6/16, 45/100 | 84 % | 79-119 MB |
| a thread that reads and parses, a lock per pane | 0.4/14, 6.3/30 | 0.5/12, 12/34 | 1.0/20, 10/42 | 90 % | 80-111 MB |
| a worker process per pane sends rows | 0.1/3.2, 1.8/3.9 | 0.3/7.5, 5.3/16 | 14/216, 162/445 | 27 % and workers | 13-15 MB each |
| **read and parsed here, a bite a turn** | 0.0/6.3, 2.9/6.5 | 0.1/5.1, 4.7/13 | 0.0/5.4, 4.8/13 | 83 % | 87-138 MB |

A stall is the GUI thread away from its event loop, a key is timed to its echo painted in a quiet pane. Threads fight for the
interpreter lock, up to 5 ms at each system call; workers win as long as there are processors for all of them, and cost
a session's memory once more. Here nothing is locked, and a test takes turns one by one.

The pane that got least so far is served first. A quiet pane has attained least, so its echo never waits behind a flood.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from synk.pty.reader import SHORT_READ_BYTES, Channel, PtyReader
from synk.pty.ring import CHECKPOINT_EVERY
from synk.terminal.emulator import Emulator

BITE_BYTES = 8192
"""Larger bites make a key's echo wait for a flooding pane: 64 KiB gave 40 ms, 8 KiB 1 ms."""
PLAIN_BITE_BYTES = 65536
"""Of text without a sequence, as far as that parses within a turn: nothing in it can change the whole screen. `yes` takes two
thirds of the time then, as most of its lines are never looked at."""
LEAST_BITE_BYTES = 64
FIRST_BITE_BYTES = 1024
"""Of a pane whose speed is not known yet."""
BITE_S = 0.001
"""What a bite may take. Bytes that each change the whole screen (checksums of it, scrolling between side margins) parse
a thousand times slower than text: 8 KiB of them stopped the window for up to 250 ms."""
TURN_S = 0.0005
"""One turn: mostly a single bite, more of what parses quickly. Qt's own work (keys, paint) comes between two turns; with 3 ms
a key in a quiet pane was echoed after 8 ms instead of 3 while another one flooded, and no more was parsed."""
CHECKPOINT_REST = 30.0
"""After a checkpoint none follows for so many times as long as it took, until three quarters of the ring lie behind it: those
of a screen on which each cell has a style of its own, 10 ms each, took a third of the time in which it was printed."""
FRAME_END = b"\x1b[?2026l"
"""A bite ends with the last synchronized frame that ends in it: what is seen after it is that frame. Programs that draw one
after the other were seen in the middle of the next one otherwise, that is to say every 150 ms, and half done."""


class Pace:
    """How many bytes of a pane make a bite of about `BITE_S`, from how long the bites before took."""

    # The price of a byte falls slowly: a program that is slow now and then surprises once, not each time.
    _WEIGHT = 0.25

    def __init__(self) -> None:
        self._s_per_byte = BITE_S / FIRST_BITE_BYTES

        self.bite_bytes = self.plain_bite_bytes = FIRST_BITE_BYTES
        """Sizes of the next bite: `LEAST_BITE_BYTES` to `BITE_BYTES`, and of text without a sequence up to `PLAIN_BITE_BYTES`."""

    def note(self, size: int, took_s: float) -> None:
        """A bite of `size` bytes took `took_s` seconds."""
        if size > 0:
            measured = took_s / size
            self._s_per_byte += (measured - self._s_per_byte) * (1.0 if measured > self._s_per_byte else self._WEIGHT)
            s_per_byte = max(self._s_per_byte, 1e-9)
            self.bite_bytes = max(LEAST_BITE_BYTES, min(BITE_BYTES, int(BITE_S / s_per_byte)))
            self.plain_bite_bytes = max(self.bite_bytes, min(PLAIN_BITE_BYTES, int(TURN_S / s_per_byte)))


@dataclass(slots=True)
class _Pane:
    channel: Channel
    emulator: Emulator
    pace: Pace
    rest: bytes = b""
    """Read, but behind the end of a frame, or of a bite when there is a sequence in it."""
    is_flooding: bool = False
    """Its last bite left something to read."""
    checkpoint_due_s: float = 0.0
    """By the clock: no checkpoint before, while the ring has room."""


def _served(pane: _Pane) -> float:
    return pane.channel.served


class Feeder:
    """Reads and parses; all methods on the GUI thread."""

    def __init__(
        self,
        reader: PtyReader,
        *,
        on_output: Callable[[int], None],
        on_ended: Callable[[int], None],
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`on_output(key)` after a turn in which the pane's emulator got bytes; `on_ended(key)` after its last byte.

        `now` is the clock, in seconds.
        """
        self._reader = reader
        self._on_output = on_output
        self._on_ended = on_ended
        self._now = now
        self._panes: dict[int, _Pane] = {}
        self._backlogs: dict[int, deque[bytes | tuple[int, int]]] = {}
        self._replaying: int | None = None
        self._floor = 0.0

    def add(self, channel: Channel, emulator: Emulator, *, backlog: Iterable[bytes | tuple[int, int]] = ()) -> None:
        """Feed `emulator` from `channel` from now on, after `backlog`: bytes already in the ring, and resizes between them."""
        channel.served = self._floor
        self._panes[channel.key] = _Pane(channel, emulator, Pace())
        if steps := deque(backlog):
            self._backlogs[channel.key] = steps

    def remove(self, key: int) -> None:
        """Stop feeding; unknown keys are ignored."""
        self._panes.pop(key, None)
        self._backlogs.pop(key, None)

    def turn(self, budget_s: float = TURN_S) -> bool:
        """Parse for at most about `budget_s`; True if output is left for another turn."""
        self._reader.look()
        deadline = self._now() + budget_s
        touched: set[int] = set()
        backlogs = self._backlogs
        is_left, was_quiet_served = True, False
        while is_left:
            waiting = [
                pane for pane in self._panes.values() if pane.channel.has_output or pane.rest or pane.channel.key in backlogs
            ]
            if not waiting:
                is_left = False
                break
            pane = min(waiting, key=_served) if len(waiting) > 1 else waiting[0]
            if was_quiet_served and pane.is_flooding:
                # A pane that had nothing left is a quiet one: its echo is to be painted before the floods go on.
                break
            self._serve(pane, budget_s)
            touched.add(pane.channel.key)
            was_quiet_served |= not pane.is_flooding
            if pane.rest or self._now() >= deadline:
                break
        for key in touched:
            self._on_output(key)
        for key in self._finished():
            self._on_ended(key)
        return is_left and any(self._has_work(pane) for pane in self._panes.values())

    def take_echo(self, key: int) -> bool:
        """A turn for one pane that has most likely answered a key: with less on the way it is painted 0.05 ms earlier."""
        pane = self._panes.get(key)
        if pane is None or key in self._backlogs:
            return self.turn()
        pane.channel.has_output = True
        if not self._serve(pane, TURN_S) or pane.channel.is_ended:
            return self.turn()
        self._on_output(key)
        return pane.is_flooding

    def checkpoint(self, key: int) -> None:
        """Store the emulator's state in the ring now."""
        channel, emulator = self._panes[key].channel, self._panes[key].emulator
        channel.ring.checkpoint(channel.parsed, emulator.snapshot())

    def is_replaying(self, key: int) -> bool:
        """True while this pane's emulator is fed from its backlog: what those bytes asked for was answered long ago."""
        return self._replaying == key

    def note_resize(self, key: int) -> None:
        """The emulator was just resized: remember it for a replay."""
        channel, emulator = self._panes[key].channel, self._panes[key].emulator
        backlog = self._backlogs.get(key)
        if backlog is not None:
            # The replay goes through older sizes yet and ends with this one.
            end = channel.parsed + sum(len(step) for step in backlog if isinstance(step, bytes))
            channel.ring.note_resize(end, cols=emulator.cols, rows=emulator.rows)
            backlog.append((emulator.cols, emulator.rows))
        elif channel.ring.note_resize(channel.parsed, cols=emulator.cols, rows=emulator.rows):
            self.checkpoint(key)

    def _serve(self, pane: _Pane, budget_s: float) -> int:
        """Parse a bite, and account for it; returns its bytes."""
        channel = pane.channel
        # A pane that was quiet for an hour must not own the next hour: it starts where the busy ones are.
        self._floor = max(self._floor, channel.served)
        started = self._now()
        size = self._bite(pane)
        took_s = self._now() - started
        pane.pace.note(size, took_s)
        channel.served = max(channel.served, self._floor - budget_s) + took_s
        pane.is_flooding = self._has_work(pane)
        return size

    def _bite(self, pane: _Pane) -> int:
        """Parse a bite; returns its bytes."""
        channel, emulator = pane.channel, pane.emulator
        self._replaying = channel.key if channel.key in self._backlogs else None
        data = self._next_bite(pane)
        emulator.feed(data)
        self._replaying = None
        channel.parsed += len(data)
        if channel.parsed - channel.ring.newest_checkpoint >= CHECKPOINT_EVERY or not channel.ring.room:
            self._checkpoint_flood(pane)
        self._reader.settle(channel)
        return len(data)

    def _checkpoint_flood(self, pane: _Pane) -> None:
        """Store the state, unless the one before was so expensive and the ring has room enough for some more output."""
        ring = pane.channel.ring
        started = self._now()
        if started >= pane.checkpoint_due_s or ring.room <= ring.capacity // 4:
            ring.checkpoint(pane.channel.parsed, pane.emulator.snapshot())
            ended = self._now()
            pane.checkpoint_due_s = ended + CHECKPOINT_REST * (ended - started)

    def _has_work(self, pane: _Pane) -> bool:
        return pane.channel.has_output or bool(pane.rest) or pane.channel.key in self._backlogs

    def _next_bite(self, pane: _Pane) -> bytes:
        channel = pane.channel
        limit = pane.pace.bite_bytes
        steps = self._backlogs.get(channel.key)
        if steps is None:
            data, room = pane.rest, pane.pace.plain_bite_bytes - len(pane.rest)
            if channel.has_output and (room >= SHORT_READ_BYTES or not data):
                data += channel.take(room)
            end = limit if len(data) > limit and b"\x1b" in data else len(data)
            cut = data.rfind(FRAME_END, 0, end) + len(FRAME_END)
            if cut >= len(FRAME_END):
                end = cut
            pane.rest = data[end:]
            return data[:end] if pane.rest else data
        step = steps.popleft()
        if not isinstance(step, bytes):
            cols, rows = step
            pane.emulator.resize(cols=cols, rows=rows)
            step = b""
        elif len(step) > limit:
            steps.appendleft(step[limit:])
            step = step[:limit]
        if not steps:
            del self._backlogs[channel.key]
        return step

    def _finished(self) -> Iterable[int]:
        finished = [key for key, pane in self._panes.items() if pane.channel.is_ended and not self._has_work(pane)]
        for key in finished:
            del self._panes[key]
        return finished
