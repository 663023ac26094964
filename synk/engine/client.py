"""What every part of the engine's API shares: the connection, the caller's environment, and how runs are started and read."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from synk.base.errors import NoSuchTarget
from synk.base.wire import Message
from synk.engine.active import ActiveRun
from synk.engine.classes import Classes
from synk.engine.commands import recognise
from synk.engine.languages import Languages
from synk.engine.link import Link
from synk.engine.outcomes import result_of
from synk.engine.requests import Reading, RunRequest, encoded_input, plan
from synk.engine.results import ExecResult
from synk.engine.secret_notes import note_secrets, noted_masks
from synk.engine.secrets import KnownSecrets, SecretSource, SecretWanted

Made = TypeVar("Made")
REMEMBERED = 512
"""Runs of which this client knows how to read the output (masks, format); of others it is found out again."""


class EngineClient:
    """One per engine, on its loop."""

    def __init__(
        self,
        link: Link,
        *,
        environment: Mapping[str, str],
        classes: Classes,
        languages: Languages,
        secrets: SecretSource,
        state: Path,
    ) -> None:
        self.link = link
        self.environment = dict(environment)
        """The caller's, from which the environments of runs are built."""
        self.classes = classes
        self.languages = languages
        self.secrets = secrets
        self.state = state
        self._readings: OrderedDict[str, Reading] = OrderedDict()

    async def begin(self, request: RunRequest) -> ActiveRun:
        """Start a command.

        Raises:
            UsageError: it cannot be understood; nothing was started.
            NotAllowed: the caller may not, or too much runs.
        """
        planned = await self.with_secrets(
            lambda secrets: plan(
                request, client=self.environment, classes=self.classes, secrets=secrets, state=self.state, watch=True
            )
        )
        started, watch = await self.link.start("run.start", **planned.message)
        active = ActiveRun(self, started, watch, planned.reading, planned.durations)
        self.remember(active.run, planned.reading)
        note_secrets(active.folder, planned.reading.secret_names)
        if started["status"] == "not_started":
            watch.tell({"event": "exit", **started})
        elif planned.more_input:
            await self._feed(active, planned.more_input, eof=not request.is_stdin_open)
        return active

    async def _feed(self, active: ActiveRun, parts: Sequence[bytes], *, eof: bool) -> None:
        """Hand the rest of its input to a command; being cancelled ends it."""
        try:
            for number, part in enumerate(parts, 1):
                is_last = number == len(parts)
                await self.link.call("run.input", run=active.run, text=encoded_input(part), eof=eof and is_last)
        except NoSuchTarget:
            pass  # it has ended without reading all of it
        except BaseException:
            active.stop_soon()
            raise

    async def follow(self, run: str, reading: Reading | None = None, *, every_ms: int = 100) -> ActiveRun:
        """A run that somebody started; cells and commands in shells too.

        Raises:
            NoSuchTarget: no such run.
        """
        record = await self.link.call("run.show", run=run)
        watch = await self.link.watch(run, str(record["folder"]), every_ms=every_ms)
        return ActiveRun(self, record, watch, reading or await self.reading_of(record))

    async def with_secrets(self, work: Callable[[SecretSource], Made]) -> Made:
        """What `work` makes; the secrets it asks for are fetched on a thread: a keyring may take seconds."""
        known: dict[str, str | None] = {}
        while True:
            try:
                return work(KnownSecrets(known))
            except SecretWanted as wanted:
                known[wanted.name] = await asyncio.to_thread(self.secrets.get, wanted.name)

    def remember(self, run: str, reading: Reading) -> None:
        """How the output of this run is read, for later calls about it."""
        self._readings[run] = reading
        if len(self._readings) > REMEMBERED:
            self._readings.popitem(last=False)

    async def reading_of(self, record: Message, **wishes: Any) -> Reading:
        """How a run's output is read; `wishes` (parse_as, max_output_chars) replace what was asked for at its start."""
        known = self._readings.get(str(record["run"]))
        if known is None:
            command = record["kind"] in ("exec", "job", "command")
            known = Reading(
                recognised=recognise(record["command"], self.classes) if command else None,
                masks=await self.with_secrets(lambda secrets: noted_masks(str(record["folder"]), secrets)),
            )
        given = {name: value for name, value in wishes.items() if value is not None}
        if not given:
            return known
        values = {name: getattr(known, name) for name in Reading.__dataclass_fields__}
        return Reading(**{**values, **given})

    async def result(self, record: Message, reading: Reading | None = None) -> ExecResult:
        """What a record means. Large outputs are read on a thread, so that others are served meanwhile."""
        chosen = reading or await self.reading_of(record)
        size = int(record["out"]["bytes"]) + int(record["err"]["bytes"])
        if size < QUICK_BYTES:
            return result_of(record, chosen)
        return await asyncio.to_thread(result_of, record, chosen)


QUICK_BYTES = 256 << 10
"""Read and understood in about 5 ms."""
