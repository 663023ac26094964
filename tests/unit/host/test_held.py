"""A session without a window: its terminal is read into its ring, which grows, and at its limit the program waits."""

import os
import pty
import tty
from collections.abc import Iterator
from typing import Any as Turner

import pytest

from synk.host import held
from synk.host.held import HeldSession, RingKeeper, watch_exit
from synk.pty.ring import CAPACITY, Ring


@pytest.fixture
def slave_and_session() -> Iterator[tuple[int, HeldSession]]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    session = HeldSession(3, pid=77, master=master, ring=Ring.create(cols=80, rows=24))
    yield slave, session
    session.drop_process()
    os.close(slave)


def bytes_of(session: HeldSession) -> bytes:
    assert session.ring is not None
    return b"".join(step for step in session.ring.replay().steps if isinstance(step, bytes))


def test_what_is_printed_without_a_window_is_in_the_ring(
    turner: Turner, slave_and_session: tuple[int, HeldSession]
) -> None:
    slave, session = slave_and_session
    keeper = RingKeeper(turner.loop)
    keeper.take(session)
    os.write(slave, b"one")
    turner.until(lambda: bytes_of(session) == b"one")
    keeper.give_back(session)
    os.write(slave, b"two")
    turner.turn()
    assert bytes_of(session) == b"one"
    keeper.take(session)
    keeper.take(session)
    turner.until(lambda: bytes_of(session) == b"onetwo")
    keeper.give_back(session)


def test_the_ring_grows_and_keeps_every_byte(turner: Turner, slave_and_session: tuple[int, HeldSession]) -> None:
    slave, session = slave_and_session
    keeper = RingKeeper(turner.loop)
    keeper.take(session)
    os.set_blocking(slave, False)
    data = b"".join(b"%07d\n" % number for number in range(150_000))
    sent = 0

    def is_sent() -> bool:
        nonlocal sent
        try:
            sent += os.write(slave, data[sent : sent + 4096])
        except BlockingIOError:
            turner.turn()
        return sent == len(data)

    while not is_sent():
        if sent % (64 * 4096) == 0:
            turner.turn()
    turner.until(lambda: session.ring.written == len(data))
    assert session.ring.capacity > CAPACITY
    assert bytes_of(session) == data
    keeper.give_back(session)


def test_at_the_limit_the_program_waits_and_nothing_is_lost(
    turner: Turner, slave_and_session: tuple[int, HeldSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "RING_LIMIT_BYTES", CAPACITY)
    slave, session = slave_and_session
    session.ring.write(b"x" * (CAPACITY - 1000))
    keeper = RingKeeper(turner.loop)
    keeper.take(session)
    os.write(slave, b"y" * 100)
    turner.turn()
    assert bytes_of(session) == b"x" * (CAPACITY - 1000)
    # A window takes over and reads what has been waiting.
    assert os.read(session.master, 1000) == b"y" * 100


def test_draining_reads_what_a_program_left_before_its_end(
    turner: Turner, slave_and_session: tuple[int, HeldSession]
) -> None:
    slave, session = slave_and_session
    keeper = RingKeeper(turner.loop)
    keeper.take(session)
    os.write(slave, b"last words")
    keeper.drain(session)
    assert bytes_of(session) == b"last words"
    keeper.give_back(session)


def test_a_session_is_live_until_its_end_is_known() -> None:
    session = HeldSession(1, pid=77)
    assert session.is_live
    session.set_exit(7 << 8)
    assert not session.is_live
    assert session.describe()["exit"] == {"code": 7, "signal": None}
    adopted = HeldSession(2, pid=78, is_adopted=True)
    adopted.set_exit(None)
    assert adopted.describe()["exit"] == {"code": None, "signal": None}


def test_the_end_of_a_process_that_is_not_our_child_is_noticed_once(turner: Turner) -> None:
    read_end, write_end = os.pipe()
    ended: list[int] = []
    session = HeldSession(5, pidfd=read_end)
    watch_exit(turner.loop, session, lambda one: ended.append(one.id))
    turner.turn()
    assert ended == []
    os.close(write_end)  # as readable as the pidfd of a process that has ended
    turner.until(lambda: ended)
    turner.turn()
    assert ended == [5]
    os.close(read_end)
