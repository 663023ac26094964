"""The reader on real PTYs: nothing lost, nothing unbounded, everything closed, nothing waited for."""

import contextlib
import os
import pty
import select
import signal
import tty
from collections.abc import Callable, Iterator

import pytest

from synk.pty.reader import OUTBOX_BYTES, Channel, PtyReader
from synk.pty.ring import Ring


class Later:
    """What is to run later runs when the test says so."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def __call__(self, _ms: int, function: Callable[[], None]) -> None:
        self.calls.append(function)

    def run(self) -> None:
        """All that was asked for so far."""
        calls, self.calls = self.calls, []
        for call in calls:
            call()


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def reader(later: Later) -> Iterator[PtyReader]:
    made = PtyReader(lambda: None, later=later)
    yield made
    made.close()


@pytest.fixture
def raw_pair() -> Iterator[tuple[int, int]]:
    """Master and slave of a terminal in raw mode."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, slave
    os.close(slave)


def is_readable(reader: PtyReader) -> bool:
    """Whether the descriptor to watch says that there is something to do."""
    return bool(select.select([reader.fd], [], [], 0)[0])


def taken(reader: PtyReader, channel: Channel, limit_bytes: int = 1 << 20) -> bytes:
    """What can be read now, at most so much."""
    reader.look()
    data = channel.take(limit_bytes) if channel.has_output else b""
    reader.settle(channel)
    return data


def test_every_byte_is_taken_once_and_kept_in_the_ring(
    reader: PtyReader, raw_pair: tuple[int, int], wait_until: Callable[..., None]
) -> None:
    master, slave = raw_pair
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    assert not is_readable(reader)
    os.write(slave, b"one")
    os.write(slave, b"two")
    got = bytearray()

    def is_all_taken() -> bool:
        got.extend(taken(reader, channel))
        return len(got) == 6

    wait_until(is_all_taken)
    assert got == b"onetwo"
    assert channel.ring.replay().steps == (b"onetwo",)
    assert not is_readable(reader)


def test_no_more_is_read_than_asked_for_and_the_rest_is_still_told_of(
    reader: PtyReader, raw_pair: tuple[int, int], wait_until: Callable[..., None]
) -> None:
    master, slave = raw_pair
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    os.write(slave, b"x" * 3000)
    wait_until(lambda: is_readable(reader))
    assert taken(reader, channel, 100) == b"x" * 100
    assert channel.has_output
    assert is_readable(reader)
    assert channel.ring.written == 100


def test_a_program_is_not_read_while_nobody_takes_and_blocks_in_write(
    reader: PtyReader, raw_pair: tuple[int, int], wait_until: Callable[..., None]
) -> None:
    master, slave = raw_pair
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    os.set_blocking(slave, False)

    def is_full() -> bool:
        """Also once the kernel has moved what was written to the master's side."""
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(slave, b"x" * 4096)
        return is_readable(reader) and not select.select([], [slave], [], 0)[1]

    wait_until(is_full)
    reader.look()
    assert channel.has_output
    assert channel.ring.written == 0


def test_a_ring_without_room_is_not_overwritten(
    reader: PtyReader, raw_pair: tuple[int, int], wait_until: Callable[..., None]
) -> None:
    master, slave = raw_pair
    channel = reader.add(1, master, Ring.create(cols=80, rows=24, capacity=4096))
    os.set_blocking(slave, False)
    got = bytearray()

    def take(size: int) -> bool:
        got.extend(taken(reader, channel))
        return len(got) == size

    os.write(slave, b"x" * 4000)
    wait_until(lambda: take(4000))
    os.write(slave, b"y" * 200)
    wait_until(lambda: take(4096))
    wait_until(lambda: is_readable(reader))
    assert taken(reader, channel) == b""
    channel.ring.checkpoint(4096, b"state")
    wait_until(lambda: take(4200))
    assert got.endswith(b"x" + b"y" * 200)


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
            reader.look()
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
        reader.look()
        got += os.read(slave, 65536)
    assert bytes(got) == paste


def test_output_written_just_before_the_end_is_complete(reader: PtyReader, wait_until: Callable[..., None]) -> None:
    pid, master = pty.fork()
    if pid == 0:
        os.execv("/bin/sh", ["sh", "-c", "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; exit 3"])
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    output = bytearray()

    def has_ended() -> bool:
        output.extend(taken(reader, channel))
        return channel.is_ended

    wait_until(has_ended)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    lines = output.decode().split()
    assert lines[-2:] == ["line", "1999"]
    assert len(lines) == 4000


def test_a_terminal_some_background_process_keeps_open_ends_once_nothing_comes(
    reader: PtyReader, later: Later, wait_until: Callable[..., None]
) -> None:
    pid, master = pty.fork()
    if pid == 0:
        os.execv("/bin/sh", ["sh", "-c", "trap '' HUP; (sleep 100 & echo $!); echo last words"])
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    os.waitpid(pid, 0)
    wait_until(lambda: is_readable(reader))
    reader.drain(channel)
    later.run()
    assert not channel.is_ended  # something is to be read yet
    output = bytearray()

    def is_read() -> bool:
        output.extend(taken(reader, channel))
        return output.endswith(b"last words\r\n")

    wait_until(is_read)
    later.run()
    assert not channel.is_ended  # something came in between
    later.run()
    assert channel.is_ended
    assert not is_readable(reader)
    os.kill(int(output.split()[0]), signal.SIGKILL)


def test_an_ended_terminal_keeps_nobody_awake(reader: PtyReader, wait_until: Callable[..., None]) -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    os.write(slave, b"last words")
    os.close(slave)
    output = bytearray()

    def has_ended() -> bool:
        output.extend(taken(reader, channel))
        return channel.is_ended

    wait_until(has_ended)
    assert output == b"last words"
    assert not is_readable(reader)
    assert reader.write(channel, b"into the void")
    assert not is_readable(reader)


def test_closing_closes_master_and_ring(raw_pair: tuple[int, int], later: Later) -> None:
    master, _ = raw_pair
    before = len(os.listdir("/proc/self/fd"))
    reader = PtyReader(lambda: None, later=later)
    channel = reader.add(1, master, Ring.create(cols=80, rows=24))
    reader.drain(channel)
    reader.remove(channel)
    reader.remove(channel)
    reader.close()
    later.run()
    assert len(os.listdir("/proc/self/fd")) == before - 1


def test_a_look_after_the_end_does_nothing(later: Later) -> None:
    reader = PtyReader(lambda: None, later=later)
    reader.close()
    reader.look()


@pytest.fixture
def behind(reader: PtyReader) -> Iterator[tuple[Channel, int, Channel]]:
    """A terminal behind the one that is looked at, the other end of it, and the one that is looked at."""
    masters, slaves = zip(*(pty.openpty() for _ in range(2)), strict=True)
    for slave in slaves:
        tty.setraw(slave)
    first, other = (reader.add(key, master, Ring.create(cols=80, rows=24)) for key, master in enumerate(masters))
    reader.read_first(first)
    yield other, slaves[1], first
    for slave in slaves:
        os.close(slave)


def prints(slave: int, channel: Channel, data: bytes, wait_until: Callable[..., None]) -> None:
    """Write as the program does, until the kernel has it on the master's side."""
    os.write(slave, data)
    wait_until(lambda: bool(select.select([channel.master], [], [], 0)[0]))


def rests(reader: PtyReader, channel: Channel, slave: int, wait_until: Callable[..., None]) -> None:
    """Have a pane behind print so often that it is not looked at for a while."""
    for _ in range(2):
        prints(slave, channel, b"|", wait_until)
        taken(reader, channel)


def test_panes_behind_that_print_a_little_are_read_after_a_rest(
    reader: PtyReader, later: Later, behind: tuple[Channel, int, Channel], wait_until: Callable[..., None]
) -> None:
    channel, slave, _ = behind
    for number in range(3):
        prints(slave, channel, b"|", wait_until)
        assert is_readable(reader) is (number < 2)
        later.run()
        assert is_readable(reader)
        assert taken(reader, channel) == b"|"


def test_the_pane_that_is_looked_at_never_rests(
    reader: PtyReader, later: Later, behind: tuple[Channel, int, Channel], wait_until: Callable[..., None]
) -> None:
    channel, slave, _ = behind
    reader.read_first(channel)
    for _ in range(5):
        prints(slave, channel, b"|", wait_until)
        assert is_readable(reader)
        assert taken(reader, channel) == b"|"
    assert later.calls == []


def test_a_pane_behind_that_has_much_to_say_is_read_without_a_rest(
    reader: PtyReader, behind: tuple[Channel, int, Channel], wait_until: Callable[..., None]
) -> None:
    channel, slave, _ = behind
    for _ in range(5):
        prints(slave, channel, b"x" * 3000, wait_until)
        assert is_readable(reader)
        wait_until(lambda: bool(taken(reader, channel)))


def test_a_pane_that_comes_to_the_front_in_its_rest_is_read_at_once(
    reader: PtyReader, behind: tuple[Channel, int, Channel], wait_until: Callable[..., None]
) -> None:
    channel, slave, _ = behind
    rests(reader, channel, slave, wait_until)
    prints(slave, channel, b"!", wait_until)
    assert not is_readable(reader)
    reader.read_first(channel)
    assert is_readable(reader)
    assert taken(reader, channel) == b"!"


def test_input_that_waits_for_a_pane_behind_goes_as_soon_as_it_is_taken(
    reader: PtyReader, behind: tuple[Channel, int, Channel], wait_until: Callable[..., None]
) -> None:
    channel, slave, _ = behind
    rests(reader, channel, slave, wait_until)
    sent, got = b"x" * OUTBOX_BYTES, bytearray()
    assert reader.write(channel, sent)
    assert channel.queued_input_bytes

    def is_all_there() -> bool:
        if select.select([slave], [], [], 0)[0]:
            got.extend(os.read(slave, 1 << 16))
        if is_readable(reader):
            reader.look()
        return len(got) == len(sent)

    wait_until(is_all_there)


def test_the_end_of_a_pane_behind_is_known_in_its_rest(
    reader: PtyReader, later: Later, behind: tuple[Channel, int, Channel], wait_until: Callable[..., None]
) -> None:
    channel, slave, _ = behind
    rests(reader, channel, slave, wait_until)
    prints(slave, channel, b"last words", wait_until)
    later.calls.clear()  # the rest goes on
    reader.drain(channel)
    later.run()
    assert not channel.is_ended
    assert channel.has_output
