"""`engine.runs`: every command, cell and job that runs or ran, by its id; whoever started it."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal

from synk.base.errors import NoSuchTarget, UsageError
from synk.base.spool import SpoolReader
from synk.base.wire import Message
from synk.engine.active import ActiveRun
from synk.engine.client import EngineClient
from synk.engine.kept import READ_BYTES, Stream
from synk.engine.options import StopMode
from synk.engine.parts import OutputPart, PartReader, View
from synk.engine.requests import MAX_OUTPUT_CHARS, encoded_input, input_parts
from synk.engine.results import FINAL, Event, ExecResult
from synk.engine.texts import LineRenderer

Until = Literal["exit", "output", "pattern", "ready", "awaiting_input"]
STOP_LIMIT_S = 15.0
"""Longest ladder: 2 s, 3 s, and the kernel's time to take a big process down."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of a list of runs."""

    run_id: str
    kind: str
    command: str
    status: str
    reason: str
    exit_code: int | None
    signal: str | None
    cwd: str
    owner: str
    started_at: float
    duration_ms: float
    peak_rss: int
    output_bytes: int
    stderr_bytes: int

    @classmethod
    def of(cls, record: Message) -> "RunSummary":
        """From the host's record."""
        return cls(
            run_id=record["run"],
            kind=record["kind"],
            command=record["command"],
            status=record["status"],
            reason=record["reason"] or "",
            exit_code=record["exit_code"],
            signal=record["signal"],
            cwd=record["cwd"],
            owner=record["owner"],
            started_at=record["started_at"],
            duration_ms=record["duration_ms"],
            peak_rss=record["peak_rss"],
            output_bytes=record["out"]["bytes"],
            stderr_bytes=record["err"]["bytes"],
        )

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class WaitResult:
    """What became of a waiting."""

    happened: Until | None
    """None: nothing of the kind within the time; the run goes on. `exit` also if something else was waited for."""
    result: ExecResult
    match: str | None = None
    """The line that holds the pattern."""

    def as_dict(self) -> dict[str, Any]:
        return {"happened": self.happened, "match": self.match, **self.result.as_dict()}


class Runs:
    """All runs of the profile's host."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client

    async def list(self, *, state: str | None = None, kind: str | None = None) -> list[RunSummary]:
        """Runs, oldest first. `state`: `live`, `ended` or a status; `kind`: exec, cell, command, job."""
        records = (await self._client.link.call("run.list", state=state, kind=kind))["runs"]
        return [RunSummary.of(record) for record in records]

    async def show(self, run_id: str, *, parse_as: str | None = None, max_output_chars: int | None = None) -> ExecResult:
        """What is known about a run now.

        Raises:
            NoSuchTarget: no such run.
        """
        record = await self._client.link.call("run.show", run=run_id)
        return await self._client.result(
            record, await self._client.reading_of(record, parse_as=parse_as, max_output_chars=max_output_chars)
        )

    async def read(
        self,
        run_id: str,
        *,
        stream: Stream = "merged",
        cursor: int | None = None,
        max_chars: int = MAX_OUTPUT_CHARS,
        tail_lines: int | None = None,
        grep: str | None = None,
        view: View = "text",
    ) -> OutputPart:
        """A part of the output: from `cursor` on, the last `tail_lines`, or the lines that match the expression `grep`.

        A cursor beyond the end gives nothing; one in a range that is not kept any more gives what comes next, and the gap.
        Of a run the disk does not take there are the last 64 KiB of each stream, and a note that says so.

        Raises:
            NoSuchTarget: no such run.
            UsageError: `grep` is no regular expression.
        """
        expression = _expression(grep) if grep is not None else None
        record = await self._record(run_id)
        reading = await self._client.reading_of(record)
        reader = PartReader(record, reading.masks.mask, stream, max_chars, view)
        return await asyncio.to_thread(reader.read, cursor, tail_lines, expression)

    async def follow(self, run_id: str, *, every_ms: int = 100) -> AsyncIterator[Event]:
        """What happens to a run from its beginning on, the exit last. Leaving the loop leaves the run alone.

        Raises:
            NoSuchTarget: no such run.
        """
        active = await self._client.follow(run_id, every_ms=every_ms)
        try:
            async for event in active.events():
                yield event
        finally:
            active.close()

    async def wait(
        self, run_id: str, until: Until = "exit", *, timeout_s: float | None = None, pattern: str | None = None,
        cursor: int | None = None,
    ) -> WaitResult:  # fmt: skip
        """Wait until the run is over, or until something else happens before.

        `output`: something was printed behind `cursor` (bytes of both streams; default: what there is now). `pattern`: a
        line of the merged output matches, from `cursor` on (default: from the beginning).

        Raises:
            NoSuchTarget: no such run.
            UsageError: `pattern` is missing or no regular expression.
        """
        if (until == "pattern") != (pattern is not None):
            raise UsageError("until=pattern needs a pattern, and a pattern until=pattern")
        active = await self._client.follow(run_id)
        try:
            if pattern is not None:
                happened, match = await _until_match(active, _expression(pattern), cursor or 0, timeout_s)
                return WaitResult(happened, await active.result(), match)
            if until == "output":
                return WaitResult(await _until_output(active, cursor, timeout_s), await active.result())
            early = (until,) if until in ("ready", "awaiting_input") else ()
            found = await active.until(early, timeout_s=timeout_s)
            return WaitResult(found, await active.result())  # type: ignore[arg-type]
        finally:
            active.close()

    async def stop(self, run_id: str, mode: StopMode = "interrupt") -> ExecResult:
        """End a run by the ladder that begins with this step; returns when it has ended.

        Raises:
            NoSuchTarget: no such run, or it is over.
        """
        record = await self._client.link.call("run.stop", within_s=STOP_LIMIT_S, run=run_id, mode=mode)
        return await self._client.result(record)

    async def input(self, run_id: str, text: str | bytes = "", *, eof: bool = False, key: str | None = None) -> Message:
        """Give it input: text, a key by name (`ctrl+c`, `up`), the end of input. Gives a note if nothing was waiting.

        Raises:
            NoSuchTarget: no such run, or it is over.
        """
        *first, last = input_parts(text)
        for part in first:
            await self._client.link.call("run.input", run=run_id, text=encoded_input(part))
        message: Message = {"run": run_id, "eof": eof}
        if last:
            message["text"] = encoded_input(last)
        if key is not None:
            message["key"] = key
        return await self._client.link.call("run.input", **message)

    async def resize(self, run_id: str, *, cols: int, rows: int) -> None:
        """Set the size of its terminal.

        Raises:
            NoSuchTarget: no such run, or it is over.
        """
        await self._client.link.call("run.resize", run=run_id, cols=cols, rows=rows)

    async def _record(self, run_id: str) -> Message:
        """The record; of a run that goes on and that the disk does not take, with the ends of its streams."""
        record = await self._client.link.call("run.show", run=run_id)
        if record["status"] in FINAL or not (record["out"]["dropped"] or record["err"]["dropped"]):
            return record
        try:
            told = await self._client.link.call("run.tail", run=run_id)
        except NoSuchTarget:  # it has just ended
            return await self._client.link.call("run.show", run=run_id)
        return {**record, "extra": {**record["extra"], **told}} if told["spool_problem"] else record

    async def prune(self, *, everything: bool = False) -> int:
        """Remove ended runs that are beyond the quotas, or all of them; returns how many went."""
        return int((await self._client.link.call("run.prune", within_s=60.0, all=everything))["removed"])

    async def forget(self, run_id: str) -> bool:
        """Remove one ended run with its output; False if somebody is just reading it.

        Raises:
            NoSuchTarget: there is none of that id.
            UsageError: it is not over.
        """
        return bool((await self._client.link.call("run.prune", run=run_id))["removed"])


async def _until_output(active: ActiveRun, cursor: int | None, timeout_s: float | None) -> Until | None:
    known = active.printed if cursor is None else cursor
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while active.printed <= known:
        if active.is_over:
            return "exit"
        left = None if deadline is None else deadline - time.monotonic()
        if (left is not None and left <= 0) or not await active.changed(left):
            return None
    return "output"


async def _until_match(
    active: ActiveRun, expression: re.Pattern[str], cursor: int, timeout_s: float | None
) -> tuple[Until | None, str | None]:
    renderer, mask = LineRenderer(), active.reading.masks.mask
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    with SpoolReader(active.folder) as spool:
        while True:
            is_over = active.is_over
            chunks, cursor, _ = spool.read_merged(cursor, READ_BYTES)
            text = "".join(renderer.feed(data) for _, data in chunks)
            if not chunks and is_over:
                text += renderer.finish()
            # The open line, too: a prompt that is waited for has no end of line.
            for line in (mask(text) + mask(renderer.pending)).splitlines():
                if expression.search(line):
                    return "pattern", line
            if chunks:
                continue
            left = None if deadline is None else deadline - time.monotonic()
            if is_over:
                return "exit", None
            if (left is not None and left <= 0) or not await active.changed(left):
                return None, None


def _expression(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UsageError(f"{pattern!r} is no regular expression: {error}") from error
