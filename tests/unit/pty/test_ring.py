"""The ring: what it replays is what was written, at the sizes it was written at, whoever writes and whenever a writer dies."""

import os
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synk.pty.ring import CHECKPOINT_BYTES, CHECKPOINTS, Replay, Ring

CAPACITY = 4096


def content(replay: Replay) -> bytes:
    return b"".join(step for step in replay.steps if isinstance(step, bytes))


class Follower:
    """A stand-in for an emulator: its state is everything it saw, so a replay must give exactly that again."""

    def __init__(self, seen: bytes = b"", sizes: tuple[tuple[int, int, int], ...] = ()) -> None:
        self.seen = seen
        self.sizes = sizes

    def state(self) -> bytes:
        return struct.pack("<I", len(self.seen))

    def rebuild(self, replay: Replay, everything: bytes) -> bytes:
        start = struct.unpack("<I", replay.state)[0] if replay.state is not None else 0
        return everything[:start] + content(replay)


@settings(max_examples=60)
@given(
    actions=st.lists(
        st.one_of(st.binary(min_size=1, max_size=900), st.just("checkpoint"), st.tuples(st.integers(1, 300), st.integers(1, 99))),
        max_size=60,
    )
)
def test_a_replay_gives_every_byte_and_size_from_the_oldest_kept_state(actions: list[object]) -> None:
    ring = Ring.create(cols=80, rows=24, capacity=CAPACITY)
    everything, sizes = b"", [(0, 80, 24)]
    follower = Follower()
    try:
        for action in actions:
            if isinstance(action, bytes):
                if ring.room < len(action):
                    ring.checkpoint(len(everything), Follower(everything).state())
                ring.write(action)
                everything += action
            elif action == "checkpoint":
                ring.checkpoint(len(everything), Follower(everything).state())
            else:
                cols, rows = action  # type: ignore[misc]
                ring.note_resize(len(everything), cols=cols, rows=rows)
                sizes.append((len(everything), cols, rows))
        replay = ring.replay()
        assert follower.rebuild(replay, everything) == everything
        start = len(everything) - len(content(replay))
        at, replayed = start, []
        for step in replay.steps:
            if isinstance(step, bytes):
                at += len(step)
            else:
                replayed.append((at, *step))
        if replay.state is not None:
            assert replayed.pop(0) == (start, replay.cols, replay.rows)
        assert replayed == [size for size in sizes if size[0] > start]
        assert (replay.cols, replay.rows) == [size for size in sizes if size[0] <= start][-1][1:]
    finally:
        ring.close()


def test_the_other_process_sees_the_same_ring() -> None:
    ring = Ring.create(cols=80, rows=24, capacity=CAPACITY)
    other = Ring(os.dup(ring.fd))
    ring.write(b"one ")
    other.reload()
    other.write(b"two")
    ring.reload()
    assert content(ring.replay()) == b"one two"
    ring.close()
    other.close()


def test_room_ends_where_a_byte_after_the_newest_checkpoint_would_be_lost() -> None:
    ring = Ring.create(cols=80, rows=24, capacity=CAPACITY)
    ring.write(b"x" * CAPACITY)
    assert ring.room == 0
    ring.checkpoint(1000, b"state")
    assert ring.room == 1000
    ring.close()


def test_a_checkpoint_that_was_half_written_is_not_used() -> None:
    ring = Ring.create(cols=80, rows=24, capacity=CAPACITY)
    ring.write(b"abc")
    ring.checkpoint(3, b"good state")
    # The writer dies in the middle of the next one: its area holds other bytes than its checksum says.
    ring.checkpoint(3, b"other state")
    area = ring._area(1)
    os.pwrite(ring.fd, b"garbage", area)
    replay = ring.replay()
    assert replay.state in (None, b"good state")
    ring.close()


def test_a_ring_grows_without_losing_anything() -> None:
    ring = Ring.create(cols=80, rows=24, capacity=CAPACITY)
    ring.write(b"a" * 3000)
    ring.checkpoint(3000, b"state")
    ring.write(b"b" * 4000)
    bigger = ring.grown()
    assert bigger.capacity == 2 * CAPACITY
    assert bigger.replay().state == b"state"
    assert content(bigger.replay()) == b"b" * 4000
    bigger.write(b"c" * 4000)
    assert content(bigger.replay()) == b"b" * 4000 + b"c" * 4000
    bigger.close()


def test_a_state_that_is_too_large_is_refused_and_the_old_one_stays() -> None:
    ring = Ring.create(cols=80, rows=24, capacity=CAPACITY)
    assert ring.checkpoint(0, b"small")
    assert not ring.checkpoint(0, b"x" * (3 << 20))
    assert ring.replay().state == b"small"
    ring.close()


def test_a_state_that_is_too_large_does_not_stop_the_reading() -> None:
    ring = Ring.create(cols=80, rows=24, capacity=4096)
    ring.write(b"x" * 4096)
    assert ring.room == 0
    ring.checkpoint(4096, bytes(CHECKPOINT_BYTES + 1))
    assert ring.room == 4096
    ring.write(b"y" * 10)
    assert ring.replay().steps == (b"x" * 4086 + b"y" * 10,)
    ring.close()


def test_the_oldest_of_the_checkpoints_is_replaced_first() -> None:
    ring = Ring.create(cols=80, rows=24, capacity=CAPACITY)
    for index in range(CHECKPOINTS + 2):
        ring.write(b"x" * 10)
        ring.checkpoint(10 * (index + 1), b"%d" % index)
    assert ring.newest_checkpoint == 10 * (CHECKPOINTS + 2)
    ring.close()


@pytest.mark.parametrize("data", [b"", b"x" * 100, b"x" * 8192])
def test_memory_that_is_no_ring_is_refused(data: bytes) -> None:
    fd = os.memfd_create("no ring")
    os.write(fd, data)
    with pytest.raises(ValueError, match="no ring"):
        Ring(fd)
    os.close(fd)
