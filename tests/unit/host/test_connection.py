"""One client's end in the host: frames both ways in order, a bounded queue, and nothing left when it closes."""

import os
import socket
from collections.abc import Iterator
from typing import Any as Turner

import pytest

from synk.base.wire import Frame, FrameDecoder, encode_message, receive
from synk.host.connection import QUEUE_BYTES, Connection


class Pair:
    """A connection and the client's socket."""

    def __init__(self, turner: Turner) -> None:
        ours, self.client = socket.socketpair()
        self.client.setblocking(False)
        self.frames: list[Frame] = []
        self.closed = 0
        self.connection = Connection(
            ours, turner.loop, on_frame=lambda _, frame: self.frames.append(frame), on_closed=self.on_closed
        )
        self._decoder = FrameDecoder()

    def on_closed(self, connection: Connection) -> None:
        self.closed += 1
        if connection.pidfd is not None:
            os.close(connection.pidfd)
            connection.pidfd = None

    def received(self) -> list[Frame]:
        frames: list[Frame] = []
        while True:
            try:
                data, fds = receive(self.client)
            except BlockingIOError:
                return frames
            if not data:
                return frames
            frames += self._decoder.feed(data, fds)


@pytest.fixture
def pair(turner: Turner) -> Iterator[Pair]:
    made = Pair(turner)
    yield made
    made.connection.close()
    made.client.close()


def test_the_kernel_says_who_the_client_is(pair: Pair) -> None:
    assert (pair.connection.pid, pair.connection.uid) == (os.getpid(), os.getuid())


def test_frames_arrive_in_order(turner: Turner, pair: Pair) -> None:
    for number in range(100):
        pair.client.send(encode_message({"n": number}))
    turner.until(lambda: len(pair.frames) == 100)
    assert [frame.message["n"] for frame in pair.frames] == list(range(100))


def test_an_answer_that_may_wait_goes_out_with_what_follows_it(pair: Pair) -> None:
    pair.connection.reply_soon({"id": 1}, {"run": "r1"})
    pair.connection.send({"event": "output", "run": "r1"})
    assert pair.received() == []
    assert not pair.connection.has_unsent
    pair.connection.send({"event": "exit", "run": "r1"})
    assert len(pair.client.recv(4096, socket.MSG_PEEK)) == sum(
        len(encode_message(message))
        for message in ({"re": 1, "ok": {"run": "r1"}}, {"event": "output", "run": "r1"}, {"event": "exit", "run": "r1"})
    )
    assert [frame.message.get("event") for frame in pair.received()] == [None, "output", "exit"]


def test_an_answer_that_may_wait_goes_out_soon_in_any_case(turner: Turner, pair: Pair) -> None:
    pair.connection.reply_soon({"id": 1}, {"run": "r1"})
    got: list[Frame] = []

    def is_there() -> bool:
        got.extend(pair.received())
        return bool(got)

    turner.until(is_there)
    assert got[0].message == {"re": 1, "ok": {"run": "r1"}}
    pair.connection.reply_soon({"id": 2}, {})
    pair.connection.close()


def test_messages_and_descriptors_go_out_in_order_however_slowly_they_are_read(turner: Turner, pair: Pair) -> None:
    read_end, write_end = os.pipe()
    for number in range(300):
        pair.connection.send({"n": number, "text": "x" * 5000}, [write_end] if number % 100 == 7 else [])
    os.close(write_end)
    got: list[Frame] = []

    def is_complete() -> bool:
        got.extend(pair.received())
        return len(got) == 300

    turner.until(is_complete)
    assert [frame.message["n"] for frame in got] == list(range(300))
    assert [frame.message["n"] for frame in got if frame.fds] == [7, 107, 207]
    os.write(got[7].fds[0], b"through")
    assert os.read(read_end, 10) == b"through"
    for fd in (read_end, *(fd for frame in got for fd in frame.fds)):
        os.close(fd)


def test_a_client_that_does_not_read_is_closed_at_the_limit_and_its_descriptors_too(turner: Turner, pair: Pair) -> None:
    read_end, write_end = os.pipe()
    sent = 0
    while not pair.connection.is_closed:
        pair.connection.send({"text": "x" * 100_000}, [write_end])
        sent += 100_000
    assert QUEUE_BYTES <= sent < 2 * QUEUE_BYTES
    assert pair.closed == 1
    os.close(write_end)
    pair.client.close()
    turner.turn()
    assert os.read(read_end, 1) == b""
    os.close(read_end)
    pair.connection.send({"n": 1})


def test_garbage_and_hanging_up_close_the_connection_once(turner: Turner, pair: Pair) -> None:
    pair.client.send(b"\0\0\0\0\0")
    turner.until(lambda: pair.connection.is_closed)
    pair.client.close()
    turner.turn()
    pair.connection.close()
    assert pair.closed == 1


def test_hanging_up_in_the_middle_of_a_frame_is_a_normal_end(turner: Turner, pair: Pair) -> None:
    pair.client.send(encode_message({"n": 1}) + encode_message({"n": 2})[:7])
    pair.client.close()
    turner.until(lambda: pair.connection.is_closed)
    assert [frame.message for frame in pair.frames] == [{"n": 1}]
