"""The fair order of parsing, checkpoints, and rebuilding a pane from its ring."""

import contextlib
import os
import pty
import tty
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from synk.pty.reader import Channel, PtyReader
from synk.pty.ring import CHECKPOINT_EVERY, Ring
from synk.sessions.feeder import BITE_BYTES, BITE_S, LEAST_BITE_BYTES, PLAIN_BITE_BYTES, TURN_S, Feeder, Pace
from synk.terminal.emulator import Emulator


class Panes:
    """Emulators fed from real terminals by a real reader."""

    def __init__(self) -> None:
        self.printed: list[int] = []
        self.ended: list[int] = []
        self.reader = PtyReader(lambda: None, later=lambda _ms, _function: None)
        self.feeder = Feeder(self.reader, on_output=self.printed.append, on_ended=self.ended.append)
        self.slaves: dict[int, int] = {}
        self.channels: dict[int, Channel] = {}
        self.emulators: dict[int, Emulator] = {}

    def open(self, key: int) -> None:
        master, slave = pty.openpty()
        tty.setraw(slave)
        self.slaves[key] = slave
        self.emulators[key] = Emulator(cols=80, rows=24, reply=lambda _: None)
        self.channels[key] = self.reader.add(key, master, Ring.create(cols=80, rows=24))
        self.feeder.add(self.channels[key], self.emulators[key])

    def has_output(self, key: int) -> bool:
        self.reader.look()
        return self.channels[key].has_output

    def close(self) -> None:
        self.reader.close()
        for slave in self.slaves.values():
            os.close(slave)


@pytest.fixture
def panes() -> Iterator[Panes]:
    made = Panes()
    yield made
    made.close()


def test_a_quiet_pane_is_served_before_a_flooding_one(panes: Panes, wait_until: Callable[..., None]) -> None:
    panes.open(1)
    panes.open(2)
    os.set_blocking(panes.slaves[1], False)
    for _ in range(3):
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(panes.slaves[1], b"flood\r\n" * 500)
        wait_until(lambda: panes.has_output(1))
        panes.feeder.turn(0)
    os.write(panes.slaves[2], b"key")
    wait_until(lambda: panes.has_output(2))
    wait_until(lambda: panes.has_output(1))
    panes.printed.clear()
    panes.feeder.turn(0)
    assert panes.printed == [2]
    assert panes.emulators[2].text(0) == "key"


def test_quiet_panes_are_served_together_and_a_flooding_one_after_them(panes: Panes, wait_until: Callable[..., None]) -> None:
    for key in (1, 2, 3):
        panes.open(key)
    os.set_blocking(panes.slaves[1], False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(panes.slaves[1], b"flood\r\n" * 500)
    wait_until(lambda: panes.has_output(1))
    panes.feeder.turn(0)
    for key in (2, 3):
        os.write(panes.slaves[key], b"key")
        wait_until(lambda key=key: panes.has_output(key))
    wait_until(lambda: panes.has_output(1))
    panes.printed.clear()
    panes.feeder.turn(60)
    assert sorted(panes.printed) == [2, 3]
    panes.feeder.turn(0)
    assert panes.printed[2:] == [1]


def test_a_turn_ends_with_a_frame_and_not_in_the_middle_of_the_next_one(panes: Panes, wait_until: Callable[..., None]) -> None:
    panes.open(1)
    frame = b"\x1b[?2026h\x1b[HFRAME %d\x1b[?2026l"
    started = b"\x1b[?2026h\x1b[Hnext"
    os.write(panes.slaves[1], frame % 1 + frame % 2 + started)
    wait_until(lambda: panes.has_output(1))
    assert panes.feeder.turn(60)
    emulator, channel = panes.emulators[1], panes.channels[1]
    assert (emulator.text(0), emulator.modes.synchronized) == ("FRAME 2", False)
    assert channel.parsed == len(frame % 1 + frame % 2)
    panes.printed.clear()
    assert not panes.feeder.turn(60)
    assert (panes.printed, emulator.text(0), emulator.modes.synchronized) == ([1], "nextE 2", True)
    assert channel.parsed == channel.ring.written
    os.write(panes.slaves[1], b"\x1b[?2026l")
    os.close(panes.slaves.pop(1))

    def ended() -> bool:
        panes.feeder.turn()
        return panes.ended == [1]

    wait_until(ended)
    assert not emulator.modes.synchronized


def test_a_turn_ends_after_its_budget_and_says_that_there_is_more(panes: Panes, wait_until: Callable[..., None]) -> None:
    panes.open(1)
    os.set_blocking(panes.slaves[1], False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(panes.slaves[1], b"x" * 4096)
    wait_until(lambda: panes.has_output(1))
    assert panes.feeder.turn(0)
    assert 0 < panes.channels[1].parsed <= BITE_BYTES
    wait_until(lambda: not panes.feeder.turn())


def test_a_pane_is_rebuilt_from_its_ring_as_it_was(panes: Panes, wait_until: Callable[..., None]) -> None:
    panes.open(1)
    os.set_blocking(panes.slaves[1], False)
    line = b"\x1b[3%dmline %06d\x1b[0m\r\n"
    lines = [line % (number % 8, number) for number in range(CHECKPOINT_EVERY * 6 // len(line % (0, 0)))]
    data = b"".join(lines) + b"\x1b[?2004h\x1b[?1h\x1b[5;10H\x1b[1;4mend"
    written = 0

    def all_parsed() -> bool:
        nonlocal written
        with contextlib.suppress(BlockingIOError):
            written += os.write(panes.slaves[1], data[written : written + 65536])
        panes.feeder.turn(0.02)
        return panes.channels[1].parsed == len(data)

    wait_until(all_parsed)
    before = panes.emulators[1]
    replay = panes.channels[1].ring.replay()
    assert replay.state is not None
    after = Emulator.restore(replay.state, reply=lambda _: None)
    for step in replay.steps:
        if isinstance(step, bytes):
            after.feed(step)
        else:
            after.resize(cols=step[0], rows=step[1])
    assert [after.row(y) for y in range(24)] == [before.row(y) for y in range(24)]
    assert (after.cursor, after.modes) == (before.cursor, before.modes)
    # The ring reaches back over more than half of its size, so most of the scrollback is there as well.
    assert len(after.scrollback) > 2000
    assert [after.text(-1 - y) for y in range(2000)] == [before.text(-1 - y) for y in range(2000)]


def test_an_echo_is_taken_before_whatever_else_waits(panes: Panes, wait_until: Callable[..., None]) -> None:
    for key in (1, 2):
        panes.open(key)
        os.write(panes.slaves[key], b"x")
        wait_until(lambda key=key: panes.has_output(key))  # type: ignore[misc]
    assert panes.feeder.take_echo(2) is False
    assert panes.printed == [2]
    assert (panes.emulators[2].text(0), panes.emulators[1].text(0)) == ("x", "")
    assert panes.feeder.take_echo(2) is False  # it has nothing to say: the turn of the others
    assert panes.printed == [2, 1]
    assert panes.feeder.take_echo(3) is False  # nobody knows it


def test_an_echo_does_not_overtake_a_backlog(panes: Panes, wait_until: Callable[..., None]) -> None:
    panes.open(1)
    panes.feeder.remove(1)
    panes.feeder.add(panes.channels[1], panes.emulators[1], backlog=(b"before ", b"and "))
    os.write(panes.slaves[1], b"after")
    wait_until(lambda: panes.has_output(1))
    while panes.feeder.take_echo(1):
        pass
    wait_until(lambda: not panes.feeder.turn())
    assert panes.emulators[1].text(0) == "before and after"


def test_a_backlog_is_fed_first_with_its_resizes_in_place(panes: Panes) -> None:
    master, slave = pty.openpty()
    panes.slaves[7] = slave
    ring = Ring.create(cols=80, rows=24)
    ring.write(b"before\r\n")
    emulator = Emulator(cols=80, rows=24, reply=lambda _: None)
    channel = panes.reader.add(7, master, ring)
    channel.parsed = 0
    panes.feeder.add(channel, emulator, backlog=[b"before\r\n", (40, 10)])
    while panes.feeder.turn():
        pass
    assert emulator.text(0) == "before"
    assert (emulator.cols, emulator.rows) == (40, 10)
    assert channel.parsed == ring.written


def test_the_end_is_told_once_all_output_was_parsed(panes: Panes, wait_until: Callable[..., None]) -> None:
    panes.open(1)
    os.write(panes.slaves[1], b"last words")
    os.close(panes.slaves.pop(1))

    def ended() -> bool:
        panes.feeder.turn()
        return panes.ended == [1]

    wait_until(ended)
    assert panes.emulators[1].text(0) == "last words"


class SlowEmulator(Emulator):
    """Its bytes take a time that is set, on a clock of its own."""

    def __init__(self) -> None:
        super().__init__(cols=80, rows=24, reply=lambda _: None)
        self.now = 0.0
        self.s_per_byte = 1e-8
        self.bites: list[int] = []

    def feed(self, data: bytes) -> None:
        self.now += len(data) * self.s_per_byte
        self.bites.append(len(data))
        super().feed(data)


def test_bytes_that_parse_slowly_come_in_small_bites(panes: Panes) -> None:
    master, slave = pty.openpty()
    panes.slaves[7] = slave
    channel = panes.reader.add(7, master, Ring.create(cols=80, rows=24))
    emulator = SlowEmulator()
    feeder = Feeder(panes.reader, on_output=lambda _: None, on_ended=lambda _: None, now=lambda: emulator.now)
    feeder.add(channel, emulator, backlog=[b"x" * 400_000])
    while emulator.bites[-1:] != [BITE_BYTES]:
        assert feeder.turn(0)
    emulator.s_per_byte = 1e-5
    del emulator.bites[:]
    for _ in range(20):
        assert feeder.turn(0)
    assert emulator.bites[0] == BITE_BYTES
    assert max(emulator.bites[1:]) * emulator.s_per_byte <= BITE_S
    emulator.s_per_byte = 1e-8
    del emulator.bites[:]
    for _ in range(20):
        assert feeder.turn(0)
    assert emulator.bites == sorted(emulator.bites)
    assert emulator.bites[-1] == BITE_BYTES


def test_a_turn_is_one_bite_unless_that_was_quick(panes: Panes) -> None:
    master, slave = pty.openpty()
    panes.slaves[7] = slave
    channel = panes.reader.add(7, master, Ring.create(cols=80, rows=24))
    emulator = SlowEmulator()
    feeder = Feeder(panes.reader, on_output=lambda _: None, on_ended=lambda _: None, now=lambda: emulator.now)
    feeder.add(channel, emulator, backlog=[b"x" * 400_000])
    emulator.s_per_byte = TURN_S / LEAST_BITE_BYTES
    for bites in range(1, 6):
        assert feeder.turn()
        assert len(emulator.bites) == bites
    emulator.s_per_byte = 1e-9
    for _ in range(30):
        feeder.turn()
    assert len(emulator.bites) > 36


def test_no_bite_is_so_small_that_nothing_gets_done() -> None:
    pace = Pace()
    pace.note(64, 3600.0)
    assert pace.bite_bytes == LEAST_BITE_BYTES
    pace.note(0, 1.0)
    for _ in range(200):
        pace.note(8192, 0.0)
    assert pace.bite_bytes == BITE_BYTES


@pytest.fixture
def piped(panes: Panes) -> tuple[Feeder, Channel, SlowEmulator, int]:
    """A pane on a pipe, which hands out whatever there is, fed by a clock that only its emulator moves."""
    read, write = os.pipe()
    panes.slaves[7] = write
    channel = panes.reader.add(7, read, Ring.create(cols=80, rows=24))
    emulator = SlowEmulator()
    feeder = Feeder(panes.reader, on_output=lambda _: None, on_ended=lambda _: None, now=lambda: emulator.now)
    feeder.add(channel, emulator)
    return feeder, channel, emulator, write


def test_only_text_without_a_sequence_comes_in_bites_above_eight_kilobytes(
    piped: tuple[Feeder, Channel, SlowEmulator, int],
) -> None:
    feeder, channel, emulator, write = piped
    for _ in range(40):
        os.write(write, b"x" * 40_000)
        while feeder.turn(0):
            pass
    assert BITE_BYTES < max(emulator.bites) <= PLAIN_BITE_BYTES
    del emulator.bites[:]
    os.write(write, b"y" * 40_000 + b"\x1b[m")
    while feeder.turn(0):
        pass
    assert (sum(emulator.bites[:4]), sum(emulator.bites)) == (4 * BITE_BYTES, 40_003)
    assert channel.parsed == channel.ring.written == 40 * 40_000 + 40_003


@pytest.mark.parametrize(("cost_s", "apart"), [(0.0, CHECKPOINT_EVERY), (0.01, 3 * CHECKPOINT_EVERY)])
def test_checkpoints_of_an_expensive_screen_are_further_apart(
    piped: tuple[Feeder, Channel, SlowEmulator, int], monkeypatch: pytest.MonkeyPatch, cost_s: float, apart: int
) -> None:
    feeder, channel, emulator, write = piped
    snapshot = emulator.snapshot

    def expensive() -> bytes:
        emulator.now += cost_s
        return snapshot()

    monkeypatch.setattr(emulator, "snapshot", expensive)
    stored: list[int] = [0]
    while channel.parsed < 12 * CHECKPOINT_EVERY:
        os.write(write, b"z" * 4096)
        feeder.turn(0)
        if channel.ring.newest_checkpoint != stored[-1]:
            stored.append(channel.ring.newest_checkpoint)
    gaps = [late - early for early, late in pairwise(stored[1:])]
    assert gaps
    assert all(apart <= gap < apart + PLAIN_BITE_BYTES for gap in gaps)
