"""The host's part for runs: the verbs `run.*`, and everything that has to be looked at from time to time."""

import asyncio
import base64
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from synk.base.errors import NotAllowed, SynkError, UsageError
from synk.base.spool import STREAMS
from synk.base.wire import Message
from synk.host.authority import USER
from synk.host.connection import Connection
from synk.host.runs.cgroups import ControlGroups
from synk.host.runs.keys import key_bytes
from synk.host.runs.ladder import StopLadder
from synk.host.runs.program import ProgramRun
from synk.host.runs.ready import find_ready, listening_sockets
from synk.host.runs.registry import RunRegistry
from synk.host.runs.request import RunRequest, input_bytes
from synk.host.runs.run import Change, Run, Waiting
from synk.host.runs.start import run_tool, set_limits, start
from synk.host.runs.tree import Tree, tag_of, tagged_processes
from synk.host.runs.watching import Wait, Watcher
from synk.host.service import HostParts, Verb
from synk.host.waiting import InputWatch, look_once

log = logging.getLogger(__name__)

TICK_S = 1.0
"""Trees are measured this often, 0.1 ms each; oftener for limits below 5 s."""
FIRST_TICK_S = 0.05
"""Soon after the start, so that the memory of a short program is seen."""
READY_FAST_S, READY_SLOW_S = 0.05, 0.25
"""How often a server's sockets are looked for, in its first seconds and later."""
READY_FAST_FOR_S = 5.0
READY_MORE_S = 2.0
"""A server prints its address a moment after it listens, and may open more ports."""
LEFT_CHECK_S = 0.02
LISTED = 200
"""Runs that a list shows unless more are asked for, the newest."""
SEARCHED = 2000
"""Records that are looked at for one list: 20 us each of an earlier host."""
REPORT = "report"
"""The file in a run's folder that a program writes its report to; `{report}` in a variable's value stands for it."""


class RunService:
    """Owns the registry and the programs; everything on the main loop."""

    def __init__(self, parts: HostParts, registry: RunRegistry) -> None:
        self._parts = parts
        self._loop = parts.loop
        self.registry = registry
        self.groups = ControlGroups(run=partial(run_tool, parts), later=parts.loop.call_later)
        """Limits of whole trees, where there are control groups."""
        self._programs: dict[str, ProgramRun] = {}
        """By run, also those whose first process has ended while others still print."""
        self._left: dict[str, Tree] = {}
        """Trees that outlived their run, by run."""
        self._clients: dict[str, Connection] = {}
        """Who started a run, as long as it is not over."""
        self._watchers: dict[tuple[Connection, str], Watcher] = {}
        self._waits: dict[Wait, Connection] = {}
        self._input_watches: dict[str, InputWatch] = {}
        self._tick_timer: asyncio.TimerHandle | None = None
        self._on_all_ended: list[tuple[Callable[[], None], Collection[Connection]]] = []

    @property
    def verbs(self) -> Mapping[str, Verb]:
        return {
            "run.start": self._start,
            "run.wait": self._wait,
            "run.watch": self._watch,
            "run.unwatch": self._unwatch,
            "run.seen": self._note_seen,
            "run.input": self._input,
            "run.resize": self._resize,
            "run.stop": self._stop,
            "run.list": self._list,
            "run.show": self._show,
            "run.prune": self._prune,
            "run.tail": self._tail,
        }

    @property
    def is_busy(self) -> bool:
        self._forget_ended()
        return bool(self.registry.live or self._left)

    def configure(self, automation: Mapping[str, Any]) -> None:
        settings = self.registry.settings
        settings.max_runs = int(automation.get("max_runs", settings.max_runs))
        settings.run_quota_bytes = int(automation.get("run_quota_mb", settings.run_quota_bytes >> 20)) << 20
        settings.all_runs_quota_bytes = int(automation.get("all_runs_quota_mb", settings.all_runs_quota_bytes >> 20)) << 20
        settings.retention_days = float(automation.get("run_retention_days", settings.retention_days))

    def client_closed(self, connection: Connection) -> None:
        for key in [key for key in self._watchers if key[0] is connection]:
            self._watchers.pop(key).close()
        for wait in [wait for wait, client in self._waits.items() if client is connection]:
            del self._waits[wait]
            wait.close()
        for name in [name for name, client in self._clients.items() if client is connection]:
            del self._clients[name]
            program = self._programs.get(name)
            if program is not None:
                program.seen(-1)
            if program is not None and program.request.on_disconnect == "stop":
                program.stop("interrupt", "cancelled")

    def end_all(self, on_ended: Callable[[], None], *, except_for: Collection[Connection]) -> None:
        self._on_all_ended.append((on_ended, except_for))
        kept = {name for name, client in self._clients.items() if client in except_for}
        for name, program in tuple(self._programs.items()):
            if name not in kept and not program.run.is_over:
                program.stop("terminate", "stopped")
        for name in [name for name in self._left if name not in kept]:
            self._end_left(name)
        self._check_all_ended()

    def sessions_of(self, _clients: Collection[Connection]) -> Collection[int]:
        """Runs are no sessions."""
        return ()

    def status(self) -> Message:
        self._forget_ended()
        return {"runs": len(self.registry.live), "runs_background": len(self._left)}

    def owner_ended(self, owner: str) -> None:
        """An agent's session has ended: its runs, and what they left running, end with it."""
        for run in self.registry.live:
            if run.owner == owner and run.control is not None:
                run.control.stop("terminate")
        for name in [name for name in self._left if self.registry.record(name).get("owner") == owner]:
            self._end_left(name)

    def _start(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        owner = connection.owner or USER
        self._parts.authority.authorize(owner, "run.start")
        request = RunRequest.of(message)
        run = self.registry.create(
            kind=request.kind,
            command=request.command,
            owner=owner,
            cwd=request.cwd,
            class_name=request.class_name,
            normal_codes=request.normal_codes,
        )
        if request.on_disconnect == "stop" and connection.is_closed:
            run.finish(status="killed", reason="cancelled")
            return
        self._clients[run.id] = connection
        run.watch(self._run_changed)
        self._parts.when_safe_to_start(partial(self._start_now, connection, message, request, run))

    def _start_now(self, connection: Connection, message: Message, request: RunRequest, run: Run) -> None:
        mark = f"{self._parts.ledger.host_id}.{run.id}"
        limits = request.limits
        group = self.groups.make(run.id, memory_bytes=limits.memory_bytes, processes=limits.processes)
        if group is not None:
            limits = replace(limits, memory_bytes=None, processes=None)
        try:
            started = start(
                request.argv,
                cwd=request.cwd,
                environment={**_with_report(request.environment, run.file(REPORT)), "SYNK_HOST": mark},
                tty=request.tty,
                stdin=request.stdin,
                cols=request.cols,
                rows=request.rows,
                limits=limits,
                tag=tag_of(mark),
            )
        except (SynkError, OSError, ValueError) as error:
            # ValueError: a text that no program can be given, such as half a surrogate pair.
            text = error.message if isinstance(error, SynkError) else f"Cannot start {request.argv[0]!a}: {error}"
            if group is not None:
                self.groups.let_go(group)
            run.finish(status="not_started", reason="spawn_error", extra={"error": text})
            connection.reply(message, {**run.record(), "error": text})
            return
        self._parts.authority.note_owner(mark, run.owner)
        program = ProgramRun(self._parts, run, request, started, mark=mark, on_over=self._over, adopt=self._adopt)
        self._programs[run.id] = program
        if group is not None and group.add(started.pid):
            program.tree.group = group
        elif group is not None:
            self.groups.let_go(group)
            set_limits(started.pid, request.limits)
        run.on_watched = partial(self._watch_input, program)
        if request.watch_ready:
            self._look_ready(program, time.monotonic(), 0.0)
        connection.reply_soon(message, {"run": run.id, "folder": run.folder, "status": "running"})
        if message.get("watch") and not connection.is_closed:
            self.follow(connection, run, float(message.get("every_ms", 16)))
        if connection.is_closed and request.on_disconnect == "stop":
            program.stop("interrupt", "cancelled")
        self._schedule_tick(FIRST_TICK_S)

    def _adopt(self, program: ProgramRun) -> Run | None:
        """What a command left behind goes on as a job of its own; with `max_runs` going on it is only reported."""
        before = program.run
        try:
            run = self.registry.create(
                kind="job", command=before.command, owner=before.owner, cwd=before.cwd, class_name=before.class_name
            )
        except NotAllowed as error:
            log.warning("%s left processes that are no run of their own: %s", before.id, error.message)
            return None
        del self._programs[before.id]
        self._programs[run.id] = program
        run.on_watched = partial(self._watch_input, program)
        run.watch(self._run_changed)
        return run

    def _run_changed(self, run: Run, change: Change) -> None:
        if change == "exit":
            self._clients.pop(run.id, None)
            self._watch_input(None, False, name=run.id)
            if run.background and "adopted" not in run.extra and run.id in self._programs:
                self._left[run.id] = self._programs[run.id].tree
            self._loop.call_soon(self._check_all_ended)

    def _over(self, program: ProgramRun) -> None:
        """Nothing of it is left to read."""
        self._programs.pop(program.run.id, None)
        if program.tree.group is not None:
            self.groups.let_go(program.tree.group)
        if program.run.id not in self._left:
            self._parts.authority.forget(program.tree.mark)

    def _watch(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        record = self._record(connection, "run.watch", message)
        run = self.registry.find(record["run"])
        if run is None:
            connection.send({"event": "exit", **record})
        else:
            self.follow(connection, run, float(message.get("every_ms", 100)))
        return {"run": record["run"], "status": record["status"], "folder": record["folder"]}

    def follow(self, connection: Connection, run: Run, every_ms: float) -> None:
        """Send the events of a run to a client, gathered to this pace, until its end or the client's."""
        key = (connection, run.id)
        known = self._watchers.pop(key, None)
        if known is not None:
            known.close()
        self._watchers[key] = Watcher(
            self._loop, connection, run, every_ms=every_ms, on_over=partial(self._watchers.pop, key, None)
        )

    def _unwatch(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        watcher = self._watchers.pop((connection, str(message.get("run"))), None)
        if watcher is not None:
            watcher.close()
        return {}

    def _note_seen(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        """The client that started a run with `paced` has shown so many bytes of it."""
        name = str(message.get("run"))
        program = self._programs.get(name)
        if program is not None and self._clients.get(name) is connection and program.request.is_paced:
            program.seen(int(message["bytes"]))
        return {}

    def _wait(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message | None:
        record = self._record(connection, "run.wait", message)
        run = self.registry.find(record["run"])
        if run is None:
            return {**record, "happened": "exit"}
        waits: list[Wait] = []

        def answer(result: Message) -> None:
            for wait in waits:
                self._waits.pop(wait, None)
            connection.reply(message, result)
            is_answered.append(True)

        is_answered: list[bool] = []
        wait = Wait(self._loop, run, message, answer=answer)
        if not is_answered:
            waits.append(wait)
            self._waits[wait] = connection
        return None

    def _input(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        run = self._live(connection, "run.input", message)
        data = input_bytes(message.get("text"))
        if message.get("base64") is not None:
            data += input_bytes({"base64": message["base64"]})
        if message.get("key"):
            data += key_bytes(str(message["key"]))
        note = run.control.send_input(data, eof=bool(message.get("eof"))) if run.control is not None else "It takes no input."
        return {"note": note}

    def _resize(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        run = self._live(connection, "run.resize", message)
        if run.control is not None:
            run.control.resize(cols=int(message["cols"]), rows=int(message["rows"]))
        return {}

    def _stop(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message | None:
        record = self._record(connection, "run.stop", message)
        mode = str(message.get("mode") or "interrupt")
        if mode not in ("interrupt", "terminate", "kill"):
            raise UsageError(f"A run can be stopped by interrupt, terminate or kill; not {mode!r}")
        run = self.registry.find(record["run"])
        if run is None:
            if record["run"] not in self._left:
                return record
            self._end_left(record["run"], then=lambda: connection.reply(message, self.registry.record(record["run"])))
            return None
        run.watch(lambda run, change: connection.reply(message, run.record()) if change == "exit" else None)
        if run.control is not None:
            run.control.stop(mode)
        return None

    def _list(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        owner = connection.owner or USER
        state, kind = message.get("state"), message.get("kind")
        limit = int(message.get("limit", LISTED))
        source = (run.record() for run in reversed(self.registry.live)) if state == "running" else self.registry.records()
        wanted = (
            record
            for record in islice(source, SEARCHED)
            if owner in (USER, record.get("owner"))
            and (not state or _is_in_state(record, str(state)))
            and (not kind or record["kind"] == kind)
        )
        found = list(islice(wanted, limit + 1))
        return {"runs": found[limit - 1 :: -1] if limit else [], "more": len(found) > limit}

    def _show(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        return self._record(connection, "run.show", message)

    def _prune(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> None:
        self._parts.authority.authorize(connection.owner or USER, "run.prune", USER)
        if "run" in message:
            connection.reply(message, {"removed": self.registry.forget(message["run"])})
            return
        self.registry.prune(lambda count: connection.reply(message, {"removed": count}), everything=bool(message.get("all")))

    def _tail(self, connection: Connection, message: Message, _fds: tuple[int, ...]) -> Message:
        """The last 64 KiB of a live run from memory: there also when the disk is full."""
        run = self._live(connection, "run.tail", message)
        tails = {stream: base64.b64encode(run.spool.tail(stream)).decode() for stream in STREAMS}
        return {"tail": tails, "spool_problem": run.spool.problem}

    def _record(self, connection: Connection, verb: str, message: Message) -> Message:
        record = self.registry.record(message.get("run"))
        self._parts.authority.authorize(connection.owner or USER, verb, str(record.get("owner", USER)))
        return record

    def _live(self, connection: Connection, verb: str, message: Message) -> Run:
        run = self.registry.get(message.get("run"))
        self._parts.authority.authorize(connection.owner or USER, verb, run.owner)
        return run

    def _watch_input(self, program: ProgramRun | None, is_watched: bool, *, name: str = "") -> None:
        """Look for a question at its terminal while somebody waits for the run."""
        name = name or (program.run.id if program is not None else "")
        known = self._input_watches.pop(name, None)
        if known is not None:
            known.close()
        if is_watched and program is not None and program.master >= 0 and not program.run.is_over:
            self._input_watches[name] = InputWatch(self._loop, program, on_change=partial(self._input_changed, program))

    @staticmethod
    def _input_changed(program: ProgramRun, waiting: Waiting | None) -> None:
        program.run.set_waiting(waiting)
        program.clock.waits(waiting is not None, time.monotonic())

    def _look_ready(self, program: ProgramRun, began: float, found_at: float) -> None:
        run = program.run
        if run.is_over:
            return
        now = time.monotonic()
        pids = tagged_processes().get(program.tree.tag, ())
        output = run.spool.tail("out") + run.spool.tail("err")
        ready = find_ready(pids, listening_sockets(), output)
        if ready is not None:
            found_at = found_at or now
            run.set_ready(ready)
        if not found_at or now - found_at < READY_MORE_S:
            pause = READY_FAST_S if now - began < READY_FAST_FOR_S else READY_SLOW_S
            self._loop.call_later(pause, self._look_ready, program, began, found_at)

    def _schedule_tick(self, after_s: float) -> None:
        if self._tick_timer is not None and after_s >= FIRST_TICK_S:
            if self._tick_timer.when() <= self._loop.time() + after_s:
                return
            self._tick_timer.cancel()
        self._tick_timer = self._loop.call_later(after_s, self._tick)

    def _tick(self) -> None:
        """Measure the trees and look at the limits; only while there are programs."""
        self._tick_timer = None
        programs = [program for program in self._programs.values() if not program.run.is_over]
        if not programs:
            return
        scan, now = tagged_processes(), time.monotonic()
        for program in programs:
            program.tick(scan, now)
            self._check_limits(program, now)
        shortest = min(program.clock.shortest_s for program in programs)
        self._schedule_tick(max(FIRST_TICK_S, min(TICK_S, shortest / 5)))

    def _check_limits(self, program: ProgramRun, now: float) -> None:
        run = program.run
        if run.is_over or run.is_stopping or program.is_held:
            return
        if run.waiting is not None and run.id not in self._input_watches and look_once(program) is None:
            self._input_changed(program, None)
        reason = program.clock.reached(now)
        if not reason:
            return
        if run.waiting is None and program.clock.input_s is not None:
            # Nobody was waiting for it, so nobody looked whether it waits for somebody.
            waiting = look_once(program)
            if waiting is not None and waiting.confidence == "high":
                self._input_changed(program, waiting)
                return
        program.reached_limit(reason)

    def _end_left(self, name: str, then: Callable[[], None] | None = None) -> None:
        """End what a run left behind."""
        tree = self._left[name]
        ladder = StopLadder(self._loop, tree, foreground=lambda: 0, on_empty=lambda: None)
        ladder.begin("terminate")

        def look() -> None:
            if tree.living(tagged_processes()):
                self._loop.call_later(LEFT_CHECK_S, look)
                return
            ladder.leave()
            self._left.pop(name, None)
            if then is not None:
                then()
            self._check_all_ended()

        look()

    def _forget_ended(self) -> None:
        if self._left:
            scan = tagged_processes()
            for name in [name for name, tree in self._left.items() if not tree.living(scan)]:
                del self._left[name]

    def _check_all_ended(self) -> None:
        for each in tuple(self._on_all_ended):
            on_ended, except_for = each
            kept = {name for name, client in self._clients.items() if client in except_for}
            if not [name for name in (*self._programs, *self._left) if name not in kept and self._is_going(name)]:
                self._on_all_ended.remove(each)
                if not kept:
                    self.registry.close()
                on_ended()

    def _is_going(self, name: str) -> bool:
        return name in self._left or not self._programs[name].run.is_over


def _with_report(environment: Mapping[str, str], path: str) -> dict[str, str]:
    """Only the host knows the folder of a run before it starts."""
    return {name: value.replace("{report}", path) if "{report}" in value else value for name, value in environment.items()}


def _is_in_state(record: Message, state: str) -> bool:
    """`live` stands for all that is not over, `ended` for all that is."""
    is_live = record["status"] in ("running", "awaiting_input", "ready")
    return is_live if state == "live" else (not is_live if state == "ended" else record["status"] == state)
