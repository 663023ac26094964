"""The host's end of a kernel's control channel: length-prefixed JSON over a socket or a pair of pipes, never blocking."""

import asyncio
import json
import os
import socket
import struct
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from synk.base.wire import Message, receive, send_some
from synk.host.sending import SendQueue, close_all

MAX_MESSAGE = 8 << 20
"""A longer one is not from a kernel of ours: user code wrote into the channel."""
READ_BYTES = 1 << 16

_LENGTH = struct.Struct("<I")


class KernelLink:
    """Sends and receives messages on the loop. `on_message` gets each with its descriptors; `on_lost` comes once."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        reading: int,
        writing: int,
        *,
        on_message: Callable[[Message, list[int]], None],
        on_lost: Callable[[], None],
    ) -> None:
        """`reading` and `writing` are ours from now on; for a socket they are the same number."""
        self._loop = loop
        self._reading = reading
        self._writing = writing
        self._socket = socket.socket(fileno=reading) if reading == writing else None
        self._on_message = on_message
        self._on_lost = on_lost
        self._buffer = bytearray()
        # That the other end is gone is told by reading, where its last answers may still be.
        self._queue = SendQueue(loop, writing, self._write, on_broken=lambda: None)
        self._fds: deque[int] = deque()
        """Received and named by no message yet."""
        self.is_open = True
        for fd in {reading, writing}:
            os.set_blocking(fd, False)
        loop.add_reader(reading, self._readable)

    def send(self, message: Mapping[str, object], fds: Sequence[int] = ()) -> None:
        """Queue a message with duplicates of `fds`; nothing happens on a channel that is lost."""
        if not self.is_open:
            return
        body = json.dumps(message, separators=(",", ":")).encode()
        self._queue.put(_LENGTH.pack(len(body)) + body, tuple(os.dup(fd) for fd in fds))
        self._queue.flush()

    def drain(self) -> None:
        """Take in everything that was sent so far; for a kernel that has ended."""
        while self.is_open and self._read_once():
            pass

    def close(self) -> None:
        """Close our end; no callback follows."""
        if not self.is_open:
            return
        self.is_open = False
        self._loop.remove_reader(self._reading)
        self._queue.close()
        if self._socket is not None:
            self._socket.close()
        else:
            os.close(self._reading)
            os.close(self._writing)
        close_all(tuple(self._fds))
        self._fds.clear()

    def _readable(self) -> None:
        self._read_once()

    def _read_once(self) -> bool:
        """Read what is there once; False if there was nothing."""
        fds: list[int] = []
        try:
            if self._socket is not None:
                data, fds = receive(self._socket)
            else:
                data = os.read(self._reading, READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            close_all(fds)
            self._lose()
            return False
        self._buffer += data
        self._fds.extend(fds)
        self._take_messages()
        return True

    def _take_messages(self) -> None:
        start = 0
        while self.is_open and len(self._buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer, start)
            if length > MAX_MESSAGE:
                self._lose()
                break
            end = start + _LENGTH.size + length
            if len(self._buffer) < end:
                break
            try:
                message = json.loads(self._buffer[start + _LENGTH.size : end])
            except (ValueError, RecursionError):
                message = None
            start = end
            if not isinstance(message, dict):
                self._lose()
                break
            count = min(int(message.pop("fds", 0)), len(self._fds))
            self._on_message(message, [self._fds.popleft() for _ in range(count)])
        del self._buffer[:start]

    def _write(self, data: memoryview, fds: Sequence[int]) -> int:
        return os.write(self._writing, data) if self._socket is None else send_some(self._socket, data, fds)

    def _lose(self) -> None:
        if self.is_open:
            self.close()
            self._on_lost()
