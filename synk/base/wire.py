"""Frames on the host's socket: how the host and its clients write and read messages, raw bytes and file descriptors.

A frame is a little-endian u32 length (of all that follows), a u8 kind, and a payload: kind 0 is a JSON object, kind 1
a u32 stream id and raw bytes. At most 1 MiB. File descriptors ride by SCM_RIGHTS on the JSON frame that counts them
in `"fds"`; the kernel keeps their order, so they are taken off a queue as those frames are decoded.
"""

import array
import json
import os
import socket
import struct
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synk.base.errors import UsageError

PROTOCOL = 1
"""Version of the messages; part of the socket's name, so that an older host and a newer window can live side by side."""
MAX_FRAME_BYTES = 1 << 20
RECEIVE_BYTES = 1 << 16
FDS_PER_MESSAGE = 16
"""More than any frame carries; the kernel's own limit is 253."""

_HEAD = struct.Struct("<IB")
_STREAM = struct.Struct("<I")
_JSON, _BYTES = 0, 1

Message = dict[str, Any]


class FrameError(Exception):
    """The peer sent something that is no frame; its connection must be closed."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded frame: a message with the descriptors it brought, or bytes of a stream."""

    message: Message | None = None
    fds: tuple[int, ...] = ()
    """Close-on-exec; the receiver owns and closes them."""
    stream: int = 0
    data: bytes = b""


def encode_message(message: Mapping[str, Any], fds: Sequence[int] = ()) -> bytes:
    """The frame of a JSON message; `fds` are only counted here, the sender passes them along.

    Raises:
        UsageError: the message is larger than a frame; nothing was sent.
    """
    body = json.dumps({**message, "fds": len(fds)} if fds else message, separators=(",", ":")).encode()
    if len(body) + 1 > MAX_FRAME_BYTES:
        raise UsageError(f"{len(body)} bytes are too much for one message between Synk's processes: at most {MAX_FRAME_BYTES}")
    return _HEAD.pack(len(body) + 1, _JSON) + body


def encode_bytes(stream: int, data: bytes) -> bytes:
    """The frame of raw bytes; `data` must fit one frame."""
    return _HEAD.pack(len(data) + 5, _BYTES) + _STREAM.pack(stream) + data


class FrameDecoder:
    """Turns received chunks into frames, whatever their boundaries."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._fds: deque[int] = deque()

    def feed(self, data: bytes, fds: Sequence[int] = ()) -> list[Frame]:
        """All frames that are now complete.

        Raises:
            FrameError: malformed frame; descriptors received so far stay owned by the decoder (`close`).
        """
        self._buffer += data
        self._fds.extend(fds)
        frames: list[Frame] = []
        try:
            self._decode_all(frames)
        except FrameError:
            for frame in reversed(frames):
                self._fds.extendleft(reversed(frame.fds))
            raise
        return frames

    def close(self) -> None:
        """Close descriptors that no frame claimed."""
        while self._fds:
            os.close(self._fds.popleft())

    def _decode_all(self, frames: list[Frame]) -> None:
        start = 0
        while len(self._buffer) - start >= _HEAD.size:
            length, kind = _HEAD.unpack_from(self._buffer, start)
            if not 1 <= length <= MAX_FRAME_BYTES:
                raise FrameError(f"a frame of {length} bytes")
            end = start + 4 + length
            if len(self._buffer) < end:
                break
            frames.append(self._decode(kind, bytes(self._buffer[start + _HEAD.size : end])))
            start = end
        del self._buffer[:start]

    def _decode(self, kind: int, body: bytes) -> Frame:
        if kind == _BYTES and len(body) >= _STREAM.size:
            return Frame(stream=_STREAM.unpack_from(body)[0], data=body[_STREAM.size :])
        if kind != _JSON:
            raise FrameError(f"a frame of unknown kind {kind}")
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise FrameError("a message that is not JSON") from error
        if not isinstance(message, dict):
            raise FrameError("a message that is no object")
        count = message.pop("fds", 0)
        if not isinstance(count, int) or not 0 <= count <= len(self._fds):
            raise FrameError("a message without the descriptors it names")
        return Frame(message=message, fds=tuple(self._fds.popleft() for _ in range(count)))


def send_some(sock: socket.socket, data: memoryview, fds: Sequence[int]) -> int:
    """Send as much of `data` as fits now, with `fds` on its first byte; returns the bytes taken.

    Raises:
        BlockingIOError: nothing fits now (the descriptors were not sent either).
        OSError: the connection is gone.
    """
    if not fds:
        return sock.send(data)
    return sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds).tobytes())])


def receive(sock: socket.socket) -> tuple[bytes, list[int]]:
    """One chunk and the descriptors that came with it, close-on-exec; `b""` when the peer closed.

    `socket.recv_fds` would return inheritable descriptors, and they would leak into every program forked
    before the flag could be set; MSG_CMSG_CLOEXEC sets it in the kernel.
    """
    data, ancillary, _flags, _address = sock.recvmsg(
        RECEIVE_BYTES, socket.CMSG_SPACE(FDS_PER_MESSAGE * 4), socket.MSG_CMSG_CLOEXEC
    )
    fds: list[int] = []
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            received = array.array("i")
            received.frombytes(payload[: len(payload) - len(payload) % received.itemsize])
            fds.extend(received)
    return data, fds
