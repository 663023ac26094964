"""How a window or a command line talks to the host: call it, hear its events.

`SyncHostClient` is for one-shot programs (command line, tests). `HostClient` owns the window's `synk-host` thread.
"""

import contextlib
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from synk.base.errors import HostUnavailable, SynkError, restore
from synk.base.wire import PROTOCOL, Frame, FrameDecoder, FrameError, Message, encode_message, receive, send_some
from synk.hoststart import HostAddress, connect

CALL_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one call: exactly one of `ok` and `error`."""

    ok: Message | None
    error: SynkError | None = None
    fds: tuple[int, ...] = ()
    """Owned by the receiver."""


def _hello(kind: str, version: str, environment: Mapping[str, str]) -> Message:
    proto = [PROTOCOL, PROTOCOL]
    return {"id": 0, "do": "hello", "proto": proto, "version": version, "kind": kind, "environment": dict(environment)}


class SyncHostClient:
    """A blocking client: one call at a time, events are put aside."""

    def __init__(
        self, address: HostAddress, *, kind: str = "cli", environment: Mapping[str, str] | None = None, start: bool = True
    ) -> None:
        """Connect and say hello.

        Raises:
            HostUnavailable: no host, or it refused us.
        """
        self._sock = connect(address, start=start)
        self._decoder = FrameDecoder()
        self._frames: deque[Frame] = deque()
        self._next = 1
        self.events: deque[Frame] = deque()
        """Frames that were no replies, oldest first."""
        try:
            self.welcome, _ = self._call(_hello(kind, address.version, environment or {}), (), CALL_TIMEOUT_S)
            """The host's answer: proto, version, host id, scope, pid."""
        except SynkError:
            self.close()
            raise

    def __enter__(self) -> "SyncHostClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, do: str, *, timeout_s: float | None = CALL_TIMEOUT_S, fds: Sequence[int] = (), **arguments: Any) -> Message:
        """One request, its result; descriptors of the reply are closed (see `call_fds`).

        Raises:
            SynkError: what the host answered, as the matching subclass.
            HostUnavailable: the connection broke, or no answer came in time.
        """
        result, received = self.call_fds(do, timeout_s=timeout_s, fds=fds, **arguments)
        for fd in received:
            os.close(fd)
        return result

    def call_fds(
        self, do: str, *, timeout_s: float | None = CALL_TIMEOUT_S, fds: Sequence[int] = (), **arguments: Any
    ) -> tuple[Message, tuple[int, ...]]:
        """As `call`, and the descriptors that came with the reply; the caller owns them."""
        message = {"id": self._next, "do": do, **arguments}
        self._next += 1
        return self._call(message, fds, timeout_s)

    def next_event(self, timeout_s: float | None) -> Frame:
        """The next event; blocks until there is one.

        Raises:
            HostUnavailable: connection lost, or nothing came in time.
        """
        while not self.events:
            self.events.append(self._receive(timeout_s))
        return self.events.popleft()

    def fileno(self) -> int:
        """For a selector; readable means that `take_events` has something to read."""
        return self._sock.fileno()

    @property
    def has_events(self) -> bool:
        """Something came already, with the answer to a call: a selector does not know."""
        return bool(self.events or self._frames)

    def take_events(self) -> list[Message]:
        """What came since the last call, oldest first; waits for something to come if nothing did.

        Replies to `post` are among them: `{"re": number, ...}`.

        Raises:
            HostUnavailable: connection lost.
        """
        if not self.has_events:
            self._frames.appendleft(self._receive(None))
        frames = [*self.events, *self._frames]
        self.events.clear()
        self._frames.clear()
        return [frame.message or {} for frame in frames]

    def post(self, do: str, **arguments: Any) -> int:
        """Send a request without waiting for its reply, which `take_events` gives under the number returned here.

        Raises:
            HostUnavailable: connection lost.
        """
        number, self._next = self._next, self._next + 1
        self._send({"id": number, "do": do, **arguments}, (), CALL_TIMEOUT_S)
        return number

    def close(self) -> None:
        """Close the connection."""
        self._sock.close()
        self._decoder.close()

    def _send(self, message: Message, fds: Sequence[int], timeout_s: float | None) -> None:
        data = memoryview(encode_message(message, fds))
        self._sock.settimeout(timeout_s)
        try:
            while data:
                data = data[send_some(self._sock, data, fds) :]
                fds = ()
        except OSError as error:
            raise HostUnavailable("The host went away.") from error

    def _call(self, message: Message, fds: Sequence[int], timeout_s: float | None) -> tuple[Message, tuple[int, ...]]:
        self._send(message, fds, timeout_s)
        while True:
            frame = self._receive(timeout_s)
            answer = frame.message or {}
            if answer.get("re") != message["id"]:
                self.events.append(frame)
            elif "error" in answer:
                raise restore(answer["error"])
            else:
                return answer.get("ok", {}), frame.fds

    def _receive(self, timeout_s: float | None) -> Frame:
        self._sock.settimeout(timeout_s)
        while not self._frames:
            try:
                data, fds = receive(self._sock)
                self._frames.extend(self._decoder.feed(data, fds))
            except TimeoutError as error:
                raise HostUnavailable(f"The host did not answer within {timeout_s:g} s.") from error
            except (OSError, FrameError) as error:
                raise HostUnavailable("The host went away.") from error
            if not data:
                raise HostUnavailable("The host went away.")
        return self._frames.popleft()


class HostClient:
    """The window's connection, on its own thread `synk-host`. Calls only queue; everything comes back through `deliver`."""

    def __init__(
        self,
        address: HostAddress,
        *,
        environment: Mapping[str, str],
        deliver: Callable[[Callable[[], None]], None],
        on_event: Callable[[Message, tuple[int, ...]], None],
        on_lost: Callable[[], None],
        on_back: Callable[[Message], None],
    ) -> None:
        """Connect (blocks, starting a host if needed), then serve on the thread.

        `deliver` runs a function on the owner's thread. `on_lost` is delivered when the host dies, `on_back(welcome)` when a
        new one was started and said welcome; calls made in between wait for it.

        Raises:
            HostUnavailable: the first connection failed.
        """
        self._address = address
        self._environment = environment
        self._deliver = deliver
        self._on_event = on_event
        self._on_lost = on_lost
        self._on_back = on_back
        self._lock = threading.Lock()
        self._queue: deque[tuple[memoryview, tuple[int, ...]]] = deque()
        self._waiting: dict[int, Callable[[Reply], None]] = {}
        self._next = 1
        self._is_closing = False
        self._is_leaving = False
        # Here and not above: 4 ms that `synk exec`, which needs the other client, is spared.
        self._log = import_module("logging").getLogger(__name__)
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        try:
            self.welcome = self._open()
            """The host's answer to our hello."""
        except SynkError:
            os.close(self._wake_fd)
            raise
        self._thread = threading.Thread(target=self._run, name="synk-host", daemon=True)
        self._thread.start()

    def call(
        self, do: str, on_reply: Callable[[Reply], None] | None = None, *, fds: Sequence[int] = (), **arguments: Any
    ) -> None:
        """Queue a request; `on_reply` is delivered with the answer. Any thread, never waits.

        `fds` are duplicated; the caller keeps its own.
        """
        with self._lock:
            number, self._next = self._next, self._next + 1
            data = memoryview(encode_message({"id": number, "do": do, **arguments}, fds))
            self._queue.append((data, tuple(os.dup(fd) for fd in fds)))
            if on_reply is not None:
                self._waiting[number] = on_reply
        os.eventfd_write(self._wake_fd, 1)

    def expect_end(self) -> None:
        """The host was told to end: do not start another one when it does."""
        self._is_leaving = True
        os.eventfd_write(self._wake_fd, 1)

    def close(self) -> None:
        """Send what is queued, end the thread, close the connection."""
        self._is_closing = True
        os.eventfd_write(self._wake_fd, 1)
        self._thread.join(2)
        self._fail_calls("The connection to the host was closed.")
        self._sock.close()
        self._decoder.close()
        os.close(self._wake_fd)

    def _open(self) -> Message:
        client = SyncHostClient(self._address, kind="window", environment=self._environment)
        self._sock, self._decoder = client._sock, client._decoder
        self._early = deque([*client.events, *client._frames])
        self._sock.setblocking(False)
        return client.welcome

    def _run(self) -> None:
        while True:
            try:
                self._serve()
                return
            except (OSError, FrameError) as error:
                if self._is_closing:
                    return
                self._log.warning("the host is gone: %s", error)
            self._lose()
            if not self._reconnect():
                self._fail_calls("The host went away.")
                return

    def _serve(self) -> None:
        """Until closing; raises when the connection breaks."""
        while self._early:
            self._dispatch(self._early.popleft())
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_fd, selectors.EVENT_READ)
            selector.register(self._sock, selectors.EVENT_READ)
            while True:
                self._flush()
                if self._is_closing:
                    return
                selector.modify(self._sock, selectors.EVENT_READ | (selectors.EVENT_WRITE if self._queue else 0))
                for key, events in selector.select():
                    if key.fd == self._wake_fd:
                        self._take_wake()
                    elif events & selectors.EVENT_READ:
                        self._read()

    def _read(self) -> None:
        try:
            data, fds = receive(self._sock)
        except BlockingIOError:
            return
        if not data:
            raise ConnectionResetError("connection closed")
        for frame in self._decoder.feed(data, fds):
            self._dispatch(frame)

    def _flush(self) -> None:
        while self._queue:
            data, fds = self._queue[0]
            try:
                sent = send_some(self._sock, data, fds)
            except BlockingIOError:
                return
            for fd in fds:
                os.close(fd)
            with self._lock:
                if sent < len(data):
                    self._queue[0] = (data[sent:], ())
                else:
                    self._queue.popleft()

    def _dispatch(self, frame: Frame) -> None:
        message = frame.message or {}
        if "re" not in message:
            self._deliver(lambda: self._on_event(message, frame.fds))
            return
        with self._lock:
            handler = self._waiting.pop(message["re"], None)
        if handler is None:
            for fd in frame.fds:
                os.close(fd)
            return
        error = restore(message["error"]) if "error" in message else None
        reply = Reply(None if error else message.get("ok", {}), error, frame.fds)
        self._deliver(lambda: handler(reply))

    def _take_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake_fd)

    def _lose(self) -> None:
        """The connection broke: tell the owner, unless it expects this, and fail what was asked."""
        self._sock.close()
        self._decoder.close()
        if not self._is_leaving:
            self._deliver(self._on_lost)
        self._fail_calls("The host went away; a new one is being started.")

    def _fail_calls(self, text: str) -> None:
        """Answer every call that was not answered yet with this error."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            for _, fds in self._queue:
                for fd in fds:
                    os.close(fd)
            self._queue.clear()
        lost = Reply(None, HostUnavailable(text))
        for handler in waiting.values():
            self._deliver(partial(handler, lost))

    def _reconnect(self) -> bool:
        """Connect to another host, starting it; False if nobody wants one any more."""
        old = int(self.welcome["pid"])
        delay_s = 0.0
        while not (self._is_closing or self._is_leaving):
            try:
                self.welcome = self._open()
            except SynkError as error:
                self._log.error("no new host: %s", error.message)
                delay_s = min(30.0, delay_s * 2 or 1.0)
                self._wait(delay_s)
                continue
            with contextlib.suppress(ChildProcessError):
                os.waitpid(old, os.WNOHANG)  # if it was started by this process
            self._deliver(partial(self._on_back, self.welcome))
            return True
        return False

    def _wait(self, seconds: float) -> None:
        """Wait, but not longer than until the client is closed or left."""
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_fd, selectors.EVENT_READ)
            while not (self._is_closing or self._is_leaving) and (left := deadline - time.monotonic()) > 0:
                selector.select(left)
                self._take_wake()
