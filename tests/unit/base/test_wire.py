"""Frames: any chunking gives the same frames, descriptors arrive with the message that names them, garbage is refused."""

import os
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synk.base.errors import UsageError
from synk.base.wire import Frame, FrameDecoder, FrameError, encode_bytes, encode_message, receive, send_some

MESSAGES = st.lists(
    st.one_of(
        st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=20), max_size=4).map(lambda d: Frame(message=d)),
        st.builds(Frame, stream=st.integers(0, 2**32 - 1), data=st.binary(max_size=50)),
    ),
    max_size=8,
).filter(lambda frames: all("fds" not in (frame.message or {}) for frame in frames))


def encode(frame: Frame) -> bytes:
    return encode_message(frame.message) if frame.message is not None else encode_bytes(frame.stream, frame.data)


@given(frames=MESSAGES, cuts=st.lists(st.integers(1, 30), min_size=1))
def test_any_chunking_gives_the_same_frames(frames: list[Frame], cuts: list[int]) -> None:
    data = b"".join(encode(frame) for frame in frames)
    decoder = FrameDecoder()
    decoded: list[Frame] = []
    at = index = 0
    while at < len(data):
        step = cuts[index % len(cuts)]
        decoded += decoder.feed(data[at : at + step])
        at, index = at + step, index + 1
    assert decoded == frames


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\0\0",
        b"\xff\xff\xff\xff\0",
        b"\x02\0\0\0\x07x",
        b"\x02\0\0\0\x00{",
        b"\x03\0\0\0\x0012",
        b"\x0a\0\0\0" + b'\0{"fds":3}',
    ],
    ids=["empty", "too long", "unknown kind", "no JSON", "no object", "descriptors that did not come"],
)
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        FrameDecoder().feed(data)


def test_a_message_beyond_one_mebibyte_is_not_sent() -> None:
    with pytest.raises(UsageError, match="too much for one message"):
        encode_message({"text": "x" * (1 << 20)})


def test_descriptors_arrive_with_their_message_and_close_on_exec() -> None:
    ours, theirs = socket.socketpair()
    read_end, write_end = os.pipe()
    decoder = FrameDecoder()
    first, second = encode_message({"n": 1}), encode_message({"n": 2}, [read_end, write_end])
    send_some(ours, memoryview(first), ())
    send_some(ours, memoryview(second), (read_end, write_end))
    frames: list[Frame] = []
    while len(frames) < 2:
        frames += decoder.feed(*receive(theirs))
    assert frames[0].fds == ()
    assert len(frames[1].fds) == 2
    assert not any(os.get_inheritable(fd) for fd in frames[1].fds)
    os.write(frames[1].fds[1], b"through")
    assert os.read(read_end, 10) == b"through"
    for fd in (*frames[1].fds, read_end, write_end):
        os.close(fd)
    ours.close()
    theirs.close()


def test_descriptors_of_frames_before_a_malformed_one_are_closed_with_the_decoder() -> None:
    decoder = FrameDecoder()
    read_end, write_end = os.pipe()
    with pytest.raises(FrameError):
        decoder.feed(encode_message({"n": 1}, [read_end]) + b"\0\0\0\0\0", [read_end])
    decoder.close()
    with pytest.raises(BrokenPipeError):
        os.write(write_end, b"x")
    os.close(write_end)


def test_a_message_nested_too_deeply_is_refused() -> None:
    body = b"[" * 200_000
    with pytest.raises(FrameError):
        FrameDecoder().feed((len(body) + 1).to_bytes(4, "little") + b"\0" + body)


def test_descriptors_nobody_claimed_are_closed() -> None:
    decoder = FrameDecoder()
    read_end, write_end = os.pipe()
    decoder.feed(b"", [read_end])
    decoder.close()
    with pytest.raises(BrokenPipeError):
        os.write(write_end, b"x")
    os.close(write_end)
