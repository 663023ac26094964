"""The engine's connection to the host on an asyncio loop: requests, events of runs, and a new host after one died."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Mapping
from typing import Any

from synk.base.errors import HostUnavailable, NotAllowed, SynkError, restore
from synk.base.wire import PROTOCOL, RECEIVE_BYTES, FrameDecoder, FrameError, Message, encode_message
from synk.hoststart import HostAddress, connect

log = logging.getLogger(__name__)

TRIES = 3
CALL_TIMEOUT_S = 10.0
"""Longest time for an answer that needs no program to do anything."""
WATCH_MS = 100
"""How often the host tells of new output if the caller does not say."""


class Watch:
    """What the host told about one run, newest state only: nothing piles up when the caller is slow."""

    def __init__(self, run: str, folder: str) -> None:
        self.run = run
        self.folder = folder
        """Where its spool is."""
        self.out = self.err = 0
        """Bytes printed so far."""
        self.status = "running"
        self.waiting: Message | None = None
        self.ready: Message | None = None
        self.record: Message | None = None
        """How it ended; None while it runs."""
        self.is_lost = False
        """The host died: nothing more will be told."""
        self._news = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """No further news will come."""
        return self.record is not None or self.is_lost

    async def changed(self, timeout_s: float | None = None) -> bool:
        """Wait until there is something that was not there at the last call; False after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def tell(self, event: Message) -> None:
        """Take an event of this run."""
        match event.get("event"):
            case "output":
                self.out, self.err = max(self.out, int(event["out"])), max(self.err, int(event["err"]))
            case "state":
                self.status = str(event["status"])
                self.waiting, self.ready = event.get("waiting"), event.get("ready")
            case "exit":
                self.record = event
                self.status = str(event["status"])
                self.out, self.err = int(event["out"]["bytes"]), int(event["err"]["bytes"])
            case "lost":
                self.is_lost = True
        self._news.set()


class Link:
    """Requests to the profile's host and what it tells about runs. Everything on one loop."""

    def __init__(
        self,
        address: HostAddress,
        *,
        kind: str = "cli",
        environment: Mapping[str, str] | None = None,
        settings: Callable[[], Message] | None = None,
    ) -> None:
        """`settings` gives the user's settings `automation.*`; it may block, and is asked only for a host that has none."""
        self._address = address
        self._settings = settings
        self._kind = kind
        self._environment = dict(environment or {})
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._calls: dict[int, tuple[asyncio.Future[Message], Callable[[Message], None] | None]] = {}
        self._watches: dict[str, set[Watch]] = {}
        self._next = 1
        self._connecting = asyncio.Lock()
        self.welcome: Message = {}
        """The host's answer to our hello."""

    async def open(self) -> None:
        """Connect; starts a host if there is none. Does nothing if the connection stands.

        Raises:
            HostUnavailable: no host could be started, or it refused us.
        """
        async with self._connecting:
            tries_left = TRIES
            while self._writer is None:
                tries_left -= 1
                # Starting a host takes 90 ms and more, in which the loop has other things to do.
                sock = await asyncio.to_thread(connect, self._address)
                try:
                    await self._greet(sock)
                except HostUnavailable:
                    await self.close()
                    # The socket of a host that is just dying can still be connected to, and then ends without a word.
                    if not tries_left:
                        raise
                except SynkError:
                    await self.close()
                    raise

    async def _greet(self, sock: socket.socket) -> None:
        reader, self._writer = await asyncio.open_unix_connection(sock=sock)
        self._reading = asyncio.create_task(self._read(reader), name="synk-engine-link")
        proto = [PROTOCOL, PROTOCOL]
        hello = {"proto": proto, "version": self._address.version, "kind": self._kind, "environment": self._environment}
        self.welcome = await self._ask("hello", hello, CALL_TIMEOUT_S, None)
        if self._settings is not None and not self.welcome.get("is_automation_set", True):
            settings = await asyncio.to_thread(self._settings)
            # An agent may not; then the defaults hold, which are the strictest.
            with contextlib.suppress(NotAllowed):
                await self._ask("automation.configure", {"automation": settings}, CALL_TIMEOUT_S, None)

    async def call(
        self,
        do: str,
        *,
        within_s: float | None = CALL_TIMEOUT_S,
        on_reply: Callable[[Message], None] | None = None,
        **arguments: Any,
    ) -> Message:
        """One request and its result, which has to come `within_s` (verbs have a `timeout_s` of their own).

        `on_reply` gets it before any event that follows is handled.

        Raises:
            SynkError: what the host answered, as the matching subclass.
            HostUnavailable: the host went away in the middle of the call; the next call starts another one.
        """
        await self.open()
        return await self._ask(do, arguments, within_s, on_reply)

    def send(self, do: str, **arguments: Any) -> None:
        """Ask without waiting for an answer; nothing happens if the host is gone."""
        if self._writer is not None:
            self._writer.write(self._frame(do, arguments)[1])

    async def start(self, do: str, **arguments: Any) -> tuple[Message, Watch]:
        """Ask for something that becomes a run, with news about it from its first byte on.

        Raises:
            SynkError: as `call`.
        """
        watches: list[Watch] = []

        def replied(result: Message) -> None:
            watches.append(self._add_watch(str(result["run"]), str(result["folder"])))

        try:
            result = await self.call(do, on_reply=replied, **arguments)
        except asyncio.CancelledError:
            # It was cancelled between the answer and its next turn: nobody will ever know of this run.
            for watch in watches:
                self.send("run.stop", run=watch.run, mode="interrupt")
                self.forget(watch)
            raise
        return result, watches[0]

    async def watch(self, run: str, folder: str, *, every_ms: int = WATCH_MS) -> Watch:
        """News about a run that exists; `unwatch` ends it.

        Raises:
            NoSuchTarget: no such run.
        """
        watch = self._add_watch(run, folder)
        try:
            await self.call("run.watch", run=run, every_ms=every_ms)
        except BaseException:
            self.forget(watch)
            raise
        return watch

    def forget(self, watch: Watch) -> None:
        """No more news for this watch; the run is not touched."""
        watches = self._watches.get(watch.run, set())
        watches.discard(watch)
        if not watches and self._watches.pop(watch.run, None) is not None and not watch.is_over:
            self.send("run.unwatch", run=watch.run)

    async def close(self) -> None:
        """Close the connection; calls that wait fail."""
        writer, self._writer = self._writer, None
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
            self._reading = None
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        self._lose("The connection to the host was closed.")

    async def _ask(
        self, do: str, arguments: Mapping[str, Any], timeout_s: float | None, on_reply: Callable[[Message], None] | None
    ) -> Message:
        if self._writer is None:
            raise HostUnavailable("The host went away.")
        number, data = self._frame(do, arguments)
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._calls[number] = (future, on_reply)
        try:
            self._writer.write(data)
            async with asyncio.timeout(timeout_s):
                return await future
        except TimeoutError:
            raise HostUnavailable(f"The host did not answer within {timeout_s:g} s.") from None
        finally:
            if on_reply is None:
                # The late answer of a start stays expected: what nobody waits for any more is ended (`_dispatch`).
                self._calls.pop(number, None)

    def _frame(self, do: str, arguments: Mapping[str, Any]) -> tuple[int, bytes]:
        number, self._next = self._next, self._next + 1
        return number, encode_message({"id": number, "do": do, **arguments})

    def _add_watch(self, run: str, folder: str) -> Watch:
        watch = Watch(run, folder)
        self._watches.setdefault(run, set()).add(watch)
        return watch

    async def _read(self, reader: asyncio.StreamReader) -> None:
        decoder = FrameDecoder()
        try:
            while data := await reader.read(RECEIVE_BYTES):
                for frame in decoder.feed(data):
                    self._dispatch(frame.message or {})
        except (OSError, FrameError) as error:
            log.warning("the host sent what cannot be read: %s", error)
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        self._reading = None
        self._lose("The host went away.")

    def _dispatch(self, message: Message) -> None:
        if "re" not in message:
            for watch in tuple(self._watches.get(str(message.get("run")), ())):
                watch.tell(message)
            return
        future, on_reply = self._calls.pop(message["re"], (None, None))
        if future is None or future.done():
            # Asked without waiting, or the caller was cancelled. A run nobody asked for any more is ended.
            run = message.get("ok", {}).get("run") if on_reply is not None else None
            if run is not None:
                self.send("run.stop", run=run, mode="interrupt")
        elif "error" in message:
            future.set_exception(restore(message["error"]))
        else:
            result = message.get("ok", {})
            if on_reply is not None:
                on_reply(result)
            future.set_result(result)

    def _lose(self, text: str) -> None:
        """Tell everybody who waits that nothing more will come."""
        for future, _ in self._calls.values():
            if not future.done():
                future.set_exception(HostUnavailable(text))
        self._calls.clear()
        watches, self._watches = self._watches, {}
        for watch in (watch for group in watches.values() for watch in group):
            watch.tell({"event": "lost"})
