"""Messages between host and kernel: a little-endian u32 length, then a JSON object, on a stream socket."""

from __future__ import annotations

import array
import contextlib
import json
import os
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("<I")
_FDS = 8


class ControlLost(Exception):
    """The other end is gone, or user code closed our end."""


class Channel:
    """One end. Blocking; descriptors come along with `receive`."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._socket = socket.socket(fileno=fd)
        self._socket.setblocking(True)
        self._inode = os.fstat(fd).st_ino
        self._buffer = b""
        self.fds: list[int] = []
        """Descriptors received and not yet taken by anybody, oldest first."""

    def fileno(self) -> int:
        """Number of our end."""
        return self._fd

    def send(self, message: dict[str, Any], fds: tuple[int, ...] = ()) -> None:
        """Send one message.

        Raises:
            ControlLost: nobody can hear us any more.
        """
        # The C encoder of `json` gives ASCII: a lone surrogate in a user's string travels as an escape.
        body = json.dumps({**message, "fds": len(fds)} if fds else message, separators=(",", ":")).encode("ascii")
        data = _LENGTH.pack(len(body)) + body
        try:
            # User code may have closed our number and opened its own file under it (1 microsecond).
            if os.fstat(self._fd).st_ino != self._inode:
                raise ControlLost
            if fds:
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds).tobytes())]
                data = data[self._socket.sendmsg([data], rights) :]
            self._socket.sendall(data)
        except OSError as error:
            raise ControlLost from error

    def receive(self) -> dict[str, Any]:
        """The next message; waits for it.

        Raises:
            ControlLost: the host is gone.
        """
        while True:
            if len(self._buffer) >= 4:
                end = 4 + _LENGTH.unpack_from(self._buffer)[0]
                if len(self._buffer) >= end:
                    message: dict[str, Any] = json.loads(self._buffer[4:end])
                    self._buffer = self._buffer[end:]
                    return message
            self._fill()

    def _fill(self) -> None:
        try:
            if os.fstat(self._fd).st_ino != self._inode:
                raise ControlLost
            data, ancillary, _flags, _address = self._socket.recvmsg(
                1 << 16, socket.CMSG_SPACE(_FDS * 4), getattr(socket, "MSG_CMSG_CLOEXEC", 0x40000000)
            )
        except OSError as error:
            raise ControlLost from error
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                received = array.array("i")
                received.frombytes(payload[: len(payload) - len(payload) % received.itemsize])
                self.fds.extend(received)
        if not data:
            raise ControlLost
        self._buffer += data

    def detach(self) -> None:
        """Let go of the socket object without closing the descriptor."""
        self._socket.detach()

    def close(self) -> None:
        """Close our end."""
        with contextlib.suppress(OSError):
            self._socket.close()
