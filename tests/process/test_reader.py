"""The reader thread on real PTYs: nothing lost, nothing unbounded, everything closed."""

import os
import pty
import signal
import threading
import tty
from collections.abc import Callable, Iterator

import pytest

from synk.pty.reader import INBOX_BYTES, OUTBOX_BYTES, Channel, PtyReader
from synk.pty.ring import Ring


@pytest.fixture
def reader() -> Iterator[PtyReader]:
    made = PtyReader(lambda: None)
    yield made
    made.close()


@pytest.fixture
def raw_pair() -> Iterator[tuple[int, int]]:
    """Master and slave of a terminal in raw mode."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, slave
    os.close(slave)


def everything(channel: Channel) -> bytes:
    parts = []
    while data := channel.take(1 << 20):
        parts.append(data)
    return b"".join(parts)


def test_every_byte_is_in_inbox_and_ring(reader: PtyReader, raw_pair: tuple[int, int], wait_until: Callable[..., None]) -> None:
    master, slave = raw_pair
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    os.write(slave, b"one")
    os.write(slave, b"two")
    wait_until(lambda: channel.ring.written == 6)
    assert everything(channel) == b"onetwo"
    assert channel.ring.replay().steps == (b"onetwo",)


def test_a_full_inbox_stops_the_reading_and_taking_resumes_it(
    reader: PtyReader, raw_pair: tuple[int, int], wait_until: Callable[..., None]
) -> None:
    master, slave = raw_pair
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    total = 3 * INBOX_BYTES
    writer = threading.Thread(target=lambda: [os.write(slave, b"x" * 1024) for _ in range(total // 1024)])
    writer.start()
    wait_until(lambda: channel.ring.written >= INBOX_BYTES)
    got = 0
    assert channel.ring.written == INBOX_BYTES
    while got < total:
        wait_until(lambda: channel.has_output)
        got += len(channel.take(8192))
        reader.resume(channel)
        assert channel._inbox_bytes <= INBOX_BYTES
    writer.join()
    assert got == total


def test_a_ring_without_room_stops_the_reading(
    reader: PtyReader, raw_pair: tuple[int, int], wait_until: Callable[..., None]
) -> None:
    master, slave = raw_pair
    channel = reader.add(1, master, Ring.create(cols=80, rows=24, capacity=4096))
    os.set_blocking(slave, False)
    os.write(slave, b"x" * 4096)
    wait_until(lambda: channel.ring.written == 4096)
    everything(channel)
    os.write(slave, b"y" * 100)
    channel.ring.checkpoint(4096, b"state")
    reader.resume(channel)
    wait_until(lambda: channel.ring.written == 4196)
    assert everything(channel) == b"y" * 100


def test_input_reaches_the_program_in_order(reader: PtyReader, raw_pair: tuple[int, int]) -> None:
    master, slave = raw_pair
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    sent = b"".join(b"%06d" % number for number in range(5000))
    got = bytearray()
    at = 0
    while len(got) < len(sent):
        if at < len(sent) and reader.write(channel, sent[at : at + 6]):
            at += 6
        else:
            got += os.read(slave, 65536)
    assert bytes(got) == sent


def test_a_program_that_does_not_read_has_a_bounded_queue(reader: PtyReader, raw_pair: tuple[int, int]) -> None:
    master, _slave = raw_pair
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    accepted = 0
    while reader.write(channel, b"z" * 1000):
        accepted += 1000
        assert accepted < 4 * OUTBOX_BYTES
    assert channel.queued_input_bytes < OUTBOX_BYTES + 1000


def test_a_paste_larger_than_the_queue_is_taken_whole(reader: PtyReader, raw_pair: tuple[int, int]) -> None:
    master, slave = raw_pair
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    paste = os.urandom(3 * OUTBOX_BYTES)
    assert reader.write(channel, paste)
    got = bytearray()
    while len(got) < len(paste):
        got += os.read(slave, 65536)
    assert bytes(got) == paste


def test_output_written_just_before_the_end_is_complete(reader: PtyReader, wait_until: Callable[..., None]) -> None:
    pid, master = pty.fork()
    if pid == 0:
        os.execv("/bin/sh", ["sh", "-c", "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; exit 3"])
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    wait_until(lambda: channel.is_ended)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    lines = everything(channel).decode().split()
    assert lines[-2:] == ["line", "1999"]
    assert len(lines) == 4000


def test_a_terminal_some_background_process_keeps_open_ends_after_it_was_drained(
    reader: PtyReader, wait_until: Callable[..., None]
) -> None:
    pid, master = pty.fork()
    if pid == 0:
        os.execv("/bin/sh", ["sh", "-c", "trap '' HUP; (sleep 100 & echo $!); echo last words"])
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    os.waitpid(pid, 0)
    assert not channel.is_ended
    reader.drain(channel)
    wait_until(lambda: channel.is_ended)
    output = everything(channel)
    assert output.endswith(b"last words\r\n")
    os.kill(int(output.split()[0]), signal.SIGKILL)


def test_closing_closes_master_and_ring(raw_pair: tuple[int, int]) -> None:
    master, _ = raw_pair
    before = len(os.listdir("/proc/self/fd"))
    reader = PtyReader(lambda: None)
    ring = Ring.create(cols=80, rows=24)
    reader.add(1, master, ring)
    reader.close()
    assert len(os.listdir("/proc/self/fd")) == before - 1


def test_a_channel_never_looks_finished_before_its_last_bytes_are_in_the_inbox(reader: PtyReader) -> None:
    for _ in range(150):
        master, slave = pty.openpty()
        tty.setraw(slave)
        channel = reader.add(1, master, Ring.create(cols=80, rows=24))
        os.write(slave, b"last words")
        os.close(slave)
        while not channel.is_ended:
            pass
        assert everything(channel) == b"last words"
        reader.remove(channel)
