"""A run that is being watched: wait for it, hear what it prints, stop it."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from typing import TYPE_CHECKING, Literal

from synk.base.errors import HostUnavailable
from synk.base.spool import SpoolReader
from synk.base.wire import Message
from synk.engine.durations import Durations
from synk.engine.environment import Masks, MaskStream
from synk.engine.kept import tails_of
from synk.engine.link import Watch
from synk.engine.live import LiveOutput, Piece
from synk.engine.options import StopMode
from synk.engine.outcomes import ready_of, waiting_of, with_eta
from synk.engine.progress import ProgressReader
from synk.engine.requests import Reading
from synk.engine.results import Event, ExecResult, ExitEvent, GapEvent, OutputEvent, ProgressEvent, StateEvent

if TYPE_CHECKING:
    from synk.engine.client import EngineClient

READ_BYTES = 64 << 10
Early = Literal["ready", "awaiting_input"]


class ActiveRun:
    """One run with news from the host. `close` ends the news, not the run."""

    def __init__(
        self, client: EngineClient, started: Message, watch: Watch, reading: Reading, durations: Durations | None = None
    ) -> None:
        self._client = client
        self._started = started
        self._watch = watch
        self.reading = reading
        self._durations = durations
        self._begun = asyncio.get_running_loop().time()
        self.run = watch.run

    @property
    def folder(self) -> str:
        """Where its spool is."""
        return self._watch.folder

    @property
    def is_over(self) -> bool:
        """It ended, or its host did."""
        return self._watch.is_over

    @property
    def printed(self) -> int:
        """Bytes of both streams so far."""
        return self._watch.out + self._watch.err

    def tell_sizes(self, out: int, err: int) -> None:
        """Somebody saw that so much was written to the spool, where the host does not."""
        if out > self._watch.out or err > self._watch.err:
            self._watch.tell({"event": "output", "out": out, "err": err})

    async def changed(self, timeout_s: float | None = None) -> bool:
        """Wait for any news; False after `timeout_s`."""
        return self._watch.is_over or await self._watch.changed(timeout_s)

    async def until(self, early: Collection[Early] = (), *, timeout_s: float | None = None) -> str | None:
        """Wait for the end, or for one of the earlier states; what happened, None after `timeout_s`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while (happened := self.happened(early)) is None:
                    await self._watch.changed()
                return happened
        return None

    def happened(self, early: Collection[Early] = ()) -> str | None:
        """`exit`, or one of `early` that is so now."""
        if self._watch.is_over:
            return "exit"
        return self._watch.status if self._watch.status in early else None

    async def result(self) -> ExecResult:
        """What is known now; after the end everything."""
        record = await self.record()
        if record["status"] == "completed" and self._durations is not None and self.reading.recognised is not None:
            durations, self._durations = self._durations, None
            recognised = self.reading.recognised
            await asyncio.to_thread(durations.add, recognised.cls.name, recognised.label, record["duration_ms"] / 1000)
        return await self._client.result(record, self.reading)

    async def record(self) -> Message:
        """The host's record, also if the host is gone."""
        if self._watch.record is not None:
            return self._watch.record
        if not self._watch.is_lost:
            try:
                return await self._client.link.call("run.show", run=self.run)
            except HostUnavailable:
                pass
        return self._lost_record()

    async def events(self, early: Collection[Early] = (), *, timeout_s: float | None = None) -> AsyncGenerator[Event, None]:
        """What happens to it, the exit last; ends without it in one of the earlier states or after `timeout_s`."""
        deadline = None if timeout_s is None else asyncio.get_running_loop().time() + timeout_s
        live = LiveOutput(self.folder)
        teller = _Teller(self.run, self.reading)
        state = ""
        yield StateEvent(self.run, "running", command=self._started.get("command", ""))
        try:
            while True:
                if self._watch.is_over:
                    self._count_spool()
                async for event in self._drain(live, teller):
                    yield event
                now = f"{self._watch.status} {self._watch.waiting} {self._watch.ready}"
                if now != state and not self._watch.is_over and (state or self._watch.status != "running"):
                    yield StateEvent(
                        self.run, _live_status(self._watch), waiting_of(self._watch.waiting), ready_of(self._watch.ready)
                    )
                state = now
                if self.happened(early) is not None and not live.is_behind(out=self._watch.out, err=self._watch.err):
                    break
                left = None if deadline is None else max(0.0, deadline - asyncio.get_running_loop().time())
                if not await self._watch.changed(left):
                    break
            for event in teller.finish():
                yield event
        finally:
            live.close()
        if self._watch.is_over:
            yield ExitEvent(self.run, await self.result())

    def _count_spool(self) -> None:
        """What a script wrote into its spool itself (scripts.py), the host has not counted."""
        with SpoolReader(self.folder) as spool:
            self.tell_sizes(spool.size("out"), spool.size("err"))

    async def _drain(self, live: LiveOutput, teller: _Teller) -> AsyncIterator[Event]:
        while live.is_behind(out=self._watch.out, err=self._watch.err):
            told = {"out": self._watch.out, "err": self._watch.err}
            pieces = live.take(READ_BYTES, **told)
            if not pieces:
                if not self._watch.is_over:
                    return
                pieces = live.give_up(out=told["out"], err=told["err"], tails=tails_of(self._watch.record or {}))
            for piece in pieces:
                for event in teller.tell(piece, asyncio.get_running_loop().time() - self._begun):
                    yield event
            # A flood must not keep others on this loop from their turn.
            await asyncio.sleep(0)

    def stop_soon(self, mode: StopMode = "interrupt") -> None:
        """Begin the ladder, without waiting for anything: also where nothing can be awaited any more."""
        if not self._watch.is_over:
            self._client.link.send("run.stop", run=self.run, mode=mode)

    def close(self) -> None:
        """No more news."""
        self._client.link.forget(self._watch)

    def _lost_record(self) -> Message:
        """The host died: its kernels and runs ended with it, the spool stays."""
        with SpoolReader(self.folder) as spool:
            sizes = {stream: {"bytes": spool.size(stream), "lines": 0, "dropped": None} for stream in ("out", "err")}
        started = self._started
        return {
            "run": self.run,
            "kind": started.get("kind", "exec"),
            "command": started.get("command", ""),
            "cwd": started.get("cwd", ""),
            "owner": started.get("owner", "user"),
            "started_at": started.get("started_at", 0.0),
            "exit_code": None,
            "signal": None,
            "duration_ms": round((asyncio.get_running_loop().time() - self._begun) * 1000),
            "cpu_ms": 0,
            "peak_rss": 0,
            **sizes,
            "folder": self.folder,
            "status": "crashed",
            "reason": "host_lost",
            "extra": {},
        }


class _Teller:
    """Turns pieces of the spool into events: text from bytes, secrets hidden, progress read on the way."""

    def __init__(self, run: str, reading: Reading) -> None:
        self._run = run
        self._reading = reading
        self._decoders = {stream: codecs.getincrementaldecoder("utf-8")("replace") for stream in ("out", "err")}
        masks = reading.masks or Masks()
        self._masks = {stream: MaskStream(masks) for stream in ("out", "err")}
        self._ends = {"out": 0, "err": 0}
        self._progress = ProgressReader(reading.recognised.cls) if reading.recognised is not None else None

    def tell(self, piece: Piece, elapsed_s: float) -> list[Event]:
        """The events of one piece."""
        stream: Literal["out", "err"] = "out" if piece.stream == "out" else "err"
        if piece.lost:
            return [GapEvent(self._run, stream, piece.offset, piece.offset + piece.lost)]
        text = self._masks[stream].feed(self._decoders[stream].decode(piece.data))
        self._ends[stream] = piece.offset + len(piece.data)
        events: list[Event] = [OutputEvent(self._run, stream, piece.offset, piece.data, text)]
        if self._progress is not None and (found := self._progress.feed(stream, piece.data)) is not None:
            known = with_eta(found, self._reading, elapsed_s, is_over=False)
            events.append(ProgressEvent(self._run, known or found))
        return events

    def finish(self) -> list[Event]:
        """What was held back because it could have been the beginning of a secret or of a character."""
        events: list[Event] = []
        for stream in ("out", "err"):
            masks = self._masks[stream]
            text = masks.feed(self._decoders[stream].decode(b"", final=True)) + masks.finish()
            if text:
                events.append(OutputEvent(self._run, "out" if stream == "out" else "err", self._ends[stream], b"", text))
        return events


def _live_status(watch: Watch) -> Literal["running", "awaiting_input", "ready"]:
    return "awaiting_input" if watch.waiting else "ready" if watch.ready else "running"

