"""The host's end of a kernel's control channel: length-prefixed JSON over a socket or a pair of pipes, never blocking."""

import asyncio
import json
import os
import socket
import struct
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from synk.base.wire import Message, receive, send_some

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
        self._queue: deque[tuple[memoryview, tuple[int, ...]]] = deque()
        self._fds: deque[int] = deque()
        """Received and named by no message yet."""
        self._is_writing = False
        self.is_open = True
        for fd in {reading, writing}:
            os.set_blocking(fd, False)
        loop.add_reader(reading, self._readable)

    def send(self, message: Mapping[str, object], fds: Sequence[int] = ()) -> None:
        """Queue a message with duplicates of `fds`; nothing happens on a channel that is lost."""
        if not self.is_open:
            return
        body = json.dumps(message, separators=(",", ":")).encode()
        self._queue.append((memoryview(_LENGTH.pack(len(body)) + body), tuple(os.dup(fd) for fd in fds)))
        if not self._is_writing:
            self._writable()

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
        if self._is_writing:
            self._loop.remove_writer(self._writing)
        if self._socket is not None:
            self._socket.close()
        else:
            os.close(self._reading)
            os.close(self._writing)
        for _, fds in self._queue:
            _close_all(fds)
        self._queue.clear()
        _close_all(tuple(self._fds))
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
            _close_all(fds)
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

    def _writable(self) -> None:
        while self._queue:
            data, fds = self._queue[0]
            try:
                sent = os.write(self._writing, data) if self._socket is None else send_some(self._socket, data, fds)
            except BlockingIOError:
                break
            except OSError:
                # Its end is told by reading, where the last answers may still be.
                _close_all(fds)
                self._queue.popleft()
                continue
            _close_all(fds)
            if sent < len(data):
                self._queue[0] = (data[sent:], ())
            else:
                self._queue.popleft()
        if bool(self._queue) != self._is_writing:
            self._is_writing = bool(self._queue)
            if self._is_writing:
                self._loop.add_writer(self._writing, self._writable)
            else:
                self._loop.remove_writer(self._writing)

    def _lose(self) -> None:
        if self.is_open:
            self.close()
            self._on_lost()


def _close_all(fds: Sequence[int]) -> None:
    for fd in fds:
        os.close(fd)
