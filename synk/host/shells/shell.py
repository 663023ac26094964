"""One engine session: a shell that keeps its directory, variables and functions over commands of any client.

The host is the only reader of its terminal. A command goes through the private folder (side.py) and one typed line; its
output is what comes between two marks, its end is the shell's record, or one of the other signals of section 7.
"""

import asyncio
import logging
import os
import re
import signal
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Literal

from synk.base.wire import Message
from synk.host.held import HeldSession
from synk.host.runs.ladder import INTERRUPT_S, StopLadder
from synk.host.runs.reading import InputWriter, ScreenModes, StreamReader
from synk.host.runs.run import Run, Waiting, signal_name
from synk.host.runs.tree import TICKS_PER_S, Tree, sample_process, tagged_processes
from synk.host.shells.families import PREPARED, command_line, setup_line
from synk.host.shells.marks import Mark, Splitter, modes_in
from synk.host.shells.proxy import ViewTerminal
from synk.host.shells.side import SideChannel
from synk.host.shells.signals import CommandSignals
from synk.host.waiting import InputWatch
from synk.pty.spawn import set_size

log = logging.getLogger(__name__)

HISTORY_KEPT = 500
"""Commands, for the snapshot."""
SURE_BYTES = 1 << 20
"""Read after a record: more than a terminal can hold."""
GIVEN_UP_S = 0.1
"""A prompt without a record: the line was given up (Ctrl+C in a shell whose hooks a command has taken away)."""
FIRST_SAMPLE_S, SAMPLE_S = 0.05, 1.0
"""Commands shorter than the first are not measured in full: that costs as much as they do."""
HANGUP_S = 0.5
"""A shell that is told its terminal is gone ends in a few milliseconds, unless a trap of its own takes longer."""
INTERRUPTED = 130
FAREWELL = b"logout\r\n"
FAREWELL_S = 0.2
"""A login bash says this on `exit`, and is gone a moment later."""
_TAIL_BYTES = 4096

Phase = Literal["starting", "idle", "typed", "running", "ending", "clearing", "person", "ended"]
"""`typed`: our line is in the terminal, the shell has not read it. `ending`: the command is over, the record follows.
`clearing`: what a killed command started is on its way out.
`person`: somebody has begun a line, or runs one."""
_REPLIES = re.compile(rb"(?:\x1b\[[?>=]?[0-9;]*[cRnyItO])+")
"""What a terminal answers by itself is nobody's typing."""
Hidden = Callable[[int], None]
"""Gets the status of a command of our own."""


class ShellSession:
    """The main loop. It ends with the shell; `on_ended` then."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        held: HeldSession,
        *,
        kind: str,
        name: str,
        owner: str,
        resources: str,
        folder: str,
        tree: Tree,
        cols: int,
        rows: int,
        on_ready: Callable[["ShellSession"], None],
        on_ended: Callable[["ShellSession"], None],
    ) -> None:
        """Takes the terminal of a session that has just started; the session gets another one, which a window may show."""
        self._loop = loop
        self.held = held
        self.kind = kind
        self.name = name
        self.owner = owner
        self.tree = tree
        self.started = time.monotonic()
        self.cwd = ""
        self.preload: list[str] = []
        self.secrets: tuple[str, ...] = ()
        """Names of the secrets in its variables, told to every client that runs a command: it hides their values."""
        self.history: deque[str] = deque(maxlen=HISTORY_KEPT)
        self.environment_before: dict[str, str] = {}
        """What it exported when it was ready; a snapshot keeps the difference."""
        self.modes = ScreenModes()
        self.last_output = self.answered_at = time.monotonic()
        self.run: Run | None = None
        self._phase: Phase = "starting"
        self._command_id = 0
        self._hidden: Hidden | None = None
        self._held_input = b""
        self._is_interrupt_due = False
        self._is_prompt_due = self._is_prompt_seen = False
        self._farewell = b""
        self._stop_mode = self._stop_reason = ""
        self._ticks_before = 0
        self._on_ready = on_ready
        self._on_ended = on_ended
        self._timers: list[asyncio.TimerHandle] = []
        self._given_up: asyncio.TimerHandle | None = None
        self._watch: InputWatch | None = None
        self._resources = resources
        self._token = os.urandom(8).hex()
        self._splitter = Splitter(self._token)
        self._size = (cols, rows)
        self._side = SideChannel(loop, folder, on_record=self._record)
        self._view = ViewTerminal(loop, cols=cols, rows=rows, on_input=self._typed)
        self._master = held.master
        held.master = self._view.master
        self._reader = StreamReader(loop, self._master, is_terminal=True, on_data=self._printed, on_end=self._hung_up)
        self._writer = InputWriter(loop, self._master)
        self._signals = CommandSignals(loop, tree, self._master)
        self._pidfd = os.dup(held.pidfd)
        loop.add_reader(self._pidfd, self._process_ended)
        self._writer.write(setup_line(kind, resources=resources, folder=folder, token=self._token).encode())

    @property
    def number(self) -> int:
        """The session's id."""
        return self.held.id

    @property
    def master(self) -> int:
        """The shell's terminal while a command runs in it; else -1: at its prompt a shell waits for nobody."""
        return self._master if self._phase == "running" and not self._reader.is_at_end else -1

    @property
    def folder(self) -> str:
        """The private folder."""
        return self._side.folder

    @property
    def is_idle(self) -> bool:
        """True if a command can be given."""
        return self._phase == "idle"

    @property
    def is_over(self) -> bool:
        """True once the shell has ended."""
        return self._phase == "ended"

    @property
    def state(self) -> str:
        """For people: starting, idle, busy, awaiting_input, ended."""
        if self.run is not None and self.run.waiting is not None:
            return "awaiting_input"
        return self._phase if self._phase in ("starting", "idle", "ended") else "busy"

    @property
    def busy_with(self) -> str:
        """Why no command can be given now, to be put behind "Session 7 is"."""
        if self.run is not None:
            return f"busy with {self.run.id}"
        return {"person": "in use: somebody types in it", "starting": "still starting", "ended": "over"}.get(self._phase, "busy")

    def describe(self) -> Message:
        """As `shell.list` shows it."""
        sample = self.tree.sample(tagged_processes())
        return {
            "session": self.number,
            "kind": self.kind,
            "name": self.name,
            "state": self.state,
            "cwd": self.cwd,
            "pid": self.held.pid,
            "owner": self.owner,
            "age_s": round(time.monotonic() - self.started, 3),
            "run": self.run.id if self.run is not None else "",
            "memory_bytes": sample.rss_bytes,
        }

    def execute(self, run: Run, command: str) -> None:
        """Evaluate a command at the shell's top level; only when idle. The run gets its output and its end."""
        self.run = run
        self.history.append(command)
        run.pid = self.held.pid
        run.cwd = self.cwd
        run.control = self
        run.on_watched = self._watched
        self._stop_mode = self._stop_reason = ""
        self._ticks_before = sample_process(self.held.pid).cpu_ticks
        self._timers.append(self._loop.call_later(FIRST_SAMPLE_S, self._sample, run))
        self._type(command)

    def execute_hidden(self, command: str, then: Hidden) -> None:
        """Evaluate a line of ours, whose output nobody sees; only when idle."""
        self._hidden = then
        self._type(command)

    def limit_after(self, seconds: float, *, on_timeout: str) -> None:
        """The running command may take so long; then it is stopped, or goes on and its caller is told."""
        run = self.run

        def reached() -> None:
            if run is None or run is not self.run:
                return
            run.extra["limit"] = "hard_timeout"
            if on_timeout == "stop":
                self.stop("interrupt", "hard_timeout")
            else:
                run.tell_state()

        self._timers.append(self._loop.call_later(seconds, reached))

    def send_input(self, data: bytes, *, eof: bool) -> str:
        """Answer the command that runs; without one, type it at the prompt as a person would. Returns a note for the caller."""
        if self._phase in ("starting", "ended"):
            return f"The session is {self.busy_with}; nothing was sent."
        if self.run is None:
            return self._type_ahead(data, eof=eof)
        is_asked = self.run.waiting is not None
        self._answer(data + (b"\x04" if eof else b""))
        return "" if is_asked else "Nothing was waiting for input; it was sent all the same."

    def _type_ahead(self, data: bytes, *, eof: bool) -> str:
        if eof:
            return "No command runs in this session, and the end of input would end its shell; nothing was sent."
        if data:
            self._typed(data)
        begun = "" if data.endswith((b"\n", b"\r")) else " What it begins there holds up commands until it is ended."
        return f"No command runs in this session; it was sent to the prompt.{begun}"

    def interrupt(self) -> None:
        """Ctrl+C for the command that runs."""
        if self._phase == "typed":
            # The shell would drop our line instead of the command.
            self._is_interrupt_due = True
        else:
            self._signals.interrupt()

    def stop(self, mode: str, reason: str = "") -> None:
        """Stop the command, not the shell: SIGINT, then SIGTERM and SIGKILL to what the shell started; at last the shell too,
        if the command is one of its own that ignores all that."""
        if self.run is None:
            return
        if not self._stop_mode:
            self._stop_mode = mode
            self._stop_reason = reason or ("cancelled" if mode == "interrupt" else "stopped")
        self.run.is_stopping = True
        if self._phase == "typed" and mode == "interrupt":
            self._is_interrupt_due = True
            self._timers.append(self._loop.call_later(INTERRUPT_S, self._signals.climb, "terminate"))
        else:
            self._signals.climb(mode)

    def resize(self, *, cols: int, rows: int) -> None:
        """Set the size of its terminal."""
        if (cols, rows) != self._size and not self._reader.is_at_end:
            self._size = (cols, rows)
            set_size(self._master, cols=cols, rows=rows)

    def follow_view(self) -> None:
        """Take over the size that a window gave to the terminal it shows."""
        if not self.is_over:
            cols, rows = self._view.size
            if cols and rows:
                self.resize(cols=cols, rows=rows)

    def last_text(self) -> bytes:
        """The end of what the command printed."""
        return self.run.spool.tail("out")[-_TAIL_BYTES:] if self.run is not None else b""

    def end(self, on_empty: Callable[[], None]) -> None:
        """End the shell and all that it started, also what left its tree; `on_empty` when nothing is left.

        First as if its terminal had been closed, so that traps run and editors save; half a second later by force.
        """
        if self.run is not None and not self._stop_mode:
            self._stop_mode, self._stop_reason = "terminate", "stopped"
        self.tree.signal(signal.SIGHUP, signal.SIGTERM, signal.SIGCONT)
        until = time.monotonic() + HANGUP_S

        def look() -> None:
            if self.tree.living(tagged_processes()) and time.monotonic() < until:
                self._loop.call_later(HANGUP_S / 50, look)
            else:
                StopLadder(self._loop, self.tree, foreground=lambda: 0, on_empty=on_empty).begin("kill")

        look()

    def forget(self) -> None:
        """The session is being closed: the command that runs ends with it."""
        run, self.run = self.run, None
        if run is not None:
            run.finish(status="killed", reason="stopped", signal="SIGKILL")

    def close(self) -> None:
        """Close every descriptor of ours."""
        self._end_watch()
        self._cancel_timers()
        self._side.close()
        self._view.close()
        self._writer.close()
        self._reader.close()
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1

    def _type(self, command: str) -> None:
        self.follow_view()
        self._command_id += 1
        self._phase = "typed"
        self._signals.begin()
        if self.kind in PREPARED:
            self._side.put(str(self._command_id), command)
        else:
            self._side.put_script(command)
        line = command_line(self.kind, folder=self._side.folder, token=self._token, id=str(self._command_id))
        self._writer.write(line.encode())

    def _answer(self, data: bytes) -> None:
        self.answered_at = time.monotonic()
        if self.run is not None:
            self.run.set_waiting(None)
        if self._phase == "typed":
            # Our line has not been read yet: this would get into it.
            self._held_input += data
        else:
            self._writer.write(data)

    def _typed(self, data: bytes) -> None:
        """A person typed into the terminal that is shown."""
        self.follow_view()
        if self._phase in ("typed", "running", "ending"):
            self._answer(data)
            return
        if self._phase == "idle" and not _REPLIES.fullmatch(data):
            self._phase = "person"
        self._writer.write(data)

    def _printed(self, data: bytes) -> None:
        self.last_output = time.monotonic()
        self.modes.feed(data)
        for part in self._splitter.feed(data):
            if isinstance(part, Mark):
                self._marked(part)
            else:
                self._text(part)
        if self.run is not None and self.run.waiting is not None:
            self.run.set_waiting(None)

    def _text(self, data: bytes) -> None:
        if self._phase in ("typed", "starting", "ending"):
            self._view.show(modes_in(data))
        elif self._phase == "running" and self._hidden is not None:
            return
        else:
            self._view.show(data)
            if self._phase == "running" and self.run is not None:
                self._keep(self.run, data)

    def _keep(self, run: Run, data: bytes) -> None:
        """Output of the command. What a login shell says when it exits is kept back, and dropped if it was just that."""
        data, self._farewell = self._farewell + data, b""
        if data.endswith(FAREWELL) and self.kind == "bash":
            data, self._farewell = data[: -len(FAREWELL)], FAREWELL
            self._timers.append(self._loop.call_later(FAREWELL_S, self._keep_farewell, run))
        run.write("out", data)

    def _keep_farewell(self, run: Run) -> None:
        """The shell did not end: the program printed it."""
        data, self._farewell = self._farewell, b""
        if run is self.run:
            run.write("out", data)

    def _marked(self, mark: Mark) -> None:
        is_current = mark.id == str(self._command_id)
        if mark.kind == "C" and is_current and self._phase == "typed":
            self._phase = "running"
            self._is_prompt_due = self._is_prompt_seen = False
            if self.run is not None:
                self._view.show(self.history[-1].replace("\n", "\r\n").encode("utf-8", "replace") + b"\r\n")
                self._watched(self.run.watchers > 0)
            if self._is_interrupt_due:
                self._is_interrupt_due = False
                self.interrupt()
            if self._held_input:
                held, self._held_input = self._held_input, b""
                self._writer.write(held)
        elif mark.kind == "D" and is_current and self._phase == "running":
            # What comes until the record is nobody's output.
            self._phase = "ending"
        elif mark.kind == "P":
            self._prompt()

    def _prompt(self) -> None:
        self._is_prompt_seen = True
        if self._is_prompt_due:
            # That of the command before: somebody may have begun to type since its record.
            self._is_prompt_due = False
            return
        if self._phase == "person":
            self._phase = "idle"
        elif self._phase in ("running", "ending") and self._given_up is None:
            self._given_up = self._loop.call_later(GIVEN_UP_S, self._give_up, self._command_id)

    def _give_up(self, command: int) -> None:
        self._given_up = None
        if command == self._command_id and self._phase in ("running", "ending"):
            self._over(INTERRUPTED, self.cwd, is_given_up=True)

    def _record(self, id: str, status: int, directory: str) -> None:
        """The shell tells that a command has ended. Everything it printed before is in the terminal already."""
        if self._phase == "starting" and id == "0":
            self.cwd = directory
            self._reader.drain(SURE_BYTES)
            self._phase = "idle"
            self._is_prompt_due = not self._is_prompt_seen
            self._on_ready(self)
        elif id == str(self._command_id) and self._phase in ("typed", "running", "ending"):
            self._reader.drain(SURE_BYTES)
            self._over(status, directory, is_given_up=False)

    def _over(self, status: int, directory: str, *, is_given_up: bool) -> None:
        """The shell has its command behind it."""
        self._end_watch()
        self._cancel_timers()
        self._phase = "clearing"
        self.cwd = directory
        self._signals.clear(partial(self._finish, status, directory, is_given_up=is_given_up))

    def _finish(self, status: int, directory: str, *, is_given_up: bool) -> None:
        if self.is_over:
            return
        self._phase = "idle"
        self._is_prompt_due = not self._is_prompt_seen
        hidden, self._hidden = self._hidden, None
        run, self.run = self.run, None
        if hidden is not None:
            hidden(status)
        if run is None:
            return
        run.cwd = directory
        self._measure(run)
        if self._farewell:
            run.write("out", self._farewell)
            self._farewell = b""
        if self._signals.is_shell_interrupted:
            status = INTERRUPTED
        if self._stop_reason in ("hard_timeout", "idle_timeout"):
            run.finish(status="timeout", reason=self._stop_reason, exit_code=status)
        elif self._stop_mode and self._stop_mode != "interrupt":
            run.finish(status="killed", reason=self._stop_reason, exit_code=status)
        elif self._stop_mode or is_given_up:
            run.finish(status="interrupted", reason=self._stop_reason or "cancelled", exit_code=status)
        else:
            run.finish_by_code(status)

    def _measure(self, run: Run) -> None:
        """CPU time: of the shell and of all it waited for."""
        ticks = sample_process(self.held.pid).cpu_ticks - self._ticks_before
        run.cpu_ms = max(run.cpu_ms, ticks * 1000 // TICKS_PER_S)

    def _sample(self, run: Run) -> None:
        """Of a command that takes longer: the memory of the whole tree, once a second."""
        if run is self.run:
            sample = self.tree.sample(tagged_processes())
            run.peak_rss = max(run.peak_rss, sample.rss_bytes)
            run.cpu_ms = max(run.cpu_ms, (sample.cpu_ticks - self._ticks_before) * 1000 // TICKS_PER_S)
            self._timers.append(self._loop.call_later(SAMPLE_S, self._sample, run))

    def _watched(self, is_watched: bool) -> None:
        """Somebody waits for the command: look whether it waits for him."""
        self._end_watch()
        if is_watched and self.run is not None and self.master >= 0:
            self._watch = InputWatch(self._loop, self, on_change=self._waiting_changed)

    def _waiting_changed(self, waiting: Waiting | None) -> None:
        if self.run is not None:
            self.run.set_waiting(waiting)

    def _hung_up(self) -> None:
        """Nobody has the terminal open any more; the process's end tells the rest."""

    def _process_ended(self) -> None:
        """The shell is gone: by `exit`, `exec`, a signal, or because its session was closed."""
        if self.held.exit is None and self.held.pid:
            # The reaper comes in the same moment.
            self._loop.remove_reader(self._pidfd)
            self._loop.call_later(0.005, self._process_ended)
            return
        self._reader.drain(SURE_BYTES)
        self._end_watch()
        self._phase = "ended"
        run, self.run = self.run, None
        code, number = self.held.exit or (None, None)
        if run is not None:
            self._measure(run)
            name = None if number is None else signal_name(number)
            status = "killed" if self._stop_mode else "crashed" if code is None else "completed" if code == 0 else "failed"
            if self._stop_reason in ("hard_timeout", "idle_timeout"):
                status = "timeout"
            run.finish(status=status, reason=self._stop_reason or "shell_exited", exit_code=code, signal=name)
        hidden, self._hidden = self._hidden, None
        if hidden is not None:
            hidden(1)
        self._on_ended(self)

    def _end_watch(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _cancel_timers(self) -> None:
        self._signals.over()
        for timer in (*self._timers, *([self._given_up] if self._given_up else [])):
            timer.cancel()
        self._timers.clear()
        self._given_up = None
