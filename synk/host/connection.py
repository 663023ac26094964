"""One client's end of the host's socket: frames in, a bounded queue of frames out, never blocking the loop."""

import asyncio
import logging
import os
import select
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from synk.base.errors import SynkError, describe
from synk.base.wire import Frame, FrameDecoder, FrameError, encode_message, receive, send_some
from synk.host.sending import SendQueue, close_all

log = logging.getLogger(__name__)

QUEUE_BYTES = 4 << 20
"""A client that does not read is cut off above this; it never slows a program or another client."""
HOLD_S = 0.005
"""How long the answer to a start waits for the end of what was started: most cells and commands take less."""


class Connection:
    """A connected client. Runs on the host's loop; descriptors given to `send` are duplicated, the caller keeps its own."""

    def __init__(
        self,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        *,
        on_frame: Callable[["Connection", Frame], None],
        on_closed: Callable[["Connection"], None],
    ) -> None:
        self._sock = sock
        self._loop = loop
        self._on_frame = on_frame
        self._on_closed = on_closed
        self._decoder = FrameDecoder()
        self._queue = SendQueue(loop, sock.fileno(), partial(send_some, sock), on_broken=self.close)
        self._held: asyncio.TimerHandle | None = None
        self.is_closed = False
        self.kind = ""
        """`window`, `cli` or `mcp` after a good `hello`; "" before."""
        self.environment: Mapping[str, str] = {}
        """The client's cleaned environment."""
        self.owner = ""
        """Who asks: `user`, or the agent session the client runs in (`session:12`); "" before `hello`."""
        self.pid, self.uid = _peer(sock)
        try:
            self.pidfd: int | None = os.pidfd_open(self.pid)
        except OSError:
            self.pidfd = None
        sock.setblocking(False)
        loop.add_reader(sock, self._readable)

    def send(self, message: Mapping[str, Any], fds: Sequence[int] = ()) -> None:
        """Queue a message with duplicates of `fds`; a client whose queue is full is closed."""
        if self.is_closed:
            return
        self._put(message, fds)
        if self._queue.bytes > QUEUE_BYTES:
            log.warning("client %d does not read: closed", self.pid)
            self.close()
        elif self._held is not None and message.get("event") != "output":
            self._let_go()
        elif self._held is None:
            self._queue.flush()

    def reply_soon(self, request: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        """Answer a request that started something, together with its end if that comes in a moment.

        The client then wakes up once instead of twice. News of output wait as long; all else that is sent ends the waiting.
        """
        if self._held is None and not self._queue and not self.is_closed:
            self._put({"re": request.get("id"), "ok": result}, ())
            self._held = self._loop.call_later(HOLD_S, self._let_go)
        else:
            self.reply(request, result)

    def _put(self, message: Mapping[str, Any], fds: Sequence[int]) -> None:
        self._queue.put(encode_message(message, fds), tuple(os.dup(fd) for fd in fds))

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.cancel()
            self._held = None
        if not self.is_closed:
            self._queue.flush()

    def reply(self, request: Mapping[str, Any], result: Mapping[str, Any], fds: Sequence[int] = ()) -> None:
        """Answer a request."""
        self.send({"re": request.get("id"), "ok": result}, fds)

    def fail(self, request: Mapping[str, Any], error: SynkError) -> None:
        """Answer a request with an error."""
        self.send({"re": request.get("id"), "error": describe(error)})

    @property
    def has_unsent(self) -> bool:
        """True while the client is behind with reading: events that the next one makes needless can wait."""
        return bool(self._queue) and self._held is None

    @property
    def is_process_alive(self) -> bool:
        """False once the client's process has ended, which may be known before its socket is seen to be closed."""
        if self.pidfd is None:
            return False
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Close the socket and everything queued; `on_closed` follows at once."""
        if self.is_closed:
            return
        self.is_closed = True
        self._let_go()
        self._loop.remove_reader(self._sock)
        self._queue.close()
        self._sock.close()
        self._decoder.close()
        self._on_closed(self)

    def _readable(self) -> None:
        try:
            data, fds = receive(self._sock)
        except BlockingIOError:
            return
        except OSError:
            data, fds = b"", []
        if not data:
            close_all(fds)
            self.close()
            return
        try:
            frames = self._decoder.feed(data, fds)
        except FrameError as error:
            log.warning("client %d sent %s: closed", self.pid, error)
            self.close()
            return
        for frame in frames:
            if self.is_closed:
                close_all(frame.fds)
            else:
                self._on_frame(self, frame)


def _peer(sock: socket.socket) -> tuple[int, int]:
    """Process id and user id of the other end, as the kernel knows them."""
    pid, uid, _gid = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return pid, uid
