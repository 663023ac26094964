"""A run: one command, cell or job from its start to its record, with its spool and those who watch it.

It knows no process. Who makes the run (a process of its own, a REPL's cell, a command in a shell) feeds it with `write`,
and ends it with `finish`; clients see its record.
"""

import base64
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from signal import Signals
from typing import Any, Literal, Protocol

from synk.base.spool import STREAMS, SpoolWriter
from synk.base.wire import Message

log = logging.getLogger(__name__)

FINAL = frozenset({"completed", "failed", "crashed", "killed", "interrupted", "timeout", "not_started"})
"""Statuses after which nothing of the run changes (07-automation.md, section 2)."""

Change = Literal["output", "state", "exit"]
Observer = Callable[["Run", Change], None]
"""Called on the main loop after each change; must not block. `exit` comes once, as the last one."""


def signal_name(number: int) -> str:
    """`SIGKILL` of 9; `SIGRTMIN+3` of one that has no name of its own."""
    try:
        return Signals(number).name
    except ValueError:
        return f"SIGRTMIN+{number - Signals.SIGRTMIN}"


class RunControl(Protocol):
    """What can be done to a run while it goes on; given by whoever runs it."""

    def send_input(self, data: bytes, *, eof: bool) -> str:
        """Give it input; returns a note for the caller, "" if there is nothing to say."""

    def stop(self, mode: str) -> None:
        """Begin the ladder at `interrupt`, `terminate` or `kill`; the run finishes when it has ended."""

    def resize(self, *, cols: int, rows: int) -> None:
        """Set the size of its terminal, if it has one."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The program is blocked reading its terminal."""

    kind: Literal["line", "password", "key", "fullscreen"]
    prompt: str = ""
    program: str = ""
    confidence: Literal["high", "low"] = "high"

    def as_message(self) -> Message:
        return {"kind": self.kind, "prompt": self.prompt, "program": self.program, "confidence": self.confidence}


@dataclass(frozen=True, slots=True)
class Ready:
    """A server listens."""

    urls: tuple[str, ...]
    ports: tuple[int, ...]
    pid: int

    def as_message(self) -> Message:
        return {"urls": list(self.urls), "ports": list(self.ports), "pid": self.pid}


@dataclass(slots=True, eq=False)
class Run:
    """One run; made by `RunRegistry.create`, changed on the main loop only."""

    id: str
    """`r12`."""
    kind: str
    """`exec`, `job`, `cell` or `command`."""
    command: str
    """For people to read."""
    owner: str
    cwd: str
    """The working directory at the start; after the end, where it ended if that is known."""
    spool: SpoolWriter
    class_name: str = "generic"
    normal_codes: tuple[int, ...] = (0,)
    control: RunControl | None = None
    """None while there is nothing to control."""
    pid: int = 0
    started_at: float = field(default_factory=time.time)
    status: str = "running"
    reason: str = ""
    exit_code: int | None = None
    signal: str | None = None
    """By name, as `SIGKILL`: never together with a code."""
    duration_ms: int = 0
    cpu_ms: int = 0
    peak_rss: int = 0
    """Bytes: of the biggest process, or of the whole tree as it was seen once a second."""
    waiting: Waiting | None = None
    ready: Ready | None = None
    background: tuple[Mapping[str, Any], ...] = ()
    """Processes that outlived the command: pid, command."""
    state_lost: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    """What only this kind of run has (of a cell: value, display, error, images)."""
    is_stopping: bool = False
    """The ladder has begun."""
    on_watched: Callable[[bool], None] | None = None
    """Told when the first client begins to wait for the run, and when the last one has gone: the search for a prompt goes
    on only in between."""
    watchers: int = 0
    """Clients that wait for it."""
    _observers: list[Observer] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        """True once the status is final."""
        return self.status in FINAL

    @property
    def folder(self) -> str:
        """Where its spool is; other files about the run (reports, images) may lie there as well."""
        return self.spool.folder

    @property
    def written(self) -> int:
        """Bytes of both streams so far."""
        return sum(self.spool.size(stream) for stream in STREAMS)

    def write(self, stream: str, data: bytes) -> None:
        """Keep output of `out` or `err`; what waited for an answer goes on."""
        if data and not self.is_over:
            self.spool.write(stream, data)
            self._tell("output")

    def set_waiting(self, waiting: Waiting | None) -> None:
        """The program waits for input, or (None) does so no longer."""
        if self.is_over or waiting == self.waiting:
            return
        self.waiting = waiting
        self._set_live_status()

    def set_ready(self, ready: Ready) -> None:
        """It listens on a port, or on more than before."""
        if not self.is_over and ready != self.ready:
            self.ready = ready
            self._set_live_status()

    def add_watcher(self) -> None:
        """One more client waits for it."""
        self.watchers += 1
        if self.watchers == 1 and self.on_watched is not None:
            self.on_watched(True)

    def drop_watcher(self) -> None:
        """One client less."""
        self.watchers -= 1
        if self.watchers == 0 and self.on_watched is not None:
            self.on_watched(False)

    def tell_state(self) -> None:
        """Something else of the record changed that watchers should see."""
        self._tell("state")

    def finish(
        self,
        *,
        status: str,
        reason: str = "",
        exit_code: int | None = None,
        signal: str | None = None,
        extra: Mapping[str, Any] | None = None,
        keep_spool: bool = False,
    ) -> None:
        """It is over: close the spool, write the record, tell everybody. A second call does nothing.

        `keep_spool`: processes left behind still print; the caller goes on writing to `spool` and closes it.
        """
        if self.is_over:
            return
        if status not in FINAL:
            raise ValueError(f"{status} is no final status")
        self.status, self.reason, self.exit_code, self.signal = status, reason, exit_code, signal
        self.duration_ms = round((time.monotonic() - self._started) * 1000)
        self.waiting = None
        self.control = None
        self.extra.update(extra or {})
        if self.spool.problem and not keep_spool:
            # The disk has not got it: what memory has goes with the record, or nobody would ever see it.
            tails = {stream: base64.b64encode(self.spool.tail(stream)).decode() for stream in STREAMS}
            self.extra["tail"] = {stream: tail for stream, tail in tails.items() if tail}
            self.extra["spool_problem"] = self.spool.problem
        if not keep_spool:
            self.spool.close()
        self._tell("exit")
        self._observers.clear()

    def finish_by_code(self, exit_code: int) -> None:
        """It exited by itself: completed with a code that is normal for its class, else failed."""
        status = "completed" if exit_code in self.normal_codes else "failed"
        self.finish(status=status, reason="exited", exit_code=exit_code)

    def watch(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` at each change until the end; returns what takes it away again. Nothing is told of an ended run."""
        if not self.is_over:
            self._observers.append(observer)

        def unwatch() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return unwatch

    def record(self) -> Message:
        """The run as clients see it."""
        elapsed = self.duration_ms if self.is_over else round((time.monotonic() - self._started) * 1000)
        return {
            "run": self.id,
            "kind": self.kind,
            "command": self.command,
            "class": self.class_name,
            "cwd": self.cwd,
            "owner": self.owner,
            "pid": self.pid,
            "started_at": self.started_at,
            "status": self.status,
            "reason": self.reason,
            "exit_code": self.exit_code,
            "signal": self.signal,
            "duration_ms": elapsed,
            "cpu_ms": self.cpu_ms,
            "peak_rss": self.peak_rss,
            "out": self._stream("out"),
            "err": self._stream("err"),
            "waiting": self.waiting.as_message() if self.waiting else None,
            "ready": self.ready.as_message() if self.ready else None,
            "background": [dict(process) for process in self.background],
            "state_lost": self.state_lost,
            "folder": self.folder,
            "extra": self.extra,
        }

    def file(self, name: str) -> str:
        """Path of another file in the run's folder."""
        return os.path.join(self.folder, name)

    def _stream(self, stream: str) -> Message:
        dropped = self.spool.dropped(stream)
        return {
            "bytes": self.spool.size(stream),
            "lines": self.spool.lines(stream),
            "dropped": list(dropped) if dropped else None,
        }

    def _set_live_status(self) -> None:
        # A server that also listens to keys ("press h for help") is ready all the same.
        self.status = "ready" if self.ready else "awaiting_input" if self.waiting else "running"
        self._tell("state")

    def _tell(self, change: Change) -> None:
        for observer in tuple(self._observers):
            observer(self, change)
